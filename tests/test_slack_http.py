"""HTTP mode: what Slack delivers at the application's own address, and who is refused there."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.chat.command import Rank, command
from bot.chat.desk import Desk
from bot.chat.message import Message
from bot.chat.platform import Call
from bot.chat.wording import say
from bot.delivery.clock import StoppedClock
from bot.platforms.slack import http
from bot.platforms.slack.connect import Slack
from bot.platforms.slack.http import LARGEST, PATH
from bot.records.records import Records, RecordsNotebook
from tests import slack_payloads as payloads
from tests.slack_server import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    SlackServer,
    deliver,
    http_body,
    open_slack,
    signed,
)  # fmt: skip
from tests.slack_workspace import Json

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
AT = NOW.timestamp()
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@command()
async def home(call: Call) -> Message:
    """Everybody's own page."""
    return Message(title=say("Home"))


@command()
async def hello(call: Call) -> Message:
    """Say hello."""
    return Message(title=say("Hello"))


class Door:
    """The application at work, with Slack on the other side. `calls` are the calls that reached the Desk."""

    def __init__(self, slack: SlackServer, records: Records) -> None:
        self.slack = slack
        self.records = records
        self.clock = StoppedClock(NOW - timedelta(minutes=10))
        self.notebook = RecordsNotebook(records, self.clock, Slack.name)
        self.calls: list[str] = []
        self.url = ""

    async def start(self) -> None:
        """A process begins, and returns once it is ready."""
        self.platform = Slack(BOT_TOKEN, self.notebook, self.clock, signing_secret=SIGNING_SECRET, url=self.slack.api)
        application = web.Application()
        self.platform.routes(application)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{PATH}"
        self._running = asyncio.create_task(self.platform.run(Desk([hello, home], [], self._anyone)))
        while not self.platform.connected:  # noqa: ASYNC110 - Slack's answer is on its way
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """It ends."""
        self._running.cancel()
        await asyncio.wait({self._running})
        await self._runner.cleanup()

    async def restart(self) -> None:
        """Another process on the same records, which has heard nothing yet."""
        await self.stop()
        self.calls.clear()
        await self.start()

    async def _anyone(self, call: Call) -> Rank:
        self.calls.append(call.id)
        return Rank.ANYONE

    async def post(self, body: str | bytes, headers: dict[str, str], content_type: str = FORM) -> tuple[int, str]:
        """Send this; the answer's status and text."""
        sent = {"Content-Type": content_type, **headers}
        async with aiohttp.ClientSession() as session, session.post(self.url, data=body, headers=sent) as answer:
            return answer.status, await answer.text()


def typed() -> Json:
    """Somebody types the command."""
    return payloads.slash("UADA", "hello", "https://hooks.slack.com/1")


BODY, _ = http_body("slash_commands", typed())


@pytest.fixture
async def door(migrated: Path, tmp_path: Path) -> AsyncIterator[Door]:
    """Milepost in HTTP mode."""
    records = Records(f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path)}", durable=False)
    async with open_slack() as slack:
        slack.people["UADA"] = {"name": "ada", "tz": "UTC"}
        made = Door(slack, records)
        await made.start()
        made.clock.forward(NOW)
        yield made
        await made.stop()
    await records.close()


async def test_what_slack_signed_is_answered(door: Door) -> None:
    status, answer = await deliver(door.url, "slash_commands", typed(), AT)
    assert status == 200
    assert '"text":"Hello"' in answer
    assert len(door.calls) == 1


async def test_slack_is_shown_that_the_address_is_ours(door: Door) -> None:
    status, answer = await deliver(door.url, "events_api", {"type": "url_verification", "challenge": "3eZbrw"}, AT)
    assert (status, answer) == (200, '{"challenge": "3eZbrw"}')


async def test_an_event_is_acknowledged(door: Door) -> None:
    happened = payloads.event("user_change", user={"id": "UADA"})
    assert await deliver(door.url, "events_api", happened, AT) == (200, "")


def wrong_secret() -> dict[str, str]:
    return signed(BODY, AT, secret="f" * 32)


def altered() -> dict[str, str]:
    return signed(BODY.replace("hello", "goodbye"), AT)


def unsigned() -> dict[str, str]:
    return {}


