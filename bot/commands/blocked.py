"""`/blocked`: a check-in of nothing but what is in one's way."""

from collections.abc import Mapping
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.back import welcome_back
from bot.commands.checkin import received
from bot.commands.study import OwnCohort, study
from bot.commands.which_week import WhichWeek, meant, week_meant
from bot.curriculum.load import Curricula
from bot.delivery import sharing
from bot.delivery.outbox import Delivery
from bot.records import checkins
from bot.records.records import Records


async def _as_written(call: Call, records: Records, clock: Clock) -> Mapping[str, str]:
    enrolment, week = await meant(call, records, clock)
    mine = await records.read(checkins.of_week, enrolment.id, week)
    return {"blocked": mine.blocked} if mine and mine.blocked else {}


@command(ask=True, allow=Rank.MEMBER)
async def blocked(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    blocked: Annotated[str, Arg("What is in your way?", long=True, max=500, fill=_as_written)],
    week: WhichWeek = None,
    cohort: OwnCohort = None,
) -> Message:  # fmt: skip
    """Tell a facilitator, privately, what is in your way."""
    mine = await study(call, records, curricula, cohort)
    period = await week_meant(records, clock, mine.enrolment, week)
    back = await welcome_back(records, clock, mine)
    kept = await records.write(sharing.say_blocked, mine.enrolment, period, clock.now(), blocked)
    delivery.soon()
    return await received(call, records, clock, mine, kept, back)
