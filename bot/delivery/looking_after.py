"""Who looks after a cohort, and who leads it when: kept, with word to whom it concerns, in one transaction."""

from datetime import datetime

from sqlalchemy import Connection

from bot.chat.message import Message, Text
from bot.chat.platform import Person
from bot.chat.wording import Day, Phrase, as_typed, say
from bot.delivery.calendar import period
from bot.delivery.notices import Told, tell
from bot.delivery.weeks import WEEK, monday_of
from bot.records import facilitators
from bot.records.cohorts import Cohort
from bot.records.columns import micros
from bot.records.facilitators import Facilitator


def appoint(connection: Connection, cohort: Cohort, person: Person, by: Person, now: datetime) -> Told | None:
    """Have the person look after the cohort, and tell them. None if they do already."""
    if not facilitators.appoint(connection, cohort.id, person, now):
        return None
    words = Message(
        title=say("You look after {cohort} now", cohort=cohort.name),
        parts=(
            Text(text=say("{person} added you. What concerns it is told to you here in the weeks that you lead it, and "
                          "whenever nobody in particular does and you have looked after it for longest.",
                          person=by.seen_by(person))),
            Text(text=say("{status} shows where it stands, and {list} who leads it when. Both work in its channels.",
                          status=as_typed("cohort status"), list=as_typed("facilitator list"))),
        ),
    )  # fmt: skip
    return _tell(connection, cohort, "appointed", person, by, now, words)


def dismiss(connection: Connection, cohort: Cohort, person: Person, by: Person, now: datetime) -> Told | None:
    """Have the person look after the cohort no longer, and tell them. None if they do not anyway.

    Raises a Refusal where nobody would look after it any more.
    """
    if not facilitators.dismiss(connection, cohort, person):
        return None
    words = Message(
        title=say("You look after {cohort} no longer", cohort=cohort.name),
        parts=(
            Text(text=say("{person} removed you. What concerns it is told to others from now on. If you are a member, "
                          "you still are.", person=by.seen_by(person))),
        ),
    )  # fmt: skip
    return _tell(connection, cohort, "dismissed", person, by, now, words)


def lead(
    connection: Connection, cohort: Cohort, week: str, person: Person | None, by: Person, now: datetime
) -> Told | None:
    """Have the person lead the cohort in the local week, and tell them; with None, nobody in particular.

    None if that is so already. Raises a Refusal for one who does not look after it.
    """
    who = None if person is None else facilitators.find(connection, cohort, person)
    account_id = None if who is None else who.account_id
    if facilitators.led_by(connection, cohort.id).get(week) == account_id:
        return None
    facilitators.lead(connection, cohort.id, week, account_id)
    if who is None:
        return "nobody"
    words = Message(
        title=say("You lead {cohort} in {week}", cohort=cohort.name, week=week_in_words(week)),
        parts=(
            Text(text=say("What concerns it in that week is told to you: who is stuck, and which posts do not get "
                          "through.")),
            Text(text=say("{person} wrote that down. If it does not suit you, {line} names somebody else.",
                          person=by.seen_by(who.person), line=as_typed("facilitator lead"))),
        ),
    )  # fmt: skip
    return _tell(connection, cohort, f"leads-{week}", who.person, by, now, words)


def leader(connection: Connection, cohort: Cohort, week: str) -> Facilitator | None:
    """Who was named to lead the cohort in the local week."""
    account_id = facilitators.led_by(connection, cohort.id).get(week)
    return next((each for each in facilitators.of_cohort(connection, cohort.id) if each.account_id == account_id), None)


def weeks_from(week: str, count: int) -> list[str]:
    """So many local weeks, beginning with that one."""
    return [period(monday_of(week) + n * WEEK) for n in range(count)]


def week_in_words(week: str) -> Phrase:
    """A local week as people know it: by the day on which it begins."""
    return say("the week from {day} ({week})", day=Day(on=monday_of(week)), week=week)


def _tell(
    connection: Connection, cohort: Cohort, what: str, person: Person, by: Person, now: datetime, words: Message
) -> Told:
    """Tell them, unless they did it themselves."""
    if (person.platform, person.id) == (by.platform, by.id):
        return "known"
    # The hour is in the key, since the same may be done, undone and done again; whose it is, is not.
    return tell(connection, cohort, person, f"{person.once(what)}-{micros(now)}", now, words, by=by)
