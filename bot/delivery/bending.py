"""Changes of a cohort's calendar while its season goes on, as values, and what each makes of the calendar.

Whatever is changed, what is posted is left alone: the steps so far keep their dates, and the next one comes in a later
local week than the last, so that no week holds two milestones and no key is used again. And what is not posted stays
ahead, so that nothing is left behind. `effects` says what a change does.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, assert_never
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from bot.chat.platform import Refusal
from bot.chat.wording import Day, as_typed
from bot.delivery.calendar import WEEKLY, Calendar, instant, monday, on_or_after
from bot.records.bends import Amendment, Break, Turn
from bot.records.cohorts import Cohort

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
FARTHEST = timedelta(days=2 * 365)  # a date that is farther off is a slip of the pen, or beyond what a date can hold


class _Change(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Shift(_Change):
    """The next step and all after it come so many weeks later, or earlier."""

    kind: Literal["shift"] = "shift"
    weeks: int


class Rest(_Change):
    """So many local weeks off, from that in which `start_on` is; holidays have a name."""

    kind: Literal["rest"] = "rest"
    start_on: date
    weeks: int
    name: str | None = None


class Work(_Change):
    """The break that the local day is in is taken away, as far as it is ahead."""

    kind: Literal["work"] = "work"
    day: date


class Pause(_Change):
    """Nothing comes any more until the cohort is resumed."""

    kind: Literal["pause"] = "pause"


class Resume(_Change):
    """The season goes on with the first slot from that local day on; from now on, if there is none."""

    kind: Literal["resume"] = "resume"
    start_on: date | None = None


class Rhythm(_Change):
    """Another weekday (Monday is 0), time or zone, from the next step on, also for check-ins; what is None stays."""

    kind: Literal["rhythm"] = "rhythm"
    weekday: int | None = None
    at: time | None = None
    zone: str | None = None
    checkin_weekday: int | None = None
    checkin_at: time | None = None


class Hold(_Change):
    """The season waits after the step, which is the last of its phase, until it is moved on: `is_open` is False then.

    The next step comes with the next slot, if the season waits already.
    """

    kind: Literal["hold"] = "hold"
    step: int
    is_open: bool = True


Change = Annotated[Shift | Rest | Work | Pause | Resume | Rhythm | Hold, Field(discriminator="kind")]


def bend(cohort: Cohort, change: Change, as_of: datetime, weeks: int) -> Cohort:
    """The cohort with its calendar changed. Raises a Refusal, with the way out, for what cannot be done."""
    if cohort.paused_at and not isinstance(change, Resume):
        line = as_typed("cohort resume")
        raise Refusal("{cohort} is paused. Let it go on first, with {line}.", cohort=cohort.name, line=line)
    bent = _without_counted(cohort, _bent(cohort, change, as_of, weeks))
    return _ahead(cohort, bent, as_of, _back_at(cohort, change, as_of), weeks)


def _without_counted(cohort: Cohort, bent: Cohort) -> Cohort:
    """The changed cohort without amendments to what is not there any more, if it waits elsewhere now."""
    held = {each.held_at for each in map(Calendar.of, (cohort, bent))}
    if len(held) == 1:
        return bent
    # Questions after the step of a hold only count its weeks: what was done to them is nothing to those of later steps.
    last = min(each for each in held if each is not None)
    kept = tuple(each for each in bent.amendments if each.kind == "milestone" or each.step <= last)
    return replace(bent, amendments=kept)


def _ahead(cohort: Cohort, bent: Cohort, as_of: datetime, back_at: datetime, weeks: int) -> Cohort:
    """The changed cohort, in which no milestone or prompt that was not due by `as_of` is due before `back_at`.

    In the past it would be left out or put late. So the next step begins with the first slot that is ahead, and the
    steps that nobody was asked about wait for a later prompt.
    """
    slot = Calendar.of(cohort).slot_at(as_of)
    if Calendar.of(bent).slot_at(back_at) > slot:
        bent = _turned(bent, slot, slot, start_on=_earliest(bent, slot, back_at))
    asked = max(_asking(Calendar.of(cohort), slot, as_of, weeks), default=0)
    while late := [step for step in _asking(Calendar.of(bent), slot, back_at, weeks) if step > asked]:
        for step in late:
            bent = _waiting(bent, step)
    return bent


def _asking(calendar: Calendar, slot: int, until: datetime, weeks: int) -> list[int]:
    """The steps up to that slot whose own prompt is due by that instant, or would be if it were not left out."""
    counts_on = calendar.counts_on(weeks)
    steps = range(1, (slot if counts_on else min(slot, weeks)) + 1)
    due = ((step, calendar.planned_at("checkin", step, is_last=step == weeks and not counts_on)) for step in steps)
    return [step for step, at in due if at and at <= until]


def _waiting(cohort: Cohort, step: int) -> Cohort:
    """The cohort with a prompt that is not on the day that it has, but on a later one."""
    calendar = Calendar.of(cohort)
    was = calendar.amended("checkin", step)
    others = (each for each in cohort.amendments if each != was)
    waits = replace(was or Amendment("checkin", step), waits_on=calendar.checkin_on(step))
    return replace(cohort, amendments=(*others, waits))


def _back_at(cohort: Cohort, change: Change, as_of: datetime) -> datetime:
    """Until when nothing is posted that is not yet: the last moment before the day of a resumption, or that instant."""
    if isinstance(change, Resume) and change.start_on:
        return max(as_of, instant(change.start_on, time(), cohort.zone) - timedelta.resolution)
    return as_of


def _bent(cohort: Cohort, change: Change, as_of: datetime, weeks: int) -> Cohort:
    match change:
        case Shift():
            return _shift(cohort, change, as_of, weeks)
        case Rhythm():
            return _rhythm(cohort, change, as_of, weeks)
        case Rest():
            return _rest(cohort, change, as_of)
        case Work():
            return _work(cohort, change, as_of)
        case Pause():
            return _pause(cohort, as_of)
        case Resume():
            return _resume(cohort, change, as_of)
        case Hold():
            return _hold(cohort, change, as_of, weeks)
        case _:
            assert_never(change)


# ---- A new turn -----------------------------------------------------------------------------------------------------


def _shift(cohort: Cohort, change: Shift, as_of: datetime, weeks: int) -> Cohort:
    calendar, slot = Calendar.of(cohort), _last_slot(cohort, as_of, weeks)
    if calendar.held_at is not None and slot >= calendar.held_at:
        raise Refusal("{cohort} waits in its phase: no milestone has a date that could be moved.", cohort=cohort.name)
    start_on = calendar.milestone_on(slot + 1) + change.weeks * WEEK
    earliest = _earliest(cohort, slot, as_of)
    if start_on < earliest:
        raise Refusal(
            "The next milestone of {cohort} cannot come on {day}. The earliest is {earliest}.",
            field="weeks", cohort=cohort.name, day=Day(on=start_on), earliest=Day(on=earliest),
        )  # fmt: skip
    return _turned(cohort, slot, slot, start_on=start_on)


def _rhythm(cohort: Cohort, change: Rhythm, as_of: datetime, weeks: int) -> Cohort:
    """The next step stays in its local week, if it can."""
    calendar, slot = Calendar.of(cohort), _last_slot(cohort, as_of, weeks)
    given = {name: value for name, value in change if name != "kind" and value is not None}
    rhythm = given | ({"zone": ZoneInfo(change.zone)} if change.zone else {})
    bent = replace(cohort, **rhythm)
    if bent == cohort:
        return cohort
    planned_on = monday(calendar.milestone_on(slot + 1)) + bent.weekday * DAY
    return _turned(cohort, slot, slot, start_on=max(planned_on, _earliest(cohort, slot, as_of, bent)), **rhythm)


def _last_slot(cohort: Cohort, as_of: datetime, weeks: int) -> int:
    slot = Calendar.of(cohort).slot_at(as_of)
    if slot >= weeks and not cohort.held:
        raise Refusal("All {n} weeks of {cohort} are posted; none is left to move.", n=weeks, cohort=cohort.name)
    return slot


def _earliest(cohort: Cohort, last: int, as_of: datetime, bent: Cohort | None = None) -> date:
    """The first day for the step after `last`: ahead, in a later local week, and asked about in a later one.

    `bent` is the cohort with another rhythm, if it gets one.
    """
    calendar, bent = Calendar.of(cohort), bent or cohort
    day = on_or_after(as_of.astimezone(bent.zone).date(), bent.weekday)
    while (
        calendar.is_off(day)
        or instant(day, bent.at, bent.zone) <= as_of
        or (last and monday(day) <= monday(calendar.milestone_on(last)))
        or (last and monday(calendar.asked_after(day, bent.checkin_weekday)) <= monday(calendar.checkin_on(last)))
    ):
        day += WEEK
    return day


def _turned(cohort: Cohort, slot: int, last: int, start_on: date, **rhythm: Any) -> Cohort:
    """The cohort with a new turn from the step after `last` on; `slot` is the last slot that has begun."""
    turns = cohort.turns
    if slot >= (turns[-1].end_step if turns else 1):
        turns = (*turns, _turn_of(cohort, last + 1))
    elif turns:  # nothing of the turn was put, so the new one takes its place
        turns = (*turns[:-1], replace(turns[-1], end_step=last + 1))
    return replace(cohort, turns=turns, start_on=start_on, **rhythm)


def _turn_of(cohort: Cohort, end_step: int) -> Turn:
    """The turn that the cohort is in, which ends before that step."""
    return Turn(
        end_step, cohort.start_on, cohort.weekday, cohort.at, cohort.zone, cohort.checkin_weekday, cohort.checkin_at
    )


def _hold(cohort: Cohort, change: Hold, as_of: datetime, weeks: int) -> Cohort:
    calendar, others = Calendar.of(cohort), tuple(each for each in cohort.held if each != change.step)
    slot = calendar.slot_at(as_of)
    if change.is_open:
        if min(calendar.step_at(as_of), weeks) > change.step:
            raise Refusal("{cohort} has moved on from that phase already.", field="phase", cohort=cohort.name)
        return replace(cohort, held=tuple(sorted((*others, change.step))))
    if others == cohort.held:
        raise Refusal("{cohort} does not keep that phase open.", field="phase", cohort=cohort.name)
    moved_on = replace(cohort, held=others)
    if change.step != calendar.held_at or slot < change.step or change.step >= weeks:
        return moved_on
    if Calendar.of(moved_on).milestone_at(change.step + 1) > as_of:
        return moved_on  # the season does not wait yet, and what comes next keeps its date
    start_on = _earliest(cohort, slot, as_of)
    return _turned(moved_on, slot, change.step, start_on=start_on)


# ---- Days off -------------------------------------------------------------------------------------------------------


def _rest(cohort: Cohort, change: Rest, as_of: datetime) -> Cohort:
    today = _today(cohort, as_of)
    if abs(change.start_on - today) > FARTHEST:
        raise Refusal("{day} is too far away for a break.", field="start", day=Day(on=change.start_on))
    first_on, this_week = monday(change.start_on), monday(today)
    put_on = _last_put_on(cohort, as_of)
    earliest = max(this_week, monday(put_on) + WEEK)
    if first_on < earliest:
        raise Refusal(
            "The week of {day} has begun. The first one that can still be off is that of {earliest}.",
            field="start", day=Day(on=first_on), earliest=Day(on=earliest),
        )  # fmt: skip
    added = Break(first_on, first_on + change.weeks * WEEK - DAY, change.name)
    for each in cohort.breaks:
        if not each.is_pause and each.first_on <= added.last_on and added.first_on <= each.last_on:
            raise Refusal(
                "There is a break from {first} to {last} already. Choose other weeks, or take that one away first.",
                field="start", first=Day(on=each.first_on), last=Day(on=each.last_on),
            )  # fmt: skip
    return replace(cohort, breaks=_sorted((*cohort.breaks, added)))


def _work(cohort: Cohort, change: Work, as_of: datetime) -> Cohort:
    found = next((each for each in cohort.breaks if each.covers(change.day) and not each.is_pause), None)
    if found is None:
        raise Refusal(
            "{cohort} has no break on {day}. {line} shows its breaks.",
            field="start", cohort=cohort.name, day=Day(on=change.day), line=as_typed("cohort status"),
        )  # fmt: skip
    sunday = monday(_today(cohort, as_of)) + WEEK - DAY
    if found.last_on <= sunday:
        raise Refusal("That break has begun; only weeks that are ahead can be taken away.", field="start")
    begun = () if found.first_on > sunday else (replace(found, last_on=sunday),)
    return replace(cohort, breaks=_sorted((*(each for each in cohort.breaks if each != found), *begun)))


def _pause(cohort: Cohort, as_of: datetime) -> Cohort:
    """A resumption that is still ahead is taken back."""
    today = _today(cohort, as_of)
    kept = (replace(each, last_on=min(each.last_on, today)) if each.is_pause else each for each in cohort.breaks)
    return replace(cohort, paused_at=as_of, breaks=_sorted(kept))


def _resume(cohort: Cohort, change: Resume, as_of: datetime) -> Cohort:
    """What fell due meanwhile is not made up for: the pause becomes a break of the days that it took."""
    if cohort.paused_at is None:
        raise Refusal("{cohort} is not paused.", cohort=cohort.name)
    today = _today(cohort, as_of)
    start_on = change.start_on or today
    if not today <= start_on <= today + FARTHEST:
        raise Refusal(
            "{cohort} can go on from today on, not on {day}.", field="start", cohort=cohort.name, day=Day(on=start_on)
        )
    first_on = max(_today(cohort, cohort.paused_at), _last_put_on(cohort, cohort.paused_at) + DAY)
    pause = Break(first_on, start_on - DAY, is_pause=True)
    return replace(cohort, paused_at=None, breaks=_sorted((*cohort.breaks, pause)))


def _sorted(breaks: Iterable[Break]) -> tuple[Break, ...]:
    """The breaks in order, without those of no day."""
    days_off = (each for each in breaks if each.first_on <= each.last_on)
    return tuple(sorted(days_off, key=lambda each: (each.first_on, each.last_on)))


def _today(cohort: Cohort, as_of: datetime) -> date:
    return as_of.astimezone(cohort.zone).date()


def _last_put_on(cohort: Cohort, as_of: datetime) -> date:
    """The latest local date of a post that is put. By the zone that the cohort has now, it may be a day ahead."""
    calendar = Calendar.of(cohort)
    return max(
        (
            calendar.local(kind, step)[0]
            for kind in WEEKLY
            for step in range(1, calendar.slot_at(as_of) + 1)
            if (due_at := calendar.due_at(kind, step, is_last=True)) and due_at <= as_of
        ),
        default=date.min,
    )
