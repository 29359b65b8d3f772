"""A cohort goes on by the version of its curriculum that is on offer: what that does is shown first, then it is done.

Whatever is posted by then is frozen: its weeks keep their numbers, their dates and their words, and the newer version
goes on after them.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from bot.chat.platform import Refusal
from bot.chat.wording import as_typed
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum, Task
from bot.curriculum.plan import Step, last_week
from bot.curriculum.upgrade import Difference, difference
from bot.delivery import due, schedule, versions
from bot.delivery.calendar import Calendar
from bot.records import cohorts, posts, progress
from bot.records.cohorts import Cohort, Former


@dataclass(frozen=True, slots=True)
class Ticks:
    """What becomes of what the members of a cohort have done: how many of it moves, or is lost. A tick is a task of one
    member.
    """

    learners: int
    moved: int
    lost: int


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade does: the cohort as it was and as it is then, its seasons, and how many weeks are `posted`.

    `late` are tasks that come new in weeks that are posted.
    """

    was: Cohort
    cohort: Cohort
    before: Curriculum
    now: Curriculum
    steps_before: tuple[Step, ...]
    steps: tuple[Step, ...]
    posted: int
    difference: Difference
    late: tuple[Task, ...]
    ticks: Ticks

    @property
    def is_back(self) -> bool:
        """Whether the version on offer is an older one."""
        return _numbers(self.now.version) < _numbers(self.before.version)

    @property
    def seal(self) -> str:
        """Short for all of it: two upgrades with one seal do the same, but for what members did meanwhile."""
        season = [[*(each.id for each in step.milestones), *(each.id for each in step.tasks)] for step in self.steps]
        what = (self.was.revision, self.posted, self.before.version, self.now.version, self.cohort.held, season)
        return sha256(repr(what).encode()).hexdigest()[:16]


def newer(curricula: Curricula, cohort: Cohort) -> Curriculum | None:
    """The version on offer, if it is newer than the one that the cohort follows."""
    on_offer = curricula.get(cohort.curriculum)
    return on_offer if on_offer and _numbers(on_offer.version) > _numbers(cohort.version) else None


def propose(connection: Connection, cohort: Cohort, curricula: Curricula, now: datetime) -> Upgrade:
    """What it would do to the cohort to go on by the version on offer. All that is due is put first.

    Raises a Refusal, with the way out, if there is nothing to go on with.
    """
    cohort = cohorts.get(connection, cohort.id)
    before, after = versions.followed(curricula, cohort), curricula.get(cohort.curriculum)
    if before is None or after is None:
        raise Refusal(
            "{curriculum} is not installed here any more; {cohort} cannot go on by a version of it.",
            curriculum=cohort.curriculum, cohort=cohort.name,
        )  # fmt: skip
    if before is after:
        raise Refusal(
            "{cohort} follows {title} {version}, which is the installed one. Nothing is to be done.",
            cohort=cohort.name, title=after.title, version=after.version,
        )  # fmt: skip
    steps_before = versions.season(curricula, cohort)
    due.put_now(connection, cohort, now, len(steps_before))
    posted = posts.next_steps(connection, cohort.id)["milestone"] - 1
    if posted >= len(steps_before):
        raise Refusal(
            "All {n} weeks of {cohort} are posted; a newer version is for the next season. {line} begins it.",
            n=posted, cohort=cohort.name, line=as_typed("cohort clone"),
        )  # fmt: skip
    formers = cohort.formers
    if posted >= (formers[-1].end_step if formers else 1):  # else nothing was posted by this version
        formers = (*formers, Former(before.version, posted + 1))
    became = replace(cohort, version=after.version, formers=formers)
    steps = versions.season(curricula, became)
    became = replace(became, held=_held(cohort, steps_before, steps, schedule.put_until(connection, cohort, now)))
    changes = difference(before, after)
    known = {each.id for each in changes.added}
    late = tuple(each for step in steps[:posted] for each in step.tasks if each.id in known)
    ticks = _ticks(connection, cohort, before, after)
    return Upgrade(cohort, became, before, after, steps_before, steps, posted, changes, late, ticks)


def make(connection: Connection, cohort: Cohort, curricula: Curricula, now: datetime, seal: str) -> Upgrade:
    """Upgrade the cohort the way it was shown. Raises a Refusal, and changes nothing, if it is another way now."""
    made = propose(connection, cohort, curricula, now)
    if made.seal != seal:
        raise Refusal(
            "What the upgrade of {cohort} does has changed since this was shown. Look again with {line}; nothing was "
            "changed.", cohort=cohort.name, line=as_typed("cohort upgrade"),
        )  # fmt: skip
    bent = schedule.bend(connection, made.cohort, now)
    schedule.replan(connection, bent, schedule.put_until(connection, made.was, now), len(made.steps))
    return made


def _held(cohort: Cohort, before: tuple[Step, ...], now: tuple[Step, ...], as_of: datetime) -> tuple[int, ...]:
    """After which steps the season waits: after the same phases. Where it waits already, it goes on waiting there."""
    slot = Calendar.of(cohort).slot_at(as_of)
    waits = {step for step in cohort.held if step < slot}
    phases = [before[min(step, len(before)) - 1].phase for step in cohort.held if step not in waits]
    return tuple(sorted(waits | {last for each in phases if (last := last_week(now, each)) >= max(slot, 1)}))


def _ticks(connection: Connection, cohort: Cohort, before: Curriculum, now: Curriculum) -> Ticks:
    """What becomes of the ticks of the cohort's members that count now."""
    logged = {each.id for each in before.tasks} | before.moved.tasks.keys()
    done = progress.of_cohort(connection, cohort.id, cohort.curriculum, logged)
    ticks = [{task.id for each, n in one.items() if n > 0 and (task := before.task(each))} for one in done]
    return Ticks(
        learners=len(done),
        moved=sum(task.id != each for one in ticks for each in one if (task := now.task(each))),
        lost=sum(now.task(each) is None and not now.has_retired(each) for one in ticks for each in one),
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
