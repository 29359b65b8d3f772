"""The single posts of a season that are still to come: left out, moved, sent at once, or with words of their own.

Each is one transaction with what the tick reads: what has fallen due is put first, so that a post is either amended or
posted. Its key stays as it is, so whenever it is posted, it is posted once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge

from sqlalchemy import Connection

from bot.chat.platform import Call, Refusal
from bot.chat.wording import Day, Moment, as_typed
from bot.delivery import due, schedule
from bot.delivery.calendar import REMINDER_AFTER, WEEKLY, Calendar, instant, monday
from bot.records import audit, cohorts, live, post_notes, posts
from bot.records.bends import Amendment, Weekly
from bot.records.cohorts import Cohort
from bot.records.post_notes import PostNote

WEEK = timedelta(weeks=1)
ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Planned:
    """A post of a season: the `step` is the one that the calendar counts, and it is `about` that week of the season.

    It comes `at` (aware UTC), unless it `is_skipped`: left out by hand, or as the prompt that it belongs to is.
    """

    kind: Weekly
    step: int
    about: int
    at: datetime
    is_skipped: bool
    is_moved: bool


def ahead(cohort: Cohort, weeks: int, now: datetime) -> Iterator[Planned]:
    """What a season of so many weeks brings after `now`, in order of time, with what is left out.

    Without an end while a phase is kept open.
    """
    every = (_of_kind(Calendar.of(cohort), kind, weeks, now) for kind in WEEKLY)
    yield from merge(*every, key=lambda each: (each.at, WEEKLY.index(each.kind)))


def _of_kind(calendar: Calendar, kind: Weekly, weeks: int, now: datetime) -> Iterator[Planned]:
    full = _full(calendar)
    step, at = full.coming(kind, 1, weeks)
    while at:
        if at > now:
            yield _planned(calendar, kind, step, at)
        step, at = full.coming(kind, step + 1, weeks)


def find(cohort: Cohort, kind: Weekly, step: int, weeks: int) -> Planned | None:
    """The step's post of that kind, to come or past; None if there is none, or none before somebody says so."""
    calendar = Calendar.of(cohort)
    counts_on = kind != "milestone" and calendar.counts_on(weeks)
    at = calendar.planned_at(kind, step, is_last=step == weeks and not counts_on)
    return _planned(calendar, kind, step, at) if at and (step <= weeks or counts_on) else None


def _full(calendar: Calendar) -> Calendar:
    """The calendar with all that is left out."""
    return replace(calendar, amendments=tuple(replace(each, is_skipped=False) for each in calendar.amendments))


def _planned(calendar: Calendar, kind: Weekly, step: int, at: datetime) -> Planned:
    amended = calendar.amended(kind, step)
    is_moved = amended is not None and amended.moved_to is not None
    return Planned(kind, step, calendar.about(step), at, calendar.is_skipped(kind, step), is_moved)


def limits(calendar: Calendar, kind: Weekly, step: int) -> tuple[datetime, datetime]:
    """From when, and before when, that post can come so that the season keeps its order; aware UTC.

    No local week gets a second milestone or prompt. A prompt comes after its milestone, and a reminder between its
    prompt and the next one.
    """
    zone = calendar.zone_of(step)
    match kind:
        case "milestone":
            week = monday(calendar.milestone_on(step))
            before, after = (monday(calendar.local("milestone", each)[0]) for each in (max(1, step - 1), step + 1))
            first = instant(before + WEEK, time(), zone) if step > 1 else ANY_TIME
            return first, min(instant(min(week + WEEK, after), time(), zone), calendar.prompt_at(step))
        case "checkin":
            week = monday(calendar.checkin_on(step))
            first = max(instant(week, time(), zone), calendar.milestone_at(step))
            return first, min(instant(week + WEEK, time(), zone), _reminded_by(calendar, step))
        case "reminder":
            return calendar.prompt_at(step), calendar.prompt_at(step + 1)


