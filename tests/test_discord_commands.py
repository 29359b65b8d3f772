"""Commands on Discord: typed with options, suggested, pressed, paged, allowed or refused, in either language."""

import asyncio
import re
from collections.abc import Callable
from typing import Annotated, Any

import discord
import pytest
from simcord.backend.errors import SetupError

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Choice, Item, Message
from bot.chat.platform import Call
from bot.chat.wording import say
from bot.commands import all_commands
from bot.platforms.discord import limits
from bot.platforms.discord.render import IS_COMPONENTS_V2
from tests.discord_limits import check
from tests.discord_town import Guild, parts, read
from tests.test_every_command import LINES

COMMANDS = {each.name: each for each in all_commands()}
HANGUL = re.compile("[가-힣]")
LONG = 60


async def tens(call: Call, typed: str) -> list[Choice]:
    """Ten times what was typed."""
    return [Choice(value=f"{typed}0", label=say("{n} of them", n=f"{typed}0"))]


@command()
async def slow(seconds: Annotated[int, Arg("For how long?", min=1, max=600, suggest=tens)] = 60) -> Message:
    """Take your time."""
    await asyncio.sleep(seconds)
    return Message(title=say("Here at last"))


@command()
async def long_() -> Message:
    """List more than a message holds."""
    items = tuple(Item(title=f"Thing {n}", text="word " * 40) for n in range(LONG))
    return Message(title=say("Many things"), parts=items)


