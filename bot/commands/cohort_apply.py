"""`/cohort apply`: change a cohort's dates, after its facilitator has seen what that does; and what they see first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Fact, Facts, Message, Text, paragraphs, press
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Day, Moment, Phrase, listed, say, say_n
from bot.commands.study import season_of
from bot.curriculum.load import Curricula
from bot.curriculum.plan import Step
from bot.delivery import changing
from bot.delivery.bending import Change, Hold, Pause, Rest, Resume, Rhythm, Shift, Work
from bot.delivery.calendar import DAYS
from bot.delivery.compose import step_title
from bot.delivery.effects import Effect
from bot.delivery.outbox import Delivery
from bot.delivery.projecting import Projecting
from bot.records import audit, cohorts
from bot.records.records import Records

NEXT = {
    "milestone": say("Next milestone"),
    "checkin": say("Next check-in prompt"),
    "reminder": say("Next reminder"),
    "digest": say("Next digest"),
}


@command(allow=Rank.FACILITATOR)
async def cohort_apply(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery, projecting: Projecting,
    change: Annotated[str, Arg("Which change? Its button knows", max=40, pressed=True)],
    announce: Annotated[bool, Arg("Tell everybody?")] = False,
) -> Message:  # fmt: skip
    """Change a cohort's dates the way you were shown."""
    delivery.check_clock()
    meant = await records.read(changing.proposed_for, change, clock.now())
    found = next((each for each in await records.looked_after(call) if each.id == meant), None)
    if found is None:
        raise Refusal("That change is for a cohort that others look after.")
    steps = season_of(curricula, found)
    make = audit.kept(call, changing.make, clock.now(), found)
    made, told = await records.write(
        make, change, clock.now(), len(steps), (lambda made: _announcement(made, steps)) if announce else None
    )
    delivery.soon()
    projecting.soon()
    word = say_n("It is announced in {n} place.", "It is announced in {n} places.", told)
    return Message(
        title=say("Done. {change}", change=_sentence(made, steps)),
        parts=(
            *_dates(made, compares=False),
            Text(text=word if announce else say("Nothing is announced.")),
        ),
        buttons=(press(say("Status"), "cohort status", {"cohort": found.key}),),
    )


async def offer(
    call: Call, records: Records, curricula: Curricula, clock: Clock, change: Change, cohort: str | None
) -> Message:
    """What the change would do to the cohort that is named or at home here, with buttons that make it.

    Raises a Refusal, with the way out, for what cannot be done or does nothing.
    """
    found = await records.cohort(call, cohort)
    steps = season_of(curricula, found)
    token, shown = await records.write(changing.propose, found.id, change, clock.now(), len(steps))
    places = [each for each in await records.read(cohorts.places, found.id) if each.lost_because is None]
    given = {"change": token}
    told = listed([each.place.seen_from(call.place) for each in places])
    given_up = say_n(
        "{n} post that was changed by hand goes back to its own day.",
        "{n} posts that were changed by hand go back to their own days.", shown.given_up,
    )  # fmt: skip
    buttons = [press(say("Do it"), "cohort apply", given, style="primary")]
    if places:
        buttons.append(press(say("Do it and announce"), "cohort apply", {**given, "announce": "yes"}))
    return Message(
        title=say("Preview: nothing is changed yet"),
        parts=(
            Text(text=say("**{change}**", change=_sentence(shown, steps))),
            *paragraphs(_moved(shown), given_up if shown.given_up else None),
            *_dates(shown, compares=True),
            *paragraphs(say("If you announce it, it is said once in {places}.", places=told) if places else None),
        ),
        buttons=tuple(buttons),
    )


def _moved(shown: Effect) -> Phrase | None:
    """How many posts of the season move. Prompts of a phase that is kept open are none, since nobody knows how many."""
    if not shown.moved:
        comes_later = any(each.was_at != each.at for each in shown.nexts)
        return None if comes_later else say("No post of the season moves.")
    if isinstance(shown.change, Pause) or (isinstance(shown.change, Hold) and shown.change.is_open):
        return say_n("{n} post waits.", "{n} posts wait.", shown.moved)
    return say_n("Moves {n} post.", "Moves {n} posts.", shown.moved)


