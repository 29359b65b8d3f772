"""Says one post once: claims it durably, tries once, records what happened under the claim's fence.

An attempt whose outcome nobody recorded (the process died, the answer was lost) may still take effect for a while. So
that while is waited for on this process's own monotonic clock, the post is looked for on the platform by its key, and
only then tried again. This is the one place in which doubt is dealt with, for every platform.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Literal, TypeVar

from sqlalchemy import Connection

from bot.chat.message import Post
from bot.chat.platform import Busy, Clock, Failure, Gone, Platform, Posted, Rejected, Unknown, Unsearchable
from bot.curriculum.load import Curricula
from bot.delivery import digests, letters, notices, reminding, seating
from bot.delivery.compose import NotOffered, compose
from bot.delivery.reminding import InThread, NotYet
from bot.delivery.schedule import LATEST, POSTPONED, is_too_late
from bot.records import claims
from bot.records.claims import Due, Passed
from bot.records.lanes import Lane
from bot.records.outage import NotSaved
from bot.records.posts import REMINDERS, Kind, State
from bot.records.records import Records

log = logging.getLogger(__name__)

T = TypeVar("T")
SHORTEST_WAIT = 1.0  # seconds; a platform that is busy "for 0 s" is not asked again and again without a pause
PATIENCE = timedelta(days=2)  # with a platform that is busy all the time, for what is never too late
MOST_ATTEMPTS = 200  # about two days of them; only what is never too late has so many
MOST_KNOWN = 10_000  # doubtful attempts that are remembered; to forget one costs a settle time
INSTEAD: Mapping[Kind, Callable[[Connection, Due, datetime, Failure | str], bool]] = {
    **dict.fromkeys(REMINDERS, reminding.instead),
    "seat": seating.instead,
    "letter": letters.bring_back,
    "report": digests.instead,
}
"""What settles a private post that does not get through, and says elsewhere what must not be lost with it."""
UNKNOWN = "?"  # in the place of a hash: another process sent the post, and nobody knows what it said
SKEW = timedelta(hours=2)  # how far back to look before an attempt: an hour of a wrong clock, and the platform's own


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a claim holds, and how long a lost attempt may still take effect.

    An attempt is over within a third of its claim's `lease`, also where the process was frozen meanwhile. So `settle`
    after a lease can have been taken over, the platform has had `settle` less that third to take or drop the request.
    """

    lease: timedelta = timedelta(seconds=60)
    settle: timedelta = timedelta(seconds=45)

    def retry(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts without a known outcome: 1 minute, then twice as long each time."""
        return min(self.settle * (4 / 3 * 2.0 ** min(attempts - 1, 10)), self.settle * 20)


@dataclass(frozen=True, slots=True)
class Claim:
    """A post that is ours to send. `taken_at` is when, in seconds of the monotonic clock; `at` is what day and hour
    it was, by a clock that was to be believed then. By that it is decided what is too late, and what is to be said.
    """

    due: Due
    at: datetime
    taken_at: float


class Overtaken(Exception):  # noqa: N818 - what happened, not what went wrong
    """The claim is, or may be, somebody else's by now: this process stood still for too long."""


class Sending:
    """Claims posts and sends them."""

    def __init__(
        self, records: Records, curricula: Curricula, platforms: Mapping[str, Platform], clock: Clock, timing: Timing
    ) -> None:
        self._records = records
        self._curricula = curricula
        self._platforms = platforms
        self._clock = clock
        self._timing = timing
        self._held: dict[tuple[str, bool], float] = {}  # a platform, and whether its private posts, until then
        # Since when this process has known that an attempt was over: by row, when its attempts began, their number, and
        # the last restore. A decision has them begin anew: the first one after it is not the first one before it.
        self._known: dict[tuple[int, datetime, int, datetime | None], float] = {}

    async def claim(self, platform: str, lane: Lane) -> Claim | None:
        """The lane's next post that may go out on the platform; nobody else has it from now on."""
        while True:
            taken_at, now, fence = self._clock.monotonic(), self._clock.now(), secrets.token_hex(8)
            found = await self._records.write(claims.claim, now, fence, self._timing.lease, platform, lane)
            if not isinstance(found, Passed):
                return None if found is None else Claim(found, now, taken_at)

    async def send(self, claim: Claim) -> None:
        """Send it, and record what came of it. Raises nothing: what cannot be recorded is looked for after the lease.

        So it is also if the records cannot be written once the post is out, since the disk is full.
        """
        due = claim.due
        try:
            await self._send_or_settle(claim)
        except NotSaved as unsaved:
            log.warning("post %s: what became of it could not be recorded: %s; it is looked for after its lease",
                        due.key, unsaved)  # fmt: skip
        except Exception:
            log.exception("post %s: what became of it could not be recorded; it is looked for once its lease is over",
                          due.key)  # fmt: skip

    async def _send_or_settle(self, claim: Claim) -> None:
        due = claim.due
        try:
            await self._send(claim)
        except (Busy, Rejected, Gone, Unknown) as failure:
            await self._failed(claim, failure)
        except Overtaken:
            log.warning("post %s was not sent in time after it was claimed; it is claimed again", due.key)
            await self._wait(due, timedelta(), "the sender stood still", certainly_not_sent=True)
        except NotYet as later:
            _heed(due, await self._records.write(claims.retry, due, later.until, None, certainly_not_sent=True))
        except InThread:
            await self._instead(due, "reminded in the thread")
        except NotOffered as missing:
            log.error("post %s waits: %s", due.key, missing)
            await self._wait(due, POSTPONED, str(missing), certainly_not_sent=True)
        except NotSaved:
            raise
        except Exception:
            reference = secrets.token_hex(3)
            log.exception("post %s could not be sent, reference %s", due.key, reference)
            await self._try_again(due, f"an error of ours, reference {reference}")

    async def _send(self, claim: Claim) -> None:
        due, platform = claim.due, self._platforms[claim.due.place.platform]
        is_doubtful = due.attempt > 1 or due.restored_from is not None
        seconds = max(self._held_for(due), self._unsettled(due) if is_doubtful else 0.0)
        if seconds > 0:
            await self._wait(due, timedelta(seconds=seconds), None, certainly_not_sent=True)
            return
        if is_doubtful:
            # The first attempt may carry a later time than now: the clock may have been set back since.
            since = min(due.first_attempt_at, self._clock.now()) - SKEW
            found = await self._find(claim, since)
            if found is not None:
                await self._sent(due, found, UNKNOWN)
                return
            claim = await self._renew(claim)
        if is_too_late(due.kind, due.due_at, claim.at):
            await self._leave_out(due)
            return
        if (
            due.kind == "report"
            and due.place.person is None
            and not await self._in_time(claim, lambda: platform.is_private(due.place))
        ):
            await self._instead(due, f"{due.place.name} is not private any more")
            return
        post = await self._records.read(compose, due, self._curricula, claim.at)
        if post is None:
            await self._settle(due, "skipped", reason="nobody to say it to")
            return
        posted = await self._in_time(claim, lambda: platform.post(due.place, post))
        await self._sent(due, posted, digest(post))

    async def _find(self, claim: Claim, since: datetime) -> Posted | None:
        due, platform = claim.due, self._platforms[claim.due.place.platform]
        places = [due.place]
        if due.place.thread and due.restored_at:  # where it was sent before, its thread may not have been known
            places.append(due.place.model_copy(update={"thread": None}))
        for place in places:
            found = await self._in_time(claim, partial(platform.find, place, due.key, since))
            if found is not None:
                return found
        return None

    async def _sent(self, due: Due, posted: Posted, said: str) -> None:
        await self._settle(due, "sent", posted=posted, said=said if _is_live(due) else None)
        if posted.trouble:
            await self._records.write(notices.without_thread, due, self._clock.now(), posted.trouble)

    def _held_for(self, due: Due) -> float:
        """For how many more seconds the platform, or people there, are to be left alone: as it said, and no longer."""
        name, now = due.place.platform, self._clock.monotonic()
        whose = (False, True) if due.place.person else (False,)
        return max(self._held.get((name, is_private), now) - now for is_private in whose)

    def _unsettled(self, due: Due) -> float:
        """For how many more seconds the attempts before this one may still take effect, as far as we can know."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        now = self._clock.monotonic()
        # What was sent before a restore was sent before this process first met what it left: one wait is for all.
        # It is waited for anew after every restore, which forgets the attempts that are under way.
        whose = 0 if due.restored_from else due.id
        known_since = self._known.setdefault((whose, due.first_attempt_at, due.attempt - 1, due.restored_at), now)
        return self._timing.settle.total_seconds() - (now - known_since)

    async def _in_time(self, claim: Claim, attempt: Callable[[], Awaitable[T]]) -> T:
        """What the platform answers. Raises Unknown where it does not while the claim is certainly ours.

        Raises Overtaken, and asks nothing of the platform, where that time is over: a process that was frozen wakes up
        here, when another may have its post.
        """
        seconds = self._timing.lease.total_seconds() / 3 - (self._clock.monotonic() - claim.taken_at)
        if seconds <= 0:
            raise Overtaken
        return await answered(attempt(), seconds)

    async def _renew(self, claim: Claim) -> Claim:
        """The claim, held for a whole lease from now on. Raises Overtaken if somebody else has it."""
        taken_at, now = self._clock.monotonic(), self._clock.now()
        if not await self._records.write(claims.renew, claim.due, now + self._timing.lease):
            raise Overtaken
        return replace(claim, taken_at=taken_at)

    async def _leave_out(self, due: Due) -> None:
        log.warning("post %s is left out: it was due %s", due.key, due.due_at)
        if is_too_late(due.kind, due.due_at, due.first_attempt_at):
            await self._settle(due, "skipped", reason="too late")
        else:
            await self._drop(due, "skipped", "until it was too late, it could not be posted")

    async def _failed(self, claim: Claim, failure: Busy | Rejected | Gone | Unknown) -> None:
        due = claim.due
        match failure:
            case Busy():
                seconds = max(failure.retry_after, SHORTEST_WAIT)
                if failure.scope != "route":
                    self._held[due.place.platform, failure.scope == "lane"] = self._clock.monotonic() + seconds
                since = max(due.due_at, due.first_attempt_at)
                if claim.at - since > LATEST.get(due.kind, PATIENCE):
                    await self._give_up(due, f"for days the platform has been too busy for it: {failure}")
                else:
                    await self._wait(due, timedelta(seconds=seconds), str(failure), certainly_not_sent=True)
            case Rejected() | Gone() if due.kind in INSTEAD:
                log.warning("post %s does not get through: %s", due.key, failure)
                await self._instead(due, failure)
            case Rejected() | Gone() if due.place.person:
                log.warning("post %s does not reach %s: %s", due.key, due.place.person.name, failure)
                await self._settle(due, "skipped", reason=str(failure))
            case Gone() if "channel" in due.payload:
                log.error("post %s cannot be put into a channel that is not its cohort's: %s", due.key, failure)
                await self._drop(due, "failed", str(failure))
            case Gone() if due.place.thread:
                log.warning("post %s goes to the channel, since its thread is lost: %s", due.key, failure)
                _heed(due, await self._records.write(claims.leave_thread, due, self._clock.now()))
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
        self._known[due.id, due.first_attempt_at, due.attempt, due.restored_at] = self._clock.monotonic()
        if due.attempt < MOST_ATTEMPTS:
            await self._wait(due, self._timing.retry(due.attempt), reason, certainly_not_sent=False)
        else:
            await self._ask(due, reason)

    async def _give_up(self, due: Due, reason: str) -> None:
        """Send it no more, which a facilitator is told; or asked, if it may be there."""
        if due.attempt > 1 or due.restored_from:
            await self._ask(due, reason)
        else:
            log.error("post %s is given up: %s", due.key, reason)
            await self._drop(due, "failed", reason)

    async def _ask(self, due: Due, reason: str) -> None:
        """Leave it to a facilitator whether the post is there."""
        log.error("post %s is not known to be there after %d attempts: %s", due.key, due.attempt, reason)
        await self._drop(due, "unknown", reason)

    async def _drop(self, due: Due, state: Literal["failed", "skipped", "unknown"], reason: str) -> None:
        """Send the post no more, and tell a facilitator, who is asked where it is unknown whether it is there."""
        if due.kind in ("letter", "report"):
            await self._instead(due, reason)
        elif due.place.person:  # word of a word that may be missing would have no end
            await self._settle(due, "failed" if state == "unknown" else state, reason=reason)
        elif state == "unknown":
            _heed(due, await self._records.write(notices.ask, due, self._clock.now(), reason))
        else:
            _heed(due, await self._records.write(notices.not_posted, due, self._clock.now(), state, reason))

    async def _instead(self, due: Due, reason: Failure | str) -> None:
        _heed(due, await self._records.write(INSTEAD[due.kind], due, self._clock.now(), reason))

    async def _settle(
        self, due: Due, state: State,
        *, posted: Posted | None = None, reason: str | None = None, said: str | None = None,
    ) -> None:  # fmt: skip
        now = self._clock.now()
        _heed(due, await self._records.write(claims.settle, due, state, now, posted=posted, reason=reason, said=said))

    async def _wait(self, due: Due, how_long: timedelta, reason: str | None, *, certainly_not_sent: bool) -> None:
        """Have it wait, at most for `LONGEST`; for whatever asks for more, it then waits again."""
        until = self._clock.now() + min(how_long, claims.LONGEST)
        kept = await self._records.write(claims.retry, due, until, reason, certainly_not_sent=certainly_not_sent)
        _heed(due, kept)


async def answered(attempt: Awaitable[T], seconds: float) -> T:
    """What the platform answers within so many seconds. Raises Unknown where it does not."""
    try:
        async with asyncio.timeout(seconds):
            return await attempt
    except TimeoutError as error:
        raise Unknown(f"no answer within {seconds:.3g} s") from error


def _is_live(due: Due) -> bool:
    """Whether the post is edited when what it tells of changes."""
    return due.kind in ("milestone", "answer", "invitation") or due.announcement_id is not None


def digest(post: Post) -> str:
    """What the post says, as a hash short enough to keep beside it."""
    return sha256(post.message.model_dump_json().encode()).hexdigest()[:32]


def _heed(due: Due, is_kept: bool) -> None:
    """Say so when an outcome came too late to be recorded."""
    if not is_kept:
        log.warning("post %s was taken over by another sender meanwhile; what that one records holds", due.key)
