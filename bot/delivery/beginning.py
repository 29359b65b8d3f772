"""A cohort on its way: what it would be is shown first, then it is made, once."""

from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from bot.chat.platform import Call, Place, Refusal
from bot.curriculum.model import Length
from bot.delivery import schedule, showing
from bot.delivery.calendar import Calendar
from bot.delivery.schedule import is_too_late
from bot.records import audit, cohorts
from bot.records.cohorts import Cohort
from bot.records.columns import micros

SHELF = "cohorts"  # where what was shown is kept


class Settings(BaseModel):
    """What a cohort is to be, as `Cohort` says; `zone` is an IANA name."""

    model_config = ConfigDict(frozen=True)

    name: str
    curriculum: str
    version: str
    start_on: date
    zone: str
    weekday: int
    at: time
    pace: Length
    checkin_weekday: int
    checkin_at: time
    language: str
    held: tuple[int, ...] = ()

    def fields(self) -> dict[str, Any]:
        """The fields of the Cohort."""
        return {**self.model_dump(), "zone": ZoneInfo(self.zone)}

    def cohort(self, community_id: int) -> Cohort:
        """The cohort as it would be; its id is nobody's."""
        return Cohort(id=0, community_id=community_id, **self.fields())


class Late(BaseModel):
    """What of a season has fallen due before it is started: steps that are posted at once, and how many never are.

    `asks`: members are asked to check in at once, too.
    """

    model_config = ConfigDict(frozen=True)

    at_once: tuple[int, ...]
    left_out: int
    asks: bool


class _Shown(BaseModel):
    """What a button is about; `made` is the id of the cohort that was made of it."""

    settings: Settings
    place: Place
    late: Late
    made: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A cohort that is not there yet, as it would be; `token` is what it is started with, for a day."""

    cohort: Cohort
    late: Late
    token: str


def propose(connection: Connection, call: Call, settings: Settings, weeks: int, now: datetime) -> Plan:
    """What would be made in the call's place, with a season of so many weeks; nothing is.

    Raises a Refusal if its name or its place is taken.
    """
    cohort = settings.cohort(cohorts.check_free(connection, call.place, settings.name))
    late = late_of(cohort, weeks, now)
    token = sha256(f"{micros(now)}:{call.place.channel}:{settings.model_dump_json()}".encode()).hexdigest()[:16]
    showing.keep(connection, SHELF, token, _Shown(settings=settings, place=call.place, late=late), now)
    return Plan(cohort, late, token)


def settings_shown(connection: Connection, call: Call, token: str, now: datetime) -> Settings:
    """What was shown, to be changed. Raises a Refusal if it was not in the last day, or not in this community."""
    return _shown(connection, call, token, now).settings


def make(connection: Connection, call: Call, token: str, weeks: int, version: str, now: datetime) -> Cohort | None:
    """The cohort that was shown, made now unless it was before, with an entry in the audit.

    None, and nothing is made, if its season would begin in another way by now: other posts are late, or its curriculum
    is another one than that `version` with so many weeks. Raises a Refusal as `settings_shown` does, and if its name or
    its place is taken.
    """
    shown = _shown(connection, call, token, now)
    if shown.made is not None:
        return cohorts.get(connection, shown.made)
    draft = shown.settings.cohort(cohorts.check_free(connection, shown.place, shown.settings.name))
    if late_of(draft, weeks, now) != shown.late or version != shown.settings.version:
        return None
    begin = audit.kept(call, schedule.begin, now)
    made = begin(connection, shown.place, now, call.person, **shown.settings.fields())
    showing.keep(connection, SHELF, token, shown.model_copy(update={"made": made.id}), now)
    return made


def late_of(cohort: Cohort, weeks: int, now: datetime) -> Late:
    """What of the season has fallen due by now."""
    calendar = Calendar.of(cohort)
    due = calendar.fallen_due("milestone", 1, weeks, now).steps
    at_once = tuple(step for step, due_at in due if not is_too_late("milestone", due_at, now))
    asked = calendar.fallen_due("checkin", 1, weeks, now).steps
    asks = any(not is_too_late("checkin", due_at, now) for _, due_at in asked)
    return Late(at_once=at_once, left_out=len(due) - len(at_once), asks=asks)


def _shown(connection: Connection, call: Call, token: str, now: datetime) -> _Shown:
    shown = showing.kept(connection, SHELF, token, _Shown, now)
    here = (call.place.platform, call.place.community)
    if shown is None or (shown.place.platform, shown.place.community) != here:
        raise Refusal("No such cohort was shown here in the last day. Use its command again, and see what it would be.")
    return shown
