"""An event loop on virtual time, run by hand: it never sleeps, and whoever holds it decides when it goes on."""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVarTuple

Ts = TypeVarTuple("Ts")
RESOLUTION = 1e-6  # seconds that a timer may be early by, since clocks are not exact


class HandLoop(asyncio.BaseEventLoop):
    """One process's loop. `now` is its monotonic clock, in seconds.

    What was begun on it and is dropped with it never goes on; `troubles` keeps what went wrong and nobody caught.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self.troubles: list[str] = []
        self._now = now
        self._soon: deque[asyncio.Handle] = deque()
        self._later: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._order = itertools.count()
        self.set_exception_handler(self._keep)

    def time(self) -> float:
        """The monotonic clock."""
        return self._now()

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:  # fmt: skip
        """Have it called when the loop goes on."""
        handle = asyncio.Handle(callback, args, self, context)
        self._soon.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:  # fmt: skip
        """Have it called after so many seconds."""
        return self.call_at(self._now() + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:  # fmt: skip
        """Have it called then, those for one instant in the order in which they asked."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._later, (when, next(self._order), handle))
        return handle

    @property
    def next_at(self) -> float | None:
        """When there is something to do, on its own clock; None if nothing ever is."""
        while self._later and self._later[0][2].cancelled():
            heapq.heappop(self._later)
        if self._soon:
            return self._now()
        return self._later[0][0] if self._later else None

    def go_on(self) -> None:
        """Do all that there is to do now. No time passes."""
        asyncio._set_running_loop(self)
        try:
            while self._take_due() or self._soon:
                handle = self._soon.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            asyncio._set_running_loop(None)

    def _take_due(self) -> bool:
        now = self._now() + RESOLUTION
        is_any = bool(self._later) and self._later[0][0] <= now
        while self._later and self._later[0][0] <= now:
            self._soon.append(heapq.heappop(self._later)[2])
        return is_any

    def end(self) -> None:
        """Have every task end where it stands, so that none is left to be collected at some other time."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.go_on()
        self.close()

    def _keep(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.troubles.append(f"{context['message']}: {context.get('exception')!r}")
