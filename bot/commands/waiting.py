"""`/waiting`: who waits for a seat in a cohort, and letting somebody in past the limit."""

from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Facts, Item, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Moment, say, say_n
from bot.commands.cohort_rules import room_facts
from bot.commands.study import suggest_cohorts
from bot.delivery import seating
from bot.delivery.outbox import Delivery
from bot.records import room
from bot.records.cohorts import Cohort
from bot.records.records import Records
from bot.records.room import Waiting

MOST_SHOWN = 10  # of those who wait; with a button for each, what one message on Discord holds


@command(allow=Rank.FACILITATOR)
async def waiting(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
    admit: Annotated[str | None, Arg("Whom to let in? The button knows", max=40, pressed=True)] = None,
) -> Message:  # fmt: skip
    """See who waits for a seat in a cohort, and let somebody in."""
    found = await records.cohort(call, cohort)
    said = []
    if admit is not None:
        person = await records.write(seating.admit, call, found, admit, clock.now())
        delivery.soon()
        done = say("Whoever that was waits no longer. Nothing was changed.")
        if person:
            done = say("{person} is in, and is told.", person=person.seen_by(call.person))
        said.append(Text(text=done))
    space, waits = await records.read(room.of, found.id), await records.read(room.in_line, found.id)
    more = len(waits) - MOST_SHOWN
    change = line.write("cohort rules", {"cohort": found.key}, asks=True)
    how = say("A seat that gets free goes to the first in line, who is told. You can let somebody in past the limit.")
    return Message(
        title=say("Who waits for {cohort}", cohort=found.name),
        parts=(
            *said,
            Facts(facts=tuple(room_facts(space))),
            *(_item(call, found, number, each) for number, each in enumerate(waits[:MOST_SHOWN], start=1)),
            *([Text(text=say_n("… and {n} more", "… and {n} more", more))] if more > 0 else []),
            Text(text=how if waits else say("Nobody waits.")),
        ),
        buttons=(Button(label=say("Change the limit"), line=change),),
    )  # fmt: skip


def _item(call: Call, cohort: Cohort, number: int, each: Waiting) -> Item:
    let_in = line.write("waiting", {"cohort": cohort.key, "admit": each.ref})
    return Item(
        title=say("{n}. {person}", n=number, person=each.person.seen_by(call.person)),
        text=say("since {at}", at=Moment(at=each.since_at, zone=call.zone or cohort.zone.key)),
        button=Button(label=say("Let in"), line=let_in),
    )
