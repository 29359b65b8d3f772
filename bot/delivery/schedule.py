"""Which post is due when, by the cohort's calendar.

Every step of a season brings a milestone, a check-in prompt, one reminder and a digest. The database holds only which
step comes next for each kind, and when.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.chat.platform import Person, Place
from bot.delivery import hours
from bot.delivery.calendar import Calendar
from bot.records import cohorts, facilitators, handovers, live, posts
from bot.records.cohorts import Cohort
from bot.records.posts import SCHEDULED, Kind

log = logging.getLogger(__name__)

PAGE = 500  # cohorts that are planned again in one transaction

# What is still said after the bot was away: milestones all, in order; questions only while somebody may still answer.
LATEST: Mapping[Kind, timedelta] = {
    "milestone": timedelta(days=14),
    "checkin": timedelta(hours=24),
    "reminder": timedelta(hours=24),
    "digest": timedelta(hours=24),
    "report": timedelta(hours=24),
    **dict.fromkeys(posts.REMINDERS, hours.LATEST),
}
POSTPONED = timedelta(hours=1)  # until what an operator must put right is looked at again

SeasonLength = Callable[[Cohort], int | None]
"""How many steps the cohort's season has, or None if its curriculum is not on offer any more."""


def begin(connection: Connection, /, place: Place, now: datetime, by: Person, **settings: Any) -> Cohort:
    """Make a cohort, at home in the place and looked after by that person, and put its season into the schedule.

    `settings` are the fields of a Cohort but for its ids. Raises a Refusal if the name or the place is taken.
    """
    cohort = cohorts.create(connection, place, now, **settings)
    facilitators.appoint(connection, cohort.id, by, now)
    handovers.look_again(connection, cohort.id)
    calendar = Calendar.of(cohort)
    for kind in SCHEDULED:
        posts.plan(connection, cohort.id, kind, 1, calendar.due_at(kind, 1))
    return cohort


def bend(connection: Connection, cohort: Cohort, now: datetime) -> Cohort:
    """Keep a changed calendar as `cohorts.bend` does, and have all that is told by its dates be looked at again."""
    bent = cohorts.bend(connection, cohort, now)
    handovers.look_again(connection, bent.id)
    live.invitations_changed(connection, bent.id, now)
    return bent


def replan(connection: Connection, cohort: Cohort, as_of: datetime, length: int) -> None:
    """Have the schedule follow a calendar that was changed; all that was due by `as_of` is put.

    Milestones go on with the one that is next, whatever happens. Questions go on with the first that is ahead.
    """
    calendar = Calendar.of(cohort)
    for kind, step in posts.next_steps(connection, cohort.id).items():
        if cohort.paused_at:
            posts.plan(connection, cohort.id, kind, step, None)
        elif kind == "milestone":
            posts.plan(connection, cohort.id, kind, *calendar.coming(kind, step, length))
        else:
            due = calendar.fallen_due(kind, 1, length, as_of)
            posts.plan(connection, cohort.id, kind, due.next_step, due.next_due_at)


def put_until(connection: Connection, cohort: Cohort, now: datetime) -> datetime:
    """Until when everything is put: now, or later if the clock was set back since."""
    calendar = replace(Calendar.of(cohort), paused_at=None)
    steps = posts.next_steps(connection, cohort.id)
    put = (calendar.due_at(kind, step - 1) for kind, step in steps.items() if step > 1)
    return max([now, *(each for each in put if each)])


def align(connection: Connection, after: int, season_length: SeasonLength) -> int | None:
    """Plan what is planned again by the calendars of the next cohorts after that id, whose zones may have new rules.

    Steps are days and times in a zone, so where a country changes its clocks, the instants move and nothing else.
    Returns the last cohort's id, to go on with; None at the end.
    """
    page = cohorts.page(connection, after, PAGE)
    planned = posts.planned(connection, [each.id for each in page])
    for cohort in page:
        length = season_length(cohort)
        if length is None:
            continue
        for was in planned.get(cohort.id, ()):
            step, due_at = Calendar.of(cohort).coming(was.kind, was.next_step, length)
            if due_at != was.next_due_at:
                log.info("cohort %s: its next %s moves from %s to %s", cohort.code, was.kind, was.next_due_at, due_at)
                posts.plan(connection, cohort.id, was.kind, step, due_at)
    return page[-1].id if page else None


def is_too_late(kind: Kind, due_at: datetime, now: datetime) -> bool:
    """Whether a post that was due then is better left unsaid now. What a person asked for is never too late."""
    return kind in LATEST and now - due_at > LATEST[kind]
