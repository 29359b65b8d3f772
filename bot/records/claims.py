"""What is to be sent next, and what becomes of it: posts are claimed one by one, and each outcome is kept under the
claim's fence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Update,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from bot.chat.platform import Place, Posted
from bot.records import cohorts, restores
from bot.records.columns import Instant
from bot.records.posts import IN_THREAD, TO_MEMBERS, WITH_PLACE, Kind, State, last_milestone, place_of
from bot.records.runners import by_locks
from bot.records.tables import TO_ONE, outbox


@dataclass(frozen=True, slots=True)
class Lane:
    """Posts that go out side by side, at most `width` at once; at one place they keep their order."""

    name: str
    kinds: tuple[Kind, ...]
    width: int


PRIVATE = Lane("private", TO_ONE, 1)  # one by one: platforms take a burst of messages to people for spam
# A season's posts share a lane, since a prompt may not overtake the milestone that it belongs to; of those that may go
# out, a lane takes the first kind first.
LANES = (
    Lane("announcements", ("announcement",), 4),
    Lane("season", ("milestone", "checkin", "reminder", "digest"), 4),
    Lane("words", ("share", "answer", "stuck", "welcome"), 2),
    # By itself: a channel that is not the cohort's holds up nothing of the cohort's.
    Lane("invitations", ("invitation",), 1),
    PRIVATE,
)

CROWD = 500  # posts; so many that wait for others are looked at in one transaction, and then moved out of the way
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # where there is no crowd, nobody is in the way
AWAY = timedelta(minutes=5)  # for how long they are, unless the one before them is settled sooner
LONGEST = timedelta(hours=1)  # for which a sender has a post wait; one to a member waits for an hour of theirs
SAID: tuple[Kind, ...] = ("share", "answer", "stuck", "welcome", "invitation", "notice")  # due when it was put
PASSING = 0x4D494C4550415353  # the advisory lock of whoever moves a crowd out of the way


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed row: what to say, where, and the fence under which its outcome is recorded.

    `restored_at` is when the database was restored last, if lately. `restored_from`, to what it held then, is set where
    others may have tried before that, though this is the first attempt that is known of. Of an announcement's copy the
    payload is empty: what it says is the announcement's.
    """

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
    restored_from: datetime | None = None
    restored_at: datetime | None = None
    announcement_id: int | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """So many `posts` were found to wait for others at their places; what may go is behind them, if anything is."""

    posts: int


_earlier = outbox.alias("earlier")


def overtakes_none(lane: Lane, post: FromClause = outbox) -> ColumnElement[bool]:
    """Posts of a lane keep their order at a place: week 2 waits while week 1 is being tried again."""
    return ~exists().where(
        _keeps_order(lane, post.c.kind),
        _earlier.c.place_id == post.c.place_id,
        _keeps_order(lane, _earlier.c.kind),
        _earlier.c.state.in_([_plain("pending"), _plain("sending")]),
        tuple_(_earlier.c.due_at, _earlier.c.id) < tuple_(post.c.due_at, post.c.id),
    )


def _is_of(lane: Lane, kind: ColumnElement[str]) -> ColumnElement[bool]:
    return kind.in_([_plain(each) for each in lane.kinds])


def _keeps_order(lane: Lane, kind: ColumnElement[str]) -> ColumnElement[bool]:
    return kind.in_([_plain(each) for each in lane.kinds if each not in TO_MEMBERS])


def _plain(ours: Kind | State) -> ColumnElement[str]:
    """The word as it stands in the statement: to hand over a dozen at every use takes longer than to look for them."""
    return literal_column(f"'{ours}'")


_waiting, _beyond = outbox.alias("waiting"), outbox.alias("beyond")
_NOW = bindparam("now", type_=Instant)


