"""YAML as a tree of texts, in which every place knows its line.

Built from parser events, not from a YAML library's values: YAML 1.1 reads `no` as false, `1.10` as 1.1, `3:30` as 210
and `on:` as true. Here a scalar is the text that was written; what it means is the schema's business. It also keeps
hostile files harmless: nothing recurses (libyaml's own composer overruns the C stack on a file of brackets), and
aliases, which can blow a small file up to gigabytes, are refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

DEPTH_MAX = 24  # the schema itself needs eight
TOO_DEEP = "nested too deep; a bracket is probably not closed"

Step = str | int
Place = tuple[Step, ...]
Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend, printed as `file:line: path: what to do`; a warning or a note says that it is one.

    `line` counts from 1 and is 0 where no line applies (a missing file); `path` is empty for the file as a whole.
    """

    file: str
    line: int
    path: str
    message: str
    level: Level = "error"

    def __str__(self) -> str:
        """One line, as editors and terminals like to jump to."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        parts = [where, *([self.path] if self.path else []), *([self.level] if self.level != "error" else [])]
        return ": ".join([*parts, self.message])


@dataclass(frozen=True)
class Tree:
    """A YAML file's mapping: dicts, lists, texts and None for "nothing written", with the line of every place."""

    file: str
    data: dict[str, Any]
    lines: Mapping[Place, int]

    def finding(self, place: Place, message: str, level: Level = "error") -> Finding:
        """A finding at `place`, or at the nearest place around it that is in the file."""
        return Finding(self.file, self.line(place), dotted(place), message, level)

    def line(self, place: Place) -> int:
        """The line of `place`, or of the nearest place around it that is in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def dotted(place: Place) -> str:
    """A place as people write it: `phases[1].tasks[0].title.ko`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def read(file: Path) -> tuple[Tree | None, list[Finding]]:
    """The file as a tree (None if it is not one), and what is wrong with its encoding and syntax. Never raises."""
    name = str(file)
    try:
        raw = file.read_bytes()
    except OSError as error:
        return None, [Finding(name, 0, "", f"cannot be read ({error.strerror or error})")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return None, [Finding(name, line, "", f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8")]
    return parse(text, name)


def parse(text: str, file: str) -> tuple[Tree | None, list[Finding]]:
    """The text of a curriculum as a tree (None if it is not one), and what is wrong with its syntax. Never raises."""
    if hidden := _HIDDEN.search(text):
        line = text.count("\n", 0, hidden.start()) + 1
        return None, [Finding(file, line, "", f"there is a hidden character (U+{ord(hidden[0]):04X}); delete it")]
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if not builder.take(event):
                return None, builder.findings
    except yaml.YAMLError as error:
        return None, [*builder.findings, _syntax(error, text, file)]
    if isinstance(builder.root, dict):
        return Tree(file, builder.root, builder.lines), builder.findings
    problem = "the file is empty" if builder.root is None else "expected keys with values"
    return None, [Finding(file, builder.lines.get((), 1), "", f"{problem}; begin with `schema: 1`")]


# libyaml's parser is fifteen times faster; wheels carry it, but a build from source may lack it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)  # YAML 1.2, 5.1
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


def _syntax(error: yaml.YAMLError, text: str, file: str) -> Finding:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    rows = text.splitlines()
    for number in (line, line - 1):
        row = rows[number - 1] if 0 < number <= len(rows) else ""
        if "\t" in row[: len(row) - len(row.lstrip())]:
            return Finding(file, number, "", "this line is indented with a tab; use spaces")
    problem = getattr(error, "problem", None) or "this cannot be read"
    if "nesting depth" in problem:  # libyaml reads ahead, and newer ones stop before we do
        return Finding(file, line, "", TOO_DEEP)
    advice = "check the indentation here and above, and put a text that holds `: ` or begins with a sign into quotes"
    return Finding(file, line, "", f"not YAML: {problem}; {advice}")


_Node = yaml.ScalarEvent | yaml.CollectionStartEvent


@dataclass
class _Open:
    """A list or a mapping whose end has not been met yet; `key` waits for its value."""

    place: Place
    value: dict[str, Any] | list[Any]
    key: str | None = None


@dataclass
class _Builder:
    """Takes parser events one by one and keeps what they amount to."""

    file: str
    root: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)

    def take(self, event: yaml.Event) -> bool:
        """Take one event; False means that reading on makes no sense."""
        match event:
            case yaml.DocumentStartEvent() if self.lines:
                return self._stop(event, "a second document begins; keep one curriculum in a file")
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._open.pop()
            case yaml.AliasEvent():
                return self._stop(
                    event, f"`*{event.anchor}` repeats another place; write it out, or quote a text with *"
                )
            case yaml.ScalarEvent() | yaml.CollectionStartEvent():
                return self._node(event)
        return True

    def _node(self, event: _Node) -> bool:
        if event.anchor is not None:
            return self._stop(
                event, f"`&{event.anchor}` is not part of a text; put a text that begins with & into quotes"
            )
        if event.tag is not None:
            return self._stop(event, "`!` is not part of a text; put a text that begins with ! into quotes")
        inside = self._open[-1] if self._open else None
        if inside and isinstance(inside.value, dict) and inside.key is None:
            return self._key(event, inside, inside.value)
        self._put(event, inside)
        return len(self._open) <= DEPTH_MAX or self._stop(event, TOO_DEEP)

    def _key(self, event: _Node, inside: _Open, mapping: dict[str, Any]) -> bool:
        if not isinstance(event, yaml.ScalarEvent):
            return self._stop(event, "a key must be a word; put a text that begins with { or [ into quotes")
        inside.key = event.value
        place = (*inside.place, event.value)
        if event.value in mapping:
            first = self.lines[place]
            message = f"{event.value} is here twice (first on line {first}); keep one"
            self.findings.append(Finding(self.file, _line(event), dotted(place), message))
        else:
            self.lines[place] = _line(event)
        return True

    def _put(self, event: _Node, inside: _Open | None) -> None:
        value: Any = None
        match event:
            case yaml.ScalarEvent():
                value = None if event.implicit[0] and event.value in _NOTHING else event.value
            case yaml.MappingStartEvent():
                value = {}
            case yaml.SequenceStartEvent():
                value = []
        place: Place = ()
        match inside:
            case None:
                self.root = value
            case _Open(place=around, value=list() as items):
                place = (*around, len(items))
                items.append(value)
            case _Open(place=around, value=dict() as mapping, key=str() as key):
                place = (*around, key)
                mapping[key] = value
                inside.key = None
        self.lines.setdefault(place, _line(event))  # a mapping's entry keeps the line of its key
        if isinstance(value, dict | list):
            self._open.append(_Open(place, value))

    def _stop(self, event: yaml.Event, message: str) -> bool:
        self.findings.append(Finding(self.file, _line(event), "", message))
        return False


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
