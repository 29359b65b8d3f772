"""`/announcement cancel`: drop a draft, or a template."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, text
from bot.chat.platform import Call, Clock
from bot.chat.wording import say
from bot.commands.drafting import change, find, suggest_droppable
from bot.records.announcements import OPEN, State
from bot.records.records import Records

DROPPABLE: tuple[State, ...] = (*OPEN, "template")


@command(allow=Rank.FACILITATOR)
async def announcement_cancel(
    call: Call, records: Records, clock: Clock,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_droppable)],
) -> Message:  # fmt: skip
    """Drop an announcement that you drafted or scheduled, or a template."""
    found = await find(call, records, draft, DROPPABLE)
    await change(call, records, clock.now(), draft, found, DROPPABLE, state="cancelled", send_at=None)
    if found.state == "template":
        return text(say("The template {name} is dropped.", name=found.name or ""))
    if found.series is not None:
        return text(say("The announcement is not repeated any more; what was sent stays."))
    return text(say("The announcement is dropped; nothing was sent."))
