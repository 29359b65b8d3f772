"""`/post skip`: leave one post of a season out."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.chat.wording import Phrase, say
from bot.commands.planning import find_planned, shown, suggest_planned
from bot.curriculum.load import Curricula
from bot.delivery import amending
from bot.delivery.previewing import Previewing
from bot.delivery.projecting import Projecting
from bot.records import audit
from bot.records.bends import Weekly
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def post_skip(
    call: Call, records: Records, curricula: Curricula, clock: Clock, previewing: Previewing, projecting: Projecting,
    post: Annotated[str, Arg("Which post?", max=40, suggest=suggest_planned)],
) -> Message:  # fmt: skip
    """Leave one post of a season out; all others stay as they are."""
    meant = await find_planned(call, records, curricula, post)
    skip = audit.kept(call, amending.skip, clock.now(), meant.cohort)
    planned, weeks = meant.post, len(meant.steps)
    is_new = await records.write(skip, meant.cohort.id, planned.kind, planned.step, clock.now(), weeks)
    projecting.soon()
    said = _left_out(planned.kind) if is_new else say("It is left out already; nothing changes.")
    return await shown(call, records, curricula, clock, previewing, post, said)


def _left_out(kind: Weekly) -> Phrase:
    match kind:
        case "milestone":
            return say("It is left out. Its week is still a week of the season, and its check-in is asked for.")
        case "checkin":
            return say("It is left out. Nobody is asked or reminded, and nobody counts as silent in that week.")
        case "reminder":
            return say("It is left out. Nobody is reminded of that week.")
