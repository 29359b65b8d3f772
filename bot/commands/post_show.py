"""`/post show`: a post of a season before it is sent."""

from bot.chat.command import Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call
from bot.commands.planning import PlannedPost, Planning


@command(allow=Rank.FACILITATOR)
async def post_show(call: Call, planning: Planning, post: PlannedPost) -> Message:
    """See a post of a season in full before it is sent, and change it."""
    return await planning.show(call, post)
