"""`/leave`: out of a cohort, with nothing lost; or from its waiting list."""

from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock, Missing, Refusal
from bot.chat.wording import say
from bot.commands.study import suggest_open_cohorts
from bot.delivery.outbox import Delivery
from bot.records import cohorts, room
from bot.records.cohorts import Cohort, named
from bot.records.records import Records


# For all, since who waits for a seat is no member yet.
@command()
async def leave(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_open_cohorts)] = None,
) -> Message:  # fmt: skip
    """Leave a cohort or its waiting list. What you did stays yours."""
    if (listed := await _waits_for(call, records, cohort)) is not None:
        await records.write(room.leave_list, call.person, listed.id, clock.now())
        delivery.soon()
        again = Button(label=say("Join again"), line=line.write("join", {"cohort": listed.key}))
        return Message(title=say("You wait for a seat in {cohort} no longer.", cohort=listed.name), buttons=(again,))
    mine = [each.cohort for each in (await records.standing(call.person)).enrolments]
    if cohort is not None and named(mine, cohort) is None:
        other = await records.open_cohort(call, cohort)
        raise Refusal("You are not in {cohort}, so there is nothing to leave.", cohort=other.name)
    enrolment = await records.enrolment(call, cohort)
    await records.write(room.leave, enrolment, clock.now())
    delivery.soon()
    name = enrolment.cohort.name
    return Message(
        title=say("You have left {cohort}.", cohort=name),
        parts=(Text(text=say("You get no more reminders from it. All you did is kept, and there if you come back.")),),
        buttons=(Button(label=say("Join again"), line=line.write("join", {"cohort": enrolment.cohort.key})),),
    )


async def _waits_for(call: Call, records: Records, typed: str | None) -> Cohort | None:
    """The cohort on whose list they are that is meant: named, or at home here, or the only one for who is in none.

    Raises Missing where it could be several.
    """
    ids = await records.read(room.waits_for, call.person)
    if not ids:
        return None
    listed = list((await records.read(cohorts.get_all, ids)).values())
    if typed is not None:
        return named(listed, typed)
    if (here := await records.here(call)) in listed:
        return here
    if await records.enrolment_if_any(call) is not None:
        return None
    if len(listed) > 1:
        names = ", ".join(each.name for each in listed)
        raise Missing("Which cohort? Name one of {names}.", field="cohort", names=names)
    return listed[0]
