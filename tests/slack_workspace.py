"""What the Slack of the tests holds, and what the methods of its Web API do to it."""

import time
from collections.abc import Callable
from itertools import count
from typing import Any

from bot.platforms.slack import manifest

TEAM, BOT_USER, BOT = "T1", "UBOT", "B1"
MAIN, OTHER = "C1", "C2"  # #main, which the bot is in, and #other, which it is not in
PAGE = 100
SCOPES = {
    "chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.delete": "chat:write",
    "conversations.open": "im:write", "users.info": "users:read",
    "files.getUploadURLExternal": "files:write", "files.completeUploadExternal": "files:write",
    "conversations.history": "{}:history", "conversations.replies": "{}:history", "conversations.info": "{}:read",
}  # fmt: skip
KINDS = {"C": "channels", "G": "groups", "D": "im"}  # of conversations, by how their ids begin

Json = dict[str, Any]


class Workspace:
    """Channels with their messages, people, open modals, Home tabs.

    `now` gives the time of what is written from then on, in seconds; `scopes` are those that the bot was given: those
    that the manifest asks for.
    """

    def __init__(self) -> None:
        self.messages: dict[str, list[Json]] = {MAIN: [], OTHER: []}
        self.members = {MAIN}
        self.archived: set[str] = set()
        self.private: set[str] = set()
        self.people: dict[str, Json] = {}
        self.views: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.files: dict[str, bytes] = {}
        self.scopes = {each.name for each in manifest.SCOPES}
        self.now: Callable[[], float] = time.time
        self.url = ""
        self._announced: dict[str, int] = {}  # the bytes that a file is to have
        self._numbers = count(1)
        self._last_ts = 0

    def do(self, method: str, given: Json) -> Json:
        """What a method answers; an `error` if it cannot."""
        made = getattr(self, f"_{method.replace('.', '_')}", None)
        if made is None:
            return {"error": "unknown_method"}
        channel = str(given.get("channel", ""))
        needed = SCOPES.get(method, "").format(KINDS.get(channel[:1]))
        if needed and needed not in self.scopes:
            return {"error": "missing_scope", "needed": needed, "provided": ",".join(sorted(self.scopes))}
        if channel and (method.startswith("chat.") or needed.endswith(":history")):
            if channel not in self.messages:
                return {"error": "channel_not_found"}
            if channel not in self.members:
                return {"error": "not_in_channel"}
            if channel in self.archived:
                return {"error": "is_archived"}
        done: Json = made(given)
        return done

    def _auth_test(self, given: Json) -> Json:
        return {"team_id": TEAM, "team": "Study", "user_id": BOT_USER, "user": "milepost", "bot_id": BOT}

    def _apps_connections_open(self, given: Json) -> Json:
        return {"url": f"{self.url.replace('http', 'ws', 1)}/socket?ticket=secret-{next(self._numbers)}"}

    def _conversations_open(self, given: Json) -> Json:
        channel = f"D{given['users']}"
        self.messages.setdefault(channel, [])
        self.members.add(channel)
        return {"channel": {"id": channel}}

    def _conversations_info(self, given: Json) -> Json:
        channel = given["channel"]
        if channel not in self.messages:
            return {"error": "channel_not_found"}
        flags = {"is_member": channel in self.members, "is_archived": channel in self.archived}
        flags["is_private"] = channel in self.private
        size = {"num_members": len(self.people)} if given.get("include_num_members") in (True, "true", "1") else {}
        return {"channel": {"id": channel, "name": "main" if channel == MAIN else channel.lower(), **flags, **size}}

    def _users_info(self, given: Json) -> Json:
        person = self.people.get(given["user"])
        return {"user": {"id": given["user"], "team_id": TEAM, **person}} if person else {"error": "user_not_found"}

    def _chat_postMessage(self, given: Json) -> Json:  # noqa: N802 - Slack's name
        message = self.write(**{"bot_id": BOT, "user": BOT_USER, **given})
        return {"channel": given["channel"], "ts": message["ts"], "message": message}

    def write(self, channel: str, **message: Any) -> Json:
        """Somebody writes a message there; without a `bot_id`, a person does."""
        self._last_ts = max(self._last_ts + 1, int(self.now() * 1_000_000))
        ts = f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"
        made = {"type": "message", "ts": ts, **message}
        self.messages[channel].append(made)
        return made

    def _chat_update(self, given: Json) -> Json:
        for each in self.messages[given["channel"]]:
            if each["ts"] == given["ts"]:
                each.update({key: value for key, value in given.items() if key not in ("channel", "ts")})
                return {"channel": given["channel"], "ts": each["ts"], "message": each}
        return {"error": "message_not_found"}

    def _chat_delete(self, given: Json) -> Json:
        messages = self.messages[given["channel"]]
        found = [each for each in messages if each["ts"] == given["ts"]]
        if not found:
            return {"error": "message_not_found"}
        messages.remove(found[0])
        return {"channel": given["channel"], "ts": given["ts"]}

    def _files_getUploadURLExternal(self, given: Json) -> Json:  # noqa: N802 - Slack's name
        file = f"F{next(self._numbers)}"
        self._announced[file] = int(given["length"])
        return {"file_id": file, "upload_url": f"{self.url}/upload/{file}"}

    def take_upload(self, file: str, content: bytes) -> Json:
        """Somebody hands over what a file holds."""
        if len(content) != self._announced[file]:
            return {"error": "length_mismatch"}
        self.files[file] = content
        return {}

    def _files_completeUploadExternal(self, given: Json) -> Json:  # noqa: N802 - Slack's name
        files = [{"id": each["id"], "title": each["title"]} for each in given["files"]]
        if any(each["id"] not in self.files for each in files):
            return {"error": "file_not_found"}
        if given["channel_id"] not in self.members:
            return {"error": "channel_not_found"}
        self.write(given["channel_id"], bot_id=BOT, user=BOT_USER, text="", files=files)
        return {"files": files}

    def _conversations_history(self, given: Json) -> Json:
        top = [each for each in self.messages[given["channel"]] if each.get("thread_ts", each["ts"]) == each["ts"]]
        return self._page(reversed(top), given)

    def _conversations_replies(self, given: Json) -> Json:
        ts = given["ts"]
        inside = [each for each in self.messages[given["channel"]] if ts in (each["ts"], each.get("thread_ts"))]
        return self._page(inside, given) if inside else {"error": "thread_not_found"}

    def _page(self, messages: Any, given: Json) -> Json:
        """One page of those since `oldest`, with metadata only for who asks for it."""
        since, start = float(given.get("oldest", 0)), int(given.get("cursor", 0))
        found = [each for each in messages if float(each["ts"]) > since]
        end = start + min(int(given.get("limit", PAGE)), 999)
        shown = found[start:end]
        if given.get("include_all_metadata") not in (True, "true", "1"):
            shown = [{key: value for key, value in each.items() if key != "metadata"} for each in shown]
        more = end < len(found)
        return {"messages": shown, "has_more": more, "response_metadata": {"next_cursor": str(end) if more else ""}}

    def _views_open(self, given: Json) -> Json:
        if not given.get("trigger_id") or str(given["trigger_id"]).startswith("expired"):
            return {"error": "expired_trigger_id"}
        view = {**given["view"], "id": f"V{next(self._numbers)}", "hash": f"h{next(self._numbers)}"}
        self.views[view["id"]] = view
        return {"view": view}

    _views_push = _views_open

    def _views_update(self, given: Json) -> Json:
        if given["view_id"] not in self.views:
            return {"error": "not_found"}
        view = {**given["view"], "id": given["view_id"], "hash": f"h{next(self._numbers)}"}
        self.views[given["view_id"]] = view
        return {"view": view}

    def _views_publish(self, given: Json) -> Json:
        self.homes[given["user_id"]] = given["view"]
        return {"view": {**given["view"], "id": f"V{next(self._numbers)}", "hash": f"h{next(self._numbers)}"}}
