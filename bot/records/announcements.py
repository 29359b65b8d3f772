"""Announcements: drafts that a facilitator writes, sees, edits and sends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bot.records.columns import new_id
from bot.records.tables import announcements


@dataclass(frozen=True, slots=True)
class Announcement:
    """A text for some cohorts of one community. `state` is draft, sent or cancelled."""

    id: int
    text: str
    cohort_ids: tuple[int, ...]
    state: str
    created_at: datetime

    @property
    def key(self) -> str:
        """What its posts' keys hold: the id, and when it was made, as after a restore another may get the same id."""
        return f"{self.id}-{self.created_at:%Y%m%dT%H%M%S%f}"


def draft(
    connection: Connection, community_id: int, account_id: int, now: datetime, text: str, cohort_ids: tuple[int, ...]
) -> Announcement:
    """Keep a draft; nothing is sent."""
    made = connection.execute(
        insert(announcements).values(
            community_id=community_id, account_id=account_id, text=text, cohorts=list(cohort_ids), state="draft",
            created_at=now,
        )
    )  # fmt: skip
    return Announcement(new_id(made), text, cohort_ids, "draft", now)


def find(connection: Connection, community_id: int, announcement_id: int) -> Announcement | None:
    """The announcement, if it belongs to the community."""
    row = connection.execute(
        select(announcements).where(announcements.c.id == announcement_id, announcements.c.community_id == community_id)
    ).one_or_none()
    return None if row is None else _announcement_of(row)


def drafts(connection: Connection, community_id: int) -> list[Announcement]:
    """The community's drafts, newest first."""
    rows = connection.execute(
        select(announcements)
        .where(announcements.c.community_id == community_id, announcements.c.state == "draft")
        .order_by(announcements.c.id.desc())
        .limit(25)
    )
    return [_announcement_of(row) for row in rows]


def rewrite(connection: Connection, announcement_id: int, text: str) -> bool:
    """Change the text of a draft. False if it is no draft any more."""
    return _change(connection, announcement_id, text=text)


def close(connection: Connection, announcement_id: int, state: str, now: datetime) -> Announcement | None:
    """Make a draft sent or cancelled, and return it so. None if it is no draft any more: a second press is nothing."""
    if not _change(connection, announcement_id, state=state, sent_at=now if state == "sent" else None):
        return None
    row = connection.execute(select(announcements).where(announcements.c.id == announcement_id)).one()
    return _announcement_of(row)


def _announcement_of(row: Row[Any]) -> Announcement:
    return Announcement(row.id, row.text, tuple(row.cohorts), row.state, row.created_at)


def _change(connection: Connection, announcement_id: int, **values: object) -> bool:
    this_draft = (announcements.c.id == announcement_id) & (announcements.c.state == "draft")
    return connection.execute(update(announcements).where(this_draft).values(**values)).rowcount == 1
