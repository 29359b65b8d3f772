"""The app manifest, from which Slack makes the app: pure, from the registry and from what the code really uses."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from bot.chat.command import Command, Rank
from bot.platforms.slack.http import PATH

Json = dict[str, Any]

ALIASES = ("resource", "checkin")
EVENTS = ("app_home_opened", "app_uninstalled", "tokens_revoked", "user_change")
"""What Slack tells us that nobody asked for; `answer` says what each does."""

_SHORTCUTS = (("message", "Save as resource", "suggest"), ("global", "Check in", "checkin"))
_ABOUT = (
    "Milepost posts each week's milestone to your group's channel, with tasks that are done at a press. It finds "
    "resources, keeps everybody's progress, asks once a week how it went, and lets facilitators announce. What members "
    "write is private unless they share it. In conversations it looks for its own posts alone."
)


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: what Milepost cannot do without it, how bad that is, and the methods that need it."""

    name: str
    purpose: str
    level: Literal["error", "warning"]
    methods: frozenset[str] = frozenset()


_MESSAGES = frozenset({"chat.delete", "chat.postMessage", "chat.update"})
_CONVERSATION = frozenset({"conversations.info"})
_FILES = frozenset({"files.completeUploadExternal", "files.getUploadURLExternal"})
_HISTORY = frozenset({"conversations.history", "conversations.replies"})
_LOOK, _ASKS = "see whether a post whose answer was lost", "and asks a facilitator instead"

# https://docs.slack.dev/reference/scopes. A method that several name needs one for each kind of conversation.
SCOPES = (
    Scope("channels:history", f"{_LOOK} is in a public channel, {_ASKS}", "warning", _HISTORY),
    Scope(
        "channels:read",
        "tell in `doctor` whether it is in a public channel, and how many people are",
        "warning",
        _CONVERSATION,
    ),
    Scope("chat:write", "post anything, change it or take it back", "error", _MESSAGES),
    Scope("commands", "be called, by its commands or by shortcuts", "error"),
    Scope("files:write", "hand anybody a file, such as all that it keeps about them", "warning", _FILES),
    Scope("groups:history", f"{_LOOK} is in a private channel, {_ASKS}", "warning", _HISTORY),
    Scope(
        "groups:read",
        "tell in `doctor` whether it is in a private channel, and whether a desk still is one",
        "warning",
        _CONVERSATION,
    ),
    Scope("im:history", f"{_LOOK} is among private messages, {_ASKS}", "warning", _HISTORY),
    Scope("im:write", "write to anybody privately", "error", frozenset({"conversations.open"})),
    Scope(
        "users:read", "know who runs the workspace, and people's language and zone", "error", frozenset({"users.info"})
    ),
)


def slash_commands(command: str, aliases: bool) -> dict[str, str]:
    """Our slash commands, each with the words that its text goes on from."""
    return {command: "", **{f"/{each}": each for each in ALIASES if aliases and f"/{each}" != command}}


def manifest(commands: Iterable[Command], *, command: str, aliases: bool, url: str | None = None) -> Json:
    """The manifest of an app with these commands behind `command` (`/study`) and, if wanted, the aliases.

    Slack delivers over a socket; with a `url`, over HTTP to the server at that address.
    """
    made = {each.name: each for each in commands}
    hook = None if url is None else url.removesuffix(PATH).rstrip("/") + PATH
    return {
        "display_information": {
            "name": "Milepost",
            "description": "Takes a study group through a curriculum together, week by week.",
            "long_description": _ABOUT,
        },
        "features": {
            # Private messages are shown in the messages tab. Nobody reads what would be written there.
            "app_home": {
                "home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": True
            },
            "bot_user": {"display_name": "Milepost", "always_online": True},
            "shortcuts": [
                {"name": name, "type": kind, "callback_id": called, "description": made[called].description}
                for kind, name, called in _SHORTCUTS
            ],
            "slash_commands": [
                {"command": name, **_described(made, words), "should_escape": True, **({"url": hook} if hook else {})}
                for name, words in slash_commands(command, aliases).items()
            ],
        },
        "oauth_config": {"scopes": {"bot": [each.name for each in SCOPES]}},
        "settings": {
            "event_subscriptions": {**({"request_url": hook} if hook else {}), "bot_events": list(EVENTS)},
            "interactivity": {
                "is_enabled": True,
                **({"request_url": hook, "message_menu_options_url": hook} if hook else {}),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": hook is None,
            "token_rotation_enabled": False,
        },
    }  # fmt: skip


def written(made: Json) -> str:
    """A manifest as YAML, to be pasted."""
    return yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=100)


def _described(made: dict[str, Command], words: str) -> dict[str, str]:
    """What the picker says of a slash command: of one that stands for a command the same, of ours what there is."""
    if not words:
        names = dict.fromkeys(each.name.partition(" ")[0] for each in made.values() if each.allow < Rank.FACILITATOR)
        return {"description": "Your study group: this week, resources, progress", "usage_hint": " | ".join(names)}
    alone = made[words]
    hint = " ".join(each.name if each.required else f"[{each.name}]" for each in alone.offered)
    # What opens its form by itself wants nothing typed.
    return {"description": alone.description, **({"usage_hint": hint} if hint and not alone.ask else {})}
