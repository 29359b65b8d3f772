"""Work that is woken rather than timed, and goes on one turn at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.records.outage import NotSaved

log = logging.getLogger(__name__)


class Turns:
    """One kind of work: done whenever somebody wants it, by one at a time. What goes wrong ends its turn alone."""

    def __init__(self, name: str, work: Callable[[], Awaitable[bool]]) -> None:
        """`work` does all that there is to do, and says whether there was anything; `name` is what the log calls it."""
        self.wanted = asyncio.Event()
        self._name = name
        self._work = work
        self._turn = asyncio.Lock()

    async def take(self) -> bool:
        """Do what there is to do now, after whoever is at it. Returns whether there was anything."""
        async with self._turn:
            self.wanted.clear()
            return await self._work()

    async def run(self) -> None:
        """Take a turn whenever it is wanted, until cancelled."""
        while True:
            await self.wanted.wait()
            try:
                await self.take()
            except NotSaved as unsaved:  # which is logged already, once for all who try
                log.debug("%s waits until something can be saved: %s", self._name, unsaved)
            except Exception:
                log.exception("%s failed; the next tick tries again", self._name)

    async def ended(self) -> None:
        """Return once nobody is at it."""
        async with self._turn:
            log.debug("%s: nothing is under way", self._name)