def _dates(shown: Effect, *, compares: bool) -> list[Facts]:
    """What comes next of each kind; with `compares`, also when it would have come before."""
    zone, facts = shown.cohort.zone.key, []
    for each in shown.nexts:
        value = _when(each.at, zone)
        if compares and each.was_at not in (None, each.at):
            value = say("{was_at} → {at}", was_at=_when(each.was_at, zone), at=value)
        if each.at or (compares and each.was_at):
            facts.append(Fact(label=NEXT[each.kind], value=value))
    return [Facts(facts=tuple(facts))] if facts else []


def _when(at: datetime | None, zone: str) -> Moment | Phrase:
    return say("no date") if at is None else Moment(at=at, zone=zone)


def _sentence(shown: Effect, steps: Sequence[Step]) -> Phrase:
    """What changes, for facilitators and members alike."""
    name, change = shown.cohort.name, shown.change
    match change:
        case Shift() if change.weeks > 0:
            return say_n("{cohort} moves {n} week later.", "{cohort} moves {n} weeks later.", change.weeks, cohort=name)
        case Shift():
            return say_n(
                "{cohort} moves {n} week earlier.", "{cohort} moves {n} weeks earlier.", -change.weeks, cohort=name
            )
        case Rest():
            added = next(each for each in shown.cohort.breaks if each.covers(change.start_on) and not each.is_pause)
            first, last = Day(on=added.first_on), Day(on=added.last_on)
            if added.name:
                return say("{name}: {cohort} is off from {first} to {last}.",
                           name=added.name, cohort=name, first=first, last=last)  # fmt: skip
            return say("{cohort} is off from {first} to {last}.", cohort=name, first=first, last=last)
        case Work():
            return say("The break of {cohort} around {day} is taken back.", cohort=name, day=Day(on=change.day))
        case Pause():
            return say("{cohort} pauses.", cohort=name)
        case Resume():
            return say("{cohort} goes on.", cohort=name)
        case Rhythm():
            at = f"{shown.cohort.at:%H:%M}"
            if change.checkin_weekday is not None or change.checkin_at is not None:
                asked = say("{day} at {time}", day=DAYS[shown.cohort.checkin_weekday],
                            time=f"{shown.cohort.checkin_at:%H:%M}")  # fmt: skip
                return say("{cohort} has a new rhythm: milestones on {day} at {time}, check-ins on {asked} ({zone}).",
                           cohort=name, day=DAYS[shown.cohort.weekday], time=at, asked=asked,
                           zone=shown.cohort.zone.key)  # fmt: skip
            return say("{cohort} has a new weekly time: {day}, {time} ({zone}).", cohort=name,
                       day=DAYS[shown.cohort.weekday], time=at, zone=shown.cohort.zone.key)  # fmt: skip
        case Hold():
            phase = steps[min(change.step, len(steps)) - 1].phase.title
            if change.is_open:
                return say("{cohort} stays with {phase} until everybody is ready to move on.", cohort=name, phase=phase)
            return say("{cohort} moves on after {phase}.", cohort=name, phase=phase)


def _announcement(made: Effect, steps: Sequence[Step]) -> Message:
    """Word of it for the members, with what comes next for them."""
    zone, parts = made.cohort.zone.key, []
    if isinstance(made.change, Pause):
        parts.append(Text(text=say("Nothing is posted until it goes on. What you have done is kept.")))
    elif isinstance(made.change, Hold) and made.change.is_open:
        parts.append(Text(text=say("Check-ins go on every week; the next milestone waits.")))
    facts = []
    for each in made.nexts:
        if each.at and each.kind == "milestone":
            title = step_title(steps[each.step - 1])
            week = say("Week {n}: {title}", n=each.step, title=title)
            facts.append(Fact(label=week, value=Moment(at=each.at, zone=zone)))
        elif each.at and each.kind == "checkin":
            facts.append(Fact(label=say("Next check-in"), value=Moment(at=each.at, zone=zone)))
    return Message(title=_sentence(made, steps), parts=(*parts, *([Facts(facts=tuple(facts))] if facts else [])))
