"""Slack's limits: what it would not take is found, and said with its place."""

from typing import Any

import pytest

from bot.platforms.slack import limits
from bot.platforms.slack.limits import Size
from tests.slack_limits import Finding, check

TEXT = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
OPTION = {"text": {"type": "plain_text", "text": "x"}, "value": "x"}


def message(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"text": "x", "blocks": list(blocks), **more}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def rich(**element: Any) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [element]}]}


def row(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(buttons)}


def button(label: str = "x", **of: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": "m1", **of}


def modal(*blocks: dict[str, Any], **of: Any) -> dict[str, Any]:
    return {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": list(blocks), **of}


def asks(element: dict[str, Any]) -> dict[str, Any]:
    label = {"type": "plain_text", "text": "x"}
    return {"type": "input", "block_id": "it", "label": label, "element": {"action_id": "it", **element}}


SEND = {"submit": {"type": "plain_text", "text": "Send"}}


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (message(*[TEXT] * 51), Finding("blocks", "1 to 50", 51)),
        (message(*[section("가" * 1000)] * 4), Finding("blocks", "at most 12,000 bytes in all", 12_217)),
        (message(section("x" * 3001)), Finding("blocks[0].text", "1 to 3,000 characters", 3001)),
        (message(section(" ")), Finding("blocks[0].text", "1 to 3,000 characters", 0)),
        (message(header("🎉" * 76)), Finding("blocks[0].text", "1 to 150 characters", 152)),
        (message(TEXT, text="x" * 4001), Finding("text", "1 to 4,000 characters", 4001)),
        (message(TEXT, text=" "), Finding("text", "1 to 4,000 characters", 0)),
        (message(), Finding("blocks", "1 to 50", 0)),
        (message(row(*(button(action_id=f"m{n}") for n in range(26)))), Finding("blocks[0].elements", "1 to 25", 26)),
        (message(row(button("x" * 76))), Finding("blocks[0].elements[0].text", "1 to 75 characters", 76)),
        (message(row(button(value="x" * 2001))), Finding("blocks[0].elements[0].value", "1 to 2,000 characters", 2001)),
        (message(row(button(accessibility_label="x" * 76))),
         Finding("blocks[0].elements[0].accessibility_label", "1 to 75 characters", 76)),
        (message(row(button(url="javascript:x"))),
         Finding("blocks[0].elements[0].url", "an address that begins with https:// or http://", "javascript:x")),
        (message(row(button(action_id="x" * 256))),
         Finding("blocks[0].elements[0].action_id", "1 to 255 characters", 256)),
        (message(row(button(), button())), Finding("blocks: action_id 'm1'", "once", 2)),
        (message(rich(type="text", text="")),
         Finding("blocks[0].elements[0].elements[0].text", "1 to 250,000 characters", 0)),
        (message(rich(type="user", user_id="81384788765712384")),
         Finding("blocks[0].elements[0].elements[0].user_id", "[UW][A-Z0-9]+", "81384788765712384")),
        (message(rich(type="channel", channel_id="D0ADA")),
         Finding("blocks[0].elements[0].elements[0].channel_id", "[CG][A-Z0-9]+", "D0ADA")),
        (modal(*[TEXT] * 101), Finding("blocks", "1 to 100", 101)),
        (modal(TEXT, title={"type": "plain_text", "text": "x" * 25}), Finding("title", "1 to 24 characters", 25)),
        (modal(TEXT, private_metadata="x" * 3001), Finding("private_metadata", "0 to 3,000 characters", 3001)),
        (modal(asks({"type": "datepicker"})), Finding("submit", "a button to send the form", 0)),
        (modal(asks({"type": "datepicker", "initial_date": "soon"}), **SEND),
         Finding("blocks[0].element.initial_date", r"\d{4}-\d\d-\d\d", "soon")),
        (modal(asks({"type": "timepicker", "initial_time": "24:00"}), **SEND),
         Finding("blocks[0].element.initial_time", r"([01]\d|2[0-3]):[0-5]\d", "24:00")),
        (modal(asks({"type": "plain_text_input", "max_length": 2, "initial_value": "abc"}), **SEND),
         Finding("blocks[0].element.initial_value", "at most 2 characters", 3)),
        (modal(asks({"type": "static_select", "options": [OPTION] * 2}), **SEND),
         Finding("blocks[0].element.options: 'x'", "once", 2)),
        (modal(asks({"type": "radio_buttons", "options": [OPTION], "initial_option": OPTION | {"value": "y"}}), **SEND),
         Finding("blocks[0].element.initial_option", "one of the options", "y")),
        (modal(asks({"type": "static_select", "options": [{**OPTION, "value": "x" * 151}]}), **SEND),
         Finding("blocks[0].element.options[0].value", "1 to 150 characters", 151)),
    ],
)  # fmt: skip
def test_what_slack_would_not_take_is_found(payload: dict[str, Any], found: Finding) -> None:
    assert check(payload) == [found]


@pytest.mark.parametrize(
    "payload",
    [
        message(*[TEXT] * 50),
        message(section("x" * 3000), header("x" * 150)),
        message(row(*(button("x" * 75, action_id=f"m{n}", value="x" * 100) for n in range(25)))),
        message(rich(type="text", text=" "), rich(type="user", user_id="U0ADA")),
        modal(*[TEXT] * 100, private_metadata="x" * 3000, title={"type": "plain_text", "text": "x" * 24}),
        {"type": "home", "blocks": [TEXT] * 100},
    ],
)
def test_what_slack_takes_is_taken(payload: dict[str, Any]) -> None:
    assert check(payload) == []


def test_what_holds_the_texts_weighs_too() -> None:
    written = '[{"type":"divider","block_id":"가"}]'
    assert limits.size([{"type": "divider", "block_id": "가"}]) == Size(blocks=1, bytes=len(written.encode()))


def test_a_size_fits_into_a_room_in_both_ways() -> None:
    assert Size(1, 2).fits(Size(1, 2))
    assert not Size(2, 0).fits(Size(1, 9))
