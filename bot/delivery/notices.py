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
from bot.records.columns import micros
from bot.records.facilitators import Facilitator
from bot.records.links import Trouble
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
        _tell(
            connection, cohort, f"lost-{due.id}-{due.fence}", now,
            _words(
                say("{cohort} gets no more posts in {place}", cohort=cohort.name, place=_named(connection, due, now)),
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
    _tell(
        connection, cohort, f"thread:{due.place_id}-{due.place.channel}", now,
        _words(
            say("{cohort} gets its posts in {place}, without threads",
                cohort=cohort.name, place=_named(connection, due, now)),
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
    said = _words(
        say("Is it there? {post} of {cohort}", post=KINDS[due.kind], cohort=cohort.name),
        say("It was due {at} in {place}, and nobody knows whether it got there: {reason}",
            at=Moment(at=due.due_at, zone=cohort.zone.key), place=_named(connection, due, now), reason=reason),
        say("Please look there. Until you decide, nothing is posted twice; {line} shows this, too.",
            line=as_typed("cohort status")),
    )  # fmt: skip
    there, again = decisions(due.id, due.key)
    # Once for each time that it became unknown: who had it posted again may have to be asked again.
    what = f"unknown-{due.id}-{due.fence}"
    _tell(connection, cohort, what, now, said.model_copy(update={"buttons": (there, again)}), near=due.place_id)
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
    said = _words(
        say("Not posted: {post} of {cohort}", post=KINDS[due.kind], cohort=cohort.name),
        say("It was due {at} in {place}: {reason}",
            at=Moment(at=due.due_at, zone=cohort.zone.key), place=_named(connection, due, now), reason=reason),
    )  # fmt: skip
    again = decisions(due.id, due.key)[1:] if state == "failed" else ()
    what = f"failed-{due.id}-{due.fence}"
    _tell(connection, cohort, what, now, said.model_copy(update={"buttons": again}), near=due.place_id)
    return True


def decisions(post_id: int, key: str) -> tuple[Button, Button]:
    """The buttons by which a facilitator says that a post is there, or has it posted again."""
    given = {"post": refer(post_id, key)}
    return (
        Button(label=say("It is there"), line=line.write("post settle", given)),
        Button(label=say("Post it again"), line=line.write("post again", given)),
    )


def suggest(connection: Connection, cohort: Cohort, link: str, now: datetime, message: Message, by: Person) -> Told:
    """Hand a suggestion to a facilitator, once for each web address, with or without a slash at its end.

    It goes out in the words of `message`; who it is `by` is kept beside them, to be forgotten with them.
    """
    host, slash, path = link.partition("://")[2].partition("/")
    address = f"{host.lower()}{slash}{path}".rstrip("/")
    return _tell(connection, cohort, f"suggestion:{sha256(address.encode()).hexdigest()[:32]}", now, message, by=by)


def report(
    connection: Connection, cohort: Cohort, trouble: Trouble, now: datetime, message: Message, by: Person
) -> Told:
    """Hand a report of a link to a facilitator, once until somebody decides about it; `by` as in `suggest`."""
    decided = micros(trouble.decision.at) if trouble.decision else 0
    return _tell(connection, cohort, f"link:{trouble.link.id}-{decided}", now, message, by=by)


def blocked(connection: Connection, enrolment: Enrolment, kept: CheckIn, now: datetime) -> Told:
    """Tell a facilitator what is in a member's way, once for each check-in and each way to say it."""
    cohort, asked = enrolment.cohort, reader(connection, enrolment.cohort, now)
    platform = asked.platform if asked else ""
    person = members.person(connection, enrolment.id, platform)
    if person is None:
        return "nobody"
    name = person.mention() if person.platform == platform else say(
        "{name} ({platform})", name=person.name, platform=person.platform.capitalize()
    )  # fmt: skip
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
    return _tell(connection, cohort, what, now, message, by=person)


def remind(connection: Connection, cohort: Cohort, occasion: str, now: datetime, message: Message) -> Told:
    """Tell who leads the cohort what of its checklist is open; once for each occasion."""
    return _tell(connection, cohort, f"checklist:{occasion}", now, message)


def hand_over(connection: Connection, cohort: Cohort, week: str, now: datetime, message: Message, to: Person) -> Told:
    """Tell who is going to lead the cohort in that local week what waits for them; once for each week."""
    return _tell(connection, cohort, f"handover:{week}", now, message, to=to)


def returned(
    connection: Connection,
    cohort: Cohort,
    what: str,
    now: datetime,
    *,
    to: Person,
    about: Person,
    words: str,
    reason: str,
) -> None:
    """Tell a facilitator that what they wrote to a member did not get through, and give them their words back.

    `what` tells the letter from every other one.
    """
    name = about.mention() if about.platform == to.platform else f"{about.name} ({about.platform.capitalize()})"
    message = _words(
        say("{person} did not get what you wrote.", person=name),
        reason,
        say("Write to {person} yourself, if you know a way; these were your words:", person=name),
        words,
    )
    _tell(connection, cohort, f"letter-{what}", now, message, by=about, to=to)


def reader(connection: Connection, cohort: Cohort, now: datetime) -> Person | None:
    """Who is told what concerns the cohort now: who leads it this week, else who has looked after it for longest."""
    found = leads(connection, cohort, Calendar.of(cohort).period_at(now))
    return found.person if found else None


def leads(connection: Connection, cohort: Cohort, week: str) -> Facilitator | None:
    """Who leads the cohort in that local week, such as `2026-W50`, else who has looked after it for longest."""
    known = facilitators.of_cohort(connection, cohort.id)
    lead = facilitators.led_by(connection, cohort.id).get(week)
    return next((each for each in known if each.account_id == lead), known[0] if known else None)


def _tell(
    connection: Connection, cohort: Cohort, what: str, now: datetime, message: Message,
    *, near: int | None = None, by: Person | None = None, to: Person | None = None,
) -> Told:  # fmt: skip
    """Put the message for the cohort's `reader`, or `to` another."""
    person = to or reader(connection, cohort, now)
    told = "nobody" if person is None else tell(connection, cohort, person, what, now, message, near=near, by=by)
    if told == "nobody":
        log.warning("cohort %s: nobody is known who could be told: %s", cohort.code, plain(message.title or ""))
    return told


def tell(
    connection: Connection, cohort: Cohort, person: Person, what: str, now: datetime, message: Message,
    *, near: int | None = None, by: Person | None = None,
) -> Told:  # fmt: skip
    """Put the message for the person, by way of a place on their own platform: `near` if that is one."""
    ways = [each.id for each in cohorts.places(connection, cohort.id) if each.place.platform == person.platform]
    if not ways:
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


def _words(title: Phrase, *paragraphs: Wording) -> Message:
    return Message(title=title, parts=tuple(Text(text=each) for each in paragraphs))


def _named(connection: Connection, due: Due, now: datetime) -> str:
    """The post's place by name, for who looks after the cohort, with its platform if that is not theirs.

    Where a place is lost, a mention would show as a channel that cannot be seen.
    """
    person = reader(connection, cohorts.get(connection, due.cohort_id), now)
    is_theirs = person is None or person.platform == due.place.platform
    return due.place.name or due.place.channel if is_theirs else due.place.full_name
