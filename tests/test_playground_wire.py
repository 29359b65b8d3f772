"""What page and server tell each other, over a real WebSocket to the real server."""

import asyncio
from datetime import timedelta

import pytest

from bot.platforms.playground.wire import MOST_CHARACTERS
from tests.playground_desk import START, milestone, place
from tests.playground_pages import Server, words


async def test_hello_says_who_there_is_where_and_when(server: Server) -> None:
    page = await server.page(persona=None)
    hello = page.told[0]
    assert [each["id"] for each in hello["personas"]] == ["ada", "minjun", "grace"]
    assert [each["id"] for each in hello["channels"]] == ["deep-learning", "second-class", "lounge"]
    assert hello["clock"] == {"type": "clock", "now": START.isoformat(), "moving": False}


async def test_a_persona_is_told_only_the_commands_it_may_run_and_again_when_that_changes(server: Server) -> None:
    page = await server.page()
    assert [each["name"] for each in page.last("commands")["commands"]] == ["join", "resource", "break"]
    await page.say("/join")
    assert "week" in [each["name"] for each in page.last("commands")["commands"]]
    await page.enter("grace")
    assert "cohort create" in [each["name"] for each in page.last("commands")["commands"]]


async def test_a_command_is_told_with_its_arguments(server: Server) -> None:
    page = await server.page()
    resource = page.last("commands")["commands"][1]
    assert resource["description"] == "Find a resource in the curriculum."
    query, kind = resource["parameters"]
    assert (query["name"], query["kind"], query["required"]) == ("query", "text", True)
    assert (kind["required"], [each["value"] for each in kind["choices"]]) == (False, ["course", "book", "video"])


async def test_a_line_is_answered_privately_with_its_echo(server: Server) -> None:
    ada, minjun = await server.page("ada"), await server.page("minjun")
    entry = await ada.say("/resource backprop kind:book")
    assert (entry["said"], entry["private"]) == ("/resource backprop kind:book", True)
    assert "About backprop" in words(entry)
    assert entry["neutral"]["parts"][0]["text"] == "book"
    await minjun.ask("dismiss", id="nothing")
    assert not [frame for frame in minjun.told if frame["type"] == "entry"]


async def test_a_line_that_names_no_command_is_answered_kindly(server: Server) -> None:
    page = await server.page()
    assert "Milepost answers to commands. Try " in words(await page.say("hello there"))


async def test_a_command_that_is_misspelt_is_answered_with_what_it_may_have_meant(server: Server) -> None:
    page = await server.page()
    entry = await page.say("/resorce backprop")
    assert "resorce backprop" in words(entry)
    assert [each["line"] for each in entry["neutral"]["buttons"]] == ["resource", "help"]


async def test_a_call_carries_the_persona_as_it_is(server: Server) -> None:
    page = await server.page("minjun")
    await page.say("/join")
    entry = await page.say("/week")
    assert entry["locale"] == "ko"
    assert "과제: Train a net on MNIST" in words(entry)


async def test_a_press_on_a_private_reply_replaces_it(server: Server) -> None:
    page = await server.page()
    await page.say("/join")
    before = await page.say("/week")
    await page.ask("press", line="done mnist", on=before["id"])
    after = page.last_entry()
    assert (after["id"], after["said"]) == (before["id"], "/week")
    assert "Well done!" in words(after)
    room = await page.enter()
    assert [each["id"] for each in room["entries"]].count(before["id"]) == 1


async def test_a_press_on_a_post_is_answered_privately_and_leaves_the_post(server: Server) -> None:
    page = await server.page()
    await page.say("/join")
    posted = await server.playground.post(place(), milestone(1))
    await page.ask("press", line="done mnist", on=posted.id)
    entry = page.last_entry()
    assert entry["private"]
    assert entry["said"] == "/done mnist"
    room = await page.enter()
    assert [each["private"] for each in room["entries"]] == [True, False, True]
    assert not room["entries"][1]["edited"]


async def test_nobody_replaces_the_private_reply_of_another(server: Server) -> None:
    ada, grace = await server.page("ada"), await server.page("grace")
    mine = await ada.say("/join")
    await grace.ask("press", line="week", on=mine["id"])
    room = await ada.enter()
    assert [words(each) for each in room["entries"]] == [words(mine)]


async def test_a_form_asks_and_its_answer_is_echoed_as_the_line_it_stands_for(server: Server) -> None:
    page = await server.page("grace")
    form = (await page.ask("say", text="/checkin"))["form"]
    assert [(each["name"], each["kind"]) for each in form["fields"]] == [
        ("did", "long"), ("mood", "choice"), ("hours", "whole"), ("task", "text"), ("share", "yes_no"),
    ]  # fmt: skip
    assert not [frame for frame in page.told if frame["type"] == "entry"]
    values = {"did": "Read a lot", "mood": "good", "hours": "3", "task": "", "share": "yes"}
    assert (await page.ask("fill", command="checkin", values=values, given={}, on=None))["type"] == "done"
    assert page.last_entry()["said"] == '/checkin did:"Read a lot" mood:good hours:3 share:yes'


async def test_a_form_comes_back_with_what_is_wrong_at_the_field(server: Server) -> None:
    page = await server.page("grace")
    values = {"did": "x", "mood": "good", "hours": "900"}
    form = (await page.ask("fill", command="checkin", values=values, given={}, on=None))["form"]
    hours = next(each for each in form["fields"] if each["name"] == "hours")
    assert (hours["value"], hours["error"]) == ("900", "hours can be 0 to 80, not 900.")


