"""`/cohort status`: where a cohort stands, and what comes next."""

from collections.abc import Sequence
from datetime import datetime

from bot.chat.command import Rank, command
from bot.chat.message import Button, Fact, Facts, Item, Message, paragraphs, press
from bot.chat.platform import Call, Clock, Role
from bot.chat.wording import Day, Moment, Phrase, listed, say
from bot.commands.cohort_apply import NEXT
from bot.commands.cohort_meeting import meeting_fact, next_meeting
from bot.commands.cohort_role import obstacles
from bot.commands.cohort_rules import room_facts, waiting_button
from bot.commands.cohort_upgrade import upgrade_item
from bot.commands.study import WhichCohort, followed
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
from bot.records.posts import Doubtful
from bot.records.records import Records
from bot.records.references import refer

MOST_DOUBTS = 3


@command(allow=Rank.FACILITATOR)
async def cohort_status(
    call: Call, records: Records, curricula: Curricula, clock: Clock, cohort: WhichCohort = None
) -> Message:
    """See where a cohort stands, and what comes next."""
    found, now = await records.cohort(call, cohort), clock.now()
    curriculum = followed(curricula, found)
    calendar, steps = Calendar.of(found), season(curricula, found)
    step = min(calendar.step_at(now), len(steps))
    space, places = await records.read(room.of, found.id), await records.read(cohorts.places, found.id)
    facts = [Fact(label=say("Curriculum"), value=curriculum.title), *room_facts(space)]
    facts += await _week(call, records, found, steps, space.members, now)
    facts.append(Fact(label=say("Places"), value=listed([each.place.seen_from(call.place) for each in places])))
    facts += [Fact(label=say("Role"), value=Role(id=each.role).mention()) for each in places if each.role]
    if found.meeting:
        facts.append(meeting_fact(found, next_meeting(found, curricula, now)))
    lost = [_lost(call, each, len(places)) for each in places if each.lost_because]
    obstructed = await obstacles(records, found)
    threadless = [await _without_threads(call, records, each) for each in places]
    gone = await records.read(advance, found, curriculum, now)
    where = say("Week {n} of {weeks}", n=step, weeks=len(steps)) if step else say("not begun")
    doubtful = (await records.read(posts.doubtful, found.id, now - LATEST["milestone"]))[:MOST_DOUBTS]
    there = {"cohort": found.key}
    return Message(
        title=found.name,
        parts=(
            Facts(facts=tuple(facts)),
            *upgrade_item(curricula, found),
            *lost,
            *obstructed,
            *paragraphs(*threadless),
            *(each for post in doubtful for each in _doubt(call, post)),
            *advance_parts(gone, found, curriculum, where),
        ),
        buttons=(
            *((press(say("Try again"), "cohort reopen", there, style="primary"),) if lost or obstructed else ()),
            *_next_moves(found, calendar, len(steps), now),
            *waiting_button(found, space),
            press(say("What comes next"), "schedule", there),
            press(say("Announce"), "announce", there, asks=True),
        ),
    )


async def _week(
    call: Call, records: Records, cohort: Cohort, steps: Sequence[Step], members: int, now: datetime
) -> list[Fact]:
    """Which week is on, how many have answered, what bends the season, what comes next, and who leads."""
    calendar, zone = Calendar.of(cohort), cohort.zone.key
    step = min(calendar.step_at(now), len(steps))
    week = say("{n} of {weeks}: {title}", n=step, weeks=len(steps), title=step_title(steps[step - 1]))
    answered = await records.read(checkins.answered, cohort.id, calendar.period_at(now))
    coming = await records.read(posts.coming, cohort.id)
    lead = await records.read(looking_after.leader, cohort, calendar.period_at(now))
    whom = say("nobody in particular") if lead is None else lead.person.seen_by(call.person)
    return [
        Fact(label=say("Week"), value=week if step else say("not begun")),
        Fact(label=say("Checked in this week"), value=say("{done} of {n}", done=len(answered), n=members)),
        *_bent(cohort, steps, now),
        *(Fact(label=NEXT[each.kind], value=Moment(at=each.next_due_at, zone=zone)) for each in coming),
        Fact(label=say("Leads this week"), value=whom),
    ]


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


def _lost(call: Call, at: CohortPlace, places: int) -> Item:
    """What is wrong with a lost place; where there are others, with a button that takes it from the cohort."""
    remove = press(say("Take it away"), "cohort place remove", {"place": refer(at.id, at.what)})
    return Item(
        title=say("⚠ {place} gets no posts", place=at.place.seen_from(call.place)),
        text=at.lost_because,
        button=remove if places > 1 else None,
    )


async def _without_threads(call: Call, records: Records, at: CohortPlace) -> Phrase | None:
    """Why the last milestone could not open its thread there, if it could not."""
    milestone = await records.read(posts.last_milestone, at.id)
    if milestone is None or milestone.trouble is None or at.lost_because:
        return None
    place = at.place.seen_from(call.place)
    return say("⚠ {place} gets its posts without threads: {reason}", place=place, reason=milestone.trouble)


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
        return [press(say("Let it go on"), "cohort resume", {"cohort": cohort.key})]
    if cohort.held and calendar.slot_at(now) >= cohort.held[0]:
        given = {"cohort": cohort.key, "release": "yes"}
        return [press(say("Move on"), "cohort hold", given)]
    if is_over(calendar, weeks, now):
        given = {"cohort": cohort.key, "part": "end"}
        return [press(say("Checklist"), "cohort checklist", given)]
    return []
