"""A curriculum as data: phases of milestones of tasks, and the resources, evidence and habits they point to.

This is the shape after reading. In the YAML a translation is a sibling key (`title`, `title.ko`); `bot.curriculum.load`
folds the siblings into `Words` and hands every scalar over as text, so what a value means is decided here, by the
type of its field, and never by how it happens to look (`no`, `1.10` and `3:30` are just texts in a title).

Ids are unique per kind in the whole curriculum and never paths: a task that moves to another phase keeps its ticks.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from bot.chat.wording import Words

Length = Literal["min", "middle", "max"]
Kind = Literal[
    "book", "course", "video", "tool", "practice", "code", "blog", "thread", "forum", "write-up", "strategy"
]  # forums, write-ups and strategies to read are resources like any other; `Strategy` below is a habit with steps

ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
VERSION_PATTERN = r"^[0-9]+\.[0-9]+\.[0-9]+$"
PLAIN_LINK = "link"  # the kind of evidence that is known without a definition: anything that others can open
TASK_ID_MAX = 60  # bytes: `done <id> total:100` travels in a button, and the smallest platform gives that 100

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=TASK_ID_MAX)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _flag(value: object) -> object:
    """`true` and `false` and nothing else: pydantic alone would also take `yes`, `on`, `t` and `1`."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("write true or false")


def _schema(value: object) -> object:
    if str(value) != "1":
        raise ValueError("only schema 1 is known here; write `schema: 1`")
    return 1


Flag = Annotated[bool, BeforeValidator(_flag)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(_Frozen):
    """A whole number that may be a range: `4` is `Range(min=4, max=4)`, `[4, 8]` is `Range(min=4, max=8)`."""

    min: Annotated[int, Field(ge=1, le=1_000_000)]
    max: Annotated[int, Field(ge=1, le=1_000_000)]

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        match value:
            case int() | str():
                return {"min": value, "max": value}
            case [low, high]:
                return {"min": low, "max": high}
            case {"min": _, "max": _}:
                return value
            case _:
                raise ValueError("write one whole number, or two as [least, most]")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"the least ({self.min}) is more than the most ({self.max}); swap them")
        return self

    @property
    def middle(self) -> float:
        """Half-way between the two ends."""
        return (self.min + self.max) / 2


class Source(_Frozen):
    """Where a curriculum comes from, so that its author can be credited."""

    title: Words | None = None
    author: Line | None = None
    license: Line | None = None
    url: str | None = None
    revision: Line | None = None
    note: Words | None = None


class Pace(_Frozen):
    """How fast a cohort goes when nobody says otherwise."""

    hours_per_week: Annotated[float, Field(gt=0, le=80, allow_inf_nan=False)] = 10
    length: Length = "middle"


class Target(_Frozen):
    """What a countable task counts: 50 to 100 messages. Done from `count.min` on."""

    count: Range
    unit: Words


class Task(_Frozen):
    """One thing to do. `when` says for whom a conditional task is; `evidence` set means that "done" asks for a link."""

    id: Id
    text: Words
    about: Words | None = None
    hours: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = 2
    optional: Flag = False
    when: Words | None = None
    resources: tuple[Id, ...] = ()
    requires: tuple[Id, ...] = ()
    target: Target | None = None
    evidence: Id | None = None
    strategy: Id | None = None


class Milestone(_Frozen):
    """A week of the season, or a few. `ours` marks what the source does not have and we added."""

    id: Id
    title: Words
    about: Words | None = None
    weeks: Range
    ours: Flag = False
    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]


class Goal(_Frozen):
    """What one should be able to do after a phase."""

    id: Id
    text: Words


