"""The playground's messages in a real browser: how they look, where they stand, and what a press does."""

import asyncio
import json

import pytest
from playwright.async_api import WebSocketRoute, expect

from bot.chat.message import Fact, Facts, File, Message, Picture, Post, Text
from bot.chat.platform import Everyone
from bot.chat.wording import listed
from tests.browser import Stage, Tab, in_one_browser
from tests.playground_desk import START, milestone, place

pytestmark = in_one_browser


async def week_with_focus_on_done(stage: Stage) -> Tab:
    """Ada's /week, the focus on the first of three buttons called Done."""
    tab = await stage.tab()
    await tab.send("/join")
    await tab.message("Welcome").get_by_role("button", name="This week").click()
    await tab.message("Week 1: the first net").get_by_role("button", name="Done").first.focus()
    return tab


async def test_a_picture_is_seen_and_is_called_by_its_alt_text(stage: Stage) -> None:
    tab = await stage.tab()
    drawn = Picture(template="announcement", values={"title": "Deep <b>"}, alt="A card that says: Deep")
    await stage.playground.post(place(), Post(key="c1:picture", message=Message(parts=(drawn,))))
    picture = tab.log.get_by_role("img", name="A card that says: Deep")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("each => each.decode().then(() => each.naturalWidth)") == 600


async def test_everyone_is_called_as_on_other_platforms(stage: Stage) -> None:
    tab = await stage.tab()
    message = Message(parts=(Text(text=listed([Everyone().mention()])),))
    await stage.playground.post(place(), Post(key="c1:everyone", message=message, notify=(Everyone(),)))
    await expect(tab.log.get_by_text("@everyone", exact=True)).to_be_visible()
    await expect(tab.log.get_by_text("Notifies @everyone", exact=True)).to_be_visible()


async def test_a_file_is_saved_at_a_press(stage: Stage) -> None:
    tab = await stage.tab()
    message = Message(parts=(File(name="milepost-mydata.zip", content=b"PK\xff"),))
    await stage.playground.post(place(), Post(key="c1:file", message=message))
    async with tab.page.expect_download() as download:
        await tab.log.get_by_role("link", name="milepost-mydata.zip").click()
    saved = await download.value
    assert saved.suggested_filename == "milepost-mydata.zip"
    assert (await saved.path()).read_bytes() == b"PK\xff"


async def test_after_a_press_the_focus_is_on_the_card_that_answers(stage: Stage) -> None:
    tab = await week_with_focus_on_done(stage)
    await tab.press("Enter")
    await expect(tab.page.get_by_role("group", name="Train a net on MNIST is done. Well done!")).to_be_focused()
    await tab.press("Tab")
    await expect(tab.message("Well done!").get_by_role("button", name="This week")).to_be_focused()


async def test_a_redrawn_post_keeps_the_focus_on_the_same_button(stage: Stage) -> None:
    tab = await stage.tab()
    check_in = tab.message("Week 1").get_by_role("button", name="Check in")
    await check_in.focus()
    posted = await stage.playground.find(place(), milestone(1).key, START)
    assert posted is not None
    await stage.playground.edit(posted, milestone(1, locale="ko"))
    await expect(tab.message("(edited)")).to_be_visible()
    await expect(check_in).to_be_focused()


async def test_a_held_enter_marks_one_task(stage: Stage) -> None:
    tab = await week_with_focus_on_done(stage)
    for _ in range(30):  # down again while it is down: the browser calls that a repeat
        await tab.page.keyboard.down("Enter")
        await asyncio.sleep(0.01)
    await tab.page.keyboard.up("Enter")
    await expect(tab.message("Well done!")).to_be_visible()
    assert stage.town.done == {"mnist"}


@pytest.mark.parametrize("pause", [0, 0.05, 0.3], ids=lambda pause: f"{pause} s between")
async def test_enter_struck_again_and_again_marks_one_task(stage: Stage, pause: float) -> None:
    tab = await week_with_focus_on_done(stage)
    for _ in range(4):
        await tab.press("Enter")
        await asyncio.sleep(pause)
    await expect(tab.message("Well done!")).to_be_visible()
    assert stage.town.done == {"mnist"}


async def test_the_second_half_of_a_double_click_is_nothing_to_the_button_that_came_under_the_pointer(
    stage: Stage,
) -> None:
    tab = await week_with_focus_on_done(stage)
    await tab.message("Week 1: the first net").get_by_role("button", name="Done").nth(1).hover()
    await tab.page.mouse.down(click_count=2)
    await tab.page.mouse.up(click_count=2)
    await tab.send("/resource nets")
    await expect(tab.message("Resources for nets")).to_be_visible()
    assert stage.town.done == set()


