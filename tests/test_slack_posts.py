"""Posts on Slack: one for each key whatever is lost on the way, found again by the key, a second apart."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.chat.message import Message, Post, Text
from bot.chat.platform import Busy, Deleted, Gone, Person, Place, Posted, Unknown, Unsearchable
from bot.chat.wording import say
from bot.delivery.clock import StoppedClock
from bot.platforms.slack import posting
from bot.platforms.slack.client import Web
from bot.platforms.slack.posting import BETWEEN_ANY, Posting
from tests.slack_server import BOT_TOKEN, Fault, SlackServer, open_slack
from tests.slack_town import Office
from tests.slack_workspace import BOT, MAIN, OTHER, TEAM

MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)
HERE = Place(platform="slack", community=TEAM, channel=MAIN, name="#main")
ADA = Person(platform="slack", id=f"{TEAM}:UADA", name="ada")
PLAIN = Post(key="c1:note:1", message=Message(parts=(Text(text=say("Something to read")),)))
WEEK = PLAIN.model_copy(update={"thread": say("Week 1")})


@pytest.fixture
def clock() -> StoppedClock:
    """Stands still; what waits by it moves it."""
    return StoppedClock(MONDAY)


@pytest.fixture
async def slack(clock: StoppedClock) -> AsyncIterator[SlackServer]:
    """A Slack to post to."""
    async with open_slack() as made:
        made.now = lambda: clock.now().timestamp()
        yield made


@pytest.fixture
async def posts(slack: SlackServer, clock: StoppedClock) -> AsyncIterator[Posting]:
    """What carries posts there."""
    web = Web(BOT_TOKEN, slack.api)
    yield Posting(web, clock, BOT, "/study")
    await web.close()


async def test_a_post_is_a_message_in_the_channel(slack: SlackServer, posts: Posting) -> None:
    posted = await posts.post(HERE, PLAIN)
    [message] = slack.messages[MAIN]
    assert posted == Posted(place=HERE, id=message["ts"])
    assert message["text"] == "Something to read"
    assert "thread_ts" not in message


async def test_slack_tells_whether_a_channel_is_private_still(slack: SlackServer, posts: Posting) -> None:
    slack.private.add(MAIN)
    assert await posts.is_private(HERE)
    slack.private.clear()
    assert not await posts.is_private(HERE)
    with pytest.raises(Gone):
        await posts.is_private(HERE.model_copy(update={"channel": "C0NOWHERE"}))


async def test_a_milestone_is_talked_about_in_the_thread_below_it(slack: SlackServer, posts: Posting) -> None:
    week = await posts.post(HERE, WEEK)
    assert week.thread == week.id
    below = await posts.post(HERE.model_copy(update={"thread": week.thread}), PLAIN)
    assert below.thread is None
    assert slack.messages[MAIN][1]["thread_ts"] == week.id
    assert "reply_broadcast" not in slack.messages[MAIN][1]


async def test_a_post_to_a_person_goes_where_slack_says(slack: SlackServer, posts: Posting) -> None:
    for _ in range(2):
        posted = await posts.post(HERE.model_copy(update={"person": ADA}), WEEK)
    assert len(slack.messages["DUADA"]) == 2
    assert posted.thread is None
    assert slack.sent("conversations.open") == [{"users": "UADA"}]


async def test_an_edit_changes_the_post_where_it_is(slack: SlackServer, posts: Posting) -> None:
    posted = await posts.post(HERE, WEEK)
    changed = WEEK.model_copy(update={"message": Message(parts=(Text(text=say("Something else")),))})
    await posts.edit(posted, changed)
    [message] = slack.messages[MAIN]
    assert message["text"] == "Something else"
    assert await posts.find(HERE, WEEK.key, MONDAY - timedelta(hours=1)) == posted


async def test_a_post_is_taken_back_once_and_for_all(slack: SlackServer, posts: Posting) -> None:
    posted = await posts.post(HERE, PLAIN)
    for _ in range(2):
        await posts.withdraw(posted)
    assert slack.messages[MAIN] == []


async def test_an_edit_of_a_post_that_somebody_deleted_says_so(posts: Posting) -> None:
    posted = await posts.post(HERE, WEEK)
    await posts.withdraw(posted)
    with pytest.raises(Deleted):
        await posts.edit(posted, WEEK)


@pytest.mark.parametrize("fault", [Fault(lost=True), Fault(status=503), Fault(error="internal_error")])
async def test_a_post_whose_answer_was_lost_is_found(slack: SlackServer, posts: Posting, fault: Fault) -> None:
    slack.fail("chat.postMessage", replace(fault, is_done=True))
    with pytest.raises(Unknown):
        await posts.post(HERE, WEEK)
    [message] = slack.messages[MAIN]
    found = await posts.find(HERE, WEEK.key, MONDAY - timedelta(minutes=10))
    assert found == Posted(place=HERE, id=message["ts"], thread=message["ts"])


@pytest.mark.parametrize("where", ["channel", "thread", "person"])
async def test_a_post_is_found_wherever_it_went(posts: Posting, where: str) -> None:
    place = HERE
    if where == "thread":
        place = HERE.model_copy(update={"thread": (await posts.post(HERE, WEEK)).thread})
    if where == "person":
        place = HERE.model_copy(update={"person": ADA})
    since = MONDAY - timedelta(minutes=10)
    post = PLAIN.model_copy(update={"key": "c1:note:7"})
    assert await posts.find(place, post.key, since) is None
    posted = await posts.post(place, post)
    assert await posts.find(place, post.key, since) == posted


async def test_what_others_wrote_is_not_taken_for_ours(slack: SlackServer, posts: Posting) -> None:
    metadata = {"event_type": "milepost_post", "event_payload": {"key": PLAIN.key}}
    slack.write(MAIN, text="copied", bot_id="BOTHER", metadata=metadata)
    slack.write(MAIN, text="typed", user="UADA", metadata=metadata)
    assert await posts.find(HERE, PLAIN.key, MONDAY - timedelta(minutes=10)) is None


async def test_a_post_from_before_is_not_looked_at(posts: Posting) -> None:
    await posts.post(HERE, PLAIN)
    assert await posts.find(HERE, PLAIN.key, MONDAY + timedelta(minutes=1)) is None


async def test_a_post_is_found_behind_pages_of_talk(slack: SlackServer, posts: Posting) -> None:
    posted = await posts.post(HERE, PLAIN)
    for number in range(posting.MOST_MESSAGES - 1):
        slack.write(MAIN, text=str(number), user="UADA")
    assert await posts.find(HERE, PLAIN.key, MONDAY - timedelta(minutes=10)) == posted
    assert len(slack.sent("conversations.history")) == 5


async def test_beyond_a_thousand_messages_nobody_knows(slack: SlackServer, posts: Posting) -> None:
    for number in range(posting.MOST_MESSAGES + 1):
        slack.write(MAIN, text=str(number), user="UADA")
    with pytest.raises(Unsearchable, match="#main has had more than 1000 messages since 2027-01-04"):
        await posts.find(HERE, PLAIN.key, MONDAY - timedelta(minutes=10))


@pytest.mark.parametrize(("channel", "scope"), [(MAIN, "channels:history"), ("DUADA", "im:history")])
async def test_without_the_right_to_read_nobody_knows_and_the_scope_is_named(
    slack: SlackServer, posts: Posting, channel: str, scope: str
) -> None:
    slack.scopes.remove(scope)
    place = HERE.model_copy(update={"person": ADA}) if channel != MAIN else HERE
    with pytest.raises(Unsearchable, match=f"lacks Slack's scope {scope}"):
        await posts.find(place, PLAIN.key, MONDAY)


async def test_a_channel_that_is_lost_is_lost_for_looking_too(posts: Posting) -> None:
    with pytest.raises(Gone, match="Milepost is not in"):
        await posts.find(HERE.model_copy(update={"channel": OTHER}), PLAIN.key, MONDAY)


async def test_a_channel_gets_one_post_a_second(slack: SlackServer, posts: Posting, clock: StoppedClock) -> None:
    for number in range(4):
        await posts.post(HERE, PLAIN.model_copy(update={"key": f"c1:note:{number}"}))
    written = [float(each["ts"]) - MONDAY.timestamp() for each in slack.messages[MAIN]]
    assert written == pytest.approx([0, 1, 2, 3], abs=0.01)


async def test_another_channel_waits_for_no_more_than_the_workspace_asks(
    slack: SlackServer, posts: Posting, clock: StoppedClock
) -> None:
    slack.members.add(OTHER)
    await posts.post(HERE, PLAIN)
    await posts.post(HERE.model_copy(update={"channel": OTHER}), PLAIN)
    assert clock.now() == MONDAY + timedelta(seconds=BETWEEN_ANY)


async def test_a_channel_that_was_quiet_is_posted_to_at_once(
    slack: SlackServer, posts: Posting, clock: StoppedClock
) -> None:
    await posts.post(HERE, PLAIN)
    later = MONDAY + timedelta(minutes=1)
    clock.forward(later)
    await posts.post(HERE, PLAIN)
    assert clock.now() == later


async def test_slack_being_busy_is_no_post(slack: SlackServer, posts: Posting) -> None:
    slack.fail("chat.postMessage", Fault(status=429, error="ratelimited", headers={"Retry-After": "5"}))
    with pytest.raises(Busy):
        await posts.post(HERE, PLAIN)
    assert slack.messages[MAIN] == []


async def test_a_weekly_post_whose_answer_was_lost_is_there_once(study_office: Office) -> None:
    study_office.slack.fail("chat.postMessage", Fault(lost=True, is_done=True))
    await study_office.pass_time(hours=2)
    titles = [each["text"].splitlines()[0] for each in study_office.slack.messages[MAIN]]
    assert titles == ["Week 1 of 90: Python, command line and git"]
    assert study_office.slack.sent("conversations.history")
    assert len(study_office.slack.sent("chat.postMessage")) == 1
