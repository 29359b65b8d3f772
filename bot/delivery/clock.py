"""Clocks: the real one, one that runs ahead of it, and one that stands still until it is moved."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class RunningClock:
    """The real time, `ahead` of it by a length that can grow. Zero ahead is simply the time."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        """This instant, aware UTC."""
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        """Seconds that never run backwards, and run ahead with the rest."""
        return time.monotonic() + self.ahead.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        await asyncio.sleep(seconds)

    def forward(self, to: datetime) -> None:
        """Be at `to` (aware UTC) if that is later than now."""
        self.ahead += max(to - self.now(), timedelta())


class StoppedClock:
    """Stands at one instant until it is moved; sleeping moves it."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._start = at

    def now(self) -> datetime:
        """This instant, aware UTC."""
        return self._at

    def monotonic(self) -> float:
        """Seconds since the start; this clock is never set back."""
        return (self._at - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Move on by that long, at once."""
        self.forward(self._at + timedelta(seconds=seconds))

    def forward(self, to: datetime) -> None:
        """Be at `to` (aware UTC) if that is later than now."""
        self._at = max(self._at, to)
