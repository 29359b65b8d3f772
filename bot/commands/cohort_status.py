"""`/cohort status`: where a cohort stands, and what comes next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Fact, Facts, Item, Message, Text
from bot.chat.platform import Call, Clock, Role
from bot.chat.wording import Day, Moment, listed, say
from bot.commands.cohort_apply import NEXT
from bot.commands.cohort_meeting import meeting_fact, next_meeting
from bot.commands.cohort_role import obstacles
from bot.commands.cohort_rules import room_facts, waiting_button
from bot.commands.cohort_upgrade import upgrade_item
from bot.commands.study import followed, suggest_cohorts
from bot.curriculum.load import Curricula
from bot.curriculum.plan import Step
from bot.delivery import looking_after
from bot.delivery.advance import advance, advance_parts
from bot.delivery.calendar import Calendar
from bot.delivery.checklist import is_over
from bot.delivery.compose import step_title
from bot.delivery.notices import KINDS, decisions
from bot.delivery.schedule import LATEST
from bot.delivery.versions import season
from bot.records import checkins, cohorts, posts, room
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.posts import Coming, Doubtful
from bot.records.records import Records
from bot.records.references import refer

MOST_DOUBTS = 3


@command(allow=Rank.FACILITATOR)
async def cohort_status(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
) -> Message:  # fmt: skip
    """See where a cohort stands, and what comes next."""
    found = await records.cohort(call, cohort)
    curriculum = followed(curricula, found)
    calendar, steps = Calendar.of(found), season(curricula, found)
    step = min(calendar.step_at(clock.now()), len(steps))
    space = await records.read(room.of, found.id)
    answered = await records.read(checkins.answered, found.id, calendar.period_at(clock.now()))
    week = say("{n} of {weeks}: {title}", n=step, weeks=len(steps), title=step_title(steps[step - 1]))
    facts = [
        Fact(label=say("Curriculum"), value=curriculum.title),
        *room_facts(space),
        Fact(label=say("Week"), value=week if step else say("not begun")),
        Fact(label=say("Checked in this week"), value=say("{done} of {n}", done=len(answered), n=space.members)),
    ]
    facts += _bent(found, steps, clock.now())
    facts += [_next(found, each) for each in await records.read(posts.coming, found.id)]
    facts.append(await _lead(call, records, found, calendar.period_at(clock.now())))
    places = await records.read(cohorts.places, found.id)
    facts.append(Fact(label=say("Places"), value=listed([each.place.seen_from(call.place) for each in places])))
    facts += [Fact(label=say("Role"), value=Role(id=each.role).mention()) for each in places if each.role]
    if found.meeting:
        facts.append(meeting_fact(found, next_meeting(found, curricula, clock.now())))
    problems: list[Item | Text] = [_lost(call, each, len(places)) for each in places if each.lost_because]
    problems += await obstacles(records, found)
    threadless = [text for each in places for text in await _without_threads(call, records, each)]
    gone = await records.read(advance, found, curriculum, clock.now())
    where = say("Week {n} of {weeks}", n=step, weeks=len(steps)) if step else say("not begun")
    again = (Button(label=say("Try again"), line=line.write("cohort reopen", {"cohort": found.key}), style="primary"),)
    since = clock.now() - LATEST["milestone"]
    doubts = [_doubt(call, each) for each in (await records.read(posts.doubtful, found.id, since))[:MOST_DOUBTS]]
    announce = Button(label=say("Announce"), line=line.write("announce", {"cohort": found.key}, asks=True))
    ahead = Button(label=say("What comes next"), line=line.write("schedule", {"cohort": found.key}))
    return Message(
        title=found.name,
        parts=(
            Facts(facts=tuple(facts)),
            *upgrade_item(curricula, found),
            *problems,
            *threadless,
            *(each for doubt in doubts for each in doubt),
            *advance_parts(gone, found, curriculum, where),
        ),
        buttons=(
            *(again if problems else ()),
            *_next_moves(found, calendar, len(steps), clock.now()),
            *waiting_button(found, space),
            ahead,
            announce,
        ),
    )


def _bent(cohort: Cohort, steps: Sequence[Step], now: datetime) -> list[Fact]:
    """What keeps the season from simply going on week after week, now or later."""
    facts = []
    if cohort.paused_at:
        facts.append(Fact(label=say("Paused since"), value=Moment(at=cohort.paused_at, zone=cohort.zone.key)))
    held = [steps[min(step, len(steps)) - 1].phase.title for step in cohort.held]
    facts += [Fact(label=say("Kept open"), value=title) for title in held]
    today = now.astimezone(cohort.zone).date()
    for each in cohort.breaks:
        if each.last_on >= today:
            days = say("{first} to {last}", first=Day(on=each.first_on), last=Day(on=each.last_on))
            name = say("{name}: {days}", name=each.name, days=days) if each.name else days
            facts.append(Fact(label=say("Paused") if each.is_pause else say("Break"), value=name))
    return facts


async def _lead(call: Call, records: Records, cohort: Cohort, week: str) -> Fact:
    """Who leads this week."""
    lead = await records.read(looking_after.leader, cohort, week)
    whom = say("nobody in particular") if lead is None else lead.person.seen_by(call.person)
    return Fact(label=say("Leads this week"), value=whom)


def _lost(call: Call, at: CohortPlace, places: int) -> Item:
    """What is wrong with a lost place; where there are others, with a button that takes it from the cohort."""
    remove = line.write("cohort place remove", {"place": refer(at.id, at.what)})
    return Item(
        title=say("⚠ {place} gets no posts", place=at.place.seen_from(call.place)),
        text=at.lost_because,
        button=Button(label=say("Take it away"), line=remove) if places > 1 else None,
    )


async def _without_threads(call: Call, records: Records, at: CohortPlace) -> list[Text]:
    """Why the last milestone could not open its thread there, if it could not."""
    milestone = await records.read(posts.last_milestone, at.id)
    if milestone is None or milestone.trouble is None or at.lost_because:
        return []
    place = at.place.seen_from(call.place)
    return [Text(text=say("⚠ {place} gets its posts without threads: {reason}", place=place, reason=milestone.trouble))]


def _doubt(call: Call, post: Doubtful) -> tuple[Item, ...]:
    """A post that may or may not be there, with a button for either; one that failed, with one to try again."""
    there, again = decisions(post.id, post.key)
    at, place = Moment(at=post.due_at, zone=post.cohort.zone.key), post.place.seen_from(call.place)
    title = say("⚠ {post}, due {at}: is it in {place}?", post=KINDS[post.kind], at=at, place=place)
    if post.state == "failed":
        failed = say("⚠ {post}, due {at}, is not in {place}", post=KINDS[post.kind], at=at, place=place)
        return (Item(title=failed, text=post.reason, button=again),)
    return Item(title=title, button=there), Item(title=say("If it is not:"), button=again)


def _next_moves(cohort: Cohort, calendar: Calendar, weeks: int, now: datetime) -> list[Button]:
    """What a facilitator of a season that stands still, or is over, will want to do."""
    if cohort.paused_at:
        return [Button(label=say("Let it go on"), line=line.write("cohort resume", {"cohort": cohort.key}))]
    if cohort.held and calendar.slot_at(now) >= cohort.held[0]:
        given = {"cohort": cohort.key, "release": "yes"}
        return [Button(label=say("Move on"), line=line.write("cohort hold", given))]
    if is_over(calendar, weeks, now):
        given = {"cohort": cohort.key, "part": "end"}
        return [Button(label=say("Checklist"), line=line.write("cohort checklist", given))]
    return []


def _next(cohort: Cohort, coming: Coming) -> Fact:
    return Fact(label=NEXT[coming.kind], value=Moment(at=coming.next_due_at, zone=cohort.zone.key))
