"""`/announcement cancel`: drop a draft."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import say
from bot.commands.announcement_send import find_draft, suggest_drafts
from bot.records import announcements
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def announcement_cancel(
    call: Call, records: Records, clock: Clock,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
) -> Message:  # fmt: skip
    """Drop an announcement that you drafted."""
    found = await find_draft(call, records, draft)
    if await records.write(announcements.close, found.id, "cancelled", clock.now()) is None:
        raise Refusal("This announcement was sent already.")
    return text(say("The announcement is dropped; nothing was sent."))
