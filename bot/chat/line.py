"""Command lines: what people type on Slack and in the playground, and what a button carries.

`cohort create Spring class start:2026-12-07` is words of a command, then its arguments. Bare words belong to the first
argument; every other is written `name:value`. Once the first is written so too, bare words go on with the value before
them (`did:I read hours:3`). A value with spaces or quotes stands in double quotes, where `\\"` is a quote and `\\\\` a
backslash. `name:` is read as a name only if the command has that argument, so web addresses and
`what is p-value: a definition` stay text.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

ASK = "?"

_QUOTES = '"\u201c\u201d'  # phones turn straight quotes into curly ones
_TOKEN = re.compile(
    rf"""(?P<empty>\w+):(?=\s|$)
    |(?:(?P<name>\w+):)?(?:[{_QUOTES}](?P<quoted>(?:[^{_QUOTES}\\]|\\.)*)[{_QUOTES}]|(?P<bare>\S+))""",
    re.DOTALL | re.VERBOSE,
)
_SAFE = re.compile(rf"[^\s{_QUOTES}\\]+")
_REFERENCE = re.compile(r"(?:\w+\.)*c?\d+(?:-[0-9a-f]{8}){1,2}")


@dataclass(frozen=True, slots=True)
class Line:
    """A command line taken apart: the command's name as written in the registry, its arguments, and whether it asks."""

    command: str
    given: Mapping[str, str]
    asks: bool = False


def read(text: str, commands: Mapping[str, Sequence[str]]) -> Line | None:
    """Take a line apart, given the arguments' names of every command in order; None if it names no command.

    A leading `/` is allowed; a leading `?` opens the command's form.
    """
    rest = text.strip().removeprefix("/")
    asks = rest.startswith(ASK)
    rest = rest.removeprefix(ASK).lstrip()
    words = rest.split(None, 3)
    for count in range(min(len(words), 3), 0, -1):
        name = " ".join(word.lower() for word in words[:count])
        if name in commands:
            tail = rest
            for word in words[:count]:
                tail = tail[len(word) :].lstrip()
            return Line(name, _arguments(tail, commands[name]), asks)
    return None


def _arguments(text: str, names: Sequence[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    bare: list[str] = []
    last: str | None = None
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        found = _TOKEN.match(text, position)
        if found is None:
            bare.append(text[position:])
            break
        position = found.end()
        name, value = _argument(found, names)
        if name is not None:
            given[name], last = value, name
        elif last is not None and names[0] in given:
            given[last] = f"{given[last]} {value}".lstrip()
        else:
            bare.append(value)
    if bare and names:
        given[names[0]] = " ".join([*bare, *([given[names[0]]] if names[0] in given else [])])
    return given


def _argument(found: "re.Match[str]", names: Collection[str]) -> tuple[str | None, str]:
    name = found["name"] or found["empty"]
    if name is not None and name.lower() not in names:
        return None, found[0]
    if found["quoted"] is not None:
        return (name and name.lower()), re.sub(r"\\(.)", r"\1", found["quoted"], flags=re.DOTALL)
    return (name and name.lower()), found["bare"] or ""


def write(command: str, given: Mapping[str, str], asks: bool = False) -> str:
    """The line that `read` takes apart into exactly these values."""
    values = (f"{name}:{value if _SAFE.fullmatch(value) else _quoted(value)}" for name, value in given.items())
    return " ".join(((ASK if asks else "") + command, *values))


def is_reference(value: str) -> bool:
    """Whether a value is what only buttons say: an id with its mark, such as `c2-70623f32`; it tells people nothing."""
    return _REFERENCE.fullmatch(value) is not None


def _quoted(value: str) -> str:
    return '"' + re.sub(rf"([{_QUOTES}\\])", r"\\\1", value) + '"'
