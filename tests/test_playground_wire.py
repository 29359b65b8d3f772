"""What page and server tell each other, over a real WebSocket to the real server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.chat.message import text
from bot.chat.platform import Gone, Person, Platform, Posted, Rejected
from bot.platforms.playground.connect import Playground
from bot.platforms.playground.journal import KEPT
from bot.platforms.playground.wire import MOST_CHARACTERS
from tests.playground_desk import START, Machine, Memory, Town, milestone, place, serving

Frame = dict[str, Any]


class Page:
    """A page without a browser: asks, and keeps what it is told."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.told: list[Frame] = []
        self._n = 0

    async def ask(self, type_: str, **more: Any) -> Frame:
        self._n += 1
        await self.socket.send_json({"type": type_, "n": self._n, **more})
        return await self.until(lambda frame: frame.get("n") == self._n)

    async def enter(self, persona: str = "ada", channel: str = "deep-learning") -> Frame:
        return await self.ask("enter", persona=persona, channel=channel)

    async def say(self, line: str) -> Frame:
        """The entry that answers the line."""
        assert (await self.ask("say", text=line))["type"] == "done"
        return self.last_entry()

    def last_entry(self) -> Frame:
        return next(frame["entry"] for frame in reversed(self.told) if frame["type"] == "entry")

    def last(self, type_: str) -> Frame:
        return next(frame for frame in reversed(self.told) if frame["type"] == type_)

    async def until(self, fits: Callable[[Frame], bool]) -> Frame:
        async with asyncio.timeout(5):
            while True:
                frame: Frame = await self.socket.receive_json()
                self.told.append(frame)
                if fits(frame):
                    return frame


class Stage:
    """A server that can be restarted, and pages in front of it."""

    def __init__(self) -> None:
        self.notebook, self.machine, self.town = Memory(), Machine(), Town()
        self.playground: Playground
        self.url = ""
        self._server = AsyncExitStack()
        self._pages = AsyncExitStack()

    async def start(self) -> None:
        self.playground, self.url = await self._server.enter_async_context(
            serving(self.notebook, self.machine, self.town)
        )

    async def restart(self) -> None:
        await self._server.aclose()
        await self.start()

    async def page(self, persona: str | None = "ada", channel: str = "deep-learning") -> Page:
        session = await self._pages.enter_async_context(aiohttp.ClientSession())
        page = Page(await session.ws_connect(f"{self.url}/ws", origin=self.url))
        await page.until(lambda frame: frame["type"] == "hello")
        if persona:
            await page.enter(persona, channel)
        return page

    async def close(self) -> None:
        await self._pages.aclose()
        await self._server.aclose()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    await made.start()
    yield made
    await made.close()


def words(entry: Frame) -> str:
    return json.dumps(entry["drawn"], ensure_ascii=False)


async def test_it_is_a_platform(stage: Stage) -> None:
    platform: Platform = stage.playground
    assert platform.name == "playground"


async def test_hello_says_who_there_is_where_and_when(stage: Stage) -> None:
    page = await stage.page(persona=None)
    hello = page.told[0]
    assert [each["id"] for each in hello["personas"]] == ["ada", "minjun", "grace"]
    assert [each["id"] for each in hello["channels"]] == ["deep-learning", "second-class", "lounge"]
    assert hello["clock"] == {"type": "clock", "now": START.isoformat(), "moving": False}


async def test_a_persona_is_told_only_the_commands_it_may_run_and_again_when_that_changes(stage: Stage) -> None:
    page = await stage.page()
    assert [each["name"] for each in page.last("commands")["commands"]] == ["join", "resource", "break"]
    await page.say("/join")
    assert "week" in [each["name"] for each in page.last("commands")["commands"]]
    await page.enter("grace")
    assert "cohort create" in [each["name"] for each in page.last("commands")["commands"]]


async def test_a_command_is_told_with_its_arguments(stage: Stage) -> None:
    page = await stage.page()
    resource = page.last("commands")["commands"][1]
    assert resource["description"] == "Find a resource in the curriculum."
    query, kind = resource["parameters"]
    assert (query["name"], query["kind"], query["required"]) == ("query", "text", True)
    assert (kind["required"], [each["value"] for each in kind["choices"]]) == (False, ["course", "book", "video"])


async def test_a_line_is_answered_privately_with_its_echo(stage: Stage) -> None:
    ada, minjun = await stage.page("ada"), await stage.page("minjun")
    entry = await ada.say("/resource backprop kind:book")
    assert (entry["said"], entry["private"]) == ("/resource backprop kind:book", True)
    assert "About backprop" in words(entry)
    assert entry["neutral"]["parts"][0]["text"] == "book"
    await minjun.ask("dismiss", id="nothing")
    assert not [frame for frame in minjun.told if frame["type"] == "entry"]


