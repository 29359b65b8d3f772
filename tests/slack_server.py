"""A Slack of our own on the loopback, for the real SDK: the Web API, Socket Mode, response addresses, signed requests.

It notes every request, and fails when told to.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

from tests.slack_workspace import Json, Workspace

BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-1-bot", "xapp-1-app", "0123456789abcdef"
ACK_WITHIN = 3  # seconds

Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass
class Fault:
    """How a request fails. `is_done`: it takes effect first, and only its answer is lost.

    `lost`: the connection breaks; `hangs`: no answer ever comes.
    """

    error: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    lost: bool = False
    hangs: bool = False
    is_done: bool = False


@dataclass(frozen=True)
class Asked:
    """One request of the Web API, as it came."""

    method: str
    payload: Json
    token: str


class SlackServer(Workspace):
    """See the module. Open it with `open_slack`.

    `api` is where its Web API is. A method takes the bot's token, unless `tokens` names another for it.
    While it `is_deaf`, it answers no ping and no goodbye.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self.responses: list[tuple[str, Json]] = []
        self.tokens = {"apps.connections.open": APP_TOKEN}
        self.sockets: list[web.WebSocketResponse] = []
        self.greeting: Json = {"type": "hello", "connection_info": {"app_id": "A1"}}
        self.is_deaf = False
        self.refuses_sockets = False
        self.api = ""
        self._connections: set[object] = set()
        self._faults: dict[str, list[Fault]] = {}
        self._acks: dict[str, asyncio.Future[Any]] = {}  # by envelope
        self._wires: list[web.Request] = []
        self._changed = asyncio.Event()

    def response_url(self, name: str = "1") -> str:
        """An address for answers to an interaction; what is sent there is in `responses` under this name."""
        return f"{self.url}/respond/{name}"

    def sent(self, method: str) -> list[Json]:
        """The payloads of the requests of a method so far."""
        return [each.payload for each in self.asked if each.method == method]

    @property
    def connections(self) -> int:
        """Over how many connections requests came so far."""
        return len(self._connections)

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next requests of a method fail so, one by one; "respond" and "upload" are other addresses."""
        self._faults.setdefault(method, []).extend(faults)

    async def until(self, is_so: Callable[[], object], seconds: float = 60) -> None:
        """Return once it is so; looked at after each request and each change of a socket."""
        async with asyncio.timeout(seconds):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()

    # ---- Socket Mode ------------------------------------------------------------------------------------------------

    async def connected(self, sockets: int = 1) -> None:
        """Return once so many sockets are open."""
        await self.until(lambda: len(self.sockets) >= sockets)

    async def send(self, kind: Kind, payload: Json, envelope: str | None = None) -> Any:
        """Deliver over the newest socket; the payload of its acknowledgement, which must come within three seconds."""
        await self.connected()
        envelope = envelope or f"e{next(self._numbers)}"
        ack = self._acks[envelope] = asyncio.get_running_loop().create_future()
        accepts = kind != "events_api"
        told = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": accepts}
        await self.sockets[-1].send_json(told)
        async with asyncio.timeout(ACK_WITHIN):
            return await ack

    async def refresh(self) -> None:
        """Ask for another socket, as Slack does every few hours, and close the old one a little later."""
        old = self.sockets[-1]
        await old.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})
        await self.until(lambda: self.sockets and self.sockets[-1] is not old)
        await old.close()

    def drop(self) -> None:
        """Break all sockets off, without a goodbye."""
        for each in self._wires:
            break_off(each)

    # ---- The server -------------------------------------------------------------------------------------------------

    def application(self) -> web.Application:
        """All addresses."""
        made = web.Application()
        made.router.add_route("*", "/api/{method}", self._api)
        made.router.add_post("/respond/{name}", self._respond)
        made.router.add_post("/upload/{file}", self._upload)
        made.router.add_get("/socket", self._socket)
        return made

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if self.refuses_sockets:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(autoping=False, autoclose=False)
        await socket.prepare(request)
        await socket.send_json({**self.greeting, "num_connections": len(self.sockets) + 1})
        self.sockets.append(socket)
        self._wires.append(request)
        self._changed.set()
        try:
            async for each in socket:
                if each.type is WSMsgType.PING and not self.is_deaf:
                    await socket.pong(each.data)
                elif each.type is WSMsgType.TEXT:
                    ack = json.loads(each.data)
                    waiting = self._acks.get(ack["envelope_id"])
                    if waiting is not None and not waiting.done():
                        waiting.set_result(ack.get("payload"))
        finally:
            self.sockets.remove(socket)
            self._wires.remove(request)
            self._changed.set()
        if self.is_deaf:
            await asyncio.Event().wait()
        await socket.close()
        return socket

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        payload = await request.json()
        return await self._meet(request, "respond", lambda: self._take_response(request.match_info["name"], payload))

    def _take_response(self, name: str, payload: Json) -> Json:
        self.responses.append((name, payload))
        return {}

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        return await self._meet(request, "upload", lambda: self.take_upload(request.match_info["file"], content))

    async def _api(self, request: web.Request) -> web.StreamResponse:
        self._connections.add(request.transport)
        payload: Json = dict(request.query)
        if request.content_type == "application/json":
            payload |= await request.json()
        else:
            payload |= dict(await request.post())
        method, token = request.match_info["method"], request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.asked.append(Asked(method, payload, token))
        if token != self.tokens.get(method, BOT_TOKEN):
            return web.json_response({"ok": False, "error": "invalid_auth"})
        return await self._meet(request, method, lambda: self.do(method, payload))

    async def _meet(self, request: web.Request, method: str, do: Callable[[], Json]) -> web.StreamResponse:
        """Do what was asked, or fail as told to."""
        waiting = self._faults.get(method)
        fault = waiting.pop(0) if waiting else None
        done = do() if fault is None or fault.is_done else {}
        self._changed.set()
        if fault is None:
            scopes = {"X-OAuth-Scopes": ",".join(sorted(self.scopes))}
            return web.json_response({"ok": "error" not in done, **done}, headers=scopes)
        if fault.hangs:
            await asyncio.Event().wait()
        if fault.lost:
            break_off(request)
        said = {"ok": False, "error": fault.error, **fault.fields} if fault.error else {"ok": fault.status < 400}
        return web.json_response(said, status=fault.status, headers=fault.headers)


def break_off(request: web.Request) -> None:
    """Break the connection off, without a goodbye."""
    transport = request.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def signed(body: str, at: float, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers by which Slack signs a request; `at` in seconds."""
    stamp = str(int(at))
    mac = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


def http_body(kind: Kind, payload: Json) -> tuple[str, str]:
    """The body with which Slack delivers this in HTTP mode, and its content type."""
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields), "application/x-www-form-urlencoded"


async def deliver(url: str, kind: Kind, payload: Json, at: float, **headers: str) -> tuple[int, str]:
    """Deliver in HTTP mode, signed at that time; the answer's status and text."""
    body, content_type = http_body(kind, payload)
    sent = {"Content-Type": content_type, **signed(body, at), **headers}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=sent) as answer:
        return answer.status, await answer.text()


Server = TypeVar("Server", bound=SlackServer)


@asynccontextmanager
async def serving(made: Server) -> AsyncIterator[Server]:
    """That Slack, running until it is left."""
    runner = web.AppRunner(made.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        made.api = f"{made.url}/api/"
        yield made
    finally:
        made.drop()
        await runner.cleanup()


@asynccontextmanager
async def open_slack() -> AsyncIterator[SlackServer]:
    """A Slack that runs until it is left."""
    async with serving(SlackServer()) as made:
        yield made
