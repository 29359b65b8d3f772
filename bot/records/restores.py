"""Restored databases. What was posted after the backup was made is on the platforms, and not in the records any more.

A backup carries a mark, which the database that it was made of does not have. So one that is opened with such a mark
was restored, whichever way, and for a while every post is looked for before it is sent: as if it had been tried
already, and nobody knew how that ended.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from bot.records import notes, projections
from bot.records.stale import everything_changed
from bot.records.tables import cohorts, outbox, restores

MARK = ("milepost", "backed-up-at")
"""Platform and key of the note that stands in a backup: when it was made, as ISO 8601."""
REMEMBERED = timedelta(days=14)
"""How long what may be out there is looked for: nothing that was due longer ago is posted any more."""


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


def searched_since(connection: Connection, now: datetime, known_from: datetime | None) -> datetime | None:
    """Since when a post has to be looked for that seems never to have been tried; None if there is no need.

    `known_from` is the instant from which on its story is in the records, if there is one: when it was first tried, or
    put. What happened to it after the restore needs no search.
    """
    since, at = connection.execute(
        select(func.min(restores.c.since), func.max(restores.c.at)).where(restores.c.at > now - REMEMBERED)
    ).one()
    return None if at is None or (known_from is not None and known_from >= at) else since
