"""What of a cohort's checklist was ticked by hand, by whom and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, select

from bot.chat.platform import Person
from bot.records.members import account
from bot.records.rows import put_row
from bot.records.tables import accounts, ticks

Ticked = Literal["done", "not needed"]


@dataclass(frozen=True, slots=True)
class Tick:
    """One item as a facilitator ticked it. `name` is what they are called; None once they have been forgotten."""

    state: Ticked
    name: str | None
    at: datetime


def of_cohort(connection: Connection, cohort_id: int) -> dict[str, Tick]:
    """The ticks on the cohort's checklist, by item."""
    found = connection.execute(
        select(ticks, accounts.c.name).outerjoin(accounts).where(ticks.c.cohort_id == cohort_id).order_by(ticks.c.item)
    )
    return {row.item: Tick(row.state, row.name, row.at) for row in found}


def tick(connection: Connection, cohort_id: int, item: str, state: Ticked | None, by: Person, now: datetime) -> bool:
    """Tick the item, or take its tick back (None). False if it is so already: the first who did it stays."""
    before = of_cohort(connection, cohort_id).get(item)
    if state == (before.state if before else None):
        return False
    if state is None:
        connection.execute(delete(ticks).where(ticks.c.cohort_id == cohort_id, ticks.c.item == item))
    else:
        account_id, _ = account(connection, by, now)
        values = {"state": state, "account_id": account_id, "at": now}
        put_row(connection, ticks, {"cohort_id": cohort_id, "item": item}, values)
    return True
