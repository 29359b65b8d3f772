"""The Desk: the one pipe through which everything typed, pressed or filled in is answered.

It authorises, fills arguments from text and services from types, runs the command, and turns whatever goes wrong into a
reply. A platform never calls a command itself.
"""

import difflib
import inspect
import logging
import secrets
import time as timing
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, get_type_hints

from bot.chat import line
from bot.chat.argument import in_words, legible, read
from bot.chat.command import MOST_CHOICES, MOST_FIELDS, Command, Parameter, Rank
from bot.chat.message import Button, Choice, Form, Message, Question, Reply, Text, text
from bot.chat.platform import Call, Missing, Refusal
from bot.chat.wording import Wording, as_typed, say

log = logging.getLogger(__name__)

RankOf = Callable[[Call], Awaitable[Rank]]
"""Asks which rank a person has in the community where they act."""
Known = Callable[[Call], Awaitable[Call]]
"""Puts into a call the `locale` and `zone` that the person chose, in the place of what their platform says of them."""
Observe = Callable[[str, str, float], None]
"""Told of every answer: the command's name, `answered`, `asked`, `refused` or `failed`, and the seconds it took."""


class StartError(Exception):
    """The commands and what was given to run them do not fit together; names the command and what it lacks."""


class Desk:
    """Answers calls. Built once, from the commands and the services that their signatures ask for by type."""

    def __init__(
        self, commands: Iterable[Command], services: Iterable[object], rank_of: RankOf, observe: Observe | None = None,
        known: Known | None = None,
    ) -> None:  # fmt: skip
        self.commands: Mapping[str, Command] = {each.name: each for each in commands}
        offered = [*services, self]
        # Kept, since most commands ask for the same few, and to look for a protocol takes long.
        self._service = cache(lambda kind: next((each for each in offered if isinstance(each, kind)), None))
        self._rank_of = rank_of
        self._known = known
        self._observe = observe
        names = {name: [each.name for each in made.parameters] for name, made in self.commands.items()}
        # Kept, since buttons carry the same few lines to everybody.
        self._read_line = lru_cache(maxsize=1024)(lambda typed: line.read(typed, names))
        self._given = {name: self._resolve(name, made.services) for name, made in self.commands.items()}
        self._asides = {
            aside: self._resolve(name, _services_of(aside))
            for name, made in self.commands.items()
            for each in made.parameters
            for aside in (each.arg.suggest, each.arg.fill, each.arg.asks)
            if aside
        }

    def read_line(self, typed: str) -> line.Line | None:
        """The command line taken apart, or None if it names no command."""
        return self._read_line(typed)

    def unknown(self, typed: str) -> Message:
        """A kind word about a line that names no command, with buttons for those that it may have meant."""
        words = legible(typed).strip().removeprefix("/").lower().split()[:2]
        said = " ".join(words)
        near = [name for each in (said, *words[:1]) for name in difflib.get_close_matches(each, self.commands)]
        told = say("There is no command called {command}. Try {help}.", command=said, help=as_typed("help"))
        buttons = [Button(label=name, line=name) for name in dict.fromkeys(near) if name != "help"]
        return Message(parts=(Text(text=told),), buttons=(*buttons[:3], Button(label=say("Help"), line="help")))

    async def may(self, call: Call, command: Command) -> bool:
        """Whether the person may run the command here."""
        return await self._rank_of(call) >= command.allow

    async def known(self, call: Call) -> Call:
        """The call in the language and zone that the person chose, if they did. An answer may have changed them."""
        return call if self._known is None else await self._known(call)

    async def answer(self, call: Call) -> Reply:
        """The reply to one call: a message, or a form that asks for what is missing. Never raises."""
        started = timing.perf_counter()
        call = _legible(call)
        outcome, reply = await self._outcome(call)
        if self._observe:
            known = call.command if call.command in self.commands else "unknown"
            self._observe(known, outcome, timing.perf_counter() - started)
        return reply

    async def suggest(self, call: Call, name: str, typed: str) -> Sequence[Choice]:
        """At most 25 values for the argument, given what was typed; none for those who may not run the command."""
        call, typed = _legible(call), legible(typed)
        made = self.commands.get(call.command)
        parameter = made.parameter(name) if made else None
        if made is None or parameter is None or parameter.arg.suggest is None or not await self.may(call, made):
            return ()
        try:
            known = await self.known(call)
            return (await parameter.arg.suggest(known, typed, **self._asides[parameter.arg.suggest]))[:MOST_CHOICES]
        except Refusal:
            return ()  # what is wrong is said when the command is sent; a picker has no room for it

    async def _outcome(self, call: Call) -> tuple[str, Reply]:
        made = self.commands.get(call.command)
        try:
            if made is None:
                raise Refusal(
                    "There is no command called {command}. Try {help}.", command=call.command, help=as_typed("help")
                )
            reply = await self._run(await self.known(call), made)
            return ("asked" if isinstance(reply, Form) else "answered"), reply
        except Refusal as refusal:
            return "refused", self._refused(call, refusal)
        except Exception:
            reference = secrets.token_hex(3)
            log.exception("the command %s failed, reference %s", call.command, reference)
            return "failed", apology(reference)

    async def _run(self, call: Call, made: Command) -> Reply:
        if not await self.may(call, made):
            who, where = f"{call.person.platform}:{call.person.id}", call.place.community
            log.info("refused /%s to %s in %s, who may not run it (%s)", made.name, who, where, call.via)
            raise _not_allowed(made)
        unknown = [name for name in call.given if made.parameter(name) is None]
        if unknown:
            raise Refusal(
                "{name} is not asked for here. See {help}.", name=unknown[0], help=as_typed("help", made.name)
            )
        if call.asks or (made.ask and not call.given and call.via != "form"):
            return await self._form(call, made)
        try:
            values = {each.name: read(each, call.given[each.name]) for each in made.parameters if _has(call, each)}
            if any(each.required and each.name not in values for each in made.parameters):
                return await self._form(call, made, self._missing(call, made, values))
            caller = {made.call_name: call} if made.call_name else {}
            return await made.run(**caller, **self._given[made.name], **values)
        except Missing as missing:
            return await self._form(call, made, missing)
        except Refusal as refusal:
            if call.via == "form" and refusal.field:
                return await self._form(call, made, refusal)
            raise

    def _missing(self, call: Call, made: Command, values: Mapping[str, Any]) -> Missing | None:
        """What a form that was sent with gaps says; one that opens by itself says nothing."""
        if call.via != "form":
            return None
        first = next(each.name for each in made.parameters if each.required and each.name not in values)
        return Missing("Please fill this in.", field=first)

    async def _form(self, call: Call, made: Command, refusal: Refusal | None = None) -> Form:
        at_fault = made.parameter(refusal.field) if refusal and refusal.field else None
        asked = [each for each in made.fields if each is at_fault or not _is_settled(call, each)] or list(made.fields)
        if at_fault and at_fault not in asked:
            asked = [*asked[: MOST_FIELDS - 1], at_fault]
        names = {each.name for each in asked}
        filled = await self._filled(call, names, asked)
        return Form(
            command=made.name,
            title=say(made.description),
            text=None if refusal is None or at_fault else refusal.phrase,
            fields=tuple(
                [_question(each, await self._label(call, each), filled.get(each.name), refusal) for each in asked]
            ),
            given=tuple((name, filled[name]) for name in call.given if name not in names),
        )

    async def _label(self, call: Call, each: Parameter) -> Wording:
        asks = each.arg.asks
        return say(each.arg.label) if asks is None else await asks(call, **self._asides[asks])

    async def _filled(self, call: Call, names: Collection[str], asked: Iterable[Parameter]) -> Mapping[str, str]:
        """What is known already: what was given, and in a form that opens by itself what its fields are filled with.

        What is sent along unseen may be filled anew, so that it says what the form was filled with.
        """
        if call.via == "form":
            return call.given
        known: dict[str, str] = {}
        for fill in dict.fromkeys(each.arg.fill for each in asked if each.arg.fill):
            known |= await fill(call, **self._asides[fill])
        return {**known, **{name: value for name, value in call.given.items() if name in names or name not in known}}

    def _refused(self, call: Call, refusal: Refusal) -> Message:
        """The refusal in words; where one argument is at fault, with a button that opens the form as it was filled.

        So it is where a form is refused as a whole: what was written into it must not be lost.
        """
        is_form = call.via == "form" or call.asks
        buttons: tuple[Button, ...] = ()
        if call.command in self.commands and (refusal.field or (is_form and call.given)):
            label = say("Correct it") if refusal.field else say("Open the form")
            buttons = (Button(label=label, line=line.write(call.command, call.given, asks=True)),)
        return Message(parts=(Text(text=refusal.phrase),), buttons=buttons)

    def _resolve(self, name: str, wanted: Mapping[str, type]) -> dict[str, object]:
        found = {}
        for parameter, kind in wanted.items():
            found[parameter] = self._service(kind)
            if found[parameter] is None:
                raise StartError(f"/{name} asks for {parameter}: {kind.__name__}, and nothing of that type was given")
        return found


