"""`/join`: into a cohort, or onto its waiting list."""

from typing import Annotated

from bot.chat.command import Arg, command
from bot.chat.message import Button, Item, Message, paragraphs, press
from bot.chat.platform import Call, Clock
from bot.chat.wording import Phrase, say, say_n
from bot.commands.back import welcome_back
from bot.commands.cohort_list import cohort_item
from bot.commands.study import followed, study_of, suggest_open_cohorts
from bot.commands.zones import guess
from bot.curriculum.load import Curricula
from bot.delivery.outbox import Delivery
from bot.delivery.seating import whereabouts
from bot.delivery.versions import season
from bot.records import cohorts, room
from bot.records.cohorts import Cohort
from bot.records.preferences import Preferences
from bot.records.records import Records

MOST_OTHERS = 3


@command()
async def join(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_open_cohorts)] = None,
    wait: Annotated[bool, Arg("Wait for a seat if it is full?", pressed=True)] = False,
) -> Message:  # fmt: skip
    """Join a cohort."""
    found = await records.open_cohort(call, cohort)
    followed(curricula, found)  # nobody comes into one whose curriculum is gone
    joined = await records.write(room.join, call.person, found.id, clock.now(), waits=wait)
    delivery.soon()
    if joined.is_in:
        return await _welcome(call, records, curricula, clock, found, is_new=joined.is_new)
    if joined.place is not None:
        return await _on_the_list(call, records, found, joined.place, is_new=joined.is_new)
    return await _full(call, records, curricula, clock, found)


async def _welcome(
    call: Call, records: Records, curricula: Curricula, clock: Clock, cohort: Cohort, *, is_new: bool
) -> Message:
    curriculum, standing = followed(curricula, cohort), await records.standing(call.person)
    enrolment = standing.enrolled(cohort.id)
    back = await welcome_back(records, clock, study_of(curricula, enrolment, standing)) if enrolment else []
    zone, zone_buttons = _zone(call, standing.preferences, cohort)
    title = say("Welcome to {cohort}!", cohort=cohort.name)
    return Message(
        title=title if is_new else say("You are in {cohort}.", cohort=cohort.name),
        parts=(
            *back,
            *paragraphs(
                say("You go through **{title}** together.", title=curriculum.title),
                whereabouts(cohort, len(season(curricula, cohort)), clock.now()),
                say("Once a week you are asked how it went. What you answer is private unless you share it."),
                zone,
            ),
        ),
        buttons=(
            press(say("This week"), "week", style="primary"),
            press(say("What next?"), "next"),
            press(say("Roadmap"), "roadmap"),
            *zone_buttons,
        ),
    )


async def _on_the_list(call: Call, records: Records, cohort: Cohort, place: int, *, is_new: bool) -> Message:
    """Which place they have on the list, and what comes of it."""
    ahead = say_n("{n} person is before you.", "{n} people are before you.", place - 1)
    told = say("As soon as a seat is free, it is yours, and you are told by direct message.")
    there = await records.read(cohorts.places, cohort.id)
    near = next((each.place for each in there if each.place.platform == call.person.platform), None)
    if near:
        told = say(
            "As soon as a seat is free, it is yours, and you are told by direct message; if you take none, {cohort} "
            "welcomes you by name in {place}.", cohort=cohort.name, place=near.seen_from(call.place),
        )  # fmt: skip
    title = say("You are number {place} on the waiting list of {cohort}.", place=place, cohort=cohort.name)
    return Message(
        title=say("You are on the list.") if is_new else title,
        parts=paragraphs(title if is_new else None, ahead if place > 1 else say("You are next."), told),
        buttons=(
            press(say("Leave the waiting list"), "leave", {"cohort": cohort.key}),
        ),
    )  # fmt: skip


async def _full(call: Call, records: Records, curricula: Curricula, clock: Clock, cohort: Cohort) -> Message:
    """That there is no seat, and the ways on: the waiting list, and other cohorts that have one."""
    space = await records.read(room.of, cohort.id)
    waits = say_n("{n} person waits for one.", "{n} people wait for one.", space.waiting)
    others = await _with_seats(call, records, curricula, clock, cohort)
    wait = {"cohort": cohort.key, "wait": "yes"}
    return Message(
        title=say("{cohort} is full.", cohort=cohort.name),
        parts=(
            *paragraphs(
                say_n("Its {n} seat is taken.", "All of its {n} seats are taken.", space.capacity or 0),
                waits if space.waiting else None,
                say("You can wait for the next free seat; who comes first is first in line."),
                say("**There are seats in**") if others else None,
            ),
            *others,
        ),
        buttons=(press(say("Put me on the waiting list"), "join", wait, style="primary"),),
    )


async def _with_seats(
    call: Call, records: Records, curricula: Curricula, clock: Clock, full: Cohort
) -> list[Item]:  # fmt: skip
    """The newest other cohorts that the person may join here at once."""
    standing, found = await records.standing(call.person), list[Item]()
    for each in reversed(await records.open_cohorts(call)):
        is_other = each != full and standing.enrolled(each.id) is None and each.curriculum in curricula.ids
        if is_other and len(found) < MOST_OTHERS and not (await records.read(room.of, each.id)).is_full:
            button = press(say("Join"), "join", {"cohort": each.key})
            found.append(await cohort_item(each, records, curricula, clock, button))
    return found


def _zone(call: Call, chosen: Preferences, cohort: Cohort) -> tuple[Phrase, list[Button]]:
    """By which zone the member's weeks and reminders go; a guess is shown, and holds once it is confirmed."""
    change = press(say("Another zone"), "set language", asks=True)
    if chosen.zone:
        return say("Your weeks and reminders go by {zone}.", zone=chosen.zone), [change]
    guessed = guess(call)
    if guessed is None or guessed == cohort.zone.key:
        return say("Your weeks and reminders go by your cohort's zone, {zone}.", zone=cohort.zone.key), [change]
    confirm = press(say("{zone} is right", zone=guessed), "set language", {"timezone": guessed})
    asked = say(
        "Your weeks and reminders go by your cohort's zone, {zone}. Is yours {guess}?",
        zone=cohort.zone.key, guess=guessed,
    )  # fmt: skip
    return asked, [confirm, change]
