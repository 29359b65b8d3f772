"""The command bar and the forms in a real browser, with the keyboard, by the names that a screen reader says."""

import re

from playwright.async_api import expect

from bot.chat import line
from tests.browser import Stage, in_one_browser

pytestmark = in_one_browser


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
    await expect(task).to_have_value("Publish a post")
    await tab.press("Escape")
    await expect(tab.form).to_have_count(0)
    await expect(tab.message("Week 1").get_by_role("button", name="Check in")).to_be_focused()


async def test_a_suggestion_that_is_chosen_is_shown_by_its_name_and_sent_by_its_value(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.send("/join")
    await tab.send("/done nothing")
    await tab.button("Correct it").click()
    task = tab.form.get_by_role("combobox", name="Which task?")
    await task.fill("Write")
    await tab.form.get_by_role("option", name="Write up your notes").click()
    await expect(task).to_have_value("Write up your notes")
    await tab.form.get_by_role("button", name="Send").click()
    await expect(tab.message("Write up your notes is done")).to_have_count(1)


async def test_what_a_form_has_just_asked_for_is_not_called_optional(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.send("/join")
    await tab.send("/checkin")
    await tab.form.get_by_label("What did you do this week?").fill("I read")
    await tab.form.get_by_role("radio", name="fine").check()
    await tab.form.get_by_label("About how many hours?").fill("99")
    await expect(tab.form.get_by_text("optional", exact=True)).to_have_count(2)
    await tab.form.get_by_role("button", name="Send").click()
    await expect(tab.form.locator("[aria-invalid]")).to_have_count(1)
    await expect(tab.form.get_by_text("optional", exact=True)).to_have_count(1)
