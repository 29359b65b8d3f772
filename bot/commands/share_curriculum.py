"""`/share curriculum`: show the cohort that one has finished the curriculum."""

from bot.chat.command import Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.reached import Reached, share_reached
from bot.commands.study import study
from bot.curriculum.load import Curricula
from bot.delivery.outbox import Delivery
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def share_curriculum(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery
) -> Message:
    """Show your cohort that you have finished the curriculum."""
    mine = await study(call, records, curricula)
    return await share_reached(call, records, clock, delivery, mine, Reached.curriculum(mine.curriculum))
