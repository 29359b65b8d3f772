"""Posts that are kept up to date, or taken back: a fact that changed marks them, and they are looked at one by one.

The mark is set in the transaction of the fact. It is an instant: now, or the end of the pause that follows every edit,
so that a burst of changes costs two edits and the last of them says what holds in the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, literal, select, update

from bot.chat.platform import Posted
from bot.records.columns import Instant
from bot.records.lanes import by_locks
from bot.records.posts import WITH_PLACE, Due, due_of
from bot.records.tables import cohorts, enrolments, outbox

KEPT_UP = timedelta(days=14)  # after its post; what a week long gone says is left as it is
TAKEN_BACK = "taken back"


@dataclass(frozen=True, slots=True)
class Live:
    """A post to look at again. `said` is a hash of what it says; `lease` tells a mark of ours from a newer one.

    One that `is_taken_back` is to be there no longer.
    """

    due: Due
    posted: Posted
    said: str | None
    lease: datetime
    is_taken_back: bool = False


def member_moved(connection: Connection, member_id: int, curriculum: str, now: datetime) -> None:
    """Mark what is told of the member's cohorts that follow this curriculum."""
    mine = (
        select(enrolments.c.cohort_id)
        .join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
        .where(enrolments.c.member_id == member_id, enrolments.c.left_at.is_(None), cohorts.c.curriculum == curriculum)
    )
    _mark(connection, outbox.c.cohort_id.in_(mine), now)


def cohort_changed(connection: Connection, cohort_id: int, now: datetime) -> None:
    """Mark what is told of the cohort: somebody came or went."""
    _mark(connection, outbox.c.cohort_id == cohort_id, now)


def take_back(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Have those posts of the outbox be there no longer: what waits is not sent, and what is there is taken away.

    One that is on its way is taken away once it is known to be there.
    """
    these = outbox.c.id.in_(ids)
    connection.execute(update(outbox).where(these).values(taken_back_at=now))
    connection.execute(update(outbox).where(these, outbox.c.state == "sent").values(refresh_at=now))
    waiting = these & (outbox.c.state == "pending") & (outbox.c.attempt == 0)
    values = {"state": "skipped", "reason": TAKEN_BACK, "ready_at": None}
    connection.execute(update(outbox).where(waiting).values(values))


def _mark(connection: Connection, whose: ColumnElement[bool], now: datetime) -> None:
    then = case((outbox.c.quiet_until > now, outbox.c.quiet_until), else_=literal(now, Instant))
    is_live = outbox.c.said.is_not(None) & (outbox.c.posted_at > now - KEPT_UP)
    connection.execute(update(outbox).where(whose, is_live, outbox.c.state == "sent").values(refresh_at=then))


@by_locks
def claim(connection: Connection, now: datetime, lease: timedelta, platform: str) -> Live | None:
    """Take the next marked post of the platform, for `lease`; one neither settled nor left by then comes again."""
    row = connection.execute(
        WITH_PLACE.where(
            outbox.c.refresh_at <= now,
            outbox.c.said.is_not(None) | outbox.c.taken_back_at.is_not(None),
            outbox.c.platform == platform,
        )
        .order_by(outbox.c.refresh_at, outbox.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=outbox)
    ).one_or_none()
    if row is None:
        return None
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(refresh_at=now + lease))
    is_taken_back = row.taken_back_at is not None
    return Live(due_of(row, now, ""), Posted.model_validate(row.posted), row.said, now + lease, is_taken_back)


def settle(connection: Connection, live: Live, said: str | None, quiet_until: datetime) -> None:
    """Record what the post says now. A mark that was set since the claim stays."""
    mine = outbox.c.id == live.due.id
    connection.execute(update(outbox).where(mine).values(said=said, quiet_until=quiet_until))
    connection.execute(update(outbox).where(mine, outbox.c.refresh_at == live.lease).values(refresh_at=None))


def wait(connection: Connection, live: Live, until: datetime) -> None:
    """Look at the post again then, and not before."""
    mine = outbox.c.id == live.due.id
    connection.execute(update(outbox).where(mine).values(refresh_at=until, quiet_until=until))


def give_up(connection: Connection, live: Live) -> None:
    """Keep the post up to date no longer, nor try to take it away."""
    mine = outbox.c.id == live.due.id
    connection.execute(update(outbox).where(mine).values(refresh_at=None, said=None, taken_back_at=None))


def settle_taken_back(connection: Connection, live: Live) -> None:
    """Record that the post is there no longer."""
    values = {"state": "skipped", "reason": TAKEN_BACK, "refresh_at": None, "said": None}
    connection.execute(update(outbox).where(outbox.c.id == live.due.id).values(values))


def forget(connection: Connection, live: Live) -> None:
    """As `give_up`, and nothing goes into its thread any more: the post was deleted."""
    give_up(connection, live)
    posted = live.posted.model_copy(update={"thread": None}).model_dump(mode="json")
    connection.execute(update(outbox).where(outbox.c.id == live.due.id).values(posted=posted))
