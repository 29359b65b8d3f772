"""What bends a cohort's calendar: its turns, its breaks, and what is done to single posts; to its columns and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Literal
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


def kept_turns(turns: Sequence[Turn]) -> list[Any]:
    """The turns as JSON holds them."""
    return [
        [t.end_step, f"{t.start_on}", t.weekday, f"{t.at}", t.zone.key, t.checkin_weekday, f"{t.checkin_at}"]
        for t in turns
    ]


def turns_of(kept: Sequence[Any]) -> tuple[Turn, ...]:
    """The turns that JSON holds; those from before it could change have check-ins as usual."""
    return tuple(
        Turn(
            step, date.fromisoformat(start_on), weekday, time.fromisoformat(at), ZoneInfo(zone),
            *((checkin[0], time.fromisoformat(checkin[1])) if checkin else ()),
        )
        for step, start_on, weekday, at, zone, *checkin in kept
    )  # fmt: skip


def kept_breaks(breaks: Sequence[Break]) -> list[Any]:
    """The breaks as JSON holds them."""
    return [[f"{each.first_on}", f"{each.last_on}", each.name, each.is_pause] for each in breaks]


def breaks_of(kept: Sequence[Any]) -> tuple[Break, ...]:
    """The breaks that JSON holds."""
    return tuple(
        Break(date.fromisoformat(first_on), date.fromisoformat(last_on), name, is_pause)
        for first_on, last_on, name, is_pause in kept
    )


def kept_amendments(amendments: Sequence[Amendment]) -> list[Any]:
    """The amendments as JSON holds them."""
    return [
        [
            each.kind, each.step, [f"{part}" for part in each.moved_to] if each.moved_to else None, each.is_skipped,
            f"{each.waits_on}" if each.waits_on else None,
        ]
        for each in amendments
    ]  # fmt: skip


def amendments_of(kept: Sequence[Any]) -> tuple[Amendment, ...]:
    """The amendments that JSON holds; those from before any could wait do not."""
    return tuple(
        Amendment(
            kind, step, (date.fromisoformat(to[0]), time.fromisoformat(to[1])) if to else None, is_skipped,
            date.fromisoformat(waits_on[0]) if waits_on and waits_on[0] else None,
        )
        for kind, step, to, is_skipped, *waits_on in kept
    )  # fmt: skip
