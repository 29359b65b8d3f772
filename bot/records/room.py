"""The room in a cohort: how many members it takes, and who waits, in order, for a seat.

While somebody waits, no seat is free: what frees one gives it to the first in line in its own transaction, with a post
that tells them. On a server, too, two who ask for the last seat at once meet: these verbs look before they write, and
writers are SERIALIZABLE there (`runners`).
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, ScalarSelect, delete, func, insert, select, update

from bot.chat.platform import Person, Refusal
from bot.records import cohorts, live, members, posts
from bot.records.columns import micros
from bot.records.members import Enrolment, way_to
from bot.records.references import is_meant, number_in, refer
from bot.records.rows import PERSON, is_account, is_in, person_of
from bot.records.stale import everything_changed
from bot.records.tables import accounts, enrolments, waiting
from bot.records.tables import cohorts as cohort_rows
from bot.records.tables import members as member_rows

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Room:
    """How many are in a cohort, how many it takes (None: as many as come), and how many wait for a seat."""

    members: int
    capacity: int | None
    waiting: int

    @property
    def seats(self) -> int | None:
        """How many may still come in; None for any number. Who waits comes first."""
        return None if self.capacity is None else max(0, self.capacity - self.members - self.waiting)

    @property
    def is_full(self) -> bool:
        """Whether whoever comes now has to wait."""
        return self.seats == 0


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of a wish to be in: `is_in`, newly or (not `is_new`) before; else their `place` on the list, if any.

    A place counts from 1.
    """

    is_in: bool
    is_new: bool
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits, by their oldest account. `ref` is how a button names them."""

    person: Person
    since_at: datetime
    ref: str


def close(connection: Connection, cohort_id: int, now: datetime) -> None:
    """Have nobody wait for a seat in the cohort any more, which is archived; its invitations say that it is over."""
    connection.execute(delete(waiting).where(waiting.c.cohort_id == cohort_id))
    live.invitations_changed(connection, cohort_id, now)


def of(connection: Connection, cohort_id: int) -> Room:
    """The cohort's room now."""
    capacity = connection.execute(select(cohort_rows.c.capacity).where(cohort_rows.c.id == cohort_id)).scalar_one()
    waits = select(func.count()).select_from(waiting).where(waiting.c.cohort_id == cohort_id)
    return Room(cohorts.size(connection, cohort_id), capacity, connection.execute(waits).scalar_one())


def join(connection: Connection, person: Person, cohort_id: int, now: datetime, *, waits: bool = False) -> Joined:
    """Enrol the person if there is a seat. If there is none, put them at the end of the list if they say so (`waits`).

    Who is on the list already keeps their place. Raises a Refusal if the cohort is archived.
    """
    cohort = cohorts.get(connection, cohort_id)
    if cohort.archived_at:
        raise Refusal("{cohort} is archived: nobody joins it any more.", cohort=cohort.name)
    if _is_in(connection, person, cohort_id) or not of(connection, cohort_id).is_full:
        return Joined(is_in=True, is_new=members.enrol(connection, person, cohort_id, now))
    place, is_new = place_of(connection, person, cohort_id), False
    if place is None and waits:
        _, member_id = members.account(connection, person, now)
        connection.execute(insert(waiting).values(cohort_id=cohort_id, member_id=member_id, since_at=now))
        live.invitations_changed(connection, cohort_id, now)
        place, is_new = place_of(connection, person, cohort_id), True
    return Joined(is_in=False, is_new=is_new, place=place)


def place_of(connection: Connection, person: Person, cohort_id: int) -> int | None:
    """The person's place on the cohort's list, from 1; None if they are not on it."""
    listed = select(func.count()).select_from(waiting).where(waiting.c.cohort_id == cohort_id)
    mine = select(waiting.c.id).where(waiting.c.cohort_id == cohort_id, waiting.c.member_id == _member(person))
    return connection.execute(listed.where(waiting.c.id <= mine.scalar_subquery())).scalar_one() or None


def waits_for(connection: Connection, person: Person) -> list[int]:
    """The ids of the cohorts on whose lists the person is, the oldest wish first."""
    mine = select(waiting.c.cohort_id).where(waiting.c.member_id == _member(person)).order_by(waiting.c.id)
    return list(connection.execute(mine).scalars())


def leave(connection: Connection, enrolment: Enrolment, now: datetime) -> None:
    """As `members.leave`; the seat goes to the first in line, unless there are still too many."""
    members.leave(connection, enrolment, now)
    fill(connection, enrolment.cohort.id, now)


def leave_list(connection: Connection, person: Person, cohort_id: int, now: datetime) -> bool:
    """Take the person from the cohort's list. False if they are not on it."""
    mine = (waiting.c.cohort_id == cohort_id) & (waiting.c.member_id == _member(person))
    if connection.execute(delete(waiting).where(mine)).rowcount == 0:
        return False
    live.invitations_changed(connection, cohort_id, now)
    return True


