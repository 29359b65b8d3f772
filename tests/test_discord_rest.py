"""Requests to Discord over a real connection: each sent one time, and none into a rate limit that is known."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route

from bot.chat.platform import Busy
from bot.delivery.clock import StoppedClock
from bot.platforms.discord.rest import MOST_A_SECOND, Rest
from tests.discord_town import MONDAY

DISCORD = {"Via": "1.1 google"}  # what Discord's own answers carry, and those of its firewall do not
LIMIT = {**DISCORD, "X-RateLimit-Bucket": "abc", "X-RateLimit-Reset-After": "4.5"}


class Wire:
    """A server that gives the answers it was told to give, and an empty one after that; and Milepost's way there."""

    def __init__(self) -> None:
        self.clock = StoppedClock(MONDAY)
        self.rest = Rest("token", self.clock)
        self.answers: list[web.StreamResponse | None] = []
        self.heard: list[web.Request] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One answer; None cuts the connection."""
        self.heard.append(request)
        answer = self.answers.pop(0) if self.answers else said({})
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return answer

    async def send(self, channel: int = 1, method: str = "POST") -> Any:
        """Post a message, or read what was posted."""
        return await self.rest.ask(
            Route(method, "/channels/{channel_id}/messages", channel_id=channel), {"content": "x"}
        )


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    made = Wire()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", made.answer)
    async with TestServer(application) as server:
        monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
        yield made
        await made.rest.close()


def said(body: object, status: int = 200, headers: Mapping[str, str] = DISCORD) -> web.Response:
    """An answer as Discord writes it."""
    as_json = {**headers, "Content-Type": "application/json"}  # with a charset after it, discord.py would not read it
    return web.Response(body=json.dumps(body).encode(), status=status, headers=as_json)


def limited(seconds: float, **more: object) -> web.Response:
    """A rate limit that is hit."""
    return said({"retry_after": seconds, **more}, 429)


async def test_a_request_says_who_asks_and_gives_the_answer(wire: Wire) -> None:
    wire.answers = [said({"id": "5"})]
    assert await wire.send() == {"id": "5"}
    (request,) = wire.heard
    assert request.headers["Authorization"] == "Bot token"
    assert request.headers["User-Agent"].startswith("DiscordBot (https://")


@pytest.mark.parametrize("status", [400, 403, 404, 500, 502, 503, 504, 524])
async def test_what_is_refused_is_not_sent_again(wire: Wire, status: int) -> None:
    wire.answers = [said({"code": 7, "message": "No"}, status)]
    with pytest.raises(discord.HTTPException) as refused:
        await wire.send()
    assert (refused.value.status, refused.value.code) == (status, 7)
    assert len(wire.heard) == 1


async def test_what_is_not_answered_is_not_sent_again(wire: Wire) -> None:
    wire.answers = [None]
    with pytest.raises((aiohttp.ClientError, OSError)):
        await wire.send()
    assert len(wire.heard) == 1


@pytest.mark.parametrize("seconds", [0.5, 45.0])
async def test_a_rate_limit_is_said_at_once(wire: Wire, seconds: float) -> None:
    wire.answers = [limited(seconds)]
    with pytest.raises(Busy) as busy:
        await wire.send()
    assert (busy.value.retry_after, busy.value.scope) == (seconds, "route")
    assert (len(wire.heard), wire.clock.now()) == (1, MONDAY)


async def test_until_a_rate_limit_is_over_nothing_else_is_sent_into_it(wire: Wire) -> None:
    wire.answers = [limited(45)]
    for _ in range(2):
        with pytest.raises(Busy):
            await wire.send()
    await wire.send(channel=2)
    assert len(wire.heard) == 2
    await wire.clock.sleep(45)
    await wire.send()
    assert len(wire.heard) == 3


async def test_a_rate_limit_on_everything_holds_everything(wire: Wire) -> None:
    wire.answers = [limited(45, **{"global": True})]
    for channel in (1, 2):
        with pytest.raises(Busy) as busy:
            await wire.send(channel)
        assert busy.value.scope == "platform"
    assert len(wire.heard) == 1


async def test_a_burst_over_many_routes_keeps_to_what_a_bot_may_send(wire: Wire) -> None:
    sent: list[float] = []
    for channel in range(100):
        await wire.send(channel)
        sent.append(wire.clock.monotonic())
    assert max(sum(at <= each < at + 1 for each in sent) for at in sent) == MOST_A_SECOND
    assert sent[-1] == 2  # the third second is that of the last ten


async def test_a_limit_that_is_used_up_is_waited_for_if_that_is_short(wire: Wire) -> None:
    wire.answers = [said({}, headers={**LIMIT, "X-RateLimit-Remaining": str(left)}) for left in (1, 0)]
    for _ in range(2):
        await wire.send()
    assert wire.clock.monotonic() == 0
    await wire.send()
    assert wire.clock.monotonic() == 4.5


async def test_a_limit_that_is_used_up_for_long_is_said_without_asking(wire: Wire) -> None:
    used_up = {**LIMIT, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "20"}
    wire.answers = [said({}, headers=used_up)]
    await wire.send()
    with pytest.raises(Busy) as busy:
        await wire.send()
    assert busy.value.retry_after == 20
    assert len(wire.heard) == 1


async def test_routes_that_share_a_limit_wait_for_it_together(wire: Wire) -> None:
    fresh, used_up = ({**LIMIT, "X-RateLimit-Remaining": str(left)} for left in (4, 0))
    wire.answers = [said({}, headers=each) for each in (fresh, used_up)]
    await wire.send(method="GET")
    await wire.send()
    await wire.send(method="GET")
    assert wire.clock.monotonic() == 4.5


async def test_the_firewall_at_the_door_is_told_apart_from_a_rate_limit(wire: Wire) -> None:
    wire.answers = [web.Response(status=429, text="error code: 1015")]
    with pytest.raises(discord.HTTPException) as refused:
        await wire.send()
    assert refused.value.status == 429


async def test_after_it_was_closed_a_request_connects_anew(wire: Wire) -> None:
    await wire.send()
    await wire.rest.close()
    await wire.send()
    assert len(wire.heard) == 2
