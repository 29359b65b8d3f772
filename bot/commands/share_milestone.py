"""`/share milestone`: show the cohort a milestone that one has reached."""

from collections.abc import Sequence
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Choice, Message
from bot.chat.platform import Call, Clock
from bot.commands.reached import Reached, share_reached
from bot.commands.study import find_milestone, study
from bot.curriculum.load import Curricula
from bot.delivery.outbox import Delivery
from bot.records.records import Records


async def suggest_reached(call: Call, typed: str, records: Records, curricula: Curricula) -> Sequence[Choice]:
    """The milestones that the member has reached, the latest first, whose titles hold what was typed."""
    mine = await study(call, records, curricula)
    latest_first = reversed(mine.curriculum.milestones)
    reached = [each for each in latest_first if mine.tally.is_reached(each) and each.title.holds(typed)]
    return [Choice(value=each.id, label=each.title) for each in reached]


@command(allow=Rank.MEMBER)
async def share_milestone(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    milestone: Annotated[str, Arg("Which milestone?", max=200, suggest=suggest_reached)],
) -> Message:  # fmt: skip
    """Show your cohort a milestone that you have reached."""
    mine = await study(call, records, curricula)
    found = find_milestone(mine.curriculum, milestone)
    return await share_reached(call, records, clock, delivery, mine, Reached.milestone(found))
