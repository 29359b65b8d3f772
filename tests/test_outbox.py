"""Sending: each post once, whatever fails, whoever dies, and whichever way the clock jumps."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.chat.message import Post
from bot.chat.platform import Busy, Gone, Place, Posted, Rejected, Unknown
from bot.curriculum.load import Curricula
from bot.delivery.clock import StoppedClock
from bot.delivery.sending import Timing
from bot.records import claims, cohorts, posts
from bot.records.claims import Due
from bot.records.lanes import LANES
from bot.records.tables import outbox as outbox_table
from tests.town import MONDAY, Square, Town, open_town

LEASE, SETTLE = Timing().lease, Timing().settle
SEASON = next(each for each in LANES if each.name == "season")
FIRST = "c1:milestone:step-1:1"
SECOND = "c1:milestone:step-2:1"
NINE = MONDAY + timedelta(hours=1)  # when the first milestone is due
Reopen = Callable[..., Awaitable[Town]]


@dataclass
class HangingSquare(Square):
    """A square that never answers; what it was told is kept or lost."""

    keeps: bool = True
    was_told: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, place: Place, post: Post) -> Posted:
        if self.keeps:
            await super().post(place, post)
        self.was_told.set()
        never: asyncio.Future[Posted] = asyncio.get_running_loop().create_future()
        return await never


class NineSquare(Square):
    """A square by whose own clock everything was posted at nine."""

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        return await super().find(place, key, since) if since <= NINE else None


class BusySquare(Square):
    """A square that is always too busy to be searched."""

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        raise Busy(3600, "route")


class UncheckedSquare(Square):
    """A square where whatever asks for a check-in gets no answer."""

    async def post(self, place: Place, post: Post) -> Posted:
        if ":checkin:" in post.key:
            raise Unknown("no answer")
        return await super().post(place, post)


class JumpingClock(StoppedClock):
    """A clock whose time of day somebody sets, or whose process stands still before it looks at it again."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.ahead = timedelta()
        self.stands_still_for: list[float] = []
        self._stood_still = 0.0

    def now(self) -> datetime:
        return super().now() + self.ahead

    def monotonic(self) -> float:
        if self.stands_still_for:
            self._stood_still += self.stands_still_for.pop(0)
        return super().monotonic() + self._stood_still


@pytest.fixture
async def reopen(store: str, curricula: Curricula) -> AsyncIterator[Reopen]:
    """Opens the same records again, as a new process would, with what people see in the square."""
    opened: list[Town] = []

    async def reopened(
        square: Square, at: datetime = NINE, offer: Curricula = curricula,
        timing: Timing | None = None, clock: StoppedClock | None = None,
    ) -> Town:  # fmt: skip
        made = await open_town(store, curricula=offer, at=at, square=square, timing=timing, clock=clock)
        opened.append(made)
        return opened[-1]

    yield reopened
    for each in opened:
        await each.rooms.records.close()


def _row(connection: Connection, key: str) -> dict[str, Any]:
    return dict(connection.execute(select(outbox_table).where(outbox_table.c.key == key)).one()._mapping)


async def row(town: Town, key: str) -> dict[str, Any]:
    """What the outbox holds under the key."""
    return await town.rooms.records.read(_row, key)


async def killed_while_posting(reopen: Reopen, *, keeps: bool, at: datetime = NINE) -> Square:
    """A second process begins to post the first milestone and dies; the square as it leaves it."""
    hanging = HangingSquare(keeps=keeps)
    dying = asyncio.create_task((await reopen(hanging, at)).rooms.delivery.tick())
    await hanging.was_told.wait()
    dying.cancel()
    await asyncio.wait([dying])
    return Square(told=hanging.told)


async def test_a_post_goes_out_once_however_often_the_clock_ticks(study_town: Town) -> None:
    study_town.clock.forward(NINE)
    for _ in range(3):
        await study_town.rooms.delivery.tick()
    assert study_town.keys == [FIRST]


async def test_two_ticks_at_once_send_once(study_town: Town) -> None:
    study_town.clock.forward(NINE)
    await asyncio.gather(*(study_town.rooms.delivery.tick() for _ in range(5)))
    assert study_town.keys == [FIRST]


