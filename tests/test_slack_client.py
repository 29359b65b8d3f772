"""Slack's Web API: what each way to fail means for what was asked, and that an attempt is one request."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.chat.platform import Busy, Closed, Failure, Gone, Place, Rejected, Unknown
from bot.platforms.slack import client
from bot.platforms.slack.client import Web, code
from tests.slack_server import APP_TOKEN, BOT_TOKEN, Fault, SlackServer, open_slack
from tests.slack_workspace import MAIN, OTHER, TEAM

HERE = Place(platform="slack", community=TEAM, channel=MAIN, name="#main")


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A Slack to ask."""
    async with open_slack() as made:
        yield made


@pytest.fixture
async def web(slack: SlackServer) -> AsyncIterator[Web]:
    """The way to it."""
    made = Web(BOT_TOKEN, slack.api)
    yield made
    await made.close()


async def failure(web: Web, channel: str = MAIN) -> Failure:
    """What a message that fails fails with."""
    with pytest.raises(Failure) as raised:
        await web.call("chat.postMessage", HERE, channel=channel, text="hello")
    return raised.value


AMBIGUOUS = [
    Fault(status=500), Fault(status=503), Fault(lost=True), Fault(error="internal_error"), Fault(error="fatal_error"),
    Fault(error="service_unavailable"), Fault(error="request_timeout"),
]  # fmt: skip


@pytest.mark.parametrize("fault", AMBIGUOUS)
@pytest.mark.parametrize("is_done", [False, True])
async def test_what_may_have_happened_is_unknown_and_asked_once(
    slack: SlackServer, web: Web, fault: Fault, is_done: bool
) -> None:
    slack.fail("chat.postMessage", replace(fault, is_done=is_done))
    assert isinstance(await failure(web), Unknown)
    assert len(slack.sent("chat.postMessage")) == 1
    assert len(slack.messages[MAIN]) == is_done


async def test_no_answer_in_time_is_unknown(slack: SlackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_WITHIN", 0.05)
    web = Web(BOT_TOKEN, slack.api)
    slack.fail("chat.postMessage", Fault(hangs=True))
    assert isinstance(await failure(web), Unknown)
    await web.close()


async def test_a_slack_that_is_not_there_has_done_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        web = Web(BOT_TOKEN, f"http://127.0.0.1:{taken.getsockname()[1]}/api/")
        found = await failure(web)
        await web.close()
    assert isinstance(found, Busy)
    assert found.scope == "platform"


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "7"}, 7), ({}, client.RETRY_AFTER), ({"Retry-After": "soon"}, 30)]
)
async def test_too_many_requests_wait_as_long_as_slack_says(
    slack: SlackServer, web: Web, headers: dict[str, str], seconds: float
) -> None:
    slack.fail("chat.postMessage", Fault(status=429, error="ratelimited", headers=headers))
    found = await failure(web)
    assert isinstance(found, Busy)
    assert (found.retry_after, found.scope) == (seconds, "route")


@pytest.mark.parametrize("word", ["cannot_dm_bot", "user_disabled", "user_not_found", "messages_tab_disabled"])
async def test_whom_nobody_can_write_to_is_closed(slack: SlackServer, web: Web, word: str) -> None:
    slack.fail("chat.postMessage", Fault(error=word))
    assert isinstance(await failure(web), Closed)


@pytest.mark.parametrize("word", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_a_token_that_is_taken_away_leaves_slack_alone_for_a_while(
    slack: SlackServer, web: Web, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fail("chat.postMessage", Fault(error=word))
    found = await failure(web)
    assert isinstance(found, Busy)
    assert (found.retry_after, found.scope) == (600, "platform")
    assert caplog.messages == [
        f"SLACK_BOT_TOKEN: Slack refuses it now ({word}). Copy it anew from OAuth & Permissions."
    ]


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (OTHER, "Milepost is not in #main. Invite it: send /invite @Milepost there."),
        ("C9", "#main is not there any more"),
    ],
)
async def test_a_place_that_is_lost_comes_with_the_way_to_have_it_back(web: Web, channel: str, said: str) -> None:
    found = await failure(web, channel)
    assert isinstance(found, Gone)
    assert str(found).startswith(said)


