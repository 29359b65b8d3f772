"""The pipe of everything that nobody typed: puts what is due, and has it sent, each post once.

Every platform is worked on by itself, in lanes: an announcement does not wait behind ten thousand reminders, and one
post that hangs holds up neither its lane nor any other.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from bot.chat.platform import Clock, Person, Platform, Refusal
from bot.curriculum.load import Curricula
from bot.delivery import announcing, handover
from bot.delivery.checklist import Checklists
from bot.delivery.clock import RunningClock, StoppedClock
from bot.delivery.due import Putting
from bot.delivery.refreshing import Refreshing
from bot.delivery.schedule import LATEST, align
from bot.delivery.sending import Sending, Timing
from bot.delivery.steady import Steady
from bot.delivery.turns import Turns
from bot.delivery.versions import season_length
from bot.records import forgetting, old_posts, restores, soonest
from bot.records.forgetting import Forgotten
from bot.records.lanes import LANES, PRIVATE, Lane
from bot.records.records import Records

log = logging.getLogger(__name__)

DAY = timedelta(days=1)


class Delivery:
    """Moves the schedule on and sends what is due, on the platforms that run here."""

    def __init__(
        self, records: Records, curricula: Curricula, platforms: Mapping[str, Platform], clock: Clock,
        timing: Timing | None = None, checklists: Checklists | None = None,
    ) -> None:  # fmt: skip
        timing = timing or Timing()
        self._checklists = checklists or Checklists(curricula, platforms)
        self._records = records
        self._season_length = partial(season_length, curricula)
        self._platforms = platforms
        self._clock = clock
        self._sending = Sending(records, curricula, platforms, clock, timing)
        self._refreshing = Refreshing(records, curricula, platforms, clock, timing.lease)
        self._is_stopping = False
        self._steady: Steady | None = None
        self._putting = Turns("putting what is due", self._put)
        self._lanes: dict[tuple[str, Lane], Turns] = {}
        self._edits: dict[str, Turns] = {}

    async def watch_clock(self) -> None:
        """From now on, do nothing while the clock is not to be believed: for a clock that nobody moves on purpose.

        It is on probation from the start where nothing was posted for so long that something would be left out.
        """
        now = self._clock.now()
        last = await self._records.read(restores.last_known, now)
        self._steady = Steady(self._clock, last if now - last > LATEST["milestone"] else None)

    @property
    def _rests(self) -> bool:
        return self._is_stopping or self._doubts_clock

    @property
    def _doubts_clock(self) -> bool:
        return self._steady is not None and not self._steady.holds()

    def check_clock(self) -> None:
        """Raises a Refusal while the clock is not to be believed: for what puts posts by it, or leaves them out."""
        if self._doubts_clock:
            raise Refusal(
                "The clock here has just changed by hours. Until it has kept to that for ten minutes, nothing is "
                "posted and no dates are changed. Please try again then."
            )

    def soon(self) -> None:
        """Something was put; have it sent without waiting for the next tick."""
        for each in self._all():
            each.wanted.set()

    @property
    def is_wanted(self) -> bool:
        """Whether something was put since the last tick began."""
        return any(each.wanted.is_set() for each in self._all())

    async def run(self) -> None:
        """Work whenever `soon` was called, until cancelled."""
        await asyncio.gather(*(each.run() for each in self._all()))

    async def stop(self, seconds: float) -> None:
        """Begin no other post, and let those under way be recorded, for at most so long."""
        self._is_stopping = True
        try:
            async with asyncio.timeout(seconds):
                for each in self._all():
                    await each.ended()
        except TimeoutError:
            log.warning("a post was under way for more than %g s; the next start looks for it", seconds)

    async def tick(self) -> None:
        """Put what is due and send it. What goes wrong with one post is logged and leaves the others alone."""
        everything = self._all()
        await self._putting.take()
        while any(await asyncio.gather(*(each.take() for each in everything[1:]))):
            pass

    async def play(self, clock: RunningClock | StoppedClock, until: datetime) -> None:
        """Move the clock to `until`, stopping wherever something is due, so that nothing comes late."""
        platforms = tuple(self._platforms)
        while (due := await self._records.read(soonest.next_due_at, platforms)) is not None and due <= until:
            clock.forward(due)
            await self.tick()
        clock.forward(until)
        await self.tick()

    def _all(self) -> list[Turns]:
        """Whoever works here; the platforms are named only after this was made."""
        for name in self._platforms:
            if name not in self._edits:
                self._edits[name] = Turns(f"bringing posts on {name} up to date", partial(self._refresh, name))
                for lane in LANES:
                    work = partial(self._send, name, lane)
                    self._lanes[name, lane] = Turns(f"sending {lane.name} on {name}", work)
        return [self._putting, *self._lanes.values(), *self._edits.values()]

    async def _put(self) -> bool:
        putting, last = Putting(self._clock.now(), self._season_length), None
        while not self._rests and (page := await self._records.write(putting.page, last)):
            last = page
            for each in self._lanes.values():
                each.wanted.set()
        has_said = False
        while not self._rests and await self._say_due():
            has_said = True
            for each in self._lanes.values():
                each.wanted.set()
        return last is not None or has_said

    async def _say_due(self) -> bool:
        """Put one announcement that is due, else word for whoever leads one cohort. False if there is neither."""
        if await self._records.write(announcing.put_due, self._clock.now()):
            return True
        return await self._records.write(handover.put_due, self._clock.now(), self._checklists)

    async def forget(self, person: Person) -> Forgotten | None:
        """Forget the person everywhere, and have their posts taken back; None if nothing was known of them.

        A platform is told again each time, since a crash may have come between.
        """
        done = await self._records.write(forgetting.forget, person, self._clock.now())
        for each in done.people if done else (person,):
            if each.platform in self._platforms:
                await self._platforms[each.platform].forget(each)
        for cohort_id in done.cohorts if done else ():
            log.warning(
                "cohort c%d: nobody looks after it any more, so nobody is told what of its posts fails", cohort_id
            )
        self.soon()
        return done

    async def forget_old(self) -> None:
        """Forget posts of long ago; not on the day after the clock was doubted, since that cannot be undone."""
        if self._steady is None or self._steady.has_held_for(DAY):
            await old_posts.forget_old(self._records, self._clock.now())

    async def align(self) -> None:
        """Have the schedule follow every calendar: since it was planned, a zone may have got new rules."""
        after: int | None = 0
        while after is not None:
            after = await self._records.write(align, after, self._season_length)

    async def _send(self, platform: str, lane: Lane) -> bool:
        """Send what the lane has for the platform, until nothing is left and nothing under way.

        What waits for another post at its place may go once that is settled, so every end is followed by a look.
        """
        wanted, has_sent = self._lanes[platform, lane].wanted, False
        under_way = set[asyncio.Task[None]]()
        try:
            while True:
                claim = None if self._rests else await self._sending.claim(platform, lane)
                if claim is not None:
                    has_sent = True
                    under_way.add(asyncio.create_task(self._sending.send(claim)))
                elif not under_way:
                    break
                if claim is None or len(under_way) == lane.width:
                    under_way = await _one_ends(under_way, None if len(under_way) == lane.width else wanted)
        except asyncio.CancelledError:
            for each in under_way:
                each.cancel()
            raise
        finally:
            if under_way:  # if no more can be claimed, what was claimed goes out all the same
                await asyncio.wait(under_way)
        if has_sent:  # what was sent may have to be edited by now, and of what was not, somebody is told
            self._edits[platform].wanted.set()
            self._lanes[platform, PRIVATE].wanted.set()
        return has_sent

    async def _refresh(self, platform: str) -> bool:
        has_looked = False
        while not self._rests and await self._refreshing.refresh_next(platform):
            has_looked = True
        return has_looked


async def _one_ends(under_way: set[asyncio.Task[None]], wanted: asyncio.Event | None) -> set[asyncio.Task[None]]:
    """Return once one of them has ended, or something else is wanted; with those that have not ended."""
    if wanted is None:
        _, left = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        return left
    waking = asyncio.create_task(wanted.wait())
    try:
        await asyncio.wait({*under_way, waking}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waking.cancel()
    wanted.clear()
    return {each for each in under_way if not each.done()}
