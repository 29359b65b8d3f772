"""A server on Discord: the real rooms and discord.py's real client, under a simulated Discord that runs in process.

Tests act as on Discord: `await guild.alice.slash(guild.main, "week")`. `guild.restart()` is a new process on the same
records. Milepost's clock and Discord's begin at the same instant.
"""

import json
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import aiohttp
import discord
import pytest
import simcord
from discord.webhook.async_ import async_context
from simcord import interactions
from simcord.backend import serializers
from simcord.enums import InteractionType
from simcord.http import router

from bot.app import Rooms, wire
from bot.chat.platform import Place, Platform
from bot.curriculum.load import Curricula
from bot.delivery.clock import StoppedClock
from bot.platforms.discord.connect import Discord
from bot.records.records import Records, RecordsNotebook
from tests.easel import Easel

MONDAY = datetime(2027, 1, 4, 8, tzinfo=UTC)
"""An hour before the first milestone of a cohort that starts with the defaults in UTC."""
LOOK = 0.001  # seconds


class Limited(Exception):  # noqa: N818 - an answer of Discord's
    """A rate limit that is hit, for so many seconds."""

    def __init__(self, seconds: float, *, is_global: bool = False) -> None:
        self.body = {"message": "You are being rate limited.", "retry_after": seconds, "global": is_global}


class ServerError(Exception):
    """The answer of a server that something went wrong in."""


class Answer:
    """An answer as aiohttp gives it."""

    def __init__(self, status: int, body: object) -> None:
        self.status = status
        self.reason = "for some reason"
        self.headers = {"content-type": "application/json", "Via": "1.1 google"}
        self._body = body

    async def text(self, encoding: str = "utf-8") -> str:
        """The body."""
        return json.dumps(self._body)


class Session:
    """What Milepost sends requests with, where the simulated Discord answers them."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    @asynccontextmanager
    async def request(self, method: str, url: str, **body: Any) -> AsyncIterator[Answer]:
        """The answer to one request."""
        route = discord.http.Route(method, url.removeprefix(discord.http.Route.BASE))
        if form := body.pop("data", None):
            body["form"] = [{**names, "value": value} for names, _, value in form._fields]
        try:
            answer = Answer(200, await self._client.http.request(route, **body))
        except Limited as limited:
            answer = Answer(429, limited.body)
        except ServerError:
            answer = Answer(502, "Bad Gateway")
        except discord.HTTPException as refused:
            answer = Answer(refused.status, {"code": refused.code, "message": refused.text})
            if not refused.code:
                del answer.headers["Via"]  # not Discord's own word, but that of its firewall
        yield answer


class Env(simcord.Env):
    """A simulated Discord that looks often whether everything has come to rest, not every 50 ms alone.

    Tests ask that several times each, and at the first look there is nearly always something that rests a moment later.
    """

    async def _settle_internal(self, *, idle: float = LOOK, **more: Any) -> None:
        await super()._settle_internal(idle=min(idle, LOOK), **more)


class Guild:
    """A server with the channel #main, Alice, who is anybody, and Grace, who may manage it; and Milepost in it."""

    def __init__(self, folder: Path, curricula: Curricula) -> None:
        self._folder = folder
        self._curricula = curricula
        self.clock = StoppedClock(MONDAY)
        self.locale = "en-US"
        self.easel = Easel()
        self.interactions: list[dict[str, Any]] = []
        self.env = Env(self._start())

    async def open(self) -> None:
        """Start Milepost, and have it invited."""
        await self.env.start()
        await self.env.advance_time((self.clock.now() - self.env.now()).total_seconds())
        self.server = self.env.create_guild("Study")
        self.main = self.server.create_text_channel("main")
        may = discord.Permissions(manage_guild=True, manage_events=True)
        managers = self.server.create_role("managers", permissions=may)
        self.alice = self.join("alice")
        self.grace = self.join("grace", managers)
        await self.env.settle()

    async def restart(self, facilitators: frozenset[tuple[str, str, str]] = frozenset()) -> None:
        """Stop Milepost and start it anew on the same records, perhaps with FACILITATORS listed."""
        await self.records.close()
        await self.env.restart_bot(self._start(facilitators))

    async def close(self) -> None:
        """Stop it for good. What a listener raised fails the test."""
        await self.env.shutdown()
        await self.records.close()
        self.env.raise_errors()

    def _start(self, facilitators: frozenset[tuple[str, str, str]] = frozenset()) -> discord.Client:
        self.records = Records(f"sqlite+aiosqlite:///{self._folder / 'town.db'}", durable=False)
        self.platforms: dict[str, Platform] = {}
        self.rooms: Rooms = wire(self.records, self._curricula, self.platforms, self.clock, facilitators)
        self.notebook = RecordsNotebook(self.records, self.clock, Discord.name)
        self.discord = self.platforms[Discord.name] = Discord("token", self.notebook, self.clock, self.easel)
        client = self.discord.client(self.rooms.desk)
        self.discord.rest.session = cast(aiohttp.ClientSession, Session(client))
        return client

    def join(self, name: str, *roles: simcord.RoleHandle) -> simcord.MemberActor:
        """Somebody who comes to the server."""
        return self.server.add_member(self.env.create_user(name), roles=roles)

    @property
    def place(self) -> Place:
        """#main, as commands know it."""
        return Place(platform=Discord.name, community=str(self.server.id), channel=str(self.main.id), name="#main")

    async def pass_time(self, **how_long: float) -> None:
        """Let time pass, on Discord and here, with everything that falls due on the way."""
        until = self.clock.now() + timedelta(**how_long)
        await self.env.advance_time((until - self.env.now()).total_seconds())
        await self.rooms.delivery.play(self.clock, until)

    async def start(
        self, person: simcord.MemberActor, channel: simcord.ChannelHandle, **given: str
    ) -> simcord.InteractionResult:
        """Have a cohort shown, and start it; what is to be read then, or what keeps it from being shown."""
        shown = await person.slash(channel, "cohort create", **given)
        if shown.response is None or "Start it" not in read(shown.response):
            return shown
        return await person.click(shown.response, label="Start it")

    async def press(
        self, person: simcord.MemberActor, custom_id: str, message: simcord.ResponseMessage
    ) -> simcord.InteractionResult:
        """Press a button that is not on the message any more, as it may still be on somebody's screen."""
        data = {"custom_id": custom_id, "component_type": 2}
        record, payload = self._interaction(person, InteractionType.MESSAGE_COMPONENT, data)
        payload["message"] = dict(serializers.message_payload(self.env.backend, message._message))
        record.source_message_id = message.id
        return await self._emit(record, payload)

    async def send_form(
        self, person: simcord.MemberActor, custom_id: str, filled: Mapping[str, str]
    ) -> simcord.InteractionResult:
        """Send a form that was not opened for this person, filled in with texts."""
        texts = [{"type": 4, "custom_id": name, "value": value} for name, value in filled.items()]
        data = {"custom_id": custom_id, "components": [{"type": 18, "component": each} for each in texts]}
        return await self._emit(*self._interaction(person, InteractionType.MODAL_SUBMIT, data))

    def _interaction(self, person: simcord.MemberActor, kind: InteractionType, data: Any) -> tuple[Any, dict[str, Any]]:
        return interactions.base_payload(
            self.env.backend, type=kind, channel_id=self.main.id, guild_id=self.server.id, user_id=person.id, data=data
        )

    async def _emit(self, record: Any, payload: dict[str, Any]) -> simcord.InteractionResult:
        self.env.backend.emit("INTERACTION_CREATE", payload)
        await self.env.settle()
        return simcord.InteractionResult(self.env, record)

    async def repeat_interaction(self) -> None:
        """Have the gateway deliver the last interaction once more."""
        self.env.backend.emit("INTERACTION_CREATE", self.interactions[-1])
        await self.env.settle()

    def fail_next(self, path: str, error: Exception, *, is_done: bool = False) -> None:
        """Let the next POST to a path that ends so fail; `is_done`: it took effect, and only its answer is lost."""
        way: Any = async_context.get() if path == "/callback" else self.env.bot.http
        send = way.request

        async def request(route: discord.http.Route, *session: Any, **payload: Any) -> Any:
            if route.method != "POST" or not route.url.endswith(path):
                return await send(route, *session, **payload)
            way.request = send
            if is_done:
                await send(route, *session, **payload)
            raise error

        way.request = request

    def sent(self, method: str, ending: str) -> list[Any]:
        """The bodies of the requests so far of this method to paths that end so."""
        found = [each for each in self.env.http_requests if each.method == method and each.path.endswith(ending)]
        return [each.json for each in found]

    @property
    def posts(self) -> list[discord.Message]:
        """What everybody sees in #main."""
        return [each for each in self.main.history() if each.components and not each.flags.ephemeral]


