"""`/cohort reopen`: try again to post where posts did not get through."""

from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import listed, say
from bot.commands.study import followed, suggest_cohorts
from bot.curriculum.load import Curricula
from bot.delivery import schedule
from bot.delivery.compose import season
from bot.delivery.outbox import Delivery
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_reopen(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
) -> Message:  # fmt: skip
    """Try again where posts did not get through."""
    found = await records.cohort(call, cohort)
    length = len(season(followed(curricula, found), found))
    places = await records.write(schedule.reopen, found, clock.now(), length)
    if not places:
        raise Refusal("{cohort} has lost no place: its posts get through.", cohort=found.name)
    delivery.soon()
    return Message(
        title=say("Trying again in {places}", places=listed([each.mention() for each in places])),
        parts=(Text(text=say("What is not too late is posted now. If it fails again, you are told why.")),),
        buttons=(Button(label=say("Status"), line=line.write("cohort status", {"cohort": found.code})),),
    )
