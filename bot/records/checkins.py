"""Check-ins: one answer per enrolment and period, which can be edited. A period is a local ISO week, `2026-W50`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from bot.records import passes as passing
from bot.records.rows import is_in, name_of, put_row
from bot.records.tables import checkins, enrolments, passes


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What a member wrote for a period; `did` is empty where they only said what is in their way."""

    id: int
    enrolment_id: int
    period: str
    did: str
    next: str | None
    blocked: str | None
    hours: int | None
    is_shared: bool
    at: datetime


def check_in(
    connection: Connection, enrolment_id: int, period: str, now: datetime,
    *, did: str, next: str | None, blocked: str | None, hours: int | None, is_shared: bool,
) -> tuple[CheckIn, CheckIn | None]:  # fmt: skip
    """Keep the answer for the period, in place of an earlier one. Returns it, and the one that it replaced.

    Whoever was missed is back. If the period was passed, that pass is free again.
    """
    found = of_week(connection, enrolment_id, period)
    said = {"did": did, "next": next, "blocked": blocked, "hours": hours, "is_shared": is_shared}
    this = {"enrolment_id": enrolment_id, "period": period}
    put_row(connection, checkins, this, {"at": now, **said}, again={"edited_at": now, **said})
    connection.execute(update(enrolments).where(enrolments.c.id == enrolment_id).values(missed_at=None))
    passing.give_back(connection, enrolment_id, [period])
    return _checkin_of(connection.execute(_of_week(enrolment_id, period)).one()), found


def _of_week(enrolment_id: int, period: str) -> Select[Any]:
    return select(checkins).where(checkins.c.enrolment_id == enrolment_id, checkins.c.period == period)


def _checkin_of(row: Row[Any]) -> CheckIn:
    return CheckIn(
        row.id, row.enrolment_id, row.period, row.did, row.next, row.blocked, row.hours, row.is_shared, row.at
    )


def of_week(connection: Connection, enrolment_id: int, period: str) -> CheckIn | None:
    """The check-in for the period, if there is one."""
    return _first(connection, _of_week(enrolment_id, period))


def find(connection: Connection, checkin_id: int) -> CheckIn | None:
    """The check-in with that id."""
    return _first(connection, select(checkins).where(checkins.c.id == checkin_id))


def _first(connection: Connection, asked: Select[Any]) -> CheckIn | None:
    row = connection.execute(asked).first()
    return None if row is None else _checkin_of(row)


def last_two(connection: Connection, enrolment_id: int, period: str) -> tuple[CheckIn | None, CheckIn | None]:
    """The check-in for the period, and the newest one before it."""
    earlier = (checkins.c.enrolment_id == enrolment_id) & (checkins.c.period < period)
    newest = select(checkins).where(earlier).order_by(checkins.c.period.desc()).limit(1)
    return of_week(connection, enrolment_id, period), _first(connection, newest)


def periods(connection: Connection, enrolment_id: int) -> set[str]:
    """The periods that were answered."""
    return set(connection.execute(select(checkins.c.period).where(checkins.c.enrolment_id == enrolment_id)).scalars())


def answered(connection: Connection, cohort_id: int, period: str) -> set[int]:
    """The enrolments that answered for the period, of those that are still in the cohort."""
    who = select(checkins.c.enrolment_id).join(enrolments).where(is_in(cohort_id), checkins.c.period == period)
    return set(connection.execute(who).scalars())


@dataclass(frozen=True, slots=True)
class Answer:
    """A member of a cohort in a week: what they wrote, or whether they passed it. `name` is what people call them."""

    enrolment_id: int
    name: str
    checkin: CheckIn | None
    passed: bool


def of_cohort(connection: Connection, cohort_id: int, period: str) -> list[Answer]:
    """Everybody in the cohort, in order of joining."""
    name = name_of(enrolments.c.member_id).label("name")
    found = connection.execute(
        select(enrolments.c.id.label("whose"), name, passes.c.at.label("passed_at"), checkins)
        .outerjoin(checkins, (checkins.c.enrolment_id == enrolments.c.id) & (checkins.c.period == period))
        .outerjoin(passes, (passes.c.enrolment_id == enrolments.c.id) & (passes.c.period == period))
        .where(is_in(cohort_id))
        .order_by(enrolments.c.id)
    )
    return [
        Answer(row.whose, row.name or "?", _checkin_of(row) if row.id is not None else None, row.passed_at is not None)
        for row in found
    ]


def per_period(connection: Connection, cohort_id: int) -> dict[str, int]:
    """How many answered for each period, of those that are still in the cohort."""
    counted = select(checkins.c.period, func.count().label("number")).join(enrolments).where(is_in(cohort_id))
    return {row.period: row.number for row in connection.execute(counted.group_by(checkins.c.period))}
