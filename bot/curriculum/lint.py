"""What types cannot say about a curriculum: that ids meet, that the weeks add up, that addresses work.

Works on the tree as it was written, not on the model, so that a mistake in one place does not hide those in others;
what has the wrong shape is passed over here, because reading the model reports it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from rapidfuzz import fuzz, process

from bot.curriculum import translations
from bot.curriculum.model import PLAIN_LINK, Range
from bot.curriculum.tree import Finding, Place, Tree

QUESTION_LENGTH = 45  # the label of a form's field on Discord
URL_LENGTH = 512  # what a link button takes on Discord
SIMILAR = 60  # of 100: a letter or two in a short id, a word in a long one


def lint(tree: Tree) -> list[Finding]:
    """All findings that need more than one place, or more than a type, to be seen. Never raises."""
    outline = _Outline(tree.data)
    rules = (_ids, _references, _requirements, _weeks, _renames, _addresses, _credit, _questions)
    return [*(finding for rule in rules for finding in rule(tree, outline)), *translations.check(tree)]


def did_you_mean(word: str, choices: Sequence[str]) -> str:
    """`; did you mean X?` for the nearest of `choices`, or nothing if none is near."""
    best = process.extractOne(word, choices, scorer=fuzz.ratio, score_cutoff=SIMILAR)
    return f"; did you mean {best[0]}?" if best else ""


@dataclass(frozen=True)
class _Entry:
    """A group of keys that stands in a list: a phase, a task, a resource."""

    place: Place
    data: dict[str, Any]

    @property
    def id(self) -> str | None:
        found = self.data.get("id")
        return found if isinstance(found, str) else None

    def inside(self, key: str) -> list["_Entry"]:
        """The entries listed under `key`; what has another shape is left out."""
        listed = self.data.get(key)
        if not isinstance(listed, list):
            return []
        return [_Entry((*self.place, key, n), item) for n, item in enumerate(listed) if isinstance(item, dict)]

    def named(self, key: str) -> Iterator[tuple[Place, str]]:
        """The ids that `key` names, be it one or a list, each with its place."""
        match self.data.get(key):
            case str(name):
                yield (*self.place, key), name
            case list(names):
                for n, name in enumerate(names):
                    if isinstance(name, str):
                        yield (*self.place, key, n), name


class _Outline:
    """The entries of each kind in the order of the file, and where each id is first used."""

    def __init__(self, data: dict[str, Any]) -> None:
        root = _Entry((), data)
        self.phases = root.inside("phases")
        self.milestones = [entry for phase in self.phases for entry in phase.inside("milestones")]
        self.tasks = [entry for milestone in self.milestones for entry in milestone.inside("tasks")]
        self.resources = root.inside("resources")
        self.kinds: dict[str, list[_Entry]] = {
            "phase": self.phases,
            "goal": [entry for phase in self.phases for entry in phase.inside("goals")],
            "milestone": self.milestones,
            "task": self.tasks,
            "resource": self.resources,
            "evidence kind": root.inside("evidence_kinds"),
            "strategy": root.inside("strategies"),
            "question": root.inside("questions"),
        }
        self.first: dict[str, dict[str, Place]] = {}
        for kind, entries in self.kinds.items():
            self.first[kind] = {entry.id: (*entry.place, "id") for entry in reversed(entries) if entry.id}


def _ids(tree: Tree, outline: _Outline) -> Iterator[Finding]:
    for kind, entries in outline.kinds.items():
        for entry in entries:
            place = (*entry.place, "id")
            if entry.id and outline.first[kind][entry.id] != place:
                line = tree.line(outline.first[kind][entry.id])
                yield tree.finding(place, f"another {kind} is called {entry.id} too (line {line}); rename one of them")


_POINTERS = (  # whose key names what, and where a missing one is to be added
    ("task", "resources", "resource", "resources"),
    ("task", "requires", "task", "a milestone"),
    ("task", "evidence", "evidence kind", "evidence_kinds"),
    ("task", "strategy", "strategy", "strategies"),
    ("resource", "phase", "phase", "phases"),
)


def _references(tree: Tree, outline: _Outline) -> Iterator[Finding]:
    for kind, key, target, home in _POINTERS:
        known = {**outline.first[target], **({PLAIN_LINK: ()} if key == "evidence" else {})}
        for entry in outline.kinds[kind]:
            for place, name in entry.named(key):
                if name in known:
                    continue
                advice = did_you_mean(name, list(known)) or f"; add it to {home}, or take it out here"
                yield tree.finding(place, f"no {target} is called {name}{advice}")


def _requirements(tree: Tree, outline: _Outline) -> Iterator[Finding]:
    """Circles, and tasks that come before what they require."""
    order = {task.id: n for n, task in reversed(list(enumerate(outline.tasks))) if task.id}
    graph: dict[str, list[str]] = {}
    for task in outline.tasks:
        if task.id:
            graph.setdefault(task.id, []).extend(name for _, name in task.named("requires"))
    for task in outline.tasks:
        for place, name in task.named("requires"):
            if task.id and name in order and order[name] > order[task.id]:
                line = tree.line(outline.first["task"][name])
                yield tree.finding(place, f"{name} only comes later (line {line}); move it before {task.id}", "warning")
    while circle := _circle(graph):
        graph[circle[-1]].remove(circle[-2])
        place = outline.first["task"][circle[-1]]
        way = ", which requires ".join(reversed(circle))
        yield tree.finding((*place[:-1], "requires"), f"{way}: a circle; take one of them out")


def _circle(graph: Mapping[str, list[str]]) -> list[str]:
    """Ids of which each is required by the next, the last being the first again; empty if there is no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _weeks(tree: Tree, outline: _Outline) -> Iterator[Finding]:
    for phase in outline.phases:
        milestones = phase.inside("milestones")
        lengths = [_range(milestone.data.get("weeks")) for milestone in milestones]
        least, whole = sum(length.min for length in lengths if length), _range(phase.data.get("weeks"))
        if whole and least > whole.max:
            message = f"the milestones need at least {least} weeks, and the phase has at most {whole.max}"
            yield tree.finding((*phase.place, "weeks"), f"{message}; make the phase longer, or a milestone shorter")
        for milestone, length in zip(milestones, lengths, strict=True):
            tasks = len(milestone.inside("tasks"))
            if length and 0 < tasks < int(length.middle):
                message = f"too few tasks ({tasks}) for {int(length.middle)} weeks leave some with nothing new"
                place = (*milestone.place, "weeks")
                yield tree.finding(place, f"{message}; add tasks, or take weeks away", "warning")


