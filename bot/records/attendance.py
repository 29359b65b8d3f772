"""What is on record of members' weeks in a cohort; `bot.delivery.weeks` reads it against the cohort's calendar."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, select, update

from bot.records import progress
from bot.records.absences import Absence
from bot.records.rows import is_in
from bot.records.stale import member_changed
from bot.records.tables import absences, checkins, cohorts, enrolments, members, passes


@dataclass(frozen=True, slots=True)
class Attendance:
    """A member's time in a cohort: since when, by which zone, and what they did, passed and were away for.

    `active_at` are the instants at which they recorded something that still counts; weeks are named as `2026-W50`.
    `returned_at` is when they were last seen again after a long silence; `out` from when until when they were out of
    the cohort, the last time that they were.
    """

    joined_at: datetime
    zone: ZoneInfo
    active_at: tuple[datetime, ...] = ()
    answered: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()
    absences: tuple[Absence, ...] = ()
    returned_at: datetime | None = None
    out: tuple[datetime, datetime] | None = None

    def is_in(self, at: datetime) -> bool:
        """Whether the member was in the cohort at that instant, as far as is remembered."""
        return at > self.joined_at and not (self.out and self.out[0] <= at <= self.out[1])


def of_enrolment(connection: Connection, enrolment_id: int) -> Attendance:
    """That of one member."""
    return _read(connection, enrolments.c.id == enrolment_id)[enrolment_id]


def of_cohort(connection: Connection, cohort_id: int) -> dict[int, Attendance]:
    """That of everybody who is in the cohort, by enrolment, in as many queries as for one."""
    return _read(connection, is_in(cohort_id))


def _read(connection: Connection, which: ColumnElement[bool]) -> dict[int, Attendance]:
    def of_each(asked: Select[Any]) -> defaultdict[int, list[Any]]:
        found = defaultdict[int, list[Any]](list)
        for row in connection.execute(asked.where(which)):
            found[row.id].append(row)
        return found

    worked = of_each(progress.worked())
    answered = of_each(select(enrolments.c.id, checkins.c.period).join(checkins))
    passed = of_each(select(enrolments.c.id, passes.c.period).join(passes))
    their_days = absences.c.member_id == enrolments.c.member_id
    away = of_each(select(enrolments.c.id, absences.c.first_on, absences.c.last_on).join(absences, their_days))
    whose = (
        select(enrolments, members.c.zone, cohorts.c.zone.label("cohorts_zone"))
        .join(members, members.c.id == enrolments.c.member_id)
        .join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
        .where(which)
    )
    return {
        row.id: Attendance(
            row.joined_at, ZoneInfo(row.zone or row.cohorts_zone),
            active_at=tuple(each.at for each in worked[row.id]),
            answered=frozenset(each.period for each in answered[row.id]),
            passed=frozenset(each.period for each in passed[row.id]),
            absences=tuple(Absence(each.first_on, each.last_on) for each in away[row.id]),
            returned_at=row.returned_at, out=(row.out_from, row.out_until) if row.out_until else None,
        )
        for row in connection.execute(whose)
    }  # fmt: skip


def come_back(connection: Connection, enrolment_id: int, member_id: int, now: datetime) -> None:
    """Remember that somebody who had gone silent is here again: they are missed no longer."""
    back = {"missed_at": None, "returned_at": now}
    connection.execute(update(enrolments).where(enrolments.c.id == enrolment_id).values(back))
    member_changed(connection, member_id)
