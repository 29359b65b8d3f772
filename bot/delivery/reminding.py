"""Reminders: who is reminded where, with which words. All of it is decided anew when one is sent.

Whoever asked for it is reminded privately, each at an hour of their own; everybody else in one post in the cohort's
thread. A private reminder is put when the week's reminder falls due, and is from then on the member's one reminder of
that week: should it not get through, the thread has it instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.chat import line
from bot.chat.message import Button, Message, Post, Text
from bot.chat.platform import Closed, Failure, Person
from bot.chat.wording import Phrase, Value, listed, say, say_n
from bot.curriculum.model import Curriculum
from bot.delivery import questions
from bot.delivery.calendar import Calendar, instant
from bot.delivery.hours import may_come_at, may_come_tomorrow, same_time_tomorrow
from bot.delivery.schedule import SeasonLength
from bot.delivery.weeks import SILENCE, certain, monday_of, of_cohort, silence
from bot.records import checkins, claims, cohorts, posts, preferences, reminders
from bot.records.claims import Due
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.members import Enrolment, way_to
from bot.records.posts import Kind
from bot.records.reminders import Reader

MOST_NAMED = 80  # names in one reminder; a Discord message holds about that many
TAKES_TURNS = timedelta(minutes=1)  # two messages to one member are not sent at once


class NotYet(Exception):  # noqa: N818 - what is the matter, in the design's words
    """The post is to wait until then (aware UTC)."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until}")
        self.until = until


class InThread(Exception):  # noqa: N818 - what is the matter, in the design's words
    """Its member is reminded in the thread by now."""


# ---- When a week's reminder falls due -------------------------------------------------------------------------------


def put(
    connection: Connection, fallen_due: Sequence[tuple[int, str, datetime]], now: datetime, season_length: SeasonLength
) -> None:
    """Put the private reminders of weeks whose reminder has fallen due: (cohort, local week, due at).

    Whoever has been silent for too long is missed instead, and told so once.
    """
    if not fallen_due:
        return
    concerned = reminders.concerned(connection, {each[0] for each in fallen_due}, now)
    known = cohorts.get_all(connection, concerned)
    for cohort_id, week, due_at in fallen_due:
        if cohort_id in known:
            _put(connection, known[cohort_id], week, due_at, now, season_length(known[cohort_id]) or 0)


def asked_at(cohort: Cohort, week: str) -> datetime:
    """When the cohort's members were asked about the local week, by its calendar as it is now.

    A week that this asks about no more, since the cohort has moved on from an open phase, was asked about on its day.
    """
    calendar = Calendar.of(cohort)
    if step := calendar.asking(week):
        return calendar.prompt_at(step)
    return instant(monday_of(week) + timedelta(days=cohort.checkin_weekday), cohort.checkin_at, cohort.zone)


def _waiting(connection: Connection, cohort: Cohort, week: str, now: datetime, only: int | None = None) -> list[Reader]:
    """Those who are still asked about the week, and were there when it was asked about; see `reminders.waiting`."""
    return reminders.waiting(connection, cohort, week, asked_at(cohort, week), now, only=only)


def _put(connection: Connection, cohort: Cohort, week: str, due_at: datetime, now: datetime, length: int) -> None:
    readers = [each for each in _waiting(connection, cohort, week, now) if each.missed_at is None]
    weeks, asked = of_cohort(connection, cohort, length, due_at), posts.asked(connection, cohort.id)
    ids = (each.enrolment_id for each in readers)
    gone = {each for each in ids if silence(certain(weeks[each], asked)) >= SILENCE}
    reminders.miss(connection, gone, now)
    for each in readers:
        if each.chosen.reachable:
            put_for(connection, cohort, "missed" if each.enrolment_id in gone else "nudge", week, each, due_at)