async def test_a_form_opened_from_a_private_reply_answers_in_its_place(server: Server) -> None:
    page = await server.page("grace")
    entry = await page.say("/done nonsense")
    again = entry["drawn"]["buttons"][0]["line"]
    form = (await page.ask("press", line=again, on=entry["id"]))["form"]
    assert form["fields"][0]["value"] == "nonsense"
    await page.ask("fill", command="done", values={"task": "mnist"}, given={}, on=entry["id"])
    assert page.last_entry()["id"] == entry["id"]


async def test_a_person_is_chosen_among_the_personas_or_named_as_people_call_them(server: Server) -> None:
    page = await server.page("grace")
    thank = next(each for each in page.last("commands")["commands"] if each["name"] == "thank")
    [whom] = thank["parameters"]
    assert (whom["kind"], [each["value"] for each in whom["choices"]]) == ("choice", ["Ada", "Minjun", "Grace"])
    for line in ("/thank Ada", "/thank @ada", "/thank person:playground:ada"):
        [said] = (await page.say(line))["drawn"]["parts"]
        assert {"text": "Ada", "mention": "person", "id": "ada"} in said["text"] or line.endswith(":ada")
    form = (await page.ask("say", text="/?thank Ada"))["form"]
    [field] = form["fields"]
    assert (field["kind"], field["value"], len(field["choices"])) == ("choice", "Ada", 3)
    await page.ask("fill", command="thank", values={"person": "Minjun"}, given={}, on=None)
    assert {"text": "Minjun", "mention": "person", "id": "minjun"} in page.last_entry()["drawn"]["parts"][0]["text"]
    said = await page.say("/thank Bob")
    assert said["drawn"]["buttons"][0]["line"] == "?thank person:Bob"


async def test_suggestions_come_as_one_types(server: Server) -> None:
    page = await server.page("grace")
    frame = await page.ask("suggest", command="done", argument="task", typed="notes", given={})
    assert frame["choices"] == [{"value": "notes", "label": "Write up your notes"}]


async def test_a_dismissed_reply_is_gone_for_good(server: Server) -> None:
    page = await server.page()
    entry = await page.say("/join")
    await page.ask("dismiss", id=entry["id"])
    assert page.last("gone")["id"] == entry["id"]
    assert (await page.enter())["entries"] == []


async def test_a_post_cannot_be_dismissed(server: Server) -> None:
    page = await server.page()
    posted = await server.playground.post(place(), milestone(1))
    await page.ask("dismiss", id=posted.id)
    assert [each["id"] for each in (await page.enter())["entries"]] == [posted.id]


async def test_the_clock_moves_and_posts_arrive_on_the_way(server: Server) -> None:
    page = await server.page()
    assert (await page.ask("move", by="week"))["type"] == "done"
    clocks = [frame for frame in page.told if frame["type"] == "clock"]
    assert clocks[0]["moving"]
    assert not clocks[-1]["moving"]
    assert clocks[-1]["now"] == (START + timedelta(weeks=1)).isoformat()
    assert "build something" in words(page.last_entry())


async def test_nobody_is_told_that_the_clock_moves_before_that_is_kept(server: Server) -> None:
    server.machine.may_note.clear()
    mover, page = await server.page("grace"), await server.page("ada")
    moving = asyncio.create_task(mover.ask("move", by="day"))
    for _ in range(3):
        await page.say("/resource nets")
    assert [frame for frame in page.told if frame["type"] == "clock"] == []
    server.machine.may_note.set()
    assert (await moving)["type"] == "done"
    assert (await page.until(lambda frame: frame["type"] == "clock"))["moving"]


async def test_the_clock_is_moved_by_one_at_a_time(server: Server) -> None:
    server.machine.pause = 0.3
    first, second = await server.page("ada"), await server.page("grace")
    moving = asyncio.create_task(first.ask("move", by="day"))
    await second.until(lambda frame: frame["type"] == "clock" and frame["moving"])
    assert (await second.ask("move", by="day"))["text"] == "The clock is moving already."
    assert (await moving)["type"] == "done"


async def test_one_can_talk_while_the_clock_moves(server: Server) -> None:
    server.machine.pause = 1
    page = await server.page()
    await page.socket.send_json({"type": "move", "n": 99, "by": "day"})
    assert (await page.ask("say", text="/join"))["type"] == "done"


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
async def test_a_broken_frame_gets_an_error_and_the_line_stays(server: Server, broken: str) -> None:
    page = await server.page()
    await page.socket.send_str(broken)
    error = await page.until(lambda frame: frame["type"] == "error")
    assert error["text"]
    assert (await page.ask("say", text="/join"))["type"] == "done"


async def test_a_binary_frame_gets_an_error(server: Server) -> None:
    page = await server.page()
    await page.socket.send_bytes(b"\0" * 9)
    assert (await page.until(lambda frame: frame["type"] == "error"))["n"] is None


async def test_one_has_to_enter_first(server: Server) -> None:
    page = await server.page(persona=None)
    assert (await page.ask("say", text="/join"))["text"] == "Enter a channel first."


async def test_a_command_that_fails_is_a_reply_with_a_reference(server: Server) -> None:
    page = await server.page()
    assert "Something went wrong on our side" in words(await page.say("/break"))
