"""Posts on Discord: into a text channel with a thread made from each milestone, into a forum, to one person.

A forum gets one post of its own for every week, and everything else goes into the newest of them. A forum post takes
no nonce: what keeps it from being doubled is that it is sent once, and looked for in all threads before the next try.
"""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any

import discord
from discord.http import Route

from bot.chat.message import Post
from bot.chat.platform import Busy, Draw, Gone, Notebook, Place, Posted, Rejected, Unknown, Unsearchable
from bot.chat.wording import plain, say
from bot.platforms.discord import ids
from bot.platforms.discord.files import NONE, Files, attached, with_files
from bot.platforms.discord.render import render_post
from bot.platforms.discord.rest import Ask, code

log = logging.getLogger(__name__)

PAGE = 100  # messages or threads a page of history
MOST_PAGES = 10
LONGEST_THREAD = 100  # characters of its title
NOT_TOLD = 5  # seconds until a post is tried again whose server the gateway has yet to tell of
UNKNOWN_MESSAGE, THREAD_EXISTS = 10008, 160004
ARCHIVED, LOCKED = 50083, 160005  # what a thread answers that takes no messages and edits: as it is, or for good
_WEEK = say("Week")


Gateway = Callable[[], discord.Client]
"""The client, with what the gateway told it. Raises Busy before it told anything."""


