"""A ready-made change of a curriculum's file: a `caution` for each of some resources, as a unified diff.

It is made from the file as it is written, line by line, so that comments and quotes stay as they are, and it is read
again before it is offered: the changed file holds exactly what it held, and the cautions.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from bot.curriculum.tree import Place, Tree, parse

Cautions = Mapping[str, str]
"""What is to be added to one resource: the keys `caution`, `caution.ko` …, each with its text."""


@dataclass(frozen=True, slots=True)
class Patch:
    """The `diff` (empty if it changes nothing), the ids that it gives a caution, and those that it cannot.

    It cannot where a resource has a caution already, or is written in braces on one line.
    """

    diff: str
    added: tuple[str, ...]
    left: tuple[str, ...]


def patch(file: Path, wanted: Mapping[str, Cautions], *, context: int = 3) -> Patch:
    """What gives each of the `wanted` resources, by id, its caution. It is applied with `patch -p1` beside the folder.

    `context` is how many lines are shown around each change. Raises OSError if the file cannot be read, and
    UnicodeDecodeError if it is not UTF-8.
    """
    before = file.read_bytes().decode("utf-8-sig")
    tree, _ = parse(before, "")
    added = list(wanted)
    after = _changed(before, tree, wanted)
    if after is None:  # one that cannot be changed is not to keep the others from it
        added = [each for each in wanted if _changed(before, tree, {each: wanted[each]}) is not None]
        after = _changed(before, tree, {each: wanted[each] for each in added}) or before
    name = f"{file.parent.name}/{file.name}"
    made = unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}", n=context)
    return Patch("".join(map(_ended, made)), tuple(added), tuple(each for each in wanted if each not in added))


def _changed(text: str, tree: Tree | None, wanted: Mapping[str, Cautions]) -> str | None:
    """The text with each caution below its resource's last line; None if that is not all that it would change."""
    if tree is None:
        return None
    lines = _lines(text)
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    expected = deepcopy(tree.data)
    insertions: list[tuple[int, list[str]]] = []
    for resource, cautions in wanted.items():
        place = _place(tree, resource)
        indent = _indent(tree, place, lines) if place else None
        if place is None or indent is None:
            return None
        # JSON's strings are YAML's in double quotes, whatever they hold.
        added = [f"{indent}{key}: {json.dumps(value, ensure_ascii=False)}{ending}" for key, value in cautions.items()]
        insertions.append((_end(tree, place, lines), added))
        expected["resources"][place[1]].update(cautions)
    for at, added in sorted(insertions, reverse=True):
        if not lines[at - 1].endswith("\n"):
            lines[at - 1] += ending
        lines[at:at] = added
    changed = "".join(lines)
    read, findings = parse(changed, "")
    return changed if read is not None and not findings and read.data == expected else None


def _place(tree: Tree, resource: str) -> tuple[str, int] | None:
    """Where the resource is; None if it is not there, or has a caution already."""
    listed = tree.data.get("resources")
    for n, each in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(each, dict) and each.get("id") == resource and "caution" not in each:
            return ("resources", n)
    return None


def _end(tree: Tree, place: Place, lines: list[str]) -> int:
    """The line, counted from 1, with which the entry ends: the last before what follows that is no remark."""
    begin = tree.line(place)
    following = [line for each, line in tree.lines.items() if line > begin and each[: len(place)] != place]
    at = min(following, default=len(lines) + 1) - 1
    while at > begin and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith("#")):
        at -= 1
    return at


def _indent(tree: Tree, place: Place, lines: list[str]) -> str | None:
    """What stands before the entry's keys; None if none of them begins a line."""
    for key in tree.data["resources"][place[1]]:
        written = lines[tree.line((*place, key)) - 1]
        if written.lstrip().startswith((f"{key}:", f'"{key}":', f"'{key}':")):
            return written[: len(written) - len(written.lstrip())]
    return None


def _lines(text: str) -> list[str]:
    """Lines as YAML and diffs count them, with their ends; `splitlines` would also cut at a form feed."""
    return [each for each in text.replace("\n", "\n\0").split("\0") if each]


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