class Phase(_Frozen):
    """A stretch of the curriculum: its length in weeks, and in `duration` as the source words it.

    One that is `open_ended` goes on after its weeks until a cohort's facilitator moves the cohort on.
    """

    id: Id
    title: Words
    about: Words | None = None
    weeks: Range
    duration: Words | None = None
    open_ended: Flag = False
    goals: tuple[Goal, ...] = ()
    milestones: Annotated[tuple[Milestone, ...], Field(min_length=1)]

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Its tasks in the order of the curriculum."""
        return tuple(task for milestone in self.milestones for task in milestone.tasks)


class Resource(_Frozen):
    """Something to read, watch or use. Some are only named (no `url`); `caution` warns of a dead or doubtful link."""

    id: Id
    title: Words
    url: str | None = None
    kind: Kind
    phase: Id | None = None
    tags: tuple[Line, ...] = ()
    aliases: Mapping[Language, tuple[Line, ...]] = Field(default_factory=dict)
    about: Words | None = None
    caution: Words | None = None
    lang: Language = "en"

    def __hash__(self) -> int:
        """By id: texts are mappings and have no hash of their own, and equal resources agree in it."""
        return hash(self.id)


class EvidenceKind(_Frozen):
    """A kind of proof that a task or a portfolio can show."""

    id: Id
    title: Words
    about: Words | None = None


class Strategy(_Frozen):
    """A habit that carries a task (cold outreach, spaced repetition), as steps to follow."""

    id: Id
    title: Words
    steps: Annotated[tuple[Words, ...], Field(min_length=1)]


class Question(_Frozen):
    """What a week's check-in asks; a curriculum's questions take turns."""

    id: Id
    text: Words


class Moved(_Frozen):
    """Renamed tasks, old id to new id; ticks follow, also over several renames."""

    tasks: Mapping[Id, Id] = Field(default_factory=dict)


class Retired(_Frozen):
    """Ids of tasks that were taken out: their ticks stay in the history, and no later task may take the id."""

    tasks: tuple[Id, ...] = ()


class Curriculum(_Frozen):
    """A whole curriculum. The first of its `languages` is the fallback. Look-ups are built once, on first use."""

    format: Annotated[Literal[1], BeforeValidator(_schema)] = Field(alias="schema")
    id: Id
    version: Annotated[str, StringConstraints(pattern=VERSION_PATTERN)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    title: Words
    about: Words | None = None
    source: Source = Source()
    pace: Pace = Pace()
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    resources: tuple[Resource, ...] = ()
    evidence_kinds: tuple[EvidenceKind, ...] = ()
    strategies: tuple[Strategy, ...] = ()
    questions: tuple[Question, ...] = ()
    moved: Moved = Moved()
    retired: Retired = Retired()

    def __hash__(self) -> int:
        """By id and version: texts are mappings and have no hash of their own, and equal curricula agree in both."""
        return hash((self.id, self.version))

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks in the order of the curriculum."""
        return tuple(task for milestone in self.milestones for task in milestone.tasks)

    @cached_property
    def milestones(self) -> tuple[Milestone, ...]:
        """All milestones in the order of the curriculum."""
        return tuple(milestone for phase in self.phases for milestone in phase.milestones)

    def task(self, task_id: str) -> Task | None:
        """The task with this id, or the one that it was renamed to; None if there is none (any more)."""
        place = self._place(task_id)
        return place[1] if place else None

    def has_retired(self, task_id: str) -> bool:
        """Whether the task with this id, or the one that it was renamed to, was taken out on purpose."""
        return self._present(task_id) in self.retired.tasks

    def milestone_of(self, task_id: str) -> Milestone | None:
        """The milestone that holds the task; renamed ids are followed."""
        place = self._place(task_id)
        return place[0] if place else None

    def resource(self, resource_id: str) -> Resource | None:
        """The resource with this id."""
        return self._resources.get(resource_id)

    def strategy(self, strategy_id: str) -> Strategy | None:
        """The habit with this id."""
        return self._strategies.get(strategy_id)

    def evidence_kind(self, kind_id: str) -> EvidenceKind | None:
        """The kind of evidence with this id."""
        return next((kind for kind in self.evidence_kinds if kind.id == kind_id), None)

    def _place(self, task_id: str) -> tuple[Milestone, Task] | None:
        return self._placed.get(self._present(task_id))

    def _present(self, task_id: str) -> str:
        """The id that the task has now, after all its renames."""
        seen = set[str]()
        while task_id not in self._placed and task_id in self.moved.tasks and task_id not in seen:
            seen.add(task_id)
            task_id = self.moved.tasks[task_id]
        return task_id

    @cached_property
    def _placed(self) -> Mapping[str, tuple[Milestone, Task]]:
        return {task.id: (milestone, task) for milestone in self.milestones for task in milestone.tasks}

    @cached_property
    def _resources(self) -> Mapping[str, Resource]:
        return {resource.id: resource for resource in self.resources}

    @cached_property
    def _strategies(self) -> Mapping[str, Strategy]:
        return {strategy.id: strategy for strategy in self.strategies}
