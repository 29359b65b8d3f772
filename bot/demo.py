"""What the playground alone has: a clock that can be moved, and the cohort that it begins with."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.chat.platform import Clock
from bot.curriculum.load import Curricula
from bot.delivery import schedule
from bot.delivery.clock import RunningClock
from bot.delivery.outbox import Delivery
from bot.platforms.playground.connect import Playground
from bot.platforms.playground.world import CHANNELS, PERSONAS
from bot.records.records import Records, RecordsNotebook

AHEAD = "clock-ahead-seconds"
ON_THE_WAY = "clock-moves-until"


class PlaygroundTime:
    """The playground's clock: the real time, moved forward as far as somebody asked, also after a restart."""

    def __init__(self, clock: RunningClock, delivery: Delivery, notebook: RecordsNotebook) -> None:
        self._clock = clock
        self._delivery = delivery
        self._notebook = notebook

    def now(self) -> datetime:
        """This instant on the moved clock, aware UTC."""
        return self._clock.now()

    async def set_off(self, by: timedelta) -> None:
        """Keep where the clock is to be moved to; from then on `arrive` gets there, after a crash too."""
        await self._notebook.put(ON_THE_WAY, (self._clock.now() + by).isoformat())

    async def arrive(self) -> None:
        """Move forward to there; returns when all that fell due has been posted, in order.

        A move that a crash broke off begins anew: what was posted on the way is not posted again.
        """
        kept = await self._notebook.get(ON_THE_WAY)
        if kept:
            await self._delivery.play(self._clock, datetime.fromisoformat(kept))
            await self._notebook.put(AHEAD, str(self._clock.ahead.total_seconds()))
            await self._notebook.delete(ON_THE_WAY)


async def ahead_of(records: Records) -> timedelta:
    """How far the clock was moved before this start."""
    kept = await RecordsNotebook(records, RunningClock(), Playground.name).get(AHEAD)
    return timedelta(seconds=float(kept or 0))


async def open_cohort(records: Records, curricula: Curricula, clock: Clock) -> None:
    """On a first visit there is a cohort in its first week: its first milestone fell due within the last hour."""
    place = next(iter(CHANNELS.values())).place
    town = await records.town(place.platform, place.community)
    if town.cohorts:
        return
    curriculum = curricula.get("deep-learning") or next(iter(curricula))
    now = clock.now()
    await records.write(
        schedule.begin, place, now, PERSONAS["grace"].person, name="Deep Learning",
        curriculum=curriculum.id, version=curriculum.version,
        start_on=now.date(), zone=ZoneInfo("UTC"), weekday=now.weekday(), at=time(now.hour),
        pace=curriculum.pace.length, language="en",
    )  # fmt: skip
