"""A member's weeks in a cohort, each with what became of it: the one truth that streaks, silence and pictures read.

Weeks are ISO weeks of the member's own zone, whose days end at 04:00. Which of them were asked about is the cohort's.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from sqlalchemy import Connection

from bot.delivery.calendar import Calendar, monday, period
from bot.records import attendance
from bot.records.absences import study_day
from bot.records.attendance import Attendance
from bot.records.cohorts import Cohort

WEEK = timedelta(weeks=1)
SILENCE = 3
"""After how many weeks in a row that were asked about and brought nothing a member counts as silent."""

State = Literal["active", "passed", "away", "break", "unasked", "open", "silent"]


@dataclass(frozen=True, slots=True)
class Week:
    """A local week, from its Monday on, and what became of it.

    `active`: something was done in it, or its check-in is in; `amount` says how many things. Else it was `passed`; the
    member was `away` on some day of it; it fell into the cohort's `break` or pause; nobody was asked about it for
    another reason (`unasked`); it is `open` as yet; or the member was asked and it stayed `silent`. One that `is_ahead`
    has not begun, but may be answered.
    """

    monday: date
    state: State
    amount: int = 0
    is_return: bool = False
    is_ahead: bool = False

    @property
    def period(self) -> str:
        """Its name in check-ins and keys, such as `2026-W50`."""
        return period(self.monday)


def weeks(calendar: Calendar, length: int, own: Attendance, now: datetime) -> tuple[Week, ...]:
    """Every week since the member joined up to the one that is on, in a season of so many steps."""
    asked_at = _asked_at(calendar, length, calendar.slot_at(now))
    done = Counter(period(study_day(at, own.zone)) for at in own.active_at)
    this = monday(study_day(now, own.zone))
    may_answer = calendar.open_periods(now)
    returned = period(study_day(own.returned_at, own.zone)) if own.returned_at else None
    first = min([monday(study_day(own.joined_at, own.zone)), *map(monday_of, own.answered)])
    last = max(this, monday(calendar.checkin_day(now)))

    def state(day: date) -> State:
        week = period(day)
        if done[week] or week in own.answered:
            return "active"
        if week in own.passed:
            return "passed"
        if any(each.meets(day, day + timedelta(days=6)) for each in own.absences):
            return "away"
        if week not in asked_at or not own.is_in(asked_at[week]):
            return "break" if _is_off(calendar, day) else "unasked"
        return "open" if day >= this or week in may_answer else "silent"

    every = [(day, period(day)) for day in (first + n * WEEK for n in range((last - first) // WEEK + 1))]
    return tuple(
        Week(day, state(day), done[week] + (week in own.answered), week == returned, day > this) for day, week in every
    )


def monday_of(week: str) -> date:
    """The Monday of a week by its name, such as `2026-W50`. Raises ValueError for what names none."""
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)


@lru_cache(maxsize=256)
def _asked_at(calendar: Calendar, length: int, slot: int) -> Mapping[str, datetime]:
    """When members were or are asked about which week, up to the slot after that: its week may have begun before it."""
    last = slot + 1 if calendar.counts_on(length) else min(slot + 1, length)
    steps = range(1, last + 1)
    asked = {calendar.slot("checkin", each): calendar.due_at("checkin", each, is_last=True) for each in steps}
    return {week: at for week, at in asked.items() if at}


def _is_off(calendar: Calendar, day: date) -> bool:
    sunday = day + timedelta(days=6)
    if calendar.paused_at and calendar.paused_at.astimezone(calendar.zone).date() <= sunday:
        return True
    return any(each.first_on <= sunday and day <= each.last_on for each in calendar.breaks)


def ahead(calendar: Calendar, length: int, now: datetime) -> Iterator[str]:
    """The weeks that are asked about and may still be answered, in order: those that are open, and those to come."""
    slot = calendar.slot_at(now)
    asked = _asked_at(calendar, length, slot)
    answerable = [week for week in calendar.open_periods(now) if week in asked]
    yield from answerable
    step, due_at = calendar.coming("checkin", max(1, slot) + 1, length)
    while due_at:
        if (week := calendar.slot("checkin", step)) not in answerable:  # one prompt may ask for two steps
            yield week
        step, due_at = calendar.coming("checkin", step + 1, length)


@dataclass(frozen=True, slots=True)
class Streak:
    """How many weeks in a row brought something, and whether this week may still make it one more."""

    weeks: int
    is_open: bool


def streak(of: Sequence[Week]) -> Streak:
    """The active weeks up to now since the last silent one. No other week counts, and none ends anything.

    A week that is answered before it begins counts once it has.
    """
    length, is_open = 0, False
    for each in reversed([each for each in of if not each.is_ahead]):
        if each.state == "silent":
            break
        length += each.state == "active"
        is_open |= each.state == "open" and not length
    return Streak(length, is_open)


def silence(of: Sequence[Week]) -> int:
    """How many weeks in a row the member was asked and let nothing be heard, since they were last here."""
    silent = 0
    for each in reversed(of):
        if each.state in ("active", "passed", "away"):
            break
        silent += each.state == "silent"
        if each.is_return:
            break
    return silent


def certain(of: Sequence[Week], asked: Collection[str]) -> tuple[Week, ...]:
    """Those weeks but for silent ones of which nobody was `asked`: an outage may have swallowed the prompt."""
    return tuple(each for each in of if each.state != "silent" or each.period in asked)


def of_enrolment(
    connection: Connection, enrolment_id: int, cohort: Cohort, length: int, now: datetime
) -> tuple[Week, ...]:
    """The member's `weeks`, from the records."""
    return weeks(Calendar.of(cohort), length, attendance.of_enrolment(connection, enrolment_id), now)


def of_cohort(connection: Connection, cohort: Cohort, length: int, now: datetime) -> dict[int, tuple[Week, ...]]:
    """The `weeks` of everybody in the cohort, by enrolment."""
    calendar = Calendar.of(cohort)
    return {id_: weeks(calendar, length, own, now) for id_, own in attendance.of_cohort(connection, cohort.id).items()}