def _range(value: object) -> Range | None:
    try:
        return Range.model_validate(value)
    except ValidationError:
        return None


def _renames(tree: Tree, outline: _Outline) -> Iterator[Finding]:
    """Every old id leads, over as many renames as there were, to a task that is there or was retired."""
    tasks, moved, retired = outline.first["task"], _moved(tree.data), list(_retired(tree.data))
    for place, name in retired:
        if name in tasks:
            line = tree.line(tasks[name])
            yield tree.finding(place, f"{name} is still a task (line {line}); take it out there, or here")
    ends = {name for _, name in retired}
    for old, new in moved.items():
        place = ("moved", "tasks", old)
        if old in tasks:
            line = tree.line(tasks[old])
            yield tree.finding(place, f"{old} is still a task (line {line}); rename it there, or take it out here")
        seen, last = {old}, new
        while last in moved and last not in tasks and last not in seen:
            seen.add(last)
            last = moved[last]
        if last in seen:
            yield tree.finding(place, f"the renames of {old} go in a circle; let the last one name a task")
        elif last not in tasks and last not in ends:
            advice = did_you_mean(last, list(tasks)) or "; name one, or list it under retired"
            yield tree.finding(place, f"no task is called {last}{advice}")


def _moved(data: dict[str, Any]) -> dict[str, str]:
    match data.get("moved"):
        case {"tasks": dict(tasks)}:
            return {old: new for old, new in tasks.items() if isinstance(new, str)}
        case _:
            return {}


def _retired(data: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    match data.get("retired"):
        case dict(retired):
            yield from _Entry(("retired",), retired).named("tasks")


def _addresses(tree: Tree, outline: _Outline) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    source = tree.data.get("source")
    entries = [*outline.resources, *([_Entry(("source",), source)] if isinstance(source, dict) else [])]
    for entry in entries:
        url, place = entry.data.get("url"), (*entry.place, "url")
        if not isinstance(url, str):
            continue
        if not _is_web(url):
            yield tree.finding(place, f"{url[:60]} is not a web address; write it in full, beginning with https://")
        elif len(url) > URL_LENGTH:
            yield tree.finding(place, f"{len(url)} characters are too many for a link; use one of at most {URL_LENGTH}")
        elif url in first and entry in outline.resources:
            message = f"the resource on line {tree.line(first[url])} has this address too; make them one"
            yield tree.finding(place, message, "warning")
        first.setdefault(url, place)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(char.isspace() for char in url)


def _credit(tree: Tree, _: _Outline) -> Iterator[Finding]:
    match tree.data.get("source"):
        case dict(source):
            for key, advice in (("author", "who wrote it"), ("license", "under which licence it may be used")):
                if not source.get(key):
                    yield tree.finding(("source",), f"{key} is missing; say {advice}", "warning")


def _questions(tree: Tree, outline: _Outline) -> Iterator[Finding]:
    """A question is what a form's field is called, in every language."""
    for question in outline.kinds["question"]:
        for key, text in question.data.items():
            if key.partition(".")[0] == "text" and isinstance(text, str) and len(text.strip()) > QUESTION_LENGTH:
                message = f"{len(text.strip())} characters are too many for a question; shorten it to {QUESTION_LENGTH}"
                yield tree.finding((*question.place, key), message)
