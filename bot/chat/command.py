"""A command: a typed async function that returns its reply. Its signature is its only definition.

`@command` reads the signature once, at import, and refuses there what some platform could not offer. Limits are the
smallest of all platforms': Discord's application commands (names 32, descriptions 100 characters, 25 options, 25
choices, groups of one level, five fields a form) and Slack's option labels (75).
"""

import inspect
import re
import types
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import IntEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from bot.chat.message import Choice, Reply
from bot.chat.platform import Call, Person, Role
from bot.chat.wording import Wording

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_NAME = 32
LONGEST_DESCRIPTION = 100
LONGEST_LABEL = 45  # Discord's label of a form's field
MOST_ARGUMENTS = 25
MOST_CHOICES = 25
MOST_FIELDS = 5
LONGEST_TEXT = 3000  # Slack's text input; Discord's takes 4,000
LONGEST_LINE = 90  # bytes; Discord's custom_id holds 100, ten are kept for the platform's own mark


class Rank(IntEnum):
    """Who may run a command. A rank includes those below it.

    A facilitator looks after some cohorts; an organiser (an admin of the community, or whom its operator lists) after
    all that the community has.
    """

    ANYONE = 0
    MEMBER = 1
    FACILITATOR = 2
    ORGANISER = 3


Suggest = Callable[..., Awaitable[Sequence[Choice]]]
"""`async (call, typed, *services)`: at most 25 choices for what was typed so far."""
Fill = Callable[..., Awaitable[Mapping[str, str]]]
"""`async (call, *services)`: what fields hold when their form opens, as text, by name; one local read at most.

Fields that share one are filled by asking it once.
"""
Asks = Callable[..., Awaitable[Wording]]
"""`async (call, *services)`: what a field asks in a form that opens now, at most `LONGEST_LABEL` characters."""


@dataclass(frozen=True, slots=True)
class Arg:
    """What an argument needs beside its type: the label people see, its limits, and where its values come from.

    `min` and `max` bound a number; `max` bounds the length of a text too. `long` asks for several lines. `also` finds
    the choice that other words stand for, which may be typed but are not offered. `asks` takes the label's place in
    forms, where what is asked depends on when and whom. `pressed`: only a button knows it, so nobody is asked for it,
    unless nothing can be done without it.
    """

    label: str
    min: float | None = None
    max: float | None = None
    long: bool = False
    also: Callable[[str], str | None] | None = None
    suggest: Suggest | None = None
    fill: Fill | None = None
    asks: Asks | None = None
    pressed: bool = False


