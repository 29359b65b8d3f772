"""Slack as a platform: connects, hears what people do, has it answered, carries posts.

Bolt reads what Slack delivers, over a socket or over HTTP, and gives it to one middleware of ours, which answers all of
it: our own router, as everywhere. Listeners of Bolt's would be looked at every 10 ms until they have acknowledged, and
one that raises after that loses its acknowledgement.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.chat.desk import Desk
from bot.chat.message import Post
from bot.chat.platform import Busy, Clock, Failure, Notebook, Person, Place, Posted, StartFailure, Unknown
from bot.chat.projection import Calendar, CohortMembers, Projected
from bot.chat.wording import Phrase
from bot.platforms.slack.answer import Answering
from bot.platforms.slack.client import NOT_YET, REFUSED, SDK_LOG, URL, Web, code
from bot.platforms.slack.http import PATH, Door
from bot.platforms.slack.manifest import slash_commands
from bot.platforms.slack.people import NAME, People, user_of
from bot.platforms.slack.posting import Posting
from bot.platforms.slack.render import losses
from bot.platforms.slack.shape import oddity

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1, 90  # seconds between attempts to reach Slack
CONNECT_WITHIN = 30  # seconds; the SDK would try for ever
PING = 10  # seconds between the SDK's pings; four of them without an answer, and the socket is deaf
LOOK = 1  # seconds between looks at the socket
REPLACED_WITHIN = 30  # seconds that the SDK gets to replace a socket
STEADY = 30  # seconds; sockets that last shorter are asked for ever more slowly
DRAIN, CLOSE = 6, 2  # seconds that answers in flight get at the end, and the socket after them
BOT_REFUSED = (
    "SLACK_BOT_TOKEN: Slack refuses it ({}). Copy the bot token anew from your app's OAuth & Permissions page."
)
APP_REFUSED = (
    "SLACK_APP_TOKEN: Slack refuses it ({}). Switch Socket Mode on, and make an app-level token with connections:write "
    "on your app's Basic Information page."
)

Answer = Callable[[Mapping[str, Any]], Awaitable[str | None]]
"""What to acknowledge something with, as JSON; None for an empty acknowledgement."""


class _Router(AsyncMiddleware):
    """The one that answers."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Acknowledge with the answer; also what nobody can read, or Slack would bring it again."""
        odd = oddity(req.body)
        if odd is not None:
            log.warning("something that Slack delivered is not understood: %s", odd)
            return BoltResponse(status=200, body="")
        return BoltResponse(status=200, body=await self._answer(req.body) or "")


class _Installed(AsyncAuthorize):
    """Whatever comes is for the one workspace that the token belongs to, which has been asked already.

    Given to Bolt, it also decides for us what SLACK_CLIENT_ID and SLACK_CLIENT_SECRET in the environment would decide
    otherwise: they switch Bolt to OAuth, with installations in files.
    """

    def __init__(self, token: str, me: Mapping[str, Any]) -> None:
        self._result = AuthorizeResult(
            enterprise_id=me.get("enterprise_id"), team_id=me["team_id"], bot_id=me["bot_id"],
            bot_user_id=me["user_id"], bot_token=token,
        )  # fmt: skip

    async def __call__(self, **asked: Any) -> AuthorizeResult:
        """The installation."""
        return self._result


