"""Whether the wall clock is to be believed. It is not while it has just gone another way than time itself has.

A clock that is far ahead for one tick would have a whole season's steps put, or left out as too late, for ever. A
machine that was suspended and a start after a long outage look the same at first; so it is waited whether it stays.
"""

import logging
from datetime import datetime, timedelta

from bot.chat.platform import Clock

log = logging.getLogger(__name__)

FAR = timedelta(hours=2)  # what a search looks back by, so what less can do is provided for
PROBATION = timedelta(minutes=10)  # in which a clock that is wrong at the start of a machine is set right


class Steady:
    """Watches a clock, by the monotonic one that nobody can set. Look at it at least as often as it is relied on."""

    def __init__(self, clock: Clock, last_known: datetime | None) -> None:
        """A clock that is long after `last_known` is on probation from the beginning; None believes it at first."""
        self._clock = clock
        self._believed = None if last_known is None else last_known - timedelta(seconds=clock.monotonic())
        self._doubted: tuple[datetime, float] | None = None
        self._doubted_at = float("-inf")

    def holds(self) -> bool:
        """Whether the clock can be believed now."""
        passed = self._clock.monotonic()
        started_at = self._clock.now() - timedelta(seconds=passed)
        if self._believed is None or abs(started_at - self._believed) <= FAR:
            self._believed, self._doubted = started_at, None
            return True
        self._doubted_at = passed
        if self._doubted is None or abs(started_at - self._doubted[0]) > FAR:
            self._doubted = started_at, passed
            log.warning(
                "the clock says %s, which is %s from where it should be: nothing is posted until it has said so for %s",
                self._clock.now(), started_at - self._believed, PROBATION,
            )  # fmt: skip
        if passed - self._doubted[1] < PROBATION.total_seconds():
            return False
        log.warning("the clock keeps to what it says, so it is believed")
        self._believed, self._doubted = started_at, None
        return True

    def has_held_for(self, how_long: timedelta) -> bool:
        """Whether the clock can be believed now, and could be all that time, or since the start."""
        return self.holds() and self._clock.monotonic() - self._doubted_at >= how_long.total_seconds()
