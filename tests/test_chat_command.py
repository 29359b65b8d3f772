"""What some platform could not offer is refused when a command is defined: which one, what is wrong, the limit."""

from collections.abc import Mapping
from datetime import date, time
from inspect import Parameter, Signature
from typing import Annotated, Any, Literal

import pytest

from bot.chat.command import Arg, Command, CommandError, Rank, command
from bot.chat.message import Message, text
from bot.chat.platform import Call, Person, Role


def made(
    name: str = "hello", does: str = "Say hello.", *, ask: bool = False, takes: Mapping[str, Any] | None = None
) -> Command:
    """A command of that name and description; all it takes is required."""

    async def say_hello(**_: object) -> Message:
        return text("hello")

    asked = [Parameter(each, Parameter.KEYWORD_ONLY, annotation=hint) for each, hint in (takes or {}).items()]
    say_hello.__name__ = name
    say_hello.__doc__ = does
    say_hello.__annotations__ = {**(takes or {}), "return": Message}
    say_hello.__signature__ = Signature(asked)  # type: ignore[attr-defined]
    return command(ask=ask)(say_hello)


def words(count: int) -> Any:
    """A choice between so many words."""
    return Literal[tuple(f"w{n}" for n in range(count))]


TEXT = Annotated[str, Arg("What?")]


async def no_suggestions(call: Call, typed: str) -> list[Any]:
    return []


def test_a_command_is_read_from_its_signature() -> None:
    @command(allow=Rank.FACILITATOR, ask=True)
    async def cohort_place_add(
        call: Call,
        desk: dict,  # type: ignore[type-arg]
        name: Annotated[str, Arg("What is it called?", max=80)],
        start: Annotated[date | None, Arg("From when on?")] = None,
        pace: Annotated[Literal["min", "max"], Arg("How fast?")] = "min",
    ) -> Message:
        """Add a place.

        More that nobody is shown.
        """
        return text("added")

    assert cohort_place_add.name == "cohort place add"
    assert cohort_place_add.description == "Add a place."
    assert cohort_place_add.allow is Rank.FACILITATOR
    assert cohort_place_add.services == {"desk": dict}
    assert cohort_place_add.call_name == "call"
    read = [(each.name, each.kind, each.required, each.default) for each in cohort_place_add.parameters]
    assert read == [
        ("name", "text", True, None),
        ("start", "date", False, None),
        ("pace", "choice", False, "min"),
    ]
    assert cohort_place_add.parameters[2].choices == ("min", "max")


@pytest.mark.parametrize(
    ("hint", "kind"),
    [
        (str, "text"), (int, "whole"), (bool, "yes_no"), (date, "date"), (time, "time"), (Role, "role"),
        (Person, "person"),
    ],
)  # fmt: skip
def test_each_type_has_its_kind_of_question(hint: type, kind: str) -> None:
    assert made(takes={"what": Annotated[hint, Arg("What?")]}).parameters[0].kind == kind


def test_a_trailing_underscore_is_only_for_python() -> None:
    assert made("next_").name == "next"


def test_a_form_asks_for_five_things_and_for_what_is_required_first() -> None:
    @command()
    async def hello(
        a: TEXT, b: TEXT, c: TEXT = "", d: TEXT = "", e: TEXT = "", f: TEXT = "",
    ) -> Message:  # fmt: skip
        """Say hello."""
        return text("hello")

    assert [each.name for each in hello.fields] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("name", ["Hello", "h" * 33, "a_b_c_d", "1hello", "_hello", "héllo"])
def test_a_name_that_discord_refuses_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="one to three lower-case words of at most 32 characters"):
        made(name)


def test_the_longest_name_is_accepted() -> None:
    assert made("h" * 32).name == "h" * 32


def test_a_command_without_a_description_is_refused() -> None:
    with pytest.raises(CommandError, match=r"hello: its description .* is missing"):
        made("hello", "")


def test_a_description_has_at_most_a_hundred_characters() -> None:
    assert made("hello", "d" * 100).description
    with pytest.raises(CommandError, match=r"hello: its description .* has 101 characters, of at most 100"):
        made("hello", "d" * 101)


@pytest.mark.parametrize("name", ["What", "w" * 33, "_what", "qué"])
def test_an_arguments_name_that_discord_refuses_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="an argument's name is at most 32 of a-z, 0-9 and _"):
        made(takes={name: TEXT})


