"""Posts that are kept up to date, or taken back: a fact that changed marks them, and they are looked at one by one.

The mark is set in the transaction of the fact. It is an instant: now, or the end of the pause that follows every edit,
so that a burst of changes costs two edits and the last of them says what holds in the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, literal, select, update

from bot.chat.platform import Posted
from bot.records import restores
from bot.records.claims import Due, due_of
from bot.records.columns import Instant
from bot.records.posts import WITH_PLACE
from bot.records.runners import by_locks
from bot.records.tables import cohorts, enrolments, outbox

KEPT_UP = timedelta(days=14)  # after it, a milestone; what a week long gone says is left as it is
MARKED_LATER = timedelta(milliseconds=1)  # than the end of the quiet: so a claim's own mark is told from others
LONGEST = timedelta(hours=1)  # for which a post is left in peace
TAKEN_BACK = "taken back"


@dataclass(frozen=True, slots=True)
class Live:
    """A post to look at again. `said` is a hash of what it says; the fence is in `due`.

    One that `is_taken_back` is to be there no longer.
    """

    due: Due
    posted: Posted
    said: str | None
    is_taken_back: bool


def member_moved(connection: Connection, member_id: int, curriculum: str, now: datetime) -> None:
    """Mark what is told of the member's cohorts that follow this curriculum."""
    mine = (
        select(enrolments.c.cohort_id)
        .join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
        .where(enrolments.c.member_id == member_id, enrolments.c.left_at.is_(None), cohorts.c.curriculum == curriculum)
    )
    _mark(connection, _milestones(outbox.c.cohort_id.in_(mine), now), now)


def cohort_changed(connection: Connection, cohort_id: int, now: datetime) -> None:
    """Mark what is told of the cohort: somebody came or went."""
    _mark(connection, _milestones(outbox.c.cohort_id == cohort_id, now), now)
    invitations_changed(connection, cohort_id, now)


def invitations_changed(connection: Connection, cohort_id: int, now: datetime) -> None:
    """Mark the invitations to the cohort, however old: its dates, or how many it takes or wait for it, have changed."""
    _mark(connection, (outbox.c.cohort_id == cohort_id) & (outbox.c.kind == "invitation"), now)


def announcement_changed(
    connection: Connection, announcement_id: int, now: datetime, cohort_id: int | None = None
) -> None:
    """Mark the copies of the announcement, however old, in all of its cohorts or in one."""
    copies = outbox.c.announcement_id == announcement_id
    _mark(connection, copies if cohort_id is None else copies & (outbox.c.cohort_id == cohort_id), now)


def copies(connection: Connection, announcement_id: int) -> list[int]:
    """The ids of the announcement's copies in the outbox."""
    these = outbox.c.announcement_id == announcement_id
    return list(connection.execute(select(outbox.c.id).where(these)).scalars())


def _milestones(whose: ColumnElement[bool], now: datetime) -> ColumnElement[bool]:
    return whose & (outbox.c.kind == "milestone") & (outbox.c.posted_at > now - KEPT_UP)


