"""The places where a cohort is at home: they come and go, also those in other communities, let in by a code.

A place that was taken away keeps its row, for the sake of what was posted there.
"""

import secrets
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, String, cast, delete, func, insert, literal, select, update

from bot.chat.platform import DIRECT, Place, Refusal
from bot.chat.wording import as_typed
from bot.records import projections
from bot.records.rows import add_row, is_community
from bot.records.stale import everything_changed
from bot.records.tables import TO_ONE, cohort_places, cohorts, communities, desks, outbox, place_codes

VALID = timedelta(hours=24)


def add(connection: Connection, cohort_id: int, place: Place, now: datetime, since: datetime | None = None) -> None:
    """Make the place one of the cohort's. Raises a Refusal if it is a cohort's already, or the desk of one.

    Of what was due before `since` nothing is ever put there; None is for a place that is there from the beginning.
    """
    community_id = check_free(connection, place)
    here = (cohort_places.c.community_id == community_id) & (cohort_places.c.channel == place.channel)
    # A channel stands in one row only: that of a place which was taken away gives it up.
    connection.execute(update(cohort_places).where(here).values(channel=_given_up()))
    values = {
        "cohort_id": cohort_id, "community_id": community_id, "channel": place.channel,
        "name": place.name or place.channel, "joined_at": since, "is_private": place.is_private or False,
    }  # fmt: skip
    place_id = add_row(connection, cohort_places, values)
    projections.want(connection, place_id, "calendar", now)
    everything_changed(connection)


def check_free(connection: Connection, place: Place) -> int:
    """The id of the place's community. Raises a Refusal if no cohort can be at home there, or one is already."""
    if place.community == DIRECT:
        raise Refusal("A cohort is at home in a channel. Go to one, and use the command there.")
    community_id = community(connection, place.platform, place.community)
    settled = at_home(connection, community_id, place.channel)
    if settled is not None:
        raise Refusal("{cohort} is at home here already. Choose another channel.", cohort=settled)
    at_desk = (desks.c.community_id == community_id) & (desks.c.channel == place.channel)
    kept = connection.execute(select(cohorts.c.name).join(desks).where(at_desk).order_by(cohorts.c.id)).scalars().all()
    if kept:
        raise Refusal(
            "This channel is the desk of {cohorts}: what facilitators alone may know is told here. Choose another one, "
            "or take the desk away first: {line}", cohorts=", ".join(kept), line=as_typed("cohort desk"),
        )  # fmt: skip
    return community_id


def at_home(connection: Connection, community_id: int, channel: str) -> str | None:
    """The name of the cohort that is at home in the channel; None if none is."""
    here = (cohort_places.c.community_id == community_id) & (cohort_places.c.channel == channel)
    home = select(cohorts.c.name).join(cohort_places, cohort_places.c.cohort_id == cohorts.c.id)
    return connection.execute(home.where(here, cohort_places.c.left_at.is_(None))).scalar()


def _given_up() -> ColumnElement[str]:
    """What stands for the channel of a place that was taken away, once another cohort is at home there."""
    return literal("left ") + cast(cohort_places.c.id, String)


def community(connection: Connection, platform: str, foreign_id: str) -> int:
    """The id of the community, which is made known on first sight."""
    known = select(communities.c.id).where(is_community(platform, foreign_id))
    found = connection.execute(known).scalar()
    if found is not None:
        return int(found)
    everything_changed(connection)
    return add_row(connection, communities, {"platform": platform, "foreign_id": foreign_id})


def set_private(connection: Connection, place: Place) -> None:
    """Keep whether not everybody in the community sees the place, which the platform has to tell."""
    here = is_community(place.platform, place.community)
    community_id = select(communities.c.id).where(here).scalar_subquery()
    this = (cohort_places.c.community_id == community_id) & (cohort_places.c.channel == place.channel)
    connection.execute(update(cohort_places).where(this).values(is_private=place.is_private))
    everything_changed(connection)


def remove(connection: Connection, place_id: int, now: datetime) -> bool:
    """Take the place from its cohort: what waits for it is skipped, and its role and events are taken back.

    What was posted there stays as it is, but for what is about to be taken away.

    False if it is the only one, or was taken away before; nothing changes then.
    """
    this = cohort_places.c.id == place_id
    cohort_id = select(cohort_places.c.cohort_id).where(this).scalar_subquery()
    now_there = (cohort_places.c.cohort_id == cohort_id) & cohort_places.c.left_at.is_(None)
    there = connection.execute(select(cohort_places.c.id).where(now_there)).scalars().all()
    if place_id not in there or len(there) == 1:
        return False
    connection.execute(update(cohort_places).where(this).values(left_at=now, role=None))
    # Word to a person goes by way of the place, but not to it: it is still delivered.
    _close(connection, [place_id], now, outbox.c.kind.not_in(TO_ONE), "its place was taken from the cohort")
    return True


