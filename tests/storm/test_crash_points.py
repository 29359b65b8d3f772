"""A process that dies at each named point of a post's way, in each state of the post, on each platform."""

import asyncio
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import Connection, update

from bot.records.tables import outbox
from tests.storm.field import Field, open_field
from tests.storm.lives import KILLED, Life
from tests.storm.season import Season
from tests.storm.weather import LATEST, Fault, Weather

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "storm"
MOST_POINTS = 30  # so many posts there are, one for each death
WITHIN = 60  # seconds; a life that takes longer hangs
LEASE = 3600.0  # seconds; nobody waits for its end, see `_let_time_pass`
OTHERS = ("ready", "due", " live.", "@me", "auth.test", "GET guilds", "GET channels", "GET members")  # not on its way
RECORDED = "after claims.settle"

State = Literal[
    "new", "pending again, and not there", "pending again, and there", "sending, and not there", "sending, and there"
]
MADE_BY: dict[State, Fault] = {
    "new": "fine",
    "pending again, and not there": "lost",
    "pending again, and there": "cut",
    "sending, and not there": "lost",
    "sending, and there": "cut",
}
FAULTS: tuple[Fault, ...] = ("fine", "cut", "lost", "busy", "broken", "late")
SHORT: list[tuple[State, Fault]] = [("new", "cut"), ("sending, and there", "fine")]
LONG = [(state, fault) for state, made_by in MADE_BY.items() for fault in (FAULTS[:1] if made_by == "cut" else FAULTS)]


@pytest.mark.parametrize("platform", ["discord", "slack"])
@pytest.mark.parametrize(("state", "fault"), LONG if IS_LONG else SHORT)
async def test_a_post_survives_a_death_at_any_point(
    migrated: Path, tmp_path: Path, platform: str, state: State, fault: Fault
) -> None:
    shutil.copy(migrated, tmp_path)
    weather, season = Weather(0, {}), Season(weeks=1, places=MOST_POINTS, platforms=(platform,))
    url = f"sqlite+aiosqlite:///{tmp_path / 'town.db'}"
    async with open_field(url, weather, tmp_path / "log", season) as field:
        settle = 2 * LATEST if fault == "late" else 0.05
        if state != "new":
            await _bring_into(field, state)
        weather.foretold = dict.fromkeys(season.keys, fault)
        way = await _die(field, season.keys[0], RECORDED, settle)
        points = [each for each in dict.fromkeys(way) if not any(other in each for other in OTHERS)]
        assert 8 < len(points) <= MOST_POINTS
        for key, point in zip(season.keys[1:], points[:-1], strict=False):
            await _die(field, key, point, settle)
        await field.records.write(_let_time_pass)
        async with asyncio.timeout(WITHIN):
            assert await Life(field.orders(lease=LEASE, settle=settle)).end() == 0
        assert await field.problems() == []


async def _bring_into(field: Field, state: State) -> None:
    """Have every post be tried once, and its answer be lost; whoever is `sending` has died meanwhile."""
    field.weather.foretold = dict.fromkeys(field.season.keys, MADE_BY[state])
    life = Life(field.orders(lease=LEASE, settle=LEASE))
    async with asyncio.timeout(WITHIN):
        await life.passes("after claims.retry", MOST_POINTS)
    life.kill()
    assert await life.end() == KILLED
    if state.startswith("sending"):
        await field.records.write(_leave_sending)


async def _die(field: Field, key: str, point: str, settle: float) -> list[str]:
    """Die there, the first time that it is passed, with nothing but this post on its way; the points until then."""
    await field.records.write(_let_time_pass, only=key)
    life = Life(field.orders(lease=LEASE, settle=settle, dies_at=(point, 1)))
    await asyncio.wait([life.ended], timeout=WITHIN)
    assert point in life.passed, f"{point} is not passed: {life.passed}\n{field.log()}"
    assert await life.end() == KILLED
    return life.passed


def _let_time_pass(connection: Connection, only: str | None = None) -> None:
    """Let every lease have ended, and every wait be over; or of the one post alone, while all others are left alone."""
    now = datetime.now(UTC)
    waiting = update(outbox).where(outbox.c.state.in_(["pending", "sending"]))
    if only is not None:
        connection.execute(waiting.values(ready_at=now + timedelta(seconds=LEASE / 2)))
        connection.execute(update(outbox).values(refresh_at=None))
        waiting = waiting.where(outbox.c.key == only)
    connection.execute(waiting.values(ready_at=now - timedelta(seconds=1)))


def _leave_sending(connection: Connection) -> None:
    connection.execute(update(outbox).values(state="sending"))
