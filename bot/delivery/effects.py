"""What a change of a cohort's calendar does, worked out before it is made.

Posts that a facilitator had moved by hand, and that are still to come, go back to the calendar: what they were moved
away from is not there any more. What was left out by hand stays left out.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from bot.chat.platform import Refusal
from bot.chat.wording import Moment, as_typed
from bot.delivery.bending import Change, Hold, Shift, bend
from bot.delivery.calendar import WEEKLY, Calendar, instant
from bot.records.bends import Amendment
from bot.records.cohorts import Cohort
from bot.records.posts import Kind


@dataclass(frozen=True, slots=True)
class Next:
    """The next post of a kind: when it comes (aware UTC), before a change and after; None for no date."""

    kind: Kind
    step: int
    was_at: datetime | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does: the cohort as it is then, how many posts of its season move, and what comes next.

    `given_up` is how many posts were moved or left out by hand, and are so no longer.
    """

    change: Change
    cohort: Cohort
    moved: int
    nexts: tuple[Next, ...]
    given_up: int = 0

    @property
    def seal(self) -> str:
        """Short for all of it: two effects with one seal bring the same dates."""
        bent = self.cohort
        checkins = bent.checkin_weekday, bent.checkin_at
        rhythm = bent.start_on, bent.weekday, bent.at, bent.zone, checkins
        dates = *rhythm, bent.turns, bent.breaks, bent.held, bent.amendments
        return sha256(repr((dates, [each.at for each in self.nexts])).encode()).hexdigest()[:16]


def effect(cohort: Cohort, change: Change, as_of: datetime, weeks: int) -> Effect:
    """What the change does to a season of so many weeks, of which all that was due by `as_of` (aware UTC) is put.

    Raises a Refusal, with the way out, for what cannot be done or does nothing.
    """
    before = Calendar.of(cohort)
    is_over = cohort.paused_at is None and not any(
        before.fallen_due(kind, 1, weeks, as_of).next_due_at for kind in WEEKLY
    )
    if is_over and before.held_at is None and not isinstance(change, Hold):
        raise Refusal("The season of {cohort} is over; there is nothing left to move.", cohort=cohort.name)
    settled = replace(cohort, amendments=_settled(cohort, as_of))
    bent = bend(settled, change, as_of, weeks)
    moved = _moved(cohort, bent, as_of, weeks)
    if bent == settled or (isinstance(change, Shift) and not _moved(settled, bent, as_of, weeks)):
        raise Refusal("That would change nothing: the dates of {cohort} are like that already.", cohort=cohort.name)
    after = Calendar.of(bent)
    nexts = []
    for kind in WEEKLY:
        was, comes = (each.fallen_due(kind, 1, weeks, as_of) for each in (before, after))
        nexts.append(Next(kind, comes.next_step, was.next_due_at, comes.next_due_at))
    return Effect(change, bent, moved, tuple(nexts), given_up=len(_by_hand(cohort) - _by_hand(bent)))


def _by_hand(cohort: Cohort) -> set[Amendment]:
    amendments = {replace(each, waits_on=None) for each in cohort.amendments}
    return {each for each in amendments if not each.is_nothing}


def _moved(cohort: Cohort, bent: Cohort, as_of: datetime, weeks: int) -> int:
    """How many posts of the season come at another time. Raises a Refusal if one is posted."""
    before, after, moved = Calendar.of(cohort), Calendar.of(bent), 0
    for kind in WEEKLY:
        for step in range(1, weeks + 1):
            was_at, at = (each.season_due_at(kind, step, weeks) for each in (before, after))
            if was_at and was_at <= as_of and at != was_at:
                raise Refusal(
                    "What is posted for week {n} of {cohort} would move. Choose a later day, or try again tomorrow.",
                    n=step, cohort=cohort.name,
                )  # fmt: skip
            moved += was_at != at and any(each and each > as_of for each in (was_at, at))
    return moved


def _settled(cohort: Cohort, as_of: datetime) -> tuple[Amendment, ...]:
    """The amendments without the moves of posts that are still to come.

    Raises a Refusal if one was put off beyond a time that is over: without its move it would be due in the past.
    """
    calendar, settled = Calendar.of(cohort), list[Amendment]()
    for each in cohort.amendments:
        if each.moved_to and instant(*each.moved_to, calendar.zone_of(each.step)) > as_of:
            if not each.is_skipped and calendar.unmoved(each).local_at(each.kind, each.step) <= as_of:
                raise Refusal(
                    "A post of week {n} of {cohort} was moved to {at}, and its own time is over. Change the dates once "
                    "it is posted, or send it now: {line} shows it.",
                    n=calendar.about(each.step), cohort=cohort.name, line=as_typed("schedule"),
                    at=Moment(at=calendar.local_at(each.kind, each.step), zone=calendar.zone.key),
                )  # fmt: skip
            each = replace(each, moved_to=None)
        if not each.is_nothing:
            settled.append(each)
    return tuple(settled)
