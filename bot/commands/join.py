"""`/join`: into a cohort."""

from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Moment, Phrase, say
from bot.commands.back import welcome_back
from bot.commands.study import followed, study_of, suggest_open_cohorts
from bot.commands.zones import guess
from bot.curriculum.load import Curricula
from bot.delivery.calendar import Calendar
from bot.delivery.outbox import Delivery
from bot.delivery.versions import season
from bot.records import members
from bot.records.cohorts import Cohort
from bot.records.preferences import Preferences
from bot.records.records import Records


@command()
async def join(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_open_cohorts)] = None,
) -> Message:  # fmt: skip
    """Join a cohort."""
    found = await records.open_cohort(call, cohort)
    curriculum = followed(curricula, found)
    is_new = await records.write(members.enrol, call.person, found.id, clock.now())
    delivery.soon()
    standing = await records.standing(call.person)
    enrolment = standing.enrolled(found.id)
    back = await welcome_back(records, clock, study_of(curricula, enrolment, standing)) if enrolment else []
    calendar = Calendar.of(found)
    step = calendar.step_at(clock.now())
    weeks = len(season(curricula, found))
    next_at = calendar.coming("milestone", step + 1, weeks)[1] if step else calendar.planned_at("milestone", 1)
    nxt = Moment(at=next_at, zone=found.zone.key) if next_at else say("on a day to be told")
    if step == 0:
        now = say("The season starts {at}: the first milestone is posted then.", at=nxt)
    elif step < weeks:
        now = say("This is week {n} of {weeks}. The next milestone is posted {at}.", n=step, weeks=weeks, at=nxt)
    else:
        now = say("All {weeks} weeks have been posted; you can still go through them at your own pace.", weeks=weeks)
    zone, zone_buttons = _zone(call, standing.preferences, found)
    title = say("Welcome to {cohort}!", cohort=found.name) if is_new else say("You are in {cohort}.", cohort=found.name)
    return Message(
        title=title,
        parts=(
            *back,
            Text(text=say("You go through **{title}** together.", title=curriculum.title)),
            Text(text=now),
            Text(text=say("Once a week you are asked how it went. What you answer is private unless you share it.")),
            Text(text=zone),
        ),
        buttons=(
            Button(label=say("This week"), line="week", style="primary"),
            Button(label=say("What next?"), line="next"),
            Button(label=say("Roadmap"), line="roadmap"),
            *zone_buttons,
        ),
    )


def _zone(call: Call, chosen: Preferences, cohort: Cohort) -> tuple[Phrase, list[Button]]:
    """By which zone the member's weeks and reminders go; a guess is shown, and holds once it is confirmed."""
    change = Button(label=say("Another zone"), line="?set language")
    if chosen.zone:
        return say("Your weeks and reminders go by {zone}.", zone=chosen.zone), [change]
    guessed = guess(call)
    if guessed is None or guessed == cohort.zone.key:
        return say("Your weeks and reminders go by your cohort's zone, {zone}.", zone=cohort.zone.key), [change]
    confirm = line.write("set language", {"timezone": guessed})
    return (
        say(
            "Your weeks and reminders go by your cohort's zone, {zone}. Is yours {guess}?",
            zone=cohort.zone.key, guess=guessed,
        ),
        [Button(label=say("{zone} is right", zone=guessed), line=confirm), change],
    )  # fmt: skip
