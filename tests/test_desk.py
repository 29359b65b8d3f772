"""The Desk: authorises, fills in, runs, asks for what is missing, and turns whatever goes wrong into a reply."""

import logging
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Annotated, Any, Literal

import pytest

from bot.chat.command import Arg, Rank, command
from bot.chat.desk import Desk, StartError
from bot.chat.message import Button, Choice, Form, Message, Reply, text
from bot.chat.platform import Call, Missing, Person, Place, Refusal
from tests.town import text_of


class Larder:
    """A service: what there is to eat."""

    def __init__(self) -> None:
        self.eaten: list[str] = []


async def dishes(call: Call, typed: str, larder: Larder) -> Sequence[Choice]:
    """More dishes than any picker shows."""
    if typed == "poison":
        raise Refusal("Not here.")
    return [Choice(value=f"{typed}{n}", label=f"Dish {n}") for n in range(40)]


async def usual(call: Call, larder: Larder) -> Mapping[str, str]:
    """What they had last time."""
    return {"dish": larder.eaten[-1]} if larder.eaten else {}


@command()
async def eat(
    call: Call, larder: Larder,
    dish: Annotated[str, Arg("Which dish?", max=20, suggest=dishes, fill=usual)],
    plates: Annotated[int, Arg("How many?", min=1, max=9)] = 1,
    hot: Annotated[bool, Arg("Hot?")] = True,
    size: Annotated[Literal["small", "large"] | None, Arg("Which size?")] = None,
    day: Annotated[date | None, Arg("On which day?")] = None,
    at: Annotated[time | None, Arg("At which time?")] = None,
) -> Message:  # fmt: skip
    """Eat something."""
    larder.eaten.append(dish)
    if dish == "stone":
        raise Refusal("{dish} cannot be eaten.", field="dish", dish=dish)
    if dish == "soup" and size is None:
        raise Missing("Which size of soup?", field="size")
    if dish == "fire":
        raise RuntimeError("the kitchen burns")
    return text(f"{dish} {plates} {hot} {size} {day} {at}")


@command(ask=True, allow=Rank.MEMBER)
async def order(
    call: Call,
    dish: Annotated[str, Arg("Which dish?")],
    note: Annotated[str | None, Arg("A note", long=True)] = None,
) -> Message:
    """Order something."""
    return text(f"{call.person.name} ordered {dish} {note}")


@command(allow=Rank.FACILITATOR)
async def close_up(call: Call, dish: Annotated[str, Arg("Which dish?", suggest=dishes)] = "") -> Message:
    """Close the kitchen."""
    return text("closed")


RANKS = {"stranger": Rank.ANYONE, "ada": Rank.MEMBER, "grace": Rank.FACILITATOR}


async def rank_of(call: Call) -> Rank:
    return RANKS[call.person.id]


@pytest.fixture
def larder() -> Larder:
    return Larder()


@pytest.fixture
def observed() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def desk(larder: Larder, observed: list[tuple[str, str]]) -> Desk:
    return Desk([eat, order, close_up], [larder], rank_of, lambda name, outcome, _: observed.append((name, outcome)))


def call(typed: str, desk: Desk, *, who: str = "ada", via: Any = "line", **given: str) -> Call:
    """The line as that person's call; `given` adds arguments as they are."""
    line = desk.read_line(typed)
    name, asks, read = (line.command, line.asks, line.given) if line else (typed, False, {})
    return Call(
        id="1", command=name, given={**read, **given}, asks=asks, via=via,
        person=Person(platform="square", id=who, name=who.capitalize()),
        place=Place(platform="square", community="town", channel="main"),
    )  # fmt: skip


async def answer(desk: Desk, typed: str, **how: Any) -> str:
    return text_of(await desk.answer(call(typed, desk, **how)))


async def form(desk: Desk, typed: str, **how: Any) -> Form:
    reply = await desk.answer(call(typed, desk, **how))
    assert isinstance(reply, Form), text_of(reply)
    return reply