def set_capacity(connection: Connection, cohort_id: int, capacity: int | None, now: datetime) -> int:
    """Have the cohort take so many members; None for as many as come. Returns how many came in from the list.

    Where more are in than it takes by now, all of them stay.
    """
    connection.execute(update(cohort_rows).where(cohort_rows.c.id == cohort_id).values(capacity=capacity))
    everything_changed(connection)
    live.invitations_changed(connection, cohort_id, now)
    return fill(connection, cohort_id, now)


def fill(connection: Connection, cohort_id: int, now: datetime) -> int:
    """Give the seats that are free to those who have waited for longest, and have each told; returns how many."""
    room = of(connection, cohort_id)
    free = None if room.capacity is None else max(0, room.capacity - room.members)
    first = select(waiting).where(waiting.c.cohort_id == cohort_id).order_by(waiting.c.id).limit(free)
    found = connection.execute(first).all()
    for each in found:
        _let_in(connection, each, now)
    return len(found)


def admit(connection: Connection, cohort_id: int, ref: str, now: datetime) -> Person | None:
    """Let in who is referred to, seat or no seat, and have them told. None if they do not wait any more."""
    this = (waiting.c.id == number_in(ref)) & (waiting.c.cohort_id == cohort_id)
    row = connection.execute(select(waiting).where(this)).one_or_none()
    if row is None or not is_meant(ref, row.id, _what(row)):
        return None
    person = next(each.person for each in in_line(connection, cohort_id) if each.ref == refer(row.id, _what(row)))
    _let_in(connection, row, now)
    return person


def in_line(connection: Connection, cohort_id: int) -> list[Waiting]:
    """Who waits for a seat in the cohort, in order."""
    rows = connection.execute(
        select(waiting, *PERSON)
        .join(accounts, accounts.c.member_id == waiting.c.member_id)
        .where(waiting.c.cohort_id == cohort_id)
        .order_by(waiting.c.id, accounts.c.id)
    )
    found: dict[int, Waiting] = {}
    for row in rows:
        found.setdefault(row.id, Waiting(person_of(row), row.since_at, refer(row.id, _what(row))))
    return list(found.values())


def _what(row: Row[tuple[int, ...]]) -> str:
    return f"{row.cohort_id}:{row.member_id}:{micros(row.since_at)}"


def _is_in(connection: Connection, person: Person, cohort_id: int) -> bool:
    mine = select(enrolments.c.id).where(is_in(cohort_id), enrolments.c.member_id == _member(person))
    return connection.execute(mine).first() is not None


def _member(person: Person) -> ScalarSelect[int]:
    """The id of the person's member; null for a stranger."""
    return select(accounts.c.member_id).where(is_account(person.platform, person.id)).scalar_subquery()


def _let_in(connection: Connection, row: Row[tuple[int, ...]], now: datetime) -> None:
    members.enrol_member(connection, row.member_id, row.cohort_id, now)
    _tell(connection, row.cohort_id, row.member_id, now)


def _tell(connection: Connection, cohort_id: int, member_id: int, now: datetime) -> None:
    """Have the member told: privately; or, if it is known that this does not reach them, by a welcome to the cohort."""
    its = (enrolments.c.cohort_id == cohort_id) & (enrolments.c.member_id == member_id)
    enrolment_id = connection.execute(select(enrolments.c.id).where(its)).scalar_one()
    closed = select(member_rows.c.closed_because).where(member_rows.c.id == member_id)
    is_closed = connection.execute(closed).scalar() is not None
    cohort, places = cohorts.get(connection, cohort_id), cohorts.places(connection, cohort_id)
    theirs = select(accounts).where(accounts.c.member_id == member_id).order_by(accounts.c.id)
    people = map(person_of, connection.execute(theirs).all())
    person, way = next(((each, way) for each in people if (way := way_to(each, places))), (None, None))
    if person is None or way is None:
        log.warning("cohort %s: there is no way left to tell somebody that they have a seat", cohort.code)
        return
    # With its time, since who leaves may get a seat again.
    what = f"e{enrolment_id}-{micros(now)}"
    if is_closed:
        welcome(connection, cohort_id, enrolment_id, what, way.id, now)
        return
    payload = {"only": enrolment_id, "person": person.model_dump(mode="json")}
    posts.put(connection, posts.key_of(cohort.key, "seat", what, way.id), "seat", cohort_id, way.id, now, payload)


def welcome(connection: Connection, cohort_id: int, enrolment_id: int, what: str, place_id: int, now: datetime) -> None:
    """Have the member of the enrolment welcomed at that place of the cohort's; `what` names the occasion in the key."""
    key = posts.key_of(cohorts.get(connection, cohort_id).key, "welcome", what, place_id)
    posts.put(connection, key, "welcome", cohort_id, place_id, now, {"only": enrolment_id})
