"""The schedule of what comes next, and the outbox of what is to be said, as verbs.

A schedule row says which step of a cohort's season is next for one kind of post and when. An outbox row is one post for
one place; its key is unique for ever, so putting it twice is putting it once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.chat.message import Message
from bot.chat.platform import Place, Posted
from bot.records import cohorts
from bot.records.cohorts import Cohort, places
from bot.records.columns import Instant
from bot.records.lanes import by_locks
from bot.records.restores import searched_since
from bot.records.tables import cohort_places, communities, outbox, schedule

Kind = Literal["milestone", "checkin", "reminder", "announcement", "share", "stuck", "notice"]
State = Literal["pending", "sending", "sent", "skipped", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Lane:
    """Posts that go out side by side, at most `width` at once; at one place they keep their order."""

    name: str
    kinds: tuple[Kind, ...]
    width: int


PRIVATE = Lane("private", ("notice",), 1)  # one by one: platforms take a burst of messages to people for spam
# A season's posts share a lane, since a prompt may not overtake the milestone that it belongs to; of those that may go
# out, a lane takes the first kind first.
LANES = (
    Lane("announcements", ("announcement",), 4),
    Lane("season", ("milestone", "checkin", "reminder"), 4),
    Lane("words", ("share", "stuck"), 2),
    PRIVATE,
)


@dataclass(frozen=True, slots=True)
class Coming:
    """The next post of one kind that a cohort's calendar holds."""

    cohort_id: int
    kind: Kind
    next_step: int
    next_due_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed row: what to say, where, and the fence under which its outcome is recorded."""

    id: int
    key: str
    kind: Kind
    cohort_id: int
    place_id: int
    place: Place
    payload: Mapping[str, Any]
    due_at: datetime
    attempt: int
    fence: str
    first_attempt_at: datetime


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A post that a facilitator may have to decide about: `unknown` whether it is there, or `failed` for a `reason`."""

    id: int
    kind: Kind
    cohort: Cohort
    place: Place
    due_at: datetime
    state: State
    reason: str | None


def plan(connection: Connection, cohort_id: int, kind: Kind, next_step: int, next_due_at: datetime | None) -> None:
    """Set what comes next; None when the season holds no more of this kind."""
    values = {"next_step": next_step, "next_due_at": next_due_at}
    mine = (schedule.c.cohort_id == cohort_id) & (schedule.c.kind == kind)
    if connection.execute(update(schedule).where(mine).values(**values)).rowcount == 0:
        connection.execute(insert(schedule).values(cohort_id=cohort_id, kind=kind, **values))


def coming(connection: Connection, cohort_id: int) -> list[Coming]:
    """What the cohort's calendar holds next, the soonest first."""
    mine = (schedule.c.cohort_id == cohort_id) & schedule.c.next_due_at.is_not(None)
    rows = connection.execute(select(schedule).where(mine).order_by(schedule.c.next_due_at))
    return [Coming(row.cohort_id, row.kind, row.next_step, row.next_due_at) for row in rows]


def planned(connection: Connection, cohort_ids: Sequence[int]) -> dict[int, list[Coming]]:
    """What the calendars of those cohorts hold next, by cohort."""
    mine = schedule.c.cohort_id.in_(cohort_ids) & schedule.c.next_due_at.is_not(None)
    found: dict[int, list[Coming]] = {}
    for row in connection.execute(select(schedule).where(mine)):
        found.setdefault(row.cohort_id, []).append(Coming(row.cohort_id, row.kind, row.next_step, row.next_due_at))
    return found


def next_steps(connection: Connection, cohort_id: int) -> dict[Kind, int]:
    """Which step of the cohort's season comes next for each kind, also where it has no date."""
    rows = connection.execute(select(schedule.c.kind, schedule.c.next_step).where(schedule.c.cohort_id == cohort_id))
    return {row.kind: row.next_step for row in rows}


