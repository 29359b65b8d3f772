"""A member's season week by week: what was done in each, and which were for resting."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.chat.message import Fact
from bot.chat.wording import Phrase, Value, listed, say
from bot.commands.study import Study
from bot.delivery import weeks
from bot.delivery.calendar import monday
from bot.delivery.weeks import WEEK, Week

State = Literal["active", "quiet", "off", "passed", "ahead"]
_STATES: dict[weeks.State, State] = {
    "active": "active", "passed": "passed", "away": "passed", "break": "off", "unasked": "off", "open": "ahead",
    "silent": "quiet",
}  # fmt: skip
_SIGNS: dict[State, str] = {"quiet": "▁", "off": "–", "passed": "○", "ahead": ""}
_ACTIVE = "▂▄▆█"  # by level
_FROM = (1, 2, 3, 5)  # the least amount of each level


@dataclass(frozen=True, slots=True)
class Square:
    """A local week as it is shown. Its `amount` is how often something was marked or counted in it, or checked in.

    Nobody is asked in one that is off: in a break, or before the member came. `passed` is a member's own time off.
    """

    state: State
    amount: int = 0
    is_now: bool = False

    @property
    def level(self) -> int:
        """How much was done, from 1 to 4; 0 for nothing."""
        return sum(self.amount >= least for least in _FROM)


def drawn(found: Sequence[Week], mine: Study, now: datetime) -> tuple[Square, ...]:
    """The member's weeks from the season's first to its last, or to this one if that is later."""
    calendar, by_monday = mine.calendar, {each.monday: each for each in found}
    slots = range(1, max(len(mine.steps), calendar.slot_at(now)) + 1)
    asked = {monday(calendar.checkin_on(each)) for each in slots}
    this = monday(calendar.checkin_day(now)) if calendar.slot_at(now) else None
    squares: list[Square] = []
    day = min(asked)
    while day <= max(asked):
        if week := by_monday.get(day):
            squares.append(Square(_STATES[week.state], week.amount, is_now=day == this))
        else:
            squares.append(Square("ahead" if day in asked and day > found[-1].monday else "off"))
        day += WEEK
    return tuple(squares)


def counts(squares: Sequence[Square]) -> dict[State, Phrase]:
    """How many weeks are in each state, in words, of the states that there are."""
    n = Counter(each.state for each in squares)
    said: dict[State, Phrase] = {
        "active": say("{n} active", n=n["active"]),
        "quiet": say("{n} quiet", n=n["quiet"]),
        "off": say("{n} off", n=n["off"]),
        "passed": say("{n} passed", n=n["passed"]),
        "ahead": say("{n} to come", n=n["ahead"]),
    }
    return {state: phrase for state, phrase in said.items() if n[state]}


def weeks_fact(squares: Sequence[Square]) -> Fact:
    """The weeks for a list of facts: a sign for each that is over or on, and how many there are of each kind."""
    signs = "".join(_ACTIVE[each.level - 1] if each.state == "active" else _SIGNS[each.state] for each in squares)
    parts: list[Value] = [*([signs] if signs else []), *counts(squares).values()]
    return Fact(label=say("Your weeks"), value=listed(parts, " · "))
