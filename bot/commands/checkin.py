"""`/checkin`: say how the week went."""

from collections.abc import Mapping
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Fact, Facts, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Phrase, say, say_n
from bot.commands.back import welcome_back
from bot.commands.study import streak, study
from bot.curriculum.load import Curricula
from bot.delivery import sharing
from bot.delivery.calendar import Calendar
from bot.delivery.outbox import Delivery
from bot.records import checkins, posts
from bot.records.checkins import CheckIn
from bot.records.members import Enrolment
from bot.records.records import Records


async def _as_written(call: Call, records: Records, clock: Clock) -> Mapping[str, str]:
    """The week's check-in if there is one; a new one starts with what was planned last time."""
    enrolment = await records.enrolment(call)
    last = await records.read(checkins.latest, enrolment.id)
    if last is None:
        return {}
    if last.period != await week_meant(records, clock, enrolment):
        return {"did": last.next} if last.next else {}
    written = {"did": last.did, "next": last.next, "blocked": last.blocked, "hours": last.hours}
    kept = {name: str(value) for name, value in written.items() if value is not None}
    return {**kept, "share": "yes" if last.is_shared else "no"}


@command(ask=True, allow=Rank.MEMBER)
async def checkin(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    did: Annotated[str, Arg("What did you do this week?", long=True, max=1500, fill=_as_written)],
    next: Annotated[str | None, Arg("What comes next?", long=True, max=1000, fill=_as_written)] = None,
    blocked: Annotated[str | None, Arg("Is anything in your way?", max=500, fill=_as_written)] = None,
    hours: Annotated[int | None, Arg("About how many hours?", min=0, max=168, fill=_as_written)] = None,
    share: Annotated[bool, Arg("Show it to your cohort?", fill=_as_written)] = False,
) -> Message:  # fmt: skip
    """Say what you did this week."""
    mine = await study(call, records, curricula)
    week = await week_meant(records, clock, mine.enrolment)
    back = await welcome_back(records, clock, mine)
    checked_in = say("{person} checked in", person=call.person.mention())
    kept, replaced = await records.write(
        sharing.check_in, mine.enrolment, week, clock.now(),
        lambda kept: Message(title=checked_in, parts=(Facts(facts=_facts(kept)),)),
        did=did, next=next, blocked=blocked, hours=hours, is_shared=share,
    )  # fmt: skip
    delivery.soon()
    title = say("Your check-in is changed.") if replaced else say("Thank you, your check-in is in.")
    kept_up = await streak(records, clock, mine)
    in_a_row = [say_n("That is {n} week in a row.", "That is {n} weeks in a row.", kept_up.weeks)] if kept_up else []
    return Message(
        title=title,
        parts=(
            *back,
            Facts(facts=_facts(kept)),
            Text(text=_where_it_shows(kept, mine.cohort.name)),
            *(Text(text=each) for each in in_a_row),
        ),
        buttons=(Button(label=say("Change it"), line="?checkin"), Button(label=say("What next?"), line="next")),
    )


async def week_meant(records: Records, clock: Clock, enrolment: Enrolment) -> str:
    """The oldest week that is open and not answered; else the one that is on, whose answer is changed.

    A prompt that stands in the channel is what people answer, also where the calendar has since moved on from its week.
    """
    open_weeks = Calendar.of(enrolment.cohort).open_periods(clock.now())
    asked = await records.read(posts.last_asked, enrolment.cohort.id)
    if asked is not None and asked > open_weeks[-1]:
        return asked
    answered = await records.read(checkins.periods, enrolment.id)
    return next((week for week in open_weeks if week not in answered), open_weeks[-1])


def _facts(kept: CheckIn) -> tuple[Fact, ...]:
    facts = [Fact(label=say("Did"), value=kept.did)]
    if kept.next:
        facts.append(Fact(label=say("Next"), value=kept.next))
    if kept.blocked:
        facts.append(Fact(label=say("In the way"), value=kept.blocked))
    if kept.hours is not None:
        facts.append(Fact(label=say("Hours"), value=kept.hours))
    return tuple(facts)


def _where_it_shows(kept: CheckIn, cohort: str) -> Phrase:
    if kept.is_shared:
        return say("It is shown to {cohort}. Changing it here does not change what was shown.", cohort=cohort)
    return say("It is private: it is kept for you and shown to nobody else.")