def next_due_at(connection: Connection, platforms: Sequence[str]) -> datetime | None:
    """When the next thing happens: the soonest of all schedule rows and of the posts that wait for these platforms.

    A post waits to be sent, or to say what holds by now. One whose sender may have died waits until its lease is over.
    """
    found = [connection.execute(select(func.min(schedule.c.next_due_at))).scalar()]
    for platform in platforms:
        found += connection.execute(_soonest(), {"platform": platform}).one()
    return min((each for each in found if each is not None), default=None)


@cache
def _soonest() -> Select[Any]:
    """When a post of each kind, and an edit, comes next on :platform: each one the first of an index, not a minimum."""
    there = outbox.c.platform == bindparam("platform")
    ready = [
        select(outbox.c.ready_at)
        .where(there, outbox.c.kind == kind, outbox.c.ready_at.is_not(None), _overtakes_none(lane))
        .order_by(outbox.c.ready_at, outbox.c.id)
        for lane in LANES
        for kind in lane.kinds
    ]
    edits = select(outbox.c.refresh_at).where(there, outbox.c.refresh_at.is_not(None)).order_by(outbox.c.refresh_at)
    return select(*(each.limit(1).scalar_subquery() for each in (*ready, edits)))


def key_of(cohort: str, kind: Kind, what: str, place_id: int) -> str:
    """The key of the cohort's post of that kind at the place; `what` tells it from all others of the kind, for ever."""
    return f"{cohort}:{kind}:{what}:{place_id}"


def put(
    connection: Connection, key: str, kind: Kind, cohort_id: int, place_id: int, due_at: datetime,
    payload: Mapping[str, Any],
) -> bool:  # fmt: skip
    """Put a post into the outbox. False if its key was there already: nothing changes then."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    its_platform = (
        select(communities.c.platform)
        .join(cohort_places, cohort_places.c.community_id == communities.c.id)
        .where(cohort_places.c.id == place_id)
        .scalar_subquery()
    )
    statement = dialect.insert(outbox).values(
        key=key, kind=kind, cohort_id=cohort_id, place_id=place_id, platform=its_platform, payload=dict(payload),
        due_at=due_at, ready_at=due_at, state="pending", attempt=0,
    )  # fmt: skip
    return connection.execute(statement.on_conflict_do_nothing(index_elements=["key"])).rowcount == 1


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


outbox_and_where = outbox.join(cohort_places, cohort_places.c.id == outbox.c.place_id).join(
    communities, communities.c.id == cohort_places.c.community_id
)
WITH_PLACE = select(outbox, cohort_places.c.channel, cohort_places.c.name, communities.c.foreign_id).select_from(
    outbox_and_where
)


_earlier = outbox.alias("earlier")


def _overtakes_none(lane: Lane) -> ColumnElement[bool]:
    """Posts of a lane keep their order at a place: week 2 waits while week 1 is being tried again."""
    return ~exists().where(
        outbox.c.kind.in_(lane.kinds),
        _earlier.c.place_id == outbox.c.place_id,
        _earlier.c.kind.in_(lane.kinds),
        _earlier.c.state.in_(["pending", "sending"]),
        tuple_(_earlier.c.due_at, _earlier.c.id) < tuple_(outbox.c.due_at, outbox.c.id),
    )


@cache  # to build a statement anew takes longer than to run it
def _claimable(lane: Lane) -> list[Select[Any]]:
    """The lane's posts on :platform: those that are ready :now, kind by kind, and those whose lease is over :latest."""
    ready = (outbox.c.platform == bindparam("platform")) & (outbox.c.ready_at <= bindparam("now", type_=Instant))
    # As expressions, lest SQLite look for the few that are being sent among all that wait for later.
    there = ((outbox.c.platform + "") == bindparam("platform")) & (outbox.c.kind + "").in_(lane.kinds)
    ahead = there & (outbox.c.state == "sending") & (outbox.c.ready_at > bindparam("latest", type_=Instant))
    return [
        WITH_PLACE.where(each, _overtakes_none(lane))
        .order_by(outbox.c.ready_at, outbox.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=outbox)
        for each in (*((outbox.c.kind == kind) & ready for kind in lane.kinds), ahead)
    ]


