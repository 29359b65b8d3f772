"""What is logged: our own doings as finely as asked for, and of libraries nothing that people wrote."""

import logging
from collections.abc import Iterator

import pytest

from bot.__main__ import _log
from bot.settings import Settings

TELL_TALES = ("discord.http", "discord.gateway", "discord.webhook.async_", "slack_sdk.web", "slack_bolt.App", "aiohttp")


@pytest.fixture
def debugging() -> Iterator[None]:
    """LOG_LEVEL=DEBUG, until the test is over."""
    root, ours = logging.getLogger(), logging.getLogger("bot")
    before = root.level, ours.level, root.handlers[:]
    root.handlers = []  # so that pytest's own are not closed
    _log(Settings(log_level="DEBUG"))
    yield
    root.setLevel(before[0])
    ours.setLevel(before[1])
    root.handlers = before[2]


@pytest.mark.usefixtures("debugging")
@pytest.mark.parametrize("library", TELL_TALES)
def test_libraries_log_no_payloads_even_when_debugging(library: str) -> None:
    assert not logging.getLogger(library).isEnabledFor(logging.DEBUG)
    assert logging.getLogger(library).isEnabledFor(logging.INFO)


@pytest.mark.usefixtures("debugging")
def test_our_own_doings_are_logged_as_finely_as_asked_for() -> None:
    assert logging.getLogger("bot.platforms.discord.answer").isEnabledFor(logging.DEBUG)
