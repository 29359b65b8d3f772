"""Says each post once: claims it durably, tries once, records what happened under the claim's fence.

An attempt whose outcome nobody recorded (the process died, the answer was lost) is looked for on the platform by its
key before it is tried again.
"""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, Protocol, TypeVar

from bot.chat.message import Post
from bot.chat.platform import Busy, Clock, Deleted, Gone, Platform, Posted, Rejected, Unknown, Unsearchable
from bot.curriculum.load import Curricula
from bot.delivery import notices
from bot.delivery.compose import NotOffered, compose, season
from bot.delivery.schedule import POSTPONED, is_too_late, put_due
from bot.records import live, posts
from bot.records.cohorts import Cohort
from bot.records.live import Live
from bot.records.posts import Due, Kind, State
from bot.records.records import Records

log = logging.getLogger(__name__)

T = TypeVar("T")
LEASE = timedelta(seconds=60)
LONGEST_ATTEMPT = timedelta(seconds=20)  # well within the lease, so that nobody else takes the post over meanwhile
RETRY = timedelta(minutes=1)  # until the second attempt; every further one waits twice as long as the one before
LONGEST_RETRY = timedelta(minutes=15)
SHORTEST_WAIT = 1.0  # seconds; a platform that is busy "for 0 s" is not asked again and again without a pause
MOST_ATTEMPTS = 200  # about two days of them; only what is never too late has so many
LIVE: frozenset[Kind] = frozenset({"milestone"})  # kinds that are edited when what they tell of changes
UNKNOWN = "?"  # in the place of a hash: another process sent the post, and nobody knows what it said
BETWEEN_EDITS = timedelta(seconds=30)  # the first change shows at once, those that follow it together
BETWEEN_LOOKS = timedelta(seconds=2)  # where nothing was to be edited; counting a cohort of a thousand takes a while
SKEW = timedelta(minutes=10)  # how far a platform's clock may be from ours when a post is looked for


class Forward(Protocol):
    """A clock that can be moved forward."""

    def now(self) -> datetime:
        """This instant, aware UTC."""

    def forward(self, to: datetime) -> None:
        """Be at `to` (aware UTC) if that is later than now."""


