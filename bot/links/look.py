"""One look at a link: HEAD, then GET where HEAD does not open it, through at most five redirects."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from importlib.metadata import version

from aiohttp import (
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.links.guard import Allows, NotPublic, guarded, is_public
from bot.records.links import Look

AT_ONCE = 4  # requests, to as many hosts
PAUSE = 2.0  # seconds between two requests to one host
MOST_REDIRECTS = 5
TIMEOUT = ClientTimeout(total=20, sock_connect=10)  # seconds; a slow server answers within a few
LONGEST_HEADER = 65_536  # bytes; large sites send policies longer than aiohttp's 8,190
PORTS = {"http": 80, "https": 443}
HEADLESS = frozenset({"status", "answer", "slow"})  # where the page itself may open all the same
TURNED_AWAY = frozenset({401, 403, 405, 407, 408, 425, 429, 451})  # and 5xx; `Look` says why


class Web:
    """Looks at links, few at a time and one at a time for each host.

    `about` is a web address at which those who are asked can read who asks. `allows` decides which addresses may be
    connected to, and `resolver` finds them (the system's if None); `sleep` waits between two requests to a host.
    """

    def __init__(
        self, about: str | None = None, *, allows: Allows = is_public,
        resolver: Callable[[], AbstractResolver] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, timeout: ClientTimeout = TIMEOUT,
    ) -> None:  # fmt: skip
        self._allows = allows
        self._resolver = resolver
        self._sleep = sleep
        self._timeout = timeout
        self._headers = {"User-Agent": user_agent(about), "Accept": "*/*"}
        self._hosts: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._few = asyncio.Semaphore(AT_ONCE)

    async def look(self, url: str) -> Look:
        """What comes of opening the address. Never raises for what the web does."""
        # A session of its own: sites that send everybody round until a cookie is set get it back, and no other does.
        connector = TCPConnector(
            resolver=self._resolver() if self._resolver else None, socket_factory=guarded(self._allows),
            use_dns_cache=False, force_close=True,
        )  # fmt: skip
        session = ClientSession(
            connector=connector, headers=self._headers, timeout=self._timeout,
            max_line_size=LONGEST_HEADER, max_field_size=LONGEST_HEADER,
        )  # fmt: skip
        async with session:
            found = await self._follow(session, "HEAD", url)
            # Many servers know no HEAD, and say so with anything from 403 to 500, or hang up, or say nothing at all.
            if found.reason in HEADLESS and found.status != 429:
                found = await self._follow(session, "GET", url)
            return found

    async def _follow(self, session: ClientSession, method: str, url: str) -> Look:
        try:
            at = URL(url)
            for _ in range(MOST_REDIRECTS + 1):
                if at.scheme not in PORTS or at.port != PORTS[at.scheme] or not at.host:
                    return Look("unknown", "address")
                status, to = await self._ask(session, method, at)
                if to is None:
                    return _read(status)
                at = at.join(URL(to))
        except (ClientError, OSError, ValueError) as error:
            return _failed(error)
        return Look("failed", "redirects")

    async def _ask(self, session: ClientSession, method: str, url: URL) -> tuple[int, str | None]:
        """The status, and where it leads on to. The body is not read: its headers say all that is asked."""
        async with self._hosts[url.host or ""]:
            try:
                async with self._few, session.request(method, url, allow_redirects=False) as response:
                    is_redirect = response.status in (301, 302, 303, 307, 308)
                    return response.status, response.headers.get("Location") if is_redirect else None
            finally:
                await self._sleep(PAUSE)


def user_agent(about: str | None) -> str:
    """Who asks, for the logs of those who are asked."""
    where = f"+{about}" if about else 'see "Link health" in its docs'
    return f"Milepost/{version('milepost')} (nightly check of a study group's links; {where})"


def _read(status: int) -> Look:
    if 200 <= status < 300:
        return Look("opened")
    is_turned_away = status in TURNED_AWAY or status >= 500
    return Look("unknown" if is_turned_away else "failed", "status", status)


def _failed(error: Exception) -> Look:
    """What went wrong below HTTP, in our words."""
    if isinstance(error, ClientSSLError):
        return Look("failed", "tls")
    if isinstance(error, ClientConnectorDNSError):
        return Look("failed", "name")
    match error.os_error if isinstance(error, ClientConnectorError) else error:
        case NotPublic() | ValueError():  # among these an address that is none, or that hides a number
            return Look("unknown", "address")
        case TimeoutError():
            return Look("failed", "slow")
    return Look("failed", "answer")
