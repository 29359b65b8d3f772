"""Places that posts no longer reach: who looks after the cohort is told once, with the way out, and can try again."""

from datetime import timedelta

from bot.chat.message import Message, Post, Text
from bot.chat.platform import Busy, Gone, Place, Posted
from bot.delivery.due import Putting
from bot.delivery.sending import Timing
from bot.records import claims, posts
from bot.records.claims import Due
from bot.records.lanes import LANES
from tests.town import MONDAY, Square, Town, text_of

SAID = {"message": Message(parts=(Text(text="Hello"),)).model_dump(mode="json")}
LOST = Gone("Milepost may not write in #main; allow it Send Messages")


class TroubledSquare(Square):
    """A square where posts stay, and threads cannot be opened."""

    async def post(self, place: Place, post: Post) -> Posted:
        posted = await super().post(place, post)
        return posted.model_copy(update={"trouble": "allow it Create Public Threads"}) if post.thread else posted


def private(town: Town) -> list[tuple[str, str]]:
    """Who was told what privately."""
    return [
        (place.person.id, text_of(post.message))
        for place, post in town.square.told
        if place.person and ":notice:" in post.key
    ]


def milestones(town: Town) -> list[str]:
    """The keys of the milestones that are there."""
    return [key for key in town.keys if ":milestone:" in key]


async def lose(town: Town, **after: float) -> None:
    """The first milestone finds the place lost."""
    town.square.failures = [LOST]
    await town.pass_time(**(after or {"hours": 2}))


async def test_who_made_the_cohort_is_told_what_is_wrong_and_how_to_go_on(study_town: Town) -> None:
    await lose(study_town)
    ((who, said),) = private(study_town)
    assert who == "grace"
    assert "Deep gets no more posts in #main" in said
    assert "Milepost may not write in #main; allow it Send Messages" in said
    assert "/cohort status" in said
    assert "/cohort place add" in said


async def test_they_are_told_once(study_town: Town) -> None:
    await lose(study_town, weeks=3)
    assert len(private(study_town)) == 1


async def test_status_offers_to_try_again_while_a_place_is_lost(study_town: Town) -> None:
    assert "[Try again]" not in await study_town.say("grace: /cohort status")
    await lose(study_town)
    await study_town.say("grace: /cohort status", expect="[Try again] [What comes next] [Announce]")


async def test_trying_again_posts_what_is_not_too_late_in_order(study_town: Town) -> None:
    await lose(study_town, weeks=3, hours=2)
    await study_town.say("grace: /cohort reopen", expect="Trying again in #main")
    await study_town.rooms.delivery.tick()
    assert milestones(study_town) == ["c1:milestone:step-3:1", "c1:milestone:step-4:1"]
    assert "gets no posts" not in await study_town.say("grace: /cohort status")


async def test_the_post_that_found_the_place_lost_goes_out_after_all(study_town: Town) -> None:
    await lose(study_town)
    await study_town.say("grace: /cohort reopen cohort:c1")
    await study_town.rooms.delivery.tick()
    assert study_town.keys[-1] == "c1:milestone:step-1:1"


async def test_the_season_goes_on_after_that(study_town: Town) -> None:
    await lose(study_town)
    await study_town.say("grace: /cohort reopen")
    await study_town.pass_time(weeks=1)
    assert milestones(study_town) == ["c1:milestone:step-1:1", "c1:milestone:step-2:1"]


async def test_losing_it_again_is_told_again(study_town: Town) -> None:
    await lose(study_town)
    await study_town.say("grace: /cohort reopen")
    await lose(study_town)
    assert len(private(study_town)) == 2


async def test_a_cohort_whose_posts_get_through_has_nothing_to_try_again(study_town: Town) -> None:
    await study_town.say("grace: /cohort reopen", expect="Deep has lost no place: its posts get through.")


async def test_a_person_who_cannot_be_reached_costs_the_cohort_nothing(study_town: Town) -> None:
    study_town.square.failures = [LOST, Gone("they take no direct messages")]
    await study_town.pass_time(hours=2)
    assert private(study_town) == []
    await study_town.say("grace: /cohort status", expect="allow it Send Messages")


async def test_a_lane_that_is_closed_for_a_while_holds_every_private_post(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Wide curriculum:deep-learning start:2027-01-04", channel="other")
    study_town.square.failures = [LOST, LOST, Busy(600, "lane")]
    await study_town.pass_time(hours=1)
    assert study_town.square.failures == []
    await study_town.start("grace: /cohort create Late curriculum:deep-learning start:2027-01-04", channel="third")
    study_town.square.failures = [LOST]
    await study_town.rooms.delivery.tick()
    await study_town.pass_time(minutes=9)
    assert private(study_town) == []
    await study_town.pass_time(minutes=2)
    assert len(private(study_town)) == 3


async def test_a_thread_that_cannot_be_opened_leaves_the_post_and_is_told_once(study_town: Town) -> None:
    study_town.square.__class__ = TroubledSquare
    await study_town.pass_time(weeks=2)
    ((who, said),) = private(study_town)
    assert who == "grace"
    assert "allow it Create Public Threads" in said
    assert milestones(study_town) == ["c1:milestone:step-1:1", "c1:milestone:step-2:1"]
    await study_town.say("grace: /cohort status", expect="⚠ #main gets its posts without threads: allow it Create")


async def test_word_of_a_loss_that_waits_outlives_the_next_loss(study_town: Town) -> None:
    study_town.square.failures = [LOST, Busy(600, "lane")]
    await study_town.pass_time(hours=1)
    await study_town.say("grace: /cohort reopen")
    study_town.square.failures = [LOST]
    await study_town.pass_time(minutes=20)
    assert len(private(study_town)) == 2


async def test_a_post_whose_sender_died_before_the_loss_tells_nobody_again(study_town: Town) -> None:
    study_town.clock.forward(MONDAY + timedelta(hours=1))
    records = study_town.rooms.records
    await records.write(Putting(study_town.clock.now(), lambda cohort: 90).page)
    dead = await records.write(claims.claim, study_town.clock.now(), "dead", Timing().lease, "square", LANES[1])
    assert dead is not None
    await study_town.say("ada: /stuck help")
    study_town.square.failures = [LOST]
    await study_town.rooms.delivery.tick()
    study_town.square.failures = [LOST]
    await study_town.pass_time(minutes=2)
    assert study_town.square.failures == []
    assert len(private(study_town)) == 1


async def test_a_place_lost_for_one_reason_after_another_comes_back_with_all_that_waited(study_town: Town) -> None:
    await lose(study_town)
    records, now = study_town.rooms.records, study_town.clock.now()
    for key in ("first", "second"):
        await records.write(posts.put, f"c1:share:{key}:1", "share", 1, 1, now, SAID)
    found = await records.write(claims.claim, now, "f", Timing().lease, "square", LANES[2])
    assert isinstance(found, Due)
    assert await records.write(claims.settle_lost, found, now, "another reason")
    await study_town.say("grace: /cohort reopen")
    await study_town.rooms.delivery.tick()
    assert {"c1:share:first:1", "c1:share:second:1"} <= set(study_town.keys)
