"""Where posts go on Discord beside a text channel: to one person, and into a forum with a post for every week."""

from typing import Any

import discord
import pytest
from simcord.backend import serializers

from bot.chat.message import Message, Post, Text
from bot.chat.platform import Busy, Gone, Place, Posted
from bot.chat.wording import say
from tests.discord_town import MONDAY, Guild, ServerError, read

NOTE = Post(key="c1:note:1", message=Message(parts=(Text(text=say("Something to read")),)))
WEEK = Post(key="c1:week:1", message=NOTE.message, thread=say("Week 1"))


class Forum:
    """A forum in the server, with the tags Help and Week, as a place."""

    def __init__(self, guild: Guild) -> None:
        self.guild = guild
        self.channel = guild.server.create_forum_channel("study-forum")

    @property
    def place(self) -> Place:
        """The forum itself."""
        return self.guild.place.model_copy(update={"channel": str(self.channel.id), "name": "#study-forum"})

    @property
    def shown(self) -> dict[str, list[str]]:
        """The messages of each of its posts, by the post's title."""
        return {each.name or "": [read(message) for message in each.history()] for each in self.channel.threads}

    async def tag(self, *names: str, required: bool = False) -> None:
        """Set its tags."""
        found = self.guild.env.bot.get_channel(self.channel.id)
        assert isinstance(found, discord.ForumChannel)
        await found.edit(available_tags=[discord.ForumTag(name=each) for each in names])
        await self.guild.env.settle()
        found._flags = discord.ChannelFlags(require_tag=required).value  # the simulated Discord has none

    def tags(self) -> list[list[str]]:
        """The names of the tags of each post."""
        found = self.guild.env.bot.get_channel(self.channel.id)
        assert isinstance(found, discord.ForumChannel)
        return [[tag.name for tag in each.applied_tags] for each in found.threads]


@pytest.fixture
async def forum(guild: Guild) -> Forum:
    made = Forum(guild)
    await guild.env.settle()
    return made


# ---- A forum --------------------------------------------------------------------------------------------------------


async def test_every_week_opens_a_post_of_its_own(forum: Forum) -> None:
    first = await forum.guild.discord.post(forum.place, WEEK)
    await forum.guild.discord.post(forum.place, WEEK.model_copy(update={"key": "c1:week:2", "thread": say("Week 2")}))
    assert first.thread == str(forum.channel.threads[0].id)
    assert forum.shown == {"Week 1": ["Something to read"], "Week 2": ["Something to read"]}


async def test_everything_else_goes_into_the_newest_week(forum: Forum) -> None:
    await forum.guild.discord.post(forum.place, WEEK)
    second = WEEK.model_copy(update={"key": "c1:week:2", "thread": "Week 2"})
    newest = await forum.guild.discord.post(forum.place, second)
    posted = await forum.guild.discord.post(forum.place, NOTE)
    assert posted.place.thread == newest.thread
    assert [len(each) for each in forum.shown.values()] == [1, 2]


async def test_before_the_first_week_it_opens_one_that_the_next_goes_into(forum: Forum) -> None:
    for number in (1, 2):
        titled = NOTE.model_copy(update={"key": f"c1:note:{number}", "message": Message(title=say("Hello"))})
        await forum.guild.discord.post(forum.place, titled)
    assert {title: len(messages) for title, messages in forum.shown.items()} == {"Hello": 2}


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, 10003), (403, 50001), (403, 50013), (403, 50083), (400, 50083), (403, 160005), (400, 160005)],
)
async def test_where_the_newest_week_takes_nothing_more_another_post_is_opened(
    forum: Forum, status: int, code: int
) -> None:
    week = await forum.guild.discord.post(forum.place, WEEK)
    forum.guild.env.inject_error("POST", f"/channels/{week.thread}/messages", status=status, code=code, times=None)
    for number in (1, 2):
        titled = NOTE.model_copy(update={"key": f"c1:note:{number}", "message": Message(title=say("Hello"))})
        posted = await forum.guild.discord.post(forum.place, titled)
        assert posted.place.thread not in (None, week.thread)
    assert {title: len(messages) for title, messages in forum.shown.items()} == {"Week 1": 1, "Hello": 2}


