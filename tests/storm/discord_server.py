"""Discord's REST API on loopback, with messages, threads and the nonce's window, under a weather."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.platforms.discord import ids
from tests.bench.discord_loopback import APPLICATION, EPOCH, GUILD, Loopback, server
from tests.bench.loopback import Json, in_json
from tests.slack_server import break_off
from tests.storm.weather import BUSY, Weather

DISCORD = {"Via": "1.1 google"}  # what Discord's own answers carry; discord.py takes a 429 without it for a firewall's
PAGE = 50
UNKNOWN_MESSAGE, THREAD_EXISTS = 10008, 160004
WINDOW = 0.3  # seconds in which a nonce is known: shorter than any lease, so that it is the search that has to help


class DiscordServer(Loopback):
    """See the module. Open it with `open_discord`; `api` is its address.

    Within `window` seconds a message with a known nonce is answered by the one that is there. As on Discord, the
    history does not give nonces back.
    """

    def __init__(self, weather: Weather) -> None:
        super().__init__()
        self.api = ""
        self.messages: dict[str, dict[str, Json]] = {}  # by channel and id
        self.threads: dict[str, Json] = {}
        self._keys: dict[int, str] = {}  # of posts, by the first of the numbers that stand for them
        self._guild = server(GUILD, members=1, told=1)
        self._weather = weather
        self.window = WINDOW
        self._nonces: dict[tuple[str, str], tuple[float, Json]] = {}
        self._last = 0

    def knows(self, key: str) -> None:
        """Have a post be called by its key in the weather's history."""
        self._keys[ids.key_ids(key)[0]] = key

    def seen(self) -> Iterator[tuple[str, str, str]]:
        """Of every message its channel, key and id, in order."""
        for channel, messages in self.messages.items():
            for number in sorted(messages, key=int):
                yield channel, self._key(messages[number]), number

    def _key(self, message: Json) -> str:
        return next((self._keys[each] for each in _numbers(message["components"]) if each in self._keys), "?")

    async def _anything(self, request: web.Request) -> web.Response:
        body: Json = await request.json() if request.can_read_body else {}
        self._weather.meets()
        match request.method, request.match_info["anything"].split("/"):
            case "GET", ["guilds", _]:
                return in_json(self._guild)
            case "GET", ["guilds", _, "channels"]:
                return in_json(self._guild["channels"])
            case "GET", ["guilds", _, "members", _]:
                return in_json(self._guild["members"][0])
            case "POST", ["users", "@me", "channels"]:
                return in_json({"id": str(int(body["recipient_id"]) + 1), "type": 1})
            case "POST", ["channels", channel, "messages"]:
                return await self._meet(request, self._key(body), lambda: self._write(channel, body))
            case "GET", ["channels", channel, "messages"]:
                self._weather.looks += 1
                after, limit = int(request.query["after"]), int(request.query.get("limit", PAGE))
                return await self._meet(request, None, lambda: self._page(channel, after, limit))
            case "POST", ["channels", channel, "messages", message, "threads"]:
                return await self._meet(request, None, lambda: self._open(channel, message, body))
            case "PATCH", ["channels", channel, "messages", message]:
                return await self._meet(request, None, lambda: self._change(channel, message, body))
        raise web.HTTPNotFound

    async def _meet(self, request: web.Request, key: str | None, do: Callable[[], Json | list[Json]]) -> web.Response:
        """Do what was asked, as the weather has it."""
        fault = self._weather.strike(key)
        if fault == "busy":
            return _answer({"message": "You are being rate limited.", "retry_after": BUSY, "global": False}, 429)
        if fault == "late":
            self._weather.later(do)
        done = do() if fault in ("fine", "cut", "broken") else {}
        if fault in ("lost", "late", "cut"):
            break_off(request)
        if fault == "broken":
            return web.Response(status=502, text="Bad Gateway")
        return _answer(done, 400 if isinstance(done, dict) and "code" in done else 200)

    def _write(self, channel: str, body: Json) -> Json:
        nonce, now = (channel, str(body.get("nonce"))), time.monotonic()
        at, there = self._nonces.get(nonce, (0.0, {}))
        if body.get("enforce_nonce") and there and now - at < self.window:
            return there
        self._last = max(self._last + 1, (int(time.time() * 1000) - EPOCH) << 22)
        kept = {each: body[each] for each in body if each not in ("nonce", "enforce_nonce")}
        made = {**kept, "id": str(self._last), "channel_id": channel, "author": {"id": APPLICATION, "bot": True}}
        self.messages.setdefault(channel, {})[made["id"]] = made
        self._nonces[nonce] = now, made
        self._weather.note(self._key(made), f"there as {made['id']}")
        return made

    def _page(self, channel: str, after: int, limit: int) -> list[Json]:
        """The first messages after that id; the newest of them comes first, as on Discord."""
        found = [each for number, each in self.messages.get(channel, {}).items() if int(number) > after]
        return found[:limit][::-1]

    def _open(self, channel: str, message: str, body: Json) -> Json:
        if message not in self.messages.get(channel, {}):
            return {"code": UNKNOWN_MESSAGE, "message": "Unknown Message"}
        if message in self.threads:
            return {"code": THREAD_EXISTS, "message": "A thread has already been created for this message"}
        self.threads[message] = {"id": message, "parent_id": channel, **body}
        return self.threads[message]

    def _change(self, channel: str, message: str, body: Json) -> Json:
        there = self.messages.get(channel, {}).get(message)
        if there is None:
            return {"code": UNKNOWN_MESSAGE, "message": "Unknown Message"}
        there.update(body)
        return there


def _answer(said: object, status: int) -> web.Response:
    """As Discord itself gives it."""
    made = in_json(said)
    made.headers.update(DISCORD)
    made.set_status(status)
    return made


def _numbers(components: Any) -> Iterator[int]:
    """The ids of components and of those within them."""
    for each in components:
        if "id" in each:
            yield each["id"]
        yield from _numbers([*each.get("components", ()), *([each["accessory"]] if "accessory" in each else [])])


@asynccontextmanager
async def open_discord(weather: Weather) -> AsyncIterator[DiscordServer]:
    """A Discord that runs until it is left."""
    made = DiscordServer(weather)
    runner = web.AppRunner(made.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.api = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
        yield made
    finally:
        await runner.cleanup()
