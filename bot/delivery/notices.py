"""Word to a facilitator of a cohort, privately: what of its posts does not get through, and the way out."""

import logging
from datetime import datetime
from hashlib import sha256
from typing import Literal

from sqlalchemy import Connection

from bot.chat import line
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Person
from bot.chat.wording import Moment, Phrase, Wording, as_typed, plain, say
from bot.delivery.calendar import Calendar
from bot.records import claims, cohorts, facilitators, members, posts
from bot.records.checkins import CheckIn
from bot.records.claims import Due
from bot.records.cohorts import Cohort
from bot.records.facilitators import Facilitator
from bot.records.members import Enrolment
from bot.records.posts import Kind
from bot.records.references import refer

log = logging.getLogger(__name__)

KINDS: dict[Kind, Phrase] = {
    "milestone": say("Milestone"),
    "checkin": say("Check-in prompt"),
    "reminder": say("Reminder"),
    "digest": say("Digest"),
    "announcement": say("Announcement"),
    "share": say("Shared post"),
    "answer": say("Shared check-in"),
    "stuck": say("Call for help"),
    "welcome": say("Welcome"),
    "invitation": say("Invitation"),
}

Told = Literal["told", "known", "nobody"]
"""What became of a notice: its reader is told now, or was before, or there is none."""


def lose(connection: Connection, due: Due, now: datetime, reason: str) -> bool:
    """Record, under the fence, that the post's place is lost, and tell who looks after the cohort, once for every loss.

    False if somebody else has taken the post over since.
    """
    cohort = cohorts.get(connection, due.cohort_id)
    was_lost = any(each.lost_because for each in cohorts.places(connection, cohort.id) if each.id == due.place_id)
    if not claims.settle_lost(connection, due, now, reason):
        return False
    if not was_lost:
        person = reader(connection, cohort, now)
        tell(
            connection, cohort, person, f"lost-{due.id}-{due.fence}", now,
            _words(
                say("{cohort} gets no more posts in {place}", cohort=cohort.name, place=_named(due, person)),
                reason,
                say("Once that is mended, {line} has a button to try again: what is not too late is posted then.",
                    line=as_typed("cohort status")),
                say("If the place is gone for good, send {line} in another one: what comes next is posted there.",
                    line=as_typed("cohort place add")),
            ),
            near=due.place_id,
        )  # fmt: skip
    return True


def without_thread(connection: Connection, due: Due, now: datetime, reason: str) -> None:
    """Tell who looks after the cohort that posts go out there without their threads; once for a place."""
    cohort = cohorts.get(connection, due.cohort_id)
    person = reader(connection, cohort, now)
    tell(
        connection, cohort, person, f"thread:{due.place_id}-{due.place.channel}", now,
        _words(
            say("{cohort} gets its posts in {place}, without threads", cohort=cohort.name, place=_named(due, person)),
            reason,
            say("The posts stay; once that is mended, the next milestone opens its thread."),
        ),
        near=due.place_id,
    )  # fmt: skip


def ask(connection: Connection, due: Due, now: datetime, reason: str) -> bool:
    """Record, under the fence, that nobody knows whether the post is there, and ask who looks after the cohort.

    False if somebody else has taken the post over since.
    """
    if not claims.settle(connection, due, "unknown", now, reason=reason):
        return False
    cohort = cohorts.get(connection, due.cohort_id)
    person = reader(connection, cohort, now)
    said = _words(
        say("Is it there? {post} of {cohort}", post=KINDS[due.kind], cohort=cohort.name),
        say("It was due {at} in {place}, and nobody knows whether it got there: {reason}",
            at=Moment(at=due.due_at, zone=cohort.zone.key), place=_named(due, person), reason=reason),
        say("Please look there. Until you decide, nothing is posted twice; {line} shows this, too.",
            line=as_typed("cohort status")),
        buttons=decisions(due.id, due.key),
    )  # fmt: skip
    # Once for each time that it became unknown: who had it posted again may have to be asked again.
    tell(connection, cohort, person, f"unknown-{due.id}-{due.fence}", now, said, near=due.place_id)
    return True


def not_posted(
    connection: Connection, due: Due, now: datetime, state: Literal["failed", "skipped"], reason: str
) -> bool:
    """Record, under the fence, that the post is not sent, and tell a facilitator; `failed` offers to try again.

    False if somebody else has taken the post over since.
    """
    if not claims.settle(connection, due, state, now, reason=reason):
        return False
    cohort = cohorts.get(connection, due.cohort_id)
    person = reader(connection, cohort, now)
    said = _words(
        say("Not posted: {post} of {cohort}", post=KINDS[due.kind], cohort=cohort.name),
        say("It was due {at} in {place}: {reason}",
            at=Moment(at=due.due_at, zone=cohort.zone.key), place=_named(due, person), reason=reason),
        buttons=decisions(due.id, due.key)[1:] if state == "failed" else (),
    )  # fmt: skip
    tell(connection, cohort, person, f"failed-{due.id}-{due.fence}", now, said, near=due.place_id)
    return True


