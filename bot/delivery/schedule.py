"""Which post is due when: a season's steps as dates, derived from the cohort's calendar and never stored.

Every step of a season brings a milestone, a check-in prompt and one reminder. The database holds only which step comes
next for each kind, and when.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.chat.platform import Place
from bot.records import cohorts, posts
from bot.records.cohorts import Cohort
from bot.records.posts import Coming, Kind

log = logging.getLogger(__name__)

FRIDAY = 4
CHECKIN_AT = time(17)
REMINDER_AFTER = timedelta(days=2)
GRACE = timedelta(days=1)  # how long after a reminder an answer is still taken for the week that it asked about
PAGE = 100
WEEKLY: tuple[Kind, ...] = ("milestone", "checkin", "reminder")

# What is still said after the bot was away: milestones all, in order; questions only while somebody may still answer.
LATEST: Mapping[Kind, timedelta] = {
    "milestone": timedelta(days=14),
    "checkin": timedelta(hours=24),
    "reminder": timedelta(hours=24),
}
POSTPONED = timedelta(hours=1)  # until what an operator must put right is looked at again

SeasonLength = Callable[[Cohort], int | None]
"""How many steps the cohort's season has, or None if its curriculum is not on offer any more."""


def next_weekly(after: date, weekday: int, at: time, zone: ZoneInfo) -> datetime:
    """The first slot on a local `weekday` (Monday is 0) strictly after the local date `after`, as an aware UTC instant.

    Slots are counted in local dates, so every local week has exactly one, also across a change of clocks: a time that
    the clock skips moves forward by the gap; one that it shows twice is taken the first time. Cron-style triggers skip
    a week in Cairo and Santiago and double one in New York (measured with APScheduler 3.11).
    """
    return _instant(after + timedelta(days=(weekday - after.weekday() - 1) % 7 + 1), at, zone)


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)


def period(day: date) -> str:
    """The local ISO week of a date, as check-ins and keys name it: `2026-W50`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A cohort's dates. Steps are numbered from 1; instants are aware UTC."""

    start_on: date
    weekday: int
    at: time
    zone: ZoneInfo

    @classmethod
    def of(cls, cohort: Cohort) -> "Calendar":
        """The calendar of the cohort."""
        return cls(cohort.start_on, cohort.weekday, cohort.at, cohort.zone)

    def milestone_on(self, step: int) -> date:
        """The local date of the step's milestone."""
        first = self.start_on + timedelta(days=(self.weekday - self.start_on.weekday()) % 7)
        return first + timedelta(weeks=step - 1)

    def milestone_at(self, step: int) -> datetime:
        """When the step begins."""
        return next_weekly(self.milestone_on(step) - timedelta(days=1), self.weekday, self.at, self.zone)

    def checkin_at(self, step: int) -> datetime:
        """When the step's check-in is asked for: the first Friday 17:00 after the milestone's day."""
        return next_weekly(self.milestone_on(step), FRIDAY, CHECKIN_AT, self.zone)

    def reminder_at(self, step: int) -> datetime:
        """When those who have not answered are reminded: two days after the prompt, at the same local time."""
        return _instant(self.checkin_on(step) + REMINDER_AFTER, CHECKIN_AT, self.zone)

    def checkin_on(self, step: int) -> date:
        """The local date of the step's check-in prompt."""
        return self.checkin_at(step).astimezone(self.zone).date()

    def due_at(self, kind: Kind, step: int) -> datetime:
        """When the step's post of that kind is due."""
        return {"milestone": self.milestone_at, "checkin": self.checkin_at, "reminder": self.reminder_at}[kind](step)

    def slot(self, kind: Kind, step: int) -> str:
        """What the key of the step's post is named after: the step for milestones, the local week for questions."""
        return f"step-{step}" if kind == "milestone" else period(self.checkin_on(step))

    def step_at(self, now: datetime) -> int:
        """The step that has begun last; 0 before the season."""
        step = (now.astimezone(self.zone).date() - self.milestone_on(1)).days // 7 + 1
        return max(0, step if self.milestone_at(step) <= now else step - 1)

    def checkin_day(self, now: datetime) -> date:
        """The local date of the prompt that belongs to that instant: that of the step that is on, or of the first."""
        return self.checkin_on(max(1, self.step_at(now)))

    def period_at(self, now: datetime) -> str:
        """The local ISO week, named by its prompt, to which what is done at that instant counts."""
        return period(self.checkin_day(now))

    def open_periods(self, now: datetime) -> tuple[str, ...]:
        """The weeks that a check-in at that instant may be for, the older first.

        Up to a day after its reminder, last week may still be answered, also when the next step has begun.
        """
        step = max(1, self.step_at(now))
        is_late = step > 1 and now < self.reminder_at(step - 1) + GRACE
        return tuple(period(self.checkin_on(each)) for each in ([step - 1, step] if is_late else [step]))


