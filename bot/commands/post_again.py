"""`/post again`: have a post sent once more that may or may not have got through."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, say
from bot.commands.post_settle import decide, find_post, suggest_posts
from bot.delivery.outbox import Delivery
from bot.delivery.schedule import is_too_late
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def post_again(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    post: Annotated[str, Arg("Which post?", max=40, suggest=suggest_posts)],
) -> Message:  # fmt: skip
    """Have a post sent again whose fate was not known."""
    found = await find_post(call, records, post)
    if is_too_late(found.kind, found.due_at, clock.now()):
        due = Moment(at=found.due_at, zone=found.cohort.zone.key)
        raise Refusal("It is too late to post that: it was due {at}. Say that it is there, and it is settled.", at=due)
    reply = await decide(call, records, clock.now(), found, "pending", say("It is posted again now."))
    delivery.soon()
    return reply
