"""What operators ask while the bot runs."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select, text

from bot import app
from bot.chat.platform import Busy
from bot.delivery.outbox import Delivery
from bot.health import Health
from bot.records.records import RecordsNotebook
from bot.records.tables import notes
from tests.town import MONDAY, Town

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(study_town: Town) -> AsyncIterator[Client]:
    await study_town.rooms.delivery.tick()  # it has looked at whom to tell of the new cohort's checklist
    health = Health(study_town.rooms.records, study_town.clock, {"square": study_town.square})
    health.observe("week", "answered", 0.002)
    application = web.Application()
    health.routes(application)
    async with TestClient(TestServer(application)) as made:
        yield made


async def page(client: Client, path: str) -> tuple[int, str]:
    async with client.get(path) as answer:
        return answer.status, await answer.text()


async def test_a_bot_that_runs_is_alive_and_ready(client: Client) -> None:
    assert await page(client, "/healthz") == (200, "alive\n")
    assert await page(client, "/readyz") == (200, "ready\n")


async def test_a_bot_is_not_ready_while_something_due_is_more_than_five_minutes_late(
    client: Client, study_town: Town
) -> None:
    study_town.clock.forward(MONDAY + timedelta(hours=1, minutes=5))
    assert (await page(client, "/readyz"))[0] == 200
    study_town.clock.forward(MONDAY + timedelta(hours=1, minutes=6))
    status, said = await page(client, "/readyz")
    assert (status, said) == (503, "falling behind: something has been due since 2027-01-04 09:00:00+00:00\n")
    await study_town.rooms.delivery.tick()
    assert (await page(client, "/readyz"))[0] == 200


async def test_a_bot_that_its_platform_does_not_hear_is_not_ready(client: Client, study_town: Town) -> None:
    study_town.square.connected = False
    assert await page(client, "/readyz") == (503, "not connected: square\n")
    study_town.square.connected = True
    assert (await page(client, "/readyz"))[0] == 200


async def test_a_bot_that_waits_for_a_busy_platform_is_ready(client: Client, study_town: Town) -> None:
    study_town.square.failures = [Busy(3600, "platform")]
    study_town.clock.forward(MONDAY + timedelta(hours=1))
    await study_town.rooms.delivery.tick()
    study_town.clock.forward(MONDAY + timedelta(hours=1, minutes=30))
    assert (await page(client, "/readyz"))[0] == 200


async def test_a_bot_without_its_database_is_alive_and_not_ready(client: Client, study_town: Town) -> None:
    await study_town.rooms.records.write(lambda c: c.execute(text("DROP TABLE outbox")))
    assert (await page(client, "/healthz"))[0] == 200
    for path in ("/readyz", "/metrics"):
        assert await page(client, path) == (503, "the database does not answer: no such table: outbox\n")


async def test_the_metrics_count_answers_and_posts(client: Client, study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    said = (await page(client, "/metrics"))[1]
    assert 'milepost_answers_total{command="week",outcome="answered"} 1.0' in said
    assert 'milepost_answer_seconds_count{command="week"} 1.0' in said
    assert 'milepost_posts{state="sent"} 1.0' in said


async def test_a_state_that_no_post_is_in_any_longer_is_counted_as_zero(client: Client, study_town: Town) -> None:
    study_town.square.failures = [Busy(60, "route")]
    study_town.clock.forward(MONDAY + timedelta(hours=1))
    await study_town.rooms.delivery.tick()
    assert 'milepost_posts{state="pending"} 1.0' in (await page(client, "/metrics"))[1]
    await study_town.pass_time(minutes=2)
    assert 'milepost_posts{state="pending"} 0.0' in (await page(client, "/metrics"))[1]


async def test_the_ticker_ticks_on_the_loop_whose_events_it_sets(
    study_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: list[threading.Thread] = []
    are_enough = asyncio.Event()

    class Watched(Delivery):
        def soon(self) -> None:
            ticks.append(threading.current_thread())
            if len(ticks) == 3:
                are_enough.set()

    monkeypatch.setattr(app, "TICK", 0.02)
    rooms = study_town.rooms
    watched = Watched(rooms.records, rooms.curricula, {}, study_town.clock)
    async with app._ticking(replace(rooms, delivery=watched), study_town.clock):
        await asyncio.wait_for(are_enough.wait(), timeout=10)
    assert set(ticks) == {threading.main_thread()}


async def test_notes_whose_time_is_over_are_forgotten(study_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms, now = study_town.rooms, study_town.clock.now()
    everything = select(notes.c.key)
    for key, until in (("over", now - timedelta(seconds=1)), ("kept", now), ("for ever", None)):
        await RecordsNotebook(rooms.records, study_town.clock, "square").put(key, "private", until)
    monkeypatch.setattr(app, "TIDY", 0.02)
    async with app._ticking(rooms, study_town.clock), asyncio.timeout(10):
        while "over" in (kept := await rooms.records.read(lambda c: c.execute(everything).scalars().all())):
            pass
    assert {"kept", "for ever"} <= set(kept)
