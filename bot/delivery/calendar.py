"""A cohort's dates: a season's steps as local dates and instants, derived and never stored."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.records.cohorts import Cohort
from bot.records.posts import Kind

FRIDAY = 4
CHECKIN_AT = time(17)
REMINDER_AFTER = timedelta(days=2)
GRACE = timedelta(days=1)  # how long after a reminder an answer is still taken for the week that it asked about


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
