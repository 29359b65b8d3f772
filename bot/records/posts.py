"""The schedule of what comes next, and the outbox of what is to be said, as verbs; `claims` sends from it.

A schedule row says which step of a cohort's season is next for one kind of post and when. An outbox row is one post for
one place; its key is unique for ever, so putting it twice is putting it once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, case, func, literal, select, update

from bot.chat.message import Message
from bot.chat.platform import Person, Place, Posted
from bot.records import cohorts
from bot.records.cohorts import Cohort, places
from bot.records.columns import Instant
from bot.records.rows import insert_new, put_row
from bot.records.tables import TO_ONE, cohort_places, communities, outbox, schedule

Kind = Literal[
    "milestone", "checkin", "reminder", "digest", "announcement", "share", "answer", "stuck", "notice", "letter",
    "report", "nudge", "snooze", "missed", "seat", "welcome", "invitation",
]  # fmt: skip
State = Literal["pending", "sending", "sent", "skipped", "failed", "unknown"]

# What a season's calendar brings; the keys of these name the step or the local week that they are about.
SCHEDULED: tuple[Kind, ...] = ("milestone", "checkin", "reminder", "digest")
REMINDERS: tuple[Kind, ...] = ("nudge", "snooze", "missed")
# Messages to one member, each at an hour of theirs; so they keep no order, and hold up nobody.
TO_MEMBERS: tuple[Kind, ...] = (*REMINDERS, "seat", "letter")
# What goes into the thread of the newest milestone at its place, if that has one.
IN_THREAD: frozenset[Kind] = frozenset({"checkin", "reminder", "digest", "answer", "welcome"})


@dataclass(frozen=True, slots=True)
class Coming:
    """The next post of one kind that a cohort's calendar holds."""

    cohort_id: int
    kind: Kind
    next_step: int
    next_due_at: datetime


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A post that a facilitator may have to decide about: `unknown` whether it is there, or `failed` for a `reason`."""

    id: int
    key: str
    kind: Kind
    cohort: Cohort
    place: Place
    due_at: datetime
    state: State
    reason: str | None


def plan(connection: Connection, cohort_id: int, kind: Kind, next_step: int, next_due_at: datetime | None) -> None:
    """Set what comes next; None when the season holds no more of this kind."""
    values = {"next_step": next_step, "next_due_at": next_due_at}
    put_row(connection, schedule, {"cohort_id": cohort_id, "kind": kind}, values)


def coming(connection: Connection, cohort_id: int) -> list[Coming]:
    """What the cohort's calendar holds next, the soonest first."""
    return planned(connection, [cohort_id]).get(cohort_id, [])


def planned(connection: Connection, cohort_ids: Sequence[int]) -> dict[int, list[Coming]]:
    """What the calendars of those cohorts hold next, by cohort, the soonest first."""
    mine = schedule.c.cohort_id.in_(cohort_ids) & schedule.c.next_due_at.is_not(None)
    found: dict[int, list[Coming]] = {}
    for row in connection.execute(select(schedule).where(mine).order_by(schedule.c.next_due_at)):
        found.setdefault(row.cohort_id, []).append(Coming(row.cohort_id, row.kind, row.next_step, row.next_due_at))
    return found


def next_steps(connection: Connection, cohort_id: int) -> dict[Kind, int]:
    """Which step of the cohort's season comes next for each kind, also where it has no date."""
    rows = connection.execute(select(schedule.c.kind, schedule.c.next_step).where(schedule.c.cohort_id == cohort_id))
    return {row.kind: row.next_step for row in rows}


def key_of(cohort: str, kind: Kind, what: str, place_id: int) -> str:
    """The key of the cohort's post of that kind at the place; `what` tells it from all others of the kind, for ever."""
    return f"{cohort}:{kind}:{what}:{place_id}"


def what_of(key: str) -> str:
    """What tells the post with that key from all others of its kind: a step of the season, say, or a local week."""
    return key.split(":")[2]


