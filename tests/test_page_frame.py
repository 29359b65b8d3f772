"""What stands around the playground's messages in a real browser: channels, personas, clock, theme, help."""

import re

import pytest
from playwright.async_api import expect

from tests.browser import Stage, in_one_browser
from tests.playground_desk import milestone, place

pytestmark = in_one_browser


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


async def test_the_page_itself_speaks_the_language_of_the_persona(stage: Stage) -> None:
    tab = await stage.tab()
    html = tab.page.locator("html")
    await tab.page.get_by_role("radio", name="Minjun").check()
    await expect(html).to_have_attribute("lang", "ko")
    await expect(tab.bar).to_have_accessible_name("명령 입력줄")
    await expect(tab.page.get_by_text("연결됨")).to_be_visible()
    await tab.send("/join")
    await expect(tab.message("Welcome")).to_contain_text("나에게만 보여요")
    await tab.send("/checkin")
    await expect(tab.form.get_by_role("button")).to_have_text(["취소", "보내기", ""])
    await tab.press("Escape")
    await tab.page.get_by_role("radio", name="Ada").check()
    await expect(html).to_have_attribute("lang", "en")
    await expect(tab.page.get_by_text("Connected")).to_be_visible()
    await expect(tab.button("Move the clock 1 week forward")).to_have_text("+1 week")


async def test_every_word_that_stands_on_the_page_is_in_its_dictionary(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.page.get_by_role("radio", name="Minjun").check()
    await expect(tab.page.locator("html")).to_have_attribute("lang", "ko")
    said = "[...document.querySelectorAll('[data-say]')].map((each) => [each.dataset.say, each.textContent])"
    labels = "[...document.querySelectorAll('[data-say-label]')].map((each) => [each.dataset.sayLabel, each.ariaLabel])"
    pairs = [*await tab.page.evaluate(said), *await tab.page.evaluate(labels)]
    assert len(pairs) > 40
    assert [english for english, korean in pairs if english == korean] == []


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
    await tab.send("/resource books")
    await expect(tab.page.get_by_text("Milepost is not connected.")).to_be_visible()
    await expect(tab.bar).to_have_value("/resource books")
    await stage.start()
    await expect(tab.page.get_by_text("Connected", exact=True)).to_be_visible()
    await expect(tab.message("Resources for nets")).to_be_visible()
    await tab.bar.press("Enter")
    await expect(tab.message("Resources for books")).to_be_visible()
    tab.complaints.clear()  # the browser itself reports each attempt that found no server


async def test_a_post_that_changes_elsewhere_is_not_counted_again(stage: Stage) -> None:
    tab = await stage.tab()
    await expect(tab.page.get_by_role("heading", name="#deep-learning")).to_be_visible()
    posted = await stage.playground.post(place("second-class"), milestone(7))
    await stage.playground.edit(posted, milestone(7))
    await stage.playground.post(place("second-class"), milestone(8))
    await expect(tab.page.get_by_role("button", name="second-class unread: 2")).to_be_visible()


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


async def test_a_low_window_shows_the_whole_clock_when_the_sidebar_is_scrolled(stage: Stage) -> None:
    tab = await stage.tab(height=480)
    step = tab.button("Move the clock 1 week forward")
    await step.scroll_into_view_if_needed()
    clock = await tab.page.locator("#clock").bounding_box()
    assert clock is not None
    assert clock["height"] > 100
