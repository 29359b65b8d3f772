"""Messages are data: to JSON and back, every part of them."""

from datetime import UTC, date, datetime
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from bot.chat.message import Button, Choice, Fact, Facts, Form, Item, Link, Message, Post, Question, Text, text
from bot.chat.platform import Person, Place, Posted
from bot.chat.wording import Day, Markdown, Mention, Moment, Value, Words, listed, say, say_n

Data = TypeVar("Data", bound=BaseModel)
NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)
ADA = Person(platform="square", id="7", name="Ada")
MAIN = Place(platform="square", community="town", channel="main", thread="9", name="#main")
VALUES: tuple[Value, ...] = (
    "text", "5", "true", "2027-01-04", "", 5, 0, -1, 2.5, True, False, Words(texts={"en": "book", "ko": "책"}),
    Markdown(source="**a**"), Moment(at=NOON, zone="Asia/Seoul"), Day(on=date(2027, 1, 4)), ADA.mention(),
    MAIN.mention(), say("{a} of {b}", a=1, b=say("{c}", c="deep")), say_n("{n} week", "{n} weeks", 2), listed(["a", 2]),
)  # fmt: skip


def again(made: Data) -> Data:
    """The same, through JSON."""
    return type(made).model_validate_json(made.model_dump_json())


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_as_what_it_was(value: Value) -> None:
    fact = again(Fact(label=say("label"), value=value))
    assert fact.value == value
    assert type(fact.value) is type(value)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_in_a_phrase_comes_back_as_what_it_was(value: Value) -> None:
    part = Text(text=say("{value}", value=value))
    assert again(part) == part


@pytest.mark.parametrize(
    "made",
    [
        Text(text="plain"),
        Text(text=Words(texts={"en": "book"})),
        Facts(facts=(Fact(label="a", value=1), Fact(label=say("b"), value="2"))),
        Facts(facts=()),
        Item(title="only a title"),
        Item(title=say("t"), text="x", link="https://example.org", button=Button(label="Done", line="done a")),
        Item(title="t", button=Link(label="Read", url="https://example.org")),
        Button(label=say("Send"), line='done task:"a b"', style="primary"),
        Link(label="Read", url="https://example.org"),
        text("one", say("two")),
        Message(),
        Choice(value="a", label=say("A")),
        Question(name="did", label="Did?", kind="long", required=True, value="x", suggests=True, min=0, max=5.5,
                 choices=(Choice(value="a", label="A"),), error=say("{a} is none", a="x")),
        Form(command="checkin", title="Check in", text="Please", given=(("a", "b"), ("c", "")),
             fields=(Question(name="did", label="Did?", kind="text", required=False),)),
        Post(key="c1:milestone:step-1:1", message=text("hi"), locale="ko", notify=(ADA,), thread=say("Week {n}", n=1)),
        ADA,
        MAIN,
        Posted(place=MAIN, id="1", thread="2"),
    ],
    ids=lambda made: type(made).__name__,
)  # fmt: skip
def test_every_part_comes_back_as_it_was(made: BaseModel) -> None:
    assert again(made) == made


def test_a_whole_message_comes_back_as_it_was() -> None:
    message = Message(
        title=say("Week {n}", n=1),
        parts=(Text(text="a"), Facts(facts=(Fact(label="b", value=Moment(at=NOON)),)), Item(title="c")),
        buttons=(Button(label="d", line="next"), Link(label="e", url="https://example.org")),
    )
    assert again(message) == message


@given(st.text())
def test_whatever_was_typed_comes_back_as_it_was_typed(typed: str) -> None:
    message = Message(title=typed, parts=(Text(text=say("{typed}", typed=typed)),))
    assert again(message) == message


def test_a_message_is_never_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        text("a").title = "b"  # type: ignore[misc]


def test_a_field_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Message.model_validate({"title": "a", "color": "red"})


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Moment(at=datetime(2027, 1, 4, 12))  # noqa: DTZ001 - the point of the test


def test_people_and_places_are_mentioned_by_id_where_they_have_no_name() -> None:
    assert Person(platform="square", id="7").mention() == Mention(what="person", id="7", name="7")
    assert Place(platform="square", community="town", channel="9").mention().name == "9"
