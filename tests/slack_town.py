"""A workspace on Slack: the real rooms and Bolt's real app, beside a Slack on the loopback.

Tests act as on Slack: `await office.alice.slash("week")`, and look at what the person then sees. `office.restart()` is
a new process on the same records.
"""

import json
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.app import Rooms, wire
from bot.chat.desk import Desk
from bot.chat.platform import Platform
from bot.curriculum.load import Curricula
from bot.delivery.clock import StoppedClock
from bot.platforms.slack import answer
from bot.platforms.slack.answer import Answering
from bot.platforms.slack.bolt import application
from bot.platforms.slack.client import Web
from bot.platforms.slack.connect import Slack
from bot.platforms.slack.people import People
from bot.platforms.slack.posting import Posting
from bot.records.records import Records, RecordsNotebook
from tests import slack_payloads as payloads
from tests.slack_limits import check, walk
from tests.slack_server import BOT_TOKEN, SlackServer, open_slack
from tests.slack_workspace import BOT, BOT_USER, MAIN, TEAM, Json

MONDAY = datetime(2027, 1, 4, 8, tzinfo=UTC)
"""An hour before the first milestone of a cohort that starts with the defaults in UTC."""
PATIENCE = 60  # seconds for what is under way to be done


@dataclass
class Shown:
    """A message that a person sees."""

    payload: Json
    is_private: bool = True
    channel: str = MAIN


class Member:
    """Somebody in the workspace, and what is on their screen: private messages, the open window, the Home tab."""

    def __init__(self, office: "Office", user: str) -> None:
        self._office = office
        self.user = user
        self.heard: list[Shown] = []
        self.window: str | None = None

    @property
    def reply(self) -> Shown:
        """The latest private message."""
        return self.heard[-1]

    @property
    def modal(self) -> Json:
        """The window that is open."""
        assert self.window is not None, "no window is open"
        return self._office.slack.views[self.window]

    @property
    def home(self) -> Json:
        """Their Home tab."""
        return {"id": f"VHOME{self.user}", **self._office.slack.homes[self.user]}

    async def slash(self, text: str = "", *, command: str = "/study", channel: str = MAIN) -> str:
        """Type the command; what is to be read then."""
        url = self._office.response_url()
        ack = await self._do(payloads.slash(self.user, text, url, command=command, channel=channel), url)
        if ack is not None:
            self.heard.append(Shown(ack, channel=channel))
        return self._latest()

    async def start(self, given: str, channel: str = MAIN) -> str:
        """Have a cohort shown, and start it; what is to be read then, or what keeps it from being shown."""
        said = await self.slash(f"cohort create {given}", channel=channel)
        if "Start it" not in said:
            return said
        begin = button(self.heard.pop().payload, "Start it")["value"]
        return await self.slash(begin, channel=channel)

    async def press(self, label: str, on: Shown | None = None) -> str:
        """Press the button with this label, on the latest private message if nothing else is said."""
        shown = on or self.reply
        return await self.act(button(shown.payload, label), shown)

    async def act(self, pressed: Json, on: Shown) -> str:
        """Press a button, which need not be on the message any more: it may still be on somebody's screen."""
        url = self._office.response_url()
        where = payloads.in_message(on.payload, url, is_ephemeral=on.is_private, channel=on.channel)
        await self._do(payloads.pressed(self.user, pressed, where), url, on)
        return self._latest()

    async def press_in_window(self, label: str) -> str:
        """Press a button in the open window."""
        await self._do(payloads.pressed(self.user, button(self.modal, label), payloads.in_view(self.modal)))
        return self._latest()

    async def press_at_home(self, label: str) -> str:
        """Press a button in the Home tab."""
        await self._do(payloads.pressed(self.user, button(self.home, label), payloads.in_view(self.home)))
        return self._latest()

    async def send(self, **filled: str) -> Json | None:
        """Send the form in the open window with these fields filled in anew; the acknowledgement, done as it says."""
        view = self.modal
        ack = await self._do(payloads.sent(self.user, view, state(view, filled)))
        match ack:
            case {"response_action": "update", "view": shown}:
                self._office.slack.views.setdefault(view["id"], {}).update(shown)
                self._office.slack.views[view["id"]] = {**shown, "id": view["id"]}
            case {"response_action": "errors"}:
                pass
            case _:
                self.window = None
        await self._office.settle()
        return ack

    def close_window(self) -> None:
        """Put the open window away."""
        self.window = None

    async def suggested(self, name: str, typed: str = "") -> list[str]:
        """The values that are offered while this is typed into the field of the open window."""
        ack = await self._do(payloads.typing(self.user, self.modal, name, typed))
        assert ack is not None, "nothing came back"
        divider = {"type": "divider"}
        assert check({"type": "modal", "blocks": [divider], **ack}) == []
        return [each["value"] for each in ack["options"]]

    async def open_home(self) -> str:
        """Look at the Home tab; what is to be read there."""
        await self._do(payloads.event("app_home_opened", user=self.user, channel=f"D{self.user}", tab="home"))
        return read(self.home)

    async def shortcut(self, callback: str) -> str:
        """Choose a global shortcut."""
        await self._do(payloads.shortcut(self.user, callback))
        return self._latest()

    async def message_shortcut(self, callback: str, text: str) -> str:
        """Choose a shortcut on a message that says this."""
        url = self._office.response_url()
        message = {"type": "message", "ts": "1700000000.000100", "user": "UBOB", "text": text, "team": TEAM}
        await self._do(payloads.message_shortcut(self.user, callback, message, url), url)
        return self._latest()

    async def _do(self, payload: Json, url: str = "", on: Shown | None = None) -> Json | None:
        """Have it delivered, and take what comes of it onto the screen."""
        slack = self._office.slack
        responses, opened = len(slack.responses), set(slack.views)
        ack = await self._office.deliver(payload)
        if payload["type"] != "view_submission" if "type" in payload else True:
            await self._office.settle()
        for name, said in slack.responses[responses:]:
            if not url.endswith(f"/{name}"):
                continue
            if said.get("replace_original") and on is not None:
                on.payload = said
            else:
                self.heard.append(Shown(said, channel=on.channel if on else MAIN))
        self.window = next((each for each in slack.views if each not in opened), self.window)
        return ack

    def _latest(self) -> str:
        """What is in front: the window if one is open, else the latest private message."""
        return read(self.modal if self.window else self.reply.payload)


