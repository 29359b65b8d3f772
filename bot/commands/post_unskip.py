"""`/post unskip`: have a post sent after all that was left out."""

from bot.chat.command import Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call
from bot.chat.wording import say
from bot.commands.planning import PlannedPost, Planning
from bot.delivery import amending


@command(allow=Rank.FACILITATOR)
async def post_unskip(call: Call, planning: Planning, post: PlannedPost) -> Message:
    """Have a post sent after all that was left out, until its time is over."""
    is_new = await planning.amend(call, await planning.find(call, post), amending.unskip)
    said = say("It is posted after all.") if is_new else say("It is not left out; nothing changes.")
    return await planning.show(call, post, said)