def parts(components: Any) -> Iterator[Mapping[str, Any]]:
    """All components, nested ones too, in reading order."""
    for each in components:
        raw = each if isinstance(each, Mapping) else each.to_dict()
        yield raw
        below = [*raw.get("components", ()), *([raw["component"]] if "component" in raw else [])]
        yield from parts([*below, *([raw["accessory"]] if "accessory" in raw else [])])


def read(shown: simcord.ResponseMessage | discord.Message | None) -> str:
    """What is to be read in a message: its texts, and [its buttons]."""
    assert shown is not None, "there is no message"
    words = [f"[{each['label']}]" if each["type"] == 2 else each.get("content", "") for each in parts(shown.components)]
    return "\n".join(each for each in words if each)


def values(modal: Mapping[str, Any] | None) -> dict[str, str]:
    """What the fields of a modal are filled with."""
    assert modal is not None, "there is no form"
    return {each["custom_id"]: each.get("value", "") for each in parts(modal["components"]) if "custom_id" in each}


def _parsed(form: list[dict[str, Any]], files: list[discord.File]) -> tuple[Any, list[discord.File]]:
    """What a form holds: its payload and its files. The simulated Discord looks for files beside the form only."""
    [payload] = [each["value"] for each in form if each["name"] == "payload_json"]
    sent = [each for each in form if each["name"].startswith("files[")]
    return json.loads(payload), [discord.File(BytesIO(each["value"]), each["filename"]) for each in sent]


@asynccontextmanager
async def open_guild(
    folder: Path, migrated: Path, curricula: Curricula, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Guild]:
    """A server to act in; see `guild`."""
    shutil.copy(migrated, folder)
    made = Guild(folder, curricula)
    payload_of = interactions.base_payload

    def in_locale(*args: Any, **more: Any) -> Any:
        record, payload = payload_of(*args, **more)
        payload["locale"] = made.locale
        made.interactions.append(payload)
        return record, payload

    monkeypatch.setattr(interactions, "base_payload", in_locale)
    monkeypatch.setattr(router, "parse_form", _parsed)
    await made.open()
    try:
        yield made
    finally:
        await made.close()
