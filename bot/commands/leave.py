"""`/leave`: out of a cohort, with nothing lost."""

from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import say
from bot.commands.study import suggest_open_cohorts
from bot.delivery.outbox import Delivery
from bot.records import members
from bot.records.cohorts import named
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def leave(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_open_cohorts)] = None,
) -> Message:  # fmt: skip
    """Leave a cohort. What you did stays yours."""
    if cohort is None:
        enrolment = await records.enrolment(call)
    else:
        mine = (await records.standing(call.person)).enrolments
        theirs = named([each.cohort for each in mine], cohort)
        if theirs is None:
            other = await records.open_cohort(call, cohort)
            raise Refusal("You are not in {cohort}, so there is nothing to leave.", cohort=other.name)
        enrolment = next(each for each in mine if each.cohort == theirs)
    await records.write(members.leave, enrolment, clock.now())
    delivery.soon()
    name = enrolment.cohort.name
    return Message(
        title=say("You have left {cohort}.", cohort=name),
        parts=(Text(text=say("You get no more reminders from it. All you did is kept, and there if you come back.")),),
        buttons=(Button(label=say("Join again"), line=line.write("join", {"cohort": enrolment.cohort.key})),),
    )
