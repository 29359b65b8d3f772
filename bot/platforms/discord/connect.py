"""Discord as a platform: connects, hears interactions, answers them within the deadline, carries posts.

Interactions are answered in one response: discord.py repeats follow-ups on a 5xx, and they carry no nonce, so a lost
answer would be said twice. Buttons and forms hold their whole state in their ids; nothing is kept in views.
"""

import asyncio
import logging
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.chat.desk import Desk
from bot.chat.message import Post
from bot.chat.platform import (
    Busy,
    Calendar,
    Clock,
    CohortMembers,
    Failure,
    Gone,
    Notebook,
    Place,
    Posted,
    Projected,
    Rejected,
    StartFailure,
    Unknown,
)
from bot.chat.wording import plain
from bot.platforms.discord import ids
from bot.platforms.discord.answer import Answering
from bot.platforms.discord.declare import declare, mark, paths
from bot.platforms.discord.project import show_calendar, show_members
from bot.platforms.discord.read import NAME
from bot.platforms.discord.render import render_post

log = logging.getLogger(__name__)

SYNCED = "commands"
WATCH = 30  # seconds between looks at the connection
STALE = 300  # seconds without a heartbeat that was answered, after which a fresh connection is made
DRAIN = 8  # seconds that answers in flight get at the end
PAGE = 100  # messages a page of history
MOST_PAGES = 10
THREAD_EXISTS = 160004
CLOSED_DM, TOO_FAST = 50007, 40003
INTENTS = discord.Intents(guilds=True, guild_scheduled_events=True)