async def test_an_archived_channel_is_lost(slack: SlackServer, web: Web) -> None:
    slack.archived.add(MAIN)
    found = await failure(web)
    assert isinstance(found, Gone)
    assert str(found) == "#main is archived. Unarchive it, or take it from the cohort."


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("user_not_in_channel", "Milepost is not in #main. Invite it: send /invite @Milepost there."),
        ("restricted_action", "Not everybody may post in #main (restricted_action). Have a workspace owner"),
        (
            "restricted_action_read_only_channel",
            "Not everybody may post in #main (restricted_action_read_only_channel).",
        ),
    ],
)
async def test_a_place_that_is_closed_to_milepost_is_lost(slack: SlackServer, web: Web, word: str, said: str) -> None:
    slack.fail("chat.postMessage", Fault(error=word))
    found = await failure(web)
    assert isinstance(found, Gone)
    assert str(found).startswith(said)


@pytest.mark.parametrize("word", ["org_login_required", "team_added_to_org", "accesslimited"])
async def test_a_workspace_that_lets_nobody_in_is_left_alone_for_a_while(
    slack: SlackServer, web: Web, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fail("chat.postMessage", Fault(error=word))
    found = await failure(web)
    assert isinstance(found, Busy)
    assert (found.retry_after, found.scope) == (600, "platform")
    assert caplog.messages == [f"Slack lets nobody into the workspace now ({word}); it is left alone for 600 s"]


async def test_a_scope_that_slack_does_not_name_is_not_called_none(slack: SlackServer, web: Web) -> None:
    slack.fail("chat.postMessage", Fault(error="missing_scope"))
    assert str(await failure(web)).startswith(
        "Milepost lacks a scope of Slack's, which it does not name, for chat.post"
    )


async def test_a_scope_that_is_missing_is_named(slack: SlackServer, web: Web) -> None:
    slack.scopes.remove("chat:write")
    found = await failure(web)
    assert isinstance(found, Gone)
    assert "scope chat:write for chat.postMessage" in str(found)
    assert "python -m bot manifest" in str(found)


async def test_anything_else_that_slack_refuses_is_told_with_its_reasons(slack: SlackServer, web: Web) -> None:
    reasons = {"response_metadata": {"messages": ["[ERROR] missing required field: text"]}}
    slack.fail("chat.postMessage", Fault(error="invalid_blocks", fields=reasons))
    found = await failure(web)
    assert isinstance(found, Rejected)
    assert str(found) == "Slack refuses chat.postMessage: invalid_blocks; [ERROR] missing required field: text"
    assert code(found) == "invalid_blocks"


async def test_connections_are_kept(slack: SlackServer, web: Web) -> None:
    for _ in range(5):
        await web.call("auth.test")
    assert slack.connections == 1


async def test_an_answer_is_put_where_the_interaction_said(slack: SlackServer, web: Web) -> None:
    await web.respond(slack.response_url("7"), {"text": "yes", "replace_original": True})
    assert slack.responses == [("7", {"text": "yes", "replace_original": True})]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(status=404), Rejected), (Fault(status=500), Unknown), (Fault(lost=True), Unknown),
        (Fault(status=429, headers={"Retry-After": "3"}), Busy),
    ],
)  # fmt: skip
async def test_an_answer_that_is_not_taken_is_told_and_not_repeated(
    slack: SlackServer, web: Web, fault: Fault, kind: type[Failure]
) -> None:
    slack.fail("respond", fault)
    with pytest.raises(kind):
        await web.respond(slack.response_url(), {"text": "yes"})
    assert slack.responses == []


async def test_no_secret_reaches_the_log_at_any_level(
    slack: SlackServer, web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    opened = await web.call("apps.connections.open", token=APP_TOKEN)
    client.SDK_LOG.debug("%s", opened)
    try:
        raise ConnectionError(f"cannot connect to {opened['url']}")
    except ConnectionError as error:
        client.SDK_LOG.exception("Failed to connect (error: %s); Retrying...", error)
    assert caplog.messages == ["Failed to connect (error: cannot connect to the socket's address); Retrying..."]
    for secret in (BOT_TOKEN, APP_TOKEN, "ticket"):
        assert secret not in caplog.text


async def test_cancelling_an_attempt_leaves_the_connection_usable(slack: SlackServer, web: Web) -> None:
    slack.fail("chat.postMessage", Fault(hangs=True))
    attempt = asyncio.create_task(web.call("chat.postMessage", HERE, channel=MAIN, text="hello"))
    await slack.until(lambda: slack.sent("chat.postMessage"))
    attempt.cancel()
    await asyncio.wait({attempt})
    assert (await web.call("auth.test"))["ok"]
