"""Bolt and its socket, as far as Milepost uses them.

Bolt reads what Slack delivers, over a socket or over HTTP, and gives it to one middleware of ours, which answers all of
it: our own router, as everywhere. Listeners of Bolt's would be looked at every 10 ms until they have acknowledged, and
one that raises after that loses its acknowledgement.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.platforms.slack.client import SDK_LOG, Web
from bot.platforms.slack.shape import oddity

log = logging.getLogger(__name__)

PING = 10  # seconds between the SDK's pings; four of them without an answer, and the socket is deaf
LOOK = 1  # seconds between looks at the socket
REPLACED_WITHIN = 30  # seconds that the SDK gets to replace a socket
CLOSE = 2  # seconds for a goodbye

Answer = Callable[[Mapping[str, Any]], Awaitable[str | None]]
"""What to acknowledge something with, as JSON; None for an empty acknowledgement."""


def application(slack: Web, me: Mapping[str, Any], answer: Answer) -> AsyncApp:
    """Bolt with one middleware of ours. Who delivers was looked at at the door; a socket is Slack's anyhow.

    `me` is what `auth.test` says: whatever comes is for the one workspace that the token belongs to. Given to Bolt, it
    also decides for us what SLACK_CLIENT_ID and SLACK_CLIENT_SECRET in the environment would decide otherwise: they
    switch Bolt to OAuth, with installations in files.
    """
    installed = AuthorizeResult(
        enterprise_id=me.get("enterprise_id"), team_id=me["team_id"], bot_id=me["bot_id"], bot_user_id=me["user_id"],
        bot_token=slack.client.token,
    )  # fmt: skip

    async def authorize() -> AuthorizeResult:
        return installed

    app = AsyncApp(
        client=slack.client,
        authorize=authorize,
        logger=SDK_LOG,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
    )
    app.use(_Router(answer))
    return app


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


class Socket(SocketModeClient):
    """The SDK's socket, which replaces its connection by itself when Slack asks for that; what comes goes to `app`.

    Bolt's own handler would read the JSON of each answer and write it anew: as much work as all else that Bolt does.
    """

    def __init__(self, app: AsyncApp, app_token: str, url: str) -> None:
        super().__init__(app_token, SDK_LOG, app.client, ping_interval=PING)
        self.wss_uri = url  # saves it from asking for another one; that is rationed
        self.socket_mode_request_listeners.append(self._hear)  # type: ignore[arg-type]
        self._app = app

    async def _hear(self, _: SocketModeClient, request: SocketModeRequest) -> None:
        """Acknowledge with the answer as it is. What fails is not acknowledged, so Slack brings it again."""
        answer = await run_async_bolt_app(self._app, request)
        if answer.status == 200:
            payload = f', "payload": {answer.body}' if answer.body else ""
            await self.send_message(f'{{"envelope_id": {json.dumps(request.envelope_id)}{payload}}}')

    @property
    def is_open(self) -> bool:
        """Whether pings are answered on it.

        The SDK's own word for it cannot be had without waiting, and forgets for how long a ping went unanswered.
        """
        if self.current_session is None or self.current_session.closed or self.stale:
            return False
        return self.last_ping_pong_time is None or time.time() - self.last_ping_pong_time < 4 * PING

    async def deaf(self) -> None:
        """Return once nothing is heard on it, and it is not about to be replaced.

        The SDK itself looks every PING seconds only, and what people do meanwhile is lost: Slack brings no command
        again.
        """
        lost = 0.0
        while self.is_open or (self.connect_operation_lock.locked() and lost < REPLACED_WITHIN):
            await asyncio.sleep(LOOK)
            lost = 0.0 if self.is_open else lost + LOOK

    def hear_no_more(self) -> None:
        """Leave what comes from now on unacknowledged: Slack brings it again, to whoever listens then."""
        self.socket_mode_request_listeners.clear()

    async def hang_up(self) -> None:
        """Close it; a dead one is left without a goodbye, and what the SDK then leaves behind is tidied up."""
        try:
            async with asyncio.timeout(CLOSE):
                await self.close()  # type: ignore[no-untyped-call]
        except TimeoutError:
            log.warning("Slack did not say goodbye within %g s", CLOSE)
        finally:
            for task in (self.message_processor, self.current_session_monitor, self.message_receiver):
                if task is not None:
                    task.cancel()
            await self.aiohttp_client_session.close()
