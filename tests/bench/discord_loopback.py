"""As much of Discord as a bot under load needs: a gateway and a REST API on loopback, which ask and time the answers.

    python -m tests.bench.discord_loopback

It prints its port. `POST /shown` says what a bot that connects next is shown, `POST /ask` has interactions sent to the
one that is connected and answers with how long each took, from its frame on the gateway to the body of the response.
No rate limits and no TLS, for every bot alike.
"""

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from time import perf_counter, time

from aiohttp import WSMsgType, web

from tests.bench.loopback import Json, Kind, ask_all, in_json, serve

APPLICATION = "900000000000000001"
GUILD, CHANNEL, ROLE, PERSON = 10**17, 2 * 10**17, 3 * 10**17, 4 * 10**17  # the first ids of each
MANAGE_SERVER = str(1 << 5 | 1 << 10 | 1 << 11)
DISPATCH, HEARTBEAT, IDENTIFY, HELLO, HEARTBEAT_TAKEN = 0, 1, 2, 10, 11
KINDS: dict[int, Kind] = {4: "replied", 5: "promised"}  # by the types of responses
EPOCH = 1_420_070_400_000  # milliseconds, where Discord's ids begin to count


@dataclass
class Loopback:
    """One bot's Discord."""

    shown: Json = field(default_factory=lambda: {"guilds": 1, "members": 1, "told": 1})
    commands: list[Json] = field(default_factory=list)
    _gateway: web.WebSocketResponse | None = None
    _sent: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[str, asyncio.Future[tuple[float, Json]]] = field(default_factory=dict)
    _told: Json | None = None

    def application(self) -> web.Application:
        """The web application with every address a bot asks."""
        made = web.Application()
        api = "/api/v10"
        made.router.add_get("/gateway", self._connect)
        made.router.add_get(f"{api}/users/@me", self._me)
        made.router.add_get(f"{api}/oauth2/applications/@me", self._application)
        made.router.add_get(f"{api}/applications/{{id}}/commands", self._known_commands)
        made.router.add_put(f"{api}/applications/{{id}}/commands", self._take_commands)
        made.router.add_post(f"{api}/interactions/{{id}}/{{token}}/callback", self._answered)
        made.router.add_route("*", f"{api}/{{anything:.*}}", self._anything)
        made.router.add_post("/shown", self._show)
        made.router.add_get("/connected", self._connected)
        made.router.add_post("/ask", self._ask)
        made.router.add_get("/told", self._latest)
        return made

    async def _show(self, request: web.Request) -> web.Response:
        self.shown = await request.json()
        return web.Response(status=204)

    async def _connected(self, request: web.Request) -> web.Response:
        return in_json(self._gateway is not None and not self._gateway.closed)

    async def _latest(self, request: web.Request) -> web.Response:
        """The latest answer."""
        return in_json(self._told)

    async def _me(self, request: web.Request) -> web.Response:
        return in_json({**_user(int(APPLICATION), "bench"), "bot": True})

    async def _application(self, request: web.Request) -> web.Response:
        return in_json({
            "id": APPLICATION, "name": "bench", "description": "", "icon": None, "flags": 0, "verify_key": "0" * 64,
            "owner": _user(PERSON, "owner"), "bot_public": True, "bot_require_code_grant": False,
        })  # fmt: skip

    async def _known_commands(self, request: web.Request) -> web.Response:
        return in_json(self.commands)

    async def _take_commands(self, request: web.Request) -> web.Response:
        self.commands = await request.json()
        return in_json(self.commands)

    async def _anything(self, request: web.Request) -> web.Response:
        """What a bot makes besides its answers, such as posts, is taken and forgotten."""
        if request.method == "GET":
            return in_json([])
        made = await request.json() if request.can_read_body else {}
        return in_json({**made, "id": str(next(self._sent))})

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        address = str(request.url.with_scheme("ws").with_query(None))
        gateway = web.WebSocketResponse(max_msg_size=0)
        await gateway.prepare(request)
        await gateway.send_json({"op": HELLO, "d": {"heartbeat_interval": 41_250}})
        async for message in gateway:
            if message.type is not WSMsgType.TEXT:
                break
            told = json.loads(message.data)["op"]
            if told == IDENTIFY:
                await self._welcome(gateway, address)
                self._gateway = gateway
            elif told == HEARTBEAT:
                await gateway.send_json({"op": HEARTBEAT_TAKEN})
        return gateway

    async def _welcome(self, gateway: web.WebSocketResponse, address: str) -> None:
        guilds = [GUILD + number for number in range(self.shown["guilds"])]
        ready = {
            "v": 10, "user": {**_user(int(APPLICATION), "bench"), "bot": True}, "session_id": "bench",
            "resume_gateway_url": address, "shard": [0, 1],
            "application": {"id": APPLICATION, "flags": 0},
            "guilds": [{"id": str(each), "unavailable": True} for each in guilds],
        }  # fmt: skip
        await self._dispatch(gateway, "READY", ready)
        for each in guilds:
            await self._dispatch(gateway, "GUILD_CREATE", server(each, self.shown["members"], self.shown["told"]))

    async def _dispatch(self, gateway: web.WebSocketResponse, name: str, data: Json) -> None:
        await gateway.send_json({"op": DISPATCH, "t": name, "s": next(self._sent), "d": data})

    async def _ask(self, request: web.Request) -> web.Response:
        return await ask_all(request, self._asked)

    async def _asked(self, call: Json) -> tuple[float, Kind]:
        number = next(self._sent)
        interaction = _interaction(number, call)
        answered = self._waiting[interaction["token"]] = asyncio.get_running_loop().create_future()
        assert self._gateway is not None, "no bot is connected"
        frame = json.dumps({"op": DISPATCH, "t": "INTERACTION_CREATE", "s": number, "d": interaction})
        began = perf_counter()
        await self._gateway.send_str(frame)
        try:
            ended, answer = await answered
        finally:
            del self._waiting[interaction["token"]]
        self._told = answer
        return ended - began, KINDS.get(answer["type"], "failed")

    async def _answered(self, request: web.Request) -> web.Response:
        body = await request.read()
        ended = perf_counter()
        answer = json.loads(body)
        self._waiting[request.match_info["token"]].set_result((ended, answer))
        if "with_response" not in request.query:
            return web.Response(status=204)
        return in_json(_receipt(request.match_info["id"], answer))