@by_locks
def claim(connection: Connection, now: datetime, fence: str, lease: timedelta, platform: str, lane: Lane) -> Due | None:
    """Take the lane's next post there that is due, or whose sender died; it is ours for `lease`.

    One whose lease ends later than any sender could have asked for was taken before the clock was set back, and is
    free, too: later by a whole lease, since the clocks of two senders differ, and `now` may have waited for its turn.
    """
    asked = {"platform": platform, "now": now, "latest": now + 2 * lease}
    found = (connection.execute(each, asked).one_or_none() for each in _claimable(lane))
    row = next((each for each in found if each is not None), None)
    if row is None:
        return None
    due = due_of(row, now, fence)
    # A message was put when it fell due. A step may have been sent at an earlier date than it has now.
    known_from = row.first_attempt_at or (row.due_at if "message" in row.payload else None)
    if due.attempt == 1 and (since := searched_since(connection, now, known_from)):
        due = replace(due, attempt=2, first_attempt_at=since)  # it may have been sent before the database was restored
    taken = {"state": "sending", "attempt": due.attempt, "fence": fence, "ready_at": now + lease}
    taken["first_attempt_at"] = due.first_attempt_at
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(taken))
    return due


@by_locks
def renew(connection: Connection, due: Due, until: datetime) -> bool:
    """Hold the post for longer, under the fence. False if somebody else has taken it over since."""
    return _record(connection, due, {"ready_at": until})


def due_of(row: Row[Any], now: datetime, fence: str) -> Due:
    """The post in a row that holds all of the outbox and the place's own columns."""
    place = Place(
        platform=row.platform, community=row.foreign_id, channel=row.channel, name=row.name,
        thread=row.payload.get("thread"), person=row.payload.get("person"),
    )  # fmt: skip
    return Due(
        row.id, row.key, row.kind, row.cohort_id, row.place_id, place, row.payload, row.due_at, row.attempt + 1, fence,
        row.first_attempt_at or now,
    )  # fmt: skip


@by_locks
def settle(
    connection: Connection, due: Due, state: State, now: datetime,
    *, posted: Posted | None = None, reason: str | None = None, said: str | None = None,
) -> bool:  # fmt: skip
    """Record the outcome, under the fence. False if somebody else has taken the post over since.

    With `said`, a hash of what the post says, it is kept up to date from now on, and is looked at again at once: what
    it tells of may have changed while it was on its way.
    """
    values: dict[str, Any] = {"state": state, "reason": reason, "ready_at": None}
    if posted is not None:
        values |= {"posted": posted.model_dump(mode="json"), "posted_at": now}
    if said is not None:
        values |= {"said": said, "refresh_at": now}
    if posted is not None and is_taken_back(connection, due):
        values["refresh_at"] = now
    return _record(connection, due, values)


def is_taken_back(connection: Connection, due: Due) -> bool:
    """Whether the post is to be there no longer, wherever it is by now; so it is of one that was forgotten."""
    row = connection.execute(select(outbox.c.taken_back_at).where(outbox.c.id == due.id)).one_or_none()
    return row is None or row.taken_back_at is not None


def settle_lost(connection: Connection, due: Due, now: datetime, reason: str) -> bool:
    """Record, under the fence, that the place is lost: this post failed, and what waits for the place is skipped."""
    # The attempt created nothing: should the place come back, there is nothing to look for there.
    if not _record(connection, due, {"state": "failed", "ready_at": None, "attempt": due.attempt - 1}):
        return False
    # Of a place that is lost already, the first reason stays: it tells what comes back with it.
    reason = cohorts.lose_place(connection, due.place_id, reason)
    connection.execute(update(outbox).where(outbox.c.id == due.id).values(reason=reason))
    waiting = (outbox.c.place_id == due.place_id) & (outbox.c.state == "pending") & (outbox.c.kind != "notice")
    connection.execute(update(outbox).where(waiting).values(state="skipped", reason=reason, ready_at=None))
    return True


def revive(connection: Connection, place_id: int, reason: str, since: datetime) -> None:
    """Let what did not go out because the place was lost, for that reason, wait again, if it was due after `since`."""
    lost = (outbox.c.place_id == place_id) & (outbox.c.reason == reason) & (outbox.c.due_at > since)
    given_up = lost & outbox.c.state.in_(["failed", "skipped"])
    connection.execute(update(outbox).where(given_up).values(state="pending", ready_at=outbox.c.due_at, reason=None))


