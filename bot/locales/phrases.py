"""Every phrase that the code can say, found by reading the code.

A phrase is a literal where it is said: the first argument of `say`, `Refusal` or `Missing`, the first two of `say_n`.
What a command says of itself comes from the commands: its name as it is typed (`/cohort create`), its description, its
arguments' names (`query:`) and labels, its choices. Read with `ast` rather than with Babel's own extractor, which
joins `say("a" if x else "b")` into one key that is never said.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.commands import all_commands

CODE = Path(__file__).parent.parent
_KEYS = {"say": 1, "Refusal": 1, "Missing": 1, "say_n": 2}  # how many leading arguments are the key
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Key:
    """A phrase as catalogues know it: its English, and the English for many where it counts something."""

    one: str
    many: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The English, one form or two."""
        return (self.one,) if self.many is None else (self.one, self.many)


def places(text: str) -> frozenset[str]:
    """The names in braces, which values are put into."""
    return frozenset(_PLACE.findall(text))


def without_places(text: str) -> str:
    """The text with nothing where values would be."""
    return _PLACE.sub("", text)


def collect() -> dict[Key, list[str]]:
    """Every phrase with the files that say it (`bot/commands/join.py`), in the order of files and lines.

    Phrases that are structure alone, such as `{done}/{n}`, are left out: they have no language.
    """
    found: dict[Key, list[str]] = {}
    for key, file in [*_said(), *_of_commands()]:
        if any(map(str.isalpha, without_places(key.one))):
            files = found.setdefault(key, [])
            files += [] if file in files else [file]
    return found


def calls(source: str) -> Iterator[tuple[list[ast.expr], Key | None]]:
    """Each call in the source that says something: its leading arguments, and the key if they are written out."""
    tree = ast.parse(source)
    said = [each for each in ast.walk(tree) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)]
    for each in sorted(said, key=lambda call: (call.lineno, call.col_offset)):
        wanted = _KEYS.get(each.func.id) if isinstance(each.func, ast.Name) else None
        if wanted is None:
            continue
        leading = each.args[:wanted]
        texts = [arg.value for arg in leading if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        yield leading, Key(*texts) if len(texts) == wanted else None


def _said() -> Iterator[tuple[Key, str]]:
    for path in sorted(CODE.rglob("*.py")):
        for _, key in calls(path.read_text(encoding="utf-8")):
            if key:
                yield key, path.relative_to(CODE.parent).as_posix()


def _of_commands() -> Iterator[tuple[Key, str]]:
    for made in all_commands():
        file = made.run.__module__.replace(".", "/") + ".py"
        for text in (f"/{made.name}", made.description, *(each.arg.label for each in made.parameters)):
            yield Key(text), file
        yield from ((Key(f"{each.name}:"), file) for each in made.parameters)
        for each in made.parameters:
            yield from ((Key(choice), file) for choice in each.choices)
