"""`/checkin`: say how the week went."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Fact, Facts, Message, Part, Text
from bot.chat.platform import Call, Clock, Missing
from bot.chat.wording import Phrase, as_typed, listed, say, say_n
from bot.commands.back import welcome_back
from bot.commands.study import Study, streak, study, suggest_own_cohorts
from bot.commands.which_week import meant, name_of, question, suggest_weeks, week_before, week_meant
from bot.curriculum.load import Curricula
from bot.delivery import notices, sharing
from bot.delivery.outbox import Delivery
from bot.delivery.sharing import Kept
from bot.records import checkins, cohorts
from bot.records.records import Records


async def _as_written(call: Call, records: Records, clock: Clock) -> Mapping[str, str]:
    """The week's check-in if there is one; a new one starts with what was planned last time."""
    enrolment, week = await meant(call, records, clock)
    mine, before = await records.read(checkins.last_two, enrolment.id, week)
    if mine is None:
        chosen = (await records.standing(call.person)).preferences
        planned = {"did": before.next} if before and before.next else {}
        return {**planned, "share": "yes" if chosen.shares else "no"}
    written = {"did": mine.did or None, "next": mine.next, "blocked": mine.blocked, "hours": mine.hours}
    kept = {name: str(value) for name, value in written.items() if value is not None}
    return {**kept, "share": "yes" if mine.is_shared else "no"}


NOTHING = {"no", "nothing", "none", "nope", "-", "n/a", "없음", "없어요", "없습니다", "아니요", "아니오"}
"""What people write where they are asked whether anything is in their way, and nothing is."""


@command(ask=True, allow=Rank.MEMBER)
async def checkin(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    did: Annotated[
        str | None, Arg("What did you do this week?", long=True, max=1500, fill=_as_written, asks=question)
    ] = None,
    next: Annotated[str | None, Arg("What comes next?", long=True, max=1000, fill=_as_written)] = None,
    blocked: Annotated[str | None, Arg("Is anything in your way?", max=500, fill=_as_written)] = None,
    hours: Annotated[int | None, Arg("About how many hours?", min=0, max=168, fill=_as_written)] = None,
    share: Annotated[bool | None, Arg("Show it to your cohort?", fill=_as_written)] = None,
    week: Annotated[str | None, Arg("Which week? this, last or 2027-W05", max=8, suggest=suggest_weeks)] = None,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_own_cohorts)] = None,
) -> Message:  # fmt: skip
    """Say what you did this week."""
    mine = await study(call, records, curricula, cohort)
    period = await week_meant(records, clock, mine.enrolment, week)
    if not (did or next or blocked) and hours is None:
        raise Missing("A line is enough, and so is “nothing yet”.", field="did")
    if blocked and blocked.strip(" .!").casefold() in NOTHING:
        blocked = None
    back = await welcome_back(records, clock, mine)
    kept = await records.write(
        sharing.check_in, mine.enrolment, period, clock.now(),
        did=did, next=next, blocked=blocked, hours=hours, is_shared=share,
    )  # fmt: skip
    delivery.soon()
    return await received(call, records, clock, mine, kept, back)


async def received(
    call: Call, records: Records, clock: Clock, mine: Study, kept: Kept, back: Sequence[Part]
) -> Message:
    """What was received, for which week, where it shows and who sees it, and who was asked to help.

    `back` welcomes whoever was away.
    """
    cohort, period = mine.cohort, kept.checkin.period
    facts = [Fact(label=say("For"), value=name_of(cohort, period)), *sharing.facts(kept.checkin)]
    if kept.checkin.blocked:
        facts.insert(1, Fact(label=say("In the way"), value=kept.checkin.blocked))
    parts: list[Part] = [*back, Facts(facts=tuple(facts)), Text(text=await _who_sees(call, records, mine, kept))]
    if kept.told:
        parts.append(Text(text=await _who_was_asked(call, records, clock, mine, kept)))
    kept_up = await streak(records, clock, mine)
    if kept_up and kept_up.weeks:
        in_a_row = say_n("That is {n} week in a row.", "That is {n} weeks in a row.", kept_up.weeks)
        parts.append(Text(text=in_a_row))
    there = {"cohort": cohort.code} if call.given.get("cohort") else {}
    buttons = [Button(label=say("Change it"), line=line.write("checkin", {"week": period, **there}, asks=True))]
    before = week_before(cohort, clock, period)
    if before and before not in await records.read(checkins.periods, mine.enrolment.id):
        earlier = line.write("checkin", {"week": before, **there}, asks=True)
        buttons.append(Button(label=say("For last week"), line=earlier))
    return Message(
        title=say("Your check-in is changed.") if kept.earlier else say("Thank you, your check-in is in."),
        parts=tuple(parts),
        buttons=(*buttons, Button(label=say("What next?"), line="next")),
    )


async def _who_sees(call: Call, records: Records, mine: Study, kept: Kept) -> Phrase:
    name = mine.cohort.name
    if kept.checkin.is_shared:
        places = await records.read(cohorts.places, mine.cohort.id)
        where = listed([each.place.seen_from(call.place) for each in places if each.lost_because is None])
        if kept.checkin.blocked:
            return say(
                "{cohort} sees it in {places}, but for what is in your way, which the facilitators alone see. "
                "Changing it here changes it there.", cohort=name, places=where,
            )  # fmt: skip
        return say("{cohort} sees it in {places}. Changing it here changes it there.", cohort=name, places=where)
    if kept.earlier and kept.earlier.is_shared:
        return say("It is taken back from {cohort}. The facilitators still see it.", cohort=name)
    return say("The facilitators of {cohort} see it, and nobody else.", cohort=name)


async def _who_was_asked(call: Call, records: Records, clock: Clock, mine: Study, kept: Kept) -> Phrase:
    asked = await records.read(notices.reader, mine.cohort, clock.now())
    if kept.told == "nobody" or asked is None:
        return say("Nobody could be asked privately. {line} asks your cohort.", line=as_typed("stuck"))
    return say("{person} was asked to help, privately.", person=asked.seen_by(call.person))
