"""`/home`: the week at a glance, on one page; for somebody new, the cohorts there are."""

from bot.chat import line
from bot.chat.command import command
from bot.chat.message import Button, Fact, Facts, Item, Message, Part, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Moment, say, say_n
from bot.commands.back import welcome_back
from bot.commands.cohort_list import cohort_item
from bot.commands.progress import phase_fact, streak_facts
from bot.commands.settings import language_fact, zone_fact
from bot.commands.study import Study, streak, study
from bot.commands.time_off import absence, back_button, passes_fact, until
from bot.commands.which_week import week_meant
from bot.curriculum.load import Curricula
from bot.delivery.compose import resource_item, step_resources, task_item, week_title
from bot.records import checkins, passes
from bot.records.members import Enrolment
from bot.records.post_notes import NOTHING
from bot.records.records import Records

MOST_TASKS = 6  # with all else that is shown, what fits into one message on Discord
MOST_RESOURCES = 3
MOST_COHORTS = 8
_EVERYBODY = (Button(label=say("Find a resource"), line="?resource"), Button(label=say("Help"), line="help"))


@command()
async def home(call: Call, records: Records, curricula: Curricula, clock: Clock) -> Message:
    """See your week at a glance."""
    enrolment = await records.enrolment_if_any(call)
    if enrolment is None or enrolment.cohort.archived_at:
        return await _welcome(call, records, curricula, clock, enrolment)
    mine = await study(call, records, curricula)
    back = await welcome_back(records, clock, mine)
    now = clock.now()
    step = mine.steps[max(1, mine.step_at(now)) - 1]
    phase = phase_fact(step.phase, mine.tally)
    weeks = streak_facts(await streak(records, clock, mine))
    marks = await records.marks(mine.cohort.community_id)
    said = (await records.said(mine.cohort)).get(("milestone", step.number), NOTHING)
    resources = [resource_item(each, marks) for each in step_resources(mine.curriculum, step)[:MOST_RESOURCES]]
    return Message(
        title=week_title(step, len(mine.steps), said),
        parts=(
            *back,
            Text(text=mine.when(step.number, now)),
            *mine.told_apart(now),
            *_open_tasks(mine, step.number),
            Facts(facts=(phase, *weeks)),
            *await _checkin(records, clock, mine),
            *([Text(text=say("**To read, watch and use**"))] if resources else []),
            *resources,
            Facts(facts=(*_settings(mine), await passes_fact(records, mine.enrolment))),
        ),
        buttons=(
            Button(label=say("This week"), line="week", style="primary"),
            Button(label=say("What next?"), line="next"),
            Button(label=say("Progress"), line="progress"),
            Button(label=say("Roadmap"), line="roadmap"),
            *_EVERYBODY,
        ),
    )


def _open_tasks(mine: Study, step: int) -> list[Part]:
    tasks = [task for task in mine.steps[step - 1].tasks if not mine.tally.is_done(task)]
    if not tasks:
        return [Text(text=say("Nothing is left to do this week. Carry on with what you like, or catch your breath."))]
    more = len(tasks) - MOST_TASKS
    shown: list[Part] = [task_item(each, mine.tally) for each in tasks[:MOST_TASKS]]
    return [*shown, *([Text(text=say_n("… and {n} more task", "… and {n} more tasks", more))] if more > 0 else [])]


async def _checkin(records: Records, clock: Clock, mine: Study) -> list[Item]:
    """The check-in that is open, or the one that comes next; none after the season, when nobody is asked any more.

    Who is away is asked nothing, and has the way back in its place.
    """
    if off := await absence(records, clock, mine.enrolment, mine.preferences):
        return [Item(title=say("You are away {until}", until=until(off)), button=back_button(mine.cohort))]
    asked_at = mine.calendar.checkin_due(clock.now(), len(mine.steps))
    if asked_at is None:
        return []
    at = Moment(at=asked_at, zone=mine.cohort.zone.key)
    meant = await week_meant(records, clock, mine.enrolment)
    if meant in await records.read(checkins.periods, mine.enrolment.id):
        answered = Button(label=say("Change it"), line="?checkin")
        return [Item(title=say("Check-in"), text=say("{at}: answered, thank you", at=at), button=answered)]
    text = say("{at}: not answered yet", at=at)
    if meant in await records.read(passes.of_enrolment, mine.enrolment.id):
        text = say("{at}: this is your week off", at=at)
    elif meant != mine.calendar.period_at(clock.now()):
        text = say("Last week's is still open. The next one: {at}", at=at)
    return [Item(title=say("Check-in"), text=text, button=Button(label=say("Check in"), line="checkin"))]


def _settings(mine: Study) -> list[Fact]:
    chosen = mine.preferences
    return [Fact(label=say("Cohort"), value=mine.cohort.name), language_fact(chosen), zone_fact(chosen)]


async def _welcome(call: Call, records: Records, curricula: Curricula, clock: Clock, past: Enrolment | None) -> Message:
    """For somebody who is in no cohort, or in none but a `past` one: the newest first, with buttons to join."""
    newest = (await records.open_cohorts(call))[::-1]
    shown = [
        await cohort_item(
            each, records, curricula, clock,
            Button(label=say("Join"), line=line.write("join", {"cohort": each.key}), style="primary"),
        )
        for each in newest[:MOST_COHORTS]
    ]  # fmt: skip
    parts: list[Part] = [Text(text=say("Milepost takes a group through a curriculum together, one milestone a week."))]
    if past:
        parts.insert(0, Text(text=say("{cohort} is over; all that you did there is kept.", cohort=past.cohort.name)))
    parts += [Text(text=say("Join a cohort, and your week is here:")), *shown] if shown else []
    more = len(newest) - len(shown)
    if more:
        parts.append(Text(text=say_n("… and {n} more cohort", "… and {n} more cohorts", more)))
    if not shown:
        parts.append(Text(text=say("There is no cohort here yet. You can look around all the same.")))
    return Message(
        title=say("Welcome!"),
        parts=tuple(parts),
        buttons=(
            *((Button(label=say("Progress"), line="progress"),) if past else ()),
            Button(label=say("Roadmap"), line="roadmap"),
            *_EVERYBODY,
        ),
    )
