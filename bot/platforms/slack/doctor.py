"""The doctor's word on Slack: what keeps Milepost from working there, each finding with its fix.

Of what the manifest asks for, an installed app shows its scopes only; for the rest Slack wants a configuration token.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import aiohttp

from bot.chat.platform import Failure, Finding, Gone, Place
from bot.platforms.slack.client import REFUSED, REINSTALL, URL, Web, code
from bot.platforms.slack.http import PATH
from bot.platforms.slack.manifest import SCOPES

OPENS_WITHIN = 10  # seconds for the socket to open, and to greet


async def examine(bot_token: str, app_token: str | None, places: Sequence[Place], url: str = URL) -> list[Finding]:
    """Everything that is wrong or worth knowing, in the order in which it is best mended.

    `places` are where cohorts are at home. Without an `app_token`, Slack delivers over HTTP. A token that is refused
    and a Slack that does not answer are findings, too.
    """
    slack = Web(bot_token, url)
    try:
        me = await slack.call("auth.test")
        granted = await slack.granted()
        found = [_installation(me), *_of_scopes(granted), await _of_hearing(slack, app_token)]
        found += [await _of_place(slack, each, me) for each in {each.channel: each for each in places}.values()]
        return [each for each in found if each is not None]
    except Failure as failure:
        return [_unanswered(failure, "SLACK_BOT_TOKEN", "Copy it anew from your app's OAuth & Permissions page.")]
    finally:
        await slack.close()


def _unanswered(failure: Failure, token: str, fix: str) -> Finding:
    """What it means that Slack answers nothing, or nothing to that token."""
    if code(failure) in REFUSED or isinstance(failure, Gone):
        return Finding("error", token, f"Slack refuses it ({code(failure)}).", fix)
    problem = f"It gave no answer ({code(failure) or str(failure.__cause__) or failure})."
    return Finding("error", "Slack", problem, "Check this machine's network and slack-status.com, then ask again.")


def _installation(me: Mapping[str, Any]) -> Finding:
    return Finding(
        "note", f"workspace {me['team']}", f"Its id is {me['team_id']}, and Milepost is @{me['user']} there.",
        "Of its commands and events Slack tells nothing: after an update, give the app what `manifest` prints.",
    )  # fmt: skip


def _of_scopes(granted: frozenset[str]) -> Iterator[Finding]:
    for each in SCOPES:
        if each.name not in granted:
            yield Finding(each.level, f"scope {each.name}", f"Without it, Milepost cannot {each.purpose}.", REINSTALL)
    if unused := sorted(granted - {each.name for each in SCOPES}):
        problem = f"The app has some that Milepost never uses: {', '.join(unused)}."
        yield Finding("note", "scopes", problem, "They do no harm; they go when the app is removed and installed anew.")


async def _of_hearing(slack: Web, app_token: str | None) -> Finding | None:
    """Whether what people do reaches Milepost. The socket that is tried is closed before it can be given anything."""
    if app_token is None:
        return Finding(
            "note", "HTTP mode", "Whether Slack reaches Milepost is not to be seen from here.",
            f"Your app's Event Subscriptions page says Verified if it does, at https://…{PATH}.",
        )  # fmt: skip
    try:
        opened = await slack.call("apps.connections.open", token=app_token)
    except Failure as failure:
        fix = "Make an app-level token with connections:write on your app's Basic Information page."
        return _unanswered(failure, "SLACK_APP_TOKEN", fix)
    try:
        async with asyncio.timeout(OPENS_WITHIN):
            greeting = await _greeting(slack, opened["url"])
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        problem = f"It does not open ({type(error).__name__})."
        return Finding(
            "error", "socket", problem, "Let this machine reach wss://*.slack.com; a proxy may be in the way."
        )
    if greeting.get("type") != "hello":
        problem = f"Slack hangs up ({greeting.get('reason', greeting.get('type'))})."
        return Finding("error", "socket", problem, "Switch Socket Mode on, on your app's Socket Mode page.")
    others = greeting.get("num_connections", 1) - 1
    if others > 1:
        problem = f"{others} others are open, and whatever people do reaches only one of them."
        return Finding("warning", "socket", problem, "Run one Milepost for an app, and give each other one its own.")
    return None


async def _greeting(slack: Web, url: str) -> Mapping[str, Any]:
    async with aiohttp.ClientSession() as session, session.ws_connect(url, proxy=slack.client.proxy) as socket:
        greeting: Mapping[str, Any] = await socket.receive_json()
        return greeting


async def _of_place(slack: Web, place: Place, me: Mapping[str, Any]) -> Finding | None:
    where = f"{me['team']} {place.mention().name}"
    if place.community != me["team_id"]:
        problem = "A cohort is at home there, and SLACK_BOT_TOKEN is of another workspace."
        return Finding(
            "error", f"workspace {place.community}", problem, "Set that one's token, or start the cohort anew."
        )
    try:
        channel = (await slack.call("conversations.info", place, channel=place.channel))["channel"]
    except Failure as failure:
        if code(failure) == "missing_scope":
            return None  # told already; of a private conversation there is nothing to tell
        problem = f"A cohort posts there, and Slack does not show it ({code(failure) or failure})."
        return Finding("error", where, problem, f"If it is private, send `/invite @{me['user']}` there.")
    if channel.get("is_archived"):
        return Finding("error", where, "A cohort posts there, and it is archived.", "Unarchive it.")
    if not channel.get("is_member"):
        return Finding(
            "error", where, "A cohort posts there, and Milepost is not in it.", f"Send `/invite @{me['user']}` there."
        )
    return None
