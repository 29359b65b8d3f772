"""Processes that only send: they carry posts without hearing anybody, and share the work of one server."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.util import await_only

from bot.chat.message import Post
from bot.chat.platform import Person, Place, Posted
from bot.curriculum.load import Curricula
from bot.delivery.clock import RunningClock
from bot.delivery.sending import Timing
from bot.platforms.discord.connect import Discord
from bot.platforms.slack.connect import Slack
from bot.records import claims, live, posts
from bot.records.claims import Due
from bot.records.lanes import LANES
from bot.records.records import Records, RecordsNotebook
from bot.records.runners import by_locks
from bot.shipped import shipped
from tests.discord_town import MONDAY, Guild, Session
from tests.postgres import Postgres
from tests.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer, open_slack
from tests.test_discord_posts import PLAIN
from tests.test_slack_posts import HERE
from tests.town import Square, Town, open_town

ADA = Person(platform="square", id="ada", name="Ada")
SEASON = next(each for each in LANES if each.name == "season")


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with open_slack() as made:
        yield made


@pytest.fixture
def kept(postgres: Postgres) -> Iterator[str]:
    url = postgres.database()
    yield url
    postgres.drop(url)


async def carried(platform: Discord | Slack) -> "asyncio.Task[None]":
    """The platform, carrying posts."""
    task = asyncio.create_task(platform.carry())
    async with asyncio.timeout(10):
        while not platform.connected:  # noqa: ASYNC110 - it becomes so within, and tells nobody
            await asyncio.sleep(0.01)
    return task


async def stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task])


# ---- On the platforms ------------------------------------------------------------------------------------------------


async def test_on_discord_posts_are_carried_without_the_gateway(guild: Guild) -> None:
    other = Discord("token", guild.notebook, RunningClock(), guild.easel)
    other.rest.session = cast(aiohttp.ClientSession, Session(guild.env.bot))
    forum = guild.server.create_forum_channel("study-forum")
    weeks = guild.place.model_copy(update={"channel": str(forum.id), "name": "#study-forum"})
    secret = guild.server.create_text_channel("secret")
    closed = guild.place.model_copy(update={"channel": str(secret.id), "name": "#secret"})
    await guild.env.settle()
    task = await carried(other)
    posted = await other.post(guild.place, PLAIN)
    assert await other.find(guild.place, PLAIN.key, MONDAY) == posted
    assert await guild.discord.find(guild.place, PLAIN.key, MONDAY) == posted
    assert (await other.post(weeks, PLAIN)).thread == str(forum.threads[0].id)
    assert await other.find(closed, PLAIN.key, MONDAY) is None
    await stopped(task)


async def test_on_slack_posts_are_carried_without_a_socket(slack: SlackServer, town: Town) -> None:
    clock = RunningClock()
    other = Slack(
        BOT_TOKEN, RecordsNotebook(town.rooms.records, clock, "slack"), clock, app_token=APP_TOKEN, url=slack.api
    )
    task = await carried(other)
    posted = await other.post(HERE, PLAIN)
    assert await other.find(HERE, PLAIN.key, clock.now().replace(year=2020)) == posted
    assert "apps.connections.open" not in [each.method for each in slack.asked]
    await stopped(task)


# ---- On the server ---------------------------------------------------------------------------------------------------


async def test_four_senders_post_everything_once_and_in_order(kept: str, curricula: Curricula) -> None:
    square = Square()
    towns = [await open_town(kept, curricula=curricula, square=square) for _ in range(4)]
    for number in range(6):
        await towns[0].start(
            f"grace: /cohort create Deep{number} curriculum:deep-learning start:2027-01-04", channel=f"c{number}"
        )
    for week in range(3):
        for each in towns:
            each.clock.forward(MONDAY.replace(day=4 + 7 * week, hour=10))
        await asyncio.gather(*(each.rooms.delivery.tick() for each in towns))
    keys = towns[0].keys
    milestones = [key for key in keys if ":milestone:" in key]
    assert len(keys) == len(set(keys))
    assert len(milestones) == 18
    for number in range(6):
        steps = [key.split(":")[2] for key in milestones if key.endswith(f":{number + 1}")]
        assert steps == ["step-1", "step-2", "step-3"]
    for each in towns:
        await each.rooms.records.close()


def waiting_for_locks(connection: Connection) -> int:
    """How many of the server's processes wait for a lock."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    return int(connection.execute(waiting).scalar_one())


class HastySquare(Square):
    """A square where what was just posted is taken back before its sender has recorded that it is there."""

    def __init__(self, records: Records) -> None:
        super().__init__()
        self.records = records
        self.takes_back: asyncio.Task[None] | None = None

    async def post(self, place: Place, post: Post) -> Posted:
        posted = await super().post(place, post)
        begun = asyncio.Event()

        def take_back(connection: Connection) -> None:
            live.take_back(connection, [1], MONDAY)
            begun.set()
            await_only(self._somebody_waits())

        self.takes_back = asyncio.create_task(self.records.write(take_back))
        await begun.wait()
        return posted

    async def _somebody_waits(self) -> None:
        async with asyncio.timeout(10):
            while not await self.records.read(waiting_for_locks):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_what_is_taken_back_while_its_outcome_is_recorded_is_taken_away(kept: str, curricula: Curricula) -> None:
    square = HastySquare(Records(kept))
    town = await open_town(kept, curricula=curricula, square=square)
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04")
    await town.say("ada: /join")
    await town.say("ada: /stuck where:gradients")
    await town.rooms.delivery.tick()
    assert square.takes_back is not None
    await square.takes_back
    await town.pass_time(minutes=1)
    assert len(square.told) == 1
    assert town.posts == []
    await square.records.close()
    await town.rooms.records.close()


