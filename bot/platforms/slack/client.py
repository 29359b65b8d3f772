"""Slack's Web API: one request an attempt, and what went wrong told as one of the four failures."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.chat.platform import Busy, Closed, Deleted, Failure, Gone, Place, Rejected, Unknown

log = logging.getLogger(__name__)

URL = AsyncWebClient.BASE_URL
ANSWER_WITHIN, CONNECT_WITHIN = 10, 5  # seconds
NOT_YET = 5  # seconds until a post is tried again that came before the connection
AWAY = 600  # seconds to leave Slack alone when it does not know us any more, or lets nobody in
RETRY_AFTER = 30  # seconds, where Slack does not say how long
REFUSED = frozenset({
    "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"
})  # fmt: skip
REINSTALL = "Give the app the manifest that `python -m bot manifest` prints, and install it again."
_ASKED_FIRST = ("auth.test", "apps.connections.open")  # `connect` says what it means that these are refused
_UNSURE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_CLOSED = frozenset({"org_login_required", "team_added_to_org", "accesslimited"})  # the workspace moves, or is shielded
# Whom nobody can write to: errors of conversations.open and chat.postMessage (docs.slack.dev/reference/methods).
_SHUT = frozenset({
    "cannot_dm_bot", "user_disabled", "user_not_found", "users_not_found", "user_not_visible", "messages_tab_disabled"
})  # fmt: skip
# Methods called so take no JSON.
_PLAIN = frozenset({"getUploadURLExternal", "history", "info", "list", "members", "replies"})
_FIXES = {
    **dict.fromkeys(
        ("not_in_channel", "user_not_in_channel"),
        "Milepost is not in {where}. Invite it: send /invite @Milepost there.",
    ),
    "channel_not_found": "{where} is not there any more, or it is private and Milepost is not in it: invite it there.",
    "is_archived": "{where} is archived. Unarchive it, or take it from the cohort.",
    "thread_not_found": "The thread in {where} is not there any more.",
    "restricted_action": "Not everybody may post in {where} ({word}). Have a workspace owner allow it to Milepost.",
}


class _Discreet(logging.Filter):
    """One line for what the SDK has to say, without the ticket that opens a socket: its addresses are in tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = re.sub(r"\bwss?://[^\s'\")\];]+", "the socket's address", record.getMessage()), ()
        record.exc_info = record.exc_text = None
        return True


def _quiet() -> logging.Logger:
    """A log for the SDK that keeps secrets. What the SDK tells below an error includes every message and address."""
    made = logging.getLogger(f"{__name__}.sdk")
    made.setLevel(logging.ERROR)
    made.addFilter(_Discreet())
    return made


SDK_LOG = _quiet()


class Web:
    """The Web API with the bot's token, over connections that are kept. Make it in a running loop; close it last."""

    def __init__(self, token: str, url: str = URL) -> None:
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN, connect=CONNECT_WITHIN)
        self._session = aiohttp.ClientSession(timeout=timeout)
        # By default the SDK sends once more what it lost the answer to, and so says a message twice.
        self.client = AsyncWebClient(token, url, session=self._session, retry_handlers=[], logger=SDK_LOG)

    async def call(self, method: str, place: Place | None = None, **given: Any) -> Mapping[str, Any]:
        """One request of a method; `place` is what it is about, `token` another one than the bot's.

        Raises one of the four failures.
        """
        done: Mapping[str, Any] = (await self._ask(method, place, **given)).data  # type: ignore[assignment]  # no bytes
        return done

    async def granted(self) -> frozenset[str]:
        """The scopes that the bot's token was given. Raises one of the four failures."""
        told = (await self._ask("auth.test")).headers.get("x-oauth-scopes", "")
        return frozenset(told.replace(",", " ").split())

    async def _ask(self, method: str, place: Place | None = None, **given: Any) -> AsyncSlackResponse:
        params, body = (given, None) if method.rpartition(".")[2] in _PLAIN else (None, given)
        try:
            return await self.client.api_call(method, params=params, json=body)
        except SlackApiError as error:
            raise _failure(error, method, place) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Busy(NOT_YET, "platform") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unknown(f"the answer was lost ({type(error).__name__})") from error

    async def respond(self, response_url: str, payload: Mapping[str, Any]) -> None:
        """Answer an interaction at the address that came with it: five times within thirty minutes, says Slack.

        Raises one of the four failures.
        """
        await self._send(response_url, json=payload)

    async def upload(self, url: str, content: bytes) -> None:
        """Hand over what a file holds, at the address that Slack gave for it. Raises one of the four failures."""
        await self._send(url, data=content)

    async def _send(self, url: str, **body: Any) -> None:
        try:
            async with self._session.post(url, proxy=self.client.proxy, **body) as answer:
                said = await answer.text()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Busy(NOT_YET, "platform") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unknown(f"the answer was lost ({type(error).__name__})") from error
        if answer.status == 429:
            raise Busy(_seconds(answer.headers), "route")
        if answer.status >= 500:
            raise Unknown(f"Slack answered {answer.status}")
        if answer.status != 200:
            raise Rejected(f"Slack does not take it: {answer.status} {said[:100]}")

    async def close(self) -> None:
        """Leave. Nothing can be asked after that."""
        await self._session.close()


def code(failure: Failure) -> str | None:
    """The word that Slack gives its error."""
    cause = failure.__cause__
    return _said(cause).get("error") if isinstance(cause, SlackApiError) else None


def _said(error: SlackApiError) -> Mapping[str, Any]:
    """What Slack said is wrong; nothing if it was not Slack that answered, but something on the way."""
    answer = error.response
    return answer.data if isinstance(answer, AsyncSlackResponse) and isinstance(answer.data, dict) else {}


def _failure(error: SlackApiError, method: str, place: Place | None) -> Failure:
    """What an answer of Slack's means for what was asked."""
    said, answer = _said(error), error.response
    status = answer.status_code if isinstance(answer, AsyncSlackResponse) else None
    word = said.get("error")
    if status == 429 or word in ("ratelimited", "rate_limited"):
        return Busy(_seconds(answer.headers), "route")
    if word is None or word in _UNSURE or (status or 500) >= 500:
        return Unknown(f"Slack answered {word or status}")
    if word in REFUSED:
        if method not in _ASKED_FIRST:
            log.error("SLACK_BOT_TOKEN: Slack refuses it now (%s). Copy it anew from OAuth & Permissions.", word)
        return Busy(AWAY, "platform")
    if word in _CLOSED:
        log.warning("Slack lets nobody into the workspace now (%s); it is left alone for %g s", word, AWAY)
        return Busy(AWAY, "platform")
    if word == "missing_scope":
        needed = (
            f"Slack's scope {said['needed']}" if said.get("needed") else "a scope of Slack's, which it does not name,"
        )
        return Gone(f"Milepost lacks {needed} for {method}. {REINSTALL}")
    fix = _FIXES.get("restricted_action" if word.startswith("restricted_action") else word)
    if fix is not None:
        return Gone(fix.format(where=_name(place), word=word))
    if word in _SHUT:
        return Closed(f"Slack: {word}")
    if word == "message_not_found":
        return Deleted("The message is not there any more.")
    details = said.get("response_metadata", {}).get("messages", ())
    return Rejected(f"Slack refuses {method}: {'; '.join([word, *details])}")


def _name(place: Place | None) -> str:
    if place is None:
        return "the channel"
    return place.person.name if place.person else place.name or place.channel


def _seconds(headers: Mapping[str, str]) -> float:
    said = headers.get("Retry-After", "")
    return float(said) if re.fullmatch(r"\d{1,6}", said) else RETRY_AFTER
