"""The cohort that the playground begins with."""

from datetime import time
from zoneinfo import ZoneInfo

from bot.chat.platform import Clock
from bot.curriculum.load import Curricula
from bot.delivery import schedule
from bot.platforms.playground.world import CHANNELS, PERSONAS
from bot.records.records import Records


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
