"""Which post is due when, by the cohort's calendar.

Every step of a season brings a milestone, a check-in prompt and one reminder. The database holds only which step comes
next for each kind, and when.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.chat.platform import Place
from bot.delivery.calendar import Calendar
from bot.records import cohorts, posts
from bot.records.cohorts import Cohort
from bot.records.outage import why
from bot.records.posts import Coming, Kind

log = logging.getLogger(__name__)

PAGE = 100
WEEKLY: tuple[Kind, ...] = ("milestone", "checkin", "reminder")

# What is still said after the bot was away: milestones all, in order; questions only while somebody may still answer.
LATEST: Mapping[Kind, timedelta] = {
    "milestone": timedelta(days=14),
    "checkin": timedelta(hours=24),
    "reminder": timedelta(hours=24),
}
POSTPONED = timedelta(hours=1)  # until what an operator must put right is looked at again

SeasonLength = Callable[[Cohort], int | None]
"""How many steps the cohort's season has, or None if its curriculum is not on offer any more."""


def begin(connection: Connection, /, place: Place, now: datetime, **settings: Any) -> Cohort:
    """Make a cohort, at home in the place, and put its season into the schedule.

    `settings` are the fields of a Cohort but for its ids. Raises a Refusal if the name or the place is taken.
    """
    cohort = cohorts.create(connection, place, now, **settings)
    calendar = Calendar.of(cohort)
    for kind in WEEKLY:
        posts.plan(connection, cohort.id, kind, 1, calendar.due_at(kind, 1))
    return cohort


def reopen(connection: Connection, cohort: Cohort, now: datetime, length: int) -> list[Place]:
    """Let posts go again to the places that the cohort has lost; what is not too late is put. Returns those places.

    `length` is how many steps its season has. What a person asked for is put again within the time of a milestone.
    """
    calendar, found = Calendar.of(cohort), []
    for lost in cohorts.places(connection, cohort.id):
        if lost.lost_because is None:
            continue
        cohorts.reopen_place(connection, lost.id)
        posts.revive(connection, lost.id, lost.lost_because, now - LATEST["milestone"])
        for kind in WEEKLY:
            for step in range(1, length + 1):
                due_at = calendar.due_at(kind, step)
                if (lost.joined_at or due_at) <= due_at <= now and not is_too_late(kind, due_at, now):
                    _put_step(connection, cohort, kind, step, lost.id, due_at)
        found.append(lost.place)
    return found


def is_too_late(kind: Kind, due_at: datetime, now: datetime) -> bool:
    """Whether a post that was due then is better left unsaid now. What a person asked for is never too late."""
    return kind in LATEST and now - due_at > LATEST[kind]


def put_due(connection: Connection, now: datetime, season_length: SeasonLength) -> int:
    """Put what is due into the outbox and move the schedule on, in one transaction. Returns how many rows were due.

    Every row moves on: one that cannot be put waits for an hour, and neither stops the others nor comes again at once.
    """
    due = posts.coming_due(connection, now, PAGE)
    for coming in due:
        try:
            with connection.begin_nested():
                _put(connection, coming, now, season_length)
        except Exception as error:
            if why(error):
                raise  # SQLite has undone the whole transaction, and what would be written now, nothing could undo
            log.exception("cohort c%d: its next %s cannot be put and waits", coming.cohort_id, coming.kind)
            _postpone(connection, coming, now)
    return len(due)


def _put(connection: Connection, coming: Coming, now: datetime, season_length: SeasonLength) -> None:
    cohort = cohorts.get(connection, coming.cohort_id)
    length = season_length(cohort)
    if length is None:
        log.error("cohort %s: its curriculum %s is not on offer; its posts wait", cohort.code, cohort.curriculum)
        _postpone(connection, coming, now)
    else:
        _put_steps(connection, cohort, coming, now, length)


def _postpone(connection: Connection, coming: Coming, now: datetime) -> None:
    posts.plan(connection, coming.cohort_id, coming.kind, coming.next_step, now + POSTPONED)


def _put_steps(connection: Connection, cohort: Cohort, coming: Coming, now: datetime, length: int) -> None:
    """Put the steps of one kind that are due, leaving out those for which it is too late."""
    calendar = Calendar.of(cohort)
    kind, step = coming.kind, coming.next_step
    while step <= length and (due_at := calendar.due_at(kind, step)) <= now:
        if is_too_late(kind, due_at, now):
            log.warning("cohort %s: %s of step %d left out, %s too late", cohort.code, kind, step, now - due_at)
        else:
            for place in cohorts.places(connection, cohort.id):
                if place.lost_because is None:
                    _put_step(connection, cohort, kind, step, place.id, due_at)
        step += 1
    posts.plan(connection, cohort.id, kind, step, calendar.due_at(kind, step) if step <= length else None)


def _put_step(connection: Connection, cohort: Cohort, kind: Kind, step: int, place_id: int, due_at: datetime) -> None:
    key = f"{cohort.key}:{kind}:{Calendar.of(cohort).slot(kind, step)}:{place_id}"
    posts.put(connection, key, kind, cohort.id, place_id, due_at, {"step": step})