@pytest.fixture
def more_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two more commands: one that takes its time, one that answers at length."""
    monkeypatch.setattr("bot.app.all_commands", lambda: [*COMMANDS.values(), slow, long_])


def callbacks(guild: Guild) -> list[Any]:
    """The first responses so far."""
    return guild.sent("POST", "/callback")


def options(guild: Guild, name: str) -> dict[str, Any]:
    """Good arguments for the command, typed as Discord types them."""
    line = guild.rooms.desk.read_line(f"{name} {LINES[name]}".replace("Quetzal", "Deep"))
    assert line is not None
    kinds = {each.name: each.kind for each in COMMANDS[name].parameters}
    learners = guild.server.create_role("learners")
    read_as: dict[str, Callable[[str], Any]] = {"whole": int, "yes_no": "yes".__eq__, "role": lambda _: learners}
    read_as["person"] = lambda said: guild.grace if said.endswith("grace") else guild.alice
    return {each: read_as.get(kinds[each], str)(value) for each, value in line.given.items()}


@pytest.mark.parametrize("name", COMMANDS)
async def test_every_command_answers_privately_in_the_readers_language_within_discords_limits(
    study_guild: Guild, name: str
) -> None:
    person = study_guild.grace if COMMANDS[name].allow >= Rank.FACILITATOR else study_guild.alice
    await study_guild.grace.slash(study_guild.main, "announce", text="a draft")
    given = options(study_guild, name)
    for locale in ("ko", "en-US"):
        study_guild.locale = locale
        answer = await person.slash(study_guild.main, name, **given)
        assert answer.response is not None
        assert answer.response.ephemeral
        sent = callbacks(study_guild)[-1]["data"]
        assert sent["flags"] & IS_COMPONENTS_V2
        assert check(sent) == []
        # What a link of an announcement is called is in the words of who wrote it.
        buttons = [each for each in parts(sent["components"]) if each["type"] == limits.BUTTON and "url" not in each]
        labels = [each["label"] for each in buttons]
        for words in (read(answer.response), *labels):
            assert bool(HANGUL.search(words)) == (locale == "ko"), words
        assert "went wrong" not in read(answer.response)


async def test_an_interaction_gets_one_response_and_no_followup(study_guild: Guild) -> None:
    before = len(study_guild.env.http_requests)
    await study_guild.alice.slash(study_guild.main, "week")
    assert [each.path.rpartition("/")[2] for each in study_guild.env.http_requests[before:]] == ["callback"]


async def test_options_arrive_typed_and_choices_by_their_value(study_guild: Guild) -> None:
    other = study_guild.server.create_text_channel("other")
    answer = await study_guild.start(
        study_guild.grace, other, name="Fridays", day="friday", start="2027-01-04", time="18:30"
    )
    assert "<t:1799433000:f>" in read(answer.response)  # Friday 8 January 2027, 18:30 UTC
    answer = await study_guild.alice.slash(study_guild.main, "checkin", did="read", hours=5, share=True)
    assert "Deep sees it in" in read(answer.response)


async def test_texts_are_suggested_as_they_are_typed(study_guild: Guild) -> None:
    offered = await study_guild.alice.autocomplete(study_guild.main, "done", "task", "git")
    assert {"name": "Put a first project under git and push it", "value": "git-basics"} in offered


async def test_integers_are_suggested_as_integers(guild: Guild, more_commands: None) -> None:
    await guild.restart()
    offered = await guild.alice.autocomplete(guild.main, "slow", "seconds", "4")
    assert offered == [{"name": "40 of them", "value": 40}]


async def test_nothing_is_suggested_for_a_command_of_an_older_version(
    guild: Guild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.all_commands", lambda: [each for each in COMMANDS.values() if each.name != "help"])
    still_shown = list(guild.env.backend.commands[None].items())
    await guild.restart()
    guild.env.backend.commands[None] = dict(still_shown)
    assert await guild.alice.autocomplete(guild.main, "help", "command", "d") == []


async def test_a_member_is_not_shown_what_is_for_facilitators(study_guild: Guild) -> None:
    with pytest.raises(SetupError, match="not visible"):
        await study_guild.alice.slash(study_guild.main, "cohort list")


async def test_who_is_shown_a_facilitators_command_is_still_refused_without_the_rank(study_guild: Guild) -> None:
    hosts = study_guild.server.create_role("hosts", permissions=discord.Permissions(manage_events=True))
    eve = study_guild.join("eve", hosts)
    answer = await eve.slash(study_guild.main, "cohort list")
    assert "/cohort list is for facilitators" in read(answer.response)
    assert answer.ephemeral


async def test_who_is_listed_as_facilitator_is_one_in_that_server(study_guild: Guild) -> None:
    hosts = study_guild.server.create_role("hosts", permissions=discord.Permissions(manage_events=True))
    eve = study_guild.join("eve", hosts)
    await study_guild.restart(frozenset({("discord", str(study_guild.server.id), str(eve.id))}))
    answer = await eve.slash(study_guild.main, "cohort list")
    assert "Deep" in read(answer.response)


async def test_answers_are_in_the_language_of_the_person(study_guild: Guild) -> None:
    study_guild.locale = "ko"
    answer = await study_guild.alice.slash(study_guild.main, "help")
    assert "여기서 할 수 있는 일" in read(answer.response)
    study_guild.locale = "fr"
    answer = await study_guild.alice.slash(study_guild.main, "help")
    assert "What you can do here" in read(answer.response)


def declared(guild: Guild, path: str, locale: str) -> str:
    """The command as the picker shows it to readers with that locale, by what was sent to Discord."""
    below, names = guild.sent("PUT", "/commands")[-1], []
    for word in path.split(" "):
        node = next(each for each in below if each["name"] == word)
        names.append(node.get("name_localizations", {}).get(locale, word))
        below = node["options"]
    return "/" + " ".join(names)


async def test_a_reply_quotes_a_command_as_the_readers_picker_shows_it(guild: Guild) -> None:
    guild.locale = "ko"
    refused = await guild.alice.slash(guild.main, "progress")
    assert declared(guild, "progress", "ko") == "/진도"
    assert "/진도 명령은 기수에 참여한 멤버만 쓸 수 있어요. /참여 명령으로" in read(refused.response)
    none_yet = await guild.alice.slash(guild.main, "join")
    assert declared(guild, "cohort create", "ko") == "/기수 만들기"
    assert "/기수 만들기 명령으로 시작할 수 있어요" in read(none_yet.response)
    guild.locale = "en-US"
    assert "/cohort create" in read((await guild.alice.slash(guild.main, "join")).response)


async def test_help_lists_commands_and_options_as_the_readers_picker_shows_them(guild: Guild) -> None:
    guild.locale = "ko"
    shown = read((await guild.grace.slash(guild.main, "help", command="cohort meeting")).response)
    assert "`/기수 모임 요일:… 시각:… 분:… 어디:… 기수:…`" in shown
    options = next(each for each in guild.sent("PUT", "/commands")[-1] if each["name"] == "cohort")["options"]
    meeting = next(each for each in options if each["name"] == "meeting")["options"]
    assert [each["name_localizations"]["ko"] for each in meeting] == ["요일", "시각", "분", "어디", "기수"]
    assert all(f"**{each['name_localizations']['ko']}**" in shown for each in meeting)


async def test_a_long_list_is_turned_like_pages(guild: Guild, more_commands: None) -> None:
    await guild.restart()
    answer = await guild.alice.slash(guild.main, "long")
    assert answer.response is not None
    seen = read(answer.response)
    assert "[More]" in seen
    assert "[Back]" not in seen
    pages = [seen]
    while "[More]" in pages[-1]:
        turned = await guild.alice.click(answer.response, label="More")
        assert check(callbacks(guild)[-1]["data"]) == []
        assert turned.response is not None
        assert turned.response.id == answer.response.id
        pages.append(read(turned.response))
    assert all(f"Thing {n}**" in "\n".join(pages) for n in range(LONG))
    await guild.alice.click(answer.response, label="Back")
    assert read(answer.response) == pages[-2]


async def test_what_is_only_to_read_works_in_direct_messages(study_guild: Guild) -> None:
    answer = await study_guild.alice.user.slash("next")
    assert "Next for you" in read(answer.response) or "[Done]" in read(answer.response)
    with pytest.raises(SetupError, match="not visible"):
        await study_guild.alice.user.slash("join")


async def test_a_thread_counts_as_the_channel_it_belongs_to(study_guild: Guild) -> None:
    await study_guild.pass_time(hours=2)
    thread = study_guild.main.threads[0]
    answer = await study_guild.alice.slash(thread, "share resource", resource="deep-learning-book")
    assert "is shown to everybody" in read(answer.response)
    stranger = study_guild.join("stranger")
    answer = await stranger.slash(thread, "join")
    assert "Welcome to Deep" in read(answer.response)


async def test_a_slow_command_is_acknowledged_in_time_and_answered_in_place(guild: Guild, more_commands: None) -> None:
    await guild.restart()
    answer = await guild.alice.slash(guild.main, "slow", seconds=60)
    assert answer.deferred
    assert answer.ephemeral
    await guild.env.advance_time(60)
    assert "Here at last" in read(answer.response)
    assert answer.response is not None
    assert answer.response.ephemeral
    assert answer.followups == []


async def test_an_interaction_that_arrives_twice_counts_once(study_guild: Guild) -> None:
    await study_guild.alice.slash(study_guild.main, "done", task="solve-kaggle-problems", amount=3)
    await study_guild.repeat_interaction()
    answer = await study_guild.alice.slash(study_guild.main, "undo")
    assert "Taken back" in read(answer.response)
    again = await study_guild.alice.slash(study_guild.main, "undo")
    assert "There is nothing to take back" in read(again.response)


@pytest.mark.parametrize("name", ["@everyone", "**<@&1>** `[x](https://e.vil)`", "<!channel>\n# Big", "​", "🦜" * 30])
async def test_a_hostile_name_is_shown_as_it_is_and_notifies_nobody(study_guild: Guild, name: str) -> None:
    eve = study_guild.server.add_member(study_guild.env.create_user("eve", global_name=name))
    await eve.slash(study_guild.main, "join")
    answer = await eve.slash(study_guild.main, "checkin", did=name, share=True)
    assert answer.response is not None
    await study_guild.rooms.delivery.tick()
    posted = study_guild.sent("POST", f"/channels/{study_guild.main.id}/messages")[-1]
    assert check(posted) == []
    assert posted["allowed_mentions"] == {"parse": []}
    assert "\n# Big" not in read(study_guild.posts[-1])


async def test_a_callback_whose_receipt_was_lost_is_not_given_up(guild: Guild, more_commands: None) -> None:
    await guild.restart()
    guild.fail_next("/callback", ConnectionResetError("by peer"), is_done=True)
    answer = await guild.alice.slash(guild.main, "slow", seconds=60)
    assert answer.deferred
    await guild.env.advance_time(60)
    assert "Here at last" in read(answer.response)


async def test_a_callback_that_never_arrived_is_sent_again(guild: Guild) -> None:
    guild.fail_next("/callback", ConnectionResetError("by peer"))
    answer = await guild.alice.slash(guild.main, "help")
    assert "What you can do here" in read(answer.response)
