"""The one moment at which a process that stands still can double a post, which nobody can close: see PROMISE.md."""

import asyncio
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.storm.field import open_field
from tests.storm.lives import Life
from tests.storm.season import Season
from tests.storm.weather import Weather

LEASE, SETTLE, WITHIN = 3.0, 0.1, 60  # seconds


@pytest.mark.parametrize(
    ("platform", "point", "copies"),
    [
        ("slack", "before the bytes of POST chat.postMessage", 2),
        ("discord", "before the bytes of POST messages", 1),  # since the nonce is still known
        ("slack", "after claims.claim", 1),
    ],
)
async def test_a_process_that_stood_still_sends_again_only_past_its_last_look_at_the_clock(
    postgres: Postgres, tmp_path: Path, platform: str, point: str, copies: int
) -> None:
    store = postgres.database()  # a process that stands still on a file may keep it locked
    season = Season(weeks=0, announcements=1, platforms=(platform,))
    async with open_field(store, Weather(0, {}), tmp_path / "log", season) as field:
        field.discord.window = 60
        frozen = Life(field.orders(lease=LEASE, settle=SETTLE, freezes_at=(point, 1)))
        await frozen.passes(point, 1)
        async with asyncio.timeout(WITHIN):
            assert await Life(field.orders(lease=LEASE, settle=SETTLE)).end() == 0
            frozen.thaw()
            assert await frozen.end() == 0
        there = [key for _, key, _ in (*field.discord.seen(), *field.slack.seen())]
        assert there == season.keys * copies
    postgres.drop(store)