class _Client(discord.Client):
    """The SDK's client, small: no privileged intents, no caches of members or messages, no ping by accident."""

    def __init__(self, platform: "Discord", desk: Desk) -> None:
        super().__init__(
            intents=INTENTS,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=60,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.answering = Answering(self.http, desk, platform.notebook)
        self._platform = platform
        self._desk = desk

    async def setup_hook(self) -> None:
        """Declare the commands, if they changed since the last time."""
        await self._platform.declare_commands(self, self._desk)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Hear one interaction; discord.py gives each a task of its own."""
        await self.answering.answer(interaction)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what a listener raised; there is nobody left to tell."""
        log.exception("%s failed", event_method)


class Discord:
    """A `Platform`. Build it, run it; posts wait until it is connected."""

    name = NAME
    projects: frozenset[Projected] = frozenset({"members", "calendar"})

    def __init__(self, token: str, notebook: Notebook) -> None:
        self.notebook = notebook
        self._token = token
        self._client: _Client | None = None
        self._connected = asyncio.Event()

    async def run(self, desk: Desk) -> None:
        """Connect and answer until cancelled. Raises StartFailure, one clear line, for a token that is refused."""
        while True:
            client = self._client = _Client(self, desk)
            watch = asyncio.create_task(self._watch(client))
            try:
                async with client:
                    await client.start(self._token)
                log.warning("the connection to Discord was stale; connecting afresh")
            except discord.LoginFailure as error:
                raise StartFailure(
                    "DISCORD_TOKEN: Discord refuses it. Copy the token anew from your application's Bot page."
                ) from error
            except discord.PrivilegedIntentsRequired as error:
                raise StartFailure(
                    "Discord asks for privileged intents that Milepost does not need; check the application's Bot page."
                ) from error
            finally:
                watch.cancel()
                self._connected.clear()
                await client.answering.drain(DRAIN)

    async def declare_commands(self, client: discord.Client, desk: Desk) -> None:
        """Replace the application's commands by the registry's, unless they are the same as the last time.

        The list that Discord has is looked at too: another program with this token may have overwritten it.
        """
        payload = declare(desk.commands.values())
        application, path = client.application_id, "/applications/{application_id}/commands"
        wanted = mark(application, payload)
        known = await client.http.request(Route("GET", path, application_id=application))
        if paths(known) != paths(payload) or await self.notebook.get(SYNCED) != wanted:
            await client.http.request(Route("PUT", path, application_id=application), json=payload)
            await self.notebook.put(SYNCED, wanted)
            log.info("declared %d commands to Discord", len(payload))
        self._connected.set()

    async def _watch(self, client: discord.Client) -> None:
        """Close a client that has gone deaf: discord.py 2.7 may retry a resume for ever and never identify afresh."""
        deaf = 0.0
        while True:
            await asyncio.sleep(WATCH)
            is_alive = client.is_ready() and math.isfinite(client.latency) and client.latency < STALE
            deaf = 0.0 if is_alive else deaf + WATCH
            if deaf >= STALE:
                await client.close()
                return

    async def post(self, place: Place, post: Post) -> Posted:
        """Put the post there, once within Discord's nonce window, and open the thread it asks for."""
        payload = {**render_post(post), "nonce": ids.nonce(post.key, place), "enforce_nonce": True}
        channel = int(place.thread or place.channel)
        made = await self._request(Route("POST", "/channels/{channel_id}/messages", channel_id=channel), place, payload)
        thread = None
        if post.thread is not None and place.thread is None:
            thread = await self._open_thread(place, int(made["id"]), plain(post.thread, post.locale))
        return Posted(place=place, id=str(made["id"]), thread=thread)

    async def _open_thread(self, place: Place, message: int, title: str) -> str:
        """A thread made from a message has the message's id, so making it again repairs it and doubles nothing."""
        route = Route(
            "POST", "/channels/{channel_id}/messages/{message_id}/threads",
            channel_id=int(place.channel), message_id=message,
        )  # fmt: skip
        try:
            await self._request(route, place, {"name": title[:100]})
        except Rejected as refused:
            if getattr(refused.__cause__, "code", None) != THREAD_EXISTS:
                raise
        except Gone as refused:
            log.warning("%s: no thread could be opened: %s", place.mention().name, refused)
        return str(message)

    async def edit(self, posted: Posted, post: Post) -> None:
        """Change a post in place; an edit notifies nobody."""
        channel = int(posted.place.thread or posted.place.channel)
        route = Route(
            "PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=channel, message_id=int(posted.id)
        )
        await self._request(route, posted.place, render_post(post))

    async def withdraw(self, posted: Posted) -> None:
        """Take a post back. One that is gone already counts as taken back."""
        channel = int(posted.place.thread or posted.place.channel)
        route = Route(
            "DELETE", "/channels/{channel_id}/messages/{message_id}", channel_id=channel, message_id=int(posted.id)
        )
        try:
            await self._request(route, posted.place)
        except Gone as gone:
            if getattr(gone.__cause__, "code", None) != 10008:  # Unknown Message
                raise

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """The post with this key among our own messages since then. Raises Unknown beyond a thousand messages."""
        channel = int(place.thread or place.channel)
        after = discord.utils.time_snowflake(since)
        for _ in range(MOST_PAGES):
            route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
            page = await self._request(route, place, params={"limit": PAGE, "after": after})
            for each in page:
                if ids.carries(each, key):
                    thread = each.get("thread")
                    return Posted(place=place, id=str(each["id"]), thread=str(thread["id"]) if thread else None)
            if len(page) < PAGE:
                return None
            after = max(int(each["id"]) for each in page)
        raise Unknown(f"{place.mention().name} has had more than {MOST_PAGES * PAGE} messages since {since}")

    async def project(self, state: CohortMembers | Calendar) -> None:
        """Show a cohort's members as a role, or its calendar as scheduled events."""
        me = self._client.user if self._client else None
        if me is None:
            raise Busy(NOT_YET, "platform")
        match state:
            case CohortMembers():
                await show_members(self._request, self.notebook, str(me.id), state)
            case Calendar():
                await show_calendar(self._request, str(me.id), state)

    async def _request(self, route: Route, place: Place, payload: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """One request, with what went wrong told as one of the four failures."""
        await self._connected.wait()
        client = self._client
        if client is None or client.is_closed():
            raise Busy(WATCH, "platform")
        try:
            if payload is not None:
                more["json"] = payload
            return await client.http.request(route, **more)
        except discord.RateLimited as limited:
            raise Busy(limited.retry_after, "route") from limited
        except discord.HTTPException as error:
            raise _failure(error, place) from error
        except aiohttp.ClientConnectorError as error:
            raise Busy(WATCH, "platform") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unknown(f"the answer was lost ({type(error).__name__})") from error


def _failure(error: discord.HTTPException, place: Place) -> Failure:
    where = place.name or place.channel
    if error.code == TOO_FAST:
        return Busy(600, "lane")
    if error.status == 403:
        return Gone(f"Discord does not let Milepost post to {where}: {error.text} (code {error.code})")
    if error.status == 404:
        return Gone(f"{where} is not there any more (code {error.code})")
    if error.status == 429:
        return Busy(600, "platform")  # without a body of its own it is a ban at the door: stay away for a while
    if error.status >= 500:
        return Unknown(f"Discord answered {error.status}")
    return Rejected(f"Discord refuses the message: {error.text} (code {error.code})")
