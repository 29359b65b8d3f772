"""Curricula from folders: read, checked, and refused with every finding at once.

A curriculum is one `curriculum.yaml` in a folder of its own. `check_folder` says all there is to say about it;
`load_all` gives the curricula themselves, or raises with what has to be mended first.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.curriculum.lint import did_you_mean, lint
from bot.curriculum.model import ID_PATTERN, LANGUAGE_PATTERN, VERSION_PATTERN, Curriculum
from bot.curriculum.translations import Folded
from bot.curriculum.tree import Finding, read

FILE = "curriculum.yaml"


class CurriculumError(Exception):
    """A curriculum cannot be used. Its text is all errors found, one a line."""

    def __init__(self, findings: list[Finding]) -> None:
        """`findings` are the errors; there is at least one."""
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


@dataclass(frozen=True)
class Curricula:
    """The curricula that are on offer, in the order of their folders' names; and the files of those that have one.

    `older` holds the versions that are not on offer any more and that cohorts follow, by id and version.
    """

    by_id: Mapping[str, Curriculum]
    files: Mapping[str, Path] = field(default_factory=dict)
    older: dict[tuple[str, str], Curriculum] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all curricula."""
        return tuple(self.by_id)

    def get(self, curriculum_id: str) -> Curriculum | None:
        """The curriculum with this id, if it is on offer."""
        return self.by_id.get(curriculum_id)

    def at(self, curriculum_id: str, version: str) -> Curriculum | None:
        """That version of the curriculum: the one on offer, or an older one that a cohort follows."""
        newest = self.by_id.get(curriculum_id)
        return newest if newest and newest.version == version else self.older.get((curriculum_id, version))

    @property
    def every(self) -> tuple[Curriculum, ...]:
        """All versions of all curricula, those on offer first."""
        return (*self, *self.older.values())

    def __iter__(self) -> Iterator[Curriculum]:
        """The curricula on offer themselves."""
        return iter(self.by_id.values())

    def __len__(self) -> int:
        """How many there are."""
        return len(self.by_id)


def check_folder(folder: Path) -> list[Finding]:
    """All findings about the curriculum in `folder`, or about those in its subfolders. Never raises."""
    return _examine_all(folder)[1]


def load_all(root: Path) -> Curricula:
    """The curricula in the subfolders of `root` (or in `root` itself), at least one; warnings do not keep one from use.

    Raises `CurriculumError` with all errors.
    """
    curricula, findings = _examine_all(root)
    if errors := _errors(findings):
        raise CurriculumError(errors)
    by_id = {each: curriculum for each, (curriculum, _) in curricula.items()}
    return Curricula(by_id, {each: file for each, (_, file) in curricula.items()})


def _errors(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level == "error"]


def _examine_all(root: Path) -> tuple[dict[str, tuple[Curriculum, Path]], list[Finding]]:
    """The curricula with their files, by id, and all findings."""
    files = [root / FILE] if (root / FILE).exists() else sorted(root.glob(f"*/{FILE}"))
    if not files:
        problem = f"has no {FILE}, nor has a folder in it" if root.is_dir() else "is not a folder"
        return {}, [Finding(str(root), 0, "", f"{problem}; write one, or name the folder that holds it")]
    curricula: dict[str, tuple[Curriculum, Path]] = {}
    findings = [
        Finding(str(stray), 0, "", f"is not read; a curriculum's file is called {FILE}", "warning")
        for stray in sorted([*root.glob("*/*.yml"), *root.glob("*/*.yaml")])
        if root / FILE not in files and stray.parent / FILE not in files
    ]
    for file in files:
        curriculum, found = _examine(file)
        findings += found
        if curriculum and curriculum.id in curricula:
            message = f"{curriculum.id} is the id of {curricula[curriculum.id][1]} too; give one of them another id"
            findings.append(Finding(str(file), 0, "id", message))
        elif curriculum:
            curricula[curriculum.id] = curriculum, file
    return curricula, findings


def _examine(file: Path) -> tuple[Curriculum | None, list[Finding]]:
    """The curriculum (None if there is an error) and all findings, in the order of lines."""
    tree, findings = read(file)
    if tree is None:
        return None, findings
    folded = Folded(tree.data)
    curriculum = None
    try:
        curriculum = Curriculum.model_validate(folded.data)
    except ValidationError as error:
        findings += [
            tree.finding(folded.written(details["loc"]), _advice(details))
            for details in error.errors()
            if details["type"] != "too_short" or not details["input"]  # a list whose items are all wrong has items
        ]
    findings += lint(tree)
    findings = sorted(dict.fromkeys(findings), key=lambda finding: finding.line)
    return (None if _errors(findings) else curriculum), findings


