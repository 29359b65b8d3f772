"""`/post now`: send one post of a season before its time."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.chat.wording import say
from bot.commands.planning import find_planned, shown, suggest_planned
from bot.curriculum.load import Curricula
from bot.delivery import amending
from bot.delivery.outbox import Delivery
from bot.delivery.previewing import Previewing
from bot.delivery.projecting import Projecting
from bot.records import audit
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def post_now(
    call: Call, records: Records, curricula: Curricula, clock: Clock, previewing: Previewing, projecting: Projecting,
    delivery: Delivery,
    post: Annotated[str, Arg("Which post?", max=40, suggest=suggest_planned)],
) -> Message:  # fmt: skip
    """Send a post of a season now, once; its own time then brings nothing."""
    meant = await find_planned(call, records, curricula, post)
    send = audit.kept(call, amending.send, clock.now(), meant.cohort)
    await records.write(send, meant.cohort.id, meant.post.kind, meant.post.step, clock.now(), len(meant.steps))
    delivery.soon()
    projecting.soon()
    said = say("It goes out now. Its own time brings nothing more.")
    return await shown(call, records, curricula, clock, previewing, post, said)