async def test_a_line_that_names_no_command_is_answered_kindly(stage: Stage) -> None:
    page = await stage.page()
    assert "Milepost answers to commands. Try " in words(await page.say("hello there"))


async def test_a_call_carries_the_persona_as_it_is(stage: Stage) -> None:
    page = await stage.page("minjun")
    await page.say("/join")
    entry = await page.say("/week")
    assert entry["locale"] == "ko"
    assert "과제: Train a net on MNIST" in words(entry)


async def test_a_press_on_a_private_reply_replaces_it(stage: Stage) -> None:
    page = await stage.page()
    await page.say("/join")
    before = await page.say("/week")
    await page.ask("press", line="done mnist", on=before["id"])
    after = page.last_entry()
    assert (after["id"], after["said"]) == (before["id"], "/week")
    assert "Well done!" in words(after)
    room = await page.enter()
    assert [each["id"] for each in room["entries"]].count(before["id"]) == 1


async def test_a_press_on_a_post_is_answered_privately_and_leaves_the_post(stage: Stage) -> None:
    page = await stage.page()
    await page.say("/join")
    posted = await stage.playground.post(place(), milestone(1))
    await page.ask("press", line="done mnist", on=posted.id)
    entry = page.last_entry()
    assert entry["private"]
    assert entry["said"] == "/done mnist"
    room = await page.enter()
    assert [each["private"] for each in room["entries"]] == [True, False, True]
    assert not room["entries"][1]["edited"]


async def test_nobody_replaces_the_private_reply_of_another(stage: Stage) -> None:
    ada, grace = await stage.page("ada"), await stage.page("grace")
    mine = await ada.say("/join")
    await grace.ask("press", line="week", on=mine["id"])
    room = await ada.enter()
    assert [words(each) for each in room["entries"]] == [words(mine)]


async def test_a_form_asks_and_its_answer_is_echoed_as_the_line_it_stands_for(stage: Stage) -> None:
    page = await stage.page("grace")
    form = (await page.ask("say", text="/checkin"))["form"]
    assert [(each["name"], each["kind"]) for each in form["fields"]] == [
        ("did", "long"), ("mood", "choice"), ("hours", "whole"), ("task", "text"), ("share", "yes_no"),
    ]  # fmt: skip
    assert not [frame for frame in page.told if frame["type"] == "entry"]
    values = {"did": "Read a lot", "mood": "good", "hours": "3", "task": "", "share": "yes"}
    assert (await page.ask("fill", command="checkin", values=values, given={}, on=None))["type"] == "done"
    assert page.last_entry()["said"] == '/checkin did:"Read a lot" mood:good hours:3 share:yes'


async def test_a_form_comes_back_with_what_is_wrong_at_the_field(stage: Stage) -> None:
    page = await stage.page("grace")
    values = {"did": "x", "mood": "good", "hours": "900"}
    form = (await page.ask("fill", command="checkin", values=values, given={}, on=None))["form"]
    hours = next(each for each in form["fields"] if each["name"] == "hours")
    assert (hours["value"], hours["error"]) == ("900", "hours can be 0 to 80, not 900.")


async def test_a_form_opened_from_a_private_reply_answers_in_its_place(stage: Stage) -> None:
    page = await stage.page("grace")
    entry = await page.say("/done nonsense")
    again = entry["drawn"]["buttons"][0]["line"]
    form = (await page.ask("press", line=again, on=entry["id"]))["form"]
    assert form["fields"][0]["value"] == "nonsense"
    await page.ask("fill", command="done", values={"task": "mnist"}, given={}, on=entry["id"])
    assert page.last_entry()["id"] == entry["id"]


async def test_suggestions_come_as_one_types(stage: Stage) -> None:
    page = await stage.page("grace")
    frame = await page.ask("suggest", command="done", argument="task", typed="notes", given={})
    assert frame["choices"] == [{"value": "notes", "label": "Write up your notes"}]


async def test_a_dismissed_reply_is_gone_for_good(stage: Stage) -> None:
    page = await stage.page()
    entry = await page.say("/join")
    await page.ask("dismiss", id=entry["id"])
    assert page.last("gone")["id"] == entry["id"]
    assert (await page.enter())["entries"] == []