Kind = Literal["text", "whole", "yes_no", "choice", "date", "time", "role", "person"]
_KINDS: dict[Any, Kind] = {
    str: "text", int: "whole", bool: "yes_no", date: "date", time: "time", Role: "role", Person: "person",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a command, read from its signature."""

    name: str
    kind: Kind
    arg: Arg
    required: bool
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """One command as every surface reads it.

    `name` holds spaces between a group and its subcommands (`cohort place add`); `description` is the first line of the
    function's docstring, an English phrase to be translated; `services` are the parameters the Desk fills by type.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    services: dict[str, type]
    run: Callable[..., Awaitable[Reply]]
    allow: Rank = Rank.ANYONE
    ask: bool = False
    call_name: str | None = None

    def parameter(self, name: str) -> Parameter | None:
        """The argument of that name, or None."""
        return next((each for each in self.parameters if each.name == name), None)

    @property
    def offered(self) -> tuple[Parameter, ...]:
        """The arguments that people give: all but those that only buttons know."""
        return tuple(each for each in self.parameters if each.required or not each.arg.pressed)

    @property
    def fields(self) -> tuple[Parameter, ...]:
        """The arguments that a form asks for: the required ones, then others, five at most, in their order."""
        chosen = [each for each in self.offered if each.required]
        chosen += [each for each in self.offered if not each.required][: MOST_FIELDS - len(chosen)]
        return tuple(each for each in self.offered if each in chosen)


class CommandError(Exception):
    """A definition that some platform could not offer; says which command, what, and the limit."""


def command(*, allow: Rank = Rank.ANYONE, ask: bool = False) -> Callable[[Callable[..., Awaitable[Reply]]], Command]:
    """Make a typed async function a command.

    `ask`: without arguments it opens its form, everywhere. Arguments that its form has no room for come with a line
    that is typed or pressed. Raises CommandError, at import, for what a platform cannot offer.
    """

    def define(function: Callable[..., Awaitable[Reply]]) -> Command:
        made = _read_signature(function, allow, ask)
        _check(made)
        return made

    return define


def _read_signature(function: Callable[..., Awaitable[Reply]], allow: Rank, ask: bool) -> Command:
    name = function.__name__.rstrip("_").replace("_", " ")
    if not inspect.iscoroutinefunction(function):
        raise CommandError(f"{name}: a command is an async function")
    hints = get_type_hints(function, include_extras=True)
    parameters: list[Parameter] = []
    services: dict[str, type] = {}
    call_name = None
    for each in inspect.signature(function).parameters.values():
        hint = hints.get(each.name)
        if hint is Call:
            call_name = each.name
        elif get_origin(hint) is Annotated:
            parameters.append(_read_parameter(name, each, hint))
        elif isinstance(hint, type):
            services[each.name] = hint
        else:
            raise CommandError(f"{name}: {each.name} needs a type: Annotated[…, Arg(…)] or that of a service")
    description = (inspect.getdoc(function) or "").partition("\n")[0]
    return Command(name, description, tuple(parameters), services, function, allow, ask, call_name)


def _read_parameter(command_name: str, parameter: inspect.Parameter, hint: Any) -> Parameter:
    plain, *extras = get_args(hint)
    arg = next((extra for extra in extras if isinstance(extra, Arg)), None)
    where = f"{command_name} {parameter.name}"
    if arg is None:
        raise CommandError(f"{where} has no Arg(…) in its Annotated[…]")
    optional = False
    if get_origin(plain) in (Union, types.UnionType):
        inner = [each for each in get_args(plain) if each is not type(None)]
        optional = len(inner) < len(get_args(plain))
        if len(inner) != 1:
            raise CommandError(f"{where}: a union can only be with None")
        plain = inner[0]
    has_default = parameter.default is not inspect.Parameter.empty
    if optional and not has_default:
        raise CommandError(f"{where} may be None, so it needs a default")
    kind, choices = _read_kind(where, plain)
    default = parameter.default if has_default else None
    return Parameter(parameter.name, kind, arg, not has_default, default, choices)


def _read_kind(where: str, plain: Any) -> tuple[Kind, tuple[str, ...]]:
    if plain in _KINDS:
        return _KINDS[plain], ()
    if get_origin(plain) is Literal:
        return "choice", tuple(str(each) for each in get_args(plain))
    known = ", ".join(each.__name__ for each in _KINDS)
    raise CommandError(f"{where}: no platform can ask for a {plain!r}; use {known} or a Literal")


def _check(made: Command) -> None:
    parts = made.name.split(" ")
    if len(parts) > 3 or not all(NAME.fullmatch(part) and len(part) <= LONGEST_NAME for part in parts):
        raise CommandError(f"{made.name}: a name is one to three lower-case words of at most {LONGEST_NAME} characters")
    _fits(made.name, "its description (the docstring's first line)", made.description, LONGEST_DESCRIPTION)
    if len(made.parameters) > MOST_ARGUMENTS:
        raise CommandError(f"{made.name}: {len(made.parameters)} arguments, of at most {MOST_ARGUMENTS}")
    required = [each for each in made.parameters if each.required]
    if len(required) > MOST_FIELDS:
        raise CommandError(f"{made.name}: a form has at most {MOST_FIELDS} fields (Discord); split it")
    if list(made.parameters[: len(required)]) != required:
        raise CommandError(f"{made.name}: required arguments come before optional ones (Discord)")
    for each in made.parameters:
        where = f"{made.name} {each.name}"
        if not NAME.fullmatch(each.name) or len(each.name) > LONGEST_NAME:
            raise CommandError(f"{where}: an argument's name is at most {LONGEST_NAME} of a-z, 0-9 and _")
        _fits(where, "its label", each.arg.label, LONGEST_LABEL)
        if len(each.choices) > MOST_CHOICES:
            raise CommandError(f"{where}: {len(each.choices)} choices, of at most {MOST_CHOICES}; use suggest= instead")
        if each.choices and each.arg.suggest:
            raise CommandError(f"{where}: choices and suggestions exclude each other (Discord)")


def _fits(where: str, what: str, words: str, limit: int) -> None:
    if not words:
        raise CommandError(f"{where}: {what} is missing")
    if len(words) > limit:
        raise CommandError(f"{where}: {what} has {len(words)} characters, of at most {limit}")
