"""What each way to fail means for a post, with the SDKs as Milepost uses them and as they come.

A request is sent one single time, and whatever may have taken effect is called unknown. A new release of an SDK that
changes any of it turns a test red here.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp
import discord
import pytest
from aiohttp import web
from discord.http import Route
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.message import Message, Post, Text
from bot.chat.platform import Busy, Failure, Place, Rejected, Unknown
from bot.chat.wording import say
from bot.delivery.clock import RunningClock
from bot.platforms.discord import rest
from bot.platforms.discord.connect import Discord
from bot.platforms.slack import client
from bot.platforms.slack.connect import Slack
from bot.records.records import Records, RecordsNotebook
from tests.bench.discord_loopback import APPLICATION, CHANNEL, GUILD
from tests.bench.loopback import in_json
from tests.easel import Easel
from tests.slack_server import BOT_TOKEN, SIGNING_SECRET, break_off
from tests.slack_workspace import BOT, BOT_USER, MAIN, TEAM

Way = Literal[
    "500 after", "502 after", "503 after", "504 after", "broken off after", "closed after", "cut off within the answer",
    "never answered", "broken off before", "too many requests", "refused", "nobody there",
]  # fmt: skip
SAID: dict[Way, tuple[type[Failure], int]] = {  # what it is called, and how often the post is there
    "500 after": (Unknown, 1), "502 after": (Unknown, 1), "503 after": (Unknown, 1), "504 after": (Unknown, 1),
    "broken off after": (Unknown, 1), "closed after": (Unknown, 1), "cut off within the answer": (Unknown, 1),
    "never answered": (Unknown, 1), "broken off before": (Unknown, 0), "too many requests": (Busy, 0),
    "refused": (Rejected, 0), "nobody there": (Busy, 0),
}  # fmt: skip
PLACES = {
    "discord": Place(platform="discord", community=str(GUILD), channel=str(CHANNEL), name="#main"),
    "slack": Place(platform="slack", community=TEAM, channel=MAIN, name="#main"),
}
POST = Post(key="c1:note:1", message=Message(parts=(Text(text=say("Something to read")),)))


class Faulty:
    """Both platforms, which fail in one way at the first `times` requests to post, and count what they make."""

    def __init__(self, way: Way, times: int = 1_000) -> None:
        self.asked = 0
        self.made = 0
        self.url = ""
        self._way = way
        self._times = times

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What is asked before a post is answered as it should be, and no connection is kept for the post."""
        word = request.path.split("/")[-1]
        if word in ("messages", "chat.postMessage"):
            return await self._post(request)
        said = web.Response(status=404, body=b'{"code": 10004}', content_type="application/json")
        if word == "auth.test":
            said = in_json({"ok": True, "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT})
        if word == "@me":
            said = in_json({"id": APPLICATION, "username": "milepost", "discriminator": "0", "avatar": None})
        said.force_close()
        return said

    async def _post(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        way = self._way if self.asked <= self._times else None
        if way == "broken off before":
            break_off(request)
            return web.Response()
        if way in ("too many requests", "refused"):
            return _turned_down(way)
        self.made += 1
        done = json.dumps({"ok": True, "id": "5", "ts": "5.000001", "channel": MAIN}).encode()
        if way is None:
            return web.Response(body=done, content_type="application/json")
        if way == "never answered":
            await asyncio.Event().wait()
        if way == "closed after" and request.transport:
            request.transport.close()
        if way == "broken off after":
            break_off(request)
        if way == "cut off within the answer":
            begun = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(done))})
            await begun.prepare(request)
            await begun.write(done[:9])
            break_off(request)
        return web.Response(status=int(way[:3]) if way[:3].isdigit() else 500)


def _turned_down(way: Way) -> web.Response:
    if way == "refused":
        said = {"ok": False, "error": "invalid_blocks", "code": 50035, "message": "Invalid Form Body"}
        return web.Response(status=400, body=json.dumps(said).encode(), content_type="application/json")
    headers = {"Via": "1.1 google", "Retry-After": "7"}
    said = {"ok": False, "error": "ratelimited", "retry_after": 7.0, "message": "You are being rate limited."}
    return web.Response(status=429, headers=headers, body=json.dumps(said).encode(), content_type="application/json")


@asynccontextmanager
async def faulty(way: Way, times: int = 1_000) -> AsyncIterator[tuple[Faulty, web.AppRunner]]:
    """The platforms, running."""
    made, application = Faulty(way, times), web.Application()
    application.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield made, runner
    finally:
        await runner.cleanup()


@asynccontextmanager
async def carrying(name: str, url: str, records: Records) -> AsyncIterator[Discord | Slack]:
    """A platform that carries posts there."""
    clock = RunningClock()
    notebook = RecordsNotebook(records, clock, name)
    made: Discord | Slack = Discord("token", notebook, clock, Easel())
    if name == "slack":
        made = Slack(BOT_TOKEN, notebook, clock, signing_secret=SIGNING_SECRET, url=url)
    at_work = asyncio.create_task(made.carry())
    while not made.connected:
        await asyncio.wait([at_work], timeout=0.005)
    yield made
    at_work.cancel()
    await asyncio.wait([at_work])


@pytest.mark.parametrize("name", ["discord", "slack"])
@pytest.mark.parametrize("way", SAID)
async def test_a_request_is_sent_once_and_told_for_what_it_may_have_done(
    store: str, monkeypatch: pytest.MonkeyPatch, name: str, way: Way
) -> None:
    monkeypatch.setattr(rest, "LONGEST_REQUEST", aiohttp.ClientTimeout(total=0.5 if way == "never answered" else 10))
    monkeypatch.setattr(client, "ANSWER_WITHIN", 0.5 if way == "never answered" else 10)
    records = Records(store)
    async with faulty(way) as (platforms, runner):
        monkeypatch.setattr(Route, "BASE", platforms.url.rstrip("/"))
        async with carrying(name, platforms.url, records) as platform:
            if way == "nobody there":
                await runner.cleanup()
            with pytest.raises(Failure) as failed:
                await platform.post(PLACES[name], POST)
    await records.close()
    kind, visible = SAID[way]
    assert isinstance(failed.value, kind)
    assert (platforms.made, platforms.asked) == (visible, 0 if way == "nobody there" else 1)


async def test_discord_py_by_itself_sends_a_message_again_after_a_502(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty("502 after", times=1) as (platforms, _):
        monkeypatch.setattr(Route, "BASE", platforms.url.rstrip("/"))
        async with discord.Client(intents=discord.Intents.none()) as alone:
            await alone.http.static_login("token")
            route = Route("POST", "/channels/{channel_id}/messages", channel_id=CHANNEL)
            await alone.http.request(route, json={"content": "hello"})
    assert platforms.made == 2


@pytest.mark.parametrize("way", ["broken off after", "closed after"])
async def test_slack_sdk_by_itself_sends_a_message_again_when_its_answer_is_lost(way: Way) -> None:
    async with faulty(way, times=1) as (platforms, _):
        await AsyncWebClient(BOT_TOKEN, platforms.url).chat_postMessage(channel=MAIN, text="hello")
    assert platforms.made == 2


@pytest.mark.parametrize("way", ["502 after", "too many requests"])
async def test_slack_sdk_by_itself_sends_nothing_again_after_an_answer(way: Way) -> None:
    async with faulty(way, times=1) as (platforms, _):
        with pytest.raises(SlackApiError):
            await AsyncWebClient(BOT_TOKEN, platforms.url).chat_postMessage(channel=MAIN, text="hello")
    assert platforms.asked == 1
