"""Discord as a platform: connects, hears interactions, answers them within the deadline, carries posts.

Interactions are answered in one response: discord.py repeats follow-ups on a 5xx, and they carry no nonce, so a lost
answer would be said twice. Buttons and forms hold their whole state in their ids; nothing is kept in views.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.chat.desk import Desk
from bot.chat.message import Post
from bot.chat.platform import (
    Busy,
    Clock,
    Closed,
    Draw,
    Failure,
    Gone,
    Notebook,
    Person,
    Place,
    Posted,
    Refusal,
    Rejected,
    StartFailure,
    Unknown,
)
from bot.chat.projection import Calendar, CohortMembers, Projected
from bot.chat.wording import Phrase, plain
from bot.platforms.discord.client import Asking, Hearing, Knowing
from bot.platforms.discord.declare import declare, mark, paths
from bot.platforms.discord.files import NONE, Files
from bot.platforms.discord.permissions import Where, missing, unheard
from bot.platforms.discord.posting import ARCHIVED, LOCKED, Posting
from bot.platforms.discord.project import show_calendar, show_members
from bot.platforms.discord.read import NAME, is_private
from bot.platforms.discord.render import losses
from bot.platforms.discord.rest import Rest

log = logging.getLogger(__name__)

SYNCED = "commands"
STALE = 300  # seconds without a connection after which a fresh one is made
NOT_YET = 5  # seconds until a post is tried again that came before the connection
FIRST_PAUSE, LONGEST_PAUSE = 1, 90  # seconds between attempts; Discord allows a thousand fresh connections a day
AWAY = 600  # seconds to leave Discord alone when it shuts the door on all of us
NOT_TEXT_FOR = 60  # seconds until a post is tried again that went to a forum as if to a text channel
DRAIN, CLOSE = 6, 2  # seconds that answers in flight get at the end, and the connection after them
BAD_TOKEN = 4004  # the gateway's word for it
# Somebody who takes no direct messages, or shares no server with the bot any more: error codes, "Opcodes and Status
# Codes" in Discord's documentation.
CLOSED = frozenset({50007, 50278})
TOO_FAST = 40003  # too many direct messages to people who had none of ours before
UNKNOWN_CHANNEL, NOT_TEXT = 10003, 50008


class Discord:
    """A `Platform`. Build it, run it; a post that comes before the connection is told to come again.

    `patience` is how many seconds the gateway may be away before a fresh connection is made: discord.py 2.7 may try to
    resume a dead session for ever and never identify afresh.
    """

    name = NAME
    projects: frozenset[Projected] = frozenset({"members", "calendar"})

    def __init__(self, token: str, notebook: Notebook, clock: Clock, draw: Draw, *, patience: float = STALE) -> None:
        self.notebook = notebook
        self.clock = clock
        self.draw = draw
        self._token = token
        self._patience = patience
        self._client: Knowing | None = None
        self.rest = Rest(token, clock)
        self._posting = Posting(self._request, notebook, draw, self._open_client)

    @property
    def connected(self) -> bool:
        """Whether there is a session at the gateway now."""
        return self._client is not None and self._client.is_open and self._client.deaf_for == 0

    async def run(self, desk: Desk) -> None:
        """Connect and answer until cancelled. Raises StartFailure, one clear line, for a token that is refused.

        When Discord cannot be reached, it is tried again and again, ever more slowly.
        """
        try:
            await self._sessions(lambda: self._session(desk))
        finally:
            await self.rest.close()

    async def carry(self) -> None:
        """Carry posts until cancelled, and hear nobody: without the gateway. Raises as `run` does."""
        try:
            await self._sessions(self._carrying)
        finally:
            await self.rest.close()

    async def _carrying(self) -> None:
        self._client = client = Asking(self.rest, self.clock)
        try:
            await client.enter()
            await asyncio.get_running_loop().create_future()
        finally:
            client.is_open = False
            await client.close()

    async def _sessions(self, session: Callable[[], Awaitable[None]]) -> None:
        pause = FIRST_PAUSE
        while True:
            began_at = self.clock.monotonic()
            try:
                await session()
                pause = FIRST_PAUSE
            except discord.LoginFailure as error:
                raise _refused_token() from error
            except discord.PrivilegedIntentsRequired as error:
                raise StartFailure(
                    "Discord asks for privileged intents that Milepost does not need; check the application's Bot page."
                ) from error
            except (discord.DiscordException, aiohttp.ClientError, OSError, Failure) as error:
                if isinstance(error, discord.ConnectionClosed) and error.code == BAD_TOKEN:
                    raise _refused_token() from error
                if self.clock.monotonic() - began_at > LONGEST_PAUSE:
                    pause = FIRST_PAUSE
                log.warning("Discord cannot be reached (%s); trying again in %d s", str(error) or repr(error), pause)
                await self.clock.sleep(pause)
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
            client.is_open = False
            await client.answering.drain(DRAIN)
            try:
                async with asyncio.timeout(CLOSE):
                    await client.close()
            except TimeoutError:
                log.warning("Discord did not say goodbye within %d s", CLOSE)

    def client(self, desk: Desk) -> Hearing:
        """The client through which posts go from now on, not started yet."""
        self._client = client = Hearing(self, desk)
        return client

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
                log.info("declared %d commands to Discord", len(payload))
                try:
                    await self.notebook.put(SYNCED, wanted)
                except Refusal as unsaved:
                    log.warning("the next start declares them again: %s", unsaved)

    async def post(self, place: Place, post: Post) -> Posted:
        """Put the post there, once within Discord's nonce window, and open the thread it asks for."""
        await self._learn(place)
        return await self._posting.post(place, post)

    async def edit(self, posted: Posted, post: Post) -> None:
        """Change a post in place; an edit notifies nobody."""
        await self._posting.edit(posted, post)

    async def withdraw(self, posted: Posted) -> None:
        """Take a post back. One that is gone already counts as taken back."""
        await self._posting.withdraw(posted)

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """The post with this key among our own messages since then, with the thread that it still lacks.

        Raises Unsearchable beyond a thousand messages, and where Discord shows no history.
        """
        await self._learn(place)
        return await self._posting.find(place, key, since)

    def check(self, place: Place, post: Post) -> Sequence[Phrase]:
        """What would be shortened, and whom Milepost may not notify there as far as the gateway told."""
        client = self._client
        channel = None if client is None else client.get_channel(int(place.channel))
        return [*losses(post), *(unheard(channel, post) if isinstance(channel, discord.abc.GuildChannel) else ())]

    async def audience(self, places: Sequence[Place]) -> int:
        """All members of the servers. Raises Busy before the gateway told how many they are."""
        client = self._open_client()
        guilds = [client.get_guild(int(each)) for each in {each.community for each in places}]
        if any(each is None or each.member_count is None for each in guilds):
            raise Busy(NOT_YET, "platform")
        return sum(each.member_count or 0 for each in guilds if each is not None)

    async def is_private(self, place: Place) -> bool | None:
        """Whether the channel hides itself from the server's members at large, as the gateway last told."""
        await self._learn(place)
        channel = self._open_client().get_channel(int(place.channel))
        return None if channel is None else is_private(channel)

    async def forget(self, person: Person) -> None:
        """Of nobody anything is remembered here for longer than a double click takes."""

    async def project(self, state: CohortMembers | Calendar) -> None:
        """Show a cohort's members as a role, or its calendar as scheduled events."""
        me = self._open_client().user
        if me is None:
            raise Busy(NOT_YET, "platform")
        match state:
            case CohortMembers():
                await show_members(self._request, self.notebook, str(me.id), state)
            case Calendar():
                await show_calendar(self._request, str(me.id), state)

    async def _learn(self, place: Place) -> None:
        client = self._open_client()
        with _told(client, place):
            await client.learn(place)

    def _open_client(self) -> Knowing:
        """The client, once the gateway has told it which servers there are. Raises Busy before that."""
        if self._client is None or not self._client.is_open or self._client.is_closed():
            raise Busy(NOT_YET, "platform")
        return self._client

    async def _request(
        self, route: Route, place: Place, payload: Mapping[str, Any] | None = None,
        *, params: Mapping[str, Any] | None = None, files: Files = NONE,
    ) -> Any:  # fmt: skip
        """One request, sent once, with what went wrong told as one of the four failures."""
        with _told(self._open_client(), place):
            return await self.rest.ask(route, payload, params, files)


