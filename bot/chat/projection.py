"""What one platform alone shows of our data beside messages: a role for a cohort's members, events for its calendar."""

from typing import Literal

from pydantic import AwareDatetime

from bot.chat.platform import Person, Place
from bot.chat.wording import Data, Wording

Projected = Literal["members", "calendar"]


class CohortMembers(Data):
    """Who is in a cohort now: exactly they hold `role` in the place's community; with None, nobody by our doing.

    `cohort` is its code. Whoever was given the role in this `round` need not be given it again.
    """

    place: Place
    cohort: str
    role: str | None
    members: tuple[Person, ...]
    round: int


class Event(Data):
    """Something that takes place. `key` names it for ever, whatever else of it changes."""

    key: str
    title: Wording
    text: Wording
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    where: str


class Calendar(Data):
    """What a cohort's calendar holds for the weeks after `as_of`, with what is going on then. `cohort` is its code."""

    place: Place
    cohort: str
    locale: str
    events: tuple[Event, ...]
    as_of: AwareDatetime
