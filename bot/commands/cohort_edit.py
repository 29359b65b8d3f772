"""`/cohort edit`: another weekday, time or zone in the middle of a season."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, get_args

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.cohort_apply import offer
from bot.commands.cohort_create import Day
from bot.commands.study import suggest_cohorts
from bot.commands.zones import read_zone, suggest_zones
from bot.curriculum.load import Curricula
from bot.delivery.bending import Rhythm
from bot.records.records import Records


async def _as_it_is(call: Call, records: Records) -> Mapping[str, str]:
    """The cohort's weekday, time and zone."""
    found = await records.cohort(call, call.given.get("cohort"))
    return {"day": get_args(Day)[found.weekday], "time": f"{found.at:%H:%M}", "timezone": found.zone.key}


@command(ask=True, allow=Rank.FACILITATOR)
async def cohort_edit(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    day: Annotated[Day | None, Arg("On which day of the week?", fill=_as_it_is)] = None,
    time: Annotated[time | None, Arg("At which time?", fill=_as_it_is)] = None,
    timezone: Annotated[str | None, Arg("In which time zone?", max=64, suggest=suggest_zones, fill=_as_it_is)] = None,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
) -> Message:  # fmt: skip
    """Change a cohort's weekday, time or zone; you see the dates first."""
    change = Rhythm(
        weekday=get_args(Day).index(day) if day else None,
        at=time,
        zone=read_zone(timezone).key if timezone else None,
    )
    return await offer(call, records, curricula, clock, change, cohort)
