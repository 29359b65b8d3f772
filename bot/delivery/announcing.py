"""Announcements on their way: what their copies say in each place, and how they come to be sent, once.

A copy says what its announcement says when it is sent, and is edited when that is corrected, as a milestone is when its
figures change. So it makes no difference how far it has come when somebody corrects the announcement or takes it back.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.chat import line
from bot.chat.message import Button, Link, Message, Part, Picture, Post, Text
from bot.chat.platform import Call, Everyone, Person, Refusal, Role
from bot.chat.wording import Day, Markdown, Phrase, Value, as_typed, listed, say, say_n
from bot.delivery.calendar import Calendar, instant
from bot.delivery.schedule import POSTPONED
from bot.records import announcements, cohorts, copies, members
from bot.records.announcements import OPEN, SHOWN, Announcement, Slot
from bot.records.claims import Due
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.outage import attempted

log = logging.getLogger(__name__)

MOST_NAMED = 80  # members in one post, as many as in a reminder
LATEST_REPEATED = timedelta(hours=24)  # how late one of many may be; what was scheduled once comes however late


@dataclass(frozen=True, slots=True)
class Draft:
    """A copy as it would be sent now, and what the platform cannot know that its author may not expect."""

    at: CohortPlace
    post: Post
    loss: Phrase | None


@dataclass(frozen=True, slots=True)
class _Notified:
    """Whom a copy notifies; `more` members are too many to be named."""

    whom: tuple[Person | Role | Everyone, ...] = ()
    more: int = 0


class Nowhere(Exception):  # noqa: N818 - what is the matter with the places
    """None of its cohorts' places can be reached."""


def send(connection: Connection, call: Call, now: datetime, seen: Announcement) -> int | None:
    """Send it to every place of its cohorts, once. Returns to how many.

    None if it waits no more, or is not any more what was `seen`.

    Raises a Refusal, and nothing is changed, if none of them can be reached.
    """
    known = announcements.get(connection, seen.id)
    if known.seal(*SHOWN) != seen.seal(*SHOWN):
        return None
    sent = announcements.change(connection, call, now, known, OPEN, state="sent", sent_at=now, slot=None, send_at=None)
    if sent is None:
        return None
    try:
        return _put_copies(connection, sent, list(cohorts.get_all(connection, sent.cohort_ids).values()), now)
    except Nowhere as nowhere:
        raise Refusal(
            "No place of the cohort can be reached, so nothing is sent, and the draft is kept. {line} says why.",
            line=as_typed("cohort status"),
        ) from nowhere  # fmt: skip


def _put_copies(connection: Connection, sent: Announcement, among: Sequence[Cohort], now: datetime) -> int:
    """Put its copies, and return how many. Raises Nowhere if there are none."""
    put = copies.put(connection, sent, among, now)
    if not put:
        raise Nowhere
    return put


def put_due(connection: Connection, now: datetime) -> bool:
    """Send the first of those that are scheduled for no later than now, in this transaction. False if there is none.

    Each moves on: one that cannot be sent waits for an hour, and keeps no other.
    """
    due = announcements.next_due(connection, now)
    if due is None:
        return False
    error = attempted(connection, _put, due, now)
    if isinstance(error, Nowhere):
        log.warning("the announcement %s waits: no place of its cohorts can be reached", due.key)
    elif error:
        log.error("the announcement %s cannot be sent and waits", due.key, exc_info=error)
    if error:
        announcements.move_on(connection, due, send_at=now + POSTPONED)
    return True


def _put(connection: Connection, due: Announcement, now: datetime) -> None:
    among = cohorts.get_all(connection, due.cohort_ids)
    slot = due.series
    if slot is None:
        if announcements.move_on(connection, due, state="sent", sent_at=now, slot=None, send_at=None):
            _put_copies(connection, due, list(among.values()), now)
        return
    times = _times(slot)
    # Of those whose time has come, the last is sent.
    on = max((each for each, at in times.items() if at <= now), default=slot.on)
    skips = tuple(each for each in slot.skips if each > on)
    following = next((replace(slot, on=each, skips=skips) for each in times if each > on), None)
    later = {"slot": following, "send_at": sent_at(following)} if following else {"state": "ended", "send_at": None}
    if not announcements.move_on(connection, due, **later):
        return
    at = times[on]
    if now - at > LATEST_REPEATED:
        log.warning("the announcement %s of %s is left out, %s too late", due.key, on, now - at)
        return
    open_ = [each for each in among.values() if _is_on(each, at)]
    if open_:
        sent = announcements.occur(connection, due, on, now, tuple(each.id for each in open_))
        _put_copies(connection, sent, open_, now)


def sent_at(slot: Slot) -> datetime:
    """When it is sent, as aware UTC. A time that the clock skips on that day moves forward by the gap."""
    return instant(slot.on, slot.at, slot.zone)


def occasions(known: Announcement) -> Collection[datetime]:
    """When an announcement that is scheduled is sent, once or every week, as aware UTC, in order."""
    return _times(known.slot).values() if known.slot else ()


def _times(slot: Slot) -> dict[date, datetime]:
    """When it is sent, by the local day."""
    return {on: instant(on, slot.at, slot.zone) for on in slot.days()}


