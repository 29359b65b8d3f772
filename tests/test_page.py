"""The playground's page in a real browser, with the keyboard, by the names that a screen reader says."""

import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

from bot.chat import line
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

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists() and "CI" not in os.environ, reason="no Chromium here; CI has one"),
    pytest.mark.asyncio(loop_scope="module"),  # starting a browser takes longer than most tests
]

expect.set_options(timeout=5000)


class Tab:
    """A tab on the playground, spoken of in a reader's words."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.bar = page.get_by_role("combobox", name="Command bar")
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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    made = Stage(browser)
    await made.start()
    await made.playground.post(place(), milestone(1))
    yield made
    for tab in made.tabs:
        await tab.page.context.close()
    await made.stop()
    assert [tab.complaints for tab in made.tabs] == [[] for _ in made.tabs]


async def test_the_whole_job_works_with_the_keyboard_alone(stage: Stage) -> None:
    tab = await stage.tab()
    await expect(tab.message("Week 1: build something")).to_be_visible()

    await tab.press("/")
    await expect(tab.bar).to_be_focused()
    await expect(tab.bar).to_have_attribute("aria-expanded", "true")
    await tab.type("jo")
    await expect(tab.options).to_have_count(1)
    await expect(tab.options.first).to_have_attribute("aria-selected", "true")
    await tab.press("Enter", "Enter")
    await expect(tab.message("Welcome, @Ada!")).to_contain_text("Only you can see this")

    await tab.press("Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab")
    await expect(tab.message("Welcome").get_by_role("button", name="This week")).to_be_focused()
    await tab.press("Enter")
    week = tab.message("Week 1: the first net")
    await expect(week.get_by_role("button", name="Done")).to_have_count(3)

    await tab.press("/")
    await tab.type("checkin")
    await tab.press("Enter", "Enter")
    await expect(tab.form).to_have_accessible_name("Say what you did this week.")
    await expect(tab.form.get_by_role("textbox", name="What did you do this week?")).to_be_focused()
    await tab.type("Read <b>two</b> chapters")
    await tab.press("Tab", "Space", "Tab")
    await tab.type("90")
    await tab.press("Control+Enter")
    hours = tab.form.get_by_role("spinbutton", name="About how many hours?")
    await expect(hours).to_be_focused()
    await expect(hours).to_have_accessible_description("hours can be 0 to 80, not 90.")
    await tab.press("Control+a")
    await tab.type("9")
    await tab.press("Control+Enter")
    await expect(tab.form).to_have_count(0)
    await expect(tab.message("Thank you, Ada: Read <b>two</b> chapters (good, 9)")).to_be_visible()

    await tab.press("Alt+3")
    await expect(tab.page.get_by_role("radio", name="Grace")).to_be_checked()
    await expect(tab.message("Thank you, Ada")).to_have_count(0)

    await tab.page.get_by_role("button", name="Move the clock 1 week forward").focus()
    await tab.press("Enter")
    await expect(tab.message("Week 2: build something")).to_be_visible()
    await expect(tab.page.get_by_role("region", name="Clock")).to_contain_text("14 Dec 2026")


async def test_suggestions_are_taken_with_the_arrows_and_sent(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.send("/join")
    await tab.bar.fill("")
    await tab.type("/do")
    await tab.press("Tab")
    await expect(tab.options).to_have_text([re.compile("MNIST"), re.compile("notes"), re.compile("post")])
    await tab.press("ArrowDown", "ArrowDown")
    await expect(tab.options.nth(1)).to_have_attribute("aria-selected", "true")
    marked = await tab.options.nth(1).get_attribute("id")
    await expect(tab.bar).to_have_attribute("aria-activedescendant", marked or "")
    await tab.press("Enter")
    await expect(tab.bar).to_have_value("/done task:notes ")
    await tab.press("Enter")
    await expect(tab.message("Write up your notes is done.")).to_be_visible()


async def test_choices_and_argument_names_are_offered(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.bar.focus()
    await tab.type("/resource back k")
    await expect(tab.page.get_by_role("list", name="Arguments")).to_contain_text("querytext · required")
    await expect(tab.options).to_have_text([re.compile("kind:")])
    await tab.press("Tab")
    await expect(tab.options).to_have_text([re.compile("course"), re.compile("book"), re.compile("video")])
    await tab.type("b")
    await tab.press("Tab", "Enter")
    await expect(tab.message("Resources for back")).to_contain_text("book")


async def test_a_value_that_the_page_writes_is_what_the_server_reads(stage: Stage) -> None:
    tab = await stage.tab()
    values = [
        "mnist",
        "two words",
        'a "quoted" one',
        "back\\slash",
        "“curly”",
        "kind:book",
        "역전파 🙂",
        "https://x.example/?a=b",
    ]
    for value in values:
        written = await tab.page.evaluate("async (value) => (await import('/line.js')).written('task', value)", value)
        found = line.read(f"/done {written}", {"done": ["task"]})
        assert found is not None
        assert found.given == {"task": value}


async def test_escape_closes_the_list_and_keeps_the_line(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.press("/", "Escape")
    await expect(tab.options).to_have_count(0)
    await expect(tab.bar).to_have_value("/")
    await expect(tab.bar).to_be_focused()


async def test_a_press_keeps_the_focus_where_one_worked(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.send("/join")
    await tab.message("Welcome").get_by_role("button", name="This week").click()
    done = tab.message("Week 1: the first net").get_by_role("button", name="Done").first
    await done.focus()
    await tab.press("Enter")
    await expect(tab.message("Well done!").get_by_role("button", name="This week")).to_be_focused()


async def test_a_form_suggests_and_escape_closes_the_suggestions_first(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.send("/join")
    await tab.message("Week 1").get_by_role("button", name="Check in").click()
    task = tab.form.get_by_role("combobox", name="Which task next?")
    await task.focus()
    await tab.type("blog")
    await expect(tab.form.get_by_role("option")).to_have_text([re.compile("Publish a post")])
    await tab.press("Escape")
    await expect(tab.form.get_by_role("option")).to_have_count(0)
    await tab.press("ArrowDown")
    await expect(tab.form.get_by_role("option")).to_have_count(1)
    await tab.press("ArrowDown", "Enter")
    await expect(task).to_have_value("blog")
    await tab.press("Escape")
    await expect(tab.form).to_have_count(0)
    await expect(tab.message("Week 1").get_by_role("button", name="Check in")).to_be_focused()


async def test_each_persona_sees_its_own_replies_in_its_language_and_zone(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.send("/join")
    await tab.page.get_by_role("radio", name="Minjun").check()
    await expect(tab.message("Welcome")).to_have_count(0)
    await tab.send("/join")
    await tab.send("/week")
    week = tab.message("과제: Train a net on MNIST")
    await expect(week.locator("time.moment")).to_have_text(re.compile("18:00"))
    await expect(week.locator("[lang=ko]")).to_have_count(1)


async def test_the_neutral_message_is_shown_as_json(stage: Stage) -> None:
    tab = await stage.tab()
    toggle = tab.message("Week 1").get_by_role("button", name="JSON")
    await toggle.focus()
    await tab.press("Enter")
    await expect(toggle).to_have_attribute("aria-expanded", "true")
    json = tab.page.get_by_role("region", name="The neutral message as JSON")
    await expect(json).to_contain_text('"key": "c1:milestone:step-1"')


async def test_a_day_stands_once_before_its_first_entry(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.page.get_by_role("button", name="lounge").click()
    await expect(tab.log).to_contain_text("Nothing in #lounge yet")
    await tab.send("hello")
    await tab.send("/join")
    await expect(tab.message("Welcome")).to_be_visible()
    kinds = await tab.log.evaluate("(log) => [...log.children].map((each) => each.tagName)")
    assert kinds == ["P", "ARTICLE", "ARTICLE"]


async def test_a_private_reply_can_be_dismissed(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.send("/join")
    await tab.message("Welcome").get_by_role("button", name="Dismiss").press("Enter")
    await expect(tab.message("Welcome")).to_have_count(0)
    await expect(tab.bar).to_be_focused()


async def test_a_reload_and_a_restart_lose_nothing(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.page.get_by_role("radio", name="Grace").check()
    await tab.send("/resource nets")
    await expect(tab.message("Resources for nets")).to_be_visible()
    await tab.page.reload()
    await expect(tab.message("Resources for nets")).to_be_visible()
    await expect(tab.page.get_by_role("radio", name="Grace")).to_be_checked()

    await stage.stop()
    await expect(tab.page.get_by_text("Reconnecting…")).to_be_visible()
    await stage.start()
    await expect(tab.page.get_by_text("Connected")).to_be_visible()
    await expect(tab.message("Resources for nets")).to_be_visible()
    await tab.send("/resource books")
    await expect(tab.message("Resources for books")).to_be_visible()
    tab.complaints.clear()  # the browser itself reports each attempt that found no server


async def test_posts_elsewhere_are_counted_and_channels_are_switched_by_key(stage: Stage) -> None:
    tab = await stage.tab()
    await expect(tab.page.get_by_role("heading", name="#deep-learning")).to_be_visible()
    await stage.playground.post(place("second-class"), milestone(7))
    await expect(tab.page.get_by_role("button", name="second-class unread: 1")).to_be_visible()
    await tab.press("Alt+ArrowDown")
    await expect(tab.message("Week 7")).to_be_visible()
    await expect(tab.page.get_by_role("button", name="second-class unread")).to_have_count(0)
    await tab.press("Alt+ArrowDown")
    await expect(tab.log).to_contain_text("Nothing in #lounge yet")


async def test_the_tip_fills_the_bar_and_stays_away_once_dismissed(stage: Stage) -> None:
    tab = await stage.tab()
    tip = tab.page.get_by_role("region", name="What to try")
    await tip.get_by_role("button", name="/join").click()
    await expect(tab.bar).to_have_value("/join")
    await tip.get_by_role("button", name="Dismiss the tip").click()
    await tab.page.reload()
    await expect(tab.message("Week 1")).to_be_visible()
    await expect(tip).to_have_count(0)


async def test_the_chosen_theme_outlives_a_reload(stage: Stage) -> None:
    tab = await stage.tab(color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = await tab.page.evaluate(background)
    await tab.button("Switch to the dark theme").click()
    await tab.page.reload()
    assert await tab.page.evaluate(background) != light
    await expect(tab.button("Switch to the light theme")).to_be_visible()


async def test_a_narrow_screen_has_a_sidebar_that_slides_in(stage: Stage) -> None:
    tab = await stage.tab(width=380, height=740)
    assert await tab.page.evaluate("document.documentElement.scrollWidth") == 380
    await expect(tab.page.get_by_role("radio", name="Grace")).to_have_count(0)
    await tab.button("Open the sidebar").press("Enter")
    await expect(tab.button("Close the sidebar")).to_be_focused()
    await expect(tab.page.get_by_role("radio", name="Grace")).to_be_visible()
    await tab.press("Escape")
    await expect(tab.button("Open the sidebar")).to_be_focused()


async def test_help_lists_the_shortcuts(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.page.locator("body").press("?")
    await expect(tab.form).to_have_accessible_name("Keyboard shortcuts")
    await tab.press("Escape")
    await expect(tab.form).to_have_count(0)


@pytest.mark.parametrize("width", [380, 1280])
async def test_every_control_has_a_name_and_every_id_is_used_once(stage: Stage, width: int) -> None:
    tab = await stage.tab(width=width)
    await tab.send("/join")
    await expect(tab.message("Welcome")).to_be_visible()
    for role in ("button", "link", "textbox", "combobox", "radio", "listbox", "log", "navigation", "main", "region"):
        for each in await tab.page.get_by_role(role).all():
            await expect(each).to_have_accessible_name(re.compile(r"\S"))
    ids = await tab.page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(ids) == len(set(ids))
