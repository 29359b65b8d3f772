"""`/share phase`: show the cohort that one has finished a phase."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.reached import Reached, share_reached
from bot.commands.study import find_phase, study, suggest_phases
from bot.curriculum.load import Curricula
from bot.delivery.outbox import Delivery
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def share_phase(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    phase: Annotated[str, Arg("Which phase?", max=200, suggest=suggest_phases)],
) -> Message:  # fmt: skip
    """Show your cohort that you have finished a phase."""
    mine = await study(call, records, curricula)
    found = find_phase(mine.curriculum, phase)
    return await share_reached(call, records, clock, delivery, mine, Reached.phase(found))