def fields(asked: Form) -> dict[str, str | None]:
    return {each.name: each.value for each in asked.fields}


def buttons(reply: Reply) -> list[str]:
    assert isinstance(reply, Message)
    return [each.line for each in reply.buttons if isinstance(each, Button)]


async def test_arguments_are_read_into_their_types(desk: Desk) -> None:
    typed = "eat rice plates:2 hot:no size:LARGE day:2027-01-31 at:9:30"
    assert await answer(desk, typed) == "rice 2 False large 2027-01-31 09:30:00"


async def test_what_is_left_out_has_its_default(desk: Desk) -> None:
    assert await answer(desk, "eat rice") == "rice 1 True None None None"


@pytest.mark.parametrize(
    ("typed", "read"), [("yes", True), ("Y", True), ("네", True), ("off", False), ("아니요", False)]
)
async def test_yes_and_no_have_many_words(desk: Desk, typed: str, read: bool) -> None:
    assert f"rice 1 {read} " in await answer(desk, f"eat rice hot:{typed}")


@pytest.mark.parametrize(("typed", "read"), [("9", "09:00:00"), ("18:30", "18:30:00"), ("00:00", "00:00:00")])
async def test_a_time_of_day_may_be_short(desk: Desk, typed: str, read: str) -> None:
    assert (await answer(desk, f"eat rice at:{typed}")).endswith(read)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("plates:many", "many is no whole number. Write plates in digits, such as 3."),
        ("plates:0", "plates can be 1 to 9, not 0."),
        ("plates:10", "plates can be 1 to 9, not 10."),
        ("plates:99999999999999999999", "is no whole number"),
        ("plates:1.5", "1.5 is no whole number"),
        ("hot:maybe", "hot is yes or no, not maybe."),
        ("size:huge", "size can be small, large, not huge."),
        ("day:tomorrow", "tomorrow is no date. Write year-month-day, such as 2027-01-31."),
        ("day:2027-02-30", "2027-02-30 is no date."),
        ("at:25:00", "25:00 is no time of day. Write it as 09:00 or 18:30."),
        ("at:09:00+02:00", "is no time of day"),
    ],
)
async def test_a_value_that_cannot_be_read_is_refused_with_the_way_out(desk: Desk, given: str, said: str) -> None:
    assert said in await answer(desk, f"eat rice {given}")


async def test_a_text_that_is_too_long_says_how_long_it_may_be(desk: Desk) -> None:
    assert "That is 21 characters; dish takes at most 20." in await answer(desk, f"eat {'r' * 21}")


async def test_a_refused_line_can_be_corrected_at_a_press(desk: Desk) -> None:
    reply = await desk.answer(call("eat rice plates:10", desk))
    assert buttons(reply) == ["?eat plates:10 dish:rice"]
    again = await form(desk, buttons(reply)[0])
    assert fields(again) | {"dish": "rice", "plates": "10"} == fields(again)


async def test_a_refused_line_can_be_corrected_however_long_it_is(desk: Desk) -> None:
    assert buttons(await desk.answer(call(f"eat {'r' * 90}", desk))) == [f"?eat dish:{'r' * 90}"]


@pytest.mark.parametrize("typed", ["?order rice note:soon", "order rice note:soon"])
async def test_a_form_refused_as_a_whole_can_be_opened_again_as_it_was_filled(desk: Desk, typed: str) -> None:
    via = "button" if typed.startswith("?") else "form"
    refused = await desk.answer(call(typed, desk, who="stranger", via=via))
    assert "/order is for members" in text_of(refused)
    assert buttons(refused) == ["?order note:soon dish:rice"]


async def test_a_refused_form_comes_back_as_it_was_filled_with_the_reason_at_the_field(desk: Desk) -> None:
    asked = await form(desk, "eat", via="form", dish="stone", plates="3")
    assert fields(asked)["plates"] == "3"
    assert [text_of(text(each.error)) for each in asked.fields if each.error is not None] == ["stone cannot be eaten."]


