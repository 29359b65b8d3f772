"""What is signed and cannot be read: one line, and an acknowledgement. All that tests deliver elsewhere is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.slack.read import home_place, noted
from bot.platforms.slack.shape import oddity
from tests import slack_payloads as payloads
from tests.slack_workspace import TEAM, Json

BUTTON = {"type": "button", "action_id": "m1", "value": "week"}
VIEW = {"id": "V1", "type": "modal", "callback_id": "form", "private_metadata": '{"line": "week"}'}
MESSAGE = {"ts": "1.0", "text": "look: \ud800"}
URL = "https://hooks.slack.com/1"

READ = {
    "slash": payloads.slash("UADA", "half \ud800", URL),
    "on a message": payloads.pressed("UADA", BUTTON, payloads.in_message(MESSAGE, URL, is_ephemeral=False)),
    "in private": payloads.pressed("UADA", BUTTON, payloads.in_message(MESSAGE, URL, is_ephemeral=True)),
    "in a view": payloads.pressed("UADA", {"type": "button", "action_id": "l1"}, payloads.in_view(VIEW)),
    "sent": payloads.sent("UADA", VIEW, {"did": {"did": {"type": "plain_text_input", "value": "\ud800"}}}),
    "typing": payloads.typing("UADA", VIEW, "did", "\ud800"),
    "shortcut": payloads.shortcut("UADA", "checkin"),
    "message shortcut": payloads.message_shortcut("UADA", "suggest", MESSAGE, URL),
    "home": payloads.event("app_home_opened", user="UADA", tab="home"),
    "profile": payloads.event("user_change", user={"id": "UADA"}),
    "another event": payloads.event("tokens_revoked", tokens={"bot": ["UBOT"]}),
    "another kind": {"type": "view_closed", "view": VIEW, "user": payloads.someone("UADA")},
    "placed": payloads.sent("UADA", {**VIEW, "private_metadata": noted(VIEW, home_place(TEAM, "UADA"))}, {}),
    "of another version": payloads.sent("UADA", {**VIEW, "private_metadata": "week|1"}, {}),
}


@pytest.mark.parametrize("body", READ.values(), ids=READ.keys())
def test_what_slack_delivers_is_read(body: Json) -> None:
    assert oddity(body) is None


def without(name: str, key: str) -> Json:
    return {each: value for each, value in READ[name].items() if each != key}


ODD: list[tuple[Json, str]] = [
    ({**READ["home"], "event": {"user": "UADA"}}, "type: Field required"),
    ({**READ["home"], "event": {"type": "app_home_opened"}}, "user: Field required"),
    ({**READ["profile"], "event": {"type": "user_change", "user": "UADA"}}, "user: "),
    ({**READ["home"], "event": []}, "event: "),
    ({**READ["home"], "event": {"type": []}}, "type: not a text"),
    ({**READ["home"], "event_id": "Ev\ud800"}, "event_id: "),
    ({**READ["on a message"], "trigger_id": "1\ud800"}, "trigger_id: "),
    ({**READ["on a message"], "actions": []}, "actions: "),
    (without("on a message", "actions"), "actions: Field required"),
    ({**READ["on a message"], "user": "UADA"}, "user: "),
    ({**READ["another kind"], "user": "UADA"}, "user: "),
    (without("slash", "user_id"), "user_id: Field required"),
    ({**READ["sent"], "view": {**VIEW, "private_metadata": '{"place": [1]}'}}, "view.private_metadata"),
    ({**READ["sent"], "view": {**VIEW, "private_metadata": '{"line": 5}'}}, "view.private_metadata"),
    ({**READ["sent"], "view": {**VIEW, "state": {"values": {"did": []}}}}, "view.state.values.did: "),
    ({"type": ["block_actions"]}, "type: not a text"),
]


@pytest.mark.parametrize(("body", "said"), ODD)
def test_what_nobody_can_read_is_told_by_where_it_is_odd(body: Json, said: str) -> None:
    told = oddity(body)
    assert told is not None
    assert told.startswith(said)
    assert "UADA" not in told


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "line"]), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(READ)), st.data(), ANYTHING)
def test_whatever_stands_there_it_is_read_or_told(name: str, data: st.DataObject, anything: Any) -> None:
    body = dict(READ[name])
    body[data.draw(st.sampled_from(sorted(body)))] = anything
    told = oddity(body)
    assert told is None or json.dumps(told)
