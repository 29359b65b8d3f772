"""`/announcement unskip`: have a repeated announcement come after all that was left out once."""

from datetime import date
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.drafting import find, shown, suggest_drafts
from bot.delivery import announcing
from bot.delivery.previewing import Previewing
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def announcement_unskip(
    call: Call, records: Records, clock: Clock, previewing: Previewing,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
    on: Annotated[date, Arg("On which day that was left out?")],
) -> Message:  # fmt: skip
    """Have a weekly announcement sent after all on a day that you left out."""
    found = await find(call, records, draft)
    back = await records.write(announcing.unskip, call, clock.now(), found.id, on)
    return await shown(call, previewing, back)
