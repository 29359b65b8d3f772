"""Word to whoever gets a seat in a cohort after waiting for one, decided when it is sent.

It is private. Whom private messages do not reach would never know of their seat, so the cohort welcomes them by name: a
mention that says neither that they waited nor why it is said there, as for anybody who comes in.
"""

from datetime import datetime

from sqlalchemy import Connection

from bot.chat import line
from bot.chat.message import Button, Message, Post, Text
from bot.chat.platform import Call, Failure, Person
from bot.chat.wording import Moment, Phrase, say
from bot.delivery.calendar import Calendar
from bot.delivery.hours import awake_at
from bot.delivery.reminding import NotYet, give_up, home_of
from bot.records import audit, reminders, room
from bot.records.claims import Due
from bot.records.cohorts import Cohort
from bot.records.posts import what_of


def whereabouts(cohort: Cohort, weeks: int, now: datetime) -> Phrase:
    """Where the cohort's season of so many weeks is, and what comes next, for somebody new."""
    calendar = Calendar.of(cohort)
    step = calendar.step_at(now)
    next_at = calendar.coming("milestone", step + 1, weeks)[1] if step else calendar.planned_at("milestone", 1)
    nxt = Moment(at=next_at, zone=cohort.zone.key) if next_at else say("on a day to be told")
    if step == 0:
        return say("The season starts {at}: the first milestone is posted then.", at=nxt)
    if step < weeks:
        return say("This is week {n} of {weeks}. The next milestone is posted {at}.", n=step, weeks=weeks, at=nxt)
    return say("All {weeks} weeks have been posted; you can still go through them at your own pace.", weeks=weeks)


def admit(connection: Connection, call: Call, cohort: Cohort, ref: str, now: datetime) -> Person | None:
    """As `room.admit`, leaving an entry in the audit."""
    person = room.admit(connection, cohort.id, ref, now)
    if person is not None:
        audit.note(connection, call, now, cohort.id, after={"member": audit.named(person)})
    return person


def privately(connection: Connection, due: Due, cohort: Cohort, weeks: int, now: datetime) -> Post | None:
    """Word to the member that they are in; None for who has left again.

    Raises NotYet in their quiet hours: the seat is theirs meanwhile.
    """
    reader = reminders.reader(connection, cohort, due.payload["only"])
    if reader is None:
        return None
    until = awake_at(now, reader.chosen, reader.zone)
    if until > now:
        raise NotYet(until)
    there = {"cohort": cohort.key}
    message = Message(
        title=say("You have a seat: you are in {cohort}.", cohort=cohort.name),
        parts=(Text(text=whereabouts(cohort, weeks, now)),),
        buttons=(
            Button(label=say("What next?"), line=line.write("next", there), style="primary"),
            Button(label=say("Give the seat to somebody else"), line=line.write("leave", there)),
        ),
    )
    return Post(key=due.key, message=message, locale=reader.chosen.language or cohort.language)


def welcome(connection: Connection, due: Due, cohort: Cohort, weeks: int, now: datetime) -> Post | None:
    """The cohort's welcome to the member; None for who has left again, or has no account on the place's platform."""
    reader = reminders.reader(connection, cohort, due.payload["only"])
    here = [each for each in (reader.accounts if reader else ()) if each.platform == due.place.platform]
    if not here:
        return None
    message = Message(
        title=say("Welcome to {cohort}, {person}!", cohort=cohort.name, person=here[0].mention()),
        parts=(Text(text=whereabouts(cohort, weeks, now)),),
        buttons=(Button(label=say("This week"), line="week"), Button(label=say("What next?"), line="next")),
    )
    return Post(key=due.key, message=message, locale=cohort.language, notify=(here[0],))


def instead(connection: Connection, due: Due, now: datetime, reason: Failure | str) -> bool:
    """Record, under the fence, that the member could not be told privately, and have the cohort welcome them.

    False if somebody else has the post by now.
    """
    enrolment_id = due.payload["only"]
    if not give_up(connection, due, enrolment_id, now, reason):
        return False
    if home := home_of(connection, due):
        room.welcome(connection, due.cohort_id, enrolment_id, what_of(due.key), home.id, now)
    return True
