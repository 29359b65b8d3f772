"""Whom a reminder is for: who has neither answered nor passed, is not away, and did not switch it off."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select, true, update

from bot.chat.platform import Person
from bot.records.absences import Absence, study_day
from bot.records.cohorts import Cohort
from bot.records.posts import what_of
from bot.records.preferences import Preferences, preferences_of
from bot.records.rows import PERSON, is_in, person_of
from bot.records.tables import absences, accounts, checkins, enrolments, members, outbox, passes, progress

QUIET_WEEKS = timedelta(weeks=3)  # without a word from them, a member may have fallen silent


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may be reminded. Their `accounts` are in order of age; `zone` is theirs, else the cohort's."""

    enrolment_id: int
    member_id: int
    accounts: tuple[Person, ...]
    joined_at: datetime
    missed_at: datetime | None
    chosen: Preferences
    zone: ZoneInfo


def waiting(
    connection: Connection, cohort: Cohort, period: str, asked_at: datetime, now: datetime, *, only: int | None = None
) -> list[Reader]:
    """Those of the cohort, or the one enrolment, who are still asked about the period, in order of joining.

    Who was not there when it was asked about is not.
    """
    answered = exists().where(checkins.c.enrolment_id == enrolments.c.id, checkins.c.period == period)
    passed = exists().where(passes.c.enrolment_id == enrolments.c.id, passes.c.period == period)
    wanted = ~answered & ~passed & (members.c.reminds != "off") & _was_there(asked_at)
    return _present(connection, _readers(connection, cohort, wanted, only), now)


def asked(connection: Connection, cohort_id: int, asked_at: datetime) -> int:
    """How many of those in the cohort were there when it was asked."""
    there = select(func.count()).select_from(enrolments).where(is_in(cohort_id), _was_there(asked_at))
    return connection.execute(there).scalar_one()


def _was_there(at: datetime) -> ColumnElement[bool]:
    was_out = (enrolments.c.out_from <= at) & (enrolments.c.out_until >= at)
    return (enrolments.c.joined_at < at) & (enrolments.c.out_until.is_(None) | ~was_out)


def wanted(connection: Connection, member_id: int) -> bool:
    """Whether the member wants to be reminded at all."""
    is_off = (members.c.id == member_id) & (members.c.reminds == "off")
    return connection.execute(select(members.c.id).where(is_off)).one_or_none() is None


def missed(connection: Connection, cohort: Cohort, enrolment_id: int, now: datetime) -> Reader | None:
    """The member of that enrolment, if they are still missed, and may be told so."""
    is_missed = enrolments.c.missed_at.is_not(None) & (members.c.reminds != "off")
    found = _readers(connection, cohort, is_missed, enrolment_id)
    return next(iter(_present(connection, found, now)), None)


def reader(connection: Connection, cohort: Cohort, enrolment_id: int) -> Reader | None:
    """The member of that enrolment, whether or not they are to be reminded; None for who is in the cohort no more."""
    return next(iter(_readers(connection, cohort, true(), enrolment_id)), None)


def _readers(connection: Connection, cohort: Cohort, those: ColumnElement[bool], only: int | None) -> list[Reader]:
    asked = (
        select(members, enrolments.c.id.label("enrolment_id"), enrolments.c.joined_at, enrolments.c.missed_at, *PERSON)
        .join(enrolments, enrolments.c.member_id == members.c.id)
        .join(accounts, accounts.c.member_id == members.c.id)
        .where(is_in(cohort.id), those, true() if only is None else enrolments.c.id == only)
        .order_by(enrolments.c.id, accounts.c.id)
    )
    found = []
    for enrolment_id, rows in groupby(connection.execute(asked), lambda row: row.enrolment_id):
        row, *others = rows
        people, chosen = tuple(map(person_of, (row, *others))), preferences_of(row)
        zone = chosen.zone_in(cohort.zone)
        found.append(Reader(enrolment_id, row.id, people, row.joined_at, row.missed_at, chosen, zone))
    return found


