"""What bends a cohort's calendar: its turns, its breaks, and what is done to single posts."""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal
from zoneinfo import ZoneInfo

FRIDAY, FIVE = 4, time(17)  # when a cohort is asked to check in, unless it chose another time

Weekly = Literal["milestone", "checkin", "reminder"]
"""The kinds of posts that every step of a season brings."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How a cohort's season went before its calendar was changed: its steps before `end_step` have their dates by it.

    Its first step is on the first local `weekday` (Monday is 0) at `at` on or after `start_on`, in the zone. Its
    prompts are on the first `checkin_weekday` after each, at `checkin_at`.
    """

    end_step: int
    start_on: date
    weekday: int
    at: time
    zone: ZoneInfo
    checkin_weekday: int = FRIDAY
    checkin_at: time = FIVE


@dataclass(frozen=True, slots=True)
class Break:
    """Local days, both ends among them, on which nothing is posted: weeks off, maybe with a `name`, or a pause."""

    first_on: date
    last_on: date
    name: str | None = None
    is_pause: bool = False

    def covers(self, day: date) -> bool:
        """Whether the local day is one of them."""
        return self.first_on <= day <= self.last_on


@dataclass(frozen=True, slots=True)
class Amendment:
    """What was done to one post of a season: it comes at another local time, `moved_to`, or is left out.

    A prompt may have to wait: it comes after the local day `waits_on`, for on that nobody was asked.
    """

    kind: Weekly
    step: int
    moved_to: tuple[date, time] | None = None
    is_skipped: bool = False
    waits_on: date | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was done to the post."""
        return not (self.moved_to or self.is_skipped or self.waits_on)
