"""The whole product as its user meets it: the real process, its page in a real browser, and a restart on the way."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.delivery.calendar import Calendar
from tests.browser import Tab, in_one_browser

pytestmark = in_one_browser


class Process:
    """`python -m bot` on a database in a folder; stopping it is a SIGTERM, starting it again a restart."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        database = f"sqlite+aiosqlite:///{folder / 'milepost.db'}"
        self._environment = {**os.environ, "DATABASE_URL": database, "HTTP_PORT": str(port)}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", env=self._environment)
        async with aiohttp.ClientSession() as session:
            for _ in range(900):
                try:
                    async with session.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.1)
        raise TimeoutError(f"{self.url} is not ready after 90 s")

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return await asyncio.wait_for(self._process.wait(), timeout=60)


@pytest_asyncio.fixture(loop_scope="session")
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    made = Process(tmp_path)
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def page(process: Process, browser: Browser) -> AsyncIterator[Page]:
    opened = await browser.new_page(viewport={"width": 1280, "height": 860})
    await opened.goto(process.url)
    yield opened
    await opened.context.close()


async def test_a_first_visit_from_joining_to_the_second_milestone_with_a_restart_between(
    process: Process, page: Page
) -> None:
    tab = Tab(page)
    await expect(tab.message("Week 1 of 90: Python, command line and git")).to_be_visible()
    await expect(page.get_by_role("region", name="What to try")).to_contain_text("/join")

    await tab.send("/join")
    await expect(tab.message("Welcome to Deep Learning!")).to_be_visible()
    await expect(tab.message("Week 1 of 90: Python")).to_contain_text("1 member is on this week's tasks.")
    await tab.send("/week")
    week = tab.message("Deep Learning, since")
    lessons = week.get_by_role("listitem").filter(has_text="Work through the Python syntax lessons")
    await lessons.get_by_role("button", name="Done").click()
    await expect(tab.message("Done: Work through the Python syntax lessons")).to_be_visible()

    await tab.send("/resource backprop")
    found = tab.message("For “backprop”")
    await expect(found.get_by_role("link", name="Grokking Deep Learning")).to_have_attribute(
        "href", "https://www.manning.com/books/grokking-deep-learning"
    )

    await tab.send("/checkin")
    await tab.form.get_by_role("textbox", name="What did you do this week?").fill("Read <!channel> **twice**")
    await tab.form.get_by_role("textbox", name="What comes next?").fill("Titanic")
    await tab.form.get_by_role("button", name="Send").click()
    await expect(tab.message("Thank you, your check-in is in.")).to_contain_text("Read <!channel> **twice**")

    assert await process.stop() == 0
    await process.start()
    await expect(page.get_by_text("Connected")).to_have_count(1)
    await expect(tab.message("Thank you, your check-in is in.")).to_be_visible()
    await expect(tab.message("Week 1 of 90: Python, command line and git")).to_have_count(1)

    await tab.button("Move the clock 1 week forward").click()
    await tab.button(
        "Move the clock 1 day forward"
    ).click()  # on a Friday morning, the prompt comes after a week and hours
    await expect(tab.message("Week 2 of 90: Your first Kaggle problem: Titanic")).to_be_visible(timeout=20_000)
    await expect(tab.message("Check-in: how was week 1?")).to_have_count(1)
    await expect(tab.message("of 1 member has checked in")).to_have_count(0)
    await tab.send("/progress")
    await expect(tab.message("Your progress")).to_contain_text(re.compile("1 of 2[0-9]"))
    await tab.send("/checkin")
    await expect(tab.form.get_by_role("textbox", name="What did you get to run this week?")).to_have_value("Titanic")
    assert tab.complaints == [each for each in tab.complaints if "WebSocket" in each]


async def test_a_facilitator_previews_an_announcement_and_sends_it_once(process: Process, page: Page) -> None:
    tab = Tab(page)
    await page.get_by_role("radio", name="Grace").check()
    await tab.send("/announce")
    await tab.form.get_by_role("textbox", name="What do you want to say?").fill("We meet **tonight**, @everyone")
    await tab.form.get_by_role("button", name="Send").click()
    preview = tab.message("Preview: nothing is sent yet")
    await expect(preview.locator("strong", has_text="tonight")).to_be_visible()
    await preview.get_by_role("button", name="Send now").click()
    await expect(tab.message("Your announcement is on its way.")).to_be_visible()
    await expect(tab.message("Announcement for Deep Learning")).to_have_count(1)
    await page.get_by_role("radio", name="Ada").check()
    await expect(tab.message("Announcement for Deep Learning")).to_contain_text("@everyone")
    assert tab.complaints == []


async def test_a_kill_while_the_clock_moves_neither_loses_nor_repeats_a_post(process: Process, page: Page) -> None:
    tab = Tab(page)
    clock = page.get_by_role("region", name="Clock")
    begun = datetime.now(UTC)
    season = Calendar(begun.date(), begun.weekday(), time(begun.hour), ZoneInfo("UTC"))
    await expect(tab.message("Week 1 of 90")).to_be_visible()
    await tab.send("/join")
    await expect(tab.message("Welcome to Deep Learning!")).to_be_visible()
    for week, seconds in enumerate((0.0, 0.02, 0.06), start=1):
        await tab.button("Move the clock 1 week forward").click()
        await expect(clock).to_have_attribute("aria-busy", "true")
        await asyncio.sleep(seconds)
        await process.stop(signal.SIGKILL)
        await process.start()
        await expect(page.get_by_text("Connected")).to_have_count(1)
        await expect(tab.message(f"Week {week + 1} of 90")).to_have_count(1)
        # The demo begins on the day of the test; questions come on Fridays and Sundays.
        moved_to = datetime.now(UTC) + timedelta(weeks=week)
        asked = sum(season.prompt_at(step) <= moved_to for step in range(1, week + 2))
        reminded = sum(season.reminder_at(step) <= moved_to for step in range(1, week + 2))
        await expect(tab.message("Check-in: how was week")).to_have_count(asked)
        await expect(tab.message("of 1 member has checked in")).to_have_count(reminded)