def _present(connection: Connection, those: Sequence[Reader], now: datetime) -> list[Reader]:
    """Those of them who are not away today, each by their own zone."""
    away: defaultdict[int, list[Absence]] = defaultdict(list)
    for row in connection.execute(select(absences).where(absences.c.member_id.in_([each.member_id for each in those]))):
        away[row.member_id].append(Absence(row.first_on, row.last_on))
    days = [study_day(now, each.zone) for each in those]
    return [
        each
        for each, day in zip(those, days, strict=True)
        if not any(out.meets(day, day) for out in away[each.member_id])
    ]


def concerned(connection: Connection, cohort_ids: Collection[int], now: datetime) -> set[int]:
    """Those of the cohorts in which somebody is to be reminded privately, or may have fallen silent."""
    since = now - QUIET_WEEKS
    spoke = exists().where(checkins.c.enrolment_id == enrolments.c.id, checkins.c.at > since)
    worked = exists().where(progress.c.member_id == enrolments.c.member_id, progress.c.at > since)
    is_quiet = (enrolments.c.joined_at <= since) & ~spoke & ~worked
    mine = enrolments.c.cohort_id.in_(cohort_ids) & enrolments.c.left_at.is_(None) & enrolments.c.missed_at.is_(None)
    rows = connection.execute(
        select(enrolments.c.cohort_id)
        .join(members, members.c.id == enrolments.c.member_id)
        .where(mine, or_(members.c.reminds == "dm", is_quiet))
        .distinct()
    )
    return set(rows.scalars())


def miss(connection: Connection, enrolment_ids: Collection[int], now: datetime) -> None:
    """Remember that the members of those enrolments are missed; they are reminded of nothing until they are back."""
    connection.execute(update(enrolments).where(enrolments.c.id.in_(enrolment_ids)).values(missed_at=now))


class Other(NamedTuple):
    """Another private reminder to the same member: when it was posted, if that is known."""

    id: int
    posted_at: datetime | None


def others(connection: Connection, post_id: int, reader: Reader, since: datetime) -> list[Other]:
    """The private reminders to the member that were posted after `since`, or may be there by now, in all their cohorts.

    What they asked for themselves does not count.
    """
    theirs = select(enrolments.c.cohort_id, enrolments.c.id).where(enrolments.c.member_id == reader.member_id)
    may_be_there = (outbox.c.state == "sending") | ((outbox.c.state == "pending") & (outbox.c.attempt > 0))
    found: list[Other] = []
    for cohort_id, enrolment_id in connection.execute(theirs).all():
        rows = connection.execute(
            select(outbox.c.id, outbox.c.posted_at).where(
                outbox.c.cohort_id == cohort_id, outbox.c.kind.in_(["nudge", "missed"]), outbox.c.id != post_id,
                outbox.c.key.endswith(f":e{enrolment_id}"), or_(may_be_there, outbox.c.posted_at >= since),
            )
        )  # fmt: skip
        found += [Other(*row) for row in rows]
    return found


def reminded_at(connection: Connection, cohort_id: int, period: str) -> frozenset[int]:
    """The ids of the places to which that week's reminder went, goes, or will go."""
    rows = connection.execute(
        select(outbox.c.place_id, outbox.c.key).where(
            outbox.c.cohort_id == cohort_id, outbox.c.kind == "reminder",
            outbox.c.state.in_(["pending", "sending", "sent", "unknown"]),
        )
    )  # fmt: skip
    return frozenset(row.place_id for row in rows if what_of(row.key) == period)


def privately(connection: Connection, cohort_id: int, period: str) -> frozenset[int]:
    """The enrolments whose reminder for that week is a message of their own, whatever became of it."""
    rows = connection.execute(
        select(outbox.c.key).where(outbox.c.cohort_id == cohort_id, outbox.c.kind.in_(["nudge", "missed"]))
    )
    parts = (key.split(":") for key in rows.scalars())
    return frozenset(int(each[3].removeprefix("e")) for each in parts if each[2] == period)
