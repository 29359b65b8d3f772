"""Posts on Discord: one for each key whatever is lost on the way, and what each of Discord's errors means for them."""

from collections.abc import Callable

import aiohttp
import discord
import pytest

from bot.chat.message import Button, Message, Post, Text
from bot.chat.platform import Busy, Closed, Failure, Gone, Person, Posted, Rejected, Unknown, Unsearchable
from bot.chat.wording import say
from bot.pictures.studio import Studio
from bot.platforms.discord import ids
from bot.platforms.discord.connect import Discord
from bot.records import cohorts
from tests.discord_town import MONDAY, Guild, Limited, read

PLAIN = Post(key="c1:note:1", message=Message(parts=(Text(text=say("Something to read")),)))
PRESSED = Post(key="c1:note:2", message=Message(buttons=(Button(label=say("Join"), line="join"),)))
THREADED = PLAIN.model_copy(update={"thread": say("A thread")})


async def test_a_milestone_is_posted_with_a_thread_of_its_own(study_guild: Guild) -> None:
    await study_guild.pass_time(hours=2)
    assert [read(each).splitlines()[0] for each in study_guild.posts] == [
        "## Week 1 of 90: Python, command line and git"
    ]
    assert [each.name for each in study_guild.main.threads] == ["Week 1: Python, command line and git"]
    assert study_guild.main.threads[0].id == study_guild.posts[0].id


async def test_a_post_carries_a_nonce_that_stays_the_same(guild: Guild) -> None:
    for _ in range(2):
        await guild.discord.post(guild.place, PLAIN)
    first, second = guild.sent("POST", "/messages")
    assert first["nonce"] == second["nonce"] == ids.nonce(PLAIN.key, guild.place)
    assert first["enforce_nonce"] is True


async def test_a_post_notifies_those_it_names_and_nobody_else(guild: Guild) -> None:
    alice = Person(platform="discord", id=str(guild.alice.id), name="alice")
    await guild.discord.post(guild.place, PLAIN.model_copy(update={"notify": (alice,)}))
    assert guild.sent("POST", "/messages")[0]["allowed_mentions"] == {"parse": [], "users": [alice.id]}


@pytest.mark.parametrize("post", [PLAIN, PRESSED])
async def test_a_post_is_found_by_its_key(guild: Guild, post: Post) -> None:
    posted = await guild.discord.post(guild.place, post)
    await guild.discord.post(guild.place, post.model_copy(update={"key": "c1:note:99"}))
    assert await guild.discord.find(guild.place, post.key, MONDAY) == posted
    assert await guild.discord.find(guild.place, "c1:note:3", MONDAY) is None


async def test_what_somebody_else_wrote_with_the_same_marks_is_not_our_post(guild: Guild) -> None:
    posted = await guild.discord.post(guild.place, PRESSED)
    guild.env.backend.get_message(guild.main.id, int(posted.id)).author_id = guild.alice.id
    assert await guild.discord.find(guild.place, PRESSED.key, MONDAY) is None


async def test_a_post_is_found_by_its_button_when_its_numbers_are_gone(guild: Guild) -> None:
    posted = await guild.discord.post(guild.place, PRESSED)
    kept = guild.env.backend.get_message(guild.main.id, int(posted.id))
    for number, each in enumerate([kept.components[0], *kept.components[0]["components"]]):
        each["id"] = number + 1
    assert await guild.discord.find(guild.place, PRESSED.key, MONDAY) == posted


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), ConnectionResetError(), TimeoutError()])
@pytest.mark.parametrize("is_done", [True, False])
async def test_a_lost_answer_leaves_exactly_one_post(study_guild: Guild, error: Exception, is_done: bool) -> None:
    study_guild.fail_next("/messages", error, is_done=is_done)
    await study_guild.pass_time(hours=2)
    assert len(study_guild.posts) == 1
    assert len(study_guild.main.threads) == 1


@pytest.mark.parametrize("seconds", [30, 300])
async def test_a_thread_that_could_not_be_opened_yet_is_opened_when_the_post_is_found(
    study_guild: Guild, seconds: float
) -> None:
    study_guild.fail_next("/threads", Limited(seconds))
    await study_guild.pass_time(hours=2)
    assert len(study_guild.posts) == 1
    assert [each.name for each in study_guild.main.threads] == ["Week 1: Python, command line and git"]


