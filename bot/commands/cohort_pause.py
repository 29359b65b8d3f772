"""`/cohort pause`: nothing is posted until somebody says so."""

from bot.chat.command import Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.cohort_apply import offer
from bot.commands.study import WhichCohort
from bot.curriculum.load import Curricula
from bot.delivery.bending import Pause
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_pause(
    call: Call, records: Records, curricula: Curricula, clock: Clock, cohort: WhichCohort = None
) -> Message:
    """Stop a cohort's posts until you let it go on; you see the dates first."""
    return await offer(call, records, curricula, clock, Pause(), cohort)
