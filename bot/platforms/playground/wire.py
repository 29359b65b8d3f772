"""What the page and the server tell each other: JSON objects over one WebSocket, each with a `type`.

The page asks with a number `n` of its own and gets exactly one frame back that carries it: `room`, `done`, `form`,
`suggestions` or `error`. Beside that the server tells everybody what happens: `entry`, `gone`, `clock`, `commands`.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.chat.command import Command, Parameter
from bot.chat.platform import Draw
from bot.chat.wording import plain, say
from bot.platforms.playground.journal import Answer, Entry
from bot.platforms.playground.render import Drawn, DrawnChoice, DrawnForm, people, render
from bot.platforms.playground.world import CHANNELS, PERSONAS, Persona

MOST_CHARACTERS = 100_000
"""In one frame from the page; a form of five full fields has well under half of that."""


class _Ask(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    n: int


class Enter(_Ask):
    """Act as this persona in this channel from now on. Answered with `room`."""

    type: Literal["enter"]
    persona: str
    channel: str


class Say(_Ask):
    """A line was typed. Answered with `done`, or with `form` if it lacks something."""

    type: Literal["say"]
    text: str = Field(max_length=8000)


class Press(_Ask):
    """The button with this line was pressed on the entry `on`. Answered with `done` or `form`."""

    type: Literal["press"]
    line: str
    on: str


class Fill(_Ask):
    """A form was sent; `on` is the entry whose button opened it. Answered with `done`, or `form` to correct it."""

    type: Literal["fill"]
    command: str
    values: dict[str, str]
    given: dict[str, str]
    on: str | None = None


class Suggest(_Ask):
    """Something is being typed into an argument. Answered with `suggestions`."""

    type: Literal["suggest"]
    command: str
    argument: str
    typed: str
    given: dict[str, str]


class Dismiss(_Ask):
    """Forget a private reply. Answered with `done`."""

    type: Literal["dismiss"]
    id: str


STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


class Move(_Ask):
    """Move the clock forward. Answered with `done` when all that fell due on the way was posted."""

    type: Literal["move"]
    by: Literal["hour", "day", "week"]


Ask = Annotated[Enter | Say | Press | Fill | Suggest | Dismiss | Move, Field(discriminator="type")]
ASK: TypeAdapter[Ask] = TypeAdapter(Ask)


class ParameterFrame(TypedDict):
    """One argument of a command."""

    name: str
    label: str
    kind: str
    required: bool
    choices: list[DrawnChoice]
    suggests: bool
    min: float | None
    max: float | None


class CommandFrame(TypedDict):
    """One command that the persona may run here."""

    name: str
    description: str
    parameters: list[ParameterFrame]


class EntryFrame(TypedDict):
    """One entry, drawn for its reader. A private one has what was `said`; the rest belongs to posts."""

    id: str
    channel: str
    at: str
    locale: str
    private: bool
    edited: bool
    drawn: Drawn
    neutral: dict[str, Any]
    said: NotRequired[str]
    notify: NotRequired[list[str]]
    thread: NotRequired[str]
    under: NotRequired[str]


def hello(now: datetime, is_moving: bool) -> dict[str, Any]:
    """The first frame: who there is, where, and what time it is."""
    personas = [
        {"id": each.id, "name": each.name, "role": each.role, "locale": each.locale, "zone": each.zone}
        for each in PERSONAS.values()
    ]
    channels = [{"id": each.id, "topic": each.topic} for each in CHANNELS.values()]
    return {"type": "hello", "personas": personas, "channels": channels, "clock": clock(now, is_moving)}


def clock(now: datetime, is_moving: bool) -> dict[str, Any]:
    """What time it is, and whether it is being moved."""
    return {"type": "clock", "now": now.isoformat(), "moving": is_moving}


def commands(known: list[CommandFrame]) -> dict[str, Any]:
    """What the persona may run in the channel."""
    return {"type": "commands", "commands": known}


def room(n: int, persona: Persona, channel: str, entries: list[EntryFrame]) -> dict[str, Any]:
    """Everything that the persona can see in the channel."""
    return {"type": "room", "n": n, "persona": persona.id, "channel": channel, "entries": entries}


def done(n: int) -> dict[str, Any]:
    """What was asked with `n` has happened; its result was told before."""
    return {"type": "done", "n": n}


def form(n: int, drawn: DrawnForm) -> dict[str, Any]:
    """What was asked with `n` needs these answers first."""
    return {"type": "form", "n": n, "form": drawn}


def suggestions(n: int, choices: list[DrawnChoice]) -> dict[str, Any]:
    """Values for the argument being typed."""
    return {"type": "suggestions", "n": n, "choices": choices}


def error(n: int | None, text: str) -> dict[str, Any]:
    """What was asked with `n` could not be done; None where the frame was too broken to have a number."""
    return {"type": "error", "n": n, "text": text}


def told(channel: str, frame: EntryFrame) -> dict[str, Any]:
    """An entry is new, or has changed."""
    return {"type": "entry", "channel": channel, "entry": frame}


def gone(channel: str, entry_id: str) -> dict[str, Any]:
    """An entry was taken back."""
    return {"type": "gone", "channel": channel, "id": entry_id}


def entry(channel: str, kept: Entry, reader: Persona, draw: Draw) -> EntryFrame | None:
    """The entry as this persona reads it, or None if it is not theirs. A post is in its own language."""
    if isinstance(kept, Answer):
        if kept.reader != reader.id:
            return None
        return {
            "id": kept.id, "channel": channel, "at": kept.at.isoformat(), "locale": reader.locale, "private": True,
            "edited": False, "drawn": render(kept.message, reader.locale, draw),
            "neutral": kept.message.model_dump(mode="json"), "said": kept.said,
        }  # fmt: skip
    post = kept.post
    frame: EntryFrame = {
        "id": kept.id, "channel": channel, "at": kept.at.isoformat(), "locale": post.locale, "private": False,
        "edited": kept.edited, "drawn": render(post.message, post.locale, draw),
        "neutral": post.model_dump(mode="json"), "notify": [each.mention().name for each in post.notify],
    }  # fmt: skip
    if post.thread is not None:
        frame["thread"] = plain(post.thread, post.locale)
    if kept.under is not None:
        frame["under"] = kept.under
    return frame


def command(made: Command, locale: str) -> CommandFrame:
    """The command in the language of `locale`."""
    return {
        "name": made.name,
        "description": plain(say(made.description), locale),
        "parameters": [_parameter(each, locale) for each in made.offered],
    }


def _parameter(each: Parameter, locale: str) -> ParameterFrame:
    return {
        "name": each.name,
        "label": plain(say(each.arg.label), locale),
        "kind": "choice" if each.kind == "person" else each.kind,
        "required": each.required,
        "choices": people()
        if each.kind == "person"
        else [{"value": choice, "label": plain(say(choice), locale)} for choice in each.choices],
        "suggests": each.arg.suggest is not None,
        "min": each.arg.min,
        "max": each.arg.max,
    }
