"""Invitations: a public post that says what a cohort is and how many seats it has, with a button to join.

It may stand in any channel of the cohort's community: the people it is for are not where the cohort is at home. It goes
by way of one of the cohort's places, keeps up with whoever comes and goes, and closes when there is nothing to join.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from pydantic import BaseModel
from sqlalchemy import Connection

from bot.chat import line
from bot.chat.message import Button, Fact, Facts, Message, Post, Text
from bot.chat.platform import Call, Place, Refusal
from bot.chat.wording import Markdown, Moment, Phrase, say, say_n
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum
from bot.delivery import showing, versions
from bot.delivery.calendar import Calendar, weekly
from bot.records import cohorts, invitations, room
from bot.records.claims import Due
from bot.records.cohorts import Cohort
from bot.records.columns import micros
from bot.records.invitations import Invitation
from bot.records.room import Room

SHELF = "invitations"  # where what was shown is kept, one for each cohort
WEEK = timedelta(weeks=1)


class _Shown(BaseModel):
    """An invitation that was shown and may be posted."""

    seal: str
    text: str | None
    place: Place


def propose(connection: Connection, cohort: Cohort, place: Place, text: str | None, now: datetime) -> str:
    """Keep what is shown, in the place of what was shown before. Returns the token with which it is posted, for a day.

    Raises a Refusal where the cohort has no channel in the place's community.
    """
    invitations.way_to(connection, cohort, place)
    there = place.model_copy(update={"thread": None, "person": None})
    seal = sha256(f"{micros(now)}:{there.channel}:{text}".encode()).hexdigest()[:12]
    showing.keep(connection, SHELF, cohort.key, _Shown(seal=seal, text=text, place=there), now)
    return f"{cohort.key}-{seal}"


def last_text(connection: Connection, cohort: Cohort, now: datetime) -> str | None:
    """What was written into the invitation to the cohort that was shown last, in the last day."""
    shown = showing.kept(connection, SHELF, cohort.key, _Shown, now)
    return shown.text if shown else None


def send(connection: Connection, call: Call, cohort: Cohort, seal: str, now: datetime) -> tuple[Invitation, bool]:
    """Put the invitation that was shown, once; and whether it is put only now.

    Raises a Refusal if it was shown more than a day ago, or another one was shown since.
    """
    shown = showing.kept(connection, SHELF, cohort.key, _Shown, now)
    if shown is None or shown.seal != seal:
        raise Refusal("That is not the invitation that was shown last. Look at it again, and post it then.")
    return invitations.put(connection, call, cohort, seal, shown.place, shown.text, now)


# ---- What it says ---------------------------------------------------------------------------------------------------


def composed(
    connection: Connection, due: Due, cohort: Cohort, curriculum: Curriculum, weeks: int, now: datetime
) -> Post:
    """The invitation as it is now, to a season of so many weeks."""
    space = room.of(connection, cohort.id)
    message = invitation(cohort, curriculum, weeks, space, due.payload["text"], now)
    return Post(key=due.key, message=message, locale=cohort.language)


def changes_at(connection: Connection, due: Due, curricula: Curricula, now: datetime) -> datetime | None:
    """When what the post says changes though nobody does anything: the week that is on, and the end of the season."""
    if due.kind != "invitation":
        return None
    cohort = cohorts.get(connection, due.cohort_id)
    weeks, calendar = versions.season_length(curricula, cohort), Calendar.of(cohort)
    if weeks is None or cohort.archived_at:
        return None
    step = calendar.step_at(now)
    if step < weeks:
        return calendar.planned_at("milestone", step + 1)
    ends_at = _ends_at(cohort, weeks)
    return ends_at if ends_at and ends_at > now else None


def invitation(
    cohort: Cohort, curriculum: Curriculum, weeks: int, space: Room, text: str | None, now: datetime
) -> Message:
    """What people read who are to join: what it is, when, how much of it, and how many seats there are."""
    ends_at = _ends_at(cohort, weeks)
    words = [Text(text=Markdown(source=text))] if text else []
    if cohort.archived_at or (ends_at and ends_at <= now):
        return Message(
            title=say("{cohort} is over", cohort=cohort.name),
            parts=(*words, Text(text=say("Its season has come to an end. Thank you to everybody who took part!"))),
        )
    title, button = say("Join {cohort}", cohort=cohort.name), {"cohort": cohort.key}
    press = Button(label=say("Join"), line=line.write("join", button), style="primary")
    if space.is_full:
        title = say("{cohort} is full", cohort=cohort.name)
        waits = line.write("join", {**button, "wait": "yes"})
        press = Button(label=say("Put me on the waiting list"), line=waits)
    facts = [
        Fact(label=say("Curriculum"), value=curriculum.title),
        _begins(cohort, weeks, now),
        Fact(label=say("How much"), value=_extent(weeks, curriculum)),
        Fact(label=say("Milestones"), value=weekly(cohort.weekday, cohort.at, cohort.zone)),
        Fact(label=say("Check-ins"), value=weekly(cohort.checkin_weekday, cohort.checkin_at, cohort.zone)),
        *_seats(space),
    ]
    return Message(title=title, parts=(*words, Facts(facts=tuple(facts))), buttons=(press,))


def _ends_at(cohort: Cohort, weeks: int) -> datetime | None:
    """When the season's last week is over; None while nobody can say."""
    last_at = Calendar.of(cohort).planned_at("milestone", weeks)
    return last_at + WEEK if last_at else None


def _begins(cohort: Cohort, weeks: int, now: datetime) -> Fact:
    calendar = Calendar.of(cohort)
    step, first_at = calendar.step_at(now), calendar.planned_at("milestone", 1)
    if step:
        return Fact(label=say("Week"), value=say("{done} of {n}", done=min(step, weeks), n=weeks))
    begins = Moment(at=first_at, zone=cohort.zone.key) if first_at else say("on a day to be told")
    return Fact(label=say("Begins"), value=begins)


def _extent(weeks: int, curriculum: Curriculum) -> Phrase:
    return say_n(
        "{n} week, about {hours} h a week.", "{n} weeks, about {hours} h a week.",
        weeks, hours=curriculum.pace.hours_per_week,
    )  # fmt: skip


def _seats(space: Room) -> list[Fact]:
    if space.seats is None:
        return [Fact(label=say("Members"), value=space.members)]
    members = say("{done} of {n}", done=space.members, n=space.capacity)
    waits = [Fact(label=say("Waiting list"), value=space.waiting)] if space.waiting else []
    return [Fact(label=say("Members"), value=members), Fact(label=say("Seats left"), value=space.seats), *waits]