async def test_a_post_cannot_be_dismissed(stage: Stage) -> None:
    page = await stage.page()
    posted = await stage.playground.post(place(), milestone(1))
    await page.ask("dismiss", id=posted.id)
    assert [each["id"] for each in (await page.enter())["entries"]] == [posted.id]


async def test_a_post_reaches_every_page_in_any_channel(stage: Stage) -> None:
    here, elsewhere = await stage.page("ada"), await stage.page("minjun", "lounge")
    await stage.playground.post(place(), milestone(1, locale="ko"))
    for page in (here, elsewhere):
        frame = await page.until(lambda frame: frame["type"] == "entry")
        assert frame["channel"] == "deep-learning"
        assert frame["entry"]["thread"] == "Week 1: questions and wins"
        assert frame["entry"]["notify"] == ["Ada"]
        assert frame["entry"]["locale"] == "ko"
        assert frame["entry"]["neutral"]["key"] == "c1:milestone:step-1"


async def test_a_key_is_posted_once_even_at_the_same_time(stage: Stage) -> None:
    first, second = await asyncio.gather(*(stage.playground.post(place(), milestone(1)) for _ in range(2)))
    assert first == second
    assert first.thread == first.id
    page = await stage.page()
    assert len((await page.enter())["entries"]) == 1


async def test_a_post_is_found_by_its_key(stage: Stage) -> None:
    posted = await stage.playground.post(place(), milestone(1))
    assert await stage.playground.find(place(), milestone(1).key, START) == posted
    assert await stage.playground.find(place(), milestone(1).key, START + timedelta(seconds=1)) is None
    assert await stage.playground.find(place("lounge"), milestone(1).key, START) is None


async def test_a_post_to_one_persona_is_shown_once_and_to_nobody_else(stage: Stage) -> None:
    to_grace = place().model_copy(update={"person": Person(platform="playground", id="grace", name="Grace")})
    posted = await stage.playground.post(to_grace, milestone(1))
    assert await stage.playground.post(to_grace, milestone(1)) == posted
    assert await stage.playground.find(to_grace, milestone(1).key, START) == posted
    page = await stage.page()
    assert (await page.enter())["entries"] == []
    (entry,) = (await page.enter(persona="grace"))["entries"]
    assert (entry["private"], entry["said"]) == (True, "")


async def test_word_of_a_channel_that_is_lost_is_shown_in_another(stage: Stage) -> None:
    person = Person(platform="playground", id="grace", name="Grace")
    await stage.playground.post(place("basement").model_copy(update={"person": person}), milestone(1))
    page = await stage.page()
    assert len((await page.enter(persona="grace"))["entries"]) == 1


async def test_an_edit_changes_the_post_in_place_for_everybody(stage: Stage) -> None:
    page = await stage.page()
    posted = await stage.playground.post(place(), milestone(1))
    await stage.playground.edit(posted, milestone(1).model_copy(update={"message": text("Now three are done.")}))
    frame = await page.until(lambda frame: frame["type"] == "entry" and frame["entry"]["edited"])
    assert frame["entry"]["id"] == posted.id
    assert "Now three are done." in words(frame["entry"])


async def test_a_withdrawn_post_is_gone_and_may_be_withdrawn_again(stage: Stage) -> None:
    page = await stage.page()
    posted = await stage.playground.post(place(), milestone(1))
    await stage.playground.withdraw(posted)
    await stage.playground.withdraw(posted)
    assert (await page.enter())["entries"] == []
    with pytest.raises(Rejected):
        await stage.playground.edit(posted, milestone(1))


async def test_a_place_that_is_not_there_is_gone(stage: Stage) -> None:
    nowhere = place("basement")
    calls: list[Awaitable[object]] = [
        stage.playground.post(nowhere, milestone(1)),
        stage.playground.edit(Posted(place=nowhere, id="x"), milestone(1)),
        stage.playground.find(nowhere, "x", START),
    ]
    for call in calls:
        with pytest.raises(Gone, match="no #basement in demo"):
            await call


async def test_the_clock_moves_and_posts_arrive_on_the_way(stage: Stage) -> None:
    page = await stage.page()
    assert (await page.ask("move", by="week"))["type"] == "done"
    clocks = [frame for frame in page.told if frame["type"] == "clock"]
    assert clocks[0]["moving"]
    assert not clocks[-1]["moving"]
    assert clocks[-1]["now"] == (START + timedelta(weeks=1)).isoformat()
    assert "build something" in words(page.last_entry())


