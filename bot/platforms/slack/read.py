"""Reads what Slack delivers into a Call. Everything it needs came with the payload: nothing is fetched.

What a form or a window needs to be answered is in its `private_metadata`: the line it stands for, and the place where
it was opened, which Slack does not tell again. All of it survives a restart.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.chat import line
from bot.chat.argument import people_in
from bot.chat.command import LONGEST_TEXT
from bot.chat.desk import Desk
from bot.chat.literal import cut
from bot.chat.message import Message, Text
from bot.chat.platform import Call, Person, Place
from bot.chat.wording import Phrase, say
from bot.platforms.slack.escapes import plain, quoted
from bot.platforms.slack.form import read_values
from bot.platforms.slack.people import NAME, UNKNOWN, Profile, person_of

HOME = "home"

Json = Mapping[str, Any]
Surface = Literal["command", "private", "public", "home", "modal", "form", "select"]
"""Where the answer goes.

`command`: into the acknowledgement. `private`: in the place of the private reply that was pressed. `public`: beside the
post, for the person alone. `home`: into a window of its own; shortcuts too. `modal`: into the window that was pressed.
`form`: into the window that was sent. `select`: below what is being typed.
"""

EXPIRED = Message(parts=(Text(text=say("This button is from an older version. Please use the command again.")),))

_GROUP = "group message"
_HOLD_POSTS = ("C", "G")  # how the ids of channels begin; those of group messages too
_USER = re.compile(r"<@(?P<mentioned>[UW][A-Z0-9]+)(?:\|(?P<name>[^>]*))?>|[UW][A-Z0-9]{2,}")
_PRESSED = re.compile(r"[mpl]\d+")


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody did, read: the call, which page of its reply is wanted, and how it may be answered.

    `says` is the answer where no command can be asked. `window` is the id of the modal that it came from, `fields` are
    the inputs of a form that was sent, `typing` is the argument that wants suggestions, with what was typed so far.
    """

    call: Call
    surface: Surface
    user: str
    trigger: str = ""
    response_url: str = ""
    window: str = ""
    page: int = 1
    fields: frozenset[str] = frozenset()
    typing: tuple[str, str] | None = None
    says: Message | None = None


def sender(body: Json) -> str | None:
    """Who did it; None where nobody in particular did."""
    user = body.get("user_id") or body.get("user", {}).get("id")
    return user if isinstance(user, str) else None


def mark(body: Json) -> str | None:
    """What stays the same when Slack delivers the same thing again; None for what only asks."""
    return body.get("trigger_id") or body.get("event_id")


def noted(view: Json, place: Place) -> str:
    """What a window is to remember: what it remembers already, and where it was opened."""
    return json.dumps({**_note(view), "place": [place.channel, place.thread, place.name]}, ensure_ascii=False)


def home_place(team: str, user: str) -> Place:
    """The person's own corner of the workspace: the Home tab, and whatever is opened from there."""
    return Place(platform=NAME, community=team, channel=user, name="Home")


def is_for(body: Json, team: str) -> bool:
    """Whether it came through the installation of `team`.

    Of people in a shared channel that counts too, whose own workspace may be another. What names the installation best
    decides: `team` can be null in an organisation, and is the author's in some events.
    """
    through = [each["team_id"] for each in body.get("authorizations") or () if each.get("team_id")]
    if through:
        return team in through
    view, user = body.get("view") or {}, body.get("user") or {}
    told = (
        body.get("context_team_id"), view.get("app_installed_team_id"), body.get("team_id"),
        (body.get("team") or {}).get("id"), view.get("team_id"), user.get("team_id"),
    )  # fmt: skip
    return next(filter(None, told), None) == team


def waiting(body: Json, team: str, says: Message, profile: Profile = UNKNOWN) -> Heard | None:
    """Who waits for an answer, to be told this whatever it was that they did; None where nobody waits."""
    surface = _surface(body)
    if surface is None:
        return None
    user, name = _sender(body)
    call = Call(
        id=f"slack-{mark(body)}", command="", person=person_of(team, user, name), place=home_place(team, user),
        locale=profile.locale,
    )  # fmt: skip
    return _heard(body, call, surface, says=says)


def _heard(body: Json, call: Call, surface: Surface, **more: Any) -> Heard:
    """What came of the delivery, with what its answer needs."""
    return Heard(
        call=call,
        surface=surface,
        user=_sender(body)[0],
        trigger=body.get("trigger_id", ""),
        response_url=body.get("response_url", ""),
        window=body["view"]["id"] if surface in ("modal", "form") else "",
        **more,
    )


def read(body: Json, desk: Desk, team: str, commands: Mapping[str, str], profile: Profile = UNKNOWN) -> Heard | None:
    """What was done, as the Desk understands it; None for what wants no answer or is not ours.

    `team` is the workspace of the installation. `commands` are our slash commands, each with the words that its text
    goes on from. `profile` is the sender's.
    """
    reading = _Reading(body, desk, team, profile)
    match body.get("type"):
        case None if "command" in body:
            return reading.slash(commands.get(body["command"], ""))
        case "block_actions":
            return reading.press()
        case "view_submission":
            return reading.form()
        case "block_suggestion":
            return reading.select()
        case "shortcut":
            return reading.shortcut({})
        case "message_action":
            return reading.shortcut(quoted(body["message"]))
    return None


