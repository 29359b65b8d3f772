"""As much of Slack as a bot under load needs: the Web API and Socket Mode on loopback, which ask and time the answers.

    python -m tests.bench.slack_loopback

It prints its port. `POST /ask` has slash commands delivered to the bot that is connected, over its socket or signed to
HTTP_PORT, and answers with how long each took, from its envelope or request to the body of the acknowledgement.
No rate limits and no TLS, for every bot alike.
"""

import asyncio
import itertools
import json
import os
from dataclasses import dataclass, field
from time import perf_counter, time
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web
from slack_sdk.signature import SignatureVerifier

from tests.bench.loopback import Json, Kind, ask_all, in_json, serve

TEAM, CHANNEL = "T0BENCH", "C0BENCH"
ME = {
    "team": "Study group", "team_id": TEAM, "url": "https://bench.slack.com/", "user": "bench", "user_id": "U0BENCH",
    "bot_id": "B0BENCH",
}  # fmt: skip


@dataclass
class Loopback:
    """One bot's Slack."""

    _signer: SignatureVerifier
    _address: str
    _socket: web.WebSocketResponse | None = None
    _http: aiohttp.ClientSession | None = None
    _sent: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[str, asyncio.Future[tuple[float, Json]]] = field(default_factory=dict)
    _told: Json | None = None
    _host: str = ""

    def application(self) -> web.Application:
        """The web application with every address a bot asks."""
        made = web.Application()
        made.router.add_route("*", "/api/{method}", self._method)
        made.router.add_get("/socket", self._connect)
        made.router.add_post("/respond", self._take)
        made.router.add_post("/shown", self._anything)
        made.router.add_get("/connected", self._connected)
        made.router.add_post("/ask", self._ask)
        made.router.add_get("/told", self._latest)
        return made

    async def _anything(self, request: web.Request) -> web.Response:
        return web.Response()

    async def _connected(self, request: web.Request) -> web.Response:
        return in_json(self._socket is not None and not self._socket.closed)

    async def _latest(self, request: web.Request) -> web.Response:
        """The latest answer over the socket, or the one that was promised by it."""
        return in_json(self._told)

    async def _take(self, request: web.Request) -> web.Response:
        self._told = await request.json()
        return web.Response()

    async def _method(self, request: web.Request) -> web.Response:
        """What a bot makes besides its answers, such as posts, is taken and forgotten."""
        match request.match_info["method"]:
            case "apps.connections.open":
                told: Json = {"url": f"ws://{request.host}/socket"}
            case "users.info":
                told = {"user": _user(request.query["user"])}
            case "conversations.open":
                told = {"channel": {"id": "D0BENCH"}}
            case _:
                told = {**ME, "channel": CHANNEL, "ts": f"{time():.6f}"}
        return in_json({"ok": True, **told})

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        made, self._host = web.WebSocketResponse(), request.host
        await made.prepare(request)
        await made.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0BENCH"}})
        self._socket = made
        async for message in made:
            if message.type is not WSMsgType.TEXT:
                break
            ended = perf_counter()
            ack = json.loads(message.data)
            self._waiting[ack["envelope_id"]].set_result((ended, ack.get("payload")))
        return made

    async def _ask(self, request: web.Request) -> web.Response:
        return await ask_all(request, self._asked)

    async def _asked(self, call: Json) -> tuple[float, Kind]:
        number = next(self._sent)
        payload = _command(number, call, f"http://{self._host}/respond")
        if call["mode"] == "http":
            return await self._deliver(payload)
        envelope = f"{number:08x}-dead-beef-0000-0000000000"
        answered = self._waiting[envelope] = asyncio.get_running_loop().create_future()
        frame = json.dumps({
            "type": "slash_commands", "envelope_id": envelope, "accepts_response_payload": True, "payload": payload,
        })  # fmt: skip
        assert self._socket is not None, "no bot is connected"
        began = perf_counter()
        await self._socket.send_str(frame)
        try:
            ended, ack = await answered
        finally:
            del self._waiting[envelope]
        if ack:
            self._told = ack
        return ended - began, "replied" if ack else "promised"

    async def _deliver(self, payload: Json) -> tuple[float, Kind]:
        """The same in HTTP mode."""
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        body, stamp = urlencode(payload), str(int(time()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": str(self._signer.generate_signature(timestamp=stamp, body=body)),
        }  # fmt: skip
        began = perf_counter()
        async with self._http.post(self._address, data=body, headers=headers) as answer:
            ack = await answer.read()
            ended = perf_counter()
        if answer.status != 200:
            return ended - began, "failed"
        return ended - began, "replied" if ack else "promised"


def _user(user: str) -> Json:
    """A profile. The first person owns the workspace."""
    name, is_first = user.lower(), user == _person(0)
    return {
        "id": user, "team_id": TEAM, "name": name, "real_name": name, "tz": "Asia/Seoul", "locale": "en-US",
        "is_admin": is_first, "is_owner": is_first, "profile": {"display_name": name},
    }  # fmt: skip


def _person(person: int) -> str:
    return f"U{person:08}"


def _command(number: int, call: Json, response_url: str) -> Json:
    """A slash command as Slack sends it, typed in one channel."""
    person = _person(call["person"])
    return {
        "token": "verification", "team_id": TEAM, "team_domain": "bench", "channel_id": CHANNEL,
        "channel_name": "study", "user_id": person, "user_name": person.lower(), "command": "/study",
        "text": call["text"], "api_app_id": "A0BENCH", "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": f"{number}.{time():.0f}.{number:032x}",
    }  # fmt: skip


if __name__ == "__main__":
    signer = SignatureVerifier(os.environ["SLACK_SIGNING_SECRET"])
    address = f"http://127.0.0.1:{os.environ['HTTP_PORT']}/slack/events"
    asyncio.run(serve(Loopback(signer, address).application()))
