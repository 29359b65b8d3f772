"""Who is let in to the playground, over HTTP to the real server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.pictures.studio import Studio
from bot.platforms.playground.connect import Playground
from tests.playground_desk import Machine, Memory
from tests.playground_pages import Server


@asynccontextmanager
async def asking(url: str, path: str, **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
    async with aiohttp.ClientSession() as session, session.get(url + path, headers=headers) as response:
        yield response


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:8080", "[::2]:80", "192.168.0.7"]
)
async def test_a_foreign_host_is_refused(server: Server, host: str) -> None:
    for path in ("/", "/main.js", "/ws"):
        async with asking(server.url, path, Host=host) as response:
            assert response.status == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:99", "[::1]", "[::1]:8080", "LOCALHOST"])
async def test_loopback_is_let_in_under_each_of_its_names(server: Server, host: str) -> None:
    async with asking(server.url, "/", Host=host) as response:
        assert response.status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "null", None])
async def test_a_web_socket_of_another_origin_is_refused(server: Server, origin: str | None) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{server.url}/ws", origin=origin)
    assert refused.value.status == 403


async def test_the_page_carries_a_strict_policy(server: Server) -> None:
    async with asking(server.url, "/") as response:
        policy = response.headers["Content-Security-Policy"]
        page = await response.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page


async def test_a_page_that_comes_before_the_desk_is_told_to_try_again() -> None:
    playground = Playground(Memory(), Machine(), Studio())
    application = web.Application()
    playground.routes(application)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with asking(url, "/ws", Origin=url) as response:
        assert response.status == 503
    await runner.cleanup()
