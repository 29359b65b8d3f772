"""`/stuck`: a member asks, the cohort reads it where the week is talked about, and other places to ask are named."""

import pytest

from bot.chat.message import Post
from bot.chat.platform import Deleted, Gone, Place, Posted, Rejected
from tests.town import Square, Town, text_of


class ThreadedSquare(Square):
    """A square whose milestones open threads."""

    async def post(self, place: Place, post: Post) -> Posted:
        posted = await super().post(place, post)
        return posted.model_copy(update={"thread": f"thread-{posted.id}"}) if post.thread else posted


def with_threads(town: Town) -> Town:
    """The same town, where milestones open threads from now on."""
    town.square.__class__ = ThreadedSquare
    return town


async def test_a_milestone_offers_to_ask_for_help(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    assert "[Check in] [I'm stuck] [What next?]" in study_town.posts[0]


async def test_without_words_it_asks_where(study_town: Town) -> None:
    assert "where = " in await study_town.say("ada: /stuck", expect="<Ask your cohort for help.>")


async def test_what_was_asked_is_posted_where_the_cohort_is_at_home(study_town: Town) -> None:
    await study_town.say("ada: /stuck My-gradients-explode.", expect="Your cohort is asked, in #main.")
    await study_town.rooms.delivery.tick()
    (post,) = study_town.posts
    assert post.splitlines()[:2] == ["Ada is stuck", "My-gradients-explode."]
    assert "Can anybody help?" in post


async def test_the_reply_holds_what_was_posted_and_where_else_to_ask(study_town: Town) -> None:
    said = await study_town.say("ada: /stuck My-gradients-explode.")
    assert "My-gradients-explode." in said
    assert "People answer such questions here, too:" in said
    assert "https://" in said


async def test_it_goes_into_the_thread_of_the_newest_milestone(study_town: Town) -> None:
    await with_threads(study_town).pass_time(hours=2)
    await study_town.say("ada: /stuck help")
    await study_town.rooms.delivery.tick()
    place, _ = study_town.square.told[-1]
    assert (place.channel, place.thread) == ("main", "thread-1")


@pytest.mark.parametrize(
    ("failure", "thread"), [(Deleted("the message is gone"), None), (Rejected("too long"), "thread-1")]
)
async def test_it_goes_into_the_channel_once_the_milestone_is_known_to_be_deleted(
    study_town: Town, failure: Exception, thread: str | None
) -> None:
    await with_threads(study_town).pass_time(hours=2)
    study_town.square.failures = [failure]
    await study_town.say("ben: /join")
    await study_town.pass_time(minutes=5)
    await study_town.say("ada: /stuck help")
    await study_town.rooms.delivery.tick()
    assert study_town.square.told[-1][0].thread == thread


async def test_asked_in_a_thread_it_stays_there(study_town: Town) -> None:
    await with_threads(study_town).pass_time(hours=2)
    await study_town.say("ada: /stuck help", thread="thread-9")
    await study_town.rooms.delivery.tick()
    assert study_town.square.told[-1][0].thread == "thread-9"


async def test_asked_elsewhere_it_goes_to_the_cohort(study_town: Town) -> None:
    await study_town.say("ada: /stuck help", channel="lounge", expect="in #main")
    await study_town.rooms.delivery.tick()
    assert study_town.square.told[-1][0].channel == "main"


async def test_where_the_thread_is_gone_it_goes_to_the_channel_which_stays(study_town: Town) -> None:
    study_town.square.failures = [Gone("the thread was deleted")]
    await study_town.say("ada: /stuck help", thread="thread-9")
    await study_town.rooms.delivery.tick()
    assert study_town.square.told[-1][0].thread is None
    assert "gets no posts" not in await study_town.say("grace: /cohort status")


async def test_a_call_asks_once_however_often_it_arrives(study_town: Town) -> None:
    for _ in range(2):
        await study_town.ask("ada: /stuck help", call_id="same")
    await study_town.rooms.delivery.tick()
    assert len(study_town.posts) == 1


async def test_where_posts_do_not_get_through_it_says_so(study_town: Town) -> None:
    study_town.square.failures = [Gone("the channel was deleted")]
    await study_town.pass_time(hours=2)
    await study_town.say("ada: /stuck help", expect="Posts do not reach #main: the channel was deleted")


async def test_a_stranger_is_shown_the_way_in(study_town: Town) -> None:
    assert "/join" in text_of(await study_town.ask("stranger: /stuck help"))
