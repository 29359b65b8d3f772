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

from bot.chat.platform import Clock

log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST = 256 * 1024  # bytes
WINDOW = timedelta(minutes=5)  # how far a request's time may be from ours, either way
TWINS = timedelta(seconds=3)  # for so long may what is made and signed alike come twice
MOST = 50_000  # signatures that are remembered: 166 requests a second
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
    """Takes what Slack delivers, and hands it to `app`; while there is none, Slack is told to come again.

    It knows what came before by its signature, in memory: writing each one down would cost more than most answers, and
    be waited for by all of them. What was signed before the door was built, or before what it had to forget, is
    refused, so nothing passes twice because of a restart; the second in which it was built counts as after, since no
    process gives way to another and that one is at work within it. Should Slack's clock be ahead of ours across a
    restart, then what writes is still dropped in the transaction of its verb, by the id of the call.
    """

    def __init__(self, signing_secret: str, clock: Clock) -> None:
        self.app: AsyncApp | None = None
        self._verifier = SignatureVerifier(signing_secret, _Now(clock))
        self._clock = clock
        self._since = clock.now().replace(microsecond=0)  # as Slack counts
        self._known: dict[str, datetime] = {}  # when each was made, by signature

    async def hear(self, request: web.Request) -> web.Response:
        """Answer one request."""
        app = self.app
        if app is None:
            return web.Response(status=503, text="Milepost is starting; try again in a moment.\n")
        try:
            heard = await self._heard(request)
        except _Refused as refused:
            log.warning("a request to %s from %s is refused: %s", PATH, request.remote, refused)
            return web.Response(status=refused.status, text=f"{refused}\n")
        return await to_aiohttp_response(await app.async_dispatch(heard))

    async def _heard(self, request: web.Request) -> AsyncBoltRequest:
        """What Slack says with a request that it made. Raises _Refused for any other."""
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
        if sent_at < self._since:
            raise _Refused(401, f"it was made before {self._since:%H:%M:%S} UTC, from when on Milepost remembers")
        is_new = self._note(signature, sent_at)
        heard = _parsed(body, request)
        if not is_new and not self._is_twin(heard, sent_at):
            raise _Refused(401, "it was made before")
        return heard

    def _note(self, signature: str, sent_at: datetime) -> bool:
        """Whether the signature is new; it is remembered for as long as its time would do."""
        if signature in self._known:
            return False
        self._known[signature] = sent_at
        first = next(iter(self._known))
        if self._clock.now() - self._known[first] > WINDOW:
            del self._known[first]
        elif len(self._known) > MOST:
            self._since = max(self._since, self._known.pop(first) + timedelta(seconds=1))
        return True

    def _is_twin(self, heard: AsyncBoltRequest, sent_at: datetime) -> bool:
        """Whether it may well have been made twice: what is typed comes without an id, and changes nothing."""
        return heard.body.get("type") == "block_suggestion" and abs(self._clock.now() - sent_at) <= TWINS


def _parsed(body: str, request: web.Request) -> AsyncBoltRequest:
    try:
        return AsyncBoltRequest(body=body, headers={**request.headers})
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:  # Bolt looks into all of it
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
