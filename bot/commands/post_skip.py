"""`/post skip`: leave one post of a season out."""

from bot.chat.command import Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call
from bot.chat.wording import Phrase, say
from bot.commands.planning import PlannedPost, Planning
from bot.delivery import amending
from bot.records.bends import Weekly


@command(allow=Rank.FACILITATOR)
async def post_skip(call: Call, planning: Planning, post: PlannedPost) -> Message:
    """Leave one post of a season out; all others stay as they are."""
    meant = await planning.find(call, post)
    is_new = await planning.amend(call, meant, amending.skip)
    said = _left_out(meant.post.kind) if is_new else say("It is left out already; nothing changes.")
    return await planning.show(call, post, said)


def _left_out(kind: Weekly) -> Phrase:
    match kind:
        case "milestone":
            return say("It is left out. Its week is still a week of the season, and its check-in is asked for.")
        case "checkin":
            return say("It is left out. Nobody is asked or reminded, and nobody counts as silent in that week.")
        case "reminder":
            return say("It is left out. Nobody is reminded of that week.")