def _ready(lane: Lane) -> list[Select[Any]]:
    """The lane's posts :on a platform that are ready :now, kind by kind; of each kind, the first :crowd alone.

    Those that were ready before the end of the crowd, and those at that instant, apart: SQLite finds where to stop in
    an index by a row's id only among rows that are equal otherwise.
    """
    found = []
    for kind in lane.kinds:
        end = (
            select(_beyond.c.ready_at, _beyond.c.id)
            .where(_beyond.c.platform == bindparam("on"), _beyond.c.kind == _plain(kind), _beyond.c.ready_at <= _NOW)
            .order_by(_beyond.c.ready_at, _beyond.c.id)
            .offset(bindparam("crowd"))
            .limit(1)
        )
        at, last = (end.with_only_columns(each).scalar_subquery() for each in (_beyond.c.ready_at, _beyond.c.id))
        there = select(_waiting.c.id).where(_waiting.c.platform == bindparam("on"), _waiting.c.kind == _plain(kind))
        found += [
            there.where(_waiting.c.ready_at < func.coalesce(at, bindparam("later", type_=Instant))),
            there.where(_waiting.c.ready_at == at, _waiting.c.id < last),
        ]
    return found


# To build a statement anew takes longer than to run it.
@cache
def _claimable(lane: Lane) -> Select[Any]:
    """The lane's next post :on a platform, of those that are ready :now, or whose lease is over later than :latest."""
    # As expressions, lest SQLite look for the few that are being sent among all that wait for later.
    there = ((_waiting.c.platform + "") == bindparam("on")) & _is_of(lane, _waiting.c.kind + "")
    ahead = there & (_waiting.c.state == _plain("sending")) & (_waiting.c.ready_at > bindparam("latest", type_=Instant))
    each_first = [
        each.where(overtakes_none(lane, _waiting))
        .order_by(_waiting.c.ready_at, _waiting.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
        for each in (*_ready(lane), select(_waiting.c.id).where(ahead))
    ]
    return WITH_PLACE.where(outbox.c.id == func.coalesce(*each_first))


@cache
def _passed_over(lane: Lane) -> Update:
    """Moves the crowds out of the way :until then."""
    blocked = [each.where(~overtakes_none(lane, _waiting)).with_for_update(skip_locked=True) for each in _ready(lane)]
    crowd = or_(*(outbox.c.id.in_(each) for each in blocked))
    return update(outbox).where(crowd).values(ready_at=bindparam("until", type_=Instant))


@by_locks
def claim(
    connection: Connection, now: datetime, fence: str, lease: timedelta, platform: str, lane: Lane
) -> Due | Passed | None:
    """Take the lane's next post there that is due, or whose sender died; it is ours for `lease`.

    One whose lease ends later than any sender could have asked for was taken before the clock was set back, and is
    free, too: later by a whole lease, since the clocks of two senders differ, and `now` may have waited for its turn.
    So is one that waits for longer than any sender has a post wait.

    However many posts wait for others at their places, this takes no longer: a crowd of them is moved out of the way
    for `AWAY`, or until the one before each is settled, and `Passed` says to ask again.
    """
    asked = {"on": platform, "now": now, "crowd": CROWD}
    to_the_end = {"later": now + timedelta(microseconds=1), "latest": now + 2 * lease}
    row = connection.execute(_claimable(lane), asked | to_the_end).one_or_none()
    if row is not None:
        return _taken(connection, row, now, fence, lease)
    _take_turns(connection, passing=True)
    passed = connection.execute(_passed_over(lane), {**asked, "later": NEVER, "until": now + AWAY}).rowcount
    passed += connection.execute(_set_back(lane), {"on": platform, "now": now, "latest": now + 2 * LONGEST}).rowcount
    return Passed(passed) if passed else None


@cache
def _set_back(lane: Lane) -> Update:
    """Lets posts :on a platform go :now, if they are due, that wait until after :latest: a clock was set back."""
    kinds = [_plain(each) for each in lane.kinds if each not in TO_MEMBERS]
    # The state as an expression, lest SQLite look at all that wait.
    there = (outbox.c.platform == bindparam("on")) & outbox.c.kind.in_(kinds) & (outbox.c.state + "" == "pending")
    is_due = (outbox.c.due_at <= bindparam("now", type_=Instant)) | outbox.c.kind.in_(map(_plain, SAID))
    there &= outbox.c.ready_at > bindparam("latest", type_=Instant)
    return update(outbox).where(there, is_due).values(ready_at=bindparam("now", type_=Instant))


def _taken(connection: Connection, row: Row[Any], now: datetime, fence: str, lease: timedelta) -> Due:
    due = due_of(row, now, fence)
    if due.kind in IN_THREAD and "thread" not in row.payload:
        due = _in_thread(connection, due)
    if restore := restores.last(connection, now):
        due = replace(due, restored_at=restore.at)
        if due.attempt == 1 and restores.may_hide(connection, restore, row):
            due = replace(due, restored_from=restore.since, first_attempt_at=restore.since)
    taken = {"state": "sending", "attempt": due.attempt, "fence": fence, "ready_at": now + lease}
    taken["first_attempt_at"] = due.first_attempt_at
    if due.payload != row.payload:
        taken["payload"] = due.payload
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(taken))
    return due