async def test_where_the_newest_week_was_archived_it_is_opened_again(forum: Forum) -> None:
    week = await forum.guild.discord.post(forum.place, WEEK)
    forum.guild.env.inject_error("POST", f"/channels/{week.thread}/messages", status=400, code=50083)
    posted = await forum.guild.discord.post(forum.place, NOTE)
    assert posted.place.thread == week.thread


async def test_only_the_forum_itself_is_lost_when_it_takes_no_post(forum: Forum) -> None:
    week = await forum.guild.discord.post(forum.place, WEEK)
    for path in (f"/channels/{week.thread}/messages", f"/channels/{forum.channel.id}/threads"):
        forum.guild.env.inject_error("POST", path, status=403, code=50001)
    with pytest.raises(Gone):
        await forum.guild.discord.post(forum.place, NOTE)


@pytest.mark.parametrize("post", [WEEK, NOTE])
async def test_a_post_in_a_forum_is_found_by_its_key(forum: Forum, post: Post) -> None:
    await forum.guild.discord.post(forum.place, WEEK.model_copy(update={"key": "c1:week:0"}))
    posted = await forum.guild.discord.post(forum.place, post)
    assert await forum.guild.discord.find(forum.place, post.key, MONDAY) == posted
    assert await forum.guild.discord.find(forum.place, "c1:week:9", MONDAY) is None


async def test_a_post_in_a_forum_is_found_when_it_is_archived(forum: Forum) -> None:
    posted = await forum.guild.discord.post(forum.place, WEEK)
    assert posted.thread is not None
    metadata = forum.guild.env.backend.get_channel(int(posted.thread)).thread_metadata
    assert metadata is not None
    metadata.archived = True
    assert await forum.guild.discord.find(forum.place, WEEK.key, MONDAY) == posted


async def test_a_post_in_a_forum_is_edited_and_withdrawn_where_it_is(forum: Forum) -> None:
    await forum.guild.discord.post(forum.place, WEEK)
    posted = await forum.guild.discord.post(forum.place, NOTE)
    changed = NOTE.model_copy(update={"message": Message(parts=(Text(text=say("Something else")),))})
    await forum.guild.discord.edit(posted, changed)
    assert forum.shown["Week 1"] == ["Something to read", "Something else"]
    await forum.guild.discord.withdraw(posted)
    assert forum.shown["Week 1"] == ["Something to read"]


@pytest.mark.parametrize("lost", [ConnectionResetError(), ServerError()])
async def test_a_lost_answer_leaves_one_post_in_the_forum(forum: Forum, lost: Exception) -> None:
    guild = forum.guild
    await guild.discord.post(forum.place, NOTE)
    await guild.start(guild.grace, forum.channel.threads[0], name="Deep", start="2027-01-04")
    guild.fail_next("/threads", lost, is_done=True)
    await guild.pass_time(hours=2)
    weeks = [title for title in forum.shown if title.startswith("Week 1: ")]
    assert len(weeks) == 1


@pytest.mark.parametrize(
    ("tags", "required", "applied"),
    [(("Help", "week"), False, ["week"]), (("Help",), False, []), (("Help",), True, ["Help"]), ((), False, [])],
)
async def test_a_week_gets_the_tag_that_is_called_so(
    forum: Forum, tags: tuple[str, ...], required: bool, applied: list[str]
) -> None:
    await forum.tag(*tags, required=required)
    await forum.guild.discord.post(forum.place, WEEK)
    await forum.guild.env.settle()
    assert forum.tags() == [applied]


async def test_a_season_in_a_forum_has_a_post_for_every_week_with_all_that_belongs_to_it(forum: Forum) -> None:
    guild = forum.guild
    await guild.discord.post(forum.place, NOTE)
    await guild.start(guild.grace, forum.channel.threads[0], name="Deep", start="2027-01-04")
    await guild.alice.slash(forum.channel.threads[0], "join")
    await guild.pass_time(weeks=1, hours=2)
    counted = {title.partition(":")[0]: len(messages) for title, messages in forum.shown.items()}
    assert counted["Week 1"] == 3  # the milestone, the check-in prompt and the reminder
    assert counted["Week 2"] == 1


