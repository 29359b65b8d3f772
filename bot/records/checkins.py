"""Check-ins: one answer per enrolment and period, which can be edited. A period is a local ISO week, `2026-W50`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from bot.records import passes
from bot.records.tables import checkins, enrolments


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What a member wrote for a period."""

    id: int
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

    What was shared once stays shared: everybody has read it. If the period was passed, that pass is free again.
    """
    mine = (checkins.c.enrolment_id == enrolment_id) & (checkins.c.period == period)
    values: dict[str, Any] = {"did": did, "next": next, "blocked": blocked, "hours": hours, "is_shared": is_shared}
    found = connection.execute(select(checkins).where(mine)).one_or_none()
    if found is None:
        connection.execute(insert(checkins).values(enrolment_id=enrolment_id, period=period, at=now, **values))
    else:
        values["is_shared"] = is_shared or found.is_shared
        connection.execute(update(checkins).where(mine).values(edited_at=now, **values))
    passes.give_back(connection, enrolment_id, [period])
    row = connection.execute(select(checkins).where(mine)).one()
    return _checkin_of(row), None if found is None else _checkin_of(found)


def _checkin_of(row: Row[Any]) -> CheckIn:
    return CheckIn(row.id, row.period, row.did, row.next, row.blocked, row.hours, row.is_shared, row.at)


def latest(connection: Connection, enrolment_id: int) -> CheckIn | None:
    """The check-in of the newest period."""
    row = connection.execute(
        select(checkins).where(checkins.c.enrolment_id == enrolment_id).order_by(checkins.c.period.desc()).limit(1)
    ).one_or_none()
    return None if row is None else _checkin_of(row)


def periods(connection: Connection, enrolment_id: int) -> set[str]:
    """The periods that were answered."""
    return set(connection.execute(select(checkins.c.period).where(checkins.c.enrolment_id == enrolment_id)).scalars())


def answered(connection: Connection, cohort_id: int, period: str) -> set[int]:
    """The enrolments that answered for the period, of those that are still in the cohort."""
    rows = connection.execute(
        select(checkins.c.enrolment_id)
        .join(enrolments, enrolments.c.id == checkins.c.enrolment_id)
        .where(enrolments.c.cohort_id == cohort_id, enrolments.c.left_at.is_(None), checkins.c.period == period)
    )
    return set(rows.scalars())


def per_period(connection: Connection, cohort_id: int) -> dict[str, int]:
    """How many answered for each period, of those that are still in the cohort."""
    rows = connection.execute(
        select(checkins.c.period, func.count().label("number"))
        .join(enrolments, enrolments.c.id == checkins.c.enrolment_id)
        .where(enrolments.c.cohort_id == cohort_id, enrolments.c.left_at.is_(None))
        .group_by(checkins.c.period)
    )
    return {row.period: row.number for row in rows}