class Wired(Slack):
    """The platform, with its connection in our hands."""

    def begin(self, desk: Desk) -> None:
        """What `run` builds when Slack has taken the token."""
        me = {"team_id": TEAM, "bot_id": BOT, "user_id": BOT_USER}
        self.web = Web(BOT_TOKEN, self._url)
        self.people = People(self.web, self.clock, TEAM)
        self._answering = self.answering = Answering(
            desk, self.web, self.people, self.notebook, self.clock, TEAM, self._commands
        )
        self.app = application(self.web, me, self.answering.answer)
        self._posting = Posting(self.web, self.clock, BOT, self._command)


class Office:
    """A workspace with the channel #main, Alice, who is anybody, and Grace, who owns it; and Milepost in it."""

    def __init__(self, slack: SlackServer, folder: Path, curricula: Curricula) -> None:
        self.slack = slack
        self.clock = StoppedClock(MONDAY)
        self._folder = folder
        self._curricula = curricula
        self._urls = count(1)
        self.alice = self.join("UALICE")
        self.grace = self.join("UGRACE", is_owner=True)
        slack.now = lambda: self.clock.now().timestamp()
        self._start()

    def join(self, user: str, **profile: Any) -> Member:
        """Somebody who comes to the workspace."""
        name = user.removeprefix("U").capitalize()
        known = {"name": name.lower(), "real_name": name, "profile": {"display_name": name}, "tz": "UTC"}
        self.slack.people[user] = {"locale": "en-US", **known, **profile}
        return Member(self, user)

    def _start(self, facilitators: frozenset[tuple[str, str, str]] = frozenset()) -> None:
        self.records = Records(f"sqlite+aiosqlite:///{self._folder / 'town.db'}", durable=False)
        platforms: dict[str, Platform] = {}
        self.rooms: Rooms = wire(self.records, self._curricula, platforms, self.clock, facilitators)
        self.notebook = RecordsNotebook(self.records, self.clock, Slack.name)
        self.platform = platforms[Slack.name] = Wired(BOT_TOKEN, self.notebook, self.clock, url=self.slack.api)
        self.platform.begin(self.rooms.desk)

    async def restart(self, facilitators: frozenset[tuple[str, str, str]] = frozenset()) -> None:
        """Stop Milepost and start it anew on the same records, perhaps with FACILITATORS listed."""
        await self.close()
        self._start(facilitators)

    async def close(self) -> None:
        """Stop it."""
        await self.settle()
        await self.platform.web.close()
        await self.records.close()

    async def settle(self) -> None:
        """Return once everything that goes on after its acknowledgement is done."""
        await self.platform.answering.drain(PATIENCE)

    async def deliver(self, payload: Json) -> Json | None:
        """Have Bolt hear it; what the acknowledgement says."""
        heard = AsyncBoltRequest(body=json.loads(json.dumps(payload)), mode="socket_mode")
        answer = await self.platform.app.async_dispatch(heard)
        assert answer.status == 200
        return json.loads(answer.body) if answer.body else None

    async def pass_time(self, **how_long: float) -> None:
        """Let time pass, with everything that falls due on the way."""
        await self.rooms.delivery.play(self.clock, self.clock.now() + timedelta(**how_long))

    def response_url(self) -> str:
        """A fresh address for answers to an interaction."""
        return self.slack.response_url(str(next(self._urls)))

    def post(self, number: int = -1) -> Shown:
        """What everybody sees in #main: the post with this number, else the latest."""
        return Shown(self.slack.messages[MAIN][number], is_private=False)


