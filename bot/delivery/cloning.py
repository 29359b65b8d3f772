"""The next season of a cohort: the same in all that was set, with nobody in it yet."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256

from pydantic import BaseModel
from sqlalchemy import Connection

from bot.chat.platform import Person, Place, Refusal
from bot.curriculum.model import Curriculum
from bot.curriculum.plan import open_ends, plan
from bot.delivery import schedule, showing
from bot.records import cohorts, desks, facilitators
from bot.records.cohorts import Cohort

SHELF = "seasons"  # where what was shown is kept


class Wish(BaseModel):
    """What a button is about: a next season of that cohort, called so, from that local day on, in that channel."""

    cohort_id: int
    name: str
    start_on: date
    channel: str


def next_season(old: Cohort, curriculum: Curriculum, wish: Wish) -> Cohort:
    """The cohort as it would be, but for what it gets when it is made: the newest version, and none of the bends."""
    language = old.language if old.language in curriculum.languages else curriculum.languages[0]
    return replace(
        old, name=wish.name, start_on=wish.start_on, version=curriculum.version, language=language,
        held=tuple(open_ends(curriculum, plan(curriculum, old.pace))), turns=(), breaks=(), formers=(), amendments=(),
        paused_at=None, archived_at=None, revision=0,
    )  # fmt: skip


def remember(connection: Connection, wish: Wish, now: datetime) -> str:
    """Keep what was shown, for the button that does it. Raises a Refusal if the name is taken."""
    cohorts.check_name(connection, cohorts.get(connection, wish.cohort_id).community_id, wish.name)
    token = sha256(wish.model_dump_json().encode()).hexdigest()[:16]
    showing.keep(connection, SHELF, token, wish, now)
    return token


def remembered(connection: Connection, token: str, now: datetime) -> Wish:
    """What was shown. Raises a Refusal if that was too long ago."""
    wish = showing.kept(connection, SHELF, token, Wish, now)
    if wish is None:
        raise Refusal("No such season was shown in the last day. Use its command again, and see what it does now.")
    return wish


def begin(
    connection: Connection, /, old: Cohort, following: Cohort, place: Place, by: Person, now: datetime,
    ends: tuple[Callable[[Connection, Cohort, datetime, int], Cohort], int] | None,
) -> Cohort:  # fmt: skip
    """Begin the season that follows the old cohort's, in that place.

    With `ends`, the old one ends first: that is what ends it, and how many weeks its season has. Raises a Refusal, and
    nothing has changed, if the name or the place is taken.
    """
    if ends is not None:
        end, weeks = ends
        end(connection, old, now, weeks)
    same = ("curriculum", "version", "name", "start_on", "zone", "weekday", "at", "checkin_weekday", "checkin_at",
            "pace", "language", "passes", "has_digest", "capacity", "held")  # fmt: skip
    made = schedule.begin(connection, place, now, by, **{name: getattr(following, name) for name in same})
    for each in facilitators.of_cohort(connection, old.id):
        facilitators.appoint(connection, made.id, each.person, now)
    if old.meeting is not None:
        cohorts.set_meeting(connection, made.id, old.meeting, now)
    desks.hand_on(connection, old.id, made.id)
    return cohorts.get(connection, made.id)