@pytest.mark.both_stores
async def test_a_restart_repeats_nothing_and_loses_nothing(study_town: Town, reopen: Reopen) -> None:
    await study_town.pass_time(hours=2)
    again = await reopen(study_town.square, MONDAY + timedelta(weeks=1, hours=2))
    await again.rooms.delivery.tick()
    assert [key for key in again.keys if "milestone" in key] == [FIRST, SECOND]


@pytest.mark.both_stores
async def test_a_post_whose_answer_was_lost_is_found_again_and_not_repeated(study_town: Town) -> None:
    study_town.square.forgets_to_answer = 1
    await study_town.pass_time(hours=2)
    assert study_town.keys == [FIRST]
    assert (await row(study_town, FIRST))["state"] == "sent"
    assert (await row(study_town, FIRST))["posted"]["id"] == "1"


@pytest.mark.both_stores
async def test_a_sender_that_dies_after_its_post_went_out_is_not_followed_by_a_second(
    study_town: Town, reopen: Reopen
) -> None:
    square = await killed_while_posting(reopen, keeps=True)
    after = await reopen(square, NINE + timedelta(minutes=2))
    await after.pass_time(seconds=SETTLE.total_seconds())
    assert after.keys == [FIRST]
    assert (await row(after, FIRST))["posted"]["id"] == "1"


async def test_a_sender_that_dies_before_its_post_went_out_loses_nothing(study_town: Town, reopen: Reopen) -> None:
    square = await killed_while_posting(reopen, keeps=False)
    after = await reopen(square, NINE + timedelta(minutes=2))
    await after.pass_time(seconds=SETTLE.total_seconds())
    assert after.keys == [FIRST]


async def test_a_sender_that_may_be_alive_keeps_its_post_for_the_length_of_its_lease(
    study_town: Town, reopen: Reopen
) -> None:
    square = await killed_while_posting(reopen, keeps=False)
    after = await reopen(square, NINE + LEASE - timedelta(seconds=1))
    await after.rooms.delivery.tick()
    assert after.keys == []
    await after.pass_time(seconds=1 + SETTLE.total_seconds())
    assert after.keys == [FIRST]


@pytest.mark.both_stores
async def test_a_lease_from_the_future_was_written_by_a_clock_that_was_wrong(study_town: Town, reopen: Reopen) -> None:
    square = await killed_while_posting(reopen, keeps=False, at=NINE + timedelta(hours=3))
    right = await reopen(square, NINE + timedelta(minutes=2))
    await right.rooms.delivery.tick()
    await right.pass_time(seconds=SETTLE.total_seconds())
    assert right.keys == [FIRST]


@pytest.mark.parametrize("said", ["", "ada: /stuck where:gradients"])
async def test_what_waits_by_a_clock_that_ran_ahead_goes_out_once_it_is_set_back(
    study_town: Town, reopen: Reopen, said: str
) -> None:
    study_town.clock.forward(NINE)
    if not said:  # a milestone that is due by either clock
        study_town.square.failures = [Busy(1, "route")]
        await study_town.rooms.delivery.tick()
    ahead = await reopen(study_town.square, NINE + timedelta(days=3))
    study_town.square.failures = [Busy(20, "route"), Busy(20, "route")]
    if said:
        await ahead.say(said)
    await ahead.rooms.delivery.tick()
    study_town.square.failures.clear()
    assert study_town.keys == []
    await study_town.rooms.delivery.tick()
    assert len(study_town.keys) == 1 + bool(said)


async def test_what_a_clock_that_ran_ahead_took_for_due_waits_for_its_day(study_town: Town, reopen: Reopen) -> None:
    ahead = await reopen(study_town.square, NINE + timedelta(weeks=1))
    study_town.square.failures = [Busy(20, "platform")]
    await ahead.rooms.delivery.tick()
    await study_town.pass_time(days=6)
    assert SECOND not in study_town.keys
    await study_town.pass_time(days=2)
    assert [key for key in study_town.keys if "milestone" in key] == [FIRST, SECOND]


