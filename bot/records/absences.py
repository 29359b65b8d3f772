"""Absences: local days on which nothing is asked of a member, in any cohort. Each begins on the day it is told."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

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


def on(connection: Connection, member_id: int, today: date) -> Absence | None:
    """The absence that the day is in, or None."""
    theirs = select(absences).where(_holds(member_id, today)).order_by(absences.c.first_on, absences.c.id)
    row = connection.execute(theirs).first()
    return None if row is None else Absence(row.first_on, row.last_on)


def go_away(connection: Connection, member_id: int, today: date, last_on: date) -> None:
    """Be away from today to that day. An absence that is on already ends on that day instead."""
    if connection.execute(update(absences).where(_holds(member_id, today)).values(last_on=last_on)).rowcount == 0:
        connection.execute(insert(absences).values(member_id=member_id, first_on=today, last_on=last_on))


def come_back(connection: Connection, member_id: int, today: date) -> None:
    """End the absence that is on; one that began today was none."""
    mine = (absences.c.member_id == member_id) & (absences.c.last_on >= today)
    connection.execute(delete(absences).where(mine, absences.c.first_on >= today))
    connection.execute(update(absences).where(mine).values(last_on=today - timedelta(days=1)))


def _holds(member_id: int, today: date) -> ColumnElement[bool]:
    return (absences.c.member_id == member_id) & (absences.c.first_on <= today) & (absences.c.last_on >= today)
