"""The copies of an announcement: one post in the outbox for each place of its cohorts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat.platform import Place
from bot.records import cohorts, posts
from bot.records.announcements import Announcement
from bot.records.cohorts import Cohort
from bot.records.posts import State
from bot.records.rows import channel_of, insert_new
from bot.records.tables import outbox


@dataclass(frozen=True, slots=True)
class Copy:
    """What became of one copy so far, and why.

    It `is_behind` while it is there and does not say what holds, or is to be there no longer; it `is_left` as it is if
    that cannot be mended. It `is_taken_back` if it is there no longer, or never was, and will not be.
    """

    place: Place
    state: State
    reason: str | None
    is_behind: bool
    is_left: bool
    is_taken_back: bool


def put(connection: Connection, sent: Announcement, among: Collection[Cohort], due_at: datetime) -> int:
    """Put a copy for every place of these cohorts that is not lost, together. Returns for how many."""
    found = cohorts.places_of(connection, [each.id for each in among])
    put: list[dict[str, Any]] = [
        {
            "key": posts.key_of(cohort.key, "announcement", sent.key, at.id), "kind": "announcement",
            "cohort_id": cohort.id, "place_id": at.id, "platform": at.place.platform, "payload": {}, "due_at": due_at,
            "ready_at": due_at, "state": "pending", "attempt": 0, "announcement_id": sent.id,
        }
        for cohort in among
        for at in found.get(cohort.id, ())
        if at.lost_because is None
    ]  # fmt: skip
    if put:
        connection.execute(insert_new(connection.dialect, outbox, "key"), put)
    return len(put)


def of(connection: Connection, announcement_id: int) -> list[Copy]:
    """All copies of the announcement, in the order in which they were put."""
    its = posts.WITH_PLACE.where(outbox.c.announcement_id == announcement_id).order_by(outbox.c.id)
    return [
        Copy(
            channel_of(row),
            row.state,
            row.reason,
            is_behind=row.state == "sent" and row.refresh_at is not None,
            is_left=row.state == "sent" and row.said is None,
            is_taken_back=row.state in ("skipped", "failed") and row.taken_back_at is not None,
        )
        for row in connection.execute(its)
    ]
