"""Restored databases. What was posted after the backup was made is on the platforms, and not in the records any more.

A backup carries a mark, which the database that it was made of does not have. So one that is opened with such a mark
was restored, whichever way, and for a while every post is looked for before it is sent: as if it had been tried
already, and nobody knew how that ended.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from bot.records import notes, projections
from bot.records.stale import everything_changed
from bot.records.tables import announcements, cohorts, outbox, restores

MARK = ("milepost", "backed-up-at")
"""Platform and key of the note that stands in a backup: when it was made, as ISO 8601."""
REMEMBERED = timedelta(days=14)
"""How long what may be out there is looked for: nothing that was due longer ago is posted any more."""


@dataclass(frozen=True, slots=True)
class Restore:
    """Nobody knows what was posted from `since` until `at`, when the database was put back."""

    since: datetime
    at: datetime


def adopt(connection: Connection, now: datetime) -> datetime | None:
    """Take note if this database was restored from a backup: since when it knows nothing, or None if it was not."""
    mark = notes.get(connection, *MARK, now)
    if mark is None:
        return None
    since = datetime.fromisoformat(mark)
    notes.forget(connection, *MARK)
    note(connection, since, now)
    return since


def note(connection: Connection, since: datetime, now: datetime) -> None:
    """Remember that the database was put back to what it held at `since`.

    Roles, events and posts that are kept up to date are shown afresh, since they may show what is not so any more.
    """
    connection.execute(insert(restores).values(since=since, at=now))
    projections.everything(connection, now)
    # No hash: nobody here knows what these say by now.
    is_live = outbox.c.said.is_not(None) & (outbox.c.posted_at > now - REMEMBERED) & (outbox.c.state == "sent")
    connection.execute(update(outbox).where(is_live).values(said="", refresh_at=now))
    everything_changed(connection)


def last_known(connection: Connection, now: datetime) -> datetime:
    """The newest instant up to which the database surely knows what was posted; `now` if it holds no cohort yet."""
    posted = connection.execute(select(func.max(outbox.c.posted_at))).scalar()
    return posted or connection.execute(select(func.min(cohorts.c.created_at))).scalar() or now


def last(connection: Connection, now: datetime) -> Restore | None:
    """What the restores of the last two weeks have put out of the records; None if there were none."""
    since, at = connection.execute(
        select(func.min(restores.c.since), func.max(restores.c.at)).where(restores.c.at > now - REMEMBERED)
    ).one()
    return None if at is None else Restore(since, at)


def may_hide(connection: Connection, restore: Restore, post: Row[Any]) -> bool:
    """Whether the post of that row of the outbox, which seems never to have been tried, may be out there all the same.

    What happened to it after the restore needs no search: a message was put when it fell due. But a step may have been
    sent at an earlier date than it has now; and so may an announcement that was scheduled then, or comes every week.
    """
    known_from = post.first_attempt_at or (post.due_at if "message" in post.payload else None)
    if known_from is None and post.announcement_id is not None:
        its_own = (announcements.c.id == post.announcement_id) & announcements.c.mark.is_(None)
        known_from = connection.execute(select(announcements.c.created_at).where(its_own)).scalar()
    return known_from is None or known_from < restore.at
