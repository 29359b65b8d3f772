"""What is different after something was done to a cohort, in words."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from bot.chat.literal import flat
from bot.chat.wording import Day, Moment, Phrase, Value, say, say_n
from bot.delivery.calendar import DAYS
from bot.records.cohorts import Cohort
from bot.records.seasons import OTHERS

LONGEST = 60  # characters of one value
MOST = 6  # differences of one entry
_IDS = re.compile(r" \([a-z]+:[^()\s]+\)")  # behind the names of people
_LISTS = ("places", "facilitators", "leads", "breaks", "amendments")
# In the order in which they are named; of what is new altogether, what it is comes first. What is not among them is
# named as the records do.
_LABELS: Mapping[str, Phrase] = {
    "name": say("name"),
    "text": say("text"),
    "curriculum": say("curriculum"),
    "start_on": say("first day"),
    "weekday": say("day"),
    "at": say("time"),
    "zone": say("time zone"),
    "checkin_weekday": say("day of check-ins"),
    "checkin_at": say("time of check-ins"),
    "paused_at": say("paused"),
    "breaks": say("breaks"),
    "amendments": say("single posts"),
    "version": say("version"),
    "archived_at": say("archived"),
    "held": say("kept open after week"),
    "meeting": say("meeting"),
    "passes": say("weeks a member may pass"),
    "has_digest": say("digest"),
    "capacity": say("how many members it takes"),
    "facilitators": say("facilitators"),
    "leads": say("who leads"),
    "member": say("let in"),
    "invitation": say("invitation"),
    "places": say("places"),
    "state": say("state"),
    "send_at": say("goes out"),
    "sent_at": say("sent at"),
    "slot": say("planned for"),
    "notify": say("notifies"),
    "people": say("people to be notified"),
    "card": say("picture"),
    "alt": say("description of the picture"),
    "links": say("links"),
    "asks": say("asks whether it was read"),
    "pace": say("pace"),
    "language": say("language"),
    "turns": say("earlier rhythms"),
}
_STATES: Mapping[str, Phrase] = {
    "draft": say("draft"),
    "scheduled": say("scheduled"),
    "template": say("template"),
    "sent": say("sent"),
    "cancelled": say("cancelled"),
    "withdrawn": say("taken back"),
}
_NOTHING = ("", "None", "()")


def differences(cohort: Cohort, before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[Value]:
    """What changed, each in words: from what to what; of a list, what came and went; of what is new, what it is."""
    order = {name: n for n, name in enumerate(_LABELS)}
    names = sorted((before.keys() | after.keys()) - OTHERS, key=lambda name: (order.get(name, len(order)), name))
    told = [each for name in names if (each := _difference(cohort, name, before, after))]
    return told if len(told) <= MOST else [*told[:MOST], say_n("{n} more", "{n} more", len(told) - MOST)]


def _difference(cohort: Cohort, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> Phrase | None:
    label, was, now = _LABELS.get(name, name), before.get(name), after.get(name)
    if now is None or (was is None and before):
        return say("{label}: changed", label=label)  # one of them named somebody who has been forgotten since
    if name in _LISTS:
        came, went = _came(was or "", now), [f"− {each}" for each in _came(now, was or "")]
        changed = short(without_ids(", ".join([*came, *went])))
        return say("{label}: {changed}", label=label, changed=changed) if changed else None
    if was in (None, *_NOTHING) and now in _NOTHING:
        return None
    if was is None:
        return say("{label}: {value}", label=label, value=_value(cohort, name, now))
    return say("{label}: {was} → {now}", label=label, was=_value(cohort, name, was), now=_value(cohort, name, now))


def _came(before: str, after: str) -> list[str]:
    """What a list holds that it did not hold before. Names with commas in them come as several, each of them whole."""
    known = before.split(", ")
    return [each for each in after.split(", ") if each and each not in known]


def _value(cohort: Cohort, name: str, value: str) -> Value:
    """One value; what cannot be read as it is kept now was kept by another version, and is shown as it was."""
    if value in _NOTHING:
        return say("none")
    try:
        return _READ[name](cohort, value) if name in _READ else short(value)
    except (ValueError, IndexError):
        return short(value)


def without_ids(value: str) -> str:
    """Names of people without the ids behind them."""
    return _IDS.sub("", value)


def short(value: str) -> str:
    """A value in one line that leaves room for others."""
    return flat(value, LONGEST)


def _moment(cohort: Cohort, value: str) -> Moment:
    return Moment(at=datetime.fromisoformat(value), zone=cohort.zone.key)


def _meeting(weekday_and_rest: str) -> Phrase:
    weekday, _, rest = weekday_and_rest.partition(" ")
    return say("{day} {rest}", day=DAYS[int(weekday)], rest=short(rest))


_READ: Mapping[str, Callable[[Cohort, str], Value]] = {
    "start_on": lambda _, value: Day(on=date.fromisoformat(value)),
    "paused_at": _moment, "archived_at": _moment, "send_at": _moment, "sent_at": _moment,
    "weekday": lambda _, value: DAYS[int(value)], "checkin_weekday": lambda _, value: DAYS[int(value)],
    "at": lambda _, value: value[:5], "checkin_at": lambda _, value: value[:5],
    "asks": lambda _, value: value == "True", "has_digest": lambda _, value: value == "True",
    "meeting": lambda _, value: _meeting(value),
    "state": lambda _, value: _STATES.get(value, value),
    "member": lambda _, value: short(without_ids(value)),
}  # fmt: skip