def begin(connection: Connection, /, place: Place, now: datetime, **settings: Any) -> Cohort:
    """Make a cohort, at home in the place, and put its season into the schedule.

    `settings` are the fields of a Cohort but for its ids. Raises a Refusal if the name or the place is taken.
    """
    cohort = cohorts.create(connection, place, now, **settings)
    calendar = Calendar.of(cohort)
    for kind in WEEKLY:
        posts.plan(connection, cohort.id, kind, 1, calendar.due_at(kind, 1))
    return cohort


def reopen(connection: Connection, cohort: Cohort, now: datetime, length: int) -> list[Place]:
    """Let posts go again to the places that the cohort has lost; what is not too late is put. Returns those places.

    `length` is how many steps its season has. What a person asked for is put again within the time of a milestone.
    """
    calendar, found = Calendar.of(cohort), []
    for lost in cohorts.places(connection, cohort.id):
        if lost.lost_because is None:
            continue
        cohorts.reopen_place(connection, lost.id)
        posts.revive(connection, lost.id, lost.lost_because, now - LATEST["milestone"])
        for kind in WEEKLY:
            for step in range(1, length + 1):
                due_at = calendar.due_at(kind, step)
                if (lost.joined_at or due_at) <= due_at <= now and not is_too_late(kind, due_at, now):
                    _put_step(connection, cohort, kind, step, lost.id, due_at)
        found.append(lost.place)
    return found


def is_too_late(kind: Kind, due_at: datetime, now: datetime) -> bool:
    """Whether a post that was due then is better left unsaid now. What a person asked for is never too late."""
    return kind in LATEST and now - due_at > LATEST[kind]


def put_due(connection: Connection, now: datetime, season_length: SeasonLength) -> int:
    """Put what is due into the outbox and move the schedule on, in one transaction. Returns how many rows were due.

    Every row moves on: one that cannot be put waits for an hour, and neither stops the others nor comes again at once.
    """
    due = posts.coming_due(connection, now, PAGE)
    for coming in due:
        try:
            with connection.begin_nested():
                _put(connection, coming, now, season_length)
        except Exception:
            log.exception("cohort c%d: its next %s cannot be put and waits", coming.cohort_id, coming.kind)
            _postpone(connection, coming, now)
    return len(due)


def _put(connection: Connection, coming: Coming, now: datetime, season_length: SeasonLength) -> None:
    cohort = cohorts.get(connection, coming.cohort_id)
    length = season_length(cohort)
    if length is None:
        log.error("cohort %s: its curriculum %s is not on offer; its posts wait", cohort.code, cohort.curriculum)
        _postpone(connection, coming, now)
    else:
        _put_steps(connection, cohort, coming, now, length)


def _postpone(connection: Connection, coming: Coming, now: datetime) -> None:
    posts.plan(connection, coming.cohort_id, coming.kind, coming.next_step, now + POSTPONED)


def _put_steps(connection: Connection, cohort: Cohort, coming: Coming, now: datetime, length: int) -> None:
    """Put the steps of one kind that are due, leaving out those for which it is too late."""
    calendar = Calendar.of(cohort)
    kind, step = coming.kind, coming.next_step
    while step <= length and (due_at := calendar.due_at(kind, step)) <= now:
        if is_too_late(kind, due_at, now):
            log.warning("cohort %s: %s of step %d left out, %s too late", cohort.code, kind, step, now - due_at)
        else:
            for place in cohorts.places(connection, cohort.id):
                if place.lost_because is None:
                    _put_step(connection, cohort, kind, step, place.id, due_at)
        step += 1
    posts.plan(connection, cohort.id, kind, step, calendar.due_at(kind, step) if step <= length else None)


def _put_step(connection: Connection, cohort: Cohort, kind: Kind, step: int, place_id: int, due_at: datetime) -> None:
    key = f"{cohort.code}:{kind}:{Calendar.of(cohort).slot(kind, step)}:{place_id}"
    posts.put(connection, key, kind, cohort.id, place_id, due_at, {"step": step})