def garbled() -> dict[str, str]:
    return {**signed(BODY, AT), "X-Slack-Request-Timestamp": "yesterday"}


def endless() -> dict[str, str]:
    return {**signed(BODY, AT), "X-Slack-Request-Timestamp": "9" * 5000}


def foreign() -> dict[str, str]:
    return {**signed(BODY, AT), "X-Slack-Signature": "v0=ключ"}


def other_version() -> dict[str, str]:
    made = signed(BODY, AT)
    return {**made, "X-Slack-Signature": made["X-Slack-Signature"].replace("v0=", "v1=")}


def stale() -> dict[str, str]:
    return signed(BODY, AT - 301)


def future() -> dict[str, str]:
    return signed(BODY, AT + 301)


FORGED = [wrong_secret, altered, unsigned, garbled, endless, foreign, other_version, stale, future]


@pytest.mark.parametrize("forged", FORGED)
async def test_what_slack_did_not_sign_lately_reaches_nobody(
    door: Door, forged: Any, caplog: pytest.LogCaptureFixture
) -> None:
    status, _ = await door.post(BODY, forged())
    assert status == 401
    refused(door, caplog)


@pytest.mark.parametrize(("forged", "time"), [(stale, "08:54:59"), (future, "09:05:01")])
async def test_the_line_tells_a_clock_that_is_wrong_from_a_wrong_secret(
    door: Door, forged: Any, time: str, caplog: pytest.LogCaptureFixture
) -> None:
    await door.post(BODY, forged())
    assert caplog.messages[0].endswith(f"its time is 2027-01-04 {time} UTC, more than five minutes from now")


