"""A cohort's checklist: what its season's start and its end ask of those who look after it.

Most of it Milepost sees by itself, in the records. What it cannot see is ticked by hand; anything can be marked as not
needed. The items were gathered from the lists by which communities start their seasons by hand, up to 25 steps long.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from bot.chat.platform import Platform
from bot.chat.wording import Moment, Phrase, listed, say, say_n
from bot.curriculum.load import Curricula
from bot.curriculum.plan import Step
from bot.delivery.calendar import Calendar
from bot.delivery.compose import step_resources
from bot.delivery.versions import followed, season
from bot.records import announcements, audit, checkins, checklists, cohorts, facilitators, links
from bot.records.checklists import Tick
from bot.records.cohorts import Cohort

Part = Literal["start", "end"]
State = Literal["done", "not needed", "open"]
NewestBackup = Callable[[], datetime | None]
"""When the newest nightly backup was made, where Milepost makes them."""

RECENT = timedelta(days=2)  # a backup; one night may be missed


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to see to: what, in a few words, and why."""

    part: Part
    title: Phrase
    why: Phrase


ITEMS: Mapping[str, Item] = {
    "place": Item("start", say("A place that posts reach"), say("All else is said there.")),
    "role": Item("start", say("A role for the members"), say("One mention then reaches exactly those who are in it.")),
    "meeting": Item("start", say("A weekly meeting"), say("A fixed hour, and faces, keep people coming.")),
    "facilitators": Item("start", say("Two who look after it"), say("Whoever does it alone gets tired, or ill.")),
    "lead": Item("start", say("Who leads week 1"), say("What comes up in that week is told to them.")),
    "members": Item("start", say("Members have joined"), say("A first week with people in it draws in the others.")),
    "week": Item(
        "start", say("The first week's post, looked at"), say("It is the first thing that everybody reads, and stays.")
    ),
    "breaks": Item("start", say("Weeks off"), say("Holidays that the calendar does not know become silent weeks.")),
    "links": Item("start", say("The links of the first two weeks"), say("A dead link on the first day stops people.")),
    "backup": Item("start", say("A backup of last night"), say("Seasons are long, and disks are not for ever.")),
    "answers": Item("end", say("Everybody's last check-in"), say("A line now is what they remember the season by.")),
    "farewell": Item("end", say("A last announcement"), say("A season that just stops feels like one that failed.")),
    "export": Item("end", say("The season as a file"), say("What went well helps to plan the next one.")),
    "next": Item("end", say("The next season, begun or announced"), say("Those who want to go on do, if asked now.")),
    "archive": Item("end", say("The cohort archived"), say("Its channel is free then, and nobody is asked any more.")),
}
"""By their ids, in order. An id is kept in the records and in buttons."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What Milepost sees of an item."""

    is_done: bool
    words: Phrase


@dataclass(frozen=True, slots=True)
class Check:
    """An item as it stands; `seen` is None for what Milepost cannot see, which is done once it is ticked."""

    id: str
    item: Item
    seen: Seen | None
    tick: Tick | None

    @property
    def state(self) -> State:
        """Done is what Milepost sees done, or what was ticked so while it cannot see that."""
        if self.seen is not None and self.seen.is_done:
            return "done"
        if self.tick is None or (self.seen is not None and self.tick.state == "done"):
            return "open"
        return self.tick.state


def part_at(calendar: Calendar, length: int, now: datetime) -> Part | None:
    """The part of a season of so many weeks that asks for something then; None in the middle of it.

    The start is until week 2 begins. The end is the last two weeks, and from then on.
    """
    if is_over(calendar, length, now) or calendar.step_at(now) >= max(2, length - 1):
        return "end"
    return "start" if calendar.slot_at(now) <= 1 else None


def closing_at(calendar: Calendar, length: int) -> datetime:
    """When the last two weeks begin, if nothing keeps them from it."""
    return calendar.milestone_at(max(1, length - 1))


def is_over(calendar: Calendar, length: int, now: datetime) -> bool:
    """Whether a season of so many weeks is: its last week, too."""
    return calendar.held_at is None and calendar.slot_at(now) > length


