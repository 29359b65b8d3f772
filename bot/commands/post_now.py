"""`/post now`: send one post of a season before its time."""

from bot.chat.command import Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call
from bot.chat.wording import say
from bot.commands.planning import PlannedPost, Planning
from bot.delivery import amending
from bot.delivery.outbox import Delivery


@command(allow=Rank.FACILITATOR)
async def post_now(call: Call, planning: Planning, delivery: Delivery, post: PlannedPost) -> Message:
    """Send a post of a season now, once; its own time then brings nothing."""
    await planning.amend(call, await planning.find(call, post), amending.send)
    delivery.soon()
    return await planning.show(call, post, say("It goes out now. Its own time brings nothing more."))
