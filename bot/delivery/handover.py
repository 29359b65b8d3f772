"""Word to whoever leads a cohort of what is open: at its season's start and end, and when somebody else takes over.

Each word is said once. What was to be said before there was the cohort is not said any more: whoever made it was shown
its checklist then.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from sqlalchemy import Connection

from bot.chat import line
from bot.chat.message import Button, Fact, Facts, Item, Message, Text
from bot.chat.wording import Moment, Phrase, say, say_n
from bot.delivery import notices
from bot.delivery.calendar import Calendar, instant
from bot.delivery.checklist import Check, Checklists, Part, part_at
from bot.delivery.schedule import POSTPONED
from bot.records import announcements, cohorts, facilitators, handovers, heard, posts
from bot.records.cohorts import Cohort
from bot.records.handovers import Look
from bot.records.outage import attempted

log = logging.getLogger(__name__)

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
AFTERWARDS = timedelta(days=14)  # how long after a season somebody is still told that it is over
MOST_ANNOUNCED = 3
EVENING = time(18)  # before a week, when its lead is told what waits for them

Name = Literal["start-week", "start-day", "end-week", "over"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """When it is time to speak of the checklist: from an instant on, and before another (aware UTC)."""

    name: Name
    part: Part
    at: datetime
    until: datetime


def put_due(connection: Connection, now: datetime, lists: Checklists) -> bool:
    """Tell what is due for the cohort that has waited for longest, in this transaction. False if none is due.

    Each moves on: one of which nothing can be told waits for an hour, and keeps no other.
    """
    look = handovers.next_look(connection, now)
    if look is None:
        return False
    if error := attempted(connection, _look, look, now, lists):
        log.error("cohort c%d: nobody can be told of its checklist, which waits", look.cohort_id, exc_info=error)
        handovers.move_on(connection, look, now + POSTPONED)
    return True


def _look(connection: Connection, look: Look, now: datetime, lists: Checklists) -> None:
    cohort = cohorts.get(connection, look.cohort_id)
    if cohort.archived_at:
        handovers.move_on(connection, look, None)
        return
    steps = lists.steps(cohort)
    if not steps:
        handovers.move_on(connection, look, now + POSTPONED)
        return
    calendar, length = Calendar.of(cohort), len(steps)
    occasions = list(_occasions(calendar, length))
    weeks = list(_takeovers(calendar, length, facilitators.led_by(connection, cohort.id)))
    coming = [at for at in (*(each.at for each in occasions), *(at for _, at in weeks)) if at > now]
    if not handovers.move_on(connection, look, min(coming, default=None)):
        return
    for each in occasions:
        if look.created_at < each.at <= now < each.until:
            _remind(connection, cohort, each, lists.of(connection, cohort, each.part, now), now)
    for step, at in weeks:
        if look.created_at < at <= now < calendar.milestone_at(step):
            part = part_at(calendar, length, calendar.milestone_at(step))
            _hand_over(connection, cohort, step, lists.of(connection, cohort, part, now) if part else [], now)


def _occasions(calendar: Calendar, length: int) -> Iterator[Occasion]:
    """Those that a season of so many weeks has, as far as they have a date."""
    begins_at = calendar.planned_at("milestone", 1)
    if begins_at:
        yield Occasion("start-week", "start", begins_at - WEEK, begins_at - DAY)
        yield Occasion("start-day", "start", begins_at - DAY, begins_at)
    last_at, ends_at = (calendar.planned_at("milestone", step) for step in (length, length + 1))
    if last_at and ends_at:
        yield Occasion("end-week", "end", last_at, ends_at)
        yield Occasion("over", "end", ends_at, ends_at + AFTERWARDS)


def _takeovers(calendar: Calendar, length: int, led: Collection[str]) -> Iterator[tuple[int, datetime]]:
    """The weeks in which somebody else may lead than in the one before, by step, each with the evening before it.

    Those are the local weeks that are `led` by somebody who was named, and those after them.
    """
    if calendar.paused_at:
        return
    named = {step for week in led if (step := calendar.asking(week))}
    for step in sorted(named | {each + 1 for each in named}):
        if step > 1 and (step <= length or calendar.counts_on(length)):
            yield step, instant(calendar.milestone_on(step) - DAY, EVENING, calendar.zone)


def _remind(connection: Connection, cohort: Cohort, occasion: Occasion, checks: Sequence[Check], now: datetime) -> None:
    """Tell who leads what of the list is open, if anything is."""
    left = [each for each in checks if each.state == "open"]
    if not left:
        return
    begins_at = occasion.until + DAY if occasion.name == "start-week" else occasion.until
    begins = say("{cohort} begins {at}", cohort=cohort.name, at=Moment(at=begins_at, zone=cohort.zone.key))
    titles: dict[Name, Phrase] = {
        "start-week": begins,
        "start-day": begins,
        "end-week": say("{cohort} is in its last week", cohort=cohort.name),
        "over": say("The season of {cohort} is over", cohort=cohort.name),
    }
    message = Message(
        title=titles[occasion.name],
        parts=(
            Text(text=say_n("{n} item of its checklist is open:", "{n} items of its checklist are open:", len(left))),
            *(Item(title=say("○ {item}", item=each.item.title), text=each.item.why) for each in left),
        ),
        buttons=(_how_far(cohort, occasion.part),),
    )
    reader = notices.reader(connection, cohort, now)
    notices.tell(connection, cohort, reader, f"checklist:{occasion.name}", now, message)


def _hand_over(connection: Connection, cohort: Cohort, step: int, checks: Sequence[Check], now: datetime) -> None:
    """Tell who leads the week of that step what waits for them, if somebody else leads the one before it."""
    calendar = Calendar.of(cohort)
    before, week = calendar.slot("checkin", step - 1), calendar.slot("checkin", step)
    lead = notices.leads(connection, cohort, week)
    last = notices.leads(connection, cohort, before)
    if lead is None or last is None or lead.account_id == last.account_id:
        return
    zone, begins_at = cohort.zone.key, calendar.milestone_at(step)
    blocked = sum(each.is_unanswered for each in heard.of_cohort(connection, cohort.id).values())
    facts = []
    if last.person.platform == lead.person.platform:  # by whose id they are found there, and forgotten here
        facts.append(Fact(label=say("So far it was led by"), value=last.person.mention()))
    if blocked:
        facts.append(Fact(label=say("Blocked, and not written to"), value=blocked))
    facts += [
        Fact(label=notices.KINDS[each.kind], value=Moment(at=each.next_due_at, zone=zone))
        for each in posts.coming(connection, cohort.id)
    ]
    facts += [
        Fact(label=notices.KINDS["announcement"], value=Moment(at=at, zone=zone))
        for at in announcements.scheduled(connection, cohort)[:MOST_ANNOUNCED]
    ]
    left = sum(each.state == "open" for each in checks)
    if left:
        facts.append(Fact(label=say("Open on the checklist"), value=left))
    message = Message(
        title=say("{cohort} is yours to lead from {at} on", cohort=cohort.name, at=Moment(at=begins_at, zone=zone)),
        parts=(Text(text=say("What waits for you:")), Facts(facts=tuple(facts))),
        buttons=(
            Button(label=say("Check-ins"), line=line.write("cohort checkins", {"cohort": cohort.code, "week": before})),
            Button(label=say("Who is quiet"), line=line.write("cohort quiet", {"cohort": cohort.key})),
            *([_how_far(cohort, checks[0].item.part)] if left else []),
        ),
    )
    notices.tell(connection, cohort, lead.person, f"handover:{week}", now, message)


def _how_far(cohort: Cohort, part: Part) -> Button:
    given = {"cohort": cohort.key, "part": part}
    return Button(label=say("How far?"), line=line.write("cohort checklist", given), style="primary")
