"""A member's season week by week: what was done in each, and which were for resting."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.chat.message import Fact
from bot.chat.platform import Clock
from bot.chat.wording import Phrase, Value, listed, say
from bot.commands.study import Study
from bot.delivery.calendar import period
from bot.records import checkins, progress
from bot.records.records import Records

State = Literal["active", "quiet", "off", "passed", "ahead"]
_SIGNS: dict[State, str] = {"quiet": "▁", "off": "–", "passed": "○", "ahead": ""}
_ACTIVE = "▂▄▆█"  # by level
_FROM = (1, 2, 3, 5)  # the least amount of each level


@dataclass(frozen=True, slots=True)
class Week:
    """A local week. Its `amount` is how often something was marked or counted in it, or checked in.

    Nobody is asked in one that is off: in a break, or before the member came. `passed` is a member's own week off.
    """

    state: State
    amount: int = 0
    is_now: bool = False

    @property
    def level(self) -> int:
        """How much was done, from 1 to 4; 0 for nothing."""
        return sum(self.amount >= least for least in _FROM)


async def weeks_of(records: Records, clock: Clock, mine: Study) -> tuple[Week, ...]:
    """The weeks from the season's first to its last, or to this one if that is later."""
    calendar, now = mine.calendar, clock.now()
    slots = range(1, max(len(mine.steps), calendar.slot_at(now)) + 1)
    asked = {period(calendar.checkin_on(each)) for each in slots}
    active = await records.read(progress.active_at, mine.enrolment.member_id, mine.curriculum.id)
    done = Counter(map(calendar.period_at, active))
    done.update(await records.read(checkins.periods, mine.enrolment.id))
    came, this = calendar.period_at(mine.enrolment.joined_at), calendar.period_at(now)
    found: list[Week] = []
    day = calendar.checkin_on(1)
    while day <= calendar.checkin_on(slots[-1]):
        week = period(day)
        state: State = "ahead" if week >= this else "quiet"
        if done[week]:
            state = "active"
        elif week not in asked or week < came:
            state = "off"
        found.append(Week(state, done[week], is_now=week == this and calendar.slot_at(now) > 0))
        day += timedelta(weeks=1)
    return tuple(found)


def counts(weeks: Sequence[Week]) -> dict[State, Phrase]:
    """How many weeks are in each state, in words, of the states that there are."""
    n = Counter(each.state for each in weeks)
    said: dict[State, Phrase] = {
        "active": say("{n} active", n=n["active"]),
        "quiet": say("{n} quiet", n=n["quiet"]),
        "off": say("{n} off", n=n["off"]),
        "passed": say("{n} passed", n=n["passed"]),
        "ahead": say("{n} to come", n=n["ahead"]),
    }
    return {state: phrase for state, phrase in said.items() if n[state]}


def weeks_fact(weeks: Sequence[Week]) -> Fact:
    """The weeks for a list of facts: a sign for each that is over or on, and how many there are of each kind."""
    signs = "".join(_ACTIVE[each.level - 1] if each.state == "active" else _SIGNS[each.state] for each in weeks)
    parts: list[Value] = [*([signs] if signs else []), *counts(weeks).values()]
    return Fact(label=say("Your weeks"), value=listed(parts, " · "))
