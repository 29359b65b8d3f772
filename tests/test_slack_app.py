"""Slack within the application: wired by its settings, served beside the health pages, ended by a signal."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from functools import partialmethod
from pathlib import Path

import aiohttp
import pytest

from bot import app
from bot.platforms.slack.connect import Slack
from bot.settings import read_settings
from tests import slack_payloads as payloads
from tests.slack_server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackServer, deliver, open_slack

IN_TIME = 10  # seconds


@pytest.fixture
async def slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackServer]:
    """A Slack, and settings for it: listening on a socket and behind an address at once."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    given = {
        "PLATFORMS": "slack", "SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET, "SLACK_COMMAND": "learn", "SLACK_ALIASES": "no",
        "HTTP_PORT": str(port), "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'town.db'}",
        "FACILITATORS": "slack:T1:UADA",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    async with open_slack() as made:
        made.people["UADA"] = {"name": "ada", "tz": "UTC"}
        there = {"__init__": partialmethod(Slack.__init__, url=made.api)}
        monkeypatch.setattr(app, "Slack", type("There", (Slack,), there))
        yield made


async def test_it_hears_people_both_ways_and_ends_in_time(slack: SlackServer) -> None:
    running = asyncio.create_task(app.run(read_settings()))
    connected = asyncio.create_task(slack.connected())
    await asyncio.wait({running, connected}, return_when=asyncio.FIRST_COMPLETED)
    assert connected.done(), f"it ended before it was connected: {running}"
    url = f"http://127.0.0.1:{read_settings().http_port}"
    typed = payloads.slash("UADA", "cohort create", slack.response_url(), command="/learn")
    await slack.send("slash_commands", typed)
    await slack.until(lambda: slack.views)  # the form, so she is a facilitator
    again = payloads.slash("UADA", "help", slack.response_url(), command="/learn")
    _, told = await deliver(f"{url}/slack/events", "slash_commands", again, time.time())
    assert "/learn announce" in told
    async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
        assert await answer.text() == "ready\n"
    old = payloads.slash("UADA", "", slack.response_url(), command="/checkin")
    said = await slack.send("slash_commands", old)  # which the manifest of the app may still hold
    assert "You are in no cohort yet" in said["text"]
    began = time.monotonic()
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    assert time.monotonic() - began < IN_TIME
    assert slack.sockets == []