def put_for(
    connection: Connection, cohort: Cohort, kind: Kind, week: str, reader: Reader, due_at: datetime,
    person: Person | None = None,
) -> bool:  # fmt: skip
    """Put a reminder of that week for one member: to that account of theirs, else to the oldest that can be reached.

    False if it was put before, or if there is no way to them.
    """
    places = cohorts.places(connection, cohort.id)
    ways = [(each, way) for each in ([person] if person else reader.accounts) if (way := way_to(each, places))]
    if not ways:
        return False
    account, way = ways[0]
    payload = {"week": week, "enrolment": reader.enrolment_id, "person": account.model_dump(mode="json")}
    chosen = replace(reader.chosen, remind_at=None) if kind == "snooze" else reader.chosen
    ready_at = may_come_at(due_at, due_at, chosen, reader.zone)
    return posts.put(
        connection, f"{cohort.key}:{kind}:{week}:e{reader.enrolment_id}", kind, cohort.id, way.id, due_at, payload,
        ready_at=ready_at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Snoozed:
    """What became of a wish to be reminded once more: when it comes, in the member's zone, and whether privately.

    `at` is None for whoever has switched reminders off. `is_new` is false for a second wish in one week.
    """

    at: datetime | None
    zone: ZoneInfo
    privately: bool
    is_new: bool


def snooze(connection: Connection, enrolment: Enrolment, week: str, person: Person, now: datetime) -> Snoozed | None:
    """Have the member reminded of that week once more, at this time tomorrow or when their quiet hours end.

    Once a week: a second wish changes nothing. None if nothing is asked of them for the week.
    """
    cohort = enrolment.cohort
    if not reminders.wanted(connection, enrolment.member_id):
        return Snoozed(None, cohort.zone, privately=False, is_new=False)
    reader = next(iter(_waiting(connection, cohort, week, now, only=enrolment.id)), None)
    if reader is None:
        return None
    due_at = same_time_tomorrow(now, reader.zone)
    is_new = put_for(connection, cohort, "snooze", week, reader, due_at, person)
    due_at = posts.due_at(connection, f"{cohort.key}:snooze:{week}:e{enrolment.id}") or due_at
    comes_at = may_come_at(due_at, due_at, replace(reader.chosen, remind_at=None), reader.zone)
    return Snoozed(comes_at or due_at, reader.zone, reader.chosen.reachable, is_new)


# ---- When one is sent -----------------------------------------------------------------------------------------------


def in_thread(connection: Connection, due: Due, cohort: Cohort, now: datetime) -> Post | None:
    """One kind word to those who are reminded at that place; None if there are none.

    It counts the whole cohort, wherever its members are. Nobody is named in two places.
    """
    if _is_off(cohort, due):
        return None
    week = posts.what_of(due.key)  # the one that it was put for, whatever became of the calendar since
    only = due.payload.get("only")
    waiting = [each for each in _waiting(connection, cohort, week, now, only=only) if not each.missed_at]
    if only is None:
        alone = reminders.privately(connection, cohort.id, week)
        waiting = [each for each in waiting if not each.chosen.reachable and each.enrolment_id not in alone]
        used = reminders.reminded_at(connection, cohort.id, week) | {due.place_id}
    else:
        used = frozenset({due.place_id})
    places = [each for each in cohorts.places(connection, cohort.id) if each.id in used]
    here = [person for each in waiting if (person := _at(each, due.place_id, places))]
    if not here:
        return None
    named = here[:MOST_NAMED]
    people: list[Value] = [each.mention() for each in named]
    if len(here) > len(named):
        people.append(say_n("{n} more", "{n} more", len(here) - len(named)))
    return Post(
        key=due.key,
        message=Message(
            parts=(
                Text(text=_counted(connection, cohort, week)),
                Text(text=say("{people}, how did your week go? A line is enough, and so is “nothing yet”.",
                              people=listed(people))),
            ),
            buttons=_buttons({"week": week}),
        ),
        locale=cohort.language,
        notify=tuple(named),
    )  # fmt: skip


def _is_off(cohort: Cohort, due: Due) -> bool:
    """Whether the cohort has paused since the reminder was put, or has the day off on which it was due."""
    return cohort.paused_at is not None or Calendar.of(cohort).is_off(due.due_at.astimezone(cohort.zone).date())


def _at(reader: Reader, place_id: int, places: Sequence[CohortPlace]) -> Person | None:
    """The account by which the member is named at that place; None if they are named at another of the places."""
    for each in reader.accounts:
        if home := way_to(each, places):
            return each if home.id == place_id else None
    return None


def privately(connection: Connection, due: Due, cohort: Cohort, curriculum: Curriculum, now: datetime) -> Post | None:
    """The reminder to one member, if it still holds; None if not.

    Raises NotYet where it is not the member's hour, and InThread for whoever does not want it privately any more, or
    does not get it so.
    """
    if due.kind != "snooze" and _is_off(cohort, due):
        return None
    week, enrolment_id = due.payload["week"], due.payload["enrolment"]
    if due.kind == "missed":
        reader = reminders.missed(connection, cohort, enrolment_id, now)
    else:
        waiting = _waiting(connection, cohort, week, now, only=enrolment_id)
        reader = next((each for each in waiting if each.missed_at is None), None)
    if reader is None or (due.kind == "missed" and not reader.chosen.reachable):
        return None
    until = _hour(connection, due, reader, now)
    if until is None:
        return None
    if until > now:
        raise NotYet(until)
    if not reader.chosen.reachable:
        raise InThread
    said = _missed(cohort) if due.kind == "missed" else _nudge(connection, cohort, curriculum, week)
    return Post(key=due.key, message=said, locale=reader.chosen.language or cohort.language)


def _hour(connection: Connection, due: Due, reader: Reader, now: datetime) -> datetime | None:
    """When the member may be written to; None if that would be too late."""
    if due.kind == "snooze":  # at the time for which they asked
        return may_come_at(due.due_at, now, replace(reader.chosen, remind_at=None), reader.zone)
    midnight = now.astimezone(reader.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    others = reminders.others(connection, due.id, reader, midnight)
    if any(each.posted_at for each in others):
        return may_come_tomorrow(due.due_at, now, reader.chosen, reader.zone)
    if others:  # which may be there or not; the older one has the first turn
        return now + TAKES_TURNS * (1 if due.id < min(each.id for each in others) else 2)
    return may_come_at(due.due_at, now, reader.chosen, reader.zone)


# ---- When a private one does not get through ------------------------------------------------------------------------


def instead(connection: Connection, due: Due, now: datetime, reason: Failure | str) -> bool:
    """Record, under the fence, that the private reminder is not sent, and have the thread remind its member at once.

    False if somebody else has the post by now.
    """
    enrolment_id = due.payload["enrolment"]
    if not give_up(connection, due, enrolment_id, now, reason):
        return False
    if due.kind != "missed" and (home := home_of(connection, due)):
        cohort, what = cohorts.get(connection, due.cohort_id), f"{due.kind}-e{enrolment_id}"
        key = f"{posts.key_of(cohort.key, 'reminder', due.payload['week'], home.id)}:{what}"
        posts.put(connection, key, "reminder", due.cohort_id, home.id, now, {"only": enrolment_id})
    return True


def give_up(connection: Connection, due: Due, enrolment_id: int, now: datetime, reason: Failure | str) -> bool:
    """Record, under the fence, that the post is not sent to that member.

    Whoever takes no private messages is sent none from now on. False if somebody else has the post by now.
    """
    if not claims.settle(connection, due, "skipped", now, reason=str(reason)):
        return False
    if isinstance(reason, Closed):
        preferences.close(connection, enrolment_id, now, str(reason))
    return True


def home_of(connection: Connection, due: Due) -> CohortPlace | None:
    """Where the member reads what their cohort is told: the place by way of which the private post was to go to them.

    Where that is lost, another one by which they are reached; None if there is none.
    """
    places = [each for each in cohorts.places(connection, due.cohort_id) if each.lost_because is None]
    near = next((each for each in places if each.id == due.place_id), None)
    return near or way_to(Person.model_validate(due.payload["person"]), places)


# ---- Words ----------------------------------------------------------------------------------------------------------


def _counted(connection: Connection, cohort: Cohort, week: str) -> Phrase:
    answered = len(checkins.answered(connection, cohort.id, week))
    return say_n(
        "{answered} of {n} member has checked in.", "{answered} of {n} members have checked in.",
        max(answered, reminders.asked(connection, cohort.id, asked_at(cohort, week))), answered=answered,
    )  # fmt: skip


def _nudge(connection: Connection, cohort: Cohort, curriculum: Curriculum, week: str) -> Message:
    return Message(
        title=say("{cohort}: how did your week go?", cohort=cohort.name),
        parts=(
            Text(text=_counted(connection, cohort, week)),
            Text(text=questions.asked(curriculum, cohort, week)),
            Text(text=say("A line is enough, and so is “nothing yet”.")),
        ),
        buttons=_buttons({"week": week, "cohort": cohort.code}),
    )


def _buttons(given: dict[str, str]) -> tuple[Button, ...]:
    return (
        Button(label=say("Check in"), line=line.write("checkin", given, asks=True), style="primary"),
        Button(label=say("Not this week"), line=line.write("pass", given)),
        Button(label=say("Remind me tomorrow"), line=line.write("snooze", given)),
    )


def _missed(cohort: Cohort) -> Message:
    return Message(
        title=say("We miss you in {cohort}.", cohort=cohort.name),
        parts=(
            Text(text=say("However far you got, it counts, and your place is kept. There is nothing to catch up on.")),
            Text(text=say("This is the only message of its kind: we leave you in peace until you are back.")),
        ),
        buttons=ways_on(cohort),
    )


def ways_on(cohort: Cohort) -> tuple[Button, ...]:
    """What is offered to a member who went quiet."""
    there = {"cohort": cohort.key}
    return (
        Button(label=say("Start again here"), line=line.write("next", there), style="primary"),
        Button(label=say("Take a break"), line=line.write("pass", there)),
        Button(label=say("Leave"), line=line.write("leave", there)),
    )
