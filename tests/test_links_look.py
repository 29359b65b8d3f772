"""Looking at links, on a small web of our own on loopback: what counts as what, and what is never asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path

import pytest
from aiohttp import ClientTimeout, web

from bot.links.guard import is_public
from bot.records.links import Look
from tests.web import HERE, SELF_MADE, Net, answers, leads_to, open_net, silence

OPENED = Look("opened")
NOT_LOOKED_AT = Look("unknown", "address")


@pytest.fixture
async def net() -> AsyncIterator[Net]:
    async with open_net() as made:
        yield made


async def look(net: Net, url: str) -> Look:
    async with asyncio.timeout(30):
        return await net.look_with().look(url)


async def test_a_page_that_is_there_is_asked_for_its_head_alone(net: Net) -> None:
    net.sites["there.example"] = answers()
    assert await look(net, "http://there.example/page?a=b#part") == OPENED
    assert net.asked == ["HEAD there.example/page?a=b"]


async def test_who_is_asked_can_read_who_asks_and_where_to_read_more(net: Net) -> None:
    net.sites["there.example"] = answers()
    await look(net, "http://there.example/")
    (agent,) = net.agents
    assert agent.startswith(f"Milepost/{version('milepost')} (")
    assert "+https://example.org/links" in agent


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501])
async def test_where_head_is_refused_the_page_is_asked_for(net: Net, status: int) -> None:
    async def site(request: web.Request) -> web.Response:
        return web.Response(status=status if request.method == "HEAD" else 200)

    net.sites["old.example"] = site
    assert await look(net, "http://old.example/") == OPENED
    assert net.asked == ["HEAD old.example/", "GET old.example/"]


async def test_a_server_that_hangs_up_or_says_nothing_when_asked_for_the_head_is_asked_for_the_page(net: Net) -> None:
    async def hangs_up(request: web.Request) -> web.StreamResponse:
        if request.method == "HEAD" and request.transport is not None:
            request.transport.close()
        return web.Response()

    async def says_nothing(request: web.Request) -> web.StreamResponse:
        return await silence(request) if request.method == "HEAD" else web.Response()

    net.sites["rude.example"], net.sites["mute.example"] = hangs_up, says_nothing
    impatient = net.look_with(timeout=ClientTimeout(total=2))
    assert [await impatient.look(f"http://{each}.example/") for each in ("rude", "mute")] == [OPENED, OPENED]


@pytest.mark.parametrize("status", [400, 404, 410, 418])
async def test_a_page_that_is_gone_has_failed(net: Net, status: int) -> None:
    net.sites["gone.example"] = answers(status)
    assert await look(net, "http://gone.example/") == Look("failed", "status", status)


@pytest.mark.parametrize("status", [401, 403, 405, 429, 500, 503, 599])
async def test_a_site_that_turns_robots_away_says_nothing(net: Net, status: int) -> None:
    net.sites["shy.example"] = answers(status)
    assert await look(net, "http://shy.example/") == Look("unknown", "status", status)


async def test_a_site_that_has_had_enough_is_not_asked_again(net: Net) -> None:
    net.sites["busy.example"] = answers(429)
    await look(net, "http://busy.example/")
    assert net.asked == ["HEAD busy.example/"]


async def test_redirects_are_followed_also_to_another_site(net: Net) -> None:
    net.sites["old.example"] = leads_to("http://new.example/here")
    net.sites["new.example"] = answers()
    assert await look(net, "http://old.example/") == OPENED
    assert net.names.asked == ["old.example", "new.example"]


async def test_a_relative_redirect_stays_on_its_site(net: Net) -> None:
    async def site(request: web.Request) -> web.Response:
        is_there = request.path == "/there"
        return web.Response() if is_there else web.Response(status=301, headers={"Location": "there"})

    net.sites["moved.example"] = site
    assert await look(net, "http://moved.example/here") == OPENED


async def test_five_redirects_are_followed_and_no_more(net: Net) -> None:
    async def site(request: web.Request) -> web.Response:
        left = int(request.path.strip("/"))
        return web.Response(status=302, headers={"Location": f"/{left - 1}"}) if left else web.Response()

    net.sites["far.example"] = site
    assert await look(net, "http://far.example/5") == OPENED
    assert await look(net, "http://far.example/6") == Look("failed", "redirects")


async def test_redirects_without_end_have_an_end(net: Net) -> None:
    net.sites["round.example"] = leads_to("/")
    assert await look(net, "http://round.example/") == Look("failed", "redirects")
    assert len(net.asked) == 6


async def test_a_site_that_wants_its_cookie_back_gets_it(net: Net) -> None:
    async def site(request: web.Request) -> web.Response:
        if "seen" in request.cookies:
            return web.Response()
        return web.Response(status=302, headers={"Location": "/", "Set-Cookie": "seen=1"})

    net.sites["cookie.example"] = site
    assert await look(net, "http://cookie.example/") == OPENED


# ---- what is never asked --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.2/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://[::ffff:7f00:1]/",
        "http://10.0.0.1/", "http://2130706433/", "http://127.1/", "http://0x7f000002/", "http://inside.example/",
        "http://open.example:8080/", "https://open.example:80/", "ftp://open.example/", "file:///etc/passwd",
        "gopher://open.example:80/", "javascript:alert(1)", "http://[broken/",
    ],
)  # fmt: skip
async def test_neither_a_link_nor_a_redirect_leads_to_anything_private_or_odd(net: Net, where: str) -> None:
    net.sites["open.example"] = leads_to(where)
    net.names.lies = {"inside.example": ["192.168.0.1"], "0x7f000002": ["127.0.0.2"]}  # as a system's resolver reads it
    assert await look(net, where) == NOT_LOOKED_AT
    assert net.asked == []
    assert await look(net, "http://open.example/") == NOT_LOOKED_AT
    assert net.asked == ["HEAD open.example/"]


async def test_a_name_that_changes_its_mind_between_two_requests_gains_nothing(net: Net) -> None:
    net.sites["rebound.example"] = answers(405)  # so that it is asked twice
    net.names.lies["rebound.example"] = [HERE, "127.0.0.2"]
    assert await look(net, "http://rebound.example/") == NOT_LOOKED_AT
    assert net.asked == ["HEAD rebound.example/"]
    assert net.names.asked == ["rebound.example"] * 2


async def test_what_guards_a_real_look_refuses_these_very_sites(net: Net) -> None:
    net.sites["there.example"] = answers()
    assert await net.look_with(allows=is_public).look("http://there.example/") == NOT_LOOKED_AT
    assert net.asked == []


# ---- servers that misbehave -----------------------------------------------------------------------------------------


async def test_of_a_body_without_end_nothing_is_read_and_the_server_is_left(net: Net) -> None:
    was_left = asyncio.Event()

    async def site(request: web.Request) -> web.StreamResponse:
        if request.method == "HEAD":
            return web.Response(status=405)
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
        except (ConnectionError, asyncio.CancelledError):
            was_left.set()
            raise

    net.sites["endless.example"] = site
    assert await look(net, "http://endless.example/") == OPENED
    async with asyncio.timeout(30):
        await was_left.wait()


async def test_a_server_that_says_nothing_is_too_slow(net: Net) -> None:
    net.sites["slow.example"] = silence
    looking = net.look_with(timeout=ClientTimeout(total=0.2))
    assert await looking.look("http://slow.example/") == Look("failed", "slow")


async def test_a_name_that_nobody_has_is_no_site(net: Net) -> None:
    assert await look(net, "http://nobody.example/") == Look("failed", "name")


async def test_a_site_that_does_not_listen_does_not_answer(net: Net) -> None:
    net.sites["deaf.example"] = answers()
    net.names.ports = {"deaf.example": 1}
    assert await look(net, "http://deaf.example/") == Look("failed", "answer")


async def test_a_server_that_speaks_no_tls_has_no_certificate(net: Net) -> None:
    net.sites["plain.example"] = answers()
    assert await look(net, "https://plain.example/") == Look("failed", "tls")


async def test_a_certificate_that_nobody_vouches_for_is_not_valid(net: Net, tmp_path: Path) -> None:
    (tmp_path / "self.pem").write_text(SELF_MADE)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "self.pem")
    server = await asyncio.start_server(lambda *_: None, HERE, 0, ssl=context)
    async with server:
        net.names.ports = {"self.example": server.sockets[0].getsockname()[1]}
        assert await look(net, "https://self.example/") == Look("failed", "tls")


async def test_what_is_no_http_is_no_answer(net: Net) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.7\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, HERE, 0)
    async with server:
        net.names.ports = {"ssh.example": server.sockets[0].getsockname()[1]}
        assert await look(net, "http://ssh.example/") == Look("failed", "answer")


async def test_a_name_in_any_script_is_looked_up_as_dns_writes_it(net: Net) -> None:
    net.sites["xn--9t4b11yi5a.example"] = answers()
    assert await look(net, "http://테스트.example/배우기") == OPENED
    assert net.names.asked == ["xn--9t4b11yi5a.example"]


# ---- manners --------------------------------------------------------------------------------------------------------


async def test_few_are_asked_at_once_and_one_host_once_at_a_time_with_a_pause(net: Net) -> None:
    async def site(request: web.Request) -> web.Response:
        for _ in range(20):
            await asyncio.sleep(0)
        return web.Response()

    hosts = [f"s{n}.example" for n in range(8)]
    for host in hosts:
        net.sites[host] = site
    looking = net.look_with()
    found = await asyncio.gather(*(looking.look(f"http://{host}/{n}") for host in hosts for n in range(3)))
    assert found == [OPENED] * 24
    assert net.most_at_once <= 4
    assert net.most_at_one_host == 1
    assert net.pauses == [2.0] * 24
