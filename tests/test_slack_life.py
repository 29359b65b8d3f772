"""The life of the connection to Slack: how it begins, is lost and had back, and how it ends."""

import asyncio
import contextlib
import logging
import shutil
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

from bot.chat.command import Arg, command
from bot.chat.desk import Desk
from bot.chat.message import Message
from bot.chat.platform import Busy, StartFailure
from bot.chat.wording import say
from bot.delivery.clock import RunningClock
from bot.platforms.slack import bolt, connect
from bot.platforms.slack.connect import Slack
from bot.records.records import Records, RecordsNotebook
from tests import slack_payloads as payloads
from tests.slack_server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Fault, SlackServer, open_slack
from tests.test_slack_posts import HERE, PLAIN


@command()
async def think(hundredths: Annotated[int, Arg("How long?")]) -> Message:
    """Think first."""
    await asyncio.sleep(hundredths / 100)
    return Message(title=say("Here it is"))


@pytest.fixture
def desk() -> Desk:
    """A desk with one command."""

    async def anyone(call: object) -> Any:
        return think.allow

    return Desk([think], [], anyone)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A Slack with one person."""
    async with open_slack() as made:
        made.people["UADA"] = {"name": "ada", "tz": "UTC"}
        yield made


@pytest.fixture
async def platform(slack: SlackServer, migrated: Path, tmp_path: Path) -> AsyncIterator[Slack]:
    """The platform, to be run."""
    records = Records(f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path)}", durable=False)
    clock = RunningClock()
    yield Slack(BOT_TOKEN, RecordsNotebook(records, clock, "slack"), clock, app_token=APP_TOKEN, url=slack.api)
    await records.close()


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that waits for long waits for a moment."""
    monkeypatch.setattr(connect, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(connect, "CONNECT_WITHIN", 0.5)
    monkeypatch.setattr(bolt, "LOOK", 0.05)
    monkeypatch.setattr(bolt, "PING", 0.1)
    monkeypatch.setattr(bolt, "REPLACED_WITHIN", 0.2)


async def until(is_so: Callable[[], object]) -> None:
    """Return once it is so."""
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 - it becomes so within the SDK, which tells nobody
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(platform: Slack, desk: Desk) -> AsyncIterator["asyncio.Task[None]"]:
    """The platform at work; stopped in the end, with nothing of it left behind."""
    before = asyncio.all_tasks()
    task = asyncio.create_task(platform.run(desk))
    await until(lambda: platform.connected or task.done())
    yield task
    if not task.cancelling():
        task.cancel()
    await asyncio.wait({task})
    await until(lambda: not _ours(asyncio.all_tasks() - before))


def _ours(tasks: set["asyncio.Task[Any]"]) -> list["asyncio.Task[Any]"]:
    """Those that Milepost or the SDKs left behind; the server's are its own."""
    return [
        each for each in tasks if not each.done() and "web_protocol" not in repr(each) and "tests" not in repr(each)
    ]


async def heard(slack: SlackServer, hundredths: int = 0) -> str | None:
    """Somebody types the command; the title of what the acknowledgement says."""
    ack = await slack.send("slash_commands", payloads.slash("UADA", f"think {hundredths}", slack.response_url()))
    return None if ack is None else str(ack["text"])


async def test_it_answers_over_a_socket(slack: SlackServer, platform: Slack, desk: Desk) -> None:
    async with running(platform, desk):
        assert await heard(slack) == "Here it is"
    assert [each.method for each in slack.asked] == ["auth.test", "apps.connections.open", "users.info"]


async def test_half_a_character_does_not_cost_the_acknowledgement(
    slack: SlackServer, platform: Slack, desk: Desk
) -> None:
    async with running(platform, desk):
        ack = await slack.send("slash_commands", payloads.slash("UADA", "\ud800", slack.response_url()))
        assert ack["text"].startswith("There is no command called \ufffd.")


async def test_what_nobody_can_read_is_one_line_and_acknowledged(
    slack: SlackServer, platform: Slack, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(platform, desk):
        assert await slack.send("events_api", {**payloads.event("user_change"), "event_id": "Ev\ud800"}) is None
        assert await heard(slack) == "Here it is"
    [line] = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert line.message.startswith("something that Slack delivered is not understood: event_id: ")
    assert line.exc_info is None


async def test_what_bolt_reads_from_the_environment_changes_nothing(
    slack: SlackServer, platform: Slack, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "BOT_TOKEN", "SIGNING_SECRET", "APP_TOKEN", "VERIFICATION_TOKEN"):
        monkeypatch.setenv(f"SLACK_{name}", "xoxb-another")
    async with running(platform, desk):
        assert await heard(slack) == "Here it is"
    assert {each.token for each in slack.asked} == {BOT_TOKEN, APP_TOKEN}
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    ("method", "word", "said"),
    [
        ("auth.test", "invalid_auth", "SLACK_BOT_TOKEN: Slack refuses it (invalid_auth). Copy the bot token anew"),
        ("auth.test", "account_inactive", "SLACK_BOT_TOKEN: Slack refuses it (account_inactive). "),
        (
            "apps.connections.open",
            "invalid_auth",
            "SLACK_APP_TOKEN: Slack refuses it (invalid_auth). Switch Socket Mode",
        ),
        ("apps.connections.open", "missing_scope", "SLACK_APP_TOKEN: Slack refuses it (missing_scope). "),
    ],
)
async def test_a_wrong_token_is_one_line_that_names_it(
    slack: SlackServer, platform: Slack, desk: Desk, method: str, word: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fail(method, Fault(error=word))
    with pytest.raises(StartFailure) as raised:
        await platform.run(desk)
    assert str(raised.value).startswith(said)
    assert caplog.messages == []
    assert not platform.connected


@pytest.mark.usefixtures("fast")
async def test_a_slack_that_cannot_be_reached_at_the_start_is_tried_again(
    slack: SlackServer, platform: Slack, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fail("auth.test", Fault(lost=True), Fault(status=503))
    slack.fail("apps.connections.open", Fault(status=429, error="ratelimited", headers={"Retry-After": "1"}))
    async with running(platform, desk):
        assert await heard(slack) == "Here it is"
    pauses = [each.message.rpartition("in ")[2] for each in caplog.records if "cannot be reached" in each.message]
    assert pauses == ["0.01 s", "0.02 s", "0.01 s"]


async def test_posts_wait_until_it_is_connected_and_once_it_has_ended(
    slack: SlackServer, platform: Slack, desk: Desk
) -> None:
    with pytest.raises(Busy):
        await platform.post(HERE, PLAIN)
    async with running(platform, desk):
        posted = await platform.post(HERE, PLAIN)
        await platform.withdraw(posted)
    with pytest.raises(Busy):
        await platform.post(HERE, PLAIN)


async def test_a_socket_that_slack_replaces_is_replaced(slack: SlackServer, platform: Slack, desk: Desk) -> None:
    async with running(platform, desk):
        await slack.refresh()
        assert await heard(slack) == "Here it is"
        assert len(slack.sockets) == 1
        await until(lambda: platform.connected)
    assert len(slack.sent("apps.connections.open")) == 2


@pytest.mark.usefixtures("fast")
async def test_a_socket_that_breaks_is_had_back(slack: SlackServer, platform: Slack, desk: Desk) -> None:
    async with running(platform, desk):
        slack.drop()
        await slack.until(lambda: not slack.sockets)
        assert await heard(slack) == "Here it is"
        await until(lambda: platform.connected)


@pytest.mark.usefixtures("fast")
async def test_while_there_is_no_socket_it_is_not_connected(slack: SlackServer, platform: Slack, desk: Desk) -> None:
    async with running(platform, desk):
        slack.fail("apps.connections.open", *[Fault(status=503)] * 100)
        slack.drop()
        await until(lambda: not platform.connected)


async def test_a_socket_that_breaks_is_had_back_long_before_the_sdk_looks(
    slack: SlackServer, platform: Slack, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bolt, "PING", 600)
    async with running(platform, desk):
        slack.drop()
        await slack.until(lambda: not slack.sockets)
        assert await heard(slack) == "Here it is"
    assert len(slack.sent("apps.connections.open")) == 2


@pytest.mark.usefixtures("fast")
async def test_sockets_that_break_at_once_are_asked_for_ever_more_slowly(
    slack: SlackServer, platform: Slack, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(platform, desk):
        for _ in range(4):
            slack.drop()
            await slack.until(lambda: not slack.sockets)
            await slack.connected()
            await until(lambda: platform.connected)
    pauses = [each.rpartition("in ")[2] for each in caplog.messages if "do not last" in each]
    assert pauses == ["0.01 s", "0.02 s", "0.04 s"]


@pytest.mark.usefixtures("fast")
async def test_a_socket_that_does_not_replace_its_connection_gives_way_to_a_fresh_one(
    slack: SlackServer, platform: Slack, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(platform, desk):
        slack.fail("apps.connections.open", Fault(hangs=True))
        await slack.sockets[-1].close()
        await until(lambda: "nothing is heard on Slack's socket any more; connecting afresh" in caplog.messages)
        assert await heard(slack) == "Here it is"


@pytest.mark.usefixtures("fast")
async def test_a_socket_that_looks_after_its_connection_no_longer_gives_way_too(
    slack: SlackServer, platform: Slack, desk: Desk
) -> None:
    async with running(platform, desk):
        first = platform._socket
        assert first is not None
        assert first.current_session_monitor is not None
        first.current_session_monitor.cancel()
        await until(lambda: platform._socket is not first and platform.connected)
        assert await heard(slack) == "Here it is"


@pytest.mark.usefixtures("fast")
async def test_a_socket_that_does_not_open_is_asked_for_afresh(
    slack: SlackServer, platform: Slack, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    slack.refuses_sockets = True
    task = asyncio.create_task(platform.run(desk))
    await until(lambda: "Slack's socket did not open within 0.5 s; connecting afresh" in caplog.messages)
    slack.refuses_sockets = False
    await until(lambda: platform.connected)
    task.cancel()
    await asyncio.wait({task})


@pytest.mark.usefixtures("fast")
async def test_a_socket_that_answers_no_ping_is_not_trusted(slack: SlackServer, platform: Slack, desk: Desk) -> None:
    async with running(platform, desk):
        [first] = slack.sockets
        slack.is_deaf = True
        await until(lambda: first not in slack.sockets)
        slack.is_deaf = False
        await until(lambda: platform.connected)
        assert await heard(slack) == "Here it is"


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("word", ["invalid_auth", "no_permission"])
async def test_a_token_that_is_refused_meanwhile_is_one_line_and_ends_nothing(
    slack: SlackServer, platform: Slack, desk: Desk, word: str, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(connect, "LONGEST_PAUSE", 0.3)
    async with running(platform, desk) as task:
        slack.fail("apps.connections.open", Fault(error=word))
        slack.drop()
        await until(lambda: any("SLACK_APP_TOKEN" in each for each in caplog.messages))
        assert not platform.connected
        assert await heard(slack) == "Here it is"
        assert not task.done()
    [line] = [each.message for each in caplog.records if each.levelno >= logging.ERROR]
    assert line.startswith(f"SLACK_APP_TOKEN: Slack refuses it ({word}). ")
    assert line.endswith("Until then nothing is heard; trying again in 0.3 s")


@pytest.mark.usefixtures("fast")
async def test_what_the_sdk_tells_of_a_lost_socket_is_short_and_without_tickets(
    slack: SlackServer, platform: Slack, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running(platform, desk):
        slack.refuses_sockets = True
        slack.drop()
        await until(lambda: any("Failed to connect" in each for each in caplog.messages))
    mine = [each for each in caplog.records if not each.name.startswith(("aio", "asyncio"))]
    assert "ticket" not in "".join(each.getMessage() for each in mine)
    assert [each for each in mine if each.exc_info] == []


async def test_an_answer_in_flight_is_given_before_the_socket_is_closed(
    slack: SlackServer, platform: Slack, desk: Desk
) -> None:
    async with running(platform, desk):
        asked = asyncio.create_task(heard(slack, 20))
        await slack.until(lambda: slack.sent("users.info"))
        later = asyncio.create_task(heard(slack, 60))
        await asyncio.sleep(0.05)
    assert await asked == "Here it is"
    assert await later is None  # the acknowledgement came at once, the answer when it was there
    assert [said["text"] for _, said in slack.responses] == ["Here it is"]


async def test_what_comes_while_it_ends_is_left_for_slack_to_bring_again(
    slack: SlackServer, platform: Slack, desk: Desk
) -> None:
    async with running(platform, desk) as task:
        asked = asyncio.create_task(heard(slack, 60))
        await slack.until(lambda: slack.sent("users.info"))
        task.cancel()
        await until(lambda: platform._socket and not platform._socket.socket_mode_request_listeners)
        late = asyncio.create_task(heard(slack))
    assert await asked is None
    late.cancel()
    assert len(slack.responses) == 1


@pytest.mark.parametrize("is_dead", [False, True])
async def test_it_ends_in_time_whatever_hangs(
    slack: SlackServer, platform: Slack, desk: Desk, is_dead: bool,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(connect, "DRAIN", 0.1)
    monkeypatch.setattr(bolt, "CLOSE", 0.1)
    async with running(platform, desk):
        asked = asyncio.create_task(heard(slack, 1000))
        await asked
        slack.is_deaf = is_dead
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert "1 answers were not given within 0.1 s and are lost" in caplog.messages
    assert ("Slack did not say goodbye within 0.1 s" in caplog.messages) is is_dead


async def test_in_http_mode_it_is_connected_once_slack_took_the_token(
    slack: SlackServer, platform: Slack, desk: Desk
) -> None:
    door = Slack(BOT_TOKEN, platform.notebook, platform.clock, signing_secret=SIGNING_SECRET, url=slack.api)
    seen = [door.connected]
    async with running(door, desk):
        seen.append(door.connected)
    assert [*seen, door.connected] == [False, True, False]
    assert [each.method for each in slack.asked] == ["auth.test"]


async def test_nothing_listens_where_slack_should_be(platform: Slack, desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api/"
        away = Slack(BOT_TOKEN, platform.notebook, platform.clock, app_token=APP_TOKEN, url=url)
        task = asyncio.create_task(away.run(desk))
        await asyncio.sleep(0.1)
        assert not task.done()
        assert not away.connected
        task.cancel()
        await asyncio.wait({task})
