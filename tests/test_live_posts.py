"""Posts that keep up with what they tell of: how a cohort gets on shows in the milestone, in place, and calmly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.chat.message import Post, text
from bot.chat.platform import Busy, Gone, Place, Posted, Rejected, Unknown
from bot.curriculum.load import Curricula
from bot.delivery.sending import Timing
from bot.delivery.versions import season
from bot.records import cohorts, live
from tests.test_outbox import JumpingClock
from tests.town import Square, Town, open_town

Restart = Callable[[Town, Square], Awaitable[Town]]


@dataclass
class EventfulSquare(Square):
    """A square where something happens once, after a post is up or edited and before its sender hears of it."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def post(self, place: Place, post: Post) -> Posted:
        posted = await super().post(place, post)
        await self._happens()
        return posted

    async def edit(self, posted: Posted, post: Post) -> None:
        await super().edit(posted, post)
        await self._happens()

    async def _happens(self) -> None:
        if self.meanwhile:
            happens, self.meanwhile = self.meanwhile, None
            await happens()


class UnansweredSquare(Square):
    """A square that edits its posts and does not say so."""

    async def edit(self, posted: Posted, post: Post) -> None:
        await super().edit(posted, post)
        raise Unknown("no answer")


@pytest.fixture
async def week_one(study_town: Town) -> Town:
    """Week 1 is posted, an hour ago; Ada and Ben are in it."""
    await study_town.say("ben: /join")
    await study_town.pass_time(hours=2)
    return study_town


@pytest.fixture
async def restart(store: str, curricula: Curricula) -> AsyncIterator[Restart]:
    """The same records in a new process."""
    opened: list[Town] = []

    async def restarted(town: Town, square: Square) -> Town:
        opened.append(await open_town(store, curricula=curricula, at=town.clock.now(), square=square))
        return opened[-1]

    yield restarted
    for each in opened:
        await each.rooms.records.close()


async def required(town: Town) -> list[str]:
    """The lines that finish week 1."""
    cohort = await town.rooms.records.read(cohorts.get, 1)
    tasks = [each for each in season(town.rooms.curricula, cohort)[0].tasks if not each.optional]
    return [f"/done {each.id} link:https://example.org" if each.evidence else f"/done {each.id}" for each in tasks]


async def finish(town: Town, who: str) -> None:
    """Do all that week 1 asks for."""
    for line in await required(town):
        await town.say(f"{who}: {line}")


def line(town: Town) -> str:
    """What the milestone says of how the cohort gets on; empty if it says nothing."""
    return next((each for each in town.posts[0].splitlines() if "member" in each), "")


async def test_a_milestone_says_how_many_are_on_it(week_one: Town) -> None:
    assert line(week_one) == "2 members are on this week's tasks."


async def test_a_milestone_of_a_cohort_without_members_says_nothing_of_it(town: Town) -> None:
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04")
    await town.pass_time(hours=2)
    assert line(town) == ""


async def test_finishing_the_week_shows_at_the_next_tick(week_one: Town) -> None:
    await finish(week_one, "ada")
    assert week_one.rooms.delivery.is_wanted
    await week_one.rooms.delivery.tick()
    assert line(week_one) == "🎉 1 of 2 members have finished this week."


async def test_optional_tasks_are_not_asked_for_and_a_task_less_is_not_enough(week_one: Town) -> None:
    for each in (await required(week_one))[:-1]:
        await week_one.say(f"ada: {each}")
    await week_one.rooms.delivery.tick()
    assert line(week_one) == "2 members are on this week's tasks."


async def test_progress_that_changes_no_word_edits_nothing(week_one: Town) -> None:
    await week_one.say(f"ada: {(await required(week_one))[0]}")
    await week_one.pass_time(minutes=2)
    assert week_one.square.edits == 0


async def test_looking_in_vain_holds_up_the_next_change_for_no_more_than_two_seconds(week_one: Town) -> None:
    *first, last = await required(week_one)
    for each in first:
        await week_one.say(f"ada: {each}")
    await week_one.rooms.delivery.tick()
    await week_one.say(f"ada: {last}")
    await week_one.pass_time(seconds=2)
    assert line(week_one) == "🎉 1 of 2 members have finished this week."


