"""The doctor on Slack: what it makes of what it is told, and that it changes nothing."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot import doctor
from bot.chat.platform import Finding, Place
from bot.platforms.slack.doctor import examine
from bot.platforms.slack.manifest import SCOPES, Scope
from bot.settings import Settings
from tests.slack_server import APP_TOKEN, BOT_TOKEN, Fault, SlackServer, open_slack
from tests.slack_town import Office
from tests.slack_workspace import MAIN, OTHER, TEAM

REASKED = ["auth.test", "auth.test", "apps.connections.open"]


def place(channel: str, community: str = TEAM) -> Place:
    return Place(platform="slack", community=community, channel=channel, name=f"#{channel.lower()}")


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A Slack to ask."""
    async with open_slack() as made:
        yield made


async def found(
    slack: SlackServer, *places: Place, bot: str = BOT_TOKEN, app: str | None = APP_TOKEN, url: str = ""
) -> list[Finding]:
    """What the doctor finds beside whose the token is."""
    seen = await examine(bot, app, places, url or slack.api)
    return [each for each in seen if not each.where.startswith("workspace Study")]


async def the_only(slack: SlackServer, *places: Place, app: str | None = APP_TOKEN) -> Finding:
    seen = await found(slack, *places, app=app)
    assert len(seen) == 1, seen
    return seen[0]


async def test_where_all_is_well_it_says_whose_the_token_is(slack: SlackServer) -> None:
    [note] = await examine(BOT_TOKEN, APP_TOKEN, [place(MAIN)], slack.api)
    assert str(note).startswith("note: workspace Study: Its id is T1, and Milepost is @milepost there. ")
    assert "Of its commands and events Slack tells nothing" in note.fix


async def test_it_only_looks(slack: SlackServer) -> None:
    await found(slack, place(MAIN), place(MAIN))
    await slack.until(lambda: not slack.sockets)
    assert [each.method for each in slack.asked] == [*REASKED, "conversations.info"]


# ---- Tokens and scopes ----------------------------------------------------------------------------------------------


async def test_a_bot_token_that_is_refused_is_the_only_finding(slack: SlackServer) -> None:
    [refused] = await found(slack, place(MAIN), bot="xoxb-stale")
    assert (refused.where, refused.problem) == ("SLACK_BOT_TOKEN", "Slack refuses it (invalid_auth).")


async def test_a_slack_that_cannot_be_reached_is_one_finding(slack: SlackServer) -> None:
    [away] = await found(slack, url="http://127.0.0.1:1/api/")
    assert (away.level, away.where) == ("error", "Slack")
    assert "127.0.0.1:1" in away.problem


@pytest.mark.parametrize("scope", SCOPES, ids=lambda each: each.name)
async def test_a_scope_that_is_missing_is_named_with_what_it_is_for(slack: SlackServer, scope: Scope) -> None:
    slack.scopes.remove(scope.name)
    lack = await the_only(slack, place(MAIN))
    assert (lack.level, lack.where) == (scope.level, f"scope {scope.name}")
    assert lack.problem.startswith("Without it, Milepost cannot ")
    assert lack.fix.startswith("Give the app the manifest that `python -m bot manifest` prints")


async def test_without_a_history_milepost_works_and_asks_a_facilitator(slack: SlackServer) -> None:
    slack.scopes.remove("groups:history")
    assert str(await the_only(slack)).startswith(
        "warning: scope groups:history: Without it, Milepost cannot see whether a post whose answer was lost is in a "
        "private channel, and asks a facilitator instead."
    )


async def test_scopes_of_no_use_are_told(slack: SlackServer) -> None:
    slack.scopes |= {"files:read", "channels:manage"}
    idle = await the_only(slack)
    assert idle.level == "note"
    assert idle.problem == "The app has some that Milepost never uses: channels:manage, files:read."


# ---- What people do reaches us --------------------------------------------------------------------------------------


async def test_an_app_token_that_is_refused_is_told(slack: SlackServer) -> None:
    refused = await the_only(slack, app="xapp-stale")
    assert (refused.where, refused.problem) == ("SLACK_APP_TOKEN", "Slack refuses it (invalid_auth).")


