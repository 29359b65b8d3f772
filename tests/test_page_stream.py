"""The playground's messages in a real browser: how they look, where they stand, and what a press does."""

from playwright.async_api import expect

from tests.browser import Stage, in_one_browser

pytestmark = in_one_browser


async def test_a_press_keeps_the_focus_where_one_worked(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.send("/join")
    await tab.message("Welcome").get_by_role("button", name="This week").click()
    done = tab.message("Week 1: the first net").get_by_role("button", name="Done").first
    await done.focus()
    await tab.press("Enter")
    await expect(tab.message("Well done!").get_by_role("button", name="This week")).to_be_focused()


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