async def test_a_missing_argument_opens_the_form_filled_with_what_is_known(desk: Desk) -> None:
    asked = await form(desk, "eat plates:3")
    assert fields(asked) == {"dish": None, "plates": "3", "hot": "yes", "size": None, "day": None}
    assert [each.name for each in asked.fields if each.required] == ["dish"]


async def test_an_empty_field_of_a_form_is_not_filled_in(desk: Desk) -> None:
    asked = await form(desk, "eat", via="form", dish="  ")
    assert text_of(asked).count("Please fill this in.") == 1


async def test_what_a_form_has_no_room_for_is_sent_along(desk: Desk) -> None:
    assert (await form(desk, "eat at:09:00")).given == (("at", "09:00"),)


async def test_a_form_makes_room_for_the_argument_at_fault(desk: Desk) -> None:
    asked = await form(desk, "eat", via="form", dish="rice", at="late")
    assert list(fields(asked)) == ["dish", "plates", "hot", "size", "at"]


async def test_a_form_does_not_ask_again_for_what_its_button_is_about(desk: Desk) -> None:
    asked = await form(desk, "?eat c2.stew.1-d0bd572a")
    assert list(fields(asked)) == ["plates", "hot", "size", "day"]
    assert asked.given == (("dish", "c2.stew.1-d0bd572a"),)
    again = await form(desk, "eat", via="form", dish="c2.stew.1-d0bd572a", plates="many", at="9")
    assert list(fields(again)) == ["plates", "hot", "size", "day"]


async def test_but_it_does_where_that_is_at_fault(desk: Desk) -> None:
    asked = await form(desk, "eat", via="form", dish="c2.averylongdish.1-d0bd572a")
    assert fields(asked)["dish"] == "c2.averylongdish.1-d0bd572a"


async def test_a_form_is_filled_with_what_the_command_knows(desk: Desk, larder: Larder) -> None:
    larder.eaten.append("curry")
    assert fields(await form(desk, "?eat"))["dish"] == "curry"


async def test_what_was_typed_is_not_filled_over(desk: Desk, larder: Larder) -> None:
    larder.eaten.append("curry")
    assert fields(await form(desk, "?eat rice"))["dish"] == "rice"


async def test_a_command_may_find_that_it_needs_one_more_thing(desk: Desk) -> None:
    assert "size =   ! Which size of soup?" in text_of(await form(desk, "eat soup"))


async def test_a_command_that_asks_opens_its_form_where_nothing_was_given(desk: Desk) -> None:
    assert fields(await form(desk, "order")) == {"dish": None, "note": None}


async def test_a_command_that_asks_runs_where_nothing_is_missing(desk: Desk) -> None:
    assert await answer(desk, "order rice") == "Ada ordered rice None"


async def test_a_form_knows_its_kinds_and_choices(desk: Desk) -> None:
    kinds = {each.name: (each.kind, [one.value for one in each.choices]) for each in (await form(desk, "eat")).fields}
    assert kinds["size"] == ("choice", ["small", "large"])
    assert [each.kind for each in (await form(desk, "order")).fields] == ["text", "long"]


async def test_an_unknown_command_is_named_with_the_way_out(desk: Desk) -> None:
    assert await answer(desk, "dance") == "There is no command called dance. Try /help."


async def test_an_unknown_argument_is_named_with_the_way_out(desk: Desk) -> None:
    assert await answer(desk, "eat rice", spoon="big") == "spoon is not asked for here. See /help eat."


async def test_a_stranger_is_told_how_to_become_a_member(desk: Desk) -> None:
    assert await answer(desk, "order rice", who="stranger") == "/order is for members of a cohort. /join gets you in."


@pytest.mark.parametrize("how", [{}, {"via": "button"}, {"via": "form"}])
async def test_a_rank_is_asked_for_however_the_call_came(desk: Desk, how: dict[str, str]) -> None:
    assert "/close up is for facilitators" in await answer(desk, "close up", **how)