def _user(number: int, name: str) -> Json:
    return {
        "id": str(number), "username": name, "global_name": name.capitalize(), "discriminator": "0", "avatar": None,
        "public_flags": 0, "banner": None, "accent_color": None, "avatar_decoration_data": None, "clan": None,
    }  # fmt: skip


def _member(number: int, name: str) -> Json:
    return {
        "user": _user(number, name), "nick": None, "avatar": None, "roles": [str(ROLE + 1)], "deaf": False,
        "joined_at": "2026-01-05T09:00:00+00:00", "premium_since": None, "mute": False, "flags": 0, "pending": False,
        "communication_disabled_until": None,
    }  # fmt: skip


def _channel(number: int, guild: int) -> Json:
    return {
        "id": str(number), "guild_id": str(guild), "type": 0, "name": f"channel-{number % 100}", "position": 1,
        "topic": "What we read this week, and what we make of it", "parent_id": None, "nsfw": False, "flags": 0,
        "rate_limit_per_user": 0, "last_message_id": None, "last_pin_timestamp": None,
        "permission_overwrites": [{"id": str(guild), "type": 0, "allow": "1024", "deny": "0"}],
    }  # fmt: skip


def _role(number: int) -> Json:
    return {
        "id": str(number), "name": f"role {number % 100}", "permissions": "104324673", "position": number % 100,
        "color": 0, "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}, "hoist": False,
        "managed": False, "mentionable": False, "icon": None, "unicode_emoji": None, "flags": 0,
    }  # fmt: skip


def server(number: int, members: int, told: int) -> Json:
    """A guild of so many members, the bot and others, of whom so many are told: without the members intent, the bot."""
    at = number - GUILD
    return {
        "id": str(number), "name": f"Study group {at}", "owner_id": str(PERSON), "icon": None, "member_count": members,
        "roles": [_role(number), *(_role(ROLE + at * 100 + each) for each in range(1, 15))],
        "channels": [_channel(CHANNEL + at * 100 + each, number) for each in range(20)],
        "members": [
            _member(int(APPLICATION), "bench"),
            *(_member(PERSON + at * 1000 + each, f"learner{at}-{each}") for each in range(1, told)),
        ],
        "presences": [], "threads": [], "voice_states": [], "stage_instances": [], "guild_scheduled_events": [],
        "soundboard_sounds": [], "emojis": [], "stickers": [], "features": [], "joined_at": "2026-01-05T09:00:00+00:00",
        "large": False, "unavailable": False, "preferred_locale": "en-US", "system_channel_flags": 0, "nsfw_level": 0,
        "verification_level": 1, "default_message_notifications": 1, "explicit_content_filter": 2, "mfa_level": 0,
        "afk_timeout": 300, "premium_tier": 0, "premium_subscription_count": 0, "nsfw": False, "region": "deprecated",
        "premium_progress_bar_enabled": False, "application_id": None, "description": None, "version": number,
    }  # fmt: skip


def _interaction(number: int, call: Json) -> Json:
    """An application command as Discord sends it, in the first guild's first channel."""
    person = _member(PERSON + 1 + call["person"], f"learner{call['person']}")
    made_at = int(time() * 1000) - EPOCH  # an id tells its time, and bots look whether they are late
    return {
        "id": str(made_at << 22 | number % (1 << 22)), "application_id": APPLICATION, "type": 2, "version": 1,
        "token": f"{number:x}".rjust(200, "a"), "guild_id": str(GUILD), "channel_id": str(CHANNEL),
        "guild": {"id": str(GUILD), "locale": "en-US", "features": []}, "channel": _channel(CHANNEL, GUILD),
        "member": {**person, "permissions": MANAGE_SERVER if call.get("is_admin") else "3072"},
        "app_permissions": "2248473465835073", "locale": "en-US", "guild_locale": "en-US", "entitlements": [],
        "context": 0, "authorizing_integration_owners": {"0": str(GUILD)}, "attachment_size_limit": 10_485_760,
        "data": {"id": "7", "type": 1, "name": call["name"], "options": call["options"]},
    }  # fmt: skip


def _receipt(interaction: str, answer: Json) -> Json:
    """What Discord tells a bot that asks for the message it made."""
    message = {
        "id": str(int(interaction) + 1), "channel_id": str(CHANNEL), "type": 20, "attachments": [], "embeds": [],
        "content": "", "components": [], **answer["data"], "author": {**_user(int(APPLICATION), "bench"), "bot": True},
        "mentions": [], "mention_roles": [], "mention_everyone": False, "pinned": False, "tts": False,
        "timestamp": "2026-01-05T09:00:00+00:00", "edited_timestamp": None, "application_id": APPLICATION,
        "webhook_id": APPLICATION,
    }  # fmt: skip
    return {
        "interaction": {"id": interaction, "type": 2, "response_message_id": message["id"]},
        "resource": {"type": answer["type"], "message": message},
    }


if __name__ == "__main__":
    asyncio.run(serve(Loopback().application()))
