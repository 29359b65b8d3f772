"""Where a storm takes place: a database, both platforms on loopback, and what is true of them in the end."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from bot.records.records import Records
from tests.storm.discord_server import DiscordServer, open_discord
from tests.storm.season import Row, Season, rows
from tests.storm.slack_server import StormySlack, open_stormy_slack
from tests.storm.weather import Weather
from tests.storm.worker import Orders


class Field:
    """See the module. Open it with `open_field`."""

    def __init__(
        self, records: Records, season: Season, weather: Weather, discord: DiscordServer, slack: StormySlack, log: Path
    ) -> None:
        self.records = records
        self.season = season
        self.weather = weather
        self.discord = discord
        self.slack = slack
        self._log = log

    async def put(self, posts: Callable[[Connection, datetime], None]) -> None:
        """Put those posts of the season."""
        await self.records.write(posts, datetime.now(UTC))
        for key in self.season.keys:
            self.discord.knows(key)

    def orders(self, **more: Any) -> Orders:
        """For a worker here."""
        url = self.records.url.render_as_string(hide_password=False)
        return Orders(
            url, self.discord.api, self.slack.api, platforms=self.season.platforms, log=str(self._log), **more
        )

    def log(self) -> str:
        """The end of what the workers logged."""
        return self._log.read_text()[-4000:] if self._log.exists() else ""

    async def problems(self) -> list[str]:
        """What is not as promised, a line each, with what happened to the post: none, if all is well."""
        shown = [*self.discord.seen(), *self.slack.seen()]
        there = defaultdict[str, list[str]](list)
        for _, key, number in shown:
            there[key].append(number)
        found = [f"{key}: not one of the season's" for key in there if key not in self.season.keys]
        for row in await self.records.read(rows):
            what = self._wrong_with(row, there[row.key])
            if what:
                found.append("\n    ".join([f"{row.key}: {what}", *self.weather.history[row.key]]))
        return [*found, *_out_of_order([(channel, key) for channel, key, _ in shown]), *await self._damage()]

    def _wrong_with(self, row: Row, there: list[str]) -> str | None:
        if len(there) != 1:
            return f"there {len(there)} times, as {', '.join(there) or 'nothing'}; its row says {row.state}"
        if row.state != "sent":
            return f"there, and its row says {row.state} ({row.reason})"
        if row.posted is None or row.posted.id != there[0]:
            return f"there as {there[0]}, and its row says {row.posted}"
        if row.kind == "milestone" and row.posted.place.platform == "discord" and there[0] not in self.discord.threads:
            return "there without its thread"
        return None

    async def _damage(self) -> list[str]:
        if self.records.url.get_backend_name() != "sqlite":
            return []
        said = await self.records.read(_checked)
        return [] if said == "ok" else [f"PRAGMA integrity_check: {said}"]


def _checked(connection: Connection) -> str:
    return "; ".join(connection.execute(text("PRAGMA integrity_check")).scalars())


def _out_of_order(shown: list[tuple[str, str]]) -> list[str]:
    """Milestones that stand before an earlier one in their channel."""
    weeks = defaultdict[str, list[int]](list)
    for channel, key in shown:
        if ":milestone:" in key:
            weeks[channel].append(int(key.split(":")[2]))
    return [f"{channel}: its weeks came as {each}" for channel, each in weeks.items() if each != sorted(each)]


@asynccontextmanager
async def open_field(url: str, weather: Weather, log: Path, season: Season) -> AsyncIterator[Field]:
    """A field with the season put into the database at `url`."""
    records = Records(url)
    try:
        async with open_discord(weather) as discord, open_stormy_slack(weather) as slack:
            made = Field(records, season, weather, discord, slack, log)
            await made.put(season.put)
            for channel, thread in season.on_slack():
                slack.knows(channel, thread)
            yield made
    finally:
        await records.close()