def decisions(post_id: int, key: str) -> tuple[Button, Button]:
    """The buttons by which a facilitator says that a post is there, or has it posted again."""
    given = {"post": refer(post_id, key)}
    return (
        Button(label=say("It is there"), line=line.write("post settle", given)),
        Button(label=say("Post it again"), line=line.write("post again", given)),
    )


def suggest(connection: Connection, cohort: Cohort, link: str, now: datetime, message: Message, by: Person) -> Told:
    """Hand a suggestion to a facilitator, once for each web address, with or without a slash at its end."""
    host, slash, path = link.partition("://")[2].partition("/")
    address = f"{host.lower()}{slash}{path}".rstrip("/")
    what = f"suggestion:{sha256(address.encode()).hexdigest()[:32]}"
    return tell(connection, cohort, reader(connection, cohort, now), what, now, message, by=by)


def blocked(connection: Connection, enrolment: Enrolment, kept: CheckIn, now: datetime) -> Told:
    """Tell a facilitator what is in a member's way, once for each check-in and each way to say it."""
    cohort, asked = enrolment.cohort, reader(connection, enrolment.cohort, now)
    person = members.person(connection, enrolment.id, asked.platform if asked else "")
    if person is None:
        return "nobody"
    name = person.seen_by(asked) if asked else person.name
    given = {"cohort": cohort.code, "week": kept.period}
    message = Message(
        title=say("{person} is blocked in {cohort}", person=name, cohort=cohort.name),
        parts=(
            Text(text=kept.blocked or ""),
            *([Text(text=say("What they did: {did}", did=kept.did))] if kept.did else []),
            Text(text=say("{person} knows that you were asked. A line from you, or from somebody who has been there, "
                          "often is enough.", person=name)),
        ),
        buttons=(Button(label=say("This week's check-ins"), line=line.write("cohort checkins", given)),),
    )  # fmt: skip
    # With its time, since after a restore another check-in may get the same id.
    words = sha256((kept.blocked or "").encode()).hexdigest()[:16]
    what = f"blocked-{kept.id}-{kept.at:%Y%m%dT%H%M%S%f}-{words}"
    return tell(connection, cohort, asked, what, now, message, by=person)


def reader(connection: Connection, cohort: Cohort, now: datetime) -> Person | None:
    """Who is told what concerns the cohort now: who leads it this week, else who has looked after it for longest."""
    found = leads(connection, cohort, Calendar.of(cohort).period_at(now))
    return found.person if found else None


def leads(connection: Connection, cohort: Cohort, week: str) -> Facilitator | None:
    """Who leads the cohort in that local week, such as `2026-W50`, else who has looked after it for longest."""
    known = facilitators.of_cohort(connection, cohort.id)
    lead = facilitators.led_by(connection, cohort.id).get(week)
    return next((each for each in known if each.account_id == lead), known[0] if known else None)


def tell(
    connection: Connection, cohort: Cohort, person: Person | None, what: str, now: datetime, message: Message,
    *, near: int | None = None, by: Person | None = None,
) -> Told:  # fmt: skip
    """Put the message for the person, by way of a place on their own platform: `near` if that is one.

    `what` names it for ever: the cohort's second notice of that name is none. Who it is `by`, or about, is kept beside
    its words, to be forgotten with them.
    """
    places = cohorts.places(connection, cohort.id)
    ways = [each.id for each in places if person and each.place.platform == person.platform]
    if person is None or not ways:
        log.warning("cohort %s: nobody is known who could be told: %s", cohort.code, plain(message.title or ""))
        return "nobody"
    payload = {"message": message.model_dump(mode="json"), "person": person.model_dump(mode="json")}
    if by is not None:
        payload["by"] = by.model_dump(mode="json")
    way = near if near in ways else ways[0]
    is_new = posts.put(connection, f"{cohort.key}:notice:{what}", "notice", cohort.id, way, now, payload)
    return "told" if is_new else "known"


def unreached(connection: Connection, cohort: Cohort, person: Person) -> str | None:
    """Why the last notice to the person did not reach them; None if it did, or is on its way."""
    state, reason = posts.last_notice(connection, cohort.id, person) or ("sent", None)
    return reason if state in ("skipped", "failed") else None


def _words(title: Phrase, *paragraphs: Wording, buttons: tuple[Button, ...] = ()) -> Message:
    return Message(title=title, parts=tuple(Text(text=each) for each in paragraphs), buttons=buttons)


def _named(due: Due, person: Person | None) -> str:
    """The post's place by name, for that person, with its platform if that is not theirs.

    Where a place is lost, a mention would show as a channel that cannot be seen.
    """
    is_theirs = person is None or person.platform == due.place.platform
    return due.place.name or due.place.channel if is_theirs else due.place.full_name
