"""`/cohort edit`: other days, times or another zone in the middle of a season."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, get_args

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.cohort_apply import offer
from bot.commands.cohort_create import Day
from bot.commands.study import WhichCohort
from bot.commands.zones import read_zone, suggest_zones
from bot.curriculum.load import Curricula
from bot.delivery.bending import Rhythm
from bot.records.records import Records


async def _as_it_is(call: Call, records: Records) -> Mapping[str, str]:
    """The cohort's weekdays, times and zone."""
    found = await records.cohort(call, call.given.get("cohort"))
    return {
        "day": get_args(Day)[found.weekday], "time": f"{found.at:%H:%M}", "timezone": found.zone.key,
        "checkin_day": get_args(Day)[found.checkin_weekday], "checkin_time": f"{found.checkin_at:%H:%M}",
    }  # fmt: skip


@command(ask=True, allow=Rank.FACILITATOR)
async def cohort_edit(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    day: Annotated[Day | None, Arg("On which day of the week?", fill=_as_it_is)] = None,
    time: Annotated[time | None, Arg("At which time?", fill=_as_it_is)] = None,
    timezone: Annotated[str | None, Arg("In which time zone?", max=64, suggest=suggest_zones, fill=_as_it_is)] = None,
    checkin_day: Annotated[Day | None, Arg("On which day are check-ins asked for?", fill=_as_it_is)] = None,
    checkin_time: Annotated[time | None, Arg("At which time are check-ins asked for?", fill=_as_it_is)] = None,
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Change a cohort's days, times or zone; you see the dates first."""
    change = Rhythm(
        weekday=get_args(Day).index(day) if day else None,
        at=time,
        zone=read_zone(timezone).key if timezone else None,
        checkin_weekday=get_args(Day).index(checkin_day) if checkin_day else None,
        checkin_at=checkin_time,
    )
    return await offer(call, records, curricula, clock, change, cohort)