async def test_undoing_shows_too(week_one: Town) -> None:
    await finish(week_one, "ada")
    await week_one.rooms.delivery.tick()
    await week_one.say("ada: /undo")
    await week_one.pass_time(seconds=30)
    assert line(week_one) == "2 members are on this week's tasks."


async def test_joining_and_leaving_show(week_one: Town) -> None:
    await week_one.say("cleo: /join")
    await week_one.rooms.delivery.tick()
    assert line(week_one) == "3 members are on this week's tasks."
    await week_one.say("ben: /leave")
    await week_one.say("cleo: /leave")
    await week_one.pass_time(seconds=30)
    assert line(week_one) == "1 member is on this week's tasks."


async def test_a_burst_costs_two_edits_and_its_end_arrives(week_one: Town) -> None:
    for number in range(12):
        await week_one.say(f"member{number}: /join")
        await week_one.rooms.delivery.tick()
    assert week_one.square.edits == 1
    await week_one.pass_time(seconds=29)
    assert week_one.square.edits == 1
    await week_one.pass_time(seconds=1)
    assert week_one.square.edits == 2
    assert line(week_one) == "14 members are on this week's tasks."


async def test_a_change_that_was_not_shown_yet_survives_a_restart(week_one: Town, restart: Restart) -> None:
    await finish(week_one, "ada")
    after = await restart(week_one, week_one.square)
    await after.rooms.delivery.tick()
    assert line(after) == "🎉 1 of 2 members have finished this week."


@pytest.mark.parametrize("failure", [Busy(20, "route"), Unknown("no answer"), RuntimeError("a bug")])
async def test_an_edit_that_fails_is_tried_again(week_one: Town, failure: Exception) -> None:
    week_one.square.failures = [failure]
    await finish(week_one, "ada")
    await week_one.rooms.delivery.tick()
    assert week_one.square.edits == 0
    await week_one.pass_time(hours=1)
    assert line(week_one) == "🎉 1 of 2 members have finished this week."


async def test_a_busy_platform_is_left_in_peace_whatever_happens_meanwhile(week_one: Town) -> None:
    week_one.square.failures = [Busy(300, "route")]
    await finish(week_one, "ada")
    await week_one.rooms.delivery.tick()
    await week_one.say("cleo: /join")
    await week_one.pass_time(seconds=299)
    assert week_one.square.edits == 0
    await week_one.pass_time(seconds=1)
    assert line(week_one) == "🎉 1 of 3 members have finished this week."


@pytest.mark.parametrize("failure", [Gone("the message was deleted"), Rejected("too long")])
async def test_a_post_that_cannot_be_edited_is_let_be_and_its_place_stays(week_one: Town, failure: Exception) -> None:
    week_one.square.failures = [failure]
    await finish(week_one, "ada")
    await week_one.pass_time(minutes=5)
    await week_one.say("cleo: /join")
    await week_one.pass_time(minutes=5)
    assert week_one.square.edits == 0
    await week_one.pass_time(weeks=1)
    assert any(key.startswith("c1:milestone:step-2:") for key in week_one.keys)


async def test_a_milestone_of_long_ago_is_left_as_it_is(week_one: Town) -> None:
    await week_one.pass_time(weeks=2)
    was = week_one.posts[0]
    await finish(week_one, "ada")
    await week_one.pass_time(minutes=5)
    assert week_one.posts[0] == was


async def test_what_happens_while_the_post_is_on_its_way_is_caught_up_with(study_town: Town, restart: Restart) -> None:
    square = EventfulSquare()
    again = await restart(study_town, square)
    square.meanwhile = lambda: again.say("ben: /join")
    await again.pass_time(hours=1)
    assert line(again) == "2 members are on this week's tasks."


async def test_what_happens_while_an_edit_is_on_its_way_is_caught_up_with(week_one: Town, restart: Restart) -> None:
    square = EventfulSquare(told=week_one.square.told)
    again = await restart(week_one, square)
    await again.say("cleo: /join")
    square.meanwhile = lambda: again.say("dan: /join")
    await again.rooms.delivery.tick()
    await again.pass_time(seconds=30)
    assert line(again) == "4 members are on this week's tasks."


