"""Who people on Slack are: kept for a day, forgotten when they change, plain when Slack does not tell."""

import logging
from collections.abc import AsyncIterator

import pytest

from bot.delivery.clock import StoppedClock
from bot.platforms.slack import people
from bot.platforms.slack.client import Web
from bot.platforms.slack.people import UNKNOWN, People, Profile
from tests.slack_server import BOT_TOKEN, Fault, SlackServer, open_slack
from tests.slack_town import MONDAY
from tests.slack_workspace import TEAM, Json

ADA: Json = {
    "name": "ada", "real_name": "Ada Lovelace", "profile": {"display_name": "Ada"}, "tz": "Europe/London",
    "locale": "en-GB",
}  # fmt: skip


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A Slack with Ada in it."""
    async with open_slack() as made:
        made.people["U1"] = {**ADA}
        yield made


@pytest.fixture
async def known(slack: SlackServer) -> AsyncIterator[People]:
    """Those who are heard of there."""
    web = Web(BOT_TOKEN, slack.api)
    yield People(web, StoppedClock(MONDAY), TEAM)
    await web.close()


async def test_a_profile_says_name_language_and_zone(known: People) -> None:
    assert await known.of("U1") == Profile(name="Ada", locale="en-GB", zone="Europe/London", is_admin=False)


@pytest.mark.parametrize(
    ("flags", "is_admin"),
    [
        ({"is_admin": True}, True),
        ({"is_owner": True}, True),
        ({"is_primary_owner": True}, True),
        ({"is_admin": True, "is_restricted": True}, False),
        ({"is_owner": True, "is_ultra_restricted": True}, False),
        ({"is_admin": True, "team_id": "TELSEWHERE"}, False),
        ({"is_owner": True, "is_stranger": True}, False),
        ({"is_bot": True}, False),
    ],
)
async def test_who_runs_the_workspace_is_an_admin_but_no_guest_or_stranger(
    slack: SlackServer, known: People, flags: Json, is_admin: bool
) -> None:
    slack.people["U1"] |= flags
    assert (await known.of("U1")).is_admin is is_admin


async def test_a_profile_is_asked_for_once_a_day(slack: SlackServer) -> None:
    clock, web = StoppedClock(MONDAY), Web(BOT_TOKEN, slack.api)
    known = People(web, clock, TEAM)
    assert known.known("U1") is None
    first = await known.of("U1")
    await clock.sleep(people.KEPT - 1)
    assert await known.of("U1") is known.known("U1") is first
    await clock.sleep(1)
    assert known.known("U1") is None
    await known.of("U1")
    assert len(slack.sent("users.info")) == 2
    await web.close()


async def test_who_changed_is_asked_for_anew(slack: SlackServer, known: People) -> None:
    await known.of("U1")
    slack.people["U1"]["locale"] = "ko-KR"
    known.forget("U1")
    assert (await known.of("U1")).locale == "ko-KR"


async def test_a_profile_that_slack_does_not_tell_is_plain_for_a_minute(
    slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    clock, web = StoppedClock(MONDAY), Web(BOT_TOKEN, slack.api)
    known = People(web, clock, TEAM)
    slack.fail("users.info", Fault(error="fatal_error"))
    with caplog.at_level(logging.WARNING, people.__name__):
        assert await known.of("U1") is UNKNOWN
    assert "the profile of U1 is not to be had" in caplog.text
    await clock.sleep(people.KEPT_UNKNOWN - 1)
    assert await known.of("U1") is UNKNOWN
    await clock.sleep(1)
    assert (await known.of("U1")).name == "Ada"
    await web.close()


async def test_only_so_many_profiles_are_kept(
    slack: SlackServer, known: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MOST", 2)
    for user in ("U1", "U2", "U3"):
        slack.people[user] = {**ADA}
        await known.of(user)
    assert [known.known(user) is None for user in ("U1", "U2", "U3")] == [True, False, False]