async def test_a_claim_by_a_clock_that_is_a_little_ahead_is_not_taken_over(study_town: Town) -> None:
    study_town.square.failures = [Busy(5, "route")]
    study_town.clock.forward(NINE)
    await study_town.rooms.delivery.tick()
    records, now = study_town.rooms.records, NINE + timedelta(minutes=1)
    assert await records.write(claims.claim, now + timedelta(seconds=1), "ahead", LEASE, "square", SEASON)
    assert await records.write(claims.claim, now, "behind", LEASE, "square", SEASON) is None


async def test_a_post_made_while_our_clock_ran_ahead_is_still_found(study_town: Town, reopen: Reopen) -> None:
    left = await killed_while_posting(reopen, keeps=True, at=NINE + timedelta(hours=3))
    right = await reopen(NineSquare(told=left.told), NINE + timedelta(minutes=2))
    await right.rooms.delivery.tick()
    await right.pass_time(seconds=SETTLE.total_seconds())
    assert right.keys == [FIRST]


async def test_an_attempt_may_still_take_effect_for_a_while_by_a_clock_that_nobody_can_set(
    study_town: Town, reopen: Reopen
) -> None:
    lost = await killed_while_posting(reopen, keeps=True)
    square, clock = Square(), JumpingClock(NINE + LEASE)
    after = await reopen(square, clock=clock)
    await after.rooms.delivery.tick()
    clock.ahead = timedelta(hours=1)
    await after.rooms.delivery.tick()
    assert after.keys == []
    square.told += lost.told
    await after.pass_time(seconds=SETTLE.total_seconds())
    assert after.keys == [FIRST]


async def test_a_process_that_stood_still_after_its_claim_claims_anew_before_it_sends(
    study_town: Town, reopen: Reopen, caplog: pytest.LogCaptureFixture
) -> None:
    clock = JumpingClock(NINE)
    town = await reopen(Square(), clock=clock)
    clock.stands_still_for = [0, 0, LEASE.total_seconds()]  # it is looked at to claim, before a hold, before the post
    await town.rooms.delivery.tick()
    assert town.keys == [FIRST]
    assert f"post {FIRST} was not sent in time after it was claimed" in caplog.text
    assert (await row(town, FIRST))["attempt"] == 1


@pytest.mark.both_stores
async def test_a_late_sender_cannot_record_over_the_one_that_took_over(study_town: Town) -> None:
    study_town.square.failures = [Busy(5, "route")]
    study_town.clock.forward(NINE)
    await study_town.rooms.delivery.tick()
    records, later = study_town.rooms.records, NINE + timedelta(hours=1)
    late = await records.write(claims.claim, later, "late", LEASE, "square", SEASON)
    new = await records.write(claims.claim, later + LEASE, "new", LEASE, "square", SEASON)
    assert isinstance(late, Due)
    assert isinstance(new, Due)
    assert not await records.write(claims.settle, late, "failed", later, reason="too late to tell")
    assert not await records.write(claims.retry, late, later, "too late to tell", certainly_not_sent=True)
    assert not await records.write(claims.settle_lost, late, later, "too late to tell")
    assert (await row(study_town, FIRST))["state"] == "sending"
    assert (await records.read(cohorts.places, 1))[0].lost_because is None
    assert await records.write(claims.settle, new, "sent", later)


async def test_a_busy_platform_is_waited_for_and_no_attempt_is_counted(study_town: Town) -> None:
    study_town.square.failures = [Busy(30, "route") for _ in range(10)]
    study_town.clock.forward(NINE)
    await study_town.rooms.delivery.tick()
    await study_town.pass_time(seconds=29)
    assert len(study_town.square.failures) == 9
    await study_town.pass_time(minutes=10)
    assert study_town.keys == [FIRST]
    assert (await row(study_town, FIRST))["attempt"] == 1


async def test_a_platform_that_is_busy_for_no_time_is_asked_once_a_tick(study_town: Town) -> None:
    study_town.square.failures = [Busy(0, "platform") for _ in range(20)]
    study_town.clock.forward(NINE)
    await study_town.rooms.delivery.tick()
    assert len(study_town.square.failures) == 19


