"""Discord's forms: five fields at most, each in the shape that asks its question best."""

import pytest

from bot.chat.literal import length
from bot.chat.message import Choice, Form, Question
from bot.chat.wording import as_typed, say
from bot.platforms.discord import limits
from bot.platforms.discord.form import render_form
from tests.discord_golden import Drawn, assert_discord_takes

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def ask(**of: object) -> Question:
    return Question.model_validate({"name": "it", "label": "What is it?", "kind": "text", "required": True, **of})


def form(*fields: Question, **of: object) -> Drawn:
    made = Form.model_validate({"command": "checkin", "title": "How was it?", "fields": fields, **of})
    drawn = render_form(made, "en", "f:checkin")
    assert_discord_takes(drawn)
    return drawn


def field(**of: object) -> Drawn:
    [label] = form(ask(**of))["components"]
    drawn: Drawn = label["component"]
    assert drawn["custom_id"] == "it"
    return drawn


def choices(*values: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=each, label=each.capitalize()) for each in values)


@pytest.mark.parametrize(("kind", "style"), [("text", 1), ("long", 2), ("whole", 1), ("date", 1), ("time", 1)])
@pytest.mark.parametrize("required", [True, False])
def test_what_is_typed_is_asked_for_in_an_input(kind: str, style: int, required: bool) -> None:
    drawn = field(kind=kind, required=required)
    assert (drawn["type"], drawn["style"], drawn["required"]) == (limits.TEXT_INPUT, style, required)
    assert "value" not in drawn


def test_inputs_say_the_form_of_what_they_ask_for() -> None:
    assert field(kind="date")["placeholder"] == "YYYY-MM-DD"
    assert field(kind="time")["placeholder"] == "HH:MM"
    assert field(kind="whole", min=0, max=168)["placeholder"] == "0 … 168"


def test_a_text_can_be_as_long_as_its_argument_takes() -> None:
    assert field(max=1500)["max_length"] == 1500
    assert field(kind="long")["max_length"] == 3000


def test_what_was_filled_in_too_long_is_kept_so_that_it_can_be_shortened() -> None:
    drawn = field(max=10, value="x" * 30)
    assert (drawn["value"], drawn["max_length"]) == ("x" * 30, 30)
    assert length(field(value="🎉" * 3000)["value"]) <= limits.LONGEST_INPUT


@pytest.mark.parametrize(("value", "is_ticked"), [("yes", True), ("no", False)])
def test_a_yes_or_no_with_an_answer_is_a_box(value: str, is_ticked: bool) -> None:
    assert field(kind="yes_no", required=False, value=value) == {
        "type": limits.CHECKBOX, "custom_id": "it", "default": is_ticked,
    }  # fmt: skip


def test_a_yes_or_no_that_must_be_answered_offers_both() -> None:
    drawn = field(kind="yes_no", required=True)
    assert drawn["type"] == limits.RADIO_GROUP
    assert [each["value"] for each in drawn["options"]] == ["yes", "no"]


def test_a_few_choices_are_all_shown_and_many_fold_into_a_menu() -> None:
    assert field(kind="choice", choices=choices("short", "long"))["type"] == limits.RADIO_GROUP
    assert field(kind="choice", choices=choices(*DAYS))["type"] == limits.STRING_SELECT


def test_a_choice_that_may_be_left_open_can_be_taken_back() -> None:
    drawn = field(kind="choice", required=False, choices=choices("short", "long"))
    assert (drawn["type"], drawn["required"], drawn["min_values"]) == (limits.STRING_SELECT, False, 0)


def test_the_choice_that_was_made_is_made_already() -> None:
    drawn = field(kind="choice", choices=choices(*DAYS), value="Friday")
    assert [each["value"] for each in drawn["options"] if each.get("default")] == ["friday"]


def test_a_role_is_chosen_among_those_of_the_server_and_what_is_none_is_left_out() -> None:
    drawn = field(kind="role", required=False, value="500")
    assert (drawn["type"], drawn["required"], drawn["min_values"]) == (limits.ROLE_SELECT, False, 0)
    assert drawn["default_values"] == [{"id": "500", "type": "role"}]
    assert field(kind="role", value="<@&500>") == {**drawn, "required": True, "min_values": 1}
    assert "default_values" not in field(kind="role", value="learners")


def test_a_person_is_chosen_among_those_of_the_server_and_one_from_elsewhere_is_left_out() -> None:
    drawn = field(kind="person", required=False, value="<@discord:500|Ada Lovelace>")
    assert (drawn["type"], drawn["required"], drawn["min_values"]) == (limits.USER_SELECT, False, 0)
    assert drawn["default_values"] == [{"id": "500", "type": "user"}]
    assert field(kind="person", value="discord:500") == {**drawn, "required": True, "min_values": 1}
    assert "default_values" not in field(kind="person", value="slack:T1:U500")
    assert "default_values" not in field(kind="person", value="Ada")


def test_an_error_stands_below_its_label() -> None:
    [one, other] = form(ask(), ask(name="other", error="x" * 200))["components"]
    assert "description" not in one
    assert other["description"] == "x" * 99 + "…"


def test_an_error_quotes_a_command_as_the_reader_finds_it() -> None:
    error = say("See {line}.", line=as_typed("cohort status"))
    one = Form(command="checkin", title="How?", fields=(ask(error=error),))
    [drawn] = render_form(one, "ko", "f:checkin")["components"]
    assert drawn["description"] == "See /기수 현황."


def test_what_a_form_says_stands_above_its_fields_or_below_the_first_label() -> None:
    assert form(ask(), text="Not <@1>.")["components"][0] == {"type": limits.TEXT_DISPLAY, "content": "Not \\<\\@1>."}
    five = form(*(ask(name=f"n{n}") for n in range(5)), text="Not that.")
    assert five["components"][0]["description"] == "Not that."


def test_titles_and_labels_are_cut_to_what_discord_shows() -> None:
    drawn = form(ask(label="l" * 60), title="t" * 60)
    assert drawn["title"] == "t" * 44 + "…"
    assert drawn["components"][0]["label"] == "l" * 44 + "…"
