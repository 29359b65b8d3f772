"""What is on record of members' weeks in a cohort; `bot.delivery.weeks` reads it against the cohort's calendar."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, select, update

from bot.records.absences import Absence
from bot.records.stale import member_changed
from bot.records.tables import absences, checkins, cohorts, enrolments, members, passes, progress


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
    return _read(connection, (enrolments.c.cohort_id == cohort_id) & enrolments.c.left_at.is_(None))


@dataclass
class _Found:
    active_at: list[datetime] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    absences: list[Absence] = field(default_factory=list)


def _read(connection: Connection, which: ColumnElement[bool]) -> dict[int, Attendance]:
    mine = (
        enrolments.c.id, enrolments.c.joined_at, enrolments.c.returned_at,
        enrolments.c.out_from, enrolments.c.out_until,
    )  # fmt: skip
    whose = select(*mine, members.c.zone, cohorts.c.zone.label("cohorts_zone"))
    whose = whose.join(members, members.c.id == enrolments.c.member_id)
    whose = whose.join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
    found: defaultdict[int, _Found] = defaultdict(_Found)
    undoing = progress.alias()
    active = (
        select(enrolments.c.id, progress.c.at)
        .join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
        .join(
            progress,
            (progress.c.member_id == enrolments.c.member_id) & (progress.c.curriculum == cohorts.c.curriculum),
        )
        .where(progress.c.undoes.is_(None), progress.c.amount > 0)
        .where(~select(undoing.c.id).where(undoing.c.undoes == progress.c.id).exists())
    )
    for row in connection.execute(active.where(which)):
        found[row.id].active_at.append(row.at)
    for id_, period in connection.execute(select(enrolments.c.id, checkins.c.period).join(checkins).where(which)):
        found[id_].answered.add(period)
    for id_, period in connection.execute(select(enrolments.c.id, passes.c.period).join(passes).where(which)):
        found[id_].passed.add(period)
    days = select(enrolments.c.id, absences.c.first_on, absences.c.last_on)
    days = days.join(absences, absences.c.member_id == enrolments.c.member_id)
    for id_, first_on, last_on in connection.execute(days.where(which)):
        found[id_].absences.append(Absence(first_on, last_on))
    return {
        row.id: Attendance(
            row.joined_at, ZoneInfo(row.zone or row.cohorts_zone), tuple(of.active_at), frozenset(of.answered),
            frozenset(of.passed), tuple(of.absences), row.returned_at,
            (row.out_from, row.out_until) if row.out_until else None,
        )
        for row in connection.execute(whose.where(which))
        for of in [found[row.id]]
    }  # fmt: skip


def come_back(connection: Connection, enrolment_id: int, member_id: int, now: datetime) -> None:
    """Remember that somebody who had gone silent is here again: they are missed no longer."""
    back = {"missed_at": None, "returned_at": now}
    connection.execute(update(enrolments).where(enrolments.c.id == enrolment_id).values(back))
    member_changed(connection, member_id)
