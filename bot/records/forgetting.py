"""Forgetting a person: in one transaction, with nothing left that names them; what is out there is taken back after it.

Whoever was forgotten is noted as a hash, so that a backup from before does not bring them back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from bot.chat.platform import Person
from bot.records import audit, live, members, mydata, notes, projections, restores, room
from bot.records.mydata import Known
from bot.records.rows import person_of
from bot.records.stale import account_changed
from bot.records.tables import accounts, announcements, enrolments, facilitators, outbox, waiting
from bot.records.tables import members as member_rows
from bot.records.tables import notes as note_rows

NOTED = ("milepost", "forgotten:")
"""Platform, and the beginning of the key, of the notes that say by a hash who was forgotten; their value is when."""
_WHERE = ("thread", "person", "desk", "channel", "channel_name")  # of a post's payload
NOBODY = Person(platform="milepost", id="nobody")
"""Whose the announcements are that the forgotten have sent."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Whom the records knew, by every account; how many posts are taken back; the cohorts left without facilitators."""

    people: tuple[Person, ...]
    posts: int
    cohorts: tuple[int, ...]


def forget(connection: Connection, person: Person, now: datetime) -> Forgotten | None:
    """Forget the person and everything of theirs; None if nothing was known of them.

    Their cohorts go on. Announcements that they have sent stay, by nobody, and so does what they did to cohorts.
    """
    who = mydata.known(connection, person)
    naming = list(mydata.naming(connection, who))
    theirs = [each for each in connection.execute(mydata.tables(who)[note_rows]) if mydata.is_key_of(who, each.key)]
    if who.member_id is None and not naming and not theirs:
        return None
    posts = _take_back(connection, who, naming, now)
    left = _leave_to_the_community(connection, who, now)
    joined = select(enrolments.c.cohort_id).where(enrolments.c.member_id == who.member_id)
    waits = select(waiting.c.cohort_id).where(waiting.c.member_id == who.member_id)
    theirs_in = connection.execute(joined.union(waits)).scalars().all()
    for cohort_id in theirs_in:
        projections.members_changed(connection, cohort_id, now)
        live.cohort_changed(connection, cohort_id, now)
    for row in theirs:  # lists of many are brought up to date with what they are about: a role that is taken back
        notes.forget(connection, row.platform, row.key)
    for each in who.people:
        account_changed(connection, each.platform, each.id)
        notes.put(connection, NOTED[0], NOTED[1] + _hash(each.platform, each.id), now.isoformat())
    connection.execute(delete(member_rows).where(member_rows.c.id == who.member_id))
    for cohort_id in theirs_in:
        room.fill(connection, cohort_id, now)
    return Forgotten(who.people, posts, left)


def read_noted(rows: Iterable[tuple[str, str, str]]) -> Mapping[str, datetime]:
    """Who was forgotten, by hash, and when: from the platforms, keys and values of notes."""
    platform, prefix = NOTED
    return {
        key.removeprefix(prefix): datetime.fromisoformat(value)
        for where, key, value in rows
        if where == platform and key.startswith(prefix)
    }


def forget_again(connection: Connection, gone: Mapping[str, datetime], now: datetime) -> int:
    """Forget those who are back since a backup was restored, and note again who is `gone`; returns how many were back.

    Who came after they had been forgotten is somebody new, and stays.
    """
    rows = connection.execute(
        select(accounts, member_rows.c.created_at).join(member_rows, member_rows.c.id == accounts.c.member_id)
    ).all()
    back = 0
    for row in rows:
        at = gone.get(_hash(row.platform, row.foreign_id))
        if at is not None and row.created_at <= at:
            back += forget(connection, person_of(row), now) is not None
    for hashed, at in gone.items():
        notes.put(connection, NOTED[0], NOTED[1] + hashed, at.isoformat())
    return back


def _take_back(connection: Connection, who: Known, naming: Sequence[Row[Any]], now: datetime) -> int:
    """Have posts that name them be there no longer, and say nothing any more; forget what was never there.

    What was said to them privately stays with them, and is forgotten here.
    """
    out: list[Row[Any]] = []
    gone: list[Row[Any]] = []
    is_restored = restores.last(connection, now) is not None
    for row in naming:
        (out if _may_be_there(row, is_restored) and not mydata.is_to(who, row) else gone).append(row)
    connection.execute(delete(outbox).where(outbox.c.id.in_([row.id for row in gone])))
    for row in out:  # where it is, and nothing else
        left: dict[str, Any] = {"payload": {name: row.payload[name] for name in _WHERE if name in row.payload}}
        if row.state == "sent":  # it is not looked for by its key any more, and who comes back may post the like
            left["key"] = f"{row.key.partition(':')[0]}:{row.kind}:forgotten-{row.id}"
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(left))
    live.take_back(connection, [row.id for row in out], now)
    return len(out)


def _may_be_there(row: Row[Any], is_restored: bool) -> bool:
    """Whether there may be something to take away. Where a facilitator said that it is there, nobody knows its id.

    Of what waits in a database that was restored, nobody knows whether it was tried.
    """
    if row.state == "sent":
        return row.posted is not None
    return row.state in ("sending", "unknown") or (row.state == "pending" and (row.attempt > 0 or is_restored))


def _leave_to_the_community(connection: Connection, who: Known, now: datetime) -> tuple[int, ...]:
    theirs = facilitators.c.account_id.in_(who.account_ids)
    others = select(facilitators.c.cohort_id).where(~theirs)
    alone = select(facilitators.c.cohort_id).where(theirs, facilitators.c.cohort_id.not_in(others)).distinct()
    ids = tuple(connection.execute(alone.order_by(facilitators.c.cohort_id)).scalars())
    audit.forget(connection, who.account_ids, who.people)
    written = announcements.c.account_id.in_(who.account_ids)
    connection.execute(delete(announcements).where(written, announcements.c.state != "sent"))
    if connection.execute(select(announcements.c.id).where(written).limit(1)).scalar() is not None:
        nobody, _ = members.account(connection, NOBODY, now)
        connection.execute(update(announcements).where(written).values(account_id=nobody))
    return ids


def _hash(platform: str, foreign_id: str) -> str:
    return sha256(f"{platform}:{foreign_id}".encode()).hexdigest()
