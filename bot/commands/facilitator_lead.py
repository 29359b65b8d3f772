"""`/facilitator lead`: who leads a cohort in a week, and is told what concerns it then."""

from collections.abc import Mapping
from typing import Annotated

from bot.chat.argument import in_words
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, paragraphs
from bot.chat.platform import Call, Clock, Missing, Person
from bot.chat.wording import say
from bot.commands import facilitators
from bot.commands.facilitator_add import word_of
from bot.commands.facilitators import NEXT, suggest_weeks, week_to_come
from bot.commands.study import WhichCohort
from bot.delivery import looking_after
from bot.delivery.outbox import Delivery
from bot.records import audit
from bot.records.facilitators import of_cohort
from bot.records.records import Records


async def _as_it_is(call: Call, records: Records, clock: Clock) -> Mapping[str, str]:
    """The week, and who leads it so far."""
    found = await records.cohort(call, call.given.get("cohort"))
    typed = call.given.get("week") or NEXT
    lead = await records.read(looking_after.leader, found, week_to_come(found, clock, typed))
    return {"week": typed, **({"person": in_words(lead.person)} if lead else {})}


@command(ask=True, allow=Rank.FACILITATOR)
async def facilitator_lead(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    person: Annotated[Person | None, Arg("Who? (empty: nobody in particular)", fill=_as_it_is)] = None,
    week: Annotated[str, Arg("Which week? this, next, 2027-W05", max=8, suggest=suggest_weeks, fill=_as_it_is)] = NEXT,
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Say who leads a cohort in a week, and is told what concerns it."""
    found = await records.cohort(call, cohort)
    if person is None and call.via == "line" and "week" not in call.given:
        raise Missing("Who leads? Leave it empty for nobody in particular.", field="person")
    chosen = week_to_come(found, clock, week)
    lead = audit.kept(call, looking_after.lead, clock.now(), found)
    told = await records.write(lead, found, chosen, person, call.person, clock.now())
    delivery.soon()
    words = {"cohort": found.name, "week": looking_after.week_in_words(chosen)}
    buttons = (facilitators.everybody(found), facilitators.choose(found, chosen))
    if person is None:
        known = await records.read(of_cohort, found.id)
        whom = known[0].person.seen_by(call.person) if known else say("nobody")
        said = say("What concerns it is told to {person}, who has looked after it for longest.", person=whom)
        title = say("Nobody in particular leads {cohort} in {week}.", **words)
        return Message(title=title, parts=paragraphs(said), buttons=buttons)
    return Message(
        title=say("{person} leads {cohort} in {week}.", person=person.seen_by(call.person), **words),
        parts=paragraphs(
            say("What concerns it in that week is told to them."),
            await word_of(records, person, told) if told else None,
        ),
        buttons=buttons,
    )