class Checklists:
    """Looks at cohorts' checklists with all that Milepost knows. `platforms` may be named after this was made."""

    def __init__(
        self, curricula: Curricula, platforms: Mapping[str, Platform], newest_backup: NewestBackup | None = None
    ) -> None:
        self._curricula = curricula
        self._platforms = platforms
        self._newest_backup = newest_backup

    def steps(self, cohort: Cohort) -> tuple[Step, ...]:
        """The weeks of the cohort's season; none if its curriculum is not on offer any more."""
        return season(self._curricula, cohort)

    def of(self, connection: Connection, cohort: Cohort, part: Part, now: datetime) -> list[Check]:
        """The items of that part as they stand, in order; those that do not concern the cohort are left out."""
        ticks = checklists.of_cohort(connection, cohort.id)
        steps = self.steps(cohort)
        seen = self._start(connection, cohort, steps, now) if part == "start" else _end(connection, cohort, steps, now)
        concerning = [name for name, item in ITEMS.items() if item.part == part]
        if not self._have_roles(connection, cohort):
            concerning = [name for name in concerning if name != "role"]
        return [Check(name, ITEMS[name], seen.get(name), ticks.get(name)) for name in concerning]

    def _have_roles(self, connection: Connection, cohort: Cohort) -> bool:
        with_roles = {name for name, each in self._platforms.items() if "members" in each.projects}
        return any(each.place.platform in with_roles for each in cohorts.places(connection, cohort.id))

    def _start(
        self, connection: Connection, cohort: Cohort, steps: Sequence[Step], now: datetime
    ) -> dict[str, Seen | None]:
        places = cohorts.places(connection, cohort.id)
        lost = [each.place for each in places if each.lost_because]
        known = {each.account_id: each.person.name for each in facilitators.of_cohort(connection, cohort.id)}
        first_week = Calendar.of(cohort).slot("checkin", 1)
        lead = known.get(facilitators.led_by(connection, cohort.id).get(first_week, 0))
        size = cohorts.size(connection, cohort.id)
        through = listed([each.place.full_name for each in places])
        none_through = say("Posts do not reach {places}.", places=listed([each.full_name for each in lost]))
        breaks = sum(not each.is_pause for each in cohort.breaks)
        free = say_n("{n} break is in the calendar.", "{n} breaks are in the calendar.", breaks)
        return {
            "place": Seen(bool(places) and not lost, none_through if lost or not places else through),
            "role": _seen(any(each.role for each in places), say("It is linked."), say("None is linked.")),
            "meeting": _seen(cohort.meeting is not None, say("It is set."), say("None is set.")),
            "facilitators": Seen(len(known) > 1, listed(list(known.values())) if known else say("nobody")),
            "lead": _seen(lead is not None, listed([lead or ""]), say("Nobody is named.")),
            "members": Seen(size > 0, say_n("{n} member", "{n} members", size)),
            "breaks": _seen(breaks > 0, free, say("None is in the calendar.")),
            "links": self._links(connection, cohort, steps),
            "backup": self._backup(now),
        }

    def _links(self, connection: Connection, cohort: Cohort, steps: Sequence[Step]) -> Seen | None:
        """What is known of the first two weeks' links; None where they are not looked at, and nobody reports one."""
        curriculum = followed(self._curricula, cohort)
        if curriculum is None:
            return None
        urls = {each.url for step in steps[:2] for each in step_resources(curriculum, step) if each.url}
        found = [each for each in links.troubles(connection, cohort.community_id) if each.link.url in urls]
        bad = sum(1 for each in found if each.mark or each.reports)
        if bad:
            return Seen(False, say_n("Something is wrong with {n} link.", "Something is wrong with {n} links.", bad))
        known = links.known(connection, urls)
        looked = [each for each in known.values() if each.checked_at]
        return Seen(True, say("None is known to be broken.")) if len(looked) == len(urls) else None

    def _backup(self, now: datetime) -> Seen | None:
        """None where others make the backups: on a server, or if they are off."""
        if self._newest_backup is None:
            return None
        made_at = self._newest_backup()
        if made_at is None:
            return Seen(False, say("There is none."))
        return Seen(now - made_at <= RECENT, say("The newest was made {at}.", at=Moment(at=made_at)))


def _end(connection: Connection, cohort: Cohort, steps: Sequence[Step], now: datetime) -> dict[str, Seen | None]:
    calendar, length = Calendar.of(cohort), len(steps)
    since = closing_at(calendar, length)
    everybody = checkins.of_cohort(connection, cohort.id, calendar.slot("checkin", length))
    answered = sum(1 for each in everybody if each.checkin or each.passed)
    asked_at = calendar.due_at("checkin", length, is_last=True) if calendar.held_at is None else None
    is_asked = asked_at is not None and asked_at <= now
    is_taken = audit.did(connection, cohort.id, "cohort export", since)
    said = announcements.has_word(connection, cohort, since)
    counted = say("{done} of {n} answered, or passed.", done=answered, n=len(everybody))
    return {
        "answers": Seen(is_asked and answered == len(everybody), counted if is_asked else say("Nobody is asked yet.")),
        "farewell": _seen(said, say("It is written."), say("Nothing was announced in the last two weeks.")),
        "export": _seen(is_taken, say("It was taken."), say("Nobody took it in the last two weeks.")),
        "archive": _seen(cohort.archived_at is not None, say("It is archived."), say("It is not archived.")),
    }


def _seen(is_done: bool, yes: Phrase, no: Phrase) -> Seen:
    return Seen(is_done, yes if is_done else no)
