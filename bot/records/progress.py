"""The log of what members did. It only grows: taking something back is one more entry."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, exists, func, insert, select, true, update

from bot.records import live
from bot.records.rows import is_in
from bot.records.stale import member_changed
from bot.records.tables import cohorts, enrolments, progress


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log: by how much of which task."""

    id: int
    task: str
    amount: int


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of a cohort's log: whose, by how much of which task, when, and whether its member was in by then."""

    enrolment_id: int
    task: str
    amount: int
    at: datetime
    is_since_joined: bool


def totals(connection: Connection, member_id: int) -> Mapping[str, Mapping[str, int]]:
    """How much of each task the member has done, per curriculum. Tasks that were taken back to nothing are left out."""
    amount = func.sum(progress.c.amount)
    rows = connection.execute(
        select(progress.c.curriculum, progress.c.task, amount.label("amount"))
        .where(progress.c.member_id == member_id)
        .group_by(progress.c.curriculum, progress.c.task)
        .having(amount > 0)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.curriculum, {})[row.task] = int(row.amount)
    return found


def of_cohort(
    connection: Connection, cohort_id: int, curriculum: str, tasks: Collection[str]
) -> list[Mapping[str, int]]:
    """How much of these tasks each member of the cohort has done, in one query; who did nothing has an empty one."""
    amount = func.sum(progress.c.amount)
    rows = connection.execute(
        select(enrolments.c.id, progress.c.task, amount.label("amount"))
        .select_from(
            enrolments.outerjoin(
                progress,
                (progress.c.member_id == enrolments.c.member_id)
                & (progress.c.curriculum == curriculum)
                & progress.c.task.in_(tasks),
            )
        )
        .where(is_in(cohort_id))
        .group_by(enrolments.c.id, progress.c.task)
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        done = found.setdefault(row.id, {})
        if row.task is not None:
            done[row.task] = int(row.amount)
    return list(found.values())


def log_of_cohort(connection: Connection, cohort_id: int, curriculum: str) -> Iterator[Logged]:
    """What the members of the cohort did in this curriculum, entry by entry in order; also before they joined it."""
    rows = connection.execute(
        select(enrolments.c.id, progress.c.task, progress.c.amount, progress.c.at, enrolments.c.joined_at)
        .join(enrolments, enrolments.c.member_id == progress.c.member_id)
        .where(is_in(cohort_id), progress.c.curriculum == curriculum)
        .order_by(progress.c.id)
    )
    return (Logged(row.id, row.task, row.amount, row.at, row.at >= row.joined_at) for row in rows)


def worked() -> Select[tuple[int, str, datetime]]:
    """By enrolment, on which task of its cohort's curriculum the member worked, and when; not what was taken back."""
    undoing = progress.alias()
    its = (progress.c.member_id == enrolments.c.member_id) & (progress.c.curriculum == cohorts.c.curriculum)
    return (
        select(enrolments.c.id, progress.c.task, progress.c.at)
        .join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
        .join(progress, its)
        .where(progress.c.undoes.is_(None), progress.c.amount > 0)
        .where(~exists().where(undoing.c.undoes == progress.c.id))
    )


def _total(connection: Connection, member_id: int, curriculum: str, task: str) -> int:
    """How much of the task the member has done."""
    mine = (progress.c.member_id == member_id) & (progress.c.curriculum == curriculum) & (progress.c.task == task)
    return int(connection.execute(select(func.coalesce(func.sum(progress.c.amount), 0)).where(mine)).scalar_one())


def _is_recorded(connection: Connection, call_id: str) -> bool:
    """Whether this call has counted already."""
    return connection.execute(select(progress.c.id).where(progress.c.call_id == call_id)).scalar() is not None


def count(
    connection: Connection, member_id: int, curriculum: str, version: str, task: str,
    *, add: int | None, to: int | None, at: datetime, source: str, call_id: str, link: str | None,
) -> tuple[int, int]:  # fmt: skip
    """Count work on a task, by adding or by setting what it comes to. Returns the amounts before and after.

    A call counts once, however often it arrives; setting a task to what it already comes to adds nothing to the log,
    but a link that comes with it is kept with the entry that counted last.
    """
    before = _total(connection, member_id, curriculum, task)
    by = add if to is None else to - before
    if _is_recorded(connection, call_id):
        return before, before
    if not by:
        if link and (entry := _last_entry(connection, member_id, curriculum, task)):
            connection.execute(update(progress).where(progress.c.id == entry.id).values(link=link))
        return before, before
    connection.execute(
        insert(progress).values(
            member_id=member_id, curriculum=curriculum, version=version, task=task, amount=by, at=at, source=source,
            call_id=call_id, link=link,
        )
    )  # fmt: skip
    back = (enrolments.c.member_id == member_id) & enrolments.c.missed_at.is_not(None)
    connection.execute(update(enrolments).where(back).values(missed_at=None))
    member_changed(connection, member_id)
    live.member_moved(connection, member_id, curriculum, at)
    return before, before + by


def take_back(
    connection: Connection, member_id: int, curriculum: str, version: str, *, at: datetime, source: str, call_id: str
) -> Entry | None:
    """Take the newest entry back by one more entry, and return it; None if there is none left to take back."""
    entry = _last_entry(connection, member_id, curriculum)
    if entry is None or _is_recorded(connection, call_id):
        return None
    connection.execute(
        insert(progress).values(
            member_id=member_id, curriculum=curriculum, version=version, task=entry.task, amount=-entry.amount, at=at,
            source=source, call_id=call_id, undoes=entry.id,
        )
    )  # fmt: skip
    member_changed(connection, member_id)
    live.member_moved(connection, member_id, curriculum, at)
    return entry


def _last_entry(connection: Connection, member_id: int, curriculum: str, task: str | None = None) -> Entry | None:
    """The member's newest entry, perhaps for that task, that was not taken back and takes nothing back itself."""
    undone = select(progress.c.undoes).where(progress.c.undoes.is_not(None))
    row = connection.execute(
        select(progress.c.id, progress.c.task, progress.c.amount)
        .where(progress.c.member_id == member_id, progress.c.curriculum == curriculum)
        .where(progress.c.undoes.is_(None), progress.c.id.not_in(undone))
        .where(progress.c.task == task if task else true())
        .order_by(progress.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Entry(row.id, row.task, row.amount)