def _legible(call: Call) -> Call:
    """The call with texts that can be kept and sent on: they reach forms and refusals also when no reader saw them."""
    given = {legible(name): legible(value) for name, value in call.given.items()}
    return replace(call, command=legible(call.command), given=given)


def _has(call: Call, each: Parameter) -> bool:
    """An empty field of a form counts as not filled in."""
    return bool(call.given.get(each.name, "").strip())


def _is_settled(call: Call, each: Parameter) -> bool:
    """Whether a button said what the argument is about, by what nobody would read in a form, or could type there."""
    return each.arg.suggest is not None and line.is_reference(call.given.get(each.name, ""))


@cache
def _services_of(aside: Callable[..., Any]) -> dict[str, type]:
    """The service parameters of a `suggest`, `fill` or `asks` function: all but the call and the text typed so far."""
    hints = get_type_hints(aside)
    return {name: hints[name] for name in inspect.signature(aside).parameters if hints[name] not in (Call, str)}


def apology(reference: str) -> Message:
    """What a person reads when something failed that is logged with this reference."""
    return text(
        say(
            "Something went wrong on our side. Please tell a facilitator the reference {reference}.",
            reference=reference,
        )
    )


def _not_allowed(made: Command) -> Refusal:
    name = as_typed(made.name)
    if made.allow is Rank.MEMBER:
        return Refusal("{command} is for members of a cohort. {join} gets you in.", command=name, join=as_typed("join"))
    if made.allow is Rank.ORGANISER:
        return Refusal(
            "{command} is for organisers: the admins of this community and those its operator listed.", command=name
        )
    return Refusal(
        "{command} is for facilitators: those of a cohort here, the admins of this community and those its operator "
        "listed.", command=name,
    )  # fmt: skip


def _question(each: Parameter, label: Wording, value: str | None, refusal: Refusal | None) -> Question:
    if value is None and each.default is not None:
        value = in_words(each.default)
    return Question(
        name=each.name,
        label=label,
        kind="long" if each.arg.long else each.kind,
        required=each.required,
        value=value,
        choices=tuple(Choice(value=choice, label=say(choice)) for choice in each.choices),
        suggests=each.arg.suggest is not None,
        min=each.arg.min,
        max=each.arg.max,
        error=refusal.phrase if refusal and refusal.field == each.name else None,
    )