async def test_a_thread_that_is_there_already_is_no_error(guild: Guild) -> None:
    guild.fail_next("/threads", ConnectionResetError(), is_done=True)
    with pytest.raises(Unknown):
        await guild.discord.post(guild.place, THREADED)
    guild.env.inject_error("POST", "*/threads", status=400, code=160004)
    found = await guild.discord.find(guild.place, THREADED.key, MONDAY)
    assert found is not None
    assert found.thread == found.id


async def test_a_post_goes_out_without_the_thread_that_is_not_allowed(guild: Guild) -> None:
    guild.env.inject_error("POST", "*/threads", status=403, code=50013)
    posted = await guild.discord.post(guild.place, THREADED)
    assert posted.thread is None
    assert len(guild.posts) == 1


@pytest.mark.parametrize(("status", "code"), [(403, 50013), (403, 50001), (404, 10003)])
async def test_a_channel_that_is_closed_or_deleted_is_lost_with_a_reason(
    study_guild: Guild, status: int, code: int
) -> None:
    study_guild.env.inject_error("POST", "/channels/*/messages", status=status, code=code, times=None)
    await study_guild.pass_time(weeks=2)
    cohort = (await study_guild.records.town("discord", str(study_guild.server.id))).cohorts[0]
    places = await study_guild.records.read(cohorts.places, cohort.id)
    assert places[0].lost_because is not None
    assert str(code) in places[0].lost_because
    milestones = [each for each in study_guild.sent("POST", "/messages") if "Python, command line" in str(each)]
    assert len(milestones) == 1


def busy_for(seconds: float, scope: str) -> Callable[[Failure], bool]:
    return lambda failure: isinstance(failure, Busy) and (failure.retry_after, failure.scope) == (seconds, scope)


def is_a(kind: type[Failure]) -> Callable[[Failure], bool]:
    return lambda failure: isinstance(failure, kind)


@pytest.mark.parametrize(
    ("status", "code", "is_right"),
    [
        (403, 50013, is_a(Gone)),
        (403, 0, busy_for(600, "platform")),  # a page of the firewall at the door
        (404, 10003, is_a(Gone)),
        (404, 10008, is_a(Rejected)),
        (403, 160005, is_a(Gone)),  # a thread that is locked
        (400, 50008, busy_for(60, "route")),  # a forum that was taken for a text channel
        (400, 50035, is_a(Rejected)),
        (401, 0, busy_for(600, "platform")),  # the token was changed: the posts wait for the new one
        (429, 0, busy_for(600, "platform")),
        (400, 40003, busy_for(600, "lane")),
        (403, 50007, is_a(Closed)),  # somebody who takes no direct messages
        (403, 50278, is_a(Closed)),  # or is in no server with us any more
        (500, 0, is_a(Unknown)),
        (503, 0, is_a(Unknown)),
    ],
)
async def test_each_error_of_discord_is_one_of_the_four_failures(
    guild: Guild, status: int, code: int, is_right: Callable[[Failure], bool]
) -> None:
    guild.env.inject_error("POST", "/channels/*/messages", status=status, code=code)
    with pytest.raises(Failure) as failed:
        await guild.discord.post(guild.place, PLAIN)
    assert is_right(failed.value)


@pytest.mark.parametrize(("is_global", "scope"), [(False, "route"), (True, "platform")])
async def test_a_rate_limit_says_when_to_come_again(guild: Guild, is_global: bool, scope: str) -> None:
    guild.fail_next("/messages", Limited(45, is_global=is_global))
    with pytest.raises(Busy) as busy:
        await guild.discord.post(guild.place, PLAIN)
    assert (busy.value.retry_after, busy.value.scope) == (45.0, scope)


async def test_a_post_waits_out_a_rate_limit_and_counts_no_attempt(study_guild: Guild) -> None:
    study_guild.fail_next("/messages", Limited(45))
    await study_guild.pass_time(hours=2)
    assert len(study_guild.posts) == 1
    assert study_guild.sent("GET", "/messages") == []  # nothing was in doubt, so nothing was looked for


async def test_a_post_before_the_connection_is_told_to_come_again_at_once(guild: Guild) -> None:
    early = Discord("token", guild.notebook, guild.clock, Studio())
    with pytest.raises(Busy):
        await early.post(guild.place, PLAIN)
    early.client(guild.rooms.desk)
    with pytest.raises(Busy):
        await early.find(guild.place, PLAIN.key, MONDAY)