class _Reading:
    def __init__(self, body: Json, desk: Desk, team: str, profile: Profile) -> None:
        self._body = body
        self._desk = desk
        self._team = team
        self._profile = profile

    def slash(self, words: str) -> Heard:
        body = self._body
        typed = f"{words} {body.get('text', '')}".strip() or HOME
        found = self._desk.read_line(typed)
        place = self._place(body["channel_id"], body.get("channel_name", ""))
        typed_in = found.given if found else {}
        given = {name: plain(value) for name, value in typed_in.items()} | self._people(found, typed_in)
        says = None if found else self._desk.unknown(plain(typed))
        return _heard(body, self._call(found, place, "line", given), "command", says=says)

    def press(self) -> Heard | None:
        body, action = self._body, self._body["actions"][0]
        kind, said = action["action_id"][:1], action.get("value", "")
        if action.get("type") != "button" or kind == "l":
            return None
        page, _, rest = said.partition("|") if kind == "p" else ("1", "", said)
        found = self._desk.read_line(rest) if _PRESSED.fullmatch(action["action_id"]) and page.isdecimal() else None
        call = self._call(found, self._where(), "button", found.given if found else {})
        return _heard(body, call, _of_button(body), page=int(page) if found else 1, says=None if found else EXPIRED)

    def form(self) -> Heard | None:
        view = self._body["view"]
        found = self._desk.read_line(_note(view).get("line", ""))
        state = view.get("state", {}).get("values", {})
        given = {**found.given, **read_values(state)} if found else {}
        call = self._call(found, self._where(), "form", given | self._people(found, given))
        return _heard(self._body, call, "form", fields=frozenset(state), says=None if found else EXPIRED)

    def select(self) -> Heard | None:
        body = self._body
        found = self._desk.read_line(_note(body.get("view", {})).get("line", ""))
        if found is None:
            return None
        call = self._call(found, self._where(), "form", found.given)
        return _heard(body, call, "select", typing=(body["block_id"], body["value"]))

    def shortcut(self, quoted: Mapping[str, str]) -> Heard | None:
        """A shortcut is called as the command whose form it opens."""
        body = self._body
        made = self._desk.commands.get(body["callback_id"])
        if made is None:
            return None
        asked = ((made.parameter(name), value) for name, value in quoted.items() if value)
        given = {each.name: cut(value, int(each.arg.max or LONGEST_TEXT)) for each, value in asked if each}
        call = self._call(line.Line(made.name, given, asks=True), self._where(), "line", given)
        return _heard(body, call, "home")

    def _call(
        self, found: line.Line | None, place: Place, via: Literal["line", "form", "button"], given: Mapping[str, str]
    ) -> Call:
        profile = self._profile
        user, name = _sender(self._body)
        return Call(
            id=f"slack-{mark(self._body)}",
            command=found.command if found else "",
            person=person_of(self._team, user, profile.name or name),
            place=place,
            given=given,
            via=via,
            asks=found.asks if found else False,
            locale=profile.locale,
            zone=profile.zone,
            is_admin=profile.is_admin is True,
            instead=_instead(place),
        )

    def _people(self, found: line.Line | None, given: Mapping[str, str]) -> dict[str, str]:
        """The arguments that name somebody: mentioned in a line, or chosen in a form, which gives the id alone."""
        return people_in(self._desk.commands[found.command], given, self._person) if found else {}

    def _person(self, typed: str) -> Person | None:
        found = _USER.fullmatch(typed)
        return person_of(self._team, found["mentioned"] or found[0], found["name"] or "") if found else None

    def _where(self) -> Place:
        """The channel that the payload names; in a window, the place where it was opened."""
        body = self._body
        if "channel" in body:
            thread = body.get("container", {}).get("thread_ts") or body.get("message", {}).get("thread_ts")
            return self._place(body["channel"]["id"], body["channel"].get("name", ""), thread)
        opened = _note(body.get("view", {})).get("place")
        if opened is None:
            return home_place(self._team, body["user"]["id"])
        channel, thread, name = opened
        return self._called(channel, name, thread)

    def _place(self, channel: str, name: str, thread: str | None = None) -> Place:
        return self._called(channel, _name_of(channel, name), thread)

    def _called(self, channel: str, name: str, thread: str | None) -> Place:
        # Public channels alone have a name of their own; without one, Slack did not tell what the channel is.
        is_private = None if name == "#" else not name.startswith("#")
        return Place(
            platform=NAME, community=self._team, channel=channel, thread=thread, name=name, is_private=is_private
        )


def _name_of(channel: str, name: str) -> str:
    """What to call a channel; Slack keeps the name of a private one from us, so its id has to tell it apart."""
    if name.startswith("mpdm-"):
        return _GROUP
    known = {"directmessage": "direct message", "privategroup": f"private channel {channel}"}
    return known.get(name) or f"#{name}"


def _instead(place: Place) -> Phrase | None:
    """Where posts could go if not here: neither among people alone nor to the Home tab, which goes by a person's id."""
    if place.channel[:1] in _HOLD_POSTS and place.name != _GROUP:
        return None
    return say("Use a public or private channel of this workspace.")


def _surface(body: Json) -> Surface | None:
    match body.get("type"):
        case None if "command" in body:
            return "command"
        case "block_actions":
            return _of_button(body)
        case "view_submission":
            return "form"
        case "shortcut" | "message_action":
            return "home"
    return None


def _of_button(body: Json) -> Surface:
    view = body.get("view")
    if view is not None:
        return "home" if view["type"] == HOME else "modal"
    return "private" if body.get("container", {}).get("is_ephemeral") else "public"


def _sender(body: Json) -> tuple[str, str]:
    """Their id, and the name that came with the payload."""
    if "user_id" in body:
        return body["user_id"], body.get("user_name", "")
    user = body["user"]
    return user["id"], user.get("name") or user.get("username") or ""


def _note(view: Json) -> Json:
    """What a window remembers; nothing for the Home tab, and for a window that is not of this version."""
    try:
        note = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}