def take_back(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Have those posts of the outbox be there no longer: what waits is not sent, and what is there is taken away.

    One that is on its way is taken away once it is known to be there.
    """
    these = outbox.c.id.in_(ids)
    connection.execute(update(outbox).where(these).values(taken_back_at=now))
    # Of what a facilitator says is there, nobody knows which message it is: it stays.
    is_there = (outbox.c.state == "sent") & outbox.c.posted.is_not(None)
    connection.execute(update(outbox).where(these, is_there).values(refresh_at=now))
    if restores.last(connection, now):
        return  # what seems never to have been tried may be there all the same: it is looked for first
    waiting = these & (outbox.c.state == "pending") & (outbox.c.attempt == 0)
    values = {"state": "skipped", "reason": TAKEN_BACK, "ready_at": None}
    connection.execute(update(outbox).where(waiting).values(values))


def say_anew(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Mark those posts: what they tell of was changed."""
    _mark(connection, outbox.c.id.in_(ids), now)


def _mark(connection: Connection, whose: ColumnElement[bool], now: datetime) -> None:
    then = case((outbox.c.quiet_until > now, outbox.c.quiet_until), else_=literal(now, Instant))
    is_live = outbox.c.said.is_not(None) & (outbox.c.state == "sent")
    connection.execute(update(outbox).where(whose, is_live).values(refresh_at=then))


@by_locks
def claim(connection: Connection, now: datetime, fence: str, lease: timedelta, platform: str) -> Live | None:
    """Take the next marked post of the platform; it is ours for `lease`, and comes again then if it is not settled.

    One that is marked for later than anybody could have asked for was marked by a clock that was set back since.
    """
    there = (outbox.c.platform == platform) & (outbox.c.said.is_not(None) | outbox.c.taken_back_at.is_not(None))
    found = (
        connection.execute(
            WITH_PLACE.where(there, marked)
            .order_by(outbox.c.refresh_at, outbox.c.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=outbox)
        ).one_or_none()
        for marked in (outbox.c.refresh_at <= now, _is_ahead(now + 2 * LONGEST))
    )
    row = next((each for each in found if each is not None), None)
    if row is None:
        return None
    connection.execute(
        update(outbox)
        .where(outbox.c.id == row.id)
        .values(fence=fence, quiet_until=now + lease, refresh_at=now + lease + MARKED_LATER)
    )
    return Live(due_of(row, now, fence), Posted.model_validate(row.posted), row.said, row.taken_back_at is not None)


def _is_ahead(latest: datetime) -> ColumnElement[bool]:
    """Whether a post is marked for after `latest`, and not because what it says changes by itself then."""
    changes = (outbox.c.kind == "invitation") & outbox.c.taken_back_at.is_(None)
    return (outbox.c.refresh_at > latest) & (~changes | (outbox.c.quiet_until > latest))


_was_marked = outbox.c.refresh_at <= outbox.c.quiet_until  # since the claim, whose own mark is later


@by_locks
def begin(connection: Connection, live: Live, until: datetime) -> bool:
    """Hold the post until then, under the fence, and note that from now on nobody knows what it says.

    False if somebody else has it by now.
    """
    again = case((_was_marked, literal(until, Instant)), else_=literal(until + MARKED_LATER, Instant))
    return _record(connection, live, {"said": "", "quiet_until": until, "refresh_at": again})


@by_locks
def settle(
    connection: Connection, live: Live, said: str | None, quiet_until: datetime, changes_at: datetime | None = None
) -> None:
    """Record what the post says now, under the fence. A mark that was set since the claim holds after the quiet.

    Without one, the post is looked at again when what it says changes by itself, if it ever does.
    """
    later = None if changes_at is None else literal(max(changes_at, quiet_until), Instant)
    again = case((_was_marked, literal(quiet_until, Instant)), else_=later)
    _record(connection, live, {"said": said, "quiet_until": quiet_until, "refresh_at": again})


@by_locks
def wait(connection: Connection, live: Live, until: datetime) -> None:
    """Look at the post again then, and not before; if it is still ours."""
    _record(connection, live, {"refresh_at": until, "quiet_until": until})


@by_locks
def give_up(connection: Connection, live: Live) -> None:
    """Keep the post up to date no longer, nor try to take it away, if it is still ours."""
    _record(connection, live, {"refresh_at": None, "said": None, "taken_back_at": None})


@by_locks
def settle_taken_back(connection: Connection, live: Live) -> None:
    """Record that the post is there no longer."""
    _record(connection, live, {"state": "skipped", "reason": TAKEN_BACK, "refresh_at": None, "said": None})


@by_locks
def forget(connection: Connection, live: Live) -> None:
    """As `give_up`, and nothing goes into its thread any more: the post was deleted."""
    posted = live.posted.model_copy(update={"thread": None}).model_dump(mode="json")
    _record(connection, live, {"refresh_at": None, "said": None, "taken_back_at": None, "posted": posted})


def _record(connection: Connection, live: Live, values: Mapping[str, Any]) -> bool:
    mine = (outbox.c.id == live.due.id) & (outbox.c.fence == live.due.fence)
    return connection.execute(update(outbox).where(mine).values(**values)).rowcount == 1