# ---- One person -----------------------------------------------------------------------------------------------------


def to_grace(guild: Guild) -> Place:
    """Grace, about #main."""
    person = {"platform": "discord", "id": str(guild.grace.id), "name": "grace"}
    return Place.model_validate({**guild.place.model_dump(), "person": person})


async def test_a_post_to_a_person_is_a_direct_message_and_is_found_there(guild: Guild) -> None:
    posted = await guild.discord.post(to_grace(guild), NOTE)
    assert guild.posts == []
    assert guild.sent("POST", "/users/@me/channels") == [{"recipient_id": str(guild.grace.id)}]
    assert await guild.discord.find(to_grace(guild), NOTE.key, MONDAY) == posted
    assert posted == Posted(place=to_grace(guild), id=posted.id)


async def test_where_to_write_to_a_person_is_forgotten_with_them(guild: Guild) -> None:
    grace = to_grace(guild)
    assert grace.person is not None
    await guild.discord.post(grace, NOTE)
    await guild.discord.forget(grace.person)
    await guild.discord.find(grace, NOTE.key, MONDAY)
    assert len(guild.sent("POST", "/users/@me/channels")) == 2


async def test_a_person_who_takes_no_direct_messages_is_told_apart_from_a_lost_channel(study_guild: Guild) -> None:
    main = f"/channels/{study_guild.main.id}/messages"
    study_guild.env.inject_error("POST", main, status=403, code=50001)
    study_guild.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    await study_guild.pass_time(hours=2)
    status = await study_guild.grace.slash(study_guild.main, "cohort status")
    assert "[Try again]" in read(status.response)


def sent_to(guild: Guild, words: str) -> list[int]:
    """The channels and threads to which messages with these words were sent."""
    sent = [each for each in guild.env.http_requests if each.method == "POST" and each.path.endswith("/messages")]
    return [int(each.path.split("/")[-2]) for each in sent if words in str(each.json)]


async def test_the_prompt_is_in_the_weeks_thread(study_guild: Guild) -> None:
    await study_guild.pass_time(days=5)
    (milestone,) = study_guild.posts
    assert sent_to(study_guild, "how was week 1?") == [milestone.id]  # a thread has the id of its first message


async def test_whose_direct_messages_are_closed_is_reminded_in_the_weeks_thread(study_guild: Guild) -> None:
    await study_guild.alice.slash(study_guild.main, "set reminders", by="by direct message")
    study_guild.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    await study_guild.pass_time(days=7)
    (milestone,) = study_guild.posts
    assert sent_to(study_guild, "how did your week go") == [milestone.id]
    shown = await study_guild.alice.slash(study_guild.main, "settings")
    assert "Private messages do not reach you" in read(shown.response)


async def test_who_made_the_cohort_hears_privately_which_permission_is_missing(study_guild: Guild) -> None:
    hidden = discord.PermissionOverwrite(send_messages=False, create_public_threads=False)
    found = study_guild.env.bot.get_channel(study_guild.main.id)
    assert isinstance(found, discord.TextChannel)
    await found.set_permissions(found.guild.default_role, overwrite=hidden)
    await study_guild.env.settle()
    await study_guild.pass_time(hours=2)
    assert "Milepost lacks Send Messages" in str(study_guild.sent("POST", "/messages")[-1])


async def test_a_thread_that_is_not_allowed_is_told_to_who_made_the_cohort(study_guild: Guild) -> None:
    study_guild.env.inject_error("POST", "*/threads", status=403, code=50013, times=None)
    await study_guild.pass_time(weeks=1, hours=2)
    told = [each for each in study_guild.sent("POST", "/messages") if "without threads" in str(each)]
    assert len(told) == 1
    assert len([each for each in study_guild.posts if "Week" in read(each)]) >= 2