class _Handler(AsyncSocketModeHandler):
    """Bolt's, which would read the JSON of each answer and write it anew: as much work as all else that Bolt does."""

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Acknowledge with the answer as it is. What fails is not acknowledged, so Slack brings it again."""
        answer = await run_async_bolt_app(self.app, req)
        if answer.status == 200:
            payload = f', "payload": {answer.body}' if answer.body else ""
            await client.send_message(f'{{"envelope_id": {json.dumps(req.envelope_id)}{payload}}}')


class Slack:
    """A `Platform`. Build it, run it; a post that comes before the connection is told to come again.

    With an `app_token` it listens on a socket, with a `signing_secret` behind the address that `routes` adds; one of
    them it needs. `command` is its slash command; /resource and /checkin are heard too, since the app may have been
    made of another manifest. `url` is where the Web API is.
    """

    name = NAME
    projects: frozenset[Projected] = frozenset()

    def __init__(
        self, bot_token: str, notebook: Notebook, clock: Clock,
        *, app_token: str | None = None, signing_secret: str | None = None,
        command: str = "/study", url: str = URL,
    ) -> None:  # fmt: skip
        self.notebook = notebook
        self.clock = clock
        self._bot_token = bot_token
        self._app_token = app_token
        self._command = command
        self._commands = slash_commands(command, aliases=True)
        self._url = url
        self._door = Door(signing_secret, clock) if signing_secret else None
        self._posting: Posting | None = None
        self._answering: Answering | None = None
        self._handler: _Handler | None = None
        self._has_connected = False
        self._hears = True

    @property
    def connected(self) -> bool:
        """Whether Slack reaches us now: over an open socket; where none is needed, once it has taken our token."""
        if self._app_token is None or not self._hears:
            return self._posting is not None
        return self._handler is not None and _is_open(self._handler)

    def routes(self, application: web.Application) -> None:
        """Add the address at which Slack delivers in HTTP mode, if there is a secret to know it by."""
        if self._door is not None:
            application.router.add_post(PATH, self._door.hear)

    async def run(self, desk: Desk) -> None:
        """Connect and answer until cancelled. Raises StartFailure, one clear line, for a token that is refused.

        When Slack cannot be reached, it is tried again and again, ever more slowly.
        """
        async with self._opened() as (slack, me):
            people = People(slack, self.clock, me["team_id"])
            answering = Answering(desk, slack, people, self.notebook, self.clock, me["team_id"], self._commands)
            app = _bolt(slack, _Installed(self._bot_token, me), answering.answer)
            self._answering = answering
            await self._serve(slack, app, answering)

    async def carry(self) -> None:
        """Carry posts until cancelled, and hear nobody. Raises as `run` does."""
        self._hears = False
        async with self._opened():
            await asyncio.get_running_loop().create_future()

    @contextlib.asynccontextmanager
    async def _opened(self) -> AsyncIterator[tuple[Web, Mapping[str, Any]]]:
        """The Web API, with who we are on Slack; posts can be carried meanwhile."""
        slack = Web(self._bot_token, self._url)
        try:
            me = await self._asked(slack, "auth.test", BOT_REFUSED)
            self._posting = Posting(slack, self.clock, me["bot_id"], self._command)
            yield slack, me
        finally:
            self._posting = self._answering = None
            await slack.close()

    async def _serve(self, slack: Web, app: AsyncApp, answering: Answering) -> None:
        """Hear people until cancelled; then hear nothing more, and give the answers in flight."""
        try:
            if self._door is not None:
                self._door.app = app
            if self._app_token is None:
                await asyncio.get_running_loop().create_future()
            pause = 0.0
            while True:
                began = time.monotonic()
                await self._listen(slack, app)
                if time.monotonic() - began >= STEADY:
                    pause = 0.0
                elif pause:
                    log.warning("Slack's sockets do not last; asking for another one in %g s", pause)
                await asyncio.sleep(pause)
                pause = min(max(2 * pause, FIRST_PAUSE), LONGEST_PAUSE)
        finally:
            if self._door is not None:
                self._door.app = None
            if self._handler is not None:
                # What comes now is not acknowledged, so Slack brings it again, to whoever listens then.
                self._handler.client.socket_mode_request_listeners.clear()
            await answering.drain(DRAIN)
            if self._handler is not None:
                await _close(self._handler)
                self._handler = None

    async def _listen(self, slack: Web, app: AsyncApp) -> None:
        """One socket handler until it has gone deaf. It replaces its socket by itself when Slack asks for that."""
        opened = await self._asked(slack, "apps.connections.open", APP_REFUSED, token=self._app_token)
        self._handler = handler = _Handler(app, self._app_token, ping_interval=PING)
        handler.client.wss_uri = opened["url"]  # saves it from asking for another one; that is rationed
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await handler.connect_async()  # type: ignore[no-untyped-call]
        except TimeoutError:
            log.warning("Slack's socket did not open within %g s; connecting afresh", CONNECT_WITHIN)
        else:
            log.info("listening on a socket of Slack's")
            self._has_connected = True
            await _deaf(handler)
            log.warning("nothing is heard on Slack's socket any more; connecting afresh")
        await _close(handler)
        self._handler = None

    async def _asked(self, slack: Web, method: str, refusal: str, **given: Any) -> Mapping[str, Any]:
        """The answer of a method, which is asked again and again until Slack is there.

        Raises StartFailure for a refusal before the first connection. Later it may be mended without a new token, and
        there may be other platforms at work here.
        """
        pause: float = FIRST_PAUSE
        while True:
            try:
                return await slack.call(method, **given)
            except Failure as failure:
                if code(failure) not in REFUSED and isinstance(failure, (Busy, Unknown)):
                    log.warning("Slack cannot be reached (%s); trying again in %g s", failure, pause)
                elif self._has_connected:
                    pause = LONGEST_PAUSE
                    log.error(
                        "%s Until then nothing is heard; trying again in %g s", refusal.format(code(failure)), pause
                    )
                else:
                    raise StartFailure(refusal.format(code(failure))) from failure
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def post(self, place: Place, post: Post) -> Posted:
        """Put the post there; what follows a milestone goes into the thread below it."""
        return await self._ready().post(place, post)

    async def edit(self, posted: Posted, post: Post) -> None:
        """Change a post in place; an edit notifies nobody."""
        await self._ready().edit(posted, post)

    async def withdraw(self, posted: Posted) -> None:
        """Take a post back. One that is gone already counts as taken back."""
        await self._ready().withdraw(posted)

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """The post with this key among our own messages since then, with the thread that it opened.

        Raises Unsearchable beyond a thousand messages, and where the history may not be read.
        """
        return await self._ready().find(place, key, since)

    def check(self, place: Place, post: Post) -> Sequence[Phrase]:
        """What would be shortened, and the picture that is not shown."""
        return losses(post)

    async def audience(self, places: Sequence[Place]) -> int:
        """All members of the channels; who is in two of them counts twice."""
        return sum(await asyncio.gather(*(self._ready().members(each) for each in places)))

    async def is_private(self, place: Place) -> bool | None:
        """Whether the channel is for those alone who were invited."""
        return await self._ready().is_private(place)

    async def project(self, state: CohortMembers | Calendar) -> None:
        """There are neither roles nor events here."""

    async def forget(self, person: Person) -> None:
        """Remember neither their profile nor where to write to them, and empty their Home."""
        if self._posting is not None:
            self._posting.forget(user_of(person))
        if self._answering is not None:
            self._answering.forget(user_of(person))

    def _ready(self) -> Posting:
        if self._posting is None:
            raise Busy(NOT_YET, "platform")
        return self._posting


def _bolt(slack: Web, installed: _Installed, answer: Answer) -> AsyncApp:
    """Bolt with one middleware of ours. Who delivers was looked at at the door; a socket is Slack's anyhow."""
    app = AsyncApp(
        client=slack.client,
        authorize=installed,
        logger=SDK_LOG,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
    )
    app.use(_Router(answer))
    return app


