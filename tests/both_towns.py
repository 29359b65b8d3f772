"""One cohort on a server of Discord's and in a workspace of Slack's: one process, one database, both real clients.

Tests act on either: `await both.guild.grace.slash(both.guild.main, "announce")`, `await both.mary.slash("week")`.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.curriculum.load import Curricula
from bot.platforms.slack import answer
from bot.platforms.slack.connect import Slack
from bot.records.records import RecordsNotebook
from tests import discord_town, slack_town
from tests.discord_town import Guild
from tests.slack_limits import walk
from tests.slack_server import BOT_TOKEN, Fault, SlackServer, open_slack
from tests.slack_town import Member, Office, Wired
from tests.slack_workspace import MAIN, Json

LOST_ANSWERS = [
    Fault(status=429, headers={"Retry-After": "600"}),
    Fault(status=503),
    Fault(lost=True),
    Fault(lost=True, is_done=True),
]


class Beside(Office):
    """A workspace that the server's own process serves, too."""

    def __init__(self, guild: Guild, slack: SlackServer, folder: Path, curricula: Curricula) -> None:
        self._guild = guild
        super().__init__(slack, folder, curricula)

    def _start(self, facilitators: frozenset[tuple[str, str, str]] = frozenset()) -> None:
        self.clock, self.records, self.rooms = self._guild.clock, self._guild.records, self._guild.rooms
        self.notebook = RecordsNotebook(self.records, self.clock, Slack.name)
        self.platform = Wired(BOT_TOKEN, self.notebook, self.clock, url=self.slack.api)
        self._guild.platforms[Slack.name] = self.platform
        self.platform.begin(self.rooms.desk)


@dataclass
class Both:
    """A server and a workspace, with one cohort at home in both: Alice is in it on Discord, Mary on Slack."""

    guild: Guild
    office: Beside
    mary: Member

    async def code(self) -> str:
        """A code for Deep, as Grace reads it on the server."""
        shown = await self.guild.grace.slash(self.guild.main, "cohort place code")
        found = re.search(r"\*\*Code\*\* (\w+)", discord_town.read(shown.response))
        assert found is not None
        return found[1]

    async def restart(self) -> None:
        """Stop Milepost and start it anew on the same records."""
        await self.office.close()
        await self.guild.restart()
        self.office._start()

    async def pass_time(self, **how_long: float) -> None:
        """Let time pass on both platforms, with everything that falls due on the way."""
        await self.guild.pass_time(**how_long)

    @property
    def on_discord(self) -> list[str]:
        """What everybody reads in #main of the server, post by post."""
        return [discord_town.read(each) for each in self.guild.posts]

    @property
    def in_threads(self) -> list[str]:
        """What was sent to Discord at all, also to the threads of milestones."""
        return [str(each) for each in self.guild.sent("POST", "/messages")]

    @property
    def on_slack(self) -> list[str]:
        """What everybody reads in #main of the workspace, post by post."""
        return [slack_town.read(shown(each)) for each in self.office.slack.messages[MAIN]]

    def titled(self, title: str) -> tuple[int, int]:
        """How many posts there are on Discord and on Slack whose first line is this."""
        on_discord = [each for each in self.on_discord if each.splitlines()[0] == f"## {title}"]
        return len(on_discord), len([each for each in self.on_slack if each.splitlines()[0] == title])

    def notified(self) -> tuple[list[list[str]], list[list[str]]]:
        """Whom each post that notifies anybody mentions, on Discord and on Slack."""
        payloads = [each for each in self.guild.sent("POST", "/messages") if "allowed_mentions" in each]
        on_discord = [each["allowed_mentions"].get("users", []) for each in payloads]
        walked = [walk(each["blocks"]) for each in self.office.slack.messages[MAIN]]
        on_slack = [[part["user_id"] for _, part in each if part.get("type") == "user"] for each in walked]
        return [each for each in on_discord if each], [each for each in on_slack if each]


def shown(message: Json) -> Json:
    """A message's text and blocks."""
    return {"text": message["text"], "blocks": message["blocks"]}


@asynccontextmanager
async def open_both(
    guild: Guild, folder: Path, curricula: Curricula, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Both]:
    """Deep on the server, with Alice; the workspace beside it, where it is at home, too, with Mary."""
    for kind in answer.WITHIN:
        monkeypatch.setitem(answer.WITHIN, kind, 60)
    async with open_slack() as slack:
        office = Beside(guild, slack, folder, curricula)
        made = Both(guild, office, office.join("UMARY"))
        await office.grace.slash(f"cohort place add code:{await made.code()}")
        await made.mary.slash("join")
        yield made
        await made.office.settle()
        await made.office.platform.web.close()