async def listening(url: str) -> tuple[Records, "asyncio.Task[None]"]:
    """A process that hears of what others write."""
    records = Records(url)
    task = asyncio.create_task(records.together.run())
    await until(records, hears=True)
    return records, task


async def until(records: Records, **wanted: bool) -> None:
    async with asyncio.timeout(20):
        while any(getattr(records.together, name) != value for name, value in wanted.items()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_one_process_writes_another_does_not_remember_otherwise(kept: str, curricula: Curricula) -> None:
    town = await open_town(kept, curricula=curricula)
    other, task = await listening(kept)
    assert (await other.town("square", "town")).cohorts == ()
    assert (await other.standing(ADA)).enrolments == ()
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04", expect="Deep is ready")
    await town.say("ada: /join", expect="Welcome")
    async with asyncio.timeout(5):
        while not (await other.standing(ADA)).enrolments:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert [each.name for each in (await other.town("square", "town")).cohorts] == ["Deep"]
    await stopped(task)
    await other.close()
    await town.rooms.records.close()


async def test_without_word_from_others_nothing_is_remembered(kept: str, curricula: Curricula) -> None:
    town = await open_town(kept, curricula=curricula)
    other, task = await listening(kept)
    assert (await other.town("square", "town")).cohorts == ()
    await stopped(task)
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04", expect="Deep is ready")
    assert [each.name for each in (await other.town("square", "town")).cohorts] == ["Deep"]
    await other.close()
    await town.rooms.records.close()


async def test_one_process_leads_and_another_takes_over(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.records.together.LOOK", 0.05)
    first, leading = await listening(kept)
    await until(first, leads=True)
    second, waiting = await listening(kept)
    assert not second.together.leads
    await stopped(leading)
    assert not first.together.leads
    await until(second, leads=True)
    await stopped(waiting)
    for each in (first, second):
        await each.close()


# ---- The command line ------------------------------------------------------------------------------------------------


def command(url: str, *arguments: str, **settings: str) -> list[str]:
    """What `python -m bot` says before it gives up, line by line."""
    kept = {name: value for name, value in os.environ.items() if "TOKEN" not in name}
    environment = {**kept, "DATABASE_URL": url, "PYTHONPATH": str(shipped("migrations").parent), **settings}
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    return done.stderr.splitlines()


def test_on_a_file_there_is_nothing_to_share(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'kept.db'}"
    assert command(url, "send", **{"DISCORD_TOKEN": "token"}) == [
        f"DATABASE_URL: {url} is a file, which one process alone sends from: `run`. "
        "Move to PostgreSQL to share the work."
    ]


def test_without_a_platform_there_is_nothing_to_send(kept: str) -> None:
    assert command(kept, "send") == ["PLATFORMS: the playground posts by itself; set DISCORD_TOKEN or SLACK_BOT_TOKEN"]


@pytest.mark.parametrize("begins", [by_locks, lambda verb: verb])
@pytest.mark.parametrize("settles_first", [True, False])
async def test_a_crowd_that_is_passed_over_while_what_it_waits_for_is_settled_does_not_wait_on(
    kept: str, curricula: Curricula, monkeypatch: pytest.MonkeyPatch, *, begins: Callable[..., Any], settles_first: bool
) -> None:
    monkeypatch.setattr(claims, "CROWD", 1)
    town, other = await open_town(kept, curricula=curricula), Records(kept)
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04")
    records, asked = town.rooms.records, (MONDAY, "fence", Timing().lease, "square", SEASON)
    for key in ("first", "second", "third"):
        await records.write(posts.put, key, "milestone", 1, 1, MONDAY, {"step": 1})
    first = await records.write(claims.claim, *asked)
    assert isinstance(first, Due)
    begun, may_go_on = asyncio.Event(), asyncio.Event()

    @begins
    def settle(connection: Connection) -> None:
        is_settled = settles_first and claims.settle(connection, first, "sent", MONDAY)
        claims.is_taken_back(connection, first)  # as of now, if it is SERIALIZABLE
        begun.set()
        await_only(may_go_on.wait())
        assert is_settled or claims.settle(connection, first, "sent", MONDAY)

    settling = asyncio.create_task(records.write(settle))
    await begun.wait()
    passing = asyncio.create_task(other.write(claims.claim, *asked))
    async with asyncio.timeout(10):
        while not passing.done() and not await other.read(waiting_for_locks):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    may_go_on.set()
    await settling
    assert not isinstance(await passing, Due)
    again = await other.write(claims.claim, *asked)
    assert isinstance(again, Due)
    assert again.key == "second"
    await other.close()
    await records.close()
