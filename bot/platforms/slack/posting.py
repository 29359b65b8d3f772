"""Posts on Slack: into a channel, into a thread, to one person; and how they are found again.

Slack knows no key that keeps a message from being said twice. So every post carries its key in its metadata, which the
history gives back, and is looked for there before it is tried again.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from bot.chat.message import Post
from bot.chat.platform import Clock, Deleted, Gone, Place, Posted, Unsearchable
from bot.platforms.slack.client import Web, code
from bot.platforms.slack.people import user_of
from bot.platforms.slack.render import POST, render_post

PAGE = 200  # messages a page of history; Slack asks for no more
MOST_MESSAGES = 1000
BETWEEN_POSTS = 1.0  # seconds, in one channel: what chat.postMessage takes (docs.slack.dev/apis/web-api/rate-limits)
# In the whole workspace there is a limit, too, which Slack does not tell; a vendor names 525 a minute
# (help.moveworks.com, "Slack rate limits").
BETWEEN_ANY = 60 / 500
EVERYWHERE = ""  # in the place of a channel
OPENS = "opens_thread"  # in a post's metadata: what follows goes into its thread


class Posting:
    """Carries posts there, and finds them again. `bot` is the id under which Slack shows what we posted."""

    def __init__(self, web: Web, clock: Clock, bot: str, command: str) -> None:
        self._web = web
        self._clock = clock
        self._bot = bot
        self._command = command
        self._private: dict[str, str] = {}
        self._free_at: dict[str, float] = {}  # by channel, on the monotonic clock

    async def post(self, place: Place, post: Post) -> Posted:
        """Put the post there. What talks about a milestone goes into the thread below it, and not to the channel."""
        opens = post.thread is not None and place.thread is None and place.person is None
        inside = {"thread_ts": place.thread} if place.thread else {}
        channel = await self._channel(place)
        await self._turn(channel)
        made = await self._web.call("chat.postMessage", place, channel=channel, **self._drawn(post, opens), **inside)
        return _posted(place, made["ts"], opens)

    async def edit(self, posted: Posted, post: Post) -> None:
        """Change a post in place; an edit notifies nobody."""
        drawn = self._drawn(post, posted.thread is not None)
        shown = {name: drawn[name] for name in ("text", "blocks", "metadata")}
        channel = await self._channel(posted.place)
        await self._web.call("chat.update", posted.place, channel=channel, ts=posted.id, **shown)

    async def withdraw(self, posted: Posted) -> None:
        """Take a post back. One that is gone already counts as taken back."""
        try:
            await self._web.call("chat.delete", posted.place, channel=await self._channel(posted.place), ts=posted.id)
        except Deleted:
            return

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """The post with this key among our own messages since then, with the thread that it opened.

        Raises Unsearchable beyond a thousand messages, and where the history may not be read.
        """
        try:
            async for message in self._ours(place, since):
                metadata = message.get("metadata", {})
                payload = metadata.get("event_payload", {})
                if metadata.get("event_type") == POST and payload.get("key") == key:
                    return _posted(place, message["ts"], bool(payload.get(OPENS)))
        except Gone as gone:
            if code(gone) != "missing_scope":
                raise
            raise Unsearchable(str(gone)) from gone
        return None

    async def members(self, place: Place) -> int:
        """How many people are in the channel: docs.slack.dev/reference/methods/conversations.info."""
        told = await self._web.call("conversations.info", place, channel=place.channel, include_num_members=True)
        return int(told["channel"]["num_members"])

    async def is_private(self, place: Place) -> bool:
        """Whether the channel is a private one: docs.slack.dev/reference/objects/conversation-object."""
        told = await self._web.call("conversations.info", place, channel=place.channel)
        return bool(told["channel"].get("is_private"))

    def forget(self, user: str) -> None:
        """Ask anew where to write to the person, the next time."""
        self._private.pop(user, None)

    def _drawn(self, post: Post, opens: bool) -> dict[str, Any]:
        drawn = render_post(post, self._command)
        drawn["metadata"]["event_payload"][OPENS] = opens
        return drawn

    async def _ours(self, place: Place, since: datetime) -> AsyncIterator[Mapping[str, Any]]:
        """What we posted there since then, page after page."""
        method = "conversations.replies" if place.thread else "conversations.history"
        asked: dict[str, Any] = {
            "channel": await self._channel(place), "oldest": f"{since.timestamp():.6f}", "limit": PAGE,
            "include_all_metadata": True, **({"ts": place.thread} if place.thread else {}),
        }  # fmt: skip
        seen = 0
        while True:
            page = await self._web.call(method, place, **asked)
            for message in page["messages"]:
                if message.get("bot_id") == self._bot:
                    yield message
            if not page.get("has_more"):
                return
            seen += len(page["messages"])
            if seen >= MOST_MESSAGES:
                raise Unsearchable(f"{place.mention().name} has had more than {MOST_MESSAGES} messages since {since}")
            asked["cursor"] = page["response_metadata"]["next_cursor"]

    async def _channel(self, place: Place) -> str:
        """Where messages for the place go; for a person it is a channel that Slack opens, the same one every time."""
        if place.person is None:
            return place.channel
        user = user_of(place.person)
        if user not in self._private:
            opened = await self._web.call("conversations.open", place, users=user)
            self._private[user] = opened["channel"]["id"]
        return self._private[user]

    async def _turn(self, channel: str) -> None:
        """Wait until the channel, and the workspace, may be posted to again, and take the turn."""
        now = self._clock.monotonic()
        self._free_at = {each: at for each, at in self._free_at.items() if at > now}
        turn = max(self._free_at.get(each, now) for each in (channel, EVERYWHERE))
        self._free_at |= {channel: turn + BETWEEN_POSTS, EVERYWHERE: turn + BETWEEN_ANY}
        if turn > now:
            await self._clock.sleep(turn - now)


def _posted(place: Place, ts: str, opens: bool) -> Posted:
    """A message is its own thread: what answers it is below it."""
    return Posted(place=place, id=ts, thread=ts if opens else None)
