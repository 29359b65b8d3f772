"""A small web on loopback: sites of any name, behind a guard that is told to allow them, and a DNS that may lie."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientTimeout, web
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.links.look import Web

Site = Callable[[web.Request], Awaitable[web.StreamResponse]]
HERE = "127.0.0.1"
# Made for these tests with `openssl req -x509`, for self.example and by nobody but itself; it opens nothing anywhere.
SELF_MADE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgza82Na328VHMF6QK
1Qp9KxE8F1ZhtUmsvK/1mRzxsoihRANCAAQTFox7zrBFS3wg18sZR62s6ImFhQ8f
Zm1mn5ZbpXjBWc1ksb4dSf8Eyz2AtKlPNXpnPGhVNWy07mTRLd007Rct
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBnjCCAUSgAwIBAgIUdtUNF3Xa/8tKqYtLjbwkhplrj1IwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMc2VsZi5leGFtcGxlMCAXDTI2MTEyODE5NTQxOFoYDzIxMjYx
MTA0MTk1NDE4WjAXMRUwEwYDVQQDDAxzZWxmLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQTFox7zrBFS3wg18sZR62s6ImFhQ8fZm1mn5ZbpXjBWc1k
sb4dSf8Eyz2AtKlPNXpnPGhVNWy07mTRLd007Rcto2wwajAdBgNVHQ4EFgQUbQ6p
SslZS8XM4HFE0VEgGm0pn24wHwYDVR0jBBgwFoAUbQ6pSslZS8XM4HFE0VEgGm0p
n24wDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggxzZWxmLmV4YW1wbGUwCgYI
KoZIzj0EAwIDSAAwRQIhAPFDUDqVm8gHOV9Um3eCsk3DwOZXYUimDinw80RhcpPP
AiB5uBvJuaAG+4WxSe4qGfhum1/bM1ez8gw1JnYi3zfT4g==
-----END CERTIFICATE-----
"""


@dataclass
class Names(AbstractResolver):
    """Knows the sites' names, wherever they really listen. `lies` are what a name resolves to one time after the other.

    It stands for the system's resolver, so nothing leaves the machine.
    """

    ports: Mapping[str, int]
    lies: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Where the site is: its own port on loopback, whatever port its address names."""
        self.asked.append(host)
        lies = self.lies.get(host)
        if lies is None and host not in self.ports:
            raise OSError(socket.EAI_NONAME, "Name or service not known")
        address = (lies.pop(0) if len(lies) > 1 else lies[0]) if lies else HERE
        return [
            ResolveResult(
                hostname=host, host=address, port=self.ports.get(host, port), family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass
class Net:
    """Sites by name, what was asked of them, and how to look at them."""

    names: Names
    sites: dict[str, Site]
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    pauses: list[float] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    most_at_one_host: int = 0
    under_way: dict[str, int] = field(default_factory=dict)

    def look_with(self, *, allows: Callable[[str], bool] | None = None, timeout: ClientTimeout | None = None) -> Web:
        """Something that looks at these sites, and at loopback only for their sake."""

        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)

        given = {"timeout": timeout} if timeout else {}
        allowed = allows or (lambda address: address == HERE)
        return Web("https://example.org/links", allows=allowed, resolver=lambda: self.names, sleep=pause, **given)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Note what is asked, and let the site answer."""
        host = request.host.partition(":")[0]
        self.asked.append(f"{request.method} {host}{request.path_qs}")
        self.agents.add(request.headers["User-Agent"])
        self.at_once += 1
        self.under_way[host] = self.under_way.get(host, 0) + 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.most_at_one_host = max(self.most_at_one_host, self.under_way[host])
        try:
            return await self.sites[host](request)
        finally:
            self.at_once -= 1
            self.under_way[host] -= 1


@asynccontextmanager
async def open_net() -> AsyncIterator[Net]:
    """A net with no sites in it yet; `net.sites["name"] = handler` opens one."""
    ports: dict[str, int] = {}

    class Sites(dict[str, Site]):
        def __setitem__(self, name: str, site: Site) -> None:
            super().__setitem__(name, site)
            ports[name] = port

    net = Net(Names(ports), Sites())
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", net.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    listening = socket.socket()
    listening.bind((HERE, 0))
    port: int = listening.getsockname()[1]
    await web.SockSite(runner, listening).start()
    try:
        yield net
    finally:
        await runner.cleanup()


def answers(status: int = 200, **headers: str) -> Site:
    """A site that always answers so."""

    async def site(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers=headers)

    return site


def leads_to(where: str) -> Site:
    """A site that leads on."""
    return answers(302, Location=where)


async def silence(request: web.Request) -> web.StreamResponse:
    """A site that takes a call and says nothing."""
    await asyncio.Event().wait()
    raise AssertionError("nothing wakes it")
