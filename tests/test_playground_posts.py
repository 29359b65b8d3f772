"""The playground as a platform: posts, shown, found, edited and withdrawn, and what is kept of them."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from bot.chat.message import text
from bot.chat.platform import Gone, Person, Platform, Posted, Rejected
from bot.platforms.playground.journal import KEPT
from tests.playground_desk import START, milestone, place
from tests.playground_pages import Server, words


async def test_it_is_a_platform(server: Server) -> None:
    platform: Platform = server.playground
    assert platform.name == "playground"


async def test_a_post_reaches_every_page_in_any_channel(server: Server) -> None:
    here, elsewhere = await server.page("ada"), await server.page("minjun", "lounge")
    await server.playground.post(place(), milestone(1, locale="ko"))
    for page in (here, elsewhere):
        frame = await page.until(lambda frame: frame["type"] == "entry")
        assert frame["channel"] == "deep-learning"
        assert frame["entry"]["thread"] == "Week 1: questions and wins"
        assert frame["entry"]["notify"] == ["Ada"]
        assert frame["entry"]["locale"] == "ko"
        assert frame["entry"]["neutral"]["key"] == "c1:milestone:step-1"


async def test_a_key_is_posted_once_even_at_the_same_time(server: Server) -> None:
    first, second = await asyncio.gather(*(server.playground.post(place(), milestone(1)) for _ in range(2)))
    assert first == second
    assert first.thread == first.id
    page = await server.page()
    assert len((await page.enter())["entries"]) == 1


async def test_a_post_is_found_by_its_key(server: Server) -> None:
    posted = await server.playground.post(place(), milestone(1))
    assert await server.playground.find(place(), milestone(1).key, START) == posted
    assert await server.playground.find(place(), milestone(1).key, START + timedelta(seconds=1)) is None
    assert await server.playground.find(place("lounge"), milestone(1).key, START) is None


async def test_a_post_to_one_persona_is_shown_once_and_to_nobody_else(server: Server) -> None:
    to_grace = place().model_copy(update={"person": Person(platform="playground", id="grace", name="Grace")})
    posted = await server.playground.post(to_grace, milestone(1))
    assert await server.playground.post(to_grace, milestone(1)) == posted
    assert await server.playground.find(to_grace, milestone(1).key, START) == posted
    page = await server.page()
    assert (await page.enter())["entries"] == []
    (entry,) = (await page.enter(persona="grace"))["entries"]
    assert (entry["private"], entry["said"]) == (True, "")


async def test_word_of_a_channel_that_is_lost_is_shown_in_another(server: Server) -> None:
    person = Person(platform="playground", id="grace", name="Grace")
    await server.playground.post(place("basement").model_copy(update={"person": person}), milestone(1))
    page = await server.page()
    assert len((await page.enter(persona="grace"))["entries"]) == 1


async def test_an_edit_changes_the_post_in_place_for_everybody(server: Server) -> None:
    page = await server.page()
    posted = await server.playground.post(place(), milestone(1))
    await server.playground.edit(posted, milestone(1).model_copy(update={"message": text("Now three are done.")}))
    frame = await page.until(lambda frame: frame["type"] == "entry" and frame["entry"]["edited"])
    assert frame["entry"]["id"] == posted.id
    assert "Now three are done." in words(frame["entry"])


async def test_a_withdrawn_post_is_gone_and_may_be_withdrawn_again(server: Server) -> None:
    page = await server.page()
    posted = await server.playground.post(place(), milestone(1))
    await server.playground.withdraw(posted)
    await server.playground.withdraw(posted)
    assert (await page.enter())["entries"] == []
    with pytest.raises(Rejected):
        await server.playground.edit(posted, milestone(1))


async def test_a_place_that_is_not_there_is_gone(server: Server) -> None:
    nowhere = place("basement")
    calls: list[Awaitable[object]] = [
        server.playground.post(nowhere, milestone(1)),
        server.playground.edit(Posted(place=nowhere, id="x"), milestone(1)),
        server.playground.find(nowhere, "x", START),
    ]
    for call in calls:
        with pytest.raises(Gone, match="no #basement in demo"):
            await call


async def test_everything_outlives_a_restart(server: Server) -> None:
    page = await server.page()
    await server.playground.post(place(), milestone(1))
    await page.say("/join")
    await page.say("/week")
    before = (await page.enter())["entries"]
    await server.restart()
    assert (await (await server.page()).enter())["entries"] == before
    assert await server.playground.find(place(), milestone(1).key, START) is not None


async def test_notes_of_another_version_empty_the_channel_and_say_so(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.notebook.notes["channel:lounge"] = '[{"kind": "telegram"}]'
    page = await server.page("ada", "lounge")
    assert (await page.enter("ada", "lounge"))["entries"] == []
    assert "#lounge cannot be read back and starts empty" in caplog.text


async def test_the_oldest_entries_are_forgotten(server: Server) -> None:
    for number in range(KEPT + 5):
        await server.playground.post(place(), milestone(number))
    entries = (await (await server.page()).enter())["entries"]
    assert len(entries) == KEPT
    assert entries[0]["thread"].startswith("Week 5:")