def leave_all(connection: Connection, cohort_id: int, now: datetime) -> None:
    """Take all of its places from a cohort that is archived, as `remove` does; see `come_back`.

    Nobody is reminded of anything any more, and no code lets it in anywhere; word to its facilitators is still
    delivered.
    """
    now_there = (cohort_places.c.cohort_id == cohort_id) & cohort_places.c.left_at.is_(None)
    there = connection.execute(select(cohort_places.c.id).where(now_there)).scalars().all()
    connection.execute(update(cohort_places).where(now_there).values(left_at=now))
    connection.execute(delete(place_codes).where(place_codes.c.cohort_id == cohort_id))
    _close(connection, there, now, outbox.c.kind != "notice", "its cohort is archived")


def come_back(connection: Connection, cohort_id: int, left_at: datetime, now: datetime) -> bool:
    """Give the cohort the places back that it left at that instant, as far as they are free; False if none is.

    A role that another cohort has by now is not linked any more. Of what was due meanwhile nothing is ever put there.
    """
    left = (cohort_places.c.cohort_id == cohort_id) & (cohort_places.c.left_at == left_at)
    is_free = cohort_places.c.channel != _given_up()
    there = connection.execute(select(cohort_places).where(left, is_free)).all()
    for row in there:
        community = (cohort_places.c.community_id == row.community_id) & (cohort_places.c.role == row.role)
        taken = select(cohort_places.c.id).where(community, cohort_places.c.left_at.is_(None))
        role = None if connection.execute(taken).first() else row.role
        this = cohort_places.c.id == row.id
        connection.execute(update(cohort_places).where(this).values(left_at=None, joined_at=now, role=role))
        projections.want(connection, row.id, "members", now)
        projections.want(connection, row.id, "calendar", now)
    everything_changed(connection)
    return bool(there)


def was_at(connection: Connection, cohort_id: int, place: Place) -> bool:
    """Whether the cohort is at home there, or was when it was archived."""
    its = (cohort_places.c.cohort_id == cohort_id) & (cohort_places.c.channel == place.channel)
    here = select(cohort_places.c.id).join(communities).where(is_community(place.platform, place.community), its)
    return connection.execute(here).first() is not None


def waiting(connection: Connection, place_ids: Sequence[int]) -> int:
    """How many posts wait to go out to those places, or nobody knows whether they did."""
    these = outbox.c.place_id.in_(place_ids) & _WAITS & (outbox.c.kind != "notice")
    return connection.execute(select(func.count()).where(these)).scalar_one()


_WAITS = outbox.c.state.in_(["pending", "sending", "unknown", "failed"])


def _close(
    connection: Connection, place_ids: Sequence[int], now: datetime, which: ColumnElement[bool], reason: str
) -> None:
    """Skip those of the posts that wait for places, and keep none up to date; their role and events are taken back."""
    these = outbox.c.place_id.in_(place_ids)
    skipped = {"state": "skipped", "ready_at": None, "reason": reason}
    connection.execute(update(outbox).where(these, _WAITS, which).values(skipped))
    # What is to be taken away still is, and an invitation, wherever it stands, keeps up with the cohort.
    stays = outbox.c.taken_back_at.is_(None) & (outbox.c.kind != "invitation")
    connection.execute(update(outbox).where(these, stays).values(said=None, refresh_at=None))
    for place_id in place_ids:
        projections.want(connection, place_id, "members", now)
        projections.want(connection, place_id, "calendar", now)
    everything_changed(connection)


def issue_code(connection: Connection, cohort_id: int, now: datetime) -> str:
    """A code that nobody can guess, with which the cohort may be given one place of another community.

    It works once, for `VALID`. Only its hash is kept.
    """
    connection.execute(delete(place_codes).where(place_codes.c.until <= now))
    code = b32encode(secrets.token_bytes(15)).decode()
    connection.execute(insert(place_codes).values(hash=_hash(code), cohort_id=cohort_id, until=now + VALID))
    return code


def redeem(connection: Connection, code: str, place: Place, now: datetime) -> int:
    """Make the place one of the cohort's that the code was issued for, and return that cohort's id.

    Raises a Refusal if the code is not valid, or if the place is a cohort's already: the code is not used up then.
    """
    cohort_id = let_in(connection, code, now)
    if cohort_id is None:
        raise Refusal(
            "This code is not valid: it works once, within a day of its making. Ask for a new one.", field="code"
        )
    add(connection, cohort_id, place, now, since=now)
    connection.execute(delete(place_codes).where(place_codes.c.hash == _hash(code)))
    return cohort_id


def let_in(connection: Connection, code: str, now: datetime) -> int | None:
    """The id of the cohort that the code was issued for; None if it is not valid."""
    this = (place_codes.c.hash == _hash(code)) & (place_codes.c.until > now)
    return connection.execute(select(place_codes.c.cohort_id).where(this)).scalar()


def _hash(code: str) -> str:
    """The code's hash, whatever the case it was typed in. It is long and random, so it needs no salt."""
    return sha256(code.strip().upper().encode()).hexdigest()