async def test_a_rejected_post_fails_and_its_place_stays(study_town: Town) -> None:
    study_town.square.failures = [Rejected("too long")]
    await study_town.pass_time(weeks=1, hours=2)
    assert (await row(study_town, FIRST))["state"] == "failed"
    assert (await row(study_town, FIRST))["reason"] == "too long"
    assert SECOND in study_town.keys


async def test_a_refused_post_is_told_and_can_be_posted_again(study_town: Town) -> None:
    study_town.square.failures = [Rejected("too long")]
    await study_town.pass_time(hours=2)
    assert study_town.posts[-1].splitlines() == [
        "Not posted: Milestone of Deep",
        "It was due Mon 4 Jan 2027, 09:00 (UTC) in #main: too long",
        "[Post it again]",
    ]
    said = await study_town.say("grace: /cohort status", expect="is not in #main [Post it again]\n  too long")
    assert "is it in #main?" not in said
    await study_town.say("grace: /post again 1", expect="It is posted again now.")
    await study_town.rooms.delivery.tick()
    assert study_town.keys[-1] == FIRST
    assert "[Post it again]" not in await study_town.say("grace: /cohort status")


@pytest.mark.both_stores
async def test_a_place_that_is_gone_gets_nothing_more(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Wide curriculum:deep-learning start:2027-01-04", channel="other")
    study_town.square.failures, study_town.square.fails_in = [Gone("the channel was deleted")], "main"
    await study_town.pass_time(weeks=1, hours=2)
    assert (await row(study_town, FIRST))["state"] == "failed"
    assert (await study_town.rooms.records.read(cohorts.places, 1))[0].lost_because == "the channel was deleted"
    assert {place.channel for place, post in study_town.square.told if ":milestone:" in post.key} == {"other"}


async def test_what_waits_for_a_place_that_is_gone_is_not_tried(study_town: Town) -> None:
    study_town.clock.forward(NINE + timedelta(weeks=1))  # two milestones at once
    study_town.square.failures, study_town.square.fails_in = [Gone("the channel was deleted")], "main"
    await study_town.rooms.delivery.tick()
    assert [key for key in study_town.keys if ":milestone:" in key] == []
    assert (await row(study_town, SECOND))["state"] == "skipped"


async def test_an_outage_of_hours_delays_a_post_and_loses_nothing(study_town: Town) -> None:
    study_town.square.failures = [Unknown("Discord answered 503") for _ in range(20)]
    await study_town.pass_time(hours=3)
    assert FIRST not in study_town.keys
    assert len(study_town.square.failures) > 0
    await study_town.pass_time(hours=3)
    assert study_town.keys == [FIRST]


async def test_a_post_that_fails_until_it_is_too_late_is_left_out_and_that_is_told(study_town: Town) -> None:
    prompt = "c1:checkin:2027-W01:1"
    await study_town.pass_time(days=4)
    study_town.square.__class__ = UncheckedSquare
    await study_town.pass_time(days=2)
    assert prompt not in study_town.keys
    assert (await row(study_town, prompt))["state"] == "skipped"
    assert "Not posted: Check-in prompt of Deep" in study_town.posts[-1]


async def test_one_post_that_fails_does_not_stop_the_others(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Wide curriculum:deep-learning start:2027-01-04", channel="other")
    study_town.square.failures, study_town.square.fails_in = [RuntimeError("a bug")], "main"
    study_town.clock.forward(NINE)
    await study_town.rooms.delivery.tick()
    assert study_town.keys == ["c2:milestone:step-1:2"]
    await study_town.pass_time(minutes=2)
    assert study_town.keys[1:] == [FIRST]


async def test_a_platform_that_never_answers_does_not_hold_up_the_others(study_town: Town, reopen: Reopen) -> None:
    hanging = HangingSquare(keeps=True)
    town = await reopen(hanging, NINE, timing=Timing(lease=timedelta(milliseconds=60)))
    await town.rooms.delivery.tick()
    assert (await row(town, FIRST))["state"] == "pending"
    assert (await row(town, FIRST))["reason"].startswith("no answer within")
    await town.pass_time(minutes=2)
    assert town.keys == [FIRST]


@dataclass
class DeafSquare(Square):
    """A square that never answers to one post, and says when it has heard of others."""

    deaf_to: str = FIRST
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, place: Place, post: Post) -> Posted:
        if post.key == self.deaf_to:
            never: asyncio.Future[Posted] = asyncio.get_running_loop().create_future()
            return await never
        posted = await super().post(place, post)
        self.heard.set()
        return posted


@pytest.mark.both_stores
async def test_a_post_that_hangs_holds_up_no_other_of_its_kind(study_town: Town, reopen: Reopen) -> None:
    await study_town.start("grace: /cohort create Wide curriculum:deep-learning start:2027-01-04", channel="other")
    square = DeafSquare()
    town = await reopen(square)
    working = asyncio.create_task(town.rooms.delivery.tick())
    await square.heard.wait()
    assert (await row(town, FIRST))["state"] == "sending"
    assert town.keys == ["c2:milestone:step-1:2"]
    working.cancel()
    await asyncio.wait([working])


async def test_what_is_put_while_a_post_hangs_does_not_wait_for_it(study_town: Town, reopen: Reopen) -> None:
    square = DeafSquare()
    town = await reopen(square)
    working = asyncio.create_task(town.rooms.delivery.run())
    town.rooms.delivery.soon()
    await town.say("grace: /announce 'Good luck!' cohort:Deep")
    await town.say("grace: /announcement send 1")
    await square.heard.wait()
    assert [each.split(":")[1] for each in town.keys] == ["announcement"]
    working.cancel()
    await asyncio.wait([working])


async def test_a_prompt_does_not_overtake_the_milestone_that_it_asks_about(study_town: Town) -> None:
    study_town.square.failures = [Busy(90, "route")]
    study_town.clock.forward(NINE + timedelta(days=4, hours=9))
    await study_town.rooms.delivery.tick()
    assert study_town.keys == []
    await study_town.pass_time(minutes=2)
    assert [each.split(":")[1] for each in study_town.keys] == ["milestone", "checkin"]


async def test_a_platform_that_wants_to_be_left_alone_is(study_town: Town) -> None:
    study_town.square.failures = [Busy(60, "platform")]
    study_town.clock.forward(NINE)
    await study_town.rooms.delivery.tick()
    await study_town.say("grace: /announce 'Good luck!' cohort:Deep")
    await study_town.say("grace: /announcement send 1")
    await study_town.rooms.delivery.tick()
    assert study_town.keys == []
    await study_town.pass_time(minutes=1)
    assert len(study_town.keys) == 2


async def test_to_be_left_alone_ends_when_the_platform_said_however_much_waits(study_town: Town) -> None:
    study_town.square.failures = [Busy(1.5, "platform")]
    study_town.clock.forward(NINE)
    await study_town.rooms.delivery.tick()
    study_town.clock.forward(NINE + timedelta(seconds=1))
    await study_town.say("grace: /announce 'Good luck!' cohort:Deep")
    await study_town.say("grace: /announcement send 1")
    await study_town.rooms.delivery.tick()
    assert study_town.keys == []
    study_town.clock.forward(NINE + timedelta(seconds=1.5))
    await study_town.rooms.delivery.tick()
    assert len(study_town.keys) == 2


async def test_a_prompt_for_which_the_platform_was_busy_until_it_was_too_late_is_told(study_town: Town) -> None:
    await study_town.pass_time(days=4)
    study_town.square.failures = [Busy(600, "route") for _ in range(200)]
    await study_town.pass_time(days=1, hours=12)
    study_town.square.failures.clear()
    await study_town.pass_time(hours=1)
    assert "Not posted: Check-in prompt of Deep" in study_town.posts[-1]
    assert "it could not be posted" in study_town.posts[-1]


async def test_an_announcement_for_which_the_platform_is_busy_for_days_ends_in_a_word_and_a_button(
    study_town: Town,
) -> None:
    await study_town.say("grace: /announce 'Good luck!' cohort:Deep")
    await study_town.say("grace: /announcement send 1")
    study_town.square.failures = [Busy(1800, "route") for _ in range(1000)]
    await study_town.pass_time(days=1, hours=22)
    assert "is not in #main" not in await study_town.say("grace: /cohort status")
    await study_town.pass_time(hours=3)
    study_town.square.failures.clear()
    await study_town.pass_time(hours=1)
    said = next(each for each in study_town.posts if each.startswith("Not posted: Announcement of Deep"))
    assert "for days the platform has been too busy" in said
    assert said.endswith("[Post it again]")


async def test_a_post_that_may_be_there_while_the_platform_is_busy_for_days_is_asked_about(
    study_town: Town,
) -> None:
    study_town.square.__class__ = BusySquare
    study_town.square.forgets_to_answer = 1
    await study_town.pass_time(days=15)
    assert (await row(study_town, FIRST))["state"] == "unknown"
    assert study_town.keys.count(FIRST) == 1


@pytest.mark.both_stores
async def test_a_week_that_is_tried_again_is_not_overtaken_by_the_next(study_town: Town) -> None:
    study_town.square.failures = [Busy(90, "route"), Unknown("no answer")]
    study_town.clock.forward(NINE + timedelta(weeks=1))
    await study_town.rooms.delivery.tick()
    assert SECOND not in study_town.keys
    await study_town.pass_time(minutes=10)
    assert [key for key in study_town.keys if "milestone" in key] == [FIRST, SECOND]


@pytest.mark.both_stores
async def test_of_a_crowd_behind_a_week_that_is_tried_again_each_has_its_turn_at_once_and_others_none_of_the_wait(
    study_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "CROWD", 1)
    await study_town.start("grace: /cohort create Wide start:2027-01-04 time:10:00", channel="other", expect="is ready")
    study_town.square.failures, study_town.square.fails_in = [Busy(90, "route")], "main"
    study_town.clock.forward(NINE + timedelta(weeks=3, hours=2))
    await study_town.rooms.delivery.tick()
    there = [(place.channel, post.key) for place, post in study_town.square.told if place.person is None]
    assert {channel for channel, _ in there} == {"other"}
    assert len(there) == 2
    await study_town.pass_time(seconds=90)
    in_order = [key for key in study_town.keys[2:] if ":milestone:" in key]
    assert in_order == ["c1:milestone:step-3:1", "c1:milestone:step-4:1"]


async def test_an_announcement_does_not_wait_for_a_milestone_that_is_tried_again(study_town: Town) -> None:
    study_town.square.failures = [Busy(90, "route")]
    study_town.clock.forward(NINE)
    await study_town.rooms.delivery.tick()
    await study_town.say("grace: /announce 'Good luck!' cohort:Deep")
    await study_town.say("grace: /announcement send 1")
    await study_town.rooms.delivery.tick()
    assert [each.split(":")[1] for each in study_town.keys] == ["announcement"]


async def test_time_can_be_played_past_a_sender_that_died(study_town: Town, reopen: Reopen) -> None:
    square = await killed_while_posting(reopen, keeps=False)
    after = await reopen(square, NINE)
    await after.pass_time(weeks=1)
    assert [key for key in after.keys if "milestone" in key] == [FIRST, SECOND]


async def test_the_clock_that_stands_still_is_only_ever_moved_forward() -> None:
    clock = StoppedClock(MONDAY)
    clock.forward(MONDAY - timedelta(hours=1))
    assert clock.now() == MONDAY
    await clock.sleep(90)
    assert (clock.now(), clock.monotonic()) == (MONDAY + timedelta(seconds=90), 90)


@dataclass
class SlowSquare(Square):
    """A square that takes its time to answer."""

    was_told: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, place: Place, post: Post) -> Posted:
        self.was_told.set()
        await asyncio.sleep(0.05)
        return await super().post(place, post)


async def test_a_stop_lets_the_post_under_way_be_recorded_and_begins_no_other(reopen: Reopen) -> None:
    square = SlowSquare()
    town = await reopen(square, MONDAY)
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2026-12-28", expect="Deep is ready")
    town.clock.forward(NINE)
    tick = asyncio.create_task(town.rooms.delivery.tick())
    await square.was_told.wait()
    await town.rooms.delivery.stop(5)
    await tick
    assert town.keys == [FIRST]
    counts = await town.rooms.records.read(posts.counts)
    assert (counts["sent"], "sending" in counts) == (1, False)
    assert counts["pending"] >= 2
