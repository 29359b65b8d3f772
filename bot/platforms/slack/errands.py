"""Work that goes on after its acknowledgement."""

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Errands:
    """Tasks that are kept until they are done. What one raises is logged, with a reference; nobody waits for it."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it meanwhile."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)

    async def drain(self, seconds: float) -> None:
        """Give what is under way so long to be done, with what it starts in turn."""
        try:
            async with asyncio.timeout(seconds):
                while self._under_way:
                    await asyncio.wait(self._under_way)
        except TimeoutError:
            log.warning("%d answers were not given within %g s and are lost", len(self._under_way), seconds)
            for each in self._under_way:
                each.cancel()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("an answer failed, reference %s", secrets.token_hex(3), exc_info=error)
