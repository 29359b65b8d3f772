"""`/cohort shift`: the rest of a season, some weeks later or earlier."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.cohort_apply import offer
from bot.commands.study import WhichCohort
from bot.curriculum.load import Curricula
from bot.delivery.bending import Shift
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_shift(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    weeks: Annotated[int, Arg("By how many weeks? (-1: a week earlier)", min=-52, max=52)],
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Move the rest of a season by some weeks; you see the dates first."""
    return await offer(call, records, curricula, clock, Shift(weeks=weeks), cohort)
