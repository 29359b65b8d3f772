"""The tables. An instant is kept as microseconds since 1970 UTC and read as aware UTC; a local date is a date.

A community (a Discord guild, a Slack workspace) is the tenant: every cohort has a home community, and every verb of a
facilitator takes the community they act in.
"""

from bot.records.columns import metadata
from bot.records.tables.cohorts import (
    audit,
    cohort_places,
    cohorts,
    curricula,
    desks,
    facilitators,
    handovers,
    leads,
    place_codes,
    post_notes,
    ticks,
)
from bot.records.tables.links import link_marks, link_reports, links
from bot.records.tables.people import (
    absences,
    accounts,
    checkins,
    communities,
    enrolments,
    members,
    passes,
    progress,
    waiting,
)
from bot.records.tables.posts import TO_ONE, announcements, notes, outbox, projections, readings, restores, schedule

__all__ = [
    "TO_ONE", "absences", "accounts", "announcements", "audit", "checkins", "cohort_places", "cohorts", "communities",
    "curricula", "desks", "enrolments", "facilitators", "handovers", "leads", "link_marks", "link_reports", "links",
    "members", "metadata", "notes", "outbox", "passes", "place_codes", "post_notes", "progress", "projections",
    "readings", "restores", "schedule", "ticks", "waiting",
]  # fmt: skip
