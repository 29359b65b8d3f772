"""The nightly look at every link of the curricula that are on offer, or that cohorts follow."""

import asyncio
import logging
from datetime import UTC, datetime

from bot.chat.platform import Clock
from bot.curriculum.load import Curricula
from bot.delivery.turns import Turns
from bot.links.look import Web
from bot.records import links
from bot.records.links import Look
from bot.records.records import Records

log = logging.getLogger(__name__)

_NEVER = datetime.min.replace(tzinfo=UTC)
_CONNECTING = frozenset({"name", "answer", "tls", "slow"})  # where a link ends, or where this machine does


class Checking:
    """Looks at each link once a night, whatever restarts in between. With the posts it shares the records alone."""

    def __init__(self, records: Records, curricula: Curricula, clock: Clock, web: Web) -> None:
        self._records = records
        self._curricula = curricula
        self._clock = clock
        self._web = web
        self._night = _NEVER
        self._turns = Turns("looking at links", self._work)

    def soon(self, night: datetime) -> None:
        """Have every link looked at that was not since the night began."""
        self._night = night
        self._turns.wanted.set()

    async def run(self) -> None:
        """Work whenever `soon` was called, until cancelled; what was being looked at then is looked at again."""
        await self._turns.run()

    async def check(self, since: datetime) -> int:
        """Look at every link that was not looked at since that instant, and keep what comes of each as it comes.

        Returns how many there were. Raises NotSaved where that cannot be kept.
        """
        urls = dict.fromkeys(each.url for every in self._curricula.every for each in every.resources if each.url)
        known = await self._records.read(links.known, urls)
        due = [each for each in urls if each not in known or (known[each].checked_at or _NEVER) < since]
        looks = [asyncio.create_task(self._look(each)) for each in due]
        # Where nothing comes back from anywhere, it is this machine that is cut off, and no link is to suffer for it.
        held: dict[str, Look] | None = {}
        try:
            for each in asyncio.as_completed(looks):
                url, look = await each
                if held is not None and look.reason in _CONNECTING:
                    held[url] = look
                    continue
                if held is not None and look.reason != "address":
                    for held_url, held_look in held.items():
                        await self._keep(held_url, held_look)
                    held = None
                await self._keep(url, look)
        finally:
            for task in looks:
                task.cancel()
            await asyncio.gather(*looks, return_exceptions=True)
        for url in held or ():
            await self._keep(url, Look("unknown", "offline"))
        return len(due)

    async def _work(self) -> bool:
        looked_at = await self.check(self._night)
        if looked_at:
            log.info("%d links were looked at", looked_at)
        return looked_at > 0

    async def _look(self, url: str) -> tuple[str, Look]:
        return url, await self._web.look(url)

    async def _keep(self, url: str, look: Look) -> None:
        await self._records.write(links.looked, url, look, self._clock.now())
