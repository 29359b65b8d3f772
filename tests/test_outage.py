"""Nothing can be saved: the disk is full, or another process holds the lock. Nothing is lost, repeated or shouted."""

import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Connection, select

from bot.chat.message import Post
from bot.chat.platform import Place, Posted
from bot.health import Health
from bot.records import notes, outage, posts
from bot.records.backup import file_of
from bot.records.outage import NotSaved
from bot.records.tables import checkins, schedule
from tests.test_outbox import FIRST, NINE
from tests.town import MONDAY, Square, Town, text_of

UNSAVED = "That could not be saved just now, so nothing has changed. Please try again in a moment."
LONG = "읽" * 1450  # more than a page of the file


def _pragma(connection: Connection, setting: str) -> None:
    connection.exec_driver_sql(f"PRAGMA {setting}")


def _fill(connection: Connection) -> None:
    """Leave no room for one more page."""
    _pragma(connection, "max_page_count=1")  # SQLite makes of it what the file has


@contextmanager
def locked(town: Town) -> Iterator[None]:
    """Another process writes, for longer than anybody waits."""
    with closing(sqlite3.connect(file_of(town.rooms.records), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
async def impatient(study_town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The study town, which waits for a lock for 10 ms, and calls an outage over at once."""
    monkeypatch.setattr(outage, "CALM", 0.0)
    await study_town.rooms.records.write(_pragma, "busy_timeout=10")
    return study_town


@pytest.fixture
async def full(impatient: Town) -> Town:
    """The same, with a full disk."""
    await impatient.rooms.records.write(_fill)
    with pytest.raises(NotSaved):
        await fill_up(impatient)
    return impatient


async def fill_up(town: Town) -> None:
    for n in range(1000):
        await town.rooms.records.write(notes.put, "square", f"filler {n}", "x" * 900)


async def make_room(town: Town) -> None:
    await town.rooms.records.write(_pragma, "max_page_count=1000000")


def outages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.message for each in caplog.records if each.name == "bot.records.outage"]


async def test_a_member_is_told_that_nothing_was_saved_and_that_trying_again_helps(full: Town) -> None:
    before = await full.rooms.records.read(lambda c: c.execute(select(checkins)).all())
    await full.say(f"ada: /checkin did:'{LONG}'", expect=UNSAVED)
    assert await full.rooms.records.read(lambda c: c.execute(select(checkins)).all()) == before
    await make_room(full)
    await full.say(f"ada: /checkin did:'{LONG}'", expect="Thank you, your check-in is in.")


async def test_a_member_is_told_so_in_their_own_language(impatient: Town) -> None:
    with locked(impatient):
        said = await impatient.say("ada: /checkin did:'Read it'", locale="ko")
    assert "저장하지 못" in said


async def test_what_was_written_into_a_form_is_not_lost(impatient: Town) -> None:
    with locked(impatient):
        reply = await impatient.ask("ada: /checkin did:'Read it'", via="form")
    assert text_of(reply) == f"{UNSAVED}\n[Open the form]"


async def test_who_reads_does_not_notice(impatient: Town) -> None:
    with locked(impatient):
        await impatient.say("ada: /week", expect="Week 1")


async def test_a_milestone_that_cannot_be_put_is_not_put_off_and_comes_when_there_is_room(full: Town) -> None:
    with pytest.raises(NotSaved):
        await fill_outbox(full)
    before = await full.rooms.records.read(planned)
    full.clock.forward(NINE)
    with pytest.raises(NotSaved):
        await full.rooms.delivery.tick()
    assert await full.rooms.records.read(planned) == before
    await make_room(full)
    await full.rooms.delivery.tick()
    assert full.keys == [FIRST]


async def fill_outbox(town: Town) -> None:
    """Leave no room in the outbox for a post of a milestone's size."""
    for n in range(1000):
        far_off = MONDAY + timedelta(days=1000)
        await town.rooms.records.write(posts.put, f"k{n}", "notice", 1, 1, far_off, {})


def planned(connection: Connection) -> list[object]:
    return list(connection.execute(select(schedule).order_by(schedule.c.kind)).all())


async def test_a_lock_of_hours_is_logged_once_and_so_is_its_end(
    impatient: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    works = [asyncio.create_task(impatient.rooms.delivery.run()), asyncio.create_task(impatient.rooms.projecting.run())]
    impatient.clock.forward(NINE)
    with locked(impatient):
        for _ in range(5):
            impatient.rooms.delivery.soon()
            impatient.rooms.projecting.soon()
            await asyncio.sleep(0.03)
    assert outages(caplog) == ["nothing can be saved: database is locked; what is to be done waits, and is tried again"]
    async with asyncio.timeout(10):
        while not impatient.keys:
            impatient.rooms.delivery.soon()
            await asyncio.sleep(0.01)
    for each in works:
        each.cancel()
    await asyncio.wait(works)
    assert outages(caplog)[1:] == ["saving works again; it did not because of: database is locked"]
    assert impatient.keys == [FIRST]
    assert [each for each in caplog.records if each.exc_info] == []


class LockingSquare(Square):
    """A square that says everything while another process takes the lock on our database."""

    other: sqlite3.Connection

    async def post(self, place: Place, post: Post) -> Posted:
        posted = await super().post(place, post)
        self.other.execute("BEGIN IMMEDIATE")
        return posted


async def test_a_post_whose_outcome_cannot_be_recorded_is_found_again_and_not_repeated(impatient: Town) -> None:
    impatient.square.__class__ = LockingSquare
    impatient.clock.forward(NINE)
    with closing(sqlite3.connect(file_of(impatient.rooms.records), isolation_level=None)) as other:
        impatient.square.other = other  # type: ignore[attr-defined]  # it is one by now
        with suppress(NotSaved):
            await impatient.rooms.delivery.tick()
        assert await impatient.rooms.records.read(posts.counts) == {"sending": 1}
        other.execute("ROLLBACK")
    impatient.square.__class__ = Square
    await impatient.pass_time(hours=1)
    assert impatient.keys == [FIRST]
    assert await impatient.rooms.records.read(posts.counts) == {"sent": 1}


async def test_a_bot_that_cannot_save_is_not_ready_and_says_why(impatient: Town) -> None:
    application = web.Application()
    Health(impatient.rooms.records, impatient.clock, {"square": impatient.square}).routes(application)
    async with TestClient(TestServer(application)) as client:
        with locked(impatient), pytest.raises(NotSaved):
            await impatient.rooms.delivery.tick()
        async with client.get("/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "nothing can be saved: database is locked\n")
        await impatient.rooms.delivery.tick()
        async with client.get("/readyz") as answer:
            assert answer.status == 200


async def test_an_outage_is_over_only_when_it_has_been_calm_for_a_while(
    impatient: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "CALM", 3600.0)
    with locked(impatient), pytest.raises(NotSaved):
        await impatient.rooms.delivery.tick()
    await impatient.rooms.delivery.tick()
    assert impatient.rooms.records.outage.reason == "database is locked"
    monkeypatch.setattr(outage, "CALM", 0.0)
    await impatient.rooms.delivery.tick()
    assert impatient.rooms.records.outage.reason is None