def leave_thread(connection: Connection, due: Due, now: datetime) -> bool:
    """Have the post go to the channel instead, under the fence: the thread that it was for is not there any more."""
    payload = {**due.payload, "thread": None}
    values = {"state": "pending", "payload": payload, "attempt": due.attempt - 1, "ready_at": now}
    return _record(connection, due, values)


def doubtful(connection: Connection, cohort_id: int, since: datetime) -> list[Doubtful]:
    """The cohort's posts that a facilitator has to decide about, the oldest first.

    Those whose fate is unknown; and those that failed, were due after `since`, and whose place posts can reach.
    """
    failed = (outbox.c.state == "failed") & (outbox.c.due_at > since) & cohort_places.c.lost_because.is_(None)
    mine = (outbox.c.cohort_id == cohort_id) & (outbox.c.kind != "notice") & ((outbox.c.state == "unknown") | failed)
    ids = connection.execute(
        select(outbox.c.id).select_from(outbox_and_where).where(mine).order_by(outbox.c.due_at, outbox.c.id)
    ).scalars()
    return [found for each in ids if (found := find(connection, each))]


def find(connection: Connection, post_id: int) -> Doubtful | None:
    """The post with that id, whatever its state."""
    row = connection.execute(WITH_PLACE.where(outbox.c.id == post_id)).one_or_none()
    if row is None:
        return None
    place = Place(platform=row.platform, community=row.foreign_id, channel=row.channel, name=row.name)
    return Doubtful(row.id, row.kind, cohorts.get(connection, row.cohort_id), place, row.due_at, row.state, row.reason)


def decide(connection: Connection, post_id: int, state: State, now: datetime) -> bool:
    """Settle what was unknown or failed: it is `sent`, or `pending` again. False if it was decided before."""
    this = (outbox.c.id == post_id) & outbox.c.state.in_(["unknown", "failed"])
    ready_at = outbox.c.due_at if state == "pending" else None
    values = {"state": state, "reason": None, "attempt": 0, "first_attempt_at": now, "ready_at": ready_at}
    return connection.execute(update(outbox).where(this).values(values)).rowcount == 1


def last_asked(connection: Connection, cohort_id: int) -> str | None:
    """The local week that the newest check-in prompt of the cohort asks about, such as `2026-W50`."""
    key = connection.execute(
        select(outbox.c.key)
        .where(outbox.c.cohort_id == cohort_id, outbox.c.kind == "checkin")
        .order_by(outbox.c.due_at.desc())
        .limit(1)
    ).scalar()
    return None if key is None else str(key).split(":")[2]


def last_milestone(connection: Connection, place_id: int) -> Posted | None:
    """The newest milestone at the place."""
    posted = connection.execute(
        select(outbox.c.posted)
        .where(outbox.c.place_id == place_id, outbox.c.kind == "milestone", outbox.c.state == "sent")
        .order_by(outbox.c.due_at.desc(), outbox.c.id.desc())
        .limit(1)
    ).scalar()
    return None if posted is None else Posted.model_validate(posted)


@by_locks
def retry(
    connection: Connection, due: Due, ready_at: datetime, reason: str | None, *, certainly_not_sent: bool
) -> bool:
    """Let the post wait, under the fence. An attempt that certainly created nothing does not count.

    Without a reason, that of the attempt before stays.
    """
    values: dict[str, Any] = {"state": "pending", "ready_at": ready_at}
    if reason is not None:
        values["reason"] = reason
    if certainly_not_sent:
        values["attempt"] = due.attempt - 1
    return _record(connection, due, values)


def _record(connection: Connection, due: Due, values: Mapping[str, Any]) -> bool:
    mine = (outbox.c.id == due.id) & (outbox.c.fence == due.fence) & (outbox.c.state == "sending")
    return connection.execute(update(outbox).where(mine).values(**values)).rowcount == 1


def counts(connection: Connection) -> dict[str, int]:
    """How many posts there are in each state."""
    rows = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return {row[0]: row[1] for row in rows}