def put(
    connection: Connection, key: str, kind: Kind, cohort_id: int, place_id: int, due_at: datetime,
    payload: Mapping[str, Any], *, ready_at: datetime | None = None,
) -> bool:  # fmt: skip
    """Put a post into the outbox. False if its key was there already: nothing changes then.

    It may go out when it is due, or at `ready_at`, if that is another instant.
    """
    its_platform = (
        select(communities.c.platform)
        .join(cohort_places, cohort_places.c.community_id == communities.c.id)
        .where(cohort_places.c.id == place_id)
        .scalar_subquery()
    )
    statement = insert_new(connection.dialect, outbox, "key").values(
        key=key, kind=kind, cohort_id=cohort_id, place_id=place_id, platform=its_platform, payload=dict(payload),
        due_at=due_at, ready_at=ready_at or due_at, state="pending", attempt=0,
    )  # fmt: skip
    return connection.execute(statement).rowcount == 1


def put_message(
    connection: Connection, cohort: Cohort, kind: Kind, what: str, now: datetime, message: Message,
    *, only: int | None = None, thread: str | None = None,
) -> int:  # fmt: skip
    """Put a message that is written already, for every place of the cohort that is not lost, or `only` the one.

    `what` names it in the key; `thread` is one of that place's. Returns for how many places it was put; those
    that had it already do not count.
    """
    payload = {"message": message.model_dump(mode="json"), "thread": thread}
    put_for = 0
    for each in places(connection, cohort.id):
        if each.lost_because is None and only in (None, each.id):
            key = key_of(cohort.key, kind, what, each.id)
            put_for += put(connection, key, kind, cohort.id, each.id, now, payload)
    return put_for


WITH_PLACE = (
    select(outbox, cohort_places.c.channel, cohort_places.c.name, communities.c.foreign_id)
    .join(cohort_places, cohort_places.c.id == outbox.c.place_id)
    .join(communities, communities.c.id == cohort_places.c.community_id)
)
"""Posts, each with its place."""


def place_of(row: Row[Any]) -> Place:
    """Where the post in a row of `WITH_PLACE` goes: its place, or another channel there, a desk, or one person."""
    if "desk" in row.payload:
        return Place.model_validate(row.payload["desk"])
    channel, name = row.payload.get("channel", row.channel), row.payload.get("channel_name", row.name)
    return Place(
        platform=row.platform, community=row.foreign_id, channel=channel, name=name,
        thread=row.payload.get("thread"), person=row.payload.get("person"),
    )  # fmt: skip


def revive(connection: Connection, place_id: int, reason: str, since: datetime) -> None:
    """Let what did not go out because the place was lost, for that reason, wait again, if it was due after `since`."""
    lost = (outbox.c.place_id == place_id) & (outbox.c.reason == reason) & (outbox.c.due_at > since)
    given_up = lost & outbox.c.state.in_(["failed", "skipped"])
    connection.execute(update(outbox).where(given_up).values(state="pending", ready_at=outbox.c.due_at, reason=None))


def doubtful(connection: Connection, cohort_id: int, since: datetime) -> list[Doubtful]:
    """The cohort's posts that a facilitator has to decide about, the oldest first.

    Those whose fate is unknown; and those that failed, were due after `since`, and whose place posts can reach.
    """
    failed = (outbox.c.state == "failed") & (outbox.c.due_at > since) & cohort_places.c.lost_because.is_(None)
    public = (outbox.c.cohort_id == cohort_id) & outbox.c.kind.not_in(TO_ONE)
    mine = public & ((outbox.c.state == "unknown") | failed)
    rows = connection.execute(WITH_PLACE.where(mine).order_by(outbox.c.due_at, outbox.c.id)).all()
    return [_doubtful(connection, row) for row in rows]


def find(connection: Connection, post_id: int) -> Doubtful | None:
    """The post with that id, whatever its state."""
    row = connection.execute(WITH_PLACE.where(outbox.c.id == post_id)).one_or_none()
    return None if row is None else _doubtful(connection, row)


def _doubtful(connection: Connection, row: Row[Any]) -> Doubtful:
    place = place_of(row).model_copy(update={"thread": None, "person": None})
    return Doubtful(
        row.id, row.key, row.kind, cohorts.get(connection, row.cohort_id), place, row.due_at, row.state, row.reason
    )


