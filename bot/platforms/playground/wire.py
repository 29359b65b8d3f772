"""What the page and the server tell each other: JSON objects over one WebSocket, each with a `type`.

The page asks with a number `n` of its own and gets exactly one frame back that carries it: `room`, `done`, `form`,
`suggestions` or `error`. Beside that the server tells everybody what happens: `entry`, `gone`, `clock`, `commands`.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.chat.command import Command, Parameter
from bot.chat.platform import Draw
from bot.chat.wording import plain, say
from bot.platforms.playground.journal import Answer, Entry
from bot.platforms.playground.render import Json, people, render
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


def hello(now: datetime, is_moving: bool) -> Json:
    """The first frame: who there is, where, and what time it is."""
    personas = [
        {"id": each.id, "name": each.name, "role": each.role, "locale": each.locale, "zone": each.zone}
        for each in PERSONAS.values()
    ]
    channels = [{"id": each.id, "topic": each.topic} for each in CHANNELS.values()]
    return {"type": "hello", "personas": personas, "channels": channels, "clock": clock(now, is_moving)}


def clock(now: datetime, is_moving: bool) -> Json:
    """What time it is, and whether it is being moved."""
    return {"type": "clock", "now": now.isoformat(), "moving": is_moving}


def commands(known: list[Json]) -> Json:
    """What the persona may run in the channel."""
    return {"type": "commands", "commands": known}


def room(n: int, persona: Persona, channel: str, entries: list[Json]) -> Json:
    """Everything that the persona can see in the channel."""
    return {"type": "room", "n": n, "persona": persona.id, "channel": channel, "entries": entries}


def done(n: int) -> Json:
    """What was asked with `n` has happened; its result was told before."""
    return {"type": "done", "n": n}


def form(n: int, drawn: Json) -> Json:
    """What was asked with `n` needs these answers first."""
    return {"type": "form", "n": n, "form": drawn}


def suggestions(n: int, choices: list[Json]) -> Json:
    """Values for the argument being typed."""
    return {"type": "suggestions", "n": n, "choices": choices}


def error(n: int | None, text: str) -> Json:
    """What was asked with `n` could not be done; None where the frame was too broken to have a number."""
    return {"type": "error", "n": n, "text": text}


def told(channel: str, frame: Json) -> Json:
    """An entry is new, or has changed."""
    return {"type": "entry", "channel": channel, "entry": frame}


def gone(channel: str, entry_id: str) -> Json:
    """An entry was taken back."""
    return {"type": "gone", "channel": channel, "id": entry_id}


def entry(kept: Entry, reader: Persona, draw: Draw) -> Json | None:
    """The entry as this persona reads it, or None if it is not theirs. A post is in its own language.

    A private one has what was `said`; whom it notifies, and which thread it opens or is in, belongs to posts.
    """
    if isinstance(kept, Answer) and kept.reader != reader.id:
        return None
    shown, locale = (kept, reader.locale) if isinstance(kept, Answer) else (kept.post, kept.post.locale)
    frame: Json = {
        "id": kept.id, "at": kept.at.isoformat(), "locale": locale, "drawn": render(shown.message, locale, draw),
    }  # fmt: skip
    if isinstance(kept, Answer):
        return {**frame, "private": True, "said": kept.said, "neutral": kept.message.model_dump(mode="json")}
    return {
        **frame,
        "private": False,
        "edited": kept.edited,
        "neutral": kept.post.model_dump(mode="json"),
        "notify": [each.mention().name for each in kept.post.notify],
        "thread": None if kept.post.thread is None else plain(kept.post.thread, locale),
        "under": kept.under,
    }


def command(made: Command, locale: str) -> Json:
    """The command in the language of `locale`."""
    return {
        "name": made.name,
        "description": plain(say(made.description), locale),
        "parameters": [_parameter(each, locale) for each in made.offered],
    }


def _parameter(each: Parameter, locale: str) -> Json:
    choices = [{"value": choice, "label": plain(say(choice), locale)} for choice in each.choices]
    return {
        "name": each.name,
        "label": plain(say(each.arg.label), locale),
        "kind": "choice" if each.kind == "person" else each.kind,
        "required": each.required,
        "choices": people() if each.kind == "person" else choices,
        "suggests": each.arg.suggest is not None,
        "min": each.arg.min,
        "max": each.arg.max,
    }
