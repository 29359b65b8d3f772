"""Sending an announcement: the draft is closed and its posts are put in one transaction, so it goes out once."""

from datetime import datetime

from sqlalchemy import Connection

from bot.delivery.compose import announcement
from bot.records import announcements, cohorts, posts
from bot.records.announcements import Announcement


def send(connection: Connection, draft: Announcement, now: datetime) -> int | None:
    """Put the announcement for every place of its cohorts. Returns for how many; None if it is no draft any more.

    What goes out is the text as it is now: it may have been edited since `draft` was read.
    """
    closed = announcements.close(connection, draft.id, "sent", now)
    if closed is None:
        return None
    count = 0
    for cohort_id in closed.cohort_ids:
        cohort = cohorts.get(connection, cohort_id)
        message = announcement(cohort, closed.text)
        count += posts.put_message(connection, cohort, "announcement", closed.key, now, message)
    return count