def decide(connection: Connection, post_id: int, state: State, now: datetime) -> bool:
    """Settle what was unknown or failed: it is `sent`, or `pending` again. False if it was decided before.

    Who decides about what is unknown has looked for it. What failed is looked for by a sender, if the database was
    restored since: it may have been posted again before that.
    """
    this = (outbox.c.id == post_id) & outbox.c.state.in_(["unknown", "failed"])
    ready_at = outbox.c.due_at if state == "pending" else None
    began_at = case((outbox.c.state == "unknown", literal(now, Instant)))
    values = {"state": state, "reason": None, "attempt": 0, "first_attempt_at": began_at, "ready_at": ready_at}
    return connection.execute(update(outbox).where(this).values(values)).rowcount == 1


def last_asked(connection: Connection, cohort_id: int) -> str | None:
    """The local week that the newest check-in prompt of the cohort asks about, such as `2026-W50`."""
    key = connection.execute(
        select(outbox.c.key)
        .where(outbox.c.cohort_id == cohort_id, outbox.c.kind == "checkin")
        .order_by(outbox.c.due_at.desc())
        .limit(1)
    ).scalar()
    return None if key is None else what_of(key)


def beginning(connection: Connection, cohort_id: int, start: str) -> list[int]:
    """The ids of the cohort's posts whose keys begin so."""
    mine = (outbox.c.cohort_id == cohort_id) & outbox.c.key.startswith(start, autoescape=True)
    return list(connection.execute(select(outbox.c.id).where(mine)).scalars())


def payload(connection: Connection, key: str) -> Mapping[str, Any] | None:
    """What the post with that key is made from; None if there is none."""
    return connection.execute(select(outbox.c.payload).where(outbox.c.key == key)).scalar()


def due_at(connection: Connection, key: str) -> datetime | None:
    """When the post with that key is due; None if there is none."""
    return connection.execute(select(outbox.c.due_at).where(outbox.c.key == key)).scalar()


def due_before(connection: Connection, cohort_id: int, kind: Kind, at: datetime) -> datetime | None:
    """When the cohort's newest post of that kind was due, of those that were due before that instant."""
    mine = (outbox.c.cohort_id == cohort_id) & (outbox.c.kind == kind) & (outbox.c.due_at < at)
    return connection.execute(select(func.max(outbox.c.due_at)).where(mine)).scalar()


def asked(connection: Connection, cohort_id: int) -> set[str]:
    """The local weeks that members were asked about: those whose prompt got to a place, or may have."""
    is_asked = (outbox.c.kind == "checkin") & outbox.c.state.in_(["sent", "unknown"])
    keys = connection.execute(select(outbox.c.key).where(outbox.c.cohort_id == cohort_id, is_asked)).scalars()
    return set(map(what_of, keys))


def last_milestone(connection: Connection, place_id: int) -> Posted | None:
    """The newest milestone at the place."""
    posted = connection.execute(
        select(outbox.c.posted)
        .where(outbox.c.place_id == place_id, outbox.c.kind == "milestone", outbox.c.state == "sent")
        .order_by(outbox.c.due_at.desc(), outbox.c.id.desc())
        .limit(1)
    ).scalar()
    return None if posted is None else Posted.model_validate(posted)


def last_notice(connection: Connection, cohort_id: int, person: Person) -> tuple[State, str | None] | None:
    """What became of the newest notice about the cohort to the person, and why; None if there was none."""
    to_them = outbox.c.payload["person"]["id"].as_string() == person.id
    row = connection.execute(
        select(outbox.c.state, outbox.c.reason)
        .where(outbox.c.cohort_id == cohort_id, outbox.c.kind == "notice", outbox.c.platform == person.platform)
        .where(to_them)
        .order_by(outbox.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.state, row.reason)


def counts(connection: Connection) -> dict[str, int]:
    """How many posts there are in each state."""
    rows = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return {row[0]: row[1] for row in rows}


def waiting(connection: Connection, until: datetime) -> int:
    """How many posts wait for an hour after that instant (aware UTC), such as private reminders in quiet hours."""
    later = (outbox.c.state == "pending") & (outbox.c.ready_at >= until)
    return connection.execute(select(func.count()).where(later)).scalar_one()