class Posting:
    """Carries posts there, and finds them again."""

    def __init__(self, ask: Ask, notebook: Notebook, draw: Draw, gateway: Gateway) -> None:
        self._ask = ask
        self._notebook = notebook
        self._draw = draw
        self._gateway = gateway
        self._private: dict[str, int] = {}

    async def post(self, place: Place, post: Post) -> Posted:
        """Put the post there, once within Discord's nonce window, and open the thread it asks for."""
        if forum := self._forum(place):
            return await self._post_in_forum(forum, place, post)
        if post.thread is not None and place.thread is None and place.person is None:
            title = plain(post.thread, post.locale)[:LONGEST_THREAD]
            await self._notebook.put(_thread_note(post.key), title)  # so that `find` can open it if we do not get to it
        sent = await self._send(place, post)
        try:
            return await self._posted(place, post.key, sent)
        except Busy as busy:
            raise Unknown(f"the post is there, and its thread is not yet: {busy}") from busy

    async def edit(self, posted: Posted, post: Post) -> None:
        """Change a post in place; an edit notifies nobody."""
        shown, files = await self._drawn(post)
        await self._ask_awake(await self._message("PATCH", posted), posted.place, shown, files)

    async def withdraw(self, posted: Posted) -> None:
        """Take a post back. One that is gone already counts as taken back."""
        try:
            await self._ask_awake(await self._message("DELETE", posted), posted.place)
        except Rejected as refused:
            if code(refused) != UNKNOWN_MESSAGE:
                raise

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """The post with this key among our own messages since then, with the thread that it still lacks.

        Raises Unsearchable beyond a thousand messages, and where Discord shows no history.
        """
        self._check_history(place)
        if forum := self._forum(place):
            async for thread in self._threads(forum, place, since):
                inside = place.model_copy(update={"thread": thread})
                if found := await self._find_in(inside, key, since):
                    if int(found["id"]) <= int(thread):  # the message that the thread began with
                        return await self._opened(place, thread, found)
                    return Posted(place=inside, id=str(found["id"]))
            return None
        found = await self._find_in(place, key, since)
        return await self._posted(place, key, found) if found else None

    # ---- A text channel, a thread, a person -------------------------------------------------------------------------

    async def _send(self, place: Place, post: Post) -> Mapping[str, Any]:
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=await self._channel(place))
        shown, files = await self._drawn(post)
        payload = {**shown, "nonce": ids.nonce(post.key, place), "enforce_nonce": True}
        made: Mapping[str, Any] = await self._ask_awake(route, place, payload, files)
        return made

    async def _drawn(self, post: Post) -> tuple[Mapping[str, Any], Files]:
        """What is sent of the post: the message, with the files that it shows."""
        message, files = await with_files(post.message, post.locale, self._draw)
        payload = render_post(post.model_copy(update={"message": message}))
        return (attached(payload, files) if files else payload), files

    async def _ask_awake(
        self, route: Route, place: Place, payload: Mapping[str, Any] | None = None, files: Files = NONE
    ) -> Any:
        """Ask about a message. A thread that was archived since is opened again, once; a locked one stays closed."""
        try:
            return await self._ask(route, place, payload, files=files)
        except Gone as gone:
            if code(gone) != ARCHIVED:
                raise
        thread = Route("PATCH", "/channels/{channel_id}", channel_id=await self._channel(place))
        await self._ask(thread, place, {"archived": False})
        return await self._ask(route, place, payload, files=files)

    async def _channel(self, place: Place) -> int:
        """Where messages for the place go; for a person it is a channel that Discord opens, the same one every time."""
        if place.person is None:
            return int(place.thread or place.channel)
        if place.person.id not in self._private:
            opened = await self._ask(Route("POST", "/users/@me/channels"), place, {"recipient_id": place.person.id})
            self._private[place.person.id] = int(opened["id"])
        return self._private[place.person.id]

    async def _message(self, method: str, posted: Posted) -> Route:
        channel = await self._channel(posted.place)
        path = "/channels/{channel_id}/messages/{message_id}"
        return Route(method, path, channel_id=channel, message_id=int(posted.id))

    async def _posted(self, place: Place, key: str, message: Mapping[str, Any]) -> Posted:
        """The post that this message is, with its thread, which is opened now if it is still missing.

        A thread made from a message has the message's id, so making it again repairs it and doubles nothing.
        """
        posted = Posted(place=place, id=str(message["id"]))
        note = _thread_note(key)
        title = await self._notebook.get(note)
        if title is None:
            thread = message.get("thread")
            return posted if thread is None else posted.model_copy(update={"thread": str(thread["id"])})
        route = Route(
            "POST", "/channels/{channel_id}/messages/{message_id}/threads",
            channel_id=int(place.channel), message_id=int(posted.id),
        )  # fmt: skip
        try:
            await self._ask(route, place, {"name": title})
        except (Rejected, Gone) as refused:
            if code(refused) != THREAD_EXISTS:
                log.warning("%s: no thread could be opened: %s", place.mention().name, refused)
                await self._notebook.delete(note)
                return posted.model_copy(update={"trouble": str(refused)})
        await self._notebook.delete(note)
        return posted.model_copy(update={"thread": posted.id})

    async def _find_in(self, place: Place, key: str, since: datetime) -> Mapping[str, Any] | None:
        channel, after = await self._channel(place), discord.utils.time_snowflake(since)
        for _ in range(MOST_PAGES):
            route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
            page = await self._ask(route, place, params={"limit": PAGE, "after": after})
            for each in page:
                if ids.carries(each, key) and self._is_ours(each):
                    found: Mapping[str, Any] = each
                    return found
            if len(page) < PAGE:
                return None
            after = max(int(each["id"]) for each in page)
        raise Unsearchable(f"{place.mention().name} has had more than {MOST_PAGES * PAGE} messages since {since}")

    def _is_ours(self, message: Mapping[str, Any]) -> bool:
        me = self._gateway().user
        return me is not None and message["author"]["id"] == str(me.id)

    def _check_history(self, place: Place) -> None:
        channel = self._told(place)
        if isinstance(channel, discord.abc.GuildChannel):
            may = channel.permissions_for(channel.guild.me)
            if may.view_channel and not may.read_message_history:
                raise Unsearchable(f"Milepost may not read what is in #{channel}; allow it Read Message History")

    def _told(self, place: Place) -> object | None:
        """The place's channel as the gateway told of it; None for a person, and for a channel that was deleted.

        Raises Busy while the gateway has yet to tell: it may be a forum, or a channel that hides its history.
        """
        if place.person is not None:
            return None
        gateway = self._gateway()
        channel = gateway.get_channel(int(place.channel))
        guild = None if channel else gateway.get_guild(int(place.community))
        if guild is not None and guild.unavailable:
            raise Busy(NOT_TOLD, "route")
        return channel

    # ---- A forum ----------------------------------------------------------------------------------------------------

    def _forum(self, place: Place) -> discord.ForumChannel | None:
        """The forum that the place is; None if it is a channel, a thread or a person."""
        channel = None if place.thread else self._told(place)
        return channel if isinstance(channel, discord.ForumChannel) else None

    async def _post_in_forum(self, forum: discord.ForumChannel, place: Place, post: Post) -> Posted:
        """A milestone opens a post of its own, and so does what finds none there to go into."""
        newest = await self._notebook.get(_newest_note(place))
        if post.thread is None and newest is not None:
            inside = place.model_copy(update={"thread": newest})
            try:
                return Posted(place=inside, id=str((await self._send(inside, post))["id"]))
            except Gone as gone:  # that post alone is lost: were it the forum, it would not take another one either
                log.warning("%s: another post is opened, since the newest is lost: %s", place.mention().name, gone)
        title = plain(post.thread or post.message.title or say("Announcement"), post.locale)
        first, files = await self._drawn(post)
        payload = {"name": title[:LONGEST_THREAD], "message": first, "applied_tags": _tags(forum, post)}
        route = Route("POST", "/channels/{channel_id}/threads", channel_id=forum.id)
        made = await self._ask(route, place, payload, files=files)
        return await self._opened(place, str(made["id"]), made["message"])

    async def _opened(self, forum: Place, thread: str, first: Mapping[str, Any]) -> Posted:
        """A post of the forum, which is a thread with a first message. What follows goes into it."""
        await self._notebook.put(_newest_note(forum), thread)
        return Posted(place=forum.model_copy(update={"thread": thread}), id=str(first["id"]), thread=thread)

    async def _threads(self, forum: discord.ForumChannel, place: Place, since: datetime) -> AsyncIterator[str]:
        """The forum's posts in which something was written since then, archived ones too."""
        after = discord.utils.time_snowflake(since)
        active = await self._ask(Route("GET", "/guilds/{guild_id}/threads/active", guild_id=forum.guild.id), place)
        for each in active["threads"]:
            if each["parent_id"] == str(forum.id) and int(each.get("last_message_id") or each["id"]) >= after:
                yield str(each["id"])
        asked: dict[str, Any] = {"limit": PAGE}
        for _ in range(MOST_PAGES):
            path = "/channels/{channel_id}/threads/archived/public"
            page = await self._ask(Route("GET", path, channel_id=forum.id), place, params=asked)
            for each in page["threads"]:
                if int(each.get("last_message_id") or each["id"]) >= after:
                    yield str(each["id"])
            archived = [each["thread_metadata"]["archive_timestamp"] for each in page["threads"]]
            if not page["has_more"] or datetime.fromisoformat(archived[-1]) < since:
                return
            asked["before"] = archived[-1]
        raise Unsearchable(f"{place.mention().name} has had more than {MOST_PAGES * PAGE} archived posts since {since}")


def _tags(forum: discord.ForumChannel, post: Post) -> list[str]:
    """For a week, the tag that is called so; where the forum asks for a tag, the first one that we may give."""
    ours = [each for each in forum.available_tags if not each.moderated]
    names = {plain(_WEEK, "en").casefold(), plain(_WEEK, post.locale).casefold()}
    weekly = [each for each in ours if each.name.casefold() in names] if post.thread is not None else []
    chosen = weekly or (ours if forum.flags.require_tag else [])
    return [str(each.id) for each in chosen[:1]]


def _thread_note(key: str) -> str:
    """Where the title of a post's thread is noted until the thread is there."""
    return f"thread:{key}"


def _newest_note(forum: Place) -> str:
    """Where the newest post of a forum is noted."""
    return f"newest:{forum.channel}"
