"""Slack's forms: each question in the input that asks it best, and what was filled in read back as it is typed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import line
from bot.chat.literal import length
from bot.chat.message import Choice, Form, Question
from bot.platforms.slack import limits
from bot.platforms.slack.form import LONGEST_NOTE, errors, options, read_values, render_form
from tests.slack_golden import Drawn, assert_slack_takes
from tests.slack_limits import check

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KINDS = ("text", "long", "whole", "yes_no", "choice", "date", "time")


def ask(**of: object) -> Question:
    return Question.model_validate({"name": "it", "label": "What is it?", "kind": "text", "required": True, **of})


def form(*fields: Question, **of: object) -> Drawn:
    made = Form.model_validate({"command": "checkin", "title": "How was it?", "fields": fields, **of})
    drawn = render_form(made, "en")
    assert_slack_takes(drawn)
    return drawn


def field(**of: object) -> Drawn:
    [block] = form(ask(**of))["blocks"]
    drawn: Drawn = block["element"]
    assert (block["block_id"], drawn.pop("action_id")) == ("it", "it")
    return drawn


def choices(*values: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=each, label=each.capitalize()) for each in values)


def values(drawn: Drawn) -> list[str]:
    return [each["value"] for each in drawn["options"]]


def state_of(drawn: Drawn) -> dict[str, dict[str, Any]]:
    """The state that Slack sends of a form that nobody has touched."""
    names = {
        "initial_value": "value", "initial_option": "selected_option", "initial_date": "selected_date",
        "initial_time": "selected_time", "initial_user": "selected_user",
    }  # fmt: skip
    kinds = {"radio_buttons": "initial_option", "static_select": "initial_option", "external_select": "initial_option"}
    kinds |= {"datepicker": "initial_date", "timepicker": "initial_time", "users_select": "initial_user"}
    state: dict[str, dict[str, Any]] = {}
    for block in drawn["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            name = kinds.get(element["type"], "initial_value")
            answer = {"type": element["type"], names[name]: element.get(name)}
            state[block["block_id"]] = {element["action_id"]: answer}
    return state


@pytest.mark.parametrize(
    ("kind", "drawn"),
    [
        ("text", {"type": "plain_text_input", "multiline": False, "max_length": 3000}),
        ("long", {"type": "plain_text_input", "multiline": True, "max_length": 3000}),
        ("whole", {"type": "number_input", "is_decimal_allowed": False}),
        ("date", {"type": "datepicker"}),
        ("time", {"type": "timepicker"}),
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_what_is_typed_or_picked_has_an_input_of_its_own(kind: str, drawn: Drawn, required: bool) -> None:
    assert field(kind=kind, required=required) == drawn
    assert form(ask(kind=kind, required=required))["blocks"][0]["optional"] is not required


def test_a_person_is_chosen_among_those_of_the_workspace_and_one_from_elsewhere_is_left_out() -> None:
    assert field(kind="person", value="<@slack:T1:UADA|Ada>") == {"type": "users_select", "initial_user": "UADA"}
    assert field(kind="person", value="discord:500") == {"type": "users_select"}
    assert read_values({"who": {"who": {"type": "users_select", "selected_user": "UADA"}}}) == {"who": "UADA"}
    assert read_values({"who": {"who": {"type": "users_select", "selected_user": None}}}) == {"who": ""}


def test_a_number_has_its_bounds() -> None:
    drawn = field(kind="whole", min=0, max=168, value="5")
    assert (drawn["min_value"], drawn["max_value"], drawn["initial_value"]) == ("0", "168", "5")


@pytest.mark.parametrize(
    ("kind", "value"), [("whole", "many"), ("whole", "169"), ("date", "soon"), ("time", "noon"), ("time", "25:00")]
)
def test_what_an_input_cannot_hold_is_left_out_and_told_above_it(kind: str, value: str) -> None:
    told, block = form(ask(kind=kind, value=value, min=0, max=168, error=f"{value} is <none>."))["blocks"]
    assert told["elements"][0]["elements"][1]["text"] == f"{value} is <none>."
    assert not [name for name in block["element"] if name.startswith("initial")]


def test_a_text_can_be_as_long_as_its_argument_takes() -> None:
    assert field(max=1500)["max_length"] == 1500


def test_what_was_filled_in_too_long_is_kept_so_that_it_can_be_shortened() -> None:
    drawn = field(max=10, value="x" * 30)
    assert (drawn["initial_value"], drawn["max_length"]) == ("x" * 30, 30)
    assert length(field(value="🎉" * 3000)["initial_value"]) <= limits.LONGEST_INPUT


@pytest.mark.parametrize(("value", "chosen"), [("yes", "yes"), ("No", "no"), (None, None), ("perhaps", None)])
def test_a_yes_or_no_offers_both_and_chooses_neither_by_itself(value: str | None, chosen: str | None) -> None:
    drawn = field(kind="yes_no", required=False, value=value)
    assert (drawn["type"], values(drawn)) == ("radio_buttons", ["yes", "no"])
    assert drawn.get("initial_option", {}).get("value") == chosen


def test_a_few_choices_are_all_shown_and_many_fold_into_a_menu() -> None:
    assert field(kind="choice", choices=choices("short", "long"))["type"] == "radio_buttons"
    assert field(kind="choice", choices=choices(*DAYS))["type"] == "static_select"


def test_the_choice_that_was_made_is_made_already() -> None:
    assert field(kind="choice", choices=choices(*DAYS), value="Friday")["initial_option"]["value"] == "friday"


@pytest.mark.parametrize("kind", ["text", "whole"])
def test_what_has_suggestions_asks_for_them_at_once(kind: str) -> None:
    assert field(kind=kind, suggests=True) == {"type": "external_select", "min_query_length": 0}
    assert field(kind=kind, suggests=True, value="7")["initial_option"]["value"] == "7"


def test_what_was_suggested_is_called_what_it_was_suggested_as() -> None:
    known = field(suggests=True, value="friday", choices=choices("friday"))["initial_option"]
    assert (known["value"], known["text"]["text"]) == ("friday", "Friday")


def test_a_value_too_long_for_an_option_is_kept_in_an_input() -> None:
    assert field(suggests=True, value="x" * 151)["initial_value"] == "x" * 151


def test_what_a_form_says_stands_above_its_fields() -> None:
    [said, _] = form(ask(), text="Not <@U1>.")["blocks"]
    assert said["elements"][0]["elements"] == [{"type": "text", "text": "Not <@U1>."}]


def test_a_title_too_long_for_a_modal_stands_below_the_command() -> None:
    drawn = form(ask(), title="Say what you did this week.")
    assert drawn["title"]["text"] == "/study checkin"
    assert drawn["blocks"][0]["elements"][0]["elements"][0]["text"] == "Say what you did this week."


def test_a_form_without_a_question_says_what_sending_it_does() -> None:
    [said] = form(title="Next task.")["blocks"]
    assert said["elements"][0]["elements"] == [{"type": "text", "text": "Next task."}]


def test_a_form_keeps_the_line_that_it_goes_on_from() -> None:
    noted = json.loads(form(ask(), given=(("note", 'a "b"'), ("hours", "3")))["private_metadata"])
    names = ["did", "note", "hours"]
    assert line.read(noted["line"], {"checkin": names}) == line.Line("checkin", {"note": 'a "b"', "hours": "3"})


def test_a_line_too_long_to_be_kept_is_refused_in_words() -> None:
    drawn = form(ask(), given=(("note", "x" * LONGEST_NOTE),))
    assert drawn["callback_id"] == "shown"
    assert "too long" in json.dumps(drawn)
    assert not [each for each in drawn["blocks"] if each["type"] == "input"]


def test_errors_are_told_at_their_fields() -> None:
    fields = (ask(name="did"), ask(name="hours", error="No <whole> number."))
    made = Form(command="checkin", title="How was it?", fields=fields)
    assert errors(made, "en") == {"hours": "No <whole> number."}


@given(st.sampled_from(KINDS), st.text(max_size=90), st.booleans(), st.booleans())
def test_a_form_sent_as_it_was_filled_says_what_it_was_filled_with(
    kind: str, value: str, suggests: bool, required: bool
) -> None:
    drawn = form(ask(kind=kind, value=value, suggests=suggests, required=required, choices=choices(*DAYS)))
    [answer] = read_values(state_of(drawn)).values()
    assert answer in ("", value.strip(), value.strip().lower()) or kind in ("date", "time", "whole")
    if kind in ("text", "long") or suggests:
        assert answer == value.strip()


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("whole", "5", "5"), ("yes_no", "Yes", "yes"), ("choice", "Friday", "friday"), ("text", "a b", "a b"),
        ("date", "2027-01-31", "2027-01-31"), ("date", "20270131", "2027-01-31"), ("time", "9:05", "09:05"),
        ("time", "18:30", "18:30"),
    ],
)  # fmt: skip
def test_a_value_goes_through_a_form_and_back(kind: str, value: str, read: str) -> None:
    assert read_values(state_of(form(ask(kind=kind, value=value, choices=choices(*DAYS))))) == {"it": read}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suggests", [True, False])
def test_a_field_left_empty_is_empty(kind: str, suggests: bool) -> None:
    drawn = form(ask(kind=kind, suggests=suggests, required=False, choices=choices(*DAYS)))
    assert read_values(state_of(drawn)) == {"it": ""}


def test_what_was_typed_can_be_chosen_below_the_suggestions() -> None:
    found = options(choices("backprop", "bayes"), " ba ", "en")["options"]
    assert [(each["value"], each["text"]["text"]) for each in found] == [
        ("backprop", "Backprop"), ("bayes", "Bayes"), ("ba", "ba"),
    ]  # fmt: skip
    assert [each["value"] for each in options(choices("bayes"), "bayes", "en")["options"]] == ["bayes"]
    assert options((), "", "en") == {"options": []}


@pytest.mark.parametrize("size", [76, 150])
def test_what_was_typed_is_kept_whole_below_a_shortened_label(size: int) -> None:
    typed = "x" * size
    [found] = options((), typed, "en")["options"]
    assert (found["value"], found["text"]["text"]) == (typed, "x" * 74 + "…")
    assert read_values({"it": {"it": {"type": "external_select", "selected_option": found}}}) == {"it": typed}


def test_what_no_option_can_hold_is_asked_for_after_the_command() -> None:
    [*_, found] = options(choices("bayes"), "x" * 151, "en")["options"]
    assert found["text"]["text"] == "Too long for this list. Type it after the command instead."
    assert read_values({"it": {"it": {"type": "external_select", "selected_option": found}}}) == {"it": ""}


@given(st.lists(st.text(max_size=160), max_size=30), st.text(max_size=160))
def test_suggestions_are_within_limits_whatever_is_suggested(suggested: list[str], typed: str) -> None:
    found = options([Choice(value=each, label=each) for each in suggested], typed, "en")["options"]
    if found:
        block = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
        select = {"type": "static_select", "action_id": "it", "options": found}
        assert check({"text": "x", "blocks": [{**block, "accessory": select}]}) == []
