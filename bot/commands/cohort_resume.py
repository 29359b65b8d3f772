"""`/cohort resume`: a pause ends, and the season goes on."""

from datetime import date
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.cohort_apply import offer
from bot.commands.study import WhichCohort
from bot.curriculum.load import Curricula
from bot.delivery.bending import Resume
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_resume(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    start: Annotated[date | None, Arg("From which day on? (today if empty)")] = None,
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Let a paused cohort go on; you see the dates first."""
    return await offer(call, records, curricula, clock, Resume(start_on=start), cohort)
