"""A cohort's invitations, as posts in the outbox: any channel of its community may have one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from bot.chat.platform import Call, Place, Refusal
from bot.records import audit, cohorts, live, posts
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.references import is_meant, number_in, refer
from bot.records.tables import outbox


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that is there, or on its way. `ref` is how a button names it."""

    id: int
    cohort_id: int
    place: Place
    since_at: datetime
    ref: str
    is_taken_back: bool


def way_to(connection: Connection, cohort: Cohort, place: Place) -> CohortPlace:
    """The cohort's place by way of which that channel is reached: the channel itself, or one in the same community.

    Raises a Refusal if there is none.
    """
    there = [
        each
        for each in cohorts.places(connection, cohort.id)
        if (each.place.platform, each.place.community) == (place.platform, place.community)
    ]
    if not there:
        raise Refusal("{cohort} has no channel in this community, so nothing of it is posted here.", cohort=cohort.name)
    return min(there, key=lambda each: (not each.place.is_at(place), each.lost_because is not None, each.id))


def put(
    connection: Connection, call: Call, cohort: Cohort, what: str, place: Place, text: str | None, now: datetime
) -> tuple[Invitation, bool]:
    """Put an invitation for that channel, once; and whether it is put only now. `what` names it in the key."""
    way = way_to(connection, cohort, place)
    payload = {"text": text}
    if not way.place.is_at(place):
        payload |= {"channel": place.channel, "channel_name": place.name}
    key = posts.key_of(cohort.key, "invitation", what, way.id)
    is_new = posts.put(connection, key, "invitation", cohort.id, way.id, now, payload)
    if is_new:
        after = {"invitation": place.full_name, **({"text": text} if text else {})}
        audit.note(connection, call, now, cohort.id, after=after)
    return _of(connection.execute(posts.WITH_PLACE.where(outbox.c.key == key)).one()), is_new


def standing(connection: Connection, cohort_id: int) -> list[Invitation]:
    """The cohort's invitations that are kept up to date, or are on their way, the newest first."""
    is_there = (outbox.c.state == "sent") & outbox.c.said.is_not(None)
    mine = (outbox.c.cohort_id == cohort_id) & (outbox.c.kind == "invitation") & outbox.c.taken_back_at.is_(None)
    on_its_way = outbox.c.state.in_(["pending", "sending", "unknown"])
    found = posts.WITH_PLACE.where(mine, is_there | on_its_way).order_by(outbox.c.id.desc())
    return [_of(row) for row in connection.execute(found)]


def find(connection: Connection, ref: str) -> Invitation | None:
    """The invitation that is referred to, of whatever cohort; None if there is none."""
    this = (outbox.c.id == number_in(ref)) & (outbox.c.kind == "invitation")
    row = connection.execute(posts.WITH_PLACE.where(this)).one_or_none()
    return None if row is None or not is_meant(ref, row.id, row.key) else _of(row)


def _of(row: Row[Any]) -> Invitation:
    since_at, is_taken_back = row.posted_at or row.due_at, row.taken_back_at is not None
    return Invitation(row.id, row.cohort_id, posts.place_of(row), since_at, refer(row.id, row.key), is_taken_back)


def withdraw(connection: Connection, call: Call, found: Invitation, now: datetime) -> None:
    """Have the invitation be there no longer. Doing it again changes nothing."""
    if found.is_taken_back:
        return
    live.take_back(connection, [found.id], now)
    before, after = {"invitation": found.place.full_name}, {"invitation": ""}
    audit.note(connection, call, now, found.cohort_id, before=before, after=after)
