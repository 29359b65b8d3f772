"""Kills at any moment, on SQLite and on PostgreSQL: every post is there once, in its order, and recorded.

STORM_SEED chooses another storm. The report is printed, and with it the history of every post that is not as promised.
"""

import asyncio
import os
import signal
from pathlib import Path
from subprocess import CalledProcessError

from tests.postgres import Postgres
from tests.storm.field import open_field
from tests.storm.season import Season
from tests.storm.storm import Storm
from tests.storm.weather import Weather

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "storm"
SEED = int(os.environ.get("STORM_SEED", "1"))
WITHIN = 1800 if IS_LONG else 300  # seconds; a storm that takes longer hangs


def short() -> Season:
    """As much as the short form can send in time."""
    return Season(weeks=4, announcements=2, replies=1, notices=1, places=5)


async def problems_after(storm: Storm) -> list[str]:
    """What is not as promised once the storm is over, or takes too long; its report is printed."""
    raging = asyncio.ensure_future(storm.rage())
    await asyncio.wait([raging], timeout=WITHIN)
    found = await storm.where.problems()
    print(storm.report(found))
    if not raging.cancel():
        raging.result()
    return found if raging.done() else [*found, f"not over within {WITHIN} s"]


async def test_kills_of_the_one_process_lose_and_double_nothing_on_sqlite(store: str, tmp_path: Path) -> None:
    season = Season(weeks=24, announcements=10, replies=4, notices=2, places=26) if IS_LONG else short()
    async with open_field(store, Weather(SEED), tmp_path / "log", season) as field:
        assert await problems_after(Storm(field, kills=500 if IS_LONG else 40, seed=SEED)) == []


async def test_kills_of_two_processes_lose_and_double_nothing_on_one_file(store: str, tmp_path: Path) -> None:
    season = Season(weeks=12, announcements=6, replies=2, notices=2, places=12) if IS_LONG else short()
    async with open_field(store, Weather(SEED), tmp_path / "log", season) as field:
        kills, freezes = (100, 10) if IS_LONG else (8, 1)
        assert await problems_after(Storm(field, kills, SEED, workers=2, freezes=freezes)) == []


async def test_kills_of_four_workers_and_of_the_server_lose_and_double_nothing_on_postgresql(
    postgres: Postgres, tmp_path: Path
) -> None:
    season = Season(weeks=18, announcements=8, replies=4, notices=2, places=20) if IS_LONG else short()
    url = postgres.database()
    async with open_field(url, Weather(SEED), tmp_path / "log", season) as field:
        kills, freezes, server_kills = (300, 20, 5) if IS_LONG else (8, 1, 1)
        storm = Storm(
            field, kills, SEED, workers=4, lease=6.0, freezes=freezes,
            restart_server=lambda: killed_and_started(postgres), server_kills=server_kills,
        )  # fmt: skip
        assert await problems_after(storm) == []
    postgres.drop(url)


async def killed_and_started(postgres: Postgres) -> None:
    """Kill the server as a whole, and start it again; it may refuse that while the last of its processes go."""
    pid = int((postgres.server.pgdata / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    for seconds in (0.1, 0.2, 0.5, 1, 2, 5):
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(postgres.control, "start")
        except CalledProcessError:
            continue
        return
    raise AssertionError(postgres.server.log.read_text()[-2000:])
