"""Reads what was given for an argument, always text, into the value that the command asked for, or refuses."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from bot.chat.command import LONGEST_TEXT, Command, Parameter
from bot.chat.platform import Person, Refusal, Role
from bot.chat.wording import argument_name

_YES = {"yes", "y", "true", "on", "1", "네", "예"}
_NO = {"no", "n", "false", "off", "0", "아니요", "아니오"}
# NUL, which PostgreSQL refuses, and halves of a surrogate pair, which no UTF-8 holds.
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
_ROLE = re.compile(r"<@&(?P<mentioned>[1-9][0-9]{0,19})>|[1-9][0-9]{0,19}")  # roles are Discord's, and so is how
_PERSON = re.compile(r"(?:<@)?(?P<platform>[a-z]+):(?P<id>[^\s|<>]+)(?:\|(?P<name>.*?))?>?", re.DOTALL)


def legible(typed: str) -> str:
    """The text with a replacement character for whatever could neither be kept nor sent on."""
    return _UNKEEPABLE.sub("\ufffd", typed)


def read(parameter: Parameter, given: str) -> Any:
    """The value of `given` as the parameter's type. Raises a Refusal with the field, the value and the way out."""
    return _READERS[parameter.kind](parameter, given.strip())


def in_words(value: Any) -> str:
    """The value as a command line writes it; `read` takes it back."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Person):
        id_ = f"{value.platform}:{value.id}"
        return f"<@{id_}|{value.name}>" if value.name else id_
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


def people_in(made: Command, given: Mapping[str, str], find: Callable[[str], Person | None]) -> dict[str, str]:
    """The arguments that name people, as `read` takes them, of those whom `find` knows by how their platform does.

    Each platform has its own way to mention somebody; it has them read so before it asks the Desk.
    """
    asked = [each.name for each in made.parameters if each.kind == "person" and each.name in given]
    found = {name: find(given[name].strip()) for name in asked}
    return {name: in_words(person) for name, person in found.items() if person}


def _text(parameter: Parameter, given: str) -> str:
    most = int(parameter.arg.max or LONGEST_TEXT)
    if len(given) > most:
        raise Refusal(
            "That is {length} characters; {name} takes at most {most}.",
            field=parameter.name, length=len(given), name=argument_name(parameter.name), most=most,
        )  # fmt: skip
    return given


def _whole(parameter: Parameter, given: str) -> int:
    try:
        value = int(given) if len(given) <= 15 else None
    except ValueError:
        value = None
    if value is None:
        raise Refusal(
            "{given} is no whole number. Write {name} in digits, such as 3.",
            field=parameter.name, given=_short(given), name=argument_name(parameter.name),
        )  # fmt: skip
    least, most = parameter.arg.min, parameter.arg.max
    if (least is not None and value < least) or (most is not None and value > most):
        raise Refusal(
            "{name} can be {least} to {most}, not {value}.",
            field=parameter.name, name=argument_name(parameter.name), value=value,
            least="…" if least is None else int(least), most="…" if most is None else int(most),
        )  # fmt: skip
    return value


def _yes_no(parameter: Parameter, given: str) -> bool:
    if given.lower() in _YES | _NO:
        return given.lower() in _YES
    raise Refusal(
        "{name} is yes or no, not {given}.",
        field=parameter.name, name=argument_name(parameter.name), given=_short(given),
    )  # fmt: skip


def _choice(parameter: Parameter, given: str) -> str:
    meant = (parameter.arg.also and parameter.arg.also(given)) or given
    for choice in parameter.choices:
        if choice.lower() == meant.lower():
            return choice
    raise Refusal(
        "{name} can be {choices}, not {given}.",
        field=parameter.name, name=argument_name(parameter.name), given=_short(given),
        choices=", ".join(parameter.choices),
    )  # fmt: skip


def _date(parameter: Parameter, given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Refusal(
            "{given} is no date. Write year-month-day, such as 2027-01-31.", field=parameter.name, given=_short(given)
        ) from None


def _time(parameter: Parameter, given: str) -> time:
    try:
        value = time.fromisoformat(given.zfill(5) if ":" in given else f"{given.zfill(2)}:00")
    except ValueError:
        value = None
    if value is None or value.tzinfo is not None:
        raise Refusal(
            "{given} is no time of day. Write it as 09:00 or 18:30.", field=parameter.name, given=_short(given)
        )
    return value.replace(second=0, microsecond=0)


def _role(parameter: Parameter, given: str) -> Role:
    found = _ROLE.fullmatch(given)
    if found is None:
        raise Refusal(
            "{given} is no role. Choose one, mention it or write its id.", field=parameter.name, given=_short(given)
        )
    return Role(id=found["mentioned"] or found[0])


def person_in(given: str) -> Person | None:
    """The person whom a line names the way `in_words` writes it; None if it names nobody so."""
    found = _PERSON.fullmatch(given)
    return Person(platform=found["platform"], id=found["id"], name=found["name"] or "") if found else None


def _person(parameter: Parameter, given: str) -> Person:
    found = person_in(given)
    if found is None:
        raise Refusal(
            "{given} is nobody who is known here. Choose somebody, or mention them.",
            field=parameter.name, given=_short(given),
        )  # fmt: skip
    return found


def _short(given: str) -> str:
    return given if len(given) <= 60 else given[:59] + "…"


_READERS: dict[str, Callable[[Parameter, str], Any]] = {
    "text": _text, "whole": _whole, "yes_no": _yes_no, "choice": _choice, "date": _date, "time": _time, "role": _role,
    "person": _person,
}  # fmt: skip
