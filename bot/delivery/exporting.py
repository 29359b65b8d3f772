"""A season to take away: what is on record of a cohort, beside the calendar that it is read against."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat.wording import plain
from bot.curriculum.model import Curriculum
from bot.curriculum.plan import Step
from bot.curriculum.tally import Tally
from bot.delivery import weeks
from bot.delivery.calendar import Calendar
from bot.delivery.compose import step_title
from bot.records import progress, seasons
from bot.records.cohorts import Cohort
from bot.records.seasons import Rows

_STATES: tuple[weeks.State, ...] = ("active", "passed", "away", "silent", "open", "break", "unasked")


def collect(
    connection: Connection, cohort: Cohort, curriculum: Curriculum, steps: Sequence[Step], now: datetime, locale: str
) -> Mapping[str, Rows]:
    """Everything of the cohort, whose season has those steps, by table.

    Titles are in the language of `locale`, instants aware UTC.

    A member's weeks are counted as `bot.delivery.weeks` reads them; progress is what they did since they joined, their
    milestones and tasks are those that stand, wherever they came from.
    """
    found = seasons.collect(connection, cohort)
    for row in found["progress"]:
        task = curriculum.task(row["task"])
        row["title"] = task.text.in_(locale) if task else None
    return {
        "cohort": [_cohort(cohort, curriculum, len(steps), now, locale)],
        "calendar": _calendar(Calendar.of(cohort), steps, locale),
        "breaks": [
            {"first_on": each.first_on, "last_on": each.last_on, "name": each.name, "is_pause": each.is_pause}
            for each in cohort.breaks
        ],
        "members": _members(connection, cohort, curriculum, len(steps), now),
        **found,
    }  # fmt: skip


def _cohort(cohort: Cohort, curriculum: Curriculum, length: int, now: datetime, locale: str) -> dict[str, Any]:
    meeting = cohort.meeting
    return {
        "cohort": cohort.name, "curriculum": curriculum.title.in_(locale), "version": cohort.version,
        "start_on": cohort.start_on, "weeks": length, "zone": cohort.zone.key, "weekday": cohort.weekday + 1,
        "at": cohort.at, "checkin_weekday": cohort.checkin_weekday + 1, "checkin_at": cohort.checkin_at,
        "pace": cohort.pace, "language": cohort.language, "passes": cohort.passes, "capacity": cohort.capacity,
        "paused_at": cohort.paused_at,
        "meeting_weekday": meeting and meeting.weekday + 1, "meeting_at": meeting and meeting.at,
        "meeting_minutes": meeting and meeting.minutes, "meeting_where": meeting and meeting.where,
        "exported_at": now,
    }  # fmt: skip


def _calendar(calendar: Calendar, steps: Sequence[Step], locale: str) -> Rows:
    """The weeks of the season, each with its dates as they are by now; what waits for somebody has none."""
    length = len(steps)
    return [
        {
            "number": step.number, "title": plain(step_title(step), locale), "phase": step.phase.title.in_(locale),
            "week": calendar.slot("checkin", step.number),
            "milestone_at": calendar.season_due_at("milestone", step.number, length),
            "checkin_at": calendar.season_due_at("checkin", step.number, length),
            "reminder_at": calendar.season_due_at("reminder", step.number, length),
        }
        for step in steps
    ]  # fmt: skip


def _members(connection: Connection, cohort: Cohort, curriculum: Curriculum, length: int, now: datetime) -> Rows:
    """Who is in the cohort with how they got on, and who has left it with nothing but when."""
    of_all = weeks.of_cohort(connection, cohort, length, now)
    done: dict[int, Counter[str]] = defaultdict(Counter)
    for entry in progress.log_of_cohort(connection, cohort.id, curriculum.id):
        done[entry.enrolment_id][entry.task] += entry.amount
    rows = []
    for row in seasons.members(connection, cohort.id):
        states = Counter(each.state for each in of_all.get(row["member"], ()))
        tally = Tally.read(curriculum, done[row["member"]])
        is_in = row["left_at"] is None
        counted = {f"weeks_{each}": states[each] if is_in else None for each in _STATES}
        reached = [each.id for each in curriculum.milestones if tally.is_reached(each)]
        finished = sum(map(tally.is_done, curriculum.tasks))
        own = {"milestones": len(reached), "reached": ", ".join(reached), "tasks_done": finished}
        rows.append({**row, **counted, **(own if is_in else dict.fromkeys(own))})
    return rows
