"""How long the outbox remembers: half a year, and what is still used for ever."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select, update

from bot.records import old_posts, posts
from bot.records.old_posts import forget_old
from bot.records.tables import outbox
from tests.town import MONDAY, Town


def _keys(connection: Connection) -> set[str]:
    return set(connection.execute(select(outbox.c.key)).scalars())


async def keys(town: Town) -> set[str]:
    """The keys of all that the outbox holds."""
    return await town.rooms.records.read(_keys)


def _put(connection: Connection, key: str, kind: posts.Kind, days: int, state: posts.State) -> None:
    due_at = MONDAY + timedelta(days=days)
    posts.put(connection, key, kind, 1, 1, due_at, {})
    connection.execute(update(outbox).where(outbox.c.key == key).values(state=state, ready_at=None, posted_at=due_at))


@pytest.fixture
async def settled(study_town: Town) -> Town:
    """The study town 180 days on, with posts of all sorts from its first days."""
    records = study_town.rooms.records
    for state in ("sent", "skipped", "failed", "unknown"):
        await records.write(_put, state, "announcement", -1, state)
    await records.write(_put, "notice", "notice", -1, "sent")
    await records.write(_put, "first", "milestone", -2, "sent")
    await records.write(_put, "second", "milestone", -1, "sent")
    await records.write(_put, "failed milestone", "milestone", -1, "failed")
    await records.write(_put, "to be edited", "milestone", -3, "sent")
    await records.write(lambda c: c.execute(update(outbox).where(outbox.c.id == 9).values(refresh_at=MONDAY)))
    await records.write(_put, "younger", "announcement", 0, "sent")
    return study_town


async def test_what_was_settled_half_a_year_ago_is_forgotten_and_what_is_used_stays(settled: Town) -> None:
    await forget_old(settled.rooms.records, MONDAY + old_posts.REMEMBERED)
    assert await keys(settled) == {"unknown", "notice", "second", "to be edited", "younger"}


async def test_nothing_younger_is_forgotten(settled: Town) -> None:
    before = await keys(settled)
    await forget_old(settled.rooms.records, MONDAY - timedelta(days=3) + old_posts.REMEMBERED)
    assert await keys(settled) == before


async def test_it_is_done_in_small_transactions(settled: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_posts, "PAGE", 2)
    now = MONDAY + old_posts.REMEMBERED
    assert [await settled.rooms.records.write(old_posts.forget_page, now) for _ in range(4)] == [2, 2, 1, 0]


async def test_nothing_comes_back_because_its_key_was_forgotten(study_town: Town) -> None:
    await study_town.say("grace: /announce 'Good luck!' cohort:Deep")
    await study_town.say("grace: /announcement send 1")
    await study_town.say("ada: /suggest https://example.org/book title:Book", expect="Thank you")
    await study_town.pass_time(days=5)
    await study_town.say("ada: /checkin did:'Read it' share:yes", expect="your check-in is in")
    await study_town.pass_time(weeks=40)
    before, records = list(study_town.keys), study_town.rooms.records
    count = select(func.count()).select_from(outbox)
    held = await records.read(lambda c: c.execute(count).scalar_one())
    await forget_old(records, study_town.clock.now())
    assert await records.read(lambda c: c.execute(count).scalar_one()) < held - 20

    await records.write(lambda c: c.exec_driver_sql("UPDATE cohort_places SET lost_because = 'a fire'"))
    await study_town.say("grace: /cohort reopen")
    await study_town.say("grace: /announcement send 1", expect="sent already")
    await study_town.say("ada: /suggest https://example.org/book title:Book")
    await study_town.pass_time(minutes=30)
    assert study_town.keys == before
    assert len(set(before)) == len(before)