def _in_thread(connection: Connection, due: Due) -> Due:
    """The post in the thread of the newest milestone there. So it stays: a lost attempt is looked for there."""
    milestone = last_milestone(connection, due.place_id)
    thread = milestone.thread if milestone else None
    place = due.place.model_copy(update={"thread": thread})
    return replace(due, payload={**due.payload, "thread": thread}, place=place)


@by_locks
def renew(connection: Connection, due: Due, until: datetime) -> bool:
    """Hold the post for longer, under the fence. False if somebody else has taken it over since."""
    return _record(connection, due, {"ready_at": until})


def due_of(row: Row[Any], now: datetime, fence: str) -> Due:
    """The post in a row that holds all of the outbox and the place's own columns."""
    return Due(
        row.id, row.key, row.kind, row.cohort_id, row.place_id, place_of(row), row.payload, row.due_at,
        row.attempt + 1, fence, row.first_attempt_at or now, announcement_id=row.announcement_id,
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
        # As the row is when it is written: it may be taken back in this very moment.
        values["refresh_at"] = case((outbox.c.taken_back_at.is_not(None), bindparam(None, now, type_=Instant)))
    values |= {} if said is None else {"said": said, "refresh_at": now}
    if not _record(connection, due, values):
        return False
    lane = next(each for each in LANES if due.kind in each.kinds)
    _take_turns(connection, passing=False)
    connection.execute(_next_in_line(lane), {"place": due.place_id})
    return True


def _take_turns(connection: Connection, *, passing: bool) -> None:
    """Have nobody pass over a crowd while somebody settles what it waits for, until this transaction ends.

    On a server, each would not see what the other has just done. A SQLite file has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if passing else func.pg_advisory_xact_lock_shared
        connection.execute(select(lock(PASSING)))


def is_taken_back(connection: Connection, due: Due) -> bool:
    """Whether the post is to be there no longer, wherever it is by now; so it is of one that was forgotten."""
    row = connection.execute(select(outbox.c.taken_back_at).where(outbox.c.id == due.id)).one_or_none()
    return row is None or row.taken_back_at is not None


@cache
def _next_in_line(lane: Lane) -> Update:
    """Lets the lane's next post at :place go that was passed over, now that nothing is before it.

    It is written to even if it was not: in a SERIALIZABLE transaction, only so is noticed that it was meanwhile.
    """
    of_each = [
        select(outbox.c.id)
        .where(outbox.c.place_id == bindparam("place"), outbox.c.kind == kind, outbox.c.state == "pending")
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(1)
        .scalar_subquery()
        for kind in lane.kinds
        if kind not in TO_MEMBERS
    ]
    return update(outbox).where(outbox.c.id.in_(of_each), outbox.c.fence.is_(None)).values(ready_at=outbox.c.due_at)


def settle_lost(connection: Connection, due: Due, now: datetime, reason: str) -> bool:
    """Record, under the fence, that the place is lost: this post failed, and what waits for the place is skipped."""
    # The attempt created nothing: should the place come back, there is nothing to look for there.
    if not _record(connection, due, {"state": "failed", "ready_at": None, "attempt": due.attempt - 1}):
        return False
    # Of a place that is lost already, the first reason stays: it tells what comes back with it.
    reason = cohorts.lose_place(connection, due.place_id, reason)
    connection.execute(update(outbox).where(outbox.c.id == due.id).values(reason=reason))
    waiting = (outbox.c.place_id == due.place_id) & (outbox.c.state == "pending") & outbox.c.kind.not_in(TO_ONE)
    connection.execute(update(outbox).where(waiting).values(state="skipped", reason=reason, ready_at=None))
    return True


def leave_thread(connection: Connection, due: Due, now: datetime) -> bool:
    """Have the post go to the channel instead, under the fence: the thread that it was for is not there any more."""
    payload = {**due.payload, "thread": None}
    values = {"state": "pending", "payload": payload, "attempt": due.attempt - 1, "ready_at": now}
    return _record(connection, due, values)


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