async def test_an_app_token_without_its_scope_is_told(slack: SlackServer) -> None:
    slack.fail("apps.connections.open", Fault(error="missing_scope"))
    assert "connections:write" in (await the_only(slack)).fix


async def test_a_socket_that_does_not_open_is_told_without_its_ticket(slack: SlackServer) -> None:
    slack.refuses_sockets = True
    closed = await the_only(slack)
    assert closed.problem == "It does not open (WSServerHandshakeError)."
    assert "secret" not in str(closed)


async def test_socket_mode_that_is_off_is_told(slack: SlackServer) -> None:
    slack.greeting = {"type": "disconnect", "reason": "link_disabled"}
    closed = await the_only(slack)
    assert closed.problem == "Slack hangs up (link_disabled)."
    assert closed.fix == "Switch Socket Mode on, on your app's Socket Mode page."


async def test_two_that_listen_for_one_app_are_told(slack: SlackServer) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{slack.url}/socket"):
        assert await found(slack) == []
        async with session.ws_connect(f"{slack.url}/socket"):
            crowd = await the_only(slack)
    assert crowd.problem == "2 others are open, and whatever people do reaches only one of them."


async def test_over_http_it_says_where_to_look(slack: SlackServer) -> None:
    http = await the_only(slack, app=None)
    assert (http.level, http.where) == ("note", "HTTP mode")
    assert http.fix.endswith("at https://…/slack/events.")


# ---- Channels -------------------------------------------------------------------------------------------------------


async def test_a_channel_without_milepost_is_told_how_to_invite_it(slack: SlackServer) -> None:
    outside = await the_only(slack, place(OTHER))
    assert (outside.level, outside.where) == ("error", "Study #c2")
    assert outside.problem == "A cohort posts there, and Milepost is not in it."
    assert outside.fix == "Send `/invite @milepost` there."


async def test_an_archived_channel_is_told(slack: SlackServer) -> None:
    slack.archived.add(MAIN)
    assert (await the_only(slack, place(MAIN))).problem == "A cohort posts there, and it is archived."


async def test_a_channel_that_slack_does_not_show_may_be_private(slack: SlackServer) -> None:
    hidden = await the_only(slack, place("C9"))
    assert hidden.problem == "A cohort posts there, and Slack does not show it (channel_not_found)."
    assert hidden.fix == "If it is private, send `/invite @milepost` there."


async def test_a_cohort_in_another_workspace_is_told(slack: SlackServer) -> None:
    other = await the_only(slack, place(MAIN, community="T2"))
    assert (other.where, other.problem) == (
        "workspace T2", "A cohort is at home there, and SLACK_BOT_TOKEN is of another workspace."
    )  # fmt: skip


# ---- With the settings and the records ------------------------------------------------------------------------------


@pytest.fixture
def settings(study_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of a workspace where one cohort is at home."""
    there = partial(examine, url=study_office.slack.api)
    monkeypatch.setattr("bot.platforms.slack.doctor.examine", there)
    return Settings(
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'town.db'}",
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_app_token=SecretStr(APP_TOKEN),
    )


async def test_slack_is_asked_only_when_told_to(study_office: Office, settings: Settings) -> None:
    before = len(study_office.slack.asked)
    assert [str(each) for each in await doctor.examine(settings, online=False)] == [
        "note: Slack: It was not asked. Run doctor --online to ask it."
    ]
    assert len(study_office.slack.asked) == before


async def test_the_channels_of_cohorts_are_looked_at(study_office: Office, settings: Settings) -> None:
    assert [each.level for each in await doctor.examine(settings, online=True)] == ["note"]
    study_office.slack.members.clear()
    assert [each.where for each in await doctor.examine(settings, online=True)][1:] == ["Study #main"]


async def test_a_channel_that_is_known_to_be_lost_is_told_once(study_office: Office, settings: Settings) -> None:
    study_office.slack.members.clear()
    await study_office.pass_time(hours=2)
    [lost] = [each for each in await doctor.examine(settings, online=True) if each.level == "error"]
    assert str(lost) == (
        "error: #main: It gets no posts: Milepost is not in #main. Invite it: send /invite @Milepost there. "
        "See /cohort status in its community."
    )
