"""Pacing: a curriculum's ranges become the whole weeks of a season.

A plan knows weeks, not dates: the calendar puts dates to them, so that a break or a shift moves dates and no plan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor

from bot.curriculum.model import Curriculum, Length, Milestone, Phase, Range, Task


@dataclass(frozen=True, slots=True)
class Step:
    """One week of a season.

    Usually it has one milestone, of which it is week `part` of `parts`; when time is short, neighbours share a week.
    `tasks` is what is new this week, and is empty where a milestone has more weeks than tasks.
    """

    number: int
    phase: Phase
    milestones: tuple[Milestone, ...]
    part: int
    parts: int
    tasks: tuple[Task, ...]


@lru_cache(maxsize=32)
def plan(curriculum: Curriculum, length: Length | None = None) -> tuple[Step, ...]:
    """The season's weeks, numbered from 1, with every task exactly once and in order.

    A phase takes the `min`, the `middle` (rounded half up) or the `max` of its weeks; None means the curriculum's own
    `pace.length`.
    """
    chosen = length or curriculum.pace.length
    weeks = (week for phase in curriculum.phases for week in _phase(phase, chosen))
    return tuple(Step(number, *week) for number, week in enumerate(weeks, start=1))


def last_week(steps: Sequence[Step], phase: Phase) -> int:
    """The number of the last of the season's weeks that the phase has; 0 if it has none, as in a season that went on by
    a newer version.
    """
    return max((each.number for each in steps if each.phase.id == phase.id), default=0)


def open_ends(curriculum: Curriculum, steps: Sequence[Step]) -> list[int]:
    """The last week of each phase that goes on until the cohort is ready."""
    return [last_week(steps, each) for each in curriculum.phases if each.open_ended]


def spread(weeks: int, ranges: Sequence[Range]) -> list[int]:
    """Whole weeks for each milestone, `weeks` (at least 1) in all; 0 means "shares the week of the one before it".

    Every milestone gets one week, and each further week goes to the one that falls shortest of its share in proportion
    to the middle of its range (the earlier of two equals). With fewer weeks than milestones, the shortest neighbours
    share a week.
    """
    if weeks < len(ranges):
        return _shared(weeks, ranges)
    doubled = [of.min + of.max for of in ranges]  # twice the middle, so that equals compare as equals
    whole, given = sum(doubled), [1] * len(ranges)
    for _ in range(weeks - len(ranges)):
        shortest = max(range(len(ranges)), key=lambda n: weeks * doubled[n] - given[n] * whole)
        given[shortest] += 1
    return given


def _shared(weeks: int, ranges: Sequence[Range]) -> list[int]:
    groups = [[of.min + of.max] for of in ranges]
    while len(groups) > weeks:
        least = min(range(len(groups) - 1), key=lambda n: sum(groups[n]) + sum(groups[n + 1]))
        groups[least : least + 2] = [groups[least] + groups[least + 1]]
    return [int(first) for group in groups for first in (True, *[False] * (len(group) - 1))]


_Week = tuple[Phase, tuple[Milestone, ...], int, int, tuple[Task, ...]]  # a Step that has no number yet


def _phase(phase: Phase, length: Length) -> Iterator[_Week]:
    whole = {"min": phase.weeks.min, "middle": floor(phase.weeks.middle + 0.5), "max": phase.weeks.max}[length]
    weeks = spread(whole, [milestone.weeks for milestone in phase.milestones])
    starts = [n for n, own in enumerate(weeks) if own]
    for start, end in zip(starts, [*starts[1:], len(weeks)], strict=True):
        together = phase.milestones[start:end]
        tasks = tuple(task for milestone in together for task in milestone.tasks)
        parts = weeks[start]
        for part, share in enumerate(_by_hours(tasks, parts), start=1):
            yield phase, together, part, parts, share


def _by_hours(tasks: Sequence[Task], weeks: int) -> list[tuple[Task, ...]]:
    """The tasks over `weeks`, in order and near to equal hours; no week stays empty while there are tasks enough.

    Enough tasks: each goes where its middle falls. Too few: each goes where it begins, and the weeks that it goes on in
    stay empty. Optional tasks weigh nothing: most people will not do them.
    """
    hours = [0 if task.optional else task.hours for task in tasks]
    if not any(hours):
        hours = [task.hours for task in tasks]
    enough, whole, before, last = len(tasks) >= weeks, sum(hours), 0.0, -1
    shares: list[list[Task]] = [[] for _ in range(weeks)]
    for n, task in enumerate(tasks):
        ideal = floor(weeks * (before + (hours[n] / 2 if enough else 0)) / whole)
        left = weeks - (len(tasks) - n)  # from this week on, there is exactly one task for each
        low, high = (max(last, left), min(last + 1, weeks - 1)) if enough else (last + 1, left)
        last = min(max(ideal, low), high)
        before += hours[n]
        shares[last].append(task)
    return [tuple(share) for share in shares]
