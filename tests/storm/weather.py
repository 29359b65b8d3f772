"""What goes wrong between Milepost and the platforms, by chance from a seed or as told."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from random import Random
from typing import Literal

Fault = Literal["fine", "busy", "lost", "cut", "broken", "late"]
"""`busy`: a rate limit; `lost`: broken off before the effect; `cut`: broken off after it; `broken`: a 502 after it;

`late`: broken off, and the effect comes when nobody waits for it any more.
"""

ROUGH: Mapping[Fault, float] = {"busy": 0.04, "lost": 0.03, "late": 0.04, "cut": 0.06, "broken": 0.03}
LATEST = 0.3  # seconds after a request was broken off until which it may still take effect
BUSY = 0.1  # seconds that a rate limit asks for


class Weather:
    """Over both platforms at once. Requests meet faults by chance, at the `odds`.

    By the keys of posts: `foretold` is what the next request to post one meets, `history` what happened to each.
    """

    def __init__(self, seed: int, odds: Mapping[Fault, float] = ROUGH) -> None:
        self.foretold: dict[str, Fault] = {}
        self.struck = Counter[Fault]()
        self.looks = 0
        self.requests = 0
        self.history = defaultdict[str, list[str]](list)
        self._chance = Random(seed)
        self._odds = odds
        self._began = time.monotonic()
        self._late: list[tuple[float, Callable[[], object]]] = []
        self._changed = asyncio.Event()

    def strike(self, key: str | None) -> Fault:
        """What a request meets that is to post the one with this key; what is to do something else meets less."""
        fault = self.foretold.pop(key, None) if key else None
        if fault is None:
            odds = [each if key else each / 4 for each in self._odds.values()]
            fault = self._chance.choices(["fine", *self._odds], [1 - sum(odds), *odds])[0]
        self.struck[fault] += 1
        if key:
            self.note(key, f"asked for: {fault}")
        return fault

    def later(self, do: Callable[[], object]) -> None:
        """Have it done within LATEST."""
        seconds = LATEST * self._chance.uniform(0.2, 1)
        self._late.append((time.monotonic() + seconds, do))
        asyncio.get_running_loop().call_later(seconds, self._catch_up)

    def meets(self) -> None:
        """A request has come. What is overdue is done first, so that a slow machine makes nothing later than LATEST."""
        self._catch_up()
        self.requests += 1
        self._changed.set()

    def note(self, key: str, what: str) -> None:
        """Remember that this happened to the post."""
        self.history[key].append(f"{time.monotonic() - self._began:8.3f} s  {what}")

    async def reach(self, requests: int) -> None:
        """Return once so many requests have come."""
        while self.requests < requests:
            self._changed.clear()
            await self._changed.wait()

    def _catch_up(self) -> None:
        now = time.monotonic()
        due = [do for at, do in self._late if at <= now]
        self._late = [each for each in self._late if each[0] > now]
        for do in due:
            do()