@contextlib.contextmanager
def _told(client: discord.Client, place: Place) -> Iterator[None]:
    """Turns what goes wrong with a request into one of the four failures."""
    try:
        yield
    except discord.HTTPException as error:
        raise _failure(error, place, _lacking(client, place)) from error
    except aiohttp.ClientConnectorError as error:
        raise Busy(NOT_YET, "platform") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unknown(f"the answer was lost ({type(error).__name__})") from error


def _lacking(client: discord.Client, place: Place) -> str:
    """The permissions that Milepost lacks there, by the names that Discord's settings give them."""
    channel = client.get_channel(int(place.channel)) if place.person is None else None
    if not isinstance(channel, discord.abc.GuildChannel):
        return ""
    granted = channel.permissions_for(channel.guild.me).value
    where: Where = "forum" if isinstance(channel, discord.ForumChannel) else "text"
    return ", ".join(plain(each.name) for each in missing(granted, where))


def _failure(error: discord.HTTPException, place: Place, lacking: str) -> Failure:
    """What an answer of Discord's means for the post. An error without a code comes from the door, not from Discord."""
    where = place.person.name if place.person else place.name or place.channel
    if error.status >= 500:
        return Unknown(f"Discord answered {error.status}")
    if error.code == TOO_FAST:
        return Busy(AWAY, "lane")
    if error.status in (401, 429) or (error.status == 403 and not error.code):
        return Busy(AWAY, "platform")
    if error.code == NOT_TEXT:
        return Busy(NOT_TEXT_FOR, "route")
    if error.code in CLOSED:
        return Closed(f"Discord: {error.text} (code {error.code})")
    if error.code in (ARCHIVED, LOCKED):
        return Gone(f"a thread in {where} takes nothing more: {error.text} (code {error.code})")
    if error.status == 403 and lacking:
        return Gone(
            f"In {where}, Milepost lacks {lacking}. Edit Channel → Permissions → the bot's own role: allow that. "
            f"(code {error.code})"
        )
    if error.status == 403:
        return Gone(f"Discord does not let Milepost post to {where}: {error.text} (code {error.code})")
    if error.code == UNKNOWN_CHANNEL:
        return Gone(f"{where} is not there any more (code {error.code})")
    return Rejected(f"Discord refuses the message: {error.text} (code {error.code})")


def _refused_token() -> StartFailure:
    return StartFailure("DISCORD_TOKEN: Discord refuses it. Copy the token anew from your application's Bot page.")