async def test_a_held_enter_does_not_send_the_form_that_it_opened(stage: Stage) -> None:
    tab = await stage.tab()
    await tab.send("/join")
    await tab.send("/done nonsense")
    await tab.message("No task is called nonsense").get_by_role("button").first.focus()
    for _ in range(20):
        await tab.page.keyboard.down("Enter")
        await asyncio.sleep(0.01)
    await tab.page.keyboard.up("Enter")
    await expect(tab.form).to_be_visible()
    await expect(tab.form.get_by_role("alert")).to_have_count(0)


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


def long_post(number: int) -> Post:
    """A post that no screen shows at once."""
    parts = tuple(Text(text=f"Paragraph {each} of a long week.") for each in range(60))
    return milestone(number).model_copy(update={"message": Message(title=f"Long week {number}", parts=parts)})


async def expect_top_in_view(tab: Tab, text: str) -> None:
    """Its top, not its end, is where the stream begins."""
    heading = tab.log.get_by_role("heading", name=text)
    await expect(heading).to_be_in_viewport()
    gap = "([entry, log]) => entry.getBoundingClientRect().top - log.getBoundingClientRect().top"
    entry = await tab.message(text).element_handle()
    log = await tab.log.element_handle()
    for _ in range(50):  # a smooth scroll takes a while
        if 0 <= await tab.page.evaluate(gap, [entry, log]) < 80:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the top of {text} is at {await tab.page.evaluate(gap, [entry, log])}")


@pytest.mark.parametrize("size", [(1280, 860), (390, 844)])
async def test_a_visit_begins_at_the_top_of_a_long_post_and_so_do_the_posts_that_follow(
    stage: Stage, size: tuple[int, int]
) -> None:
    await stage.playground.post(place(), long_post(2))
    tab = await stage.tab(*size)
    await expect_top_in_view(tab, "Long week 2")
    await stage.playground.post(place(), long_post(3))
    await expect_top_in_view(tab, "Long week 3")


async def test_a_reader_in_the_middle_of_a_long_post_is_left_there(stage: Stage) -> None:
    await stage.playground.post(place(), long_post(2))
    tab = await stage.tab()
    await expect_top_in_view(tab, "Long week 2")
    await tab.log.hover()
    await tab.page.mouse.wheel(0, 700)
    await expect(tab.log.get_by_text("Paragraph 25 of")).to_be_in_viewport()
    at = await tab.log.evaluate("(log) => log.scrollTop")
    await stage.playground.post(place(), long_post(3))
    await expect(tab.button("New messages")).to_be_visible()
    assert await tab.log.evaluate("(log) => log.scrollTop") == at
    await tab.button("New messages").click()
    await expect_top_in_view(tab, "Long week 3")


async def test_a_short_reply_is_shown_whole_at_the_end(stage: Stage) -> None:
    await stage.playground.post(place(), long_post(2))
    tab = await stage.tab()
    await tab.send("/join")
    await expect(tab.message("Welcome").get_by_role("button", name="Dismiss")).to_be_in_viewport(ratio=1)


async def test_a_long_reply_begins_at_its_top(stage: Stage) -> None:
    tab = await stage.tab(width=390, height=420)
    await tab.send("/join")
    await tab.send("/week")
    await expect(tab.message("/week").locator(".said-text")).to_be_in_viewport(ratio=1)
    await expect(tab.log.get_by_role("heading", name="Week 1: the first net")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    ("facts", "shares"), [(["x" * 61], 1), (["lone"], 1), (["a", "x" * 61, "b"], 1), (["a", "b"], 3)]
)
async def test_a_lone_or_a_long_fact_has_the_whole_row(stage: Stage, facts: list[str], shares: int) -> None:
    drawn = Facts(facts=tuple(Fact(label="Did", value=each) for each in facts))
    await stage.playground.post(place(), milestone(2).model_copy(update={"message": Message(parts=(drawn,))}))
    tab = await stage.tab()
    longest = max(facts, key=len)
    fact = tab.log.get_by_role("definition").filter(has_text=longest).last
    await expect(fact).to_be_visible()
    across = "(fact) => Math.round(fact.closest('dl').clientWidth / fact.clientWidth)"
    assert await fact.evaluate(across) == shares


async def test_a_line_that_is_sent_before_the_room_is_open_is_answered(stage: Stage) -> None:
    tab = await stage.tab()

    def hold_rooms(page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def hand_on(frame: str | bytes) -> None:
            if json.loads(frame)["type"] != "room":
                page.send(frame)

        server.on_message(hand_on)

    await tab.page.route_web_socket("**/ws", hold_rooms)
    await tab.page.reload()
    await tab.page.get_by_role("radio", name="Grace").check()
    await tab.send("/cohort create")
    await expect(tab.form.get_by_role("textbox", name="What is it called?")).to_be_visible()


async def test_a_post_that_comes_before_the_room_is_open_waits_for_the_room(stage: Stage) -> None:
    tab = await stage.tab()
    early = "async () => new (await import('/stream.js')).Stream({}).put({id: 'early', by: null, private: false})"
    await tab.page.evaluate(early)
    await expect(tab.page.locator("#entry-early")).to_have_count(0)
    assert tab.complaints == []
