"""`/announcement skip`: leave a repeated announcement out once."""

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
async def announcement_skip(
    call: Call, records: Records, clock: Clock, previewing: Previewing,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
    on: Annotated[date | None, Arg("On which day? (empty: the next time)")] = None,
) -> Message:  # fmt: skip
    """Leave out one time of an announcement that comes every week; all others stay."""
    found = await find(call, records, draft)
    skipped = await records.write(announcing.skip, call, clock.now(), found.id, on)
    return await shown(call, previewing, skipped)
