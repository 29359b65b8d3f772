"""A clock that cannot be believed: what it would post or leave out for ever waits until it has kept to what it says."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from bot.chat.message import Button, Message
from bot.chat.platform import Place, Posted, Unknown
from bot.curriculum.load import Curricula
from bot.records import posts
from tests.test_outbox import NINE, JumpingClock
from tests.town import MONDAY, Square, Town, open_town

FIRST = "c1:milestone:step-1:1"


class JumpySquare(Square):
    """A square that takes its time to be searched, while somebody sets the clock."""

    clock: JumpingClock

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        found = await super().find(place, key, since)
        self.clock.ahead = timedelta(days=2)
        return found


@pytest.fixture
async def watched(study_town: Town, store: str, curricula: Curricula) -> AsyncIterator[Town]:
    """The study town as a new process sees it, which watches its clock."""
    made = await open_town(store, curricula=curricula, square=study_town.square, clock=JumpingClock(MONDAY))
    await made.rooms.delivery.watch_clock()
    await made.rooms.delivery.tick()
    yield made
    await made.rooms.records.close()


def set_clock(town: Town, **ahead: float) -> None:
    assert isinstance(town.clock, JumpingClock)
    town.clock.ahead = timedelta(**ahead)


async def minutes(town: Town, number: int) -> None:
    """Tick as the app does, if more seldom."""
    for _ in range(number):
        await town.clock.sleep(60)
        await town.rooms.delivery.tick()


async def test_a_clock_that_is_far_ahead_for_a_while_uses_up_no_step(watched: Town) -> None:
    set_clock(watched, days=400)
    await minutes(watched, 5)
    set_clock(watched)
    await minutes(watched, 54)
    assert watched.keys == []
    await minutes(watched, 1)
    assert watched.keys == [FIRST]
    assert (await watched.rooms.records.read(posts.next_steps, 1))["milestone"] == 2


@pytest.mark.parametrize("every_week", ["", " until:2027-03-01"])
async def test_a_clock_that_is_far_ahead_for_a_while_uses_up_no_announcement(watched: Town, every_week: str) -> None:
    await watched.say("grace: /announce text:hello")
    await watched.say(f"grace: /announcement schedule draft:1 on:2027-01-04 time:08:30{every_week}")
    set_clock(watched, days=400)
    await minutes(watched, 5)
    set_clock(watched)
    await minutes(watched, 24)
    assert watched.keys == []
    await minutes(watched, 1)
    assert watched.posts == ["Announcement for Deep\nhello"]


@pytest.mark.parametrize(
    ("asked", "done"), [("cohort shift weeks:1", "Done."), ("announce text:hello", "Your announcement is on its way.")]
)
async def test_nobody_changes_dates_or_sends_anything_by_a_clock_that_is_far_ahead(
    watched: Town, asked: str, done: str
) -> None:
    reply = await watched.ask(f"grace: /{asked}")
    assert isinstance(reply, Message)
    does_it = next(each.line for each in reply.buttons if isinstance(each, Button) and each.style == "primary")
    set_clock(watched, hours=23)
    await minutes(watched, 1)
    await watched.say(f"grace: /{does_it}", expect="The clock here has just changed by hours.")
    set_clock(watched)
    await watched.say(f"grace: /{does_it}", expect=done)


async def test_a_clock_that_jumps_while_a_post_is_looked_for_leaves_nothing_out(watched: Town) -> None:
    await watched.pass_time(days=4, hours=8)
    watched.square.failures = [Unknown("no answer")]
    watched.square.__class__ = JumpySquare
    watched.square.clock = watched.clock  # type: ignore[attr-defined]
    await watched.pass_time(hours=2)
    assert [key for key in watched.keys if "checkin" in key] == ["c1:checkin:2027-W01:1"]


async def test_a_machine_that_was_suspended_goes_on_after_ten_minutes(watched: Town) -> None:
    set_clock(watched, hours=3)
    await minutes(watched, 10)
    assert watched.keys == []
    await minutes(watched, 1)
    assert watched.keys == [FIRST]


async def test_an_hour_makes_no_doubt(watched: Town) -> None:
    set_clock(watched, hours=1)
    await watched.rooms.delivery.tick()
    assert watched.keys == [FIRST]


async def test_a_start_weeks_after_the_last_post_waits_ten_minutes_before_anything_is_left_out(
    study_town: Town, store: str, curricula: Curricula
) -> None:
    await study_town.pass_time(hours=2)
    clock = JumpingClock(NINE + timedelta(weeks=5))
    later = await open_town(store, curricula=curricula, square=Square(), clock=clock)
    await later.rooms.delivery.watch_clock()
    await later.rooms.delivery.tick()
    await minutes(later, 9)
    assert (await later.rooms.records.read(posts.next_steps, 1))["milestone"] == 2
    await minutes(later, 2)
    assert later.keys[0] == "c1:milestone:step-5:1"  # the older ones are left out, as after any long outage
    await later.rooms.records.close()


async def test_on_the_day_after_a_clock_was_doubted_no_key_is_forgotten(watched: Town) -> None:
    await watched.pass_time(hours=2)
    set_clock(watched, days=400)
    await minutes(watched, 12)
    for hours, kept in ((0, 1), (23, 1), (1, 0)):
        await watched.clock.sleep(hours * 3600)
        await watched.rooms.delivery.forget_old()
        assert await watched.rooms.records.read(first) == kept, hours


def first(connection: Connection) -> int:
    """How many posts are kept of the first milestone, which is not the newest."""
    return len(posts.beginning(connection, 1, FIRST))
