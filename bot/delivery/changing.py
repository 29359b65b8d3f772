"""A change of a cohort's calendar on its way: its effect is shown first, then it is made, once."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection

from bot.chat.message import Message
from bot.chat.platform import Refusal
from bot.delivery import due, schedule, showing
from bot.delivery.bending import Change, Hold
from bot.delivery.effects import Effect, effect
from bot.records import cohorts, post_notes, posts
from bot.records.columns import micros

SHELF = "calendar"  # where what was shown is kept


class _Shown(BaseModel):
    """What a button is about: the change, and what it was shown to do to which revision of the calendar."""

    cohort_id: int
    revision: int
    change: Change
    seal: str


def propose(connection: Connection, cohort_id: int, change: Change, now: datetime, weeks: int) -> tuple[str, Effect]:
    """What the change would do to a season of so many weeks, and the token with which it can be made, for a day.

    Raises a Refusal, with the way out, for what cannot be done or does nothing.
    """
    cohort = cohorts.get(connection, cohort_id)
    found = effect(cohort, change, schedule.put_until(connection, cohort, now), weeks)
    token = f"{cohort.code}-{cohort.revision}-{found.seal}"
    shown = _Shown(cohort_id=cohort_id, revision=cohort.revision, change=change, seal=found.seal)
    showing.keep(connection, SHELF, token, shown, now)
    return token, found


def proposed_for(connection: Connection, token: str, now: datetime) -> int:
    """The id of the cohort whose calendar would be changed. Raises a Refusal if that was shown more than a day ago."""
    return _shown(connection, token, now).cohort_id


def make(
    connection: Connection, token: str, now: datetime, weeks: int, told: Callable[[Effect], Message] | None
) -> tuple[Effect, int]:
    """Make the change that was shown, and put what `told` makes of it for every place, in one transaction.

    Returns what it did, and for how many places word was put. Raises a Refusal, and nothing is changed, if it was made
    already, or would do something else by now than was shown.
    """
    shown = _shown(connection, token, now)
    cohort = cohorts.get(connection, shown.cohort_id)
    stale = Refusal(
        "The dates of {cohort} have changed since this was shown, maybe by this very button. Nothing else was changed.",
        cohort=cohort.name,
    )
    if cohort.revision != shown.revision:
        raise stale
    due.put_now(connection, cohort, now, weeks)
    as_of = schedule.put_until(connection, cohort, now)
    made = effect(cohort, shown.change, as_of, weeks)
    if made.seal != shown.seal:
        raise stale
    bent = schedule.bend(connection, made.cohort, now)
    if isinstance(shown.change, Hold):
        due.put_questions(connection, cohort, as_of, weeks)
        post_notes.forget_questions(connection, cohort.id, after=shown.change.step)
    schedule.replan(connection, bent, as_of, weeks)
    what = f"calendar-{bent.revision}-{micros(now)}"  # revisions come round again after a restore
    return made, posts.put_message(connection, bent, "announcement", what, now, told(made)) if told else 0


def _shown(connection: Connection, token: str, now: datetime) -> _Shown:
    shown = showing.kept(connection, SHELF, token, _Shown, now)
    if shown is None:
        raise Refusal("No such change was shown in the last day. Use its command again, and see what it does now.")
    return shown
