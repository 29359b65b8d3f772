"""Work that goes on after its acknowledgement."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

log = logging.getLogger(__name__)

Excuse = Callable[[str], Coroutine[Any, Any, None]]
"""Tells somebody that an errand for them failed, which the log knows by this reference."""


class Errands:
    """Tasks that are kept until they are done. What one raises is logged, with a reference."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], excuse: Excuse | None = None) -> None:
        """Do it meanwhile; should it fail, do what `excuse` makes of the reference then."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(partial(self._done, excuse))

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

    def _done(self, excuse: Excuse | None, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            reference = secrets.token_hex(3)
            log.error("an answer failed, reference %s", reference, exc_info=error)
            if excuse is not None:
                self.start(excuse(reference))