def button(payload: Json, label: str) -> Json:
    """The button with this label, as it comes back when it is pressed."""
    found = [each for _, each in walk(payload["blocks"]) if each.get("type") == "button"]
    shown = [each["text"]["text"] for each in found]
    assert label in shown, f"there is no button {label!r}, only {shown}"
    pressed = found[shown.index(label)]
    return {name: pressed[name] for name in ("type", "text", "action_id", "value", "url") if name in pressed}


def state(view: Json, filled: Mapping[str, str]) -> Json:
    """The values of a form: what its fields held when it opened, and what was filled in anew."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            value = filled.get(block["block_id"], _initial(element))
            values[block["block_id"]] = {element["action_id"]: _entry(element, value)}
    unknown = filled.keys() - values.keys()
    assert not unknown, f"the form does not ask for {unknown}"
    return values


def values(view: Json) -> dict[str, str]:
    """What the fields of a form are filled with."""
    return {each["block_id"]: _initial(each["element"]) for each in view["blocks"] if each["type"] == "input"}


def _initial(element: Json) -> str:
    if "initial_option" in element:
        return str(element["initial_option"]["value"])
    given = (element[f"initial_{what}"] for what in ("value", "date", "time", "user") if f"initial_{what}" in element)
    return str(next(given, ""))


def _entry(element: Json, value: str) -> Json:
    kind = element["type"]
    if kind == "users_select":
        return {"type": kind, "selected_user": value or None}
    if kind in ("external_select", "static_select", "radio_buttons"):
        option = {"text": {"type": "plain_text", "text": value, "emoji": False}, "value": value}
        return {"type": kind, "selected_option": option if value else None}
    slot = {"datepicker": "selected_date", "timepicker": "selected_time"}.get(kind, "value")
    return {"type": kind, slot: value or None}


def read(payload: Json) -> str:
    """What is to be read in a message or a window: its texts, [its buttons] and <its fields>."""
    assert check({"text": "", **payload} if "type" in payload else payload) == []
    title = [payload["title"]["text"]] if "title" in payload else []
    return "\n".join([*title, *_words(payload["blocks"])])


def _words(drawn: Any) -> Iterator[str]:
    for each in drawn:
        match each["type"]:
            case "button":
                yield f"[{each['text']['text']}]"
            case "input":
                yield f"<{each['label']['text']}>"
            case "header":
                yield each["text"]["text"]
            case "section":
                yield each["text"]["text"]
                yield from _words([each["accessory"]] if "accessory" in each else [])
            case "rich_text":
                yield "".join(map(_piece, (piece for section in each["elements"] for piece in section["elements"])))
            case "context" | "actions":
                yield from _words(each["elements"])
            case "plain_text":
                yield each["text"]


def _piece(element: Json) -> str:
    return str(element.get("text") or element.get("url") or element.get("fallback") or element.get("user_id") or "")


@asynccontextmanager
async def open_office(
    folder: Path, migrated: Path, curricula: Curricula, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    """A workspace to act in, where an acknowledgement waits for its answer, however slow the machine."""
    shutil.copy(migrated, folder)
    for kind in answer.WITHIN:
        monkeypatch.setitem(answer.WITHIN, kind, 60)
    async with open_slack() as slack:
        made = Office(slack, folder, curricula)
        try:
            yield made
        finally:
            await made.close()
