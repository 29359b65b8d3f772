"""Absences: local days on which nothing is asked of a member, in any cohort. Each begins on the day it is told."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.records.tables import absences

DAY_ENDS = timedelta(hours=4)
"""How long after midnight a day goes on: people who study at night mean the evening before (hackclub/scrappy #41)."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Local days, both ends among them."""

    first_on: date
    last_on: date

    def meets(self, first_on: date, last_on: date) -> bool:
        """Whether any of its days is one of those, both ends among them."""
        return self.first_on <= last_on and first_on <= self.last_on


def study_day(at: datetime, zone: ZoneInfo) -> date:
    """The local day to which what is done at that instant belongs: it ends at 04:00, by the clock on the wall."""
    return (at.astimezone(zone) - DAY_ENDS).date()


def of_member(connection: Connection, member_id: int) -> list[Absence]:
    """All that the member ever told, in order."""
    rows = connection.execute(
        select(absences).where(absences.c.member_id == member_id).order_by(absences.c.first_on, absences.c.id)
    )
    return [_absence_of(row) for row in rows]


def _absence_of(row: Row[Any]) -> Absence:
    return Absence(row.first_on, row.last_on)


def on(connection: Connection, member_id: int, today: date) -> Absence | None:
    """The absence that the day is in, or None."""
    return next((each for each in of_member(connection, member_id) if each.meets(today, today)), None)


def go_away(connection: Connection, member_id: int, today: date, last_on: date) -> None:
    """Be away from today to that day. An absence that is on already ends on that day instead."""
    mine = (absences.c.member_id == member_id) & (absences.c.first_on <= today) & (absences.c.last_on >= today)
    if connection.execute(update(absences).where(mine).values(last_on=last_on)).rowcount == 0:
        connection.execute(insert(absences).values(member_id=member_id, first_on=today, last_on=last_on))


def come_back(connection: Connection, member_id: int, today: date) -> None:
    """End the absence that is on; one that began today was none."""
    mine = (absences.c.member_id == member_id) & (absences.c.last_on >= today)
    connection.execute(delete(absences).where(mine, absences.c.first_on >= today))
    connection.execute(update(absences).where(mine).values(last_on=today - timedelta(days=1)))
