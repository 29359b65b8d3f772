"""Keeps posts up to date: looks again at those whose facts have changed, and edits what would say another thing now.

What is to be there no longer goes the same way: it is withdrawn from its platform.
"""

import logging
import secrets
from collections.abc import Mapping
from datetime import timedelta

from bot.chat.message import Post
from bot.chat.platform import Busy, Clock, Deleted, Gone, Platform, Rejected, Unknown
from bot.curriculum.load import Curricula
from bot.delivery import inviting
from bot.delivery.compose import NotOffered, compose
from bot.delivery.schedule import POSTPONED
from bot.delivery.sending import SHORTEST_WAIT, answered, digest
from bot.records import live
from bot.records.live import Live
from bot.records.outage import NotSaved
from bot.records.records import Records

log = logging.getLogger(__name__)

RETRY = timedelta(minutes=1)
BETWEEN_EDITS = timedelta(seconds=30)  # the first change shows at once, those that follow it together
BETWEEN_LOOKS = timedelta(seconds=2)  # where nothing was to be edited; counting a cohort of a thousand takes a while


class Refreshing:
    """Looks at posts again, one by one. One that is taken and not settled comes back after `lease`.

    Nobody else edits it before: an edit is begun under a fence, and is over within a third of the lease.
    """

    def __init__(
        self, records: Records, curricula: Curricula, platforms: Mapping[str, Platform], clock: Clock, lease: timedelta
    ) -> None:
        self._records = records
        self._curricula = curricula
        self._platforms = platforms
        self._clock = clock
        self._lease = lease

    async def refresh_next(self, platform: str) -> bool:
        """Look at the next post there whose facts have changed since. False if there is none."""
        fence = secrets.token_hex(8)
        marked = await self._records.write(live.claim, self._clock.now(), fence, self._lease, platform)
        if marked is None:
            return False
        try:
            await (self._withdraw if marked.is_taken_back else self._refresh)(marked)
        except Busy as failure:
            await self._look_again(marked, timedelta(seconds=max(failure.retry_after, SHORTEST_WAIT)))
        except Unknown as failure:
            log.warning("post %s may not say what holds now: %s", marked.due.key, failure)
            await self._look_again(marked, RETRY)
        except (Gone, Rejected) as failure:
            log.warning("post %s stays as it is from now on: %s", marked.due.key, failure)
            await self._records.write(live.forget if isinstance(failure, Deleted) else live.give_up, marked)
        except NotOffered as missing:
            log.error("post %s stays as it is: %s", marked.due.key, missing)
            await self._look_again(marked, POSTPONED)
        except NotSaved:
            raise
        except Exception:
            log.exception("post %s could not be brought up to date", marked.due.key)
            await self._look_again(marked, POSTPONED)
        return True

    async def _refresh(self, marked: Live) -> None:
        post = await self._records.read(compose, marked.due, self._curricula, self._clock.now())
        said, quiet = marked.said, BETWEEN_LOOKS
        if post and digest(post) != said:
            said, quiet = digest(post), BETWEEN_EDITS
            if not await self._edit(marked, post):
                log.warning("post %s is brought up to date by another sender", marked.due.key)
                return
        changes_at = await self._records.read(inviting.changes_at, marked.due, self._curricula, self._clock.now())
        await self._records.write(live.settle, marked, said, self._clock.now() + quiet, changes_at)

    async def _edit(self, marked: Live, post: Post) -> bool:
        """Edit the post while it is certainly ours. False if it is, or may be, somebody else's by now.

        Raises Unknown where there is no answer in time: whatever has become of the edit, it is over before the lease.
        """
        taken_at = self._clock.monotonic()
        if not await self._records.write(live.begin, marked, self._clock.now() + self._lease):
            return False
        seconds = self._lease.total_seconds() / 3 - (self._clock.monotonic() - taken_at)
        if seconds <= 0:
            return False
        await answered(self._platforms[marked.due.place.platform].edit(marked.posted, post), seconds)
        return True

    async def _withdraw(self, marked: Live) -> None:
        seconds = self._lease.total_seconds() / 3
        await answered(self._platforms[marked.due.place.platform].withdraw(marked.posted), seconds)
        await self._records.write(live.settle_taken_back, marked)

    async def _look_again(self, marked: Live, how_long: timedelta) -> None:
        await self._records.write(live.wait, marked, self._clock.now() + min(how_long, live.LONGEST))