def _is_open(handler: _Handler) -> bool:
    """Whether the handler has an open socket on which pings are answered.

    The SDK's own word for it cannot be had without waiting, and forgets for how long a ping went unanswered.
    """
    socket, answered_at = handler.client.current_session, handler.client.last_ping_pong_time
    if socket is None or socket.closed or handler.client.stale:
        return False
    return answered_at is None or time.time() - answered_at < 4 * PING


async def _deaf(handler: _Handler) -> None:
    """Return once the handler hears nothing, and is not about to replace its socket.

    The SDK itself looks every PING seconds only, and what people do meanwhile is lost: Slack brings no command again.
    """
    lost = 0.0
    while _is_open(handler) or (handler.client.connect_operation_lock.locked() and lost < REPLACED_WITHIN):
        await asyncio.sleep(LOOK)
        lost = 0.0 if _is_open(handler) else lost + LOOK


async def _close(handler: _Handler) -> None:
    """Hang up; a dead socket is left without a goodbye, and what the SDK then leaves behind is tidied up."""
    client = handler.client
    try:
        async with asyncio.timeout(CLOSE):
            await handler.close_async()  # type: ignore[no-untyped-call]
    except TimeoutError:
        log.warning("Slack did not say goodbye within %g s", CLOSE)
    finally:
        for task in (client.message_processor, client.current_session_monitor, client.message_receiver):
            if task is not None:
                task.cancel()
        await client.aiohttp_client_session.close()
