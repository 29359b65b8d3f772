"""Which post is due when, by the cohort's calendar.

Every step of a season brings a milestone, a check-in prompt and one reminder. The database holds only which step comes
next for each kind, and when.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.chat.platform import Place
from bot.delivery.calendar import Calendar
from bot.records import cohorts, posts
from bot.records.cohorts import Cohort
from bot.records.posts import Kind

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
                    key = posts.key_of(cohort.key, kind, calendar.slot(kind, step), lost.id)
                    posts.put(connection, key, kind, cohort.id, lost.id, due_at, {"step": step})
        found.append(lost.place)
    return found


def is_too_late(kind: Kind, due_at: datetime, now: datetime) -> bool:
    """Whether a post that was due then is better left unsaid now. What a person asked for is never too late."""
    return kind in LATEST and now - due_at > LATEST[kind]
