"""What a platform shows of our data in its own way, as verbs: a cohort's members as a role, its calendar as events.

A row stands for one place and one thing to show there. It is marked in the transaction of the fact that changed, as
often as facts change, and shown once for all of them. `mark` grows each time, so that what changes while it is being
shown is not lost; `round` grows when everything is to be shown afresh, whatever was shown before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from bot.chat.platform import Place
from bot.chat.projection import Projected
from bot.chat.wording import Phrase
from bot.records.rows import channel_of, put_row
from bot.records.tables import cohort_places, communities, projections


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that is to be shown at one place; nothing of it once the place `has_left` its cohort.

    `role` is the one that is linked there.
    """

    place_id: int
    cohort_id: int
    what: Projected
    place: Place
    role: str | None
    has_left: bool
    mark: int
    round: int
    attempt: int


def want(connection: Connection, place_id: int, what: Projected, now: datetime) -> None:
    """Have it shown at that place, and again whenever it changes."""
    first = {"wanted_at": now, "mark": 1, "round": 1, "attempt": 0}
    put_row(connection, projections, {"place_id": place_id, "what": what}, first, again=_again(now))


def _again(now: datetime) -> dict[str, Any]:
    return {"wanted_at": now, "mark": projections.c.mark + 1}


def calendar_changed(connection: Connection, cohort_id: int, now: datetime) -> None:
    """Have the cohort's calendar shown at all of its places."""
    theirs = (cohort_places.c.cohort_id == cohort_id) & cohort_places.c.left_at.is_(None)
    for place_id in connection.execute(select(cohort_places.c.id).where(theirs)).scalars().all():
        want(connection, place_id, "calendar", now)


def members_changed(connection: Connection, cohort_id: int, now: datetime) -> None:
    """Have the cohort's members shown again, wherever a role was ever linked to it."""
    theirs = select(cohort_places.c.id).where(cohort_places.c.cohort_id == cohort_id)
    connection.execute(
        update(projections)
        .where(projections.c.place_id.in_(theirs), projections.c.what == "members")
        .values(_again(now))
    )


def everything(connection: Connection, now: datetime) -> None:
    """Have everything shown afresh: what was changed by hand, or lost on the platform, is put right by that."""
    connection.execute(update(projections).values({**_again(now), "round": projections.c.round + 1}))
    known = select(projections.c.place_id).where(projections.c.what == "calendar")
    new = cohort_places.c.id.not_in(known) & cohort_places.c.left_at.is_(None)
    for place_id in connection.execute(select(cohort_places.c.id).where(new)).scalars().all():
        want(connection, place_id, "calendar", now)


def due(connection: Connection, now: datetime, platforms: Sequence[str]) -> Wanted | None:
    """What has waited longest to be shown on one of the platforms, or None."""
    row = connection.execute(
        select(
            projections, cohort_places.c.cohort_id, cohort_places.c.channel, cohort_places.c.name,
            cohort_places.c.role, cohort_places.c.left_at, communities.c.platform, communities.c.foreign_id,
        )
        .join(cohort_places, cohort_places.c.id == projections.c.place_id)
        .join(communities, communities.c.id == cohort_places.c.community_id)
        # As an expression, lest SQLite begin with all places of the platforms, of which hardly any wants something.
        .where(projections.c.wanted_at.is_not(None), (communities.c.platform + "").in_(platforms))
        .where(or_(projections.c.wait_until.is_(None), projections.c.wait_until <= now))
        .order_by(projections.c.wanted_at, projections.c.place_id, projections.c.what)
        .limit(1)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    has_left, place = row.left_at is not None, channel_of(row)
    role = None if has_left else row.role
    return Wanted(row.place_id, row.cohort_id, row.what, place, role, has_left, row.mark, row.round, row.attempt)


def settle(connection: Connection, wanted: Wanted, problem: Phrase | None) -> bool:
    """Record that it was shown, or what keeps it from being shown. False if that problem is known already.

    What was marked meanwhile stays marked.
    """
    mine = (projections.c.place_id == wanted.place_id) & (projections.c.what == wanted.what)
    kept = None if problem is None else problem.model_dump_json()
    known = connection.execute(select(projections.c.problem).where(mine)).scalar()
    connection.execute(update(projections).where(mine).values(problem=kept, attempt=0, wait_until=None))
    connection.execute(update(projections).where(mine, projections.c.mark == wanted.mark).values(wanted_at=None))
    return known != kept


def retry(connection: Connection, wanted: Wanted, wait_until: datetime) -> None:
    """Let it wait."""
    mine = (projections.c.place_id == wanted.place_id) & (projections.c.what == wanted.what)
    connection.execute(update(projections).where(mine).values(wait_until=wait_until, attempt=wanted.attempt + 1))


def try_again(connection: Connection, cohort_id: int, now: datetime) -> bool:
    """Have shown what could not be shown. False if there is no such thing."""
    theirs = select(cohort_places.c.id).where(cohort_places.c.cohort_id == cohort_id)
    hindered = projections.c.place_id.in_(theirs) & projections.c.problem.is_not(None)
    return connection.execute(update(projections).where(hindered).values(_again(now))).rowcount > 0


def problems(connection: Connection, cohort_id: int) -> list[tuple[Projected, Phrase]]:
    """What keeps the cohort's members or calendar from being shown somewhere, for a facilitator to read."""
    found = connection.execute(
        select(projections.c.what, projections.c.problem)
        .join(cohort_places, cohort_places.c.id == projections.c.place_id)
        .where(cohort_places.c.cohort_id == cohort_id, cohort_places.c.left_at.is_(None))
        .where(projections.c.problem.is_not(None))
        .order_by(projections.c.what, projections.c.place_id)
    )
    return [(row.what, Phrase.model_validate_json(row.problem)) for row in found]