def refused(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody was asked, and it is one line without what was sent."""
    assert door.calls == []
    [line] = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert line.getMessage().startswith("a request to /slack/events from 127.0.0.1 is refused: ")
    assert "hello" not in caplog.text
    assert SIGNING_SECRET not in caplog.text
    assert line.exc_info is None


@pytest.mark.parametrize("late", [-300, 300])
async def test_within_five_minutes_it_is_in_time(door: Door, late: float) -> None:
    status, _ = await deliver(door.url, "slash_commands", typed(), AT + late)
    assert status == 200


@pytest.mark.parametrize(
    ("junk", "kind"),
    [
        *((each, JSON) for each in ("{", "[]", "null", "5", '{"authorizations": 5}', "[" * 200_000)),
        *((f"payload={each}", FORM) for each in ("{", "[]", "null")),
    ],
)
async def test_what_is_signed_and_makes_no_sense_reaches_nobody(
    door: Door, junk: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    status, _ = await door.post(junk, signed(junk, AT), kind)
    assert status == 400
    refused(door, caplog)


async def test_what_is_signed_and_nobody_can_read_is_acknowledged_in_one_line(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    odd = {**payloads.event("user_change", user={"id": "UADA"}), "event_id": "Ev\ud800"}
    assert await deliver(door.url, "events_api", odd, AT) == (200, "")
    [line] = caplog.messages
    assert line.startswith("something that Slack delivered is not understood: event_id: ")


async def test_a_replayed_request_reaches_nobody(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    headers = signed(BODY, AT)
    assert (await door.post(BODY, headers))[0] == 200
    door.calls.clear()
    assert (await door.post(BODY, headers))[0] == 401
    refused(door, caplog)


async def test_a_replayed_request_is_known_after_a_restart(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    headers = signed(BODY, AT)
    assert (await door.post(BODY, headers))[0] == 200
    door.clock.forward(NOW + timedelta(seconds=2))
    await door.restart()
    assert (await door.post(BODY, headers))[0] == 401
    refused(door, caplog)


async def test_what_is_made_in_the_second_of_a_restart_is_answered(door: Door) -> None:
    door.clock.forward(NOW + timedelta(seconds=2.9))
    await door.restart()
    assert (await door.post(BODY, signed(BODY, AT + 2)))[0] == 200


async def test_a_replayed_request_is_known_for_as_long_as_its_time_would_do(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    early, late = signed(BODY, AT - 290), signed(BODY, AT + 290)
    for headers in (early, late):
        assert (await door.post(BODY, headers))[0] == 200
    door.calls.clear()
    door.clock.forward(NOW + timedelta(seconds=580))
    assert (await door.post(BODY, signed(BODY, AT + 580)))[0] == 200
    door.calls.clear()
    assert (await door.post(BODY, late))[0] == 401
    refused(door, caplog)


async def test_signatures_are_forgotten_after_their_time(door: Door) -> None:
    for seconds in (0, 301, 602, 903):
        door.clock.forward(NOW + timedelta(seconds=seconds))
        assert (await door.post(BODY, signed(BODY, AT + seconds)))[0] == 200
    assert door.platform._door
    assert len(door.platform._door._known) == 1


async def test_what_had_to_be_forgotten_is_refused_all_the_same(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(http, "MOST", 2)
    made = [signed(BODY, AT + seconds) for seconds in (0, 1, 2)]
    for headers in made:
        assert (await door.post(BODY, headers))[0] == 200
    door.calls.clear()
    assert (await door.post(BODY, made[0]))[0] == 401
    refused(door, caplog)


async def test_two_who_type_the_same_within_a_second_are_both_answered(door: Door) -> None:
    body, _ = http_body("interactive", payloads.typing("UADA", {"id": "V1", "type": "modal"}, "query", "net"))
    headers = signed(body, AT)
    assert [(await door.post(body, headers))[0] for _ in range(2)] == [200, 200]
    door.clock.forward(NOW + timedelta(seconds=4))
    assert (await door.post(body, headers))[0] == 401


async def test_nothing_is_written_down_for_a_request_that_only_asks(door: Door) -> None:
    writes = door.records._writes
    assert (await door.post(BODY, signed(BODY, AT)))[0] == 200
    assert door.records._writes == writes


async def test_a_forged_signature_does_not_use_up_the_true_one(door: Door) -> None:
    headers = signed(BODY, AT)
    assert (await door.post(BODY.replace("hello", "goodbye"), headers))[0] == 401
    assert (await door.post(BODY, headers))[0] == 200


async def test_an_event_that_slack_signs_anew_is_handled_once(door: Door) -> None:
    opened = payloads.event("app_home_opened", user="UADA", tab="home", channel="DUADA")
    assert await deliver(door.url, "events_api", opened, AT) == (200, "")
    await door.slack.until(lambda: door.slack.sent("views.publish"))
    again = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert await deliver(door.url, "events_api", opened, AT + 60, **again) == (200, "")
    await door.stop()
    assert len(door.slack.sent("views.publish")) == 1
    await door.start()


async def test_a_command_that_slack_signs_anew_is_answered_the_same_once(door: Door) -> None:
    payload = typed()
    answers = [await deliver(door.url, "slash_commands", payload, at) for at in (AT, AT + 1)]
    assert answers[0] == answers[1]
    assert len(door.calls) == 1


async def test_a_body_that_is_too_large_reaches_nobody(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    body = BODY + "&pad=" + "x" * LARGEST
    status, _ = await door.post(body, signed(body, AT))
    assert status == 413
    refused(door, caplog)


async def test_a_body_that_is_as_large_as_can_be_is_read(door: Door) -> None:
    body = f"{BODY}&pad=".ljust(LARGEST, "x")
    assert (await door.post(body, signed(body, AT)))[0] == 200


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml"])
async def test_a_wrong_content_type_reaches_nobody(
    door: Door, content_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    status, _ = await door.post(BODY, signed(BODY, AT), content_type)
    assert status == 415
    refused(door, caplog)


async def test_bytes_that_are_no_text_reach_nobody(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    status, _ = await door.post(b"command=\xff\xfe", signed("", AT))
    assert status == 400
    refused(door, caplog)


async def test_only_posts_are_taken(door: Door) -> None:
    async with aiohttp.ClientSession() as session, session.get(door.url) as answer:
        assert answer.status == 405


async def test_before_it_is_ready_slack_is_told_to_come_again(door: Door) -> None:
    assert door.platform._door
    ready, door.platform._door.app = door.platform._door.app, None
    headers = signed(BODY, AT)
    assert (await door.post(BODY, headers))[0] == 503
    door.platform._door.app = ready
    assert (await door.post(BODY, headers))[0] == 200


async def test_without_a_signing_secret_there_is_no_address(door: Door) -> None:
    application = web.Application()
    Slack(BOT_TOKEN, door.platform.notebook, door.clock, app_token=APP_TOKEN).routes(application)
    assert len(application.router.routes()) == 0