async def test_a_channel_that_is_not_in_the_server_is_lost(guild: Guild) -> None:
    with pytest.raises(Gone):
        await guild.discord.post(guild.place.model_copy(update={"channel": "1"}), NOTE)


# ---- A session that has just begun ----------------------------------------------------------------------------------


def begin_afresh(guild: Guild) -> None:
    """Have the gateway begin a fresh session, in which it has yet to tell what is in the server."""
    state = guild.env.bot._connection
    assert guild.env.bot.user is not None
    user = {"id": str(guild.env.bot.user.id), "username": "milepost", "discriminator": "0", "avatar": None}
    state.parse_ready({"user": user, "guilds": [{"id": str(guild.server.id), "unavailable": True}]})  # type: ignore[typeddict-item]


async def test_a_post_waits_until_the_gateway_has_told_what_its_channel_is(forum: Forum) -> None:
    guild, before = forum.guild, len(forum.guild.env.http_requests)
    begin_afresh(guild)
    for place in (forum.place, guild.place):
        with pytest.raises(Busy):
            await guild.discord.post(place, NOTE)
        with pytest.raises(Busy):
            await guild.discord.find(place, NOTE.key, MONDAY)
    assert len(guild.env.http_requests) == before


async def test_a_week_that_falls_due_before_the_server_is_known_is_posted_into_the_forum(forum: Forum) -> None:
    guild = forum.guild
    await guild.discord.post(forum.place, NOTE)
    await guild.start(guild.grace, forum.channel.threads[0], name="Deep", start="2027-01-04")
    begin_afresh(guild)
    await guild.pass_time(hours=1, minutes=1)
    told = serializers.guild_create_payload(guild.env.backend, guild.env.backend.get_guild(guild.server.id))
    guild.env.backend.emit("GUILD_CREATE", told)
    await guild.env.settle()
    await guild.pass_time(minutes=1)
    assert [title.partition(":")[0] for title in forum.shown] == ["Announcement", "Week 1"]


async def test_a_cohort_in_a_channel_that_hides_itself_is_not_shown_elsewhere(guild: Guild) -> None:
    hidden, shown = discord.PermissionOverwrite(view_channel=False), discord.PermissionOverwrite(view_channel=True)
    everyone = guild.server.default_role
    inner = guild.server.create_text_channel("inner", overwrites={everyone: hidden, guild.grace: shown})
    await guild.env.settle()
    await guild.start(guild.grace, inner, name="Inner")
    home = await guild.alice.slash(guild.main, "home")
    assert "There is no cohort here yet." in read(home.response)
    join = await guild.alice.slash(guild.main, "join", cohort="Inner")
    assert "Inner is at home in a private channel." in read(join.response)


async def test_a_desk_hides_itself_and_gets_reports_only_as_long_as_it_does(study_guild: Guild) -> None:
    hidden, shown = discord.PermissionOverwrite(view_channel=False), discord.PermissionOverwrite(view_channel=True)
    everyone = study_guild.server.default_role
    us = study_guild.env.bot.user
    assert us is not None
    let_in: dict[Any, discord.PermissionOverwrite] = {everyone: hidden, study_guild.grace: shown, us: shown}
    staff = study_guild.server.create_text_channel("staff", overwrites=let_in)
    await study_guild.env.settle()
    refused = await study_guild.grace.slash(study_guild.main, "cohort desk", cohort="Deep")
    assert "may be able to read this channel" in read(refused.response)
    made = await study_guild.grace.slash(staff, "cohort desk", cohort="Deep")
    assert "This is the desk of Deep." in read(made.response)
    await study_guild.pass_time(weeks=1)
    assert [read(each).splitlines()[0] for each in staff.history()] == ["## Deep: how week 1 went"]
    found = study_guild.env.bot.get_channel(staff.id)
    assert isinstance(found, discord.TextChannel)
    await found.set_permissions(found.guild.default_role, overwrite=shown)
    await study_guild.env.settle()
    await study_guild.pass_time(weeks=1)
    assert len(staff.history()) == 1