_PATTERNS = {
    ID_PATTERN: "lower-case words joined with hyphens, such as first-steps",
    LANGUAGE_PATTERN: "a language code, such as en or ko",
    VERSION_PATTERN: 'three numbers, such as "1.0.0"',
}
_SHOULD = {
    "string_type": "one text; put it into quotes if it holds brackets or `: `",
    "int_parsing": "a whole number, such as 2",
    "int_type": "a whole number, such as 2",
    "float_parsing": "a number, such as 2 or 1.5",
    "float_type": "a number, such as 2 or 1.5",
    "tuple_type": "a list: `[one, two]`, or a line beginning with `- ` for each",
    "mapping_type": "keys with values, indented below",
    "string_too_short": "a text that is not empty",
}
_EXAMPLES = {
    "schema": "`schema: 1`",
    "id": "`id: first-steps`, which never changes later",
    "version": '`version: "1.0.0"`',
    "languages": "`languages: [en]`, the first being the fallback",
    "title": "`title: First steps`",
    "text": "`text: Write your first page`",
    "weeks": "`weeks: 2` or `weeks: [1, 2]`",
    "phases": "`phases:` and below it, for each, `- id: getting-started` with title, weeks and milestones",
    "milestones": "`milestones:` and below it, for each, `- id: first-week` with title, weeks and tasks",
    "tasks": "`tasks:` and below it, for each, `- id: first-page` with text and, if it is not 2, hours",
    "kind": "`kind: course`",
    "steps": "`steps: [Do this, Then that]`",
    "count": "`count: 3` or `count: [3, 5]`",
    "unit": "`unit: pages`",
    "goals": "`goals:` and below it, for each, `- id: know-the-tools` with text",
    "resources": "`resources:` and below it, for each, `- id: first-book` with title and kind",
    "evidence_kinds": "`evidence_kinds:` and below it, for each, `- {id: photo, title: A photo}`",
    "strategies": (
        "`strategies:` and below it, for each, `- {id: slowly, title: Fold slowly, steps: [Do this, Then that]}`"
    ),
    "questions": "`questions:` and below it, for each, `- {id: what-held, text: Which knot held?}`",
    "source": "`source: {author: Your name, license: CC-BY-4.0}`",
    "pace": "`pace: {length: min}` (min, middle or max)",
    "target": "`target: {count: 3, unit: pages}`",
    "moved": "`moved: {tasks: {old-id: new-id}}`",
    "retired": "`retired: {tasks: [old-id]}`",
}


def _advice(details: ErrorDetails) -> str:
    """A validation error as what to do about it."""
    found, last = details["input"], details["loc"][-1] if details["loc"] else ""
    shown = _shown(found)
    match details["type"]:
        case "missing":
            return f"{last} is missing; add {_EXAMPLES[str(last)]}"
        case "extra_forbidden":
            return _unknown_key(str(last), details["loc"][:-1])
        case _ if found is None and _is_required(details["loc"]) and last in _EXAMPLES:
            return f"nothing is written here; write {_EXAMPLES[str(last)]}"
        case _ if found is None:
            return "nothing is written here; write something, or take the line out"
        case "model_type":
            key = next(str(step) for step in reversed(details["loc"]) if isinstance(step, str))
            return f"{shown} is not keys with values; write {_EXAMPLES.get(key, 'them indented below')}"
        case "value_error":
            return str(details["ctx"]["error"])
        case "literal_error":
            choices = re.findall(r"'([^']*)'", details["ctx"]["expected"])
            return f"no {last} is called {shown} (there are: {', '.join(choices)}){did_you_mean(shown, choices)}"
        case "too_short":
            return "nothing is in this list; add at least one"
        case "string_pattern_mismatch":
            return f"{shown} is not {_PATTERNS[details['ctx']['pattern']]}"
        case "string_too_long":
            limit = details["ctx"]["max_length"]
            return f"{len(found)} characters are too many for an id; use at most {limit}, so that it fits into a button"
        case "string_type" if isinstance(found, dict):
            return f"{shown} is not one text; give a translation a key of its own, such as title.ko, or quote the text"
        case kind:
            should = _SHOULD.get(kind) or details["msg"].removeprefix("Input should be ")
            return f"{shown} is not {should}"


def _unknown_key(key: str, around: tuple[str | int, ...]) -> str:
    model = _model_at(around)
    allowed = [field.alias or name for name, field in model.model_fields.items()]
    return f"no key is called {_shown(key)} here (there are: {', '.join(allowed)}){did_you_mean(key, allowed)}"


def _is_required(place: tuple[str | int, ...]) -> bool:
    field = _model_at(place[:-1]).model_fields.get(str(place[-1]))
    return field is not None and field.is_required()


def _model_at(place: tuple[str | int, ...]) -> type[BaseModel]:
    """The model that reads the keys at that place."""
    model: type[BaseModel] = Curriculum
    for step in place:
        for name, each in model.model_fields.items():
            if step == (each.alias or name):
                model = _model_in(each.annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, looked for inside of optional fields and tuples."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _shown(value: object) -> str:
    """What was written, short enough for a message."""
    match value:
        case str():
            return value if len(value) <= 40 else value[:39] + "…"
        case dict():
            return f"a group of keys ({', '.join(list(value)[:3])})"
        case list():
            return "a list"
        case _:
            return str(value)
