"""Discord as a platform: connects, hears interactions, answers them within the deadline, carries posts.

Interactions are answered in one response: discord.py repeats follow-ups on a 5xx, and they carry no nonce, so a lost
answer would be said twice. Buttons and forms hold their whole state in their ids; nothing is kept in views.
"""

import asyncio
import logging
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
STALE = 300  # seconds without a connection after which a fresh one is made
NOT_YET = 5  # seconds until a post is tried again that came before the connection
FIRST_PAUSE, LONGEST_PAUSE = 1, 90  # seconds between attempts; Discord allows a thousand fresh connections a day
AWAY = 600  # seconds to leave Discord alone when it shuts the door on all of us
DRAIN, CLOSE = 6, 2  # seconds that answers in flight get at the end, and the connection after them
PAGE = 100  # messages a page of history
MOST_PAGES = 10
LONGEST_THREAD = 100  # characters of its title
BAD_TOKEN = 4004  # the gateway's word for it
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, TOO_FAST, THREAD_EXISTS = 10003, 10008, 40003, 160004
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
        self.answering = Answering(self, desk, platform.notebook, platform.clock)
        self._platform = platform
        self._desk = desk
        self._deaf_since: float | None = platform.clock.monotonic()

    @property
    def deaf_for(self) -> float:
        """Seconds without a session at the gateway; 0 while there is one."""
        return 0 if self._deaf_since is None else self._platform.clock.monotonic() - self._deaf_since

    async def setup_hook(self) -> None:
        """Declare the commands, if they changed since the last time."""
        await self._platform.declare_commands(self, self._desk)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Hear one interaction; discord.py gives each a task of its own."""
        await self.answering.answer(interaction)

    async def on_connect(self) -> None:
        """A fresh session began."""
        self._deaf_since = None

    async def on_resumed(self) -> None:
        """The session goes on."""
        self._deaf_since = None

    async def on_disconnect(self) -> None:
        """The connection was lost, or another attempt to have it back failed."""
        if self._deaf_since is None:
            self._deaf_since = self._platform.clock.monotonic()

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what a listener raised; there is nobody left to tell."""
        log.exception("%s failed", event_method)


