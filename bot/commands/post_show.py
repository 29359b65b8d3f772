"""`/post show`: a post of a season before it is sent."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.planning import shown, suggest_planned
from bot.curriculum.load import Curricula
from bot.delivery.previewing import Previewing
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def post_show(
    call: Call, records: Records, curricula: Curricula, clock: Clock, previewing: Previewing,
    post: Annotated[str, Arg("Which post?", max=40, suggest=suggest_planned)],
) -> Message:  # fmt: skip
    """See a post of a season in full before it is sent, and change it."""
    return await shown(call, records, curricula, clock, previewing, post)
