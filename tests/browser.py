"""The playground's page in a real browser, spoken of as its reader would."""

import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

from tests.playground_desk import Machine, Memory, Town, milestone, place, serving

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists() and "CI" not in os.environ, reason="no Chromium here; CI has one"
)
"""What a test is marked with that has a browser of its own."""

in_one_browser = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]
"""The marks of a module whose tests share the fixture `browser`: starting one takes longer than most tests."""

expect.set_options(timeout=60_000)  # patience costs nothing where all is well, and a machine may be busy


class Tab:
    """A tab on the playground, spoken of in a reader's words."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.bar = page.get_by_role("combobox", name=re.compile("Command bar|명령 입력줄"))
        self.log = page.get_by_role("log")
        self.options = page.get_by_role("listbox", name="Commands and values").get_by_role("option")
        self.form = page.get_by_role("dialog")
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def send(self, line: str) -> None:
        await self.bar.fill(line)
        await self.bar.press("Enter")

    def message(self, text: str) -> Locator:
        return self.log.get_by_role("article").filter(has_text=text)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)


class Stage:
    """The server, which can be restarted on its port, and a browser."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.notebook, self.machine, self.town = Memory(), Machine(), Town()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = AsyncExitStack()
        self.tabs: list[Tab] = []

    async def start(self) -> None:
        serves = serving(self.notebook, self.machine, self.town, self.port)
        self.playground, _ = await self._server.enter_async_context(serves)

    async def stop(self) -> None:
        await self._server.aclose()

    async def tab(self, width: int = 1280, height: int = 820, **more: str) -> Tab:
        context = await self.browser.new_context(viewport={"width": width, "height": height}, **more)  # type: ignore[arg-type]
        tab = Tab(await context.new_page())
        await tab.page.goto(self.url)
        await expect(tab.page.get_by_text("Connected")).to_have_count(1)
        self.tabs.append(tab)
        return tab


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        await launched.close()


@asynccontextmanager
async def open_stage(browser: Browser) -> AsyncIterator[Stage]:
    """A playground with the milestone of week 1. At the end, no tab may have complained in its console."""
    made = Stage(browser)
    await made.start()
    await made.playground.post(place(), milestone(1))
    yield made
    for tab in made.tabs:
        await tab.page.context.close()
    await made.stop()
    assert [tab.complaints for tab in made.tabs] == [[] for _ in made.tabs]
