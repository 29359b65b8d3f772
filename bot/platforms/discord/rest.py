"""Requests to Discord's HTTP API as the bot, each sent one single time.

discord.py's own way repeats a 5xx by itself, which doubles a forum post whose first answer was lost, since it takes no
nonce; and it sleeps until a rate limit is over, for up to a minute, while other posts could go out.
"""

from collections import deque
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

import aiohttp
import discord
from discord.http import Route, json_or_text

from bot.chat.platform import Busy, Clock, Failure, Place
from bot.platforms.discord.files import NONE, Files, fields

LONGEST_WAIT = 5.0  # seconds until a rate limit is over that are waited here; what takes longer is Busy
LONGEST_REQUEST = aiohttp.ClientTimeout(total=10)  # with the wait well within the outbox's 20 s for an attempt
MOST_A_SECOND = 45  # requests; a bot has 50 (discord.com/developers/docs/topics/rate-limits), some for its commands
EVERYTHING = ""  # in the place of a bucket's name
# Discord blocks clients that do not call themselves so: discord.com/developers/docs/reference#user-agent
USER_AGENT = f"DiscordBot (https://github.com/Rapptz/discord.py, {discord.__version__}) Milepost"


class Rest:
    """Sends requests, and none into a rate limit that is known.

    Limits are kept per bucket, which is a name that Discord gives to one or more routes, and the route's channel or
    server: https://discord.com/developers/docs/topics/rate-limits.
    """

    def __init__(self, token: str, clock: Clock) -> None:
        self.session: aiohttp.ClientSession | None = None
        self._headers = {"Authorization": f"Bot {token.strip()}", "User-Agent": USER_AGENT}
        self._clock = clock
        self._names: dict[str, str] = {}
        self._opens_at: dict[str, float] = {}
        self._sent_at: deque[float] = deque(maxlen=MOST_A_SECOND)  # some of them still ahead

    async def close(self) -> None:
        """Leave Discord; the next request comes back."""
        if self.session is not None:
            await self.session.close()
            self.session = None

    async def ask(
        self, route: Route, payload: Mapping[str, Any] | None = None, params: Mapping[str, Any] | None = None,
        files: Files = NONE,
    ) -> Any:  # fmt: skip
        """The answer as JSON.

        Raises Busy where a rate limit keeps the request from being taken, HTTPException for any other refusal, and
        what aiohttp raises when no answer comes.
        """
        await self._wait(route)
        if self.session is None:
            self.session = aiohttp.ClientSession(headers=self._headers, timeout=LONGEST_REQUEST)
        body: dict[str, Any] = {"json": payload}
        if files:
            body = {"data": aiohttp.FormData(quote_fields=False)}  # Discord does not read quoted brackets
            for each in fields(payload or {}, files):
                body["data"].add_field(**each)
        async with self.session.request(route.method, route.url, params=params, **body) as response:
            answer: Any = await json_or_text(response)
        self._learn(route, response.headers)
        if response.status < 300:
            return answer
        if response.status == 429 and "Via" in response.headers and isinstance(answer, Mapping):
            seconds = float(answer["retry_after"])
            self._close_for(seconds, EVERYTHING if answer.get("global") else self._bucket(route))
            raise Busy(seconds, "platform" if answer.get("global") else "route")
        raise discord.HTTPException(response, answer)  # a 429 without Via is the firewall's, and says no time

    async def _wait(self, route: Route) -> None:
        """Return when the route is open, and the bot as a whole has a request left. Raises Busy if that takes long."""
        opens_at, bucket = max((self._opens_at.get(each, 0.0), each) for each in (EVERYTHING, self._bucket(route)))
        seconds = opens_at - self._clock.monotonic()
        if seconds > LONGEST_WAIT:
            raise Busy(seconds, "platform" if bucket == EVERYTHING else "route")
        if seconds > 0:
            await self._clock.sleep(seconds)
        now = self._clock.monotonic()
        at = max(now, self._sent_at[0] + 1.0) if len(self._sent_at) == MOST_A_SECOND else now
        self._sent_at.append(at)
        if at > now:
            await self._clock.sleep(at - now)

    def _learn(self, route: Route, headers: Mapping[str, str]) -> None:
        """Keep the name of the route's bucket, and how long to leave it alone once it is used up."""
        if name := headers.get("X-RateLimit-Bucket"):
            self._names[route.key] = name
        if headers.get("X-RateLimit-Remaining") == "0":
            self._close_for(float(headers["X-RateLimit-Reset-After"]), self._bucket(route))

    def _close_for(self, seconds: float, bucket: str) -> None:
        now = self._clock.monotonic()
        still_closed = {each: opens_at for each, opens_at in self._opens_at.items() if opens_at > now}
        self._opens_at = {**still_closed, bucket: now + seconds}

    def _bucket(self, route: Route) -> str:
        return f"{self._names.get(route.key, route.key)} {route.major_parameters}"


class Ask(Protocol):
    """One request to Discord about a place, with what went wrong told as one of the four failures."""

    def __call__(
        self, route: Route, place: Place, payload: Mapping[str, Any] | None = None,
        *, params: Mapping[str, Any] | None = None, files: Files = NONE,
    ) -> Awaitable[Any]:  # fmt: skip
        """The answer as JSON."""


def code(failure: Failure) -> int | None:
    """The number that Discord gives the error behind a failure; None if it gave none."""
    return getattr(failure.__cause__, "code", None)