def skip(connection: Connection, call: Call, now: datetime, announcement_id: int, on: date | None) -> Announcement:
    """Leave a repeated announcement out on that local day, else the next time, and only then.

    Raises a Refusal where it does not come on that day, and where nothing would be left of it.
    """
    known, slot = _repeated(connection, announcement_id)
    on = on or slot.on
    if on in slot.skips:
        return known
    if on not in slot.days():
        coming = Day(on=slot.on)
        raise Refusal("It does not come on {day}. The next time is {at}.", field="on", day=Day(on=on), at=coming)
    if slot.days() == [on]:
        raise Refusal("It comes only once more. {line} drops it.", line=as_typed("announcement cancel"))
    return _respace(connection, call, now, known, replace(slot, skips=(*slot.skips, on)))


def unskip(connection: Connection, call: Call, now: datetime, announcement_id: int, on: date) -> Announcement:
    """Have a repeated announcement come on a local day after all on which it was left out.

    Raises a Refusal where that day is over, and where it was not left out.
    """
    known, slot = _repeated(connection, announcement_id)
    if on in slot.days():
        return known
    if on not in slot.skips or instant(on, slot.at, slot.zone) <= now:
        raise Refusal("It is not left out on {day}, or that is over.", field="on", day=Day(on=on))
    left = tuple(each for each in slot.skips if each != on)
    return _respace(connection, call, now, known, replace(slot, on=min(on, slot.on), skips=left))


def _repeated(connection: Connection, announcement_id: int) -> tuple[Announcement, Slot]:
    known = announcements.get(connection, announcement_id)
    if known.series is None:
        raise Refusal("This announcement is not repeated, so there is no time at which it could be left out.")
    return known, known.series


def _respace(connection: Connection, call: Call, now: datetime, known: Announcement, slot: Slot) -> Announcement:
    """Have it come at the times of the slot, whose day is that of the next one."""
    slot = replace(slot, on=slot.days()[0])
    changed = announcements.change(connection, call, now, known, OPEN, slot=slot, send_at=sent_at(slot))
    return changed or known


def _is_on(cohort: Cohort, at: datetime) -> bool:
    """Whether the cohort is neither paused nor in a break then."""
    return not cohort.paused_at and not Calendar.of(cohort).is_off(at.astimezone(cohort.zone).date())


def drafts(connection: Connection, known: Announcement) -> list[Draft]:
    """The announcement as it would be sent now, for each place that posts can reach."""
    among = cohorts.get_all(connection, known.cohort_ids)
    places = cohorts.places_of(connection, known.cohort_ids)
    made = []
    for cohort in among.values():
        for at in places.get(cohort.id, ()):
            if at.lost_because is None:
                notified = _notified(connection, known, cohort, at)
                made.append(Draft(at, _post(known, cohort, "preview", notified, 0), _loss(notified)))
    return made


def copy(connection: Connection, due: Due, announcement_id: int, cohort: Cohort) -> Post:
    """What that copy of the announcement says now."""
    known = announcements.get(connection, announcement_id)
    at = cohorts.place_at(connection, due.place_id)
    notified = _Notified() if at is None else _notified(connection, known, cohort, at)
    read = announcements.read_by(connection, known.id, cohort.id) if known.asks else 0
    return _post(known, cohort, due.key, notified, read)


def _post(known: Announcement, cohort: Cohort, key: str, notified: _Notified, read: int) -> Post:
    parts: list[Part] = []
    if notified.whom:  # first, since what does not fit is cut at the end
        people: list[Value] = [each.mention() for each in notified.whom]
        if notified.more:
            people.append(say_n("{n} more", "{n} more", notified.more))
        parts.append(Text(text=listed(people)))
    title = say("Announcement for {cohort}", cohort=cohort.name)
    if known.card:
        title = say("{title} ({cohort})", title=known.card, cohort=cohort.name)
        alt = known.alt or say("A card that says: {title}", title=known.card)
        parts.append(Picture(template="announcement", values={"title": known.card}, alt=alt))
    parts.append(Text(text=Markdown(source=known.text)))
    if read:
        parts.append(Text(text=say_n("{n} member has read this.", "{n} members have read this.", read)))
    asking = Button(label=say("I have read this"), line=line.write("read", {"announcement": known.ref}))
    links = (Link(label=label, url=url) for label, url in known.links)
    message = Message(title=title, parts=tuple(parts), buttons=(*((asking,) if known.asks else ()), *links))
    return Post(key=key, message=message, locale=cohort.language, notify=notified.whom)


def _notified(connection: Connection, known: Announcement, cohort: Cohort, at: CohortPlace) -> _Notified:
    match known.notify:
        case "nobody":
            return _Notified()
        case "everyone":
            return _Notified((Everyone(),))
    if at.role is not None:
        return _Notified((Role(id=at.role),))
    people: Sequence[Person] = [each for _, each in members.people(connection, cohort.id, at.place.platform)]
    return _Notified(tuple(people[:MOST_NAMED]), max(len(people) - MOST_NAMED, 0))


def _loss(notified: _Notified) -> Phrase | None:
    if not notified.more:
        return None
    return say_n(
        "{n} member is not notified: there are too many to be named.",
        "{n} members are not notified: there are too many to be named.", notified.more,
    )  # fmt: skip
