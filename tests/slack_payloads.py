"""What Slack delivers, in the shape of its published samples: told apart by what matters."""

import itertools
from typing import Any

from tests.slack_workspace import BOT_USER, MAIN, TEAM

Json = dict[str, Any]

APP = "A1"
_numbers = itertools.count(1)


def _interaction(kind: str, user: Json) -> Json:
    number = next(_numbers)
    return {
        "type": kind, "user": {"team_id": TEAM, **user}, "team": {"id": TEAM, "domain": "study"}, "api_app_id": APP,
        "token": "verification", "trigger_id": f"{number}.1.{number:08x}", "enterprise": None,
        "is_enterprise_install": False,
    }  # fmt: skip


def someone(user: str) -> Json:
    """A person, as interactions name them."""
    return {"id": user, "username": user.lower(), "name": user.lower()}


def slash(user: str, text: str, response_url: str, *, command: str = "/study", channel: str = MAIN) -> Json:
    """`/study …`, typed in a channel."""
    number = next(_numbers)
    return {
        "token": "verification", "team_id": TEAM, "team_domain": "study", "channel_id": channel,
        "channel_name": {"D": "directmessage", "G": "privategroup"}.get(channel[0], "main"), "user_id": user,
        "user_name": user.lower(), "command": command, "text": text, "api_app_id": APP,
        "is_enterprise_install": "false", "response_url": response_url, "trigger_id": f"{number}.1.{number:08x}",
    }  # fmt: skip


def pressed(user: str, button: Json, where: Json) -> Json:
    """A button is pressed; `where` is `in_message` or `in_view`."""
    action = {"block_id": "b1", "action_ts": "1.0", **button}
    return {**_interaction("block_actions", someone(user)), "actions": [action], **where}


def in_message(message: Json, response_url: str, *, is_ephemeral: bool, channel: str = MAIN) -> Json:
    """Where a button was pressed: on a message."""
    thread = {"thread_ts": message["thread_ts"]} if "thread_ts" in message else {}
    container = {"type": "message", "message_ts": message.get("ts", "1.0"), "channel_id": channel, **thread}
    where = {
        "container": {**container, "is_ephemeral": is_ephemeral}, "channel": {"id": channel, "name": "main"},
        "state": {"values": {}}, "response_url": response_url,
    }  # fmt: skip
    return where if is_ephemeral else {**where, "message": message}


def in_view(view: Json) -> Json:
    """Where a button was pressed: in a modal, or in the Home tab."""
    return {"container": {"type": "view", "view_id": view["id"]}, "view": {"state": {"values": {}}, **view}}


def sent(user: str, view: Json, values: Json) -> Json:
    """A form is sent with what its fields hold."""
    shown = {"team_id": TEAM, "app_id": APP, "bot_id": "B1", "hash": "1.a", **view, "state": {"values": values}}
    return {**_interaction("view_submission", someone(user)), "view": shown, "response_urls": []}


def typing(user: str, view: Json, name: str, typed: str) -> Json:
    """Somebody types into an external select; this comes without a trigger."""
    made = {**_interaction("block_suggestion", someone(user)), **in_view(view)}
    del made["trigger_id"]
    return {**made, "action_id": name, "block_id": name, "value": typed}


def shortcut(user: str, callback: str) -> Json:
    """A global shortcut is chosen."""
    return {**_interaction("shortcut", someone(user)), "callback_id": callback, "action_ts": "1.0"}


def message_shortcut(user: str, callback: str, message: Json, response_url: str) -> Json:
    """A shortcut is chosen from the menu of a message."""
    return {
        **_interaction("message_action", someone(user)), "callback_id": callback, "action_ts": "1.0",
        "message_ts": message["ts"], "channel": {"id": MAIN, "name": "main"}, "message": message,
        "response_url": response_url,
    }  # fmt: skip


def event(kind: str, **fields: Any) -> Json:
    """An event that the app subscribes to."""
    authorization = {
        "enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": False,
    }  # fmt: skip
    return {
        "token": "verification", "team_id": TEAM, "context_team_id": TEAM, "context_enterprise_id": None,
        "api_app_id": APP, "event": {"type": kind, "event_ts": "1.0", **fields}, "type": "event_callback",
        "event_id": f"Ev{next(_numbers)}", "event_time": 1, "authorizations": [authorization],
        "is_ext_shared_channel": False, "event_context": "4-1",
    }  # fmt: skip