async def test_nothing_is_called_unfound_where_the_history_may_not_be_read(guild: Guild) -> None:
    hidden = discord.PermissionOverwrite(read_message_history=False)
    channel = guild.server.create_text_channel("hidden", overwrites={guild.server.default_role: hidden})
    await guild.env.settle()
    place = guild.place.model_copy(update={"channel": str(channel.id)})
    with pytest.raises(Unsearchable, match="Read Message History"):
        await guild.discord.find(place, PLAIN.key, MONDAY)


async def test_an_edited_post_says_the_new_and_is_still_found(guild: Guild) -> None:
    posted = await guild.discord.post(guild.place, PRESSED)
    said = PRESSED.message.model_copy(update={"parts": (Text(text=say("Something else")),)})
    await guild.discord.edit(posted, PRESSED.model_copy(update={"message": said}))
    assert "Something else" in read(guild.posts[0])
    assert await guild.discord.find(guild.place, PRESSED.key, MONDAY) == posted


async def test_the_edit_of_a_post_that_was_deleted_does_not_lose_the_channel(guild: Guild) -> None:
    posted = await guild.discord.post(guild.place, PLAIN)
    await guild.discord.withdraw(posted)
    with pytest.raises(Rejected):
        await guild.discord.edit(posted, PLAIN)


async def test_a_post_that_is_gone_counts_as_withdrawn(guild: Guild) -> None:
    posted = await guild.discord.post(guild.place, PLAIN)
    await guild.discord.withdraw(posted)
    assert guild.posts == []
    await guild.discord.withdraw(posted)


async def test_a_post_can_go_into_a_thread_and_is_found_there(guild: Guild) -> None:
    thread = (await guild.discord.post(guild.place, THREADED)).thread
    inside = guild.place.model_copy(update={"thread": thread})
    posted = await guild.discord.post(inside, PRESSED)
    assert guild.sent("POST", f"/channels/{thread}/messages") != []
    assert await guild.discord.find(inside, PRESSED.key, MONDAY) == Posted(place=inside, id=posted.id)
    assert await guild.discord.find(guild.place, PRESSED.key, MONDAY) is None


def archive(guild: Guild, thread: str | None, *, refusals: int) -> None:
    """Have the thread be archived, so that it takes no message and no edit so many times."""
    assert thread is not None
    path = f"/channels/{thread}/messages*"
    guild.env.inject_error("*", path, status=400, code=50083, message="Thread is archived", times=refusals)


async def test_an_archived_thread_is_opened_again_for_what_goes_into_it(guild: Guild) -> None:
    thread = (await guild.discord.post(guild.place, THREADED)).thread
    inside = guild.place.model_copy(update={"thread": thread})
    archive(guild, thread, refusals=1)
    posted = await guild.discord.post(inside, PRESSED)
    assert guild.sent("PATCH", f"/channels/{thread}") == [{"archived": False}]
    assert await guild.discord.find(inside, PRESSED.key, MONDAY) == posted


async def test_a_post_in_an_archived_thread_is_still_edited(guild: Guild) -> None:
    thread = (await guild.discord.post(guild.place, THREADED)).thread
    inside = guild.place.model_copy(update={"thread": thread})
    posted = await guild.discord.post(inside, PLAIN)
    archive(guild, thread, refusals=1)
    await guild.discord.edit(posted, PLAIN.model_copy(update={"message": Message(title=say("Something else"))}))
    assert guild.sent("PATCH", f"/channels/{thread}") == [{"archived": False}]
    assert [read(each) for each in guild.main.threads[0].history()][-1] == "## Something else"


async def test_a_thread_that_cannot_be_opened_again_is_lost_after_one_try(guild: Guild) -> None:
    thread = (await guild.discord.post(guild.place, THREADED)).thread
    archive(guild, thread, refusals=2)
    with pytest.raises(Gone, match="takes nothing more"):
        await guild.discord.post(guild.place.model_copy(update={"thread": thread}), PLAIN)
    assert len(guild.sent("PATCH", f"/channels/{thread}")) == 1


@pytest.mark.parametrize(("status", "code"), [(400, 160005), (403, 160005)])
async def test_a_question_for_a_locked_thread_is_asked_in_the_channel(
    study_guild: Guild, status: int, code: int
) -> None:
    await study_guild.pass_time(hours=2)
    thread = study_guild.main.threads[0]
    study_guild.env.inject_error("POST", f"/channels/{thread.id}/messages", status=status, code=code, times=None)
    await study_guild.alice.slash(study_guild.main, "stuck", where="The learning rate")
    await study_guild.pass_time(minutes=1)
    assert "The learning rate" in read(study_guild.posts[-1])
