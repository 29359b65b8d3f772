"""What is to be sent next, and what becomes of it: posts are claimed one by one, and each outcome is kept under the
claim's fence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, select, update

from bot.chat.platform import Place, Posted
from bot.records import cohorts, lanes, restores
from bot.records.columns import Instant
from bot.records.lanes import LANES, Lane
from bot.records.posts import IN_THREAD, Kind, State, last_milestone, place_of
from bot.records.runners import by_locks
from bot.records.tables import TO_ONE, outbox

CROWD = 500  # posts; so many that wait for others are looked at in one transaction, and then moved out of the way
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # where there is no crowd, nobody is in the way
AWAY = timedelta(minutes=5)  # for how long they are, unless the one before them is settled sooner
LONGEST = timedelta(hours=2)  # for which a sender has a post wait; one to a member waits for an hour of theirs


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
    if connection.execute(lanes.waiting(lane), asked).first() is None:
        return None
    to_the_end = {"later": now + timedelta(microseconds=1), "latest": now + 2 * lease}
    row = connection.execute(lanes.claimable(lane), asked | to_the_end).one_or_none()
    if row is not None:
        return _taken(connection, row, now, fence, lease)
    passed = connection.execute(lanes.passed_over(lane), {**asked, "later": NEVER, "until": now + AWAY}).rowcount
    at = {"on": platform, "now": now, "latest": now + 2 * LONGEST}
    passed += connection.execute(lanes.set_back(lane), at).rowcount
    return Passed(passed) if passed else None


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
    connection.execute(lanes.next_in_line(lane), {"place": due.place_id})
    return True


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
