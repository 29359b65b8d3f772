"""`/post unskip`: have a post sent after all that was left out."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.chat.wording import say
from bot.commands.planning import find_planned, shown, suggest_planned
from bot.curriculum.load import Curricula
from bot.delivery import amending
from bot.delivery.previewing import Previewing
from bot.delivery.projecting import Projecting
from bot.records import audit
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def post_unskip(
    call: Call, records: Records, curricula: Curricula, clock: Clock, previewing: Previewing, projecting: Projecting,
    post: Annotated[str, Arg("Which post?", max=40, suggest=suggest_planned)],
) -> Message:  # fmt: skip
    """Have a post sent after all that was left out, until its time is over."""
    meant = await find_planned(call, records, curricula, post)
    unskip = audit.kept(call, amending.unskip, clock.now(), meant.cohort)
    planned, weeks = meant.post, len(meant.steps)
    is_new = await records.write(unskip, meant.cohort.id, planned.kind, planned.step, clock.now(), weeks)
    projecting.soon()
    said = say("It is posted after all.") if is_new else say("It is not left out; nothing changes.")
    return await shown(call, records, curricula, clock, previewing, post, said)
