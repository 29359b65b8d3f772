"""When an announcement goes out: read as people type it, and said as they read it."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.chat.platform import Call, Missing, Refusal
from bot.chat.wording import Day, Moment, Phrase, listed, say
from bot.commands.zones import lived_in
from bot.delivery.announcing import sent_at
from bot.records.announcements import Slot
from bot.records.cohorts import Cohort

FURTHEST = timedelta(days=366)
MOST_ZONES = 10  # in one reply


def slot_of(
    call: Call, cohort: Cohort, now: datetime, on: date | None, at: time | None, until_on: date | None = None
) -> Slot | None:
    """The slot that was asked for, in the zone that the person chose or their platform tells, else the cohort's.

    A time without a day is the next time that the clock shows it. Raises a Refusal for what is over already.
    """
    if on is None and at is None:
        return None
    if at is None:
        raise Missing("At which time?", field="time")
    zone = zone_of(call) or cohort.zone
    today = now.astimezone(zone).date()
    slot = Slot(on or today, at, zone, until_on)
    if on is None and sent_at(slot) <= now:
        slot = Slot(today + timedelta(days=1), at, zone, until_on)
    field = "time" if on is None or on == today else "on"
    if slot.on > today + FURTHEST:
        raise Refusal("That is more than a year ahead. Choose a nearer day.", field="on")
    if slot.on < today or sent_at(slot) <= now:
        raise Refusal("{time} is over already. Choose a time to come.", field=field, time=local(slot))
    if until_on is not None and not slot.on <= until_on <= slot.on + FURTHEST:
        raise Refusal(
            "It can be repeated until a day within a year of {day}, not until {until}.", field="until",
            day=Day(on=slot.on), until=Day(on=until_on),
        )  # fmt: skip
    return slot


def zone_of(call: Call) -> ZoneInfo | None:
    """The zone that the person chose, or that their platform tells."""
    found = lived_in(call.zone or "")
    return None if found is None else ZoneInfo(found)


def seen_by(call: Call, slot: Slot) -> Slot:
    """The slot in the person's own zone, in which what they type is read."""
    here = sent_at(slot).astimezone(zone_of(call) or slot.zone)
    return Slot(here.date(), here.time(), zone_of(call) or slot.zone, slot.until_on)


def local(slot: Slot) -> Phrase:
    """The slot's day and time as the clock there shows them, with the name of the zone."""
    return say("{day}, {time} ({zone})", day=Day(on=slot.on), time=f"{slot.at:%H:%M}", zone=slot.zone.key)


def when(slot: Slot, cohorts: Sequence[Cohort]) -> Phrase:
    """When it goes out: for the reader, and in the zones of the cohorts where these are others."""
    at = sent_at(slot)
    when = say("{at}", at=Moment(at=at, zone=slot.zone.key))
    if slot.until_on is not None:
        when = say("{at}, and every week until {day}", at=when, day=Day(on=slot.until_on))
    if slot.skips:
        when = say("{when}, but not on {days}", when=when, days=listed([Day(on=each) for each in sorted(slot.skips)]))
    others = {each.zone.key: each for each in cohorts if each.zone.key != slot.zone.key}
    if not others:
        return when
    there = [_there(at, each.zone) for each in list(others.values())[:MOST_ZONES]]
    return say("{at}; for the cohorts {there}", at=when, there=listed(there))


def _there(at: datetime, zone: ZoneInfo) -> Phrase:
    there = at.astimezone(zone)
    return local(Slot(there.date(), there.time(), zone))
