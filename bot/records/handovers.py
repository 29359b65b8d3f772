"""When it is looked at whether who leads a cohort is to be told something; `bot.delivery.handover` looks."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.records.columns import instant_of
from bot.records.rows import put_row
from bot.records.tables import cohorts, handovers

AT_ONCE = instant_of(0)


@dataclass(frozen=True, slots=True)
class Look:
    """A look that is due: at which cohort, since when, and since when there is that cohort."""

    cohort_id: int
    look_at: datetime
    created_at: datetime


def look_again(connection: Connection, cohort_id: int) -> None:
    """Have the cohort be looked at next thing: it is new, or its calendar or who leads it was changed."""
    put_row(connection, handovers, {"cohort_id": cohort_id}, {"look_at": AT_ONCE})


def next_look(connection: Connection, now: datetime) -> Look | None:
    """The look that has been due for longest."""
    row = connection.execute(
        select(handovers, cohorts.c.created_at)
        .join(cohorts, cohorts.c.id == handovers.c.cohort_id)
        .where(handovers.c.look_at <= now)
        .order_by(handovers.c.look_at, handovers.c.cohort_id)
        .limit(1)
    ).one_or_none()
    return None if row is None else Look(row.cohort_id, row.look_at, row.created_at)


def move_on(connection: Connection, look: Look, next_at: datetime | None) -> bool:
    """Set when the cohort is looked at next; None for not again. False if somebody else has looked meanwhile."""
    this = (handovers.c.cohort_id == look.cohort_id) & (handovers.c.look_at == look.look_at)
    return connection.execute(update(handovers).where(this).values(look_at=next_at)).rowcount == 1