def _reminded_by(calendar: Calendar, step: int) -> datetime:
    """Before when the prompt must come for its reminder to come after it, and before the next prompt."""
    amended = calendar.amended("reminder", step)
    if amended and amended.moved_to:
        return calendar.reminder_at(step)
    day, at = calendar.local("checkin", step + 1)
    return instant(day - REMINDER_AFTER, at, calendar.zone_of(step + 1))


# ---- Leaving out, moving, sending -----------------------------------------------------------------------------------


def skip(connection: Connection, cohort_id: int, kind: Weekly, step: int, now: datetime, weeks: int) -> bool:
    """Leave the post out. False if it is left out already. Raises a Refusal if it is posted, or nothing is planned."""
    cohort, planned = _still_ahead(connection, cohort_id, kind, step, now, weeks)
    if planned.is_skipped:
        return False
    _amend(connection, cohort, replace(_amendment(cohort, kind, step), is_skipped=True), now, weeks)
    return True


def unskip(connection: Connection, cohort_id: int, kind: Weekly, step: int, now: datetime, weeks: int) -> bool:
    """Have the post sent after all. False if it is to be sent anyway.

    Raises a Refusal once its time is over, and for the reminder of a prompt that is left out.
    """
    cohort, planned = _still_ahead(connection, cohort_id, kind, step, now, weeks)
    if not planned.is_skipped:
        return False
    _check_is_asked(cohort, kind, step)
    _amend(connection, cohort, replace(_amendment(cohort, kind, step), is_skipped=False), now, weeks)
    return True


def move(
    connection: Connection, cohort_id: int, kind: Weekly, step: int, to: tuple[date, time], now: datetime, weeks: int
) -> bool:
    """Have the post come on that local day at that time. False if it does already.

    Raises a Refusal that names the limits for what would break the order of the season.
    """
    cohort, planned = _still_ahead(connection, cohort_id, kind, step, now, weeks)
    calendar = Calendar.of(cohort)
    zone = calendar.zone_of(step)
    at, (first, last) = instant(*to, zone), limits(calendar, kind, step)
    if at == planned.at:
        return False
    if not max(first, now) < at < last:
        raise Refusal(
            "That would break the order of the season: it can come after {first} and before {last}.", field="on",
            first=Moment(at=max(first, now), zone=zone.key), last=Moment(at=last, zone=zone.key),
        )  # fmt: skip
    _check_is_on(cohort, to[0], field="on")
    amendment = _amendment(cohort, kind, step)
    moved_to = None if calendar.unmoved(amendment).local(kind, step) == to else to
    _amend(connection, cohort, replace(amendment, moved_to=moved_to), now, weeks)
    return True


def send(connection: Connection, cohort_id: int, kind: Weekly, step: int, now: datetime, weeks: int) -> bool:
    """Put the post now; its own time then brings nothing.

    Raises a Refusal if it is posted already, if another comes first, if the local week has one of the kind, and for the
    reminder of a prompt that is left out.
    """
    cohort, _ = _still_ahead(connection, cohort_id, kind, step, now, weeks)
    _check_is_asked(cohort, kind, step)
    calendar = Calendar.of(cohort)
    _check_is_next(calendar, kind, step, now, posts.next_steps(connection, cohort_id)[kind])
    here = now.astimezone(calendar.zone_of(step))
    _check_is_on(cohort, here.date())
    sent = replace(_amendment(cohort, kind, step), moved_to=(here.date(), here.time()), is_skipped=False)
    cohort = _amend(connection, cohort, sent, now, weeks)
    posts.plan(connection, cohort_id, kind, step, now)
    due.put_now(connection, cohort, now, weeks)
    _follow(connection, cohort, schedule.put_until(connection, cohort, now), weeks)
    return True


