"""discord.py's client, as small as can be: one that hears people over the gateway, and one that only asks over HTTP."""

from typing import TYPE_CHECKING, Any

import discord
from discord.http import Route

from bot.chat.desk import Desk
from bot.chat.platform import Clock, Place
from bot.platforms.discord.answer import Answering
from bot.platforms.discord.rest import Rest

if TYPE_CHECKING:
    from bot.platforms.discord.connect import Discord

KNOWN_FOR = 300  # seconds until a process without the gateway asks again what there is in a server
INTENTS = discord.Intents(guilds=True, guild_scheduled_events=True)


class Knowing(discord.Client):
    """The SDK's client, small: no privileged intents, no caches of members or messages, no ping by accident."""

    def __init__(self) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it would miss what voice needs
        super().__init__(
            intents=INTENTS,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=60,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.is_open = False

    @property
    def deaf_for(self) -> float:
        """Seconds without what it hears from; 0 for one that needs nothing to hear."""
        return 0

    async def learn(self, place: Place) -> None:
        """See to it that the server of the place is known, as far as the gateway does not tell."""


class Asking(Knowing):
    """A client without the gateway: it asks over HTTP what that would tell, server by server, now and then anew."""

    def __init__(self, rest: Rest, clock: Clock) -> None:
        super().__init__()
        self._rest = rest
        self._clock = clock
        self._asked_at: dict[str, float] = {}

    async def enter(self) -> None:
        """Ask who we are. Raises LoginFailure for a token that is refused, and what Rest raises."""
        try:
            me = await self._rest.ask(Route("GET", "/users/@me"))
        except discord.HTTPException as error:
            if error.status == 401:
                raise discord.LoginFailure("the token is refused") from error
            raise
        self._connection.user = discord.ClientUser(state=self._connection, data=me)
        self.is_open = True

    async def learn(self, place: Place) -> None:
        """Ask about the server, its channels, and what we may do there.

        One that is closed to us stays unknown: what is asked of it next tells what is wrong. Raises what Rest raises.
        """
        now, server = self._clock.monotonic(), place.community
        if place.person or self.user is None or now < self._asked_at.get(server, now - 1):
            return
        paths = ("/guilds/{guild_id}", "/guilds/{guild_id}/channels", "/guilds/{guild_id}/members/{user_id}")
        try:
            guild, channels, me = [
                await self._rest.ask(Route("GET", each, guild_id=server, user_id=self.user.id)) for each in paths
            ]
        except discord.HTTPException as error:
            if error.status not in (403, 404):
                raise
            return
        told: Any = {**guild, "channels": channels, "members": [me]}  # as the gateway would tell it
        self._connection._add_guild_from_data(told)
        self._asked_at[server] = now + KNOWN_FOR


class Hearing(Knowing):
    """The client that hears people, over the gateway."""

    def __init__(self, platform: "Discord", desk: Desk) -> None:
        super().__init__()
        self.answering = Answering(self, desk, platform.notebook, platform.clock, platform.draw)
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

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected to the gateway. Raises ConnectionError if it does not answer the first time.

        discord.py 2.7 then wants to resume what never began, and falls over the socket that is not there.
        """
        try:
            await super().connect(reconnect=reconnect)
        except AttributeError as error:
            had_one: object | None = self.ws
            if had_one is not None:
                raise
            raise ConnectionError("the gateway does not answer") from error

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Hear one interaction; discord.py gives each a task of its own."""
        await self.answering.answer(interaction)

    async def on_connect(self) -> None:
        """A fresh session began: the gateway has said which servers there are."""
        self._deaf_since = None
        self.is_open = True

    async def on_resumed(self) -> None:
        """The session goes on."""
        self._deaf_since = None

    async def on_disconnect(self) -> None:
        """The connection was lost, or another attempt to have it back failed."""
        if self._deaf_since is None:
            self._deaf_since = self._platform.clock.monotonic()
