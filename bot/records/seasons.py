"""What is on record of one cohort, row by row, to be taken away by those who look after it.

Of members who have left, only that they were there: what they did and wrote went with them. Private messages are nobody
else's, and no row is of another cohort.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from bot.records.cohorts import Cohort
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

SEASONS_OWN = frozenset({"milestone", "checkin", "reminder", "digest"})
"""The kinds of posts whose keys name the step or the local week that they are about."""

Rows = list[dict[str, Any]]
_IS_IN = enrolments.c.left_at.is_(None)


def _name_of(member: ColumnElement[int]) -> ColumnElement[str]:
    """What people call the member: the name of their oldest account."""
    names = select(accounts.c.name).where(accounts.c.member_id == member).order_by(accounts.c.id).limit(1)
    return names.scalar_subquery()


def _platforms_of(connection: Connection, cohort_id: int) -> dict[int, list[str]]:
    """The platforms on which each member of the cohort has an account, by enrolment."""
    found: dict[int, list[str]] = {}
    rows = connection.execute(
        select(enrolments.c.id, accounts.c.platform)
        .join(accounts, accounts.c.member_id == enrolments.c.member_id)
        .where(enrolments.c.cohort_id == cohort_id)
        .order_by(accounts.c.id)
    )
    for row in rows:
        found.setdefault(row.id, []).append(row.platform)
    return found


def members(connection: Connection, cohort_id: int) -> Rows:
    """Who is in the cohort or was, in order of joining, each with a number by which other rows name them."""
    platforms = _platforms_of(connection, cohort_id)
    name = _name_of(enrolments.c.member_id).label("name")
    rows = connection.execute(
        select(enrolments.c.id.label("member"), name, enrolments.c.joined_at, enrolments.c.left_at)
        .where(enrolments.c.cohort_id == cohort_id)
        .order_by(enrolments.c.id)
    )
    return [
        {
            "member": row.member, "name": row.name, "platforms": ", ".join(platforms.get(row.member, ())),
            "joined_at": row.joined_at, "left_at": row.left_at,
        }
        for row in rows
    ]  # fmt: skip


def collect(connection: Connection, cohort: Cohort) -> Mapping[str, Rows]:
    """All other tables that are the cohort's, each in order."""
    mine = enrolments.c.cohort_id == cohort.id
    name = _name_of(enrolments.c.member_id).label("name")
    whose = (enrolments.c.id.label("member"), name)
    there = func.coalesce(outbox.c.payload["channel_name"].as_string(), cohort_places.c.name)
    queries: dict[str, Select[Any]] = {
        "waiting": (
            select(_name_of(waiting.c.member_id).label("name"), waiting.c.since_at)
            .where(waiting.c.cohort_id == cohort.id)
            .order_by(waiting.c.id)
        ),
        "places": (
            select(
                communities.c.platform, cohort_places.c.name.label("place"), cohort_places.c.joined_at,
                cohort_places.c.left_at, cohort_places.c.lost_because,
            )
            .join(communities)
            .where(cohort_places.c.cohort_id == cohort.id)
            .order_by(cohort_places.c.id)
        ),
        "facilitators": (
            select(accounts.c.name, accounts.c.platform, facilitators.c.since_at)
            .join(accounts)
            .where(facilitators.c.cohort_id == cohort.id)
            .order_by(facilitators.c.since_at, accounts.c.id)
        ),
        "leads": (
            select(leads.c.period.label("week"), accounts.c.name)
            .join(accounts)
            .where(leads.c.cohort_id == cohort.id)
            .order_by(leads.c.period)
        ),
        "checklist": (
            select(ticks.c.item, ticks.c.state, accounts.c.name, ticks.c.at)
            .outerjoin(accounts)
            .where(ticks.c.cohort_id == cohort.id)
            .order_by(ticks.c.at, ticks.c.item)
        ),
        "progress": (
            select(*whose, progress.c.at, progress.c.task, progress.c.amount)
            .select_from(enrolments.join(progress, progress.c.member_id == enrolments.c.member_id))
            .where(mine, _IS_IN, progress.c.curriculum == cohort.curriculum, progress.c.at >= enrolments.c.joined_at)
            .order_by(progress.c.id)
        ),
        "checkins": (
            select(
                checkins.c.period.label("week"), *whose, checkins.c.did, checkins.c.next, checkins.c.blocked,
                checkins.c.hours, checkins.c.is_shared, checkins.c.at, checkins.c.edited_at,
            )
            .join(enrolments)
            .where(mine, _IS_IN)
            .order_by(checkins.c.period, checkins.c.id)
        ),
        "passes": (
            select(passes.c.period.label("week"), *whose, passes.c.at)
            .join(enrolments)
            .where(mine, _IS_IN)
            .order_by(passes.c.period, passes.c.at)
        ),
        "posts": (
            select(
                outbox.c.key, outbox.c.kind, outbox.c.platform, there.label("place"), outbox.c.due_at,
                outbox.c.state, outbox.c.posted_at, outbox.c.reason,
            )
            .join(cohort_places)
            .where(outbox.c.cohort_id == cohort.id, outbox.c.kind.not_in(TO_ONE))
            .order_by(outbox.c.due_at, outbox.c.id)
        ),
    }  # fmt: skip
    found = {each: [dict(row._mapping) for row in connection.execute(asked)] for each, asked in queries.items()}
    for row in found["posts"]:  # a key names the step, or the week, in its third part
        what = str(row.pop("key")).split(":")[2]
        row["about"] = what if row["kind"] in SEASONS_OWN else None
    return {**found, "announcements": _announcements(connection, cohort), "audit": _audit(connection, cohort)}


def _announcements(connection: Connection, cohort: Cohort) -> Rows:
    """What was sent to the cohort, with how many of its members say that they have read it."""
    read = (
        select(func.count())
        .where(readings.c.announcement_id == announcements.c.id, readings.c.cohort_id == cohort.id)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            announcements.c.sent_at, accounts.c.name.label("by"), announcements.c.state, announcements.c.text,
            announcements.c.card, announcements.c.links, announcements.c.notify, announcements.c.asks,
            announcements.c.cohorts, read.label("read_by"),
        )
        .join(accounts)
        .where(announcements.c.community_id == cohort.community_id, announcements.c.sent_at.is_not(None))
        .order_by(announcements.c.sent_at, announcements.c.id)
    )  # fmt: skip
    theirs = [dict(row._mapping) for row in rows if cohort.id in row.cohorts]
    return [{name: value for name, value in row.items() if name not in OTHERS} for row in theirs]


def _audit(connection: Connection, cohort: Cohort) -> Rows:
    rows = connection.execute(
        select(audit.c.at, audit.c.name, audit.c.command, audit.c.given, audit.c.before, audit.c.after)
        .where(audit.c.cohort_id == cohort.id)
        .order_by(audit.c.id)
    )
    found = [dict(row._mapping) for row in rows]
    for row in found:
        for said in ("given", "before", "after"):
            row[said] = {name: value for name, value in row[said].items() if name not in OTHERS}
    return found
