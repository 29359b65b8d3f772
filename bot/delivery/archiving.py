"""The end of a cohort's season for good, and the way back.

An archived cohort is a paused one without places: nothing of it is due, and its channels are free for others. Whatever
members did stays theirs.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.chat.platform import Place, Refusal
from bot.delivery import bending, letters, schedule
from bot.records import cohorts, homes, room
from bot.records.cohorts import Cohort, CohortPlace


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends with a cohort: its places, how many people are in it, how many wait for a seat (`in_line`), and
    how many posts still wait to go out.
    """

    places: tuple[CohortPlace, ...]
    members: int
    in_line: int
    waiting: int


def ending(connection: Connection, cohort: Cohort) -> Ending:
    """What would end if the cohort were archived now."""
    there = tuple(cohorts.places(connection, cohort.id))
    space, waiting = room.of(connection, cohort.id), homes.waiting(connection, [each.id for each in there])
    return Ending(there, space.members, space.waiting, waiting)


def archive(connection: Connection, cohort: Cohort, now: datetime, weeks: int) -> Cohort:
    """End the season of the cohort, which has so many weeks. Raises a Refusal if it is archived already."""
    known = cohorts.get(connection, cohort.id)
    if known.archived_at is not None:
        raise Refusal("{cohort} is archived already.", cohort=known.name)
    paused = known if known.paused_at else bending.bend(known, bending.Pause(), now, weeks)
    ended = schedule.bend(connection, replace(paused, archived_at=now), now)
    schedule.replan(connection, ended, now, weeks)
    letters.bring_back_all(connection, ended, now)  # while there are places by way of which to tell
    homes.leave_all(connection, ended.id, now)
    room.close(connection, ended.id, now)
    return ended


def bring_back(connection: Connection, cohort: Cohort, here: Place, now: datetime) -> Cohort:
    """Have the archived cohort go on where it was, paused; where nothing of that is free any more, `here`.

    Raises a Refusal if it is not archived, or `here` is taken, too.
    """
    known = cohorts.get(connection, cohort.id)
    if known.archived_at is None:
        raise Refusal("{cohort} is not archived.", cohort=known.name)
    if not homes.come_back(connection, known.id, known.archived_at, now):
        homes.add(connection, known.id, here, now, since=now)
    return schedule.bend(connection, replace(known, archived_at=None), now)
