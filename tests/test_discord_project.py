"""Roles and scheduled events on Discord: exactly those of the cohort, whatever is lost on the way or done by hand."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from discord.http import Route
from hypothesis import example, given
from hypothesis import strategies as some

from bot.chat.platform import Gone, Hindered, Person, Place, Rejected
from bot.chat.projection import Calendar, CohortMembers, Event
from bot.chat.wording import plain, say
from bot.platforms.discord.permissions import PERMISSIONS
from bot.platforms.discord.project import SCHEDULED, show_calendar, show_members

ALL = sum(each.bit for each in PERMISSIONS)
NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)
PLACE = Place(platform="discord", community="1", channel="100", name="#main")
BOT = "70"


class Coded(Exception):  # noqa: N818 - Discord's answer, of which only the number matters
    """What Discord answered."""

    def __init__(self, code: int) -> None:
        self.code = code


class Crash(Exception):  # noqa: N818 - the end of the process
    """The process dies here."""


@dataclass
class Notes:
    """A notebook."""

    kept: dict[str, str] = field(default_factory=dict)

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def put(self, key: str, value: str, until: datetime | None = None) -> None:
        self.kept[key] = value

    async def delete(self, key: str) -> None:
        self.kept.pop(key, None)


def role(number: int, name: str, position: int, permissions: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "name": name, "position": position, "permissions": str(permissions), **more}


@dataclass
class Server:
    """One server on Discord with the rules that matter here. It can die before or after a request takes effect."""

    roles: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "1": role(1, "@everyone", 0),
            "10": role(10, "deep", 1),
            "11": role(11, "wide", 2),
            "20": role(20, "Milepost", 5, ALL, managed=True),
        }
    )
    members: dict[str, set[str]] = field(default_factory=lambda: {BOT: {"20"}})
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    dies_at: int | None = None
    dies_late: bool = False
    may_create_events: bool = True
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1000))

    async def __call__(self, route: Route, place: Place, payload: Mapping[str, Any] | None = None, **_: object) -> Any:
        dies = self.dies_at == 0
        if self.dies_at is not None:
            self.dies_at -= 1
        if dies and not self.dies_late:
            raise Crash
        answer = self._answer(route, payload)
        if dies:
            raise Crash
        return answer

    def _answer(self, route: Route, payload: Mapping[str, Any] | None) -> Any:
        _, guild, what, *rest = route.url.removeprefix(Route.BASE).strip("/").split("/")
        self.asked.append(f"{route.method} {what}")
        if guild != "1":
            raise Gone("no such server") from Coded(10004)
        match what, rest:
            case "roles", []:
                return list(self.roles.values())
            case "members", [person]:
                return {"roles": sorted(self.members[person])}
            case "members", [person, "roles", number]:
                return self._change(route.method, person, number)
            case "scheduled-events", _:
                return self._event(route.method, rest[0] if rest else None, payload or {})
        raise AssertionError(route.url)

    def _change(self, method: str, person: str, number: str) -> None:
        if not int(self.roles["20"]["permissions"]) & 1 << 28:
            raise Gone("Missing Permissions") from Coded(50013)
        if person not in self.members:
            raise Rejected("Unknown Member") from Coded(10007)
        if number not in self.roles:
            raise Rejected("Unknown Role") from Coded(10011)
        if self.roles[number]["position"] >= self.roles["20"]["position"]:
            raise Gone("Missing Permissions") from Coded(50013)
        (self.members[person].add if method == "PUT" else self.members[person].discard)(number)

    def _event(self, method: str, number: str | None, payload: Mapping[str, Any]) -> Any:
        if method == "GET":
            return [dict(each) for each in self.events.values()]
        if not self.may_create_events:
            raise Gone("Missing Permissions") from Coded(50013)
        if number is None:
            number = str(next(self.ids))
            self.events[number] = {"id": number, "creator_id": BOT, "status": SCHEDULED}
        elif number not in self.events:
            raise Rejected("Unknown Guild Scheduled Event") from Coded(10070)
        if method == "DELETE":
            del self.events[number]
            return None
        self.events[number] |= payload
        return self.events[number]

    def holders(self, number: str) -> set[str]:
        return {person for person, held in self.members.items() if number in held}


def members(*people: str, role: str | None = "10", round: int = 1) -> CohortMembers:
    persons = tuple(Person(platform="discord", id=each) for each in people)
    return CohortMembers(place=PLACE, cohort="c1", role=role, members=persons, round=round)


@pytest.fixture
def server() -> Server:
    """A server with Ada, Bob and Eve."""
    made = Server()
    made.members |= {"ada": set(), "bob": set(), "eve": set()}
    return made


@pytest.fixture
def notes() -> Notes:
    return Notes()


# ---- The role -------------------------------------------------------------------------------------------------------


async def test_members_hold_the_role_and_those_who_left_do_not(server: Server, notes: Notes) -> None:
    await show_members(server, notes, BOT, members("ada", "bob"))
    assert server.holders("10") == {"ada", "bob"}
    await show_members(server, notes, BOT, members("bob", "eve"))
    assert server.holders("10") == {"bob", "eve"}


async def test_what_is_as_it_should_be_takes_no_request(server: Server, notes: Notes) -> None:
    await show_members(server, notes, BOT, members("ada", "bob"))
    server.asked.clear()
    await show_members(server, notes, BOT, members("ada", "bob"))
    assert server.asked == []


async def test_one_who_joins_is_one_change(server: Server, notes: Notes) -> None:
    await show_members(server, notes, BOT, members("ada"))
    server.asked.clear()
    await show_members(server, notes, BOT, members("ada", "bob"))
    assert server.asked == ["GET roles", "PUT members"]


async def test_a_new_round_restores_what_was_taken_by_hand(server: Server, notes: Notes) -> None:
    await show_members(server, notes, BOT, members("ada"))
    server.members["ada"].clear()
    await show_members(server, notes, BOT, members("ada"))
    assert server.holders("10") == set()
    await show_members(server, notes, BOT, members("ada", round=2))
    assert server.holders("10") == {"ada"}


async def test_unlinking_takes_the_role_from_those_whom_we_gave_it(server: Server, notes: Notes) -> None:
    server.members["eve"].add("10")  # by a person's hand
    await show_members(server, notes, BOT, members("ada", "bob"))
    await show_members(server, notes, BOT, members("ada", "bob", role=None))
    assert server.holders("10") == {"eve"}
    assert notes.kept == {}


async def test_another_role_takes_the_place_of_the_first(server: Server, notes: Notes) -> None:
    await show_members(server, notes, BOT, members("ada"))
    await show_members(server, notes, BOT, members("ada", role="11"))
    assert (server.holders("10"), server.holders("11")) == (set(), {"ada"})


async def test_whoever_is_not_in_the_server_is_passed_over_until_the_next_round(server: Server, notes: Notes) -> None:
    await show_members(server, notes, BOT, members("far", "bob"))
    assert server.holders("10") == {"bob"}
    server.members["far"] = set()
    await show_members(server, notes, BOT, members("far", "bob", round=2))
    assert server.holders("10") == {"bob", "far"}


async def test_a_role_that_was_deleted_takes_nothing_with_it(server: Server, notes: Notes) -> None:
    await show_members(server, notes, BOT, members("ada"))
    del server.roles["10"]
    await show_members(server, notes, BOT, members("ada", role="11"))
    assert server.holders("11") == {"ada"}


async def hindered(server: Server, state: CohortMembers | None = None) -> str:
    """What the facilitator reads."""
    with pytest.raises(Hindered) as caught:
        await show_members(server, Notes(), BOT, state or members("ada"))
    return plain(caught.value.words)


async def test_without_the_permission_its_name_and_place_are_said(server: Server) -> None:
    server.roles["20"]["permissions"] = str(ALL & ~(1 << 28))
    assert await hindered(server) == (
        "Without Manage Roles, Milepost cannot give members the role of their cohort in this server. "
        "Server Settings → Roles → the bot's own role: allow Manage Roles."
    )


async def test_a_role_above_our_own_is_explained_with_what_to_drag(server: Server) -> None:
    server.roles["10"]["position"] = 9
    assert await hindered(server) == (
        "The role deep is not below Milepost's own. Server Settings → Roles: drag Milepost above deep."
    )


async def test_what_is_in_the_way_is_said_before_anybody_has_joined(server: Server) -> None:
    server.roles["10"]["position"] = 9
    assert "drag Milepost above deep" in await hindered(server, members())


async def test_a_linked_role_that_is_not_there_is_said_to_be_deleted(server: Server) -> None:
    assert await hindered(server, members("ada", role="99")) == "The linked role was deleted. Link another one."


@pytest.mark.parametrize("number", ["1", "20"])
async def test_a_role_that_nobody_can_give_is_refused(server: Server, number: str) -> None:
    assert "Discord lets nobody give the role" in await hindered(server, members("ada", role=number))


@pytest.mark.parametrize(
    ("bit", "name"), [(1 << 3, "Administrator"), (1 << 5, "Manage Server"), (1 << 2, "Ban Members")]
)
async def test_a_role_with_power_over_others_is_given_to_nobody(server: Server, bit: int, name: str) -> None:
    server.roles["10"]["permissions"] = str(bit)
    assert await hindered(server) == (
        f"The role deep allows {name}, and anybody may join a cohort. "
        "Server Settings → Roles: take that from the role, or link another one."
    )
    assert server.holders("10") == set()


async def test_a_role_that_gained_power_can_still_be_taken_back(server: Server, notes: Notes) -> None:
    await show_members(server, notes, BOT, members("ada", "bob"))
    server.roles["10"]["permissions"] = str(1 << 3)
    await show_members(server, notes, BOT, members("bob"))
    assert server.holders("10") == {"bob"}


PEOPLE = ("ada", "bob", "eve")
STATES = some.builds(
    lambda people, number: members(*sorted(people), role=number),
    some.sets(some.sampled_from(PEOPLE)), some.sampled_from(["10", "11", None]),
)  # fmt: skip
DEATHS = some.none() | some.tuples(some.integers(0, 6), some.booleans())


@given(some.lists(some.tuples(STATES, DEATHS), min_size=1, max_size=6))
@example([(members("ada"), None), (members(role="11"), (3, True)), (members("ada"), None)])
def test_whenever_it_dies_the_next_time_puts_the_roles_right(history: list[tuple[CohortMembers, Any]]) -> None:
    server, notes = Server(), Notes()
    server.members |= {each: set() for each in PEOPLE}
    for state, death in history:
        server.dies_at, server.dies_late = death or (None, False)
        try:
            asyncio.run(show_members(server, notes, BOT, state))
        except Crash:
            continue
    server.dies_at = None
    last, _ = history[-1]
    asyncio.run(show_members(server, notes, BOT, last))
    wanted = {each.id for each in last.members}
    assert {each: server.holders(each) for each in ("10", "11")} == {
        each: wanted if each == last.role else set() for each in ("10", "11")
    }


# ---- The events -----------------------------------------------------------------------------------------------------


def event(key: str, day: int, **changed: Any) -> Event:
    starts_at = NOON + timedelta(days=day)
    given = {"title": "Deep meets", "text": say("Weekly"), "where": "#main", "ends_at": starts_at + timedelta(hours=1)}
    return Event(key=key, starts_at=starts_at, **{**given, **changed})


def calendar(*events: Event, cohort: str = "c1") -> Calendar:
    return Calendar(place=PLACE, cohort=cohort, locale="en", events=events, as_of=NOON)


def shown(server: Server) -> list[tuple[str, str, str]]:
    """Name, start and location of every event, in order of starting."""
    found = [
        (each["name"], each["scheduled_start_time"], each["entity_metadata"]["location"])
        for each in server.events.values()
    ]
    return sorted(found, key=lambda each: each[1])


async def test_events_are_made_as_external_ones_with_their_key_at_the_end(server: Server) -> None:
    await show_calendar(server, BOT, calendar(event("a", 1)))
    (made,) = server.events.values()
    assert made["entity_type"] == 3
    assert made["privacy_level"] == 2
    assert made["scheduled_end_time"] == "2027-01-05T13:00:00+00:00"
    assert made["description"].startswith("Weekly\n\nmilepost:")


async def test_events_that_are_as_they_should_be_are_left_alone(server: Server) -> None:
    await show_calendar(server, BOT, calendar(event("a", 1), event("b", 8)))
    for each in server.events.values():  # Discord's way of writing an instant
        each["scheduled_start_time"] = each["scheduled_start_time"].replace("+00:00", ".000000+00:00")
    server.asked.clear()
    await show_calendar(server, BOT, calendar(event("a", 1), event("b", 8)))
    assert server.asked == ["GET scheduled-events"]


async def test_an_event_that_changes_is_changed_in_place(server: Server) -> None:
    await show_calendar(server, BOT, calendar(event("a", 1)))
    before = list(server.events)
    await show_calendar(server, BOT, calendar(event("a", 2, where="Library")))
    assert shown(server) == [("Deep meets", "2027-01-06T12:00:00+00:00", "Library")]
    assert list(server.events) == before


async def test_an_event_that_is_not_wanted_any_more_is_deleted(server: Server) -> None:
    await show_calendar(server, BOT, calendar(event("a", 1), event("b", 8)))
    await show_calendar(server, BOT, calendar(event("b", 8)))
    assert [start for _, start, _ in shown(server)] == ["2027-01-12T12:00:00+00:00"]


async def test_an_event_that_is_going_on_is_neither_made_nor_changed_nor_deleted(server: Server) -> None:
    await show_calendar(server, BOT, calendar(event("a", 0)))
    assert server.events == {}
    await show_calendar(server, BOT, calendar(event("a", 1)))
    (made,) = server.events.values()
    made["status"] = 2
    await show_calendar(server, BOT, calendar(event("a", 3)))
    await show_calendar(server, BOT, calendar())
    assert [start for _, start, _ in shown(server)] == ["2027-01-05T12:00:00+00:00"]


async def test_events_of_others_are_left_alone(server: Server) -> None:
    await show_calendar(server, BOT, calendar(event("a", 1), cohort="c2"))
    server.events["5"] = {
        "id": "5", "creator_id": "999", "status": SCHEDULED, "name": "Party", "scheduled_start_time": "2027-01-09",
        "description": next(iter(server.events.values()))["description"], "entity_metadata": None,
    }  # fmt: skip
    before = dict(server.events)
    await show_calendar(server, BOT, calendar())
    assert server.events == before


async def test_an_event_that_was_deleted_by_hand_comes_back(server: Server) -> None:
    await show_calendar(server, BOT, calendar(event("a", 1)))
    server.events.clear()
    await show_calendar(server, BOT, calendar(event("a", 1)))
    assert len(server.events) == 1


async def test_of_two_events_that_came_of_one_the_second_is_deleted(server: Server) -> None:
    async def late(route: Route, place: Place, payload: Mapping[str, Any] | None = None, **_: object) -> Any:
        if route.method == "POST":
            await server(route, place, payload)  # an earlier request, whose answer was lost, takes effect only now
        return await server(route, place, payload)

    for ask in (late, server):
        await show_calendar(ask, BOT, calendar(event("a", 1), event("b", 8)))
    assert [start for _, start, _ in shown(server)] == ["2027-01-05T12:00:00+00:00", "2027-01-12T12:00:00+00:00"]


async def test_without_the_permission_the_fix_is_said(server: Server) -> None:
    server.may_create_events = False
    with pytest.raises(Hindered) as caught:
        await show_calendar(server, BOT, calendar(event("a", 1)))
    assert plain(caught.value.words) == (
        "Without Create Events, Milepost cannot put kick-offs and meetings into the calendar in this server. "
        "Server Settings → Roles → the bot's own role: allow Create Events."
    )


CALENDARS = some.lists(some.sampled_from("abcd"), unique=True).flatmap(
    lambda keys: some.tuples(*(some.builds(event, some.just(key), some.integers(1, 20)) for key in keys))
)


@given(some.lists(some.tuples(CALENDARS, DEATHS), min_size=1, max_size=6))
def test_whenever_it_dies_the_next_time_leaves_each_event_once(history: list[tuple[tuple[Event, ...], Any]]) -> None:
    server = Server()
    for events, death in history:
        server.dies_at, server.dies_late = death or (None, False)
        try:
            asyncio.run(show_calendar(server, BOT, calendar(*events)))
        except Crash:
            continue
    server.dies_at = None
    last, _ = history[-1]
    asyncio.run(show_calendar(server, BOT, calendar(*last)))
    assert [start for _, start, _ in shown(server)] == sorted(each.starts_at.isoformat() for each in last)
