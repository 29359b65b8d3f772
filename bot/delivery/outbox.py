"""Says each post once: claims it durably, tries once, records what happened under the claim's fence.

An attempt whose outcome nobody recorded (the process died, the answer was lost) is looked for on the platform by its
key before it is tried again.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from bot.chat.platform import Busy, Clock, Gone, Platform, Rejected, Unknown
from bot.curriculum.load import Curricula
from bot.delivery.compose import compose, season
from bot.delivery.schedule import put_due
from bot.records import cohorts, posts
from bot.records.cohorts import Cohort
from bot.records.posts import Due
from bot.records.records import Records

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
RETRY = timedelta(minutes=1)
MOST_FAILURES = 5
SKEW = timedelta(minutes=10)  # how far a platform's clock may be from ours when a post is looked for


class Forward(Protocol):
    """A clock that can be moved forward."""

    def now(self) -> datetime:
        """This instant, aware UTC."""

    def forward(self, to: datetime) -> None:
        """Be at `to` (aware UTC) if that is later than now."""


class Delivery:
    """Moves the schedule on and sends what is due, on the platforms that run here."""

    def __init__(self, records: Records, curricula: Curricula, platforms: Mapping[str, Platform], clock: Clock) -> None:
        self._records = records
        self._curricula = curricula
        self._platforms = platforms
        self._clock = clock
        self._turn = asyncio.Lock()
        self._wanted = asyncio.Event()

    def soon(self) -> None:
        """Something was put; have it sent without waiting for the next tick."""
        self._wanted.set()

    async def run(self) -> None:
        """Work whenever `soon` was called, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.tick()
            except Exception:
                log.exception("a tick failed; the next one tries again")

    async def tick(self) -> None:
        """Put what is due and send it. What goes wrong with one post is logged and leaves the others alone."""
        async with self._turn:
            now = self._clock.now()
            while await self._records.write(put_due, now, self._season_length):
                pass
            while await self._send_next():
                pass

    async def play(self, clock: Forward, until: datetime) -> None:
        """Move the clock to `until`, stopping wherever something is due, so that nothing comes late."""
        platforms = tuple(self._platforms)
        while (due := await self._records.read(posts.next_due_at, platforms)) is not None and due <= until:
            clock.forward(due)
            await self.tick()
        clock.forward(until)
        await self.tick()

    def _season_length(self, cohort: Cohort) -> int | None:
        curriculum = self._curricula.get(cohort.curriculum)
        return None if curriculum is None else len(season(curriculum, cohort))

    async def _send_next(self) -> bool:
        now = self._clock.now()
        fence = secrets.token_hex(8)
        due = await self._records.write(posts.claim, now, fence, LEASE, tuple(self._platforms))
        if due is None:
            return False
        try:
            await self._send(due)
        except (Busy, Rejected, Gone, Unknown) as failure:
            await self._failed(due, failure)
        except Exception:
            reference = secrets.token_hex(3)
            log.exception("post %s could not be sent, reference %s", due.key, reference)
            await self._try_again(due, f"an error of ours, reference {reference}")
        return True

    async def _send(self, due: Due) -> None:
        platform = self._platforms[due.place.platform]
        if due.attempt > 1:
            found = await platform.find(due.place, due.key, due.first_attempt_at - SKEW)
            if found is not None:
                await self._records.write(posts.settle, due, "sent", self._clock.now(), posted=found)
                return
        post = await self._records.read(compose, due, self._curricula)
        if post is None:
            await self._records.write(posts.settle, due, "skipped", self._clock.now(), reason="nobody to say it to")
            return
        posted = await platform.post(due.place, post)
        await self._records.write(posts.settle, due, "sent", self._clock.now(), posted=posted)

    async def _failed(self, due: Due, failure: Busy | Rejected | Gone | Unknown) -> None:
        now = self._clock.now()
        match failure:
            case Busy():
                at = now + timedelta(seconds=failure.retry_after)
                await self._records.write(posts.retry, due, at, str(failure), certainly_not_sent=True)
            case Rejected() | Gone():
                log.error("post %s was refused: %s", due.key, failure)
                await self._records.write(posts.settle, due, "failed", now, reason=str(failure))
                if isinstance(failure, Gone):
                    await self._records.write(cohorts.lose_place, due.place_id, str(failure))
            case Unknown():
                await self._try_again(due, str(failure))

    async def _try_again(self, due: Due, reason: str) -> None:
        now = self._clock.now()
        if due.attempt >= MOST_FAILURES:
            log.error("post %s is given up after %d attempts: %s", due.key, due.attempt, reason)
            await self._records.write(posts.settle, due, "failed", now, reason=reason)
        else:
            await self._records.write(posts.retry, due, now + RETRY, reason, certainly_not_sent=False)