class Discord:
    """A `Platform`. Build it, run it; a post that comes before the connection is told to come again.

    `patience` is how many seconds the gateway may be away before a fresh connection is made: discord.py 2.7 may try to
    resume a dead session for ever and never identify afresh.
    """

    name = NAME
    projects: frozenset[Projected] = frozenset({"members", "calendar"})

    def __init__(self, token: str, notebook: Notebook, clock: Clock, *, patience: float = STALE) -> None:
        self.notebook = notebook
        self.clock = clock
        self._token = token
        self._patience = patience
        self._client: _Client | None = None
        self._is_connected = False

    async def run(self, desk: Desk) -> None:
        """Connect and answer until cancelled. Raises StartFailure, one clear line, for a token that is refused.

        When Discord cannot be reached, it is tried again and again, ever more slowly.
        """
        pause = FIRST_PAUSE
        while True:
            try:
                await self._session(desk)
                pause = FIRST_PAUSE
            except discord.LoginFailure as error:
                raise _refused_token() from error
            except discord.PrivilegedIntentsRequired as error:
                raise StartFailure(
                    "Discord asks for privileged intents that Milepost does not need; check the application's Bot page."
                ) from error
            except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                if isinstance(error, discord.ConnectionClosed) and error.code == BAD_TOKEN:
                    raise _refused_token() from error
                log.warning("Discord cannot be reached (%r); trying again in %d s", error, pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _session(self, desk: Desk) -> None:
        """One client, from login to its end; returns when it has been deaf for too long."""
        client = self.client(desk)
        started = asyncio.create_task(client.start(self._token))
        try:
            while not started.done():
                await asyncio.wait({started}, timeout=self._patience / 10)
                if client.deaf_for >= self._patience:
                    log.warning("no session at Discord's gateway for %.0f s; connecting afresh", client.deaf_for)
                    return
            started.result()
        finally:
            started.cancel()
            await asyncio.wait({started})  # nothing more is heard from here on
            self._is_connected = False
            await client.answering.drain(DRAIN)
            try:
                async with asyncio.timeout(CLOSE):
                    await client.close()
            except TimeoutError:
                log.warning("Discord did not say goodbye within %d s", CLOSE)

    def client(self, desk: Desk) -> _Client:
        """The client through which posts go from now on, not started yet."""
        self._client = _Client(self, desk)
        return self._client

    async def declare_commands(self, client: discord.Client, desk: Desk) -> None:
        """Replace the application's commands by the registry's, unless they are the same as the last time.

        The list that Discord has is looked at too: another program with this token may have overwritten it.
        """
        payload = declare(desk.commands.values())
        application, path = client.application_id, "/applications/{application_id}/commands"
        wanted = mark(application, payload)
        known = await client.http.request(Route("GET", path, application_id=application))
        if paths(known) != paths(payload) or await self.notebook.get(SYNCED) != wanted:
            try:
                await client.http.request(Route("PUT", path, application_id=application), json=payload)
            except discord.HTTPException as refused:
                if refused.status >= 500:
                    raise
                log.error("Discord does not take the commands, so those it has stay: %s", refused)
            else:
                await self.notebook.put(SYNCED, wanted)
                log.info("declared %d commands to Discord", len(payload))
        self._is_connected = True

    async def post(self, place: Place, post: Post) -> Posted:
        """Put the post there, once within Discord's nonce window, and open the thread it asks for."""
        if post.thread is not None and place.thread is None:
            title = plain(post.thread, post.locale)[:LONGEST_THREAD]
            await self.notebook.put(_thread_note(post.key), title)  # so that `find` can open it if we do not get to it
        payload = {**render_post(post), "nonce": ids.nonce(post.key, place), "enforce_nonce": True}
        channel = int(place.thread or place.channel)
        made = await self._request(Route("POST", "/channels/{channel_id}/messages", channel_id=channel), place, payload)
        return await self._posted(place, post.key, made)

    async def _posted(self, place: Place, key: str, message: Mapping[str, Any]) -> Posted:
        """The post that this message is, with its thread, which is opened now if it is still missing.

        A thread made from a message has the message's id, so making it again repairs it and doubles nothing.
        """
        posted = Posted(place=place, id=str(message["id"]))
        note = _thread_note(key)
        title = await self.notebook.get(note)
        if title is None:
            thread = message.get("thread")
            return posted if thread is None else posted.model_copy(update={"thread": str(thread["id"])})
        route = Route(
            "POST", "/channels/{channel_id}/messages/{message_id}/threads",
            channel_id=int(place.channel), message_id=int(posted.id),
        )  # fmt: skip
        try:
            await self._request(route, place, {"name": title})
        except Busy as busy:
            raise Unknown(f"the post is there, and its thread is not yet: {busy}") from busy
        except (Rejected, Gone) as refused:
            if _code(refused) != THREAD_EXISTS:
                log.warning("%s: no thread could be opened: %s", place.mention().name, refused)
                await self.notebook.delete(note)
                return posted
        await self.notebook.delete(note)
        return posted.model_copy(update={"thread": posted.id})

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
        except Rejected as refused:
            if _code(refused) != UNKNOWN_MESSAGE:
                raise

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """The post with this key among our own messages since then, with the thread that it still lacks.

        Raises Unknown beyond a thousand messages, and where the history may not be read: Discord shows an empty one.
        """
        self._check_history(place)
        channel = int(place.thread or place.channel)
        after = discord.utils.time_snowflake(since)
        for _ in range(MOST_PAGES):
            route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
            page = await self._request(route, place, params={"limit": PAGE, "after": after})
            for each in page:
                if ids.carries(each, key):
                    return await self._posted(place, key, each)
            if len(page) < PAGE:
                return None
            after = max(int(each["id"]) for each in page)
        raise Unknown(f"{place.mention().name} has had more than {MOST_PAGES * PAGE} messages since {since}")

    def _check_history(self, place: Place) -> None:
        channel = self._client.get_channel(int(place.channel)) if self._client else None
        if isinstance(channel, discord.abc.GuildChannel):
            may = channel.permissions_for(channel.guild.me)
            if may.view_channel and not may.read_message_history:
                raise Unknown(f"Milepost may not read what was posted in #{channel}; allow it Read Message History")

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
        client = self._client
        if client is None or client.is_closed() or not self._is_connected:
            raise Busy(NOT_YET, "platform")
        try:
            if payload is not None:
                more["json"] = payload
            return await client.http.request(route, **more)
        except discord.RateLimited as limited:
            raise Busy(limited.retry_after, "route") from limited
        except discord.HTTPException as error:
            raise _failure(error, place) from error
        except aiohttp.ClientConnectorError as error:
            raise Busy(NOT_YET, "platform") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unknown(f"the answer was lost ({type(error).__name__})") from error


def _failure(error: discord.HTTPException, place: Place) -> Failure:
    """What an answer of Discord's means for the post. An error without a code comes from the door, not from Discord."""
    where = place.name or place.channel
    if error.status >= 500:
        return Unknown(f"Discord answered {error.status}")
    if error.code == TOO_FAST:
        return Busy(AWAY, "lane")
    if error.status in (401, 429) or (error.status == 403 and not error.code):
        return Busy(AWAY, "platform")
    if error.status == 403:
        return Gone(f"Discord does not let Milepost post to {where}: {error.text} (code {error.code})")
    if error.code == UNKNOWN_CHANNEL:
        return Gone(f"{where} is not there any more (code {error.code})")
    return Rejected(f"Discord refuses the message: {error.text} (code {error.code})")


def _code(failure: Failure) -> int | None:
    """The number that Discord gives its error."""
    return getattr(failure.__cause__, "code", None)


def _thread_note(key: str) -> str:
    """Where the title of a post's thread is noted until the thread is there."""
    return f"thread:{key}"


def _refused_token() -> StartFailure:
    return StartFailure("DISCORD_TOKEN: Discord refuses it. Copy the token anew from your application's Bot page.")
