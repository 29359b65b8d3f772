"""What is to be rehearsed, read from the command line."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from bot.chat.platform import Refusal
from bot.chat.wording import plain
from bot.commands.cohort_create import Day
from bot.commands.zones import read_zone
from bot.curriculum.lint import did_you_mean
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum
from bot.curriculum.plan import last_week, plan

DAYS: tuple[str, ...] = get_args(Day)
USUAL_WEEKS = 12
MOST_MEMBERS = 500
YEARS = range(1970, 2200)
BEFORE = timedelta(days=3)  # the cohort is announced, and people join, before it starts


class RehearsalError(Exception):
    """The rehearsal cannot be played as asked; one line that names the option, the value and the way out."""


@dataclass(frozen=True, slots=True)
class Script:
    """A season to play: `weeks` local weeks (Monday to Sunday), the first of them with the first milestone in it.

    `break_week` is the number of the one that the cohort has off, if it has one.
    """

    curriculum: Curriculum
    start_on: date
    weeks: int
    members: int
    zone: ZoneInfo
    weekday: int
    at: time
    seed: int
    break_week: int | None = None

    @property
    def milestone_on(self) -> date:
        """The local date of the first milestone: the first such weekday on or after the start."""
        return self.start_on + timedelta(days=(self.weekday - self.start_on.weekday()) % 7)

    @property
    def prompt_on(self) -> date:
        """The local date of the first check-in prompt: the first Friday after the first milestone's day."""
        return self.milestone_on + timedelta(days=(4 - self.milestone_on.weekday() - 1) % 7 + 1)

    @property
    def waits_after(self) -> int | None:
        """The week after whose milestone the season waits in an open phase for a facilitator to move on, if it does."""
        steps = plan(self.curriculum)
        waits = min((last_week(steps, each) for each in self.curriculum.phases if each.open_ended), default=self.weeks)
        if self.break_week is not None and self.break_week <= waits:
            waits += 1
        return waits if waits < self.weeks else None

    @property
    def opens_at(self) -> datetime:
        """When the facilitator sets the cohort up: noon, a few days before it starts. Aware UTC."""
        return datetime.combine(self.start_on - BEFORE, time(12), self.zone).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """The end of the last week, which is not part of it any more. Aware UTC."""
        return datetime.combine(self.monday(self.weeks + 1), time(), self.zone).astimezone(UTC)

    def monday(self, week: int) -> date:
        """The local date on which that week of the season begins, counted from 1."""
        return self.milestone_on + timedelta(weeks=week - 1, days=-self.milestone_on.weekday())

    def local(self, at: datetime) -> datetime:
        """The instant on the cohort's clocks."""
        return at.astimezone(self.zone)

    def week_of(self, at: datetime) -> int:
        """The local week of the season in which the instant lies; 0 and less are before the season."""
        return (self.local(at).date() - self.monday(1)).days // 7 + 1


def read_script(
    curricula: Curricula, *, curriculum: str, start: str | None, weeks: int | None, members: int, timezone: str,
    day: str, time: str, seed: int, today: date, break_week: int | None = None,
) -> Script:  # fmt: skip
    """The script that the options ask for; without `start`, it is the Monday after `today`.

    Without `weeks`, it is at most twelve. Raises RehearsalError for what cannot be played.
    """
    chosen = curricula.get(curriculum)
    if chosen is None:
        near = did_you_mean(curriculum, curricula.ids)
        raise RehearsalError(f"--curriculum: no curriculum is called {curriculum} (there is {_all(curricula)}){near}")
    season = len(plan(chosen))
    if weeks is not None and not 1 <= weeks <= season:
        raise RehearsalError(f"--weeks: {chosen.id} has {season} weeks, so it can be 1 to {season}, not {weeks}.")
    if not 1 <= members <= MOST_MEMBERS:
        raise RehearsalError(f"--members: it can be 1 to {MOST_MEMBERS}, not {members}.")
    played = min(USUAL_WEEKS, season) if weeks is None else weeks
    if break_week is not None and not 2 <= break_week < played:
        raise RehearsalError(f"--break-week: it can be 2 to {played - 1}, between two others, not {break_week}.")
    if day.lower() not in DAYS:
        raise RehearsalError(f"--day: {day} is no day of the week{did_you_mean(day.lower(), DAYS) or '; try monday'}")
    return Script(
        chosen, _date(start) if start else today + timedelta(days=7 - today.weekday()),
        played, members, _zone(timezone), DAYS.index(day.lower()), _time(time), seed, break_week,
    )  # fmt: skip


def _all(curricula: Curricula) -> str:
    return ", ".join(curricula.ids)


def _date(typed: str) -> date:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        raise RehearsalError(f"--start: {typed} is no date. Write year-month-day, such as 2027-01-04.") from None
    if found.year not in YEARS:
        raise RehearsalError(f"--start: {typed} is too far away. Choose a year from {YEARS[0]} to {YEARS[-1]}.")
    return found


def _time(typed: str) -> time:
    try:
        return datetime.strptime(typed, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise RehearsalError(f"--time: {typed} is no time of day. Write it as 09:00 or 18:30.") from None


def _zone(typed: str) -> ZoneInfo:
    try:
        return read_zone(typed)
    except Refusal as refusal:
        raise RehearsalError(f"--timezone: {plain(refusal.phrase)}") from None
