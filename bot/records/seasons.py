"""What is on record of one cohort, row by row, to be taken away by those who look after it.

Of members who have left, only that they were there: what they did and wrote went with them. Private messages are nobody
else's, and no row is of another cohort.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, select

from bot.records.cohorts import Cohort
from bot.records.posts import SCHEDULED, what_of
from bot.records.rows import is_in, name_of
from bot.records.tables import (
    TO_ONE,
    accounts,
    announcements,
    audit,
    checkins,
    cohort_places,
    communities,
    enrolments,
    facilitators,
    leads,
    outbox,
    passes,
    progress,
    readings,
    ticks,
    waiting,
)

OTHERS = frozenset({"cohort", "cohorts", "cohort_ids"})
"""What an entry of the audit says of other cohorts, where somebody did one thing to several."""

Rows = list[dict[str, Any]]
_WHOSE = (enrolments.c.id.label("member"), name_of(enrolments.c.member_id))


def members(connection: Connection, cohort_id: int) -> Rows:
    """Who is in the cohort or was, in order of joining, each with a number by which other rows name them."""
    mine = enrolments.c.cohort_id == cohort_id
    platforms = defaultdict[int, list[str]](list)
    theirs = select(enrolments.c.id, accounts.c.platform).join(accounts, accounts.c.member_id == enrolments.c.member_id)
    for row in connection.execute(theirs.where(mine).order_by(accounts.c.id)):
        platforms[row.id].append(row.platform)
    rows = connection.execute(
        select(*_WHOSE, enrolments.c.joined_at, enrolments.c.left_at).where(mine).order_by(enrolments.c.id)
    )
    return [
        {
            "member": row.member, "name": row.name, "platforms": ", ".join(platforms[row.member]),
            "joined_at": row.joined_at, "left_at": row.left_at,
        }
        for row in rows
    ]  # fmt: skip


def collect(connection: Connection, cohort: Cohort) -> Mapping[str, Rows]:
    """All other tables that are the cohort's, each in order."""
    queries = _of_cohort(cohort.id) | _of_members(cohort)
    return {
        **{each: _rows(connection, asked) for each, asked in queries.items()},
        "posts": _posts(connection, cohort.id),
        "announcements": _announcements(connection, cohort),
        "audit": _audit(connection, cohort.id),
    }


def _rows(connection: Connection, asked: Select[Any]) -> Rows:
    return [dict(row) for row in connection.execute(asked).mappings()]


def _of_cohort(cohort_id: int) -> dict[str, Select[Any]]:
    return {
        "waiting": (
            select(name_of(waiting.c.member_id), waiting.c.since_at)
            .where(waiting.c.cohort_id == cohort_id)
            .order_by(waiting.c.id)
        ),
        "places": (
            select(
                communities.c.platform, cohort_places.c.name.label("place"), cohort_places.c.joined_at,
                cohort_places.c.left_at, cohort_places.c.lost_because,
            )
            .join(communities)
            .where(cohort_places.c.cohort_id == cohort_id)
            .order_by(cohort_places.c.id)
        ),
        "facilitators": (
            select(accounts.c.name, accounts.c.platform, facilitators.c.since_at)
            .join(accounts)
            .where(facilitators.c.cohort_id == cohort_id)
            .order_by(facilitators.c.since_at, accounts.c.id)
        ),
        "leads": (
            select(leads.c.period.label("week"), accounts.c.name)
            .join(accounts)
            .where(leads.c.cohort_id == cohort_id)
            .order_by(leads.c.period)
        ),
        "checklist": (
            select(ticks.c.item, ticks.c.state, accounts.c.name, ticks.c.at)
            .outerjoin(accounts)
            .where(ticks.c.cohort_id == cohort_id)
            .order_by(ticks.c.at, ticks.c.item)
        ),
    }  # fmt: skip


def _of_members(cohort: Cohort) -> dict[str, Select[Any]]:
    return {
        "progress": (
            select(*_WHOSE, progress.c.at, progress.c.task, progress.c.amount)
            .select_from(enrolments.join(progress, progress.c.member_id == enrolments.c.member_id))
            .where(is_in(cohort.id), progress.c.curriculum == cohort.curriculum)
            .where(progress.c.at >= enrolments.c.joined_at)
            .order_by(progress.c.id)
        ),
        "checkins": (
            select(
                checkins.c.period.label("week"), *_WHOSE, checkins.c.did, checkins.c.next, checkins.c.blocked,
                checkins.c.hours, checkins.c.is_shared, checkins.c.at, checkins.c.edited_at,
            )
            .join(enrolments)
            .where(is_in(cohort.id))
            .order_by(checkins.c.period, checkins.c.id)
        ),
        "passes": (
            select(passes.c.period.label("week"), *_WHOSE, passes.c.at)
            .join(enrolments)
            .where(is_in(cohort.id))
            .order_by(passes.c.period, passes.c.at)
        ),
    }  # fmt: skip


def _posts(connection: Connection, cohort_id: int) -> Rows:
    there = func.coalesce(outbox.c.payload["channel_name"].as_string(), cohort_places.c.name)
    asked = (
        select(
            outbox.c.key, outbox.c.kind, outbox.c.platform, there.label("place"), outbox.c.due_at,
            outbox.c.state, outbox.c.posted_at, outbox.c.reason,
        )
        .join(cohort_places)
        .where(outbox.c.cohort_id == cohort_id, outbox.c.kind.not_in(TO_ONE))
        .order_by(outbox.c.due_at, outbox.c.id)
    )  # fmt: skip
    found = _rows(connection, asked)
    for row in found:
        what = what_of(row.pop("key"))
        row["about"] = what if row["kind"] in SCHEDULED else None
    return found


def _announcements(connection: Connection, cohort: Cohort) -> Rows:
    """What was sent to the cohort, with how many of its members say that they have read it."""
    read = (
        select(func.count())
        .where(readings.c.announcement_id == announcements.c.id, readings.c.cohort_id == cohort.id)
        .scalar_subquery()
    )
    asked = (
        select(
            announcements.c.sent_at, accounts.c.name.label("by"), announcements.c.state, announcements.c.text,
            announcements.c.card, announcements.c.links, announcements.c.notify, announcements.c.asks,
            announcements.c.cohorts, read.label("read_by"),
        )
        .join(accounts)
        .where(announcements.c.community_id == cohort.community_id, announcements.c.sent_at.is_not(None))
        .order_by(announcements.c.sent_at, announcements.c.id)
    )  # fmt: skip
    theirs = [row for row in _rows(connection, asked) if cohort.id in row["cohorts"]]
    return list(map(_own, theirs))


def _audit(connection: Connection, cohort_id: int) -> Rows:
    asked = (
        select(audit.c.at, audit.c.name, audit.c.command, audit.c.given, audit.c.before, audit.c.after)
        .where(audit.c.cohort_id == cohort_id)
        .order_by(audit.c.id)
    )
    said = ("given", "before", "after")
    return [{**row, **{each: _own(row[each]) for each in said}} for row in _rows(connection, asked)]


def _own(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in OTHERS}
