"""A season that goes on by a newer version of its curriculum: what is posted stays, and nothing comes twice.

What comes after the posted weeks is read from the newer version milestone by milestone, and not by the numbers of its
weeks: these are others as soon as something is added, taken out or moved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from bot.curriculum.model import Curriculum, Length, Task
from bot.curriculum.plan import Step, plan


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a season, as the version of the curriculum has it by which it was posted or is to be.

    `of` is how many weeks the season has by that version.
    """

    by: Curriculum
    step: Step
    of: int


Formers = tuple[tuple[Curriculum, int], ...]
"""The versions that a season followed before, in order, each with the first step that was not posted by it any more."""


@lru_cache(maxsize=64)
def weeks(formers: Formers, now: Curriculum, length: Length | None) -> tuple[Week, ...]:
    """The season's weeks as they are posted: those that are keep the version by which they were."""
    versions = [*(by for by, _ in formers), now]
    first = plan(versions[0], length)
    found = [Week(versions[0], step, len(first)) for step in first]
    for (before, after), (_, end_step) in zip(pairwise(versions), formers, strict=True):
        posted = found[: end_step - 1]
        rest = _rest([each.step for each in posted], before, after, length)
        numbered = (replace(step, number=number) for number, step in enumerate(rest, start=end_step))
        found = [*posted, *(Week(after, step, len(posted) + len(rest)) for step in numbered)]
    return tuple(found)


@lru_cache(maxsize=64)
def season(formers: Formers, now: Curriculum, length: Length | None) -> tuple[Step, ...]:
    """The season's weeks as they read now, with every task of the present version exactly once.

    Tasks that were posted by an earlier version are those that they have become. What the present one has added to
    milestones that are over, and before them, is not posted any more: it joins the newest week that is.
    """
    found = weeks(formers, now, length)
    if not formers:
        return tuple(each.step for each in found)
    phases = {phase.id: phase for phase in now.phases}
    milestones = {milestone.id: milestone for milestone in now.milestones}
    told, steps = set[str](), list[Step]()
    for week in found:
        became = [task for each in week.step.tasks if (task := now.task(each.id))]
        tasks = tuple({each.id: each for each in became if each.id not in told}.values())
        told |= {each.id for each in tasks}
        steps.append(
            replace(
                week.step,
                phase=phases.get(week.step.phase.id, week.step.phase),
                milestones=tuple(milestones.get(each.id, each) for each in week.step.milestones),
                tasks=tasks,
            )
        )
    newest = steps[formers[-1][1] - 2]
    late = tuple(each for each in now.tasks if each.id not in told)
    there = {each.id for step in steps for each in step.milestones}
    behind = tuple(each for each in now.milestones if each.id not in there)
    steps[newest.number - 1] = replace(newest, tasks=(*newest.tasks, *late), milestones=(*newest.milestones, *behind))
    return tuple(steps)


def _rest(posted: Sequence[Step], before: Curriculum, now: Curriculum, length: Length | None) -> list[Step]:
    """The weeks of a version that follow those that are posted; their numbers are still its own.

    A new task of a milestone that goes on comes with the next week of that; one of a milestone that is over comes with
    none of them.
    """
    is_over = _over(posted, before, now)
    told = {task.id for step in posted for each in step.tasks if (task := now.task(each.id))}
    rest, late = list[Step](), list[Task]()
    for step in plan(now, length):
        ahead = tuple(each for each in step.milestones if step.part > is_over.get(each.id, 0))
        fresh = [each for each in step.tasks if each.id not in told]
        if not ahead:
            late += fresh
            continue
        its = {task.id for each in ahead for task in each.tasks}
        rest.append(replace(step, milestones=ahead, tasks=tuple(each for each in [*late, *fresh] if each.id in its)))
        late = [each for each in late if each.id not in its]
    return rest


def _over(posted: Sequence[Step], before: Curriculum, now: Curriculum) -> Mapping[str, int]:
    """How many weeks of each of the version's milestones are over; more than any has, for one that is left behind.

    One that is new is behind if the next one that is not new is.
    """
    over: dict[str, int] = {}
    for step in posted:
        over |= {each.id: step.part for each in step.milestones}
    current = {each.id for each in posted[-1].milestones}
    endless = len(now.tasks) + sum(each.weeks.max for each in now.phases)
    over = {each: part if each in current else endless for each, part in over.items()}
    known, is_behind = {each.id for each in before.milestones}, False
    for each in reversed(now.milestones):
        if each.id in known or each.id in over:
            is_behind = each.id in over
        elif is_behind:
            over[each.id] = endless
    return over


@dataclass(frozen=True, slots=True)
class Difference:
    """What a newer version makes of the tasks: those it adds, renames (as they were), takes out, and loses.

    Ticks follow tasks that are renamed. Of those that are taken out they stay in the history; nobody meant to lose any.
    """

    added: tuple[Task, ...]
    renamed: tuple[Task, ...]
    retired: tuple[Task, ...]
    lost: tuple[Task, ...]


def difference(before: Curriculum, now: Curriculum) -> Difference:
    """What is different in `now`, a version of the same curriculum."""
    known = {task.id for each in before.tasks if (task := now.task(each.id))}
    gone = [each for each in before.tasks if now.task(each.id) is None]
    return Difference(
        added=tuple(each for each in now.tasks if each.id not in known),
        renamed=tuple(each for each in before.tasks if (task := now.task(each.id)) and task.id != each.id),
        retired=tuple(each for each in gone if now.has_retired(each.id)),
        lost=tuple(each for each in gone if not now.has_retired(each.id)),
    )
