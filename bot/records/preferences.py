"""What members chose for themselves: language and zone, how they are reminded, what of them is shown."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select, update

from bot.records.stale import member_changed
from bot.records.tables import enrolments, members

Reminds = Literal["thread", "dm", "off"]
"""Where a member who has not checked in is reminded: in the cohort's thread, privately, or not at all."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member chose, or what holds for somebody who chose nothing.

    `zone` is an IANA name; without one the cohort's holds. Private reminders come at `remind_at` (at the cohort's time
    if None), never from `quiet_from` until `quiet_until`; all three are local times of that zone, and two equal ends
    leave no hour quiet. `closed_because` says why private messages do not reach the member, if they do not. `shares` is
    what a new check-in's form is filled with.
    """

    language: str | None = None
    zone: str | None = None
    reminds: Reminds = "thread"
    remind_at: time | None = None
    quiet_from: time = time(22)
    quiet_until: time = time(8)
    shows_streak: bool = True
    shares: bool = False
    closed_because: str | None = None

    @property
    def reachable(self) -> bool:
        """Whether the member asked for private reminders and these get through."""
        return self.reminds == "dm" and self.closed_because is None

    @property
    def takes_letters(self) -> bool:
        """Whether a facilitator may write to the member by way of Milepost: unless they want no word, or get none."""
        return self.reminds != "off" and self.closed_because is None

    def zone_in(self, cohorts: ZoneInfo) -> ZoneInfo:
        """By which the member's days and weeks go in a cohort of that zone: the one they chose, else that."""
        return ZoneInfo(self.zone) if self.zone else cohorts


NONE_CHOSEN = Preferences()
_COLUMNS = [members.c[each] for each in Preferences.__dataclass_fields__]


def preferences_of(row: Row[Any]) -> Preferences:
    """The preferences in a row that holds all of their columns."""
    return Preferences(**{each.name: row._mapping[each] for each in _COLUMNS})


def close(connection: Connection, enrolment_id: int, now: datetime, reason: str) -> None:
    """Note that private messages do not reach the member, and why; until they ask for them anew, none is sent."""
    whose = select(enrolments.c.member_id).where(enrolments.c.id == enrolment_id)
    member_id = connection.execute(whose).scalar_one()
    values = {"closed_because": reason, "closed_at": now}
    connection.execute(update(members).where(members.c.id == member_id).values(values))
    member_changed(connection, member_id)