async def test_the_clock_is_moved_by_one_at_a_time(stage: Stage) -> None:
    stage.machine.pause = 0.3
    first, second = await stage.page("ada"), await stage.page("grace")
    moving = asyncio.create_task(first.ask("move", by="day"))
    await second.until(lambda frame: frame["type"] == "clock" and frame["moving"])
    assert (await second.ask("move", by="day"))["text"] == "The clock is moving already."
    assert (await moving)["type"] == "done"


async def test_one_can_talk_while_the_clock_moves(stage: Stage) -> None:
    stage.machine.pause = 1
    page = await stage.page()
    await page.socket.send_json({"type": "move", "n": 99, "by": "day"})
    assert (await page.ask("say", text="/join"))["type"] == "done"


async def test_everything_outlives_a_restart(stage: Stage) -> None:
    page = await stage.page()
    await stage.playground.post(place(), milestone(1))
    await page.say("/join")
    await page.say("/week")
    before = (await page.enter())["entries"]
    await stage.restart()
    assert (await (await stage.page()).enter())["entries"] == before
    assert await stage.playground.find(place(), milestone(1).key, START) is not None


async def test_notes_of_another_version_empty_the_channel_and_say_so(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.notebook.notes["channel:lounge"] = '[{"kind": "telegram"}]'
    page = await stage.page("ada", "lounge")
    assert (await page.enter("ada", "lounge"))["entries"] == []
    assert "#lounge cannot be read back and starts empty" in caplog.text


async def test_the_oldest_entries_are_forgotten(stage: Stage) -> None:
    for number in range(KEPT + 5):
        await stage.playground.post(place(), milestone(number))
    entries = (await (await stage.page()).enter())["entries"]
    assert len(entries) == KEPT
    assert entries[0]["thread"].startswith("Week 5:")


@pytest.mark.parametrize(
    "broken",
    [
        "", "{", "[]", "null", '{"type": "sing", "n": 1}', '{"type": "say", "n": 1}',
        '{"type": "say", "n": 1, "text": "\\ud800"}',
        '{"type": "move", "n": 1, "by": "year"}', '{"type": "enter", "n": 1, "persona": "eve", "channel": "lounge"}',
        '{"type": "enter", "n": 1, "persona": "ada", "channel": "basement"}', "x" * (MOST_CHARACTERS + 1), "[" * 50_000,
    ],
    ids=lambda broken: broken[:40] or "empty",
)  # fmt: skip
async def test_a_broken_frame_gets_an_error_and_the_line_stays(stage: Stage, broken: str) -> None:
    page = await stage.page()
    await page.socket.send_str(broken)
    error = await page.until(lambda frame: frame["type"] == "error")
    assert error["text"]
    assert (await page.ask("say", text="/join"))["type"] == "done"


async def test_a_binary_frame_gets_an_error(stage: Stage) -> None:
    page = await stage.page()
    await page.socket.send_bytes(b"\0" * 9)
    assert (await page.until(lambda frame: frame["type"] == "error"))["n"] is None


async def test_one_has_to_enter_first(stage: Stage) -> None:
    page = await stage.page(persona=None)
    assert (await page.ask("say", text="/join"))["text"] == "Enter a channel first."


async def test_a_command_that_fails_is_a_reply_with_a_reference(stage: Stage) -> None:
    page = await stage.page()
    assert "Something went wrong on our side" in words(await page.say("/break"))


@asynccontextmanager
async def asking(url: str, path: str, **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
    async with aiohttp.ClientSession() as session, session.get(url + path, headers=headers) as response:
        yield response


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:8080", "[::2]:80", "192.168.0.7"]
)
async def test_a_foreign_host_is_refused(stage: Stage, host: str) -> None:
    for path in ("/", "/main.js", "/ws"):
        async with asking(stage.url, path, Host=host) as response:
            assert response.status == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:99", "[::1]", "[::1]:8080", "LOCALHOST"])
async def test_loopback_is_let_in_under_each_of_its_names(stage: Stage, host: str) -> None:
    async with asking(stage.url, "/", Host=host) as response:
        assert response.status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "null", None])
async def test_a_web_socket_of_another_origin_is_refused(stage: Stage, origin: str | None) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{stage.url}/ws", origin=origin)
    assert refused.value.status == 403


async def test_the_page_carries_a_strict_policy(stage: Stage) -> None:
    async with asking(stage.url, "/") as response:
        policy = response.headers["Content-Security-Policy"]
        page = await response.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page


async def test_a_page_that_comes_before_the_desk_is_told_to_try_again() -> None:
    playground = Playground(Memory(), Machine())
    application = web.Application()
    playground.routes(application)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with asking(url, "/ws", Origin=url) as response:
        assert response.status == 503
    await runner.cleanup()
