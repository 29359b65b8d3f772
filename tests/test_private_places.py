"""Cohorts that are at home in private channels: nobody elsewhere hears of them, and nobody joins them from there."""

import pytest

from bot.chat.platform import Call, Person, Place
from tests.town import Town

HIDDEN = "There is no cohort here yet."


@pytest.fixture
async def secret_town(study_town: Town) -> Town:
    """Deep in #main, where everybody is, and Inner in the private channel #inner; Ada is in both."""
    study_town.private.add("inner")
    await study_town.start("grace: /cohort create Inner", channel="inner", expect="Inner is ready.")
    await study_town.say("ada: /join", channel="inner", expect="Welcome to Inner!")
    return study_town


async def suggested(town: Town, who: str, channel: str) -> list[str]:
    """What the picker of /join offers."""
    place = Place(platform="square", community="town", channel=channel, is_private=channel in town.private)
    call = Call(id="1", command="join", person=Person(platform="square", id=who), place=place)
    return [str(each.label) for each in await town.rooms.desk.suggest(call, "cohort", "")]


async def test_elsewhere_it_is_not_offered(secret_town: Town) -> None:
    assert "Inner" not in await secret_town.say("cleo: /home", expect="- Deep [Join]")
    assert await suggested(secret_town, "cleo", "main") == ["Deep"]
    await secret_town.say("cleo: /join", channel="side", expect="Welcome to Deep!")


async def test_a_wrong_name_does_not_bring_it_to_light(secret_town: Town) -> None:
    await secret_town.say("cleo: /join Outer", expect="No cohort here is called Outer. Choose from Deep.")


@pytest.mark.parametrize("typed", ["Inner", "inner", "c2"])
async def test_from_elsewhere_it_is_not_joined_by_name(secret_town: Town, typed: str) -> None:
    said = await secret_town.say(f"cleo: /join {typed}")
    assert said == f"{typed} is at home in a private channel. Join it there."
    await secret_town.say("grace: /cohort status Inner", expect="Members: 1")


async def test_in_its_own_channel_it_is_offered_and_joined(secret_town: Town) -> None:
    await secret_town.say("cleo: /home", channel="inner", expect="- Inner [Join]")
    assert await suggested(secret_town, "cleo", "inner") == ["Deep", "Inner"]
    await secret_town.say("cleo: /join", channel="inner", expect="Welcome to Inner!")


async def test_its_members_use_it_from_anywhere(secret_town: Town) -> None:
    await secret_town.say("ada: /join Inner", expect="You are in Inner.")
    await secret_town.say("ada: /week", channel="side", expect="Inner, ")
    await secret_town.say("ada: /leave Inner", expect="Inner")


async def test_facilitators_see_it_everywhere(secret_town: Town) -> None:
    await secret_town.say("grace: /cohort list", expect="- Inner [Status]")
    await secret_town.say("grace: /home", expect="- Inner [Join]")


async def test_a_public_place_beside_the_private_one_shows_it(secret_town: Town) -> None:
    await secret_town.say("grace: /cohort place add Inner", channel="side", expect="Inner is at home here, too.")
    await secret_town.say("cleo: /home", expect="- Inner [Join]")


async def test_a_channel_that_became_private_is_noticed_when_a_facilitator_uses_it(secret_town: Town) -> None:
    secret_town.private.add("main")
    await secret_town.say("grace: /cohort status")
    assert "Deep" not in await secret_town.say("cleo: /home", channel="side", expect=HIDDEN)
    secret_town.private.clear()
    await secret_town.say("grace: /cohort status")
    await secret_town.say("cleo: /home", channel="side", expect="- Deep [Join]")
