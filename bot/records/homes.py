"""The places where a cohort is at home: they come and go, also those in other communities, let in by a code.

A place that was taken away keeps its row, for the sake of what was posted there.
"""

import secrets
from base64 import b32encode
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, String, cast, delete, insert, literal, select, update

from bot.chat.platform import DIRECT, Place, Refusal
from bot.records import projections
from bot.records.columns import new_id
from bot.records.stale import everything_changed
from bot.records.tables import TO_ONE, cohort_places, cohorts, communities, outbox, place_codes

VALID = timedelta(hours=24)


def add(connection: Connection, cohort_id: int, place: Place, now: datetime, since: datetime | None = None) -> None:
    """Make the place one of the cohort's. Raises a Refusal if it is a cohort's already.

    Of what was due before `since` nothing is ever put there; None is for a place that is there from the beginning.
    """
    community_id = check_free(connection, place)
    here = (cohort_places.c.community_id == community_id) & (cohort_places.c.channel == place.channel)
    # A channel stands in one row only: that of a place which was taken away gives it up.
    given_up = literal("left ") + cast(cohort_places.c.id, String)
    connection.execute(update(cohort_places).where(here).values(channel=given_up))
    values = {
        "cohort_id": cohort_id, "community_id": community_id, "channel": place.channel,
        "name": place.name or place.channel, "joined_at": since, "is_private": place.is_private or False,
    }  # fmt: skip
    place_id = new_id(connection.execute(insert(cohort_places).values(**values)))
    projections.want(connection, place_id, "calendar", now)
    everything_changed(connection)


def check_free(connection: Connection, place: Place) -> int:
    """The id of the place's community. Raises a Refusal if no cohort can be at home there, or one is already."""
    if place.community == DIRECT:
        raise Refusal("A cohort is at home in a channel. Go to one, and use the command there.")
    community_id = community(connection, place.platform, place.community)
    here = (cohort_places.c.community_id == community_id) & (cohort_places.c.channel == place.channel)
    settled = connection.execute(
        select(cohorts.c.name)
        .join(cohort_places, cohort_places.c.cohort_id == cohorts.c.id)
        .where(here, cohort_places.c.left_at.is_(None))
    ).scalar()
    if settled is not None:
        raise Refusal("{cohort} is at home here already. Choose another channel.", cohort=settled)
    return community_id


def community(connection: Connection, platform: str, foreign_id: str) -> int:
    """The id of the community, which is made known on first sight."""
    here = (communities.c.platform == platform) & (communities.c.foreign_id == foreign_id)
    found = connection.execute(select(communities.c.id).where(here)).scalar()
    if found is not None:
        return int(found)
    everything_changed(connection)
    return new_id(connection.execute(insert(communities).values(platform=platform, foreign_id=foreign_id)))


def set_private(connection: Connection, place: Place) -> None:
    """Keep whether not everybody in the community sees the place, which the platform has to tell."""
    here = (communities.c.platform == place.platform) & (communities.c.foreign_id == place.community)
    community_id = select(communities.c.id).where(here).scalar_subquery()
    this = (cohort_places.c.community_id == community_id) & (cohort_places.c.channel == place.channel)
    connection.execute(update(cohort_places).where(this).values(is_private=place.is_private))
    everything_changed(connection)


def remove(connection: Connection, place_id: int, now: datetime) -> bool:
    """Take the place from its cohort: what waits for it is skipped, and its role and events are taken back.

    False if it is the only one, or was taken away before; nothing changes then.
    """
    this = cohort_places.c.id == place_id
    cohort_id = select(cohort_places.c.cohort_id).where(this).scalar_subquery()
    now_there = (cohort_places.c.cohort_id == cohort_id) & cohort_places.c.left_at.is_(None)
    there = connection.execute(select(cohort_places.c.id).where(now_there)).scalars().all()
    if place_id not in there or len(there) == 1:
        return False
    connection.execute(update(cohort_places).where(this).values(left_at=now, role=None))
    # Word to the facilitator goes by way of the place, but to a person: it is still delivered.
    waits = outbox.c.state.in_(["pending", "sending", "unknown", "failed"]) & outbox.c.kind.not_in(TO_ONE)
    skipped = {"state": "skipped", "ready_at": None, "reason": "its place was taken from the cohort"}
    connection.execute(update(outbox).where(outbox.c.place_id == place_id, waits).values(skipped))
    # An invitation, wherever it stands, invites as before.
    left = (outbox.c.place_id == place_id) & (outbox.c.kind != "invitation")
    connection.execute(update(outbox).where(left).values(said=None, refresh_at=None))
    projections.want(connection, place_id, "members", now)
    projections.want(connection, place_id, "calendar", now)
    everything_changed(connection)
    return True


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
    this = (place_codes.c.hash == _hash(code)) & (place_codes.c.until > now)
    cohort_id = connection.execute(select(place_codes.c.cohort_id).where(this)).scalar()
    if cohort_id is None:
        raise Refusal(
            "This code is not valid: it works once, within a day of its making. Ask for a new one.", field="code"
        )
    add(connection, cohort_id, place, now, since=now)
    connection.execute(delete(place_codes).where(this))
    return int(cohort_id)


def _hash(code: str) -> str:
    """The code's hash, whatever the case it was typed in. It is long and random, so it needs no salt."""
    return sha256(code.strip().upper().encode()).hexdigest()