def _check_is_next(calendar: Calendar, kind: Weekly, step: int, now: datetime, upcoming: int) -> None:
    if upcoming < step:
        raise Refusal("That of week {n} comes first.", n=calendar.about(upcoming))
    first, _ = limits(calendar, kind, step)
    if now >= first:
        return
    if kind == "milestone":
        raise Refusal(
            "This week has its milestone already. This one can be posted from {day} on.",
            day=Day(on=first.astimezone(calendar.zone_of(step)).date()),
        )
    raise Refusal(
        "What it belongs to comes first. This one can be posted from {first} on.",
        first=Moment(at=first, zone=calendar.zone_of(step).key),
    )


def _check_is_asked(cohort: Cohort, kind: Weekly, step: int) -> None:
    if kind == "reminder" and Calendar.of(cohort).is_skipped("checkin", step):
        raise Refusal("Its check-in prompt is left out, and nobody is reminded of it. Have that posted first.")


def _check_is_on(cohort: Cohort, day: date, field: str | None = None) -> None:
    if Calendar.of(cohort).is_off(day):
        raise Refusal("{cohort} is off on {day}.", field=field, cohort=cohort.name, day=Day(on=day))


def _still_ahead(
    connection: Connection, cohort_id: int, kind: Weekly, step: int, now: datetime, weeks: int
) -> tuple[Cohort, Planned]:
    """The cohort and the post, once all that has fallen due is put. Raises a Refusal for a post that is none of it."""
    cohort = cohorts.get(connection, cohort_id)
    if cohort.paused_at:
        line = as_typed("cohort resume")
        raise Refusal("{cohort} is paused. Let it go on first, with {line}.", cohort=cohort.name, line=line)
    due.put_now(connection, cohort, now, weeks)
    planned = find(cohort, kind, step, weeks)
    if planned is None:
        raise Refusal("There is no such post to come. {line} shows what there is.", line=as_typed("schedule"))
    if planned.at > schedule.put_until(connection, cohort, now):
        return cohort, planned
    when = Moment(at=planned.at, zone=cohort.zone.key)
    if planned.is_skipped:
        raise Refusal("Its time is over: it was left out {at}.", at=when)
    raise Refusal("It is posted already, {at}. Nothing is changed.", at=when)


def _amendment(cohort: Cohort, kind: Weekly, step: int) -> Amendment:
    return Calendar.of(cohort).amended(kind, step) or Amendment(kind, step)


def _amend(connection: Connection, cohort: Cohort, amendment: Amendment, now: datetime, weeks: int) -> Cohort:
    """Keep the amendment in place of an older one of the post, and have the schedule follow."""
    others = [each for each in cohort.amendments if (each.kind, each.step) != (amendment.kind, amendment.step)]
    kept = [] if amendment.is_nothing else [amendment]
    amended = schedule.bend(connection, replace(cohort, amendments=(*others, *kept)), now)
    _follow(connection, amended, schedule.put_until(connection, cohort, now), weeks)
    return amended


def _follow(connection: Connection, cohort: Cohort, as_of: datetime, weeks: int) -> None:
    """Have the schedule go on with what is ahead of that instant, until which all is put."""
    for kind in posts.SCHEDULED:
        found = Calendar.of(cohort).fallen_due(kind, 1, weeks, as_of)
        posts.plan(connection, cohort.id, kind, found.next_step, found.next_due_at)


# ---- Words ----------------------------------------------------------------------------------------------------------


def reword(
    connection: Connection, call: Call, cohort: Cohort, kind: Weekly, step: int, said: PostNote, now: datetime
) -> bool:
    """Have the post say this, wherever it is by now or will be. False if it does already."""
    was = post_notes.get(connection, cohort.id, kind, step)
    if not post_notes.put(connection, cohort.id, kind, step, said):
        return False
    before, after = ({"title": each.title or "", "note": each.note or ""} for each in (was, said))
    audit.note(connection, call, now, cohort.id, before=before, after=after)
    if kind == "milestone":
        live.say_anew(connection, posts.beginning(connection, cohort.id, f"{cohort.key}:milestone:step-{step}:"), now)
    return True