async def test_a_form_does_not_open_for_those_who_may_not_send_it(desk: Desk) -> None:
    assert "/close up is for facilitators" in await answer(desk, "?close up")


async def test_a_higher_rank_may_do_what_a_lower_one_may(desk: Desk) -> None:
    assert "Grace ordered" in await answer(desk, "order rice", who="grace")


async def test_suggestions_are_at_most_25(desk: Desk) -> None:
    assert len(await desk.suggest(call("eat", desk), "dish", "r")) == 25


async def test_suggestions_follow_what_was_typed(desk: Desk) -> None:
    assert (await desk.suggest(call("eat", desk), "dish", "ri"))[0].value == "ri0"


async def test_nothing_is_suggested_to_those_who_may_not_run_the_command(desk: Desk) -> None:
    assert await desk.suggest(call("close up", desk), "dish", "r") == ()
    assert await desk.suggest(call("close up", desk, who="grace"), "dish", "r")


@pytest.mark.parametrize(("name", "typed"), [("eat", "spoon"), ("dance", "dish"), ("eat", "plates")])
async def test_nothing_is_suggested_where_nothing_can_be(desk: Desk, name: str, typed: str) -> None:
    assert await desk.suggest(call(name, desk), typed, "x") == ()


async def test_a_refusal_leaves_a_picker_empty(desk: Desk) -> None:
    assert await desk.suggest(call("eat", desk), "dish", "poison") == ()


async def test_a_crash_is_told_as_a_reference_which_the_log_has_too(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        said = await answer(desk, "eat fire")
    reference = said.rpartition("reference ")[2].rstrip(".")
    assert said.startswith("Something went wrong on our side.")
    assert f"the command eat failed, reference {reference}" in caplog.text
    assert "the kitchen burns" in caplog.text
    assert "kitchen" not in said


async def test_every_answer_is_observed_with_its_outcome(desk: Desk, observed: list[tuple[str, str]]) -> None:
    for typed in ("eat rice", "eat", "eat stone", "eat fire", "dance"):
        await answer(desk, typed)
    assert observed == [
        ("eat", "answered"), ("eat", "asked"), ("eat", "refused"), ("eat", "failed"), ("unknown", "refused"),
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["a\0b", "a\ud800b"])
async def test_what_no_database_keeps_is_replaced_before_anybody_reads_it(desk: Desk, typed: str) -> None:
    assert "a\ufffdb 1" in await answer(desk, "eat", dish=typed)
    assert fields(await form(desk, "?eat", dish=typed))["dish"] == "a\ufffdb"
    assert "a\ufffdb is not asked for here" in await answer(desk, "eat rice", **{typed: "x"})
    assert "called a\ufffdb" in await answer(desk, typed)
    assert (await desk.suggest(call("eat", desk), "dish", typed))[0].value == "a\ufffdb0"


def test_a_service_that_nobody_gave_stops_the_start() -> None:
    with pytest.raises(StartError, match="/eat asks for larder: Larder, and nothing of that type was given"):
        Desk([eat], [], rank_of)


def test_the_service_of_a_suggestion_is_asked_for_at_the_start_too() -> None:
    with pytest.raises(StartError, match="/close up asks for larder: Larder"):
        Desk([close_up], [], rank_of)


async def test_fields_that_share_a_fill_ask_it_once() -> None:
    asked = 0

    async def last_time(call: Call) -> Mapping[str, str]:
        nonlocal asked
        asked += 1
        return {"left": "7", "right": "8"}

    @command(ask=True)
    async def pair(
        left: Annotated[int, Arg("Left?", fill=last_time)], right: Annotated[int, Arg("Right?", fill=last_time)]
    ) -> Message:
        """Pair two numbers."""
        return text(f"{left} {right}")

    assert fields(await form(Desk([pair], [], rank_of), "?pair")) == {"left": "7", "right": "8"}
    assert asked == 1
