"""When the next thing happens, so that time can be passed without anything coming late."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from bot.records.lanes import LANES, overtakes_none
from bot.records.tables import announcements, handovers, outbox, schedule


def next_due_at(connection: Connection, platforms: Sequence[str]) -> datetime | None:
    """When the next thing happens: `next_post_at`, or a look at a checklist; one that is to come at once is in 1970."""
    look_at = connection.execute(select(func.min(handovers.c.look_at))).scalar()
    return min((each for each in (look_at, next_post_at(connection, platforms)) if each is not None), default=None)


def next_post_at(connection: Connection, platforms: Sequence[str]) -> datetime | None:
    """The soonest of all schedule rows, of what is announced, and of the posts that wait for these platforms.

    A post waits to be sent, or to say what holds by now. One whose sender may have died waits until its lease is over.
    """
    scheduled = select(func.min(announcements.c.send_at)).where(announcements.c.state == "scheduled")
    soonest = (select(func.min(schedule.c.next_due_at)), scheduled)
    found = [connection.execute(each).scalar() for each in soonest]
    for platform in platforms:
        found += connection.execute(_soonest(), {"platform": platform}).one()
    return min((each for each in found if each is not None), default=None)


@cache
def _soonest() -> Select[Any]:
    """When a post of each kind, and an edit, comes next on :platform: each one the first of an index, not a minimum."""
    there = outbox.c.platform == bindparam("platform")
    ready = [
        select(outbox.c.ready_at)
        .where(there, outbox.c.kind == kind, outbox.c.ready_at.is_not(None), overtakes_none(lane))
        .order_by(outbox.c.ready_at, outbox.c.id)
        for lane in LANES
        for kind in lane.kinds
    ]
    edits = select(outbox.c.refresh_at).where(there, outbox.c.refresh_at.is_not(None)).order_by(outbox.c.refresh_at)
    return select(*(each.limit(1).scalar_subquery() for each in (*ready, edits)))