def test_a_label_has_at_most_45_characters() -> None:
    assert made(takes={"what": Annotated[str, Arg("l" * 45)]}).description
    with pytest.raises(CommandError, match="hello what: its label has 46 characters, of at most 45"):
        made(takes={"what": Annotated[str, Arg("l" * 46)]})


def test_a_label_is_needed() -> None:
    with pytest.raises(CommandError, match="hello what: its label is missing"):
        made(takes={"what": Annotated[str, Arg("")]})


def test_a_command_has_at_most_25_arguments() -> None:
    def with_arguments(count: int) -> Command:
        names = [f"a{n}" for n in range(count)]
        signature = ", ".join(f"{name}: TEXT = ''" for name in names)
        scope: dict[str, Any] = {"TEXT": TEXT, "text": text}
        exec(f"async def hello({signature}):\n    'Say hello.'\n    return text('hello')", scope)  # noqa: S102
        return command()(scope["hello"])

    assert len(with_arguments(25).parameters) == 25
    with pytest.raises(CommandError, match="hello: 26 arguments, of at most 25"):
        with_arguments(26)


def test_a_form_has_at_most_five_fields() -> None:
    assert made(ask=True, takes={f"a{n}": TEXT for n in range(5)}).description
    with pytest.raises(CommandError, match=r"hello: a form has at most 5 fields \(Discord\); split it"):
        made(takes={f"a{n}": TEXT for n in range(6)})


def test_a_command_that_asks_may_take_more_than_its_form_holds() -> None:
    async def hello(
        a: TEXT = "", b: TEXT = "", c: TEXT = "", d: TEXT = "", e: TEXT = "", f: TEXT = "",
    ) -> Message:  # fmt: skip
        """Say hello."""
        return text("hello")

    asks = command(ask=True)(hello)
    assert [each.name for each in asks.fields] == ["a", "b", "c", "d", "e"]
    assert asks.parameter("f")


def test_required_arguments_come_first() -> None:
    async def hello(*, a: TEXT = "", b: TEXT) -> Message:
        """Say hello."""
        return text("hello")

    with pytest.raises(CommandError, match=r"required arguments come before optional ones \(Discord\)"):
        command()(hello)


def test_an_argument_has_at_most_25_choices() -> None:
    assert made(takes={"what": Annotated[words(25), Arg("What?")]}).description
    with pytest.raises(CommandError, match="hello what: 26 choices, of at most 25; use suggest= instead"):
        made(takes={"what": Annotated[words(26), Arg("What?")]})


def test_choices_and_suggestions_exclude_each_other() -> None:
    with pytest.raises(CommandError, match="hello what: choices and suggestions exclude each other"):
        made(takes={"what": Annotated[words(2), Arg("What?", suggest=no_suggestions)]})


def test_an_argument_that_may_be_none_needs_a_default() -> None:
    with pytest.raises(CommandError, match="hello what may be None, so it needs a default"):
        made(takes={"what": Annotated[str | None, Arg("What?")]})


def test_an_argument_is_of_one_type() -> None:
    with pytest.raises(CommandError, match="hello what: a union can only be with None"):
        made(takes={"what": Annotated[str | int, Arg("What?")]})


def test_a_type_that_no_platform_can_ask_for_is_refused() -> None:
    with pytest.raises(CommandError, match=r"hello what: no platform can ask for a list\[str\]; use str, int, bool"):
        made(takes={"what": Annotated[list[str], Arg("What?")]})


def test_an_annotation_without_an_arg_is_refused() -> None:
    with pytest.raises(CommandError, match="hello what has no Arg"):
        made(takes={"what": Annotated[str, "What?"]})


def test_a_parameter_without_a_type_is_refused() -> None:
    async def hello(what) -> Message:  # type: ignore[no-untyped-def]
        """Say hello."""
        return text("hello")

    with pytest.raises(CommandError, match="hello: what needs a type"):
        command()(hello)


def test_a_function_that_is_not_async_is_refused() -> None:
    def hello() -> Message:
        """Say hello."""
        return text("hello")

    with pytest.raises(CommandError, match="hello: a command is an async function"):
        command()(hello)  # type: ignore[arg-type]