class Delivery:
    """Moves the schedule on and sends what is due, on the platforms that run here.

    Each platform is worked on by itself, one post after the other: one that does not answer holds up no other.
    """

    def __init__(self, records: Records, curricula: Curricula, platforms: Mapping[str, Platform], clock: Clock) -> None:
        self._records = records
        self._curricula = curricula
        self._platforms = platforms
        self._clock = clock
        self._turns = defaultdict[str, asyncio.Lock](asyncio.Lock)
        self._wanted = defaultdict[str, asyncio.Event](asyncio.Event)
        self._is_stopping = False
        self._held: dict[str, datetime] = {}  # platforms that take no private posts until then

    def soon(self) -> None:
        """Something was put; have it sent without waiting for the next tick."""
        for name in self._platforms:
            self._wanted[name].set()

    @property
    def is_wanted(self) -> bool:
        """Whether something was put since the last tick began."""
        return any(each.is_set() for each in self._wanted.values())

    async def run(self) -> None:
        """Work whenever `soon` was called, until cancelled."""
        await asyncio.gather(*(self._run(each) for each in self._platforms))

    async def stop(self, seconds: float) -> None:
        """Begin no other post, and let the one under way be recorded, for at most so long."""
        self._is_stopping = True
        try:
            async with asyncio.timeout(seconds):
                for name, turn in self._turns.items():
                    async with turn:
                        log.debug("nothing is under way on %s", name)
        except TimeoutError:
            log.warning("a post was under way for more than %g s; the next start looks for it", seconds)

    async def tick(self) -> None:
        """Put what is due and send it. What goes wrong with one post is logged and leaves the others alone."""
        await asyncio.gather(*(self._tick(each) for each in self._platforms))

    async def play(self, clock: Forward, until: datetime) -> None:
        """Move the clock to `until`, stopping wherever something is due, so that nothing comes late."""
        platforms = tuple(self._platforms)
        while (due := await self._records.read(posts.next_due_at, platforms)) is not None and due <= until:
            clock.forward(due)
            await self.tick()
        clock.forward(until)
        await self.tick()

    async def _run(self, platform: str) -> None:
        while True:
            await self._wanted[platform].wait()
            try:
                await self._tick(platform)
            except Exception:
                log.exception("a tick for %s failed; the next one tries again", platform)

    async def _tick(self, platform: str) -> None:
        async with self._turns[platform]:
            self._wanted[platform].clear()
            now = self._clock.now()
            while await self._records.write(put_due, now, self._season_length):
                pass
            while not self._is_stopping and await self._send_next(platform):
                pass
            while not self._is_stopping and await self._refresh_next(platform):
                pass

    def _season_length(self, cohort: Cohort) -> int | None:
        curriculum = self._curricula.get(cohort.curriculum)
        return None if curriculum is None else len(season(curriculum, cohort))

    async def _send_next(self, platform: str) -> bool:
        now = self._clock.now()
        fence = secrets.token_hex(8)
        due = await self._records.write(posts.claim, now, fence, LEASE, platform)
        if due is None:
            return False
        try:
            await self._send(due)
        except (Busy, Rejected, Gone, Unknown) as failure:
            await self._failed(due, failure)
        except NotOffered as missing:
            log.error("post %s waits: %s", due.key, missing)
            await self._wait(due, POSTPONED, str(missing), certainly_not_sent=True)
        except Exception:
            reference = secrets.token_hex(3)
            log.exception("post %s could not be sent, reference %s", due.key, reference)
            await self._try_again(due, f"an error of ours, reference {reference}")
        return True

    async def _send(self, due: Due) -> None:
        platform, held = self._platforms[due.place.platform], self._held.get(due.place.platform)
        if due.place.person and held and self._clock.now() < held:
            raise Busy((held - self._clock.now()).total_seconds(), "lane")
        if due.attempt > 1:
            # The first attempt may carry a later time than now: the clock may have been set back since.
            since = min(due.first_attempt_at, self._clock.now()) - SKEW
            found = await _in_time(platform.find(due.place, due.key, since))
            if found is not None:
                await self._settle(due, "sent", posted=found, said=UNKNOWN if due.kind in LIVE else None)
                return
        if is_too_late(due.kind, due.due_at, self._clock.now()):
            log.warning("post %s is left out: it was due %s", due.key, due.due_at)
            if due.attempt == 1:
                await self._settle(due, "skipped", reason="too late")
            else:
                await self._drop(due, "skipped", "until it was too late, every attempt failed")
            return
        post = await self._records.read(compose, due, self._curricula)
        if post is None:
            await self._settle(due, "skipped", reason="nobody to say it to")
            return
        posted = await _in_time(platform.post(due.place, post))
        await self._settle(due, "sent", posted=posted, said=_hash(post) if due.kind in LIVE else None)
        if posted.trouble:
            await self._records.write(notices.without_thread, due, self._clock.now(), posted.trouble)

    async def _failed(self, due: Due, failure: Busy | Rejected | Gone | Unknown) -> None:
        match failure:
            case Busy():
                wait = timedelta(seconds=max(failure.retry_after, SHORTEST_WAIT))
                await self._wait(due, wait, str(failure), certainly_not_sent=True)
                if due.place.person and failure.scope == "lane":
                    self._held[due.place.platform] = self._clock.now() + wait
            case Rejected() | Gone() if due.place.person:
                log.warning("post %s does not reach %s: %s", due.key, due.place.person.name, failure)
                await self._settle(due, "skipped", reason=str(failure))
            case Gone() if due.place.thread:
                log.warning("post %s goes to the channel, since its thread is lost: %s", due.key, failure)
                _heed(due, await self._records.write(posts.leave_thread, due))
            case Rejected():
                log.error("post %s was refused: %s", due.key, failure)
                await self._drop(due, "failed", str(failure))
            case Gone():
                log.error("post %s found its place lost; nothing more is sent there: %s", due.key, failure)
                _heed(due, await self._records.write(notices.lose, due, self._clock.now(), str(failure)))
            case Unsearchable():
                await self._ask(due, str(failure))
            case Unknown():
                await self._try_again(due, str(failure))

    async def _try_again(self, due: Due, reason: str) -> None:
        """Look for it later, and send it if it is not there: as long as looking is possible, that doubles nothing."""
        if due.attempt < MOST_ATTEMPTS:
            wait = min(RETRY * 2 ** min(due.attempt - 1, 10), LONGEST_RETRY)
            await self._wait(due, wait, reason, certainly_not_sent=False)
        else:
            await self._ask(due, reason)

    async def _ask(self, due: Due, reason: str) -> None:
        """Leave it to a facilitator whether the post is there."""
        log.error("post %s is not known to be there after %d attempts: %s", due.key, due.attempt, reason)
        if due.kind == "notice":  # word of a word that may be missing would have no end
            await self._settle(due, "failed", reason=reason)
        else:
            _heed(due, await self._records.write(notices.ask, due, self._clock.now(), reason))

    async def _drop(self, due: Due, state: Literal["failed", "skipped"], reason: str) -> None:
        """Send the post no more, and tell a facilitator."""
        _heed(due, await self._records.write(notices.not_posted, due, self._clock.now(), state, reason))

    async def _settle(
        self, due: Due, state: State,
        *, posted: Posted | None = None, reason: str | None = None, said: str | None = None,
    ) -> None:  # fmt: skip
        now = self._clock.now()
        _heed(due, await self._records.write(posts.settle, due, state, now, posted=posted, reason=reason, said=said))

    async def _wait(self, due: Due, how_long: timedelta, reason: str, *, certainly_not_sent: bool) -> None:
        until = self._clock.now() + how_long
        kept = await self._records.write(posts.retry, due, until, reason, certainly_not_sent=certainly_not_sent)
        _heed(due, kept)

    async def _refresh_next(self, platform: str) -> bool:
        """Look at the next post whose facts have changed since, and edit it if it would say something else now."""
        marked = await self._records.write(live.claim, self._clock.now(), LEASE, platform)
        if marked is None:
            return False
        try:
            await self._refresh(marked)
        except Busy as failure:
            await self._look_again(marked, timedelta(seconds=max(failure.retry_after, SHORTEST_WAIT)))
        except Unknown as failure:
            log.warning("post %s may not say what holds now: %s", marked.due.key, failure)
            await self._look_again(marked, RETRY)
        except (Gone, Rejected) as failure:
            log.warning("post %s is kept up to date no longer: %s", marked.due.key, failure)
            await self._records.write(live.forget if isinstance(failure, Deleted) else live.give_up, marked)
        except NotOffered as missing:
            log.error("post %s stays as it is: %s", marked.due.key, missing)
            await self._look_again(marked, POSTPONED)
        except Exception:
            log.exception("post %s could not be brought up to date", marked.due.key)
            await self._look_again(marked, POSTPONED)
        return True

    async def _refresh(self, marked: Live) -> None:
        post = await self._records.read(compose, marked.due, self._curricula)
        quiet = BETWEEN_LOOKS
        said = _hash(post) if post else marked.said
        if post and said != marked.said:
            await _in_time(self._platforms[marked.due.place.platform].edit(marked.posted, post))
            quiet = BETWEEN_EDITS
        await self._records.write(live.settle, marked, said, self._clock.now() + quiet)

    async def _look_again(self, marked: Live, how_long: timedelta) -> None:
        await self._records.write(live.wait, marked, self._clock.now() + how_long)


def _hash(post: Post) -> str:
    """What the post says, short enough to keep beside it."""
    return sha256(post.message.model_dump_json().encode()).hexdigest()[:32]


async def _in_time(attempt: Awaitable[T]) -> T:
    """What the platform answers. One that does not answer may not hold up every other post: raises Unknown then."""
    seconds = LONGEST_ATTEMPT.total_seconds()
    try:
        async with asyncio.timeout(seconds):
            return await attempt
    except TimeoutError as error:
        raise Unknown(f"no answer within {seconds:g} s") from error


def _heed(due: Due, is_kept: bool) -> None:
    """Say so when an outcome came too late to be recorded."""
    if not is_kept:
        log.warning("post %s was taken over by another sender meanwhile; what that one records holds", due.key)