async def test_an_edit_whose_sender_died_is_made_by_the_next(week_one: Town, restart: Restart) -> None:
    square = EventfulSquare(told=week_one.square.told)
    dying = await restart(week_one, square)
    await dying.say("cleo: /join")
    began = asyncio.Event()

    async def never() -> None:
        began.set()
        await asyncio.get_running_loop().create_future()

    square.meanwhile = never
    tick = asyncio.create_task(dying.rooms.delivery.tick())
    await began.wait()
    tick.cancel()
    await asyncio.wait([tick])
    square.told[0] = (square.told[0][0], square.told[0][1].model_copy(update={"message": text("lost")}))
    after = await restart(week_one, square)
    await after.pass_time(minutes=2)
    assert line(after) == "3 members are on this week's tasks."


async def test_a_post_that_was_found_again_after_a_lost_answer_is_kept_up_to_date(study_town: Town) -> None:
    study_town.square.forgets_to_answer = 1
    await study_town.pass_time(hours=2)
    await study_town.say("ben: /join")
    await study_town.pass_time(minutes=1)
    assert line(study_town) == "2 members are on this week's tasks."


async def test_while_one_process_edits_a_post_no_other_does_and_what_holds_in_the_end_is_what_it_says(
    week_one: Town, restart: Restart
) -> None:
    square = EventfulSquare(told=week_one.square.told)
    one, other = await restart(week_one, square), await restart(week_one, square)
    await one.say("cleo: /join")

    async def another_tries() -> None:
        await other.say("dan: /join")
        await other.rooms.delivery.tick()
        assert square.edits == 1

    square.meanwhile = another_tries
    await one.rooms.delivery.tick()
    await one.pass_time(seconds=30)
    assert (square.edits, line(one)) == (2, "4 members are on this week's tasks.")


async def test_a_process_that_stood_still_before_its_edit_leaves_it_to_the_one_that_took_over(
    week_one: Town, restart: Restart
) -> None:
    late, new = await restart(week_one, week_one.square), await restart(week_one, week_one.square)
    await late.say("cleo: /join")
    now, lease = late.clock.now(), Timing().lease
    frozen = await late.rooms.records.write(live.claim, now, "late", lease, "square")
    assert frozen is not None
    new.clock.forward(now + lease * 2)
    await new.say("dan: /join")
    await new.rooms.delivery.tick()
    assert not await late.rooms.records.write(live.begin, frozen, now + lease)
    await late.rooms.records.write(live.settle, frozen, "what it meant to say", now)
    await new.say("ben: /leave")
    await new.pass_time(minutes=1)
    assert line(new) == "3 members are on this week's tasks."


async def test_an_edit_that_may_have_got_there_is_put_right_also_when_the_facts_are_as_before(week_one: Town) -> None:
    was = line(week_one)
    square = week_one.square
    square.__class__ = UnansweredSquare
    await week_one.say("cleo: /join")
    await week_one.rooms.delivery.tick()
    assert line(week_one) != was
    square.__class__ = Square
    await week_one.say("cleo: /leave")
    await week_one.pass_time(minutes=2)
    assert line(week_one) == was


async def test_what_changed_while_the_clock_ran_ahead_shows_once_it_is_set_back(
    week_one: Town, store: str, curricula: Curricula
) -> None:
    clock = JumpingClock(week_one.clock.now())
    again = await open_town(store, curricula=curricula, square=week_one.square, clock=clock)
    clock.ahead = timedelta(days=3)
    again.square.failures = [Busy(20, "route")]
    await again.say("cleo: /join")
    await again.rooms.delivery.tick()
    assert again.square.edits == 0
    clock.ahead = timedelta()
    await again.rooms.delivery.tick()
    assert line(again) == "3 members are on this week's tasks."
    await again.rooms.records.close()


async def test_what_is_to_be_taken_back_by_a_clock_that_ran_ahead_is_taken_back_once_it_is_set_back(
    study_town: Town, store: str, curricula: Curricula
) -> None:
    await study_town.say("ada: /stuck gradients")
    await study_town.pass_time(minutes=1)
    clock = JumpingClock(study_town.clock.now())
    again = await open_town(store, curricula=curricula, square=study_town.square, clock=clock)
    clock.ahead = timedelta(days=30)
    await again.say('ada: /mydata forget word:"forget me"')
    clock.ahead = timedelta()
    await again.rooms.delivery.tick()
    assert again.posts == []
    await again.rooms.records.close()
