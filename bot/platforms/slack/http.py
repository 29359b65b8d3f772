"""HTTP mode: the door at which Slack delivers, and who is turned away there.

Nothing gets past it unless Slack signed it, lately, and for the first time
(docs.slack.dev/authentication/verifying-requests-from-slack).
"""

import logging
import re
from datetime import UTC, datetime, timedelta

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import Clock as Seconds
from slack_sdk.signature import SignatureVerifier

from bot.chat.platform import Clock, Notebook

log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST = 256 * 1024  # bytes
WINDOW = timedelta(minutes=5)  # how far a request's time may be from ours, either way
RETRIES = timedelta(hours=2)  # Slack gives an event up after an hour
CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded")


class _Refused(Exception):  # noqa: N818 - expected: told to whoever asked, and one line in the log
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Now(Seconds):
    """Our clock, for the SDK's verifier."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


class Door:
    """Takes what Slack delivers, and hands it to `app`; while there is none, Slack is told to come again."""

    def __init__(self, signing_secret: str, notebook: Notebook, clock: Clock) -> None:
        self.app: AsyncApp | None = None
        self._verifier = SignatureVerifier(signing_secret, _Now(clock))
        self._notebook = notebook
        self._clock = clock

    async def hear(self, request: web.Request) -> web.Response:
        """Answer one request."""
        app = self.app
        if app is None:
            return web.Response(status=503, text="Milepost is starting; try again in a moment.\n")
        try:
            heard = _heard(await self._body(request), request)
        except _Refused as refused:
            log.warning("a request to %s from %s is refused: %s", PATH, request.remote, refused)
            return web.Response(status=refused.status, text=f"{refused}\n")
        event = heard.body.get("event_id")
        if event is not None and not await self._notebook.put_once(f"event:{event}", self._clock.now() + RETRIES):
            return web.Response()  # signed anew, since our first answer was lost; the event was handled
        return await to_aiohttp_response(await app.async_dispatch(heard))

    async def _body(self, request: web.Request) -> str:
        """The body of a request that Slack made. Raises _Refused for any other."""
        if request.content_type not in CONTENT_TYPES:
            raise _Refused(415, "wrong content type")
        stamp, signature = (request.headers.get(f"X-Slack-{each}", "") for each in ("Request-Timestamp", "Signature"))
        if not re.fullmatch(r"[0-9]{1,11}", stamp) or not signature.isascii():
            raise _Refused(401, "no signature of Slack's")
        sent_at = datetime.fromtimestamp(int(stamp), UTC)
        if abs(self._clock.now() - sent_at) > WINDOW:
            raise _Refused(401, f"its time is {sent_at:%Y-%m-%d %H:%M:%S} UTC, more than five minutes from now")
        body = await _read(request)
        if not self._verifier.is_valid(body, stamp, signature):
            raise _Refused(401, "wrong signature")
        if not await self._notebook.put_once(f"signature:{signature}", sent_at + WINDOW):
            raise _Refused(401, "it was made before")
        return body


def _heard(body: str, request: web.Request) -> AsyncBoltRequest:
    try:
        return AsyncBoltRequest(body=body, headers={**request.headers})
    except (ValueError, TypeError, AttributeError) as error:  # Bolt takes it for an object before it has looked
        raise _Refused(400, "nothing that Slack sends") from error


async def _read(request: web.Request) -> str:
    """The body as text; no more of it is read than may be there."""
    read = bytearray()
    async for chunk in request.content.iter_any():
        read += chunk
        if len(read) > LARGEST:
            raise _Refused(413, f"larger than {LARGEST // 1024} kB")
    try:
        return read.decode()
    except UnicodeDecodeError as error:
        raise _Refused(400, "not text in UTF-8") from error
