"""Backups: made while others write, kept for a while, and put back without a stop."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select

from bot.records import backup, notes
from bot.records.database import Database, DatabaseError
from bot.records.records import Records
from bot.records.tables import communities
from bot.shipped import shipped
from tests.test_database import first_version
from tests.town import MONDAY

NIGHT = datetime(2027, 1, 4, 3, tzinfo=UTC)


@pytest.fixture
async def records(migrated: Path, tmp_path: Path) -> AsyncIterator[Records]:
    """Records with one community, "first"."""
    (tmp_path / "town.db").write_bytes(migrated.read_bytes())
    made = Records(f"sqlite+aiosqlite:///{tmp_path / 'town.db'}", durable=False)
    await made.write(settle, "first")
    yield made
    await made.close()


def settle(connection: Connection, name: str, size: int = 0) -> None:
    """One more community, and as much text as is asked for."""
    connection.execute(insert(communities).values(platform="square", foreign_id=name))
    if size:
        notes.put(connection, "square", name, "x" * size)


def settle_many(connection: Connection, count: int) -> None:
    for n in range(count):
        settle(connection, f"community {n}")


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(communities.c.foreign_id).order_by(communities.c.id)).scalars())


async def held(file: Path) -> list[str]:
    """The communities in a database."""
    opened = Database(f"sqlite+aiosqlite:///{file}")
    try:
        return await opened.read(names)
    finally:
        await opened.close()


def damage(file: Path) -> None:
    """Overwrite the second page of a database, which belongs to some table."""
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * 4096)


async def test_a_backup_is_one_file_that_holds_everything(records: Records, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "copy.db"
    copy.parent.mkdir()
    backup.make(backup.file_of(records), copy, NIGHT)
    assert [each.name for each in copy.parent.iterdir()] == ["copy.db"]
    copy.chmod(0o444)
    assert await held(copy) == ["first"]


async def test_a_backup_is_one_state_however_much_is_written_meanwhile(records: Records, tmp_path: Path) -> None:
    await records.write(settle, "bulk", 8_000_000)
    making = asyncio.create_task(asyncio.to_thread(backup.make, backup.file_of(records), tmp_path / "copy.db", NIGHT))
    written = 0
    while not making.done():
        await records.write(settle, f"meanwhile {written}")
        written += 1
    await making
    found = await held(tmp_path / "copy.db")
    assert found == (await records.read(names))[: len(found)]
    assert found[:2] == ["first", "bulk"]


async def test_a_backup_of_what_cannot_be_read_or_where_nothing_can_be_written_leaves_nothing(
    records: Records, tmp_path: Path
) -> None:
    (tmp_path / "letter.db").write_text("Dear reader, " * 100)
    before = sorted(each.name for each in tmp_path.iterdir())
    for source, target in (
        (tmp_path / "letter.db", tmp_path / "copy.db"),
        (tmp_path / "missing.db", tmp_path / "copy.db"),
        (tmp_path / "town.db", tmp_path / "no" / "copy.db"),
    ):
        with pytest.raises(DatabaseError, match=r"No backup (of .* )?was made"):
            backup.make(source, target, NIGHT)
    assert sorted(each.name for each in tmp_path.iterdir()) == before


async def test_a_damaged_database_is_not_backed_up_and_the_older_backups_stay(records: Records, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = [backup.make_nightly(backup.file_of(records), folder, NIGHT + timedelta(days=n)) for n in range(7)]
    await records.close()
    damage(tmp_path / "town.db")
    with pytest.raises(DatabaseError, match=r"town\.db is damaged"):
        backup.make_nightly(tmp_path / "town.db", folder, NIGHT + timedelta(days=7))
    assert sorted(folder.iterdir()) == made


async def test_seven_nights_and_four_sundays_are_kept_and_nothing_else_is_touched(
    records: Records, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    others = [
        folder / name for name in ("town-before-restore-20270101T030000Z.db", "other-20270101T030000Z.db", "a.db")
    ]
    for each in others:
        each.touch()
    for n in range(40):
        (folder / f"town-{NIGHT + timedelta(days=n):%Y%m%dT%H%M%SZ}.db").touch()
    backup.make_nightly(backup.file_of(records), folder, NIGHT + timedelta(days=40))  # a Saturday
    days = sorted(each.date() for each in backup.found_in(folder, tmp_path / "town.db"))
    assert days == [date(2027, 1, 17), date(2027, 1, 24), date(2027, 1, 31), *(date(2027, 2, n) for n in range(7, 14))]
    assert all(each.exists() for each in others)


@pytest.mark.parametrize(
    ("hours", "is_due"), [([], True), ([25], True), ([25, 23], False), ([25, -9000], True), ([23, -9000], False)]
)
def test_one_is_due_a_day_after_the_last_that_no_clock_far_ahead_has_made(
    tmp_path: Path, hours: list[int], is_due: bool
) -> None:
    for each in hours:
        (tmp_path / f"town-{NIGHT - timedelta(hours=each):%Y%m%dT%H%M%SZ}.db").touch()
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'town.db'}")
    assert backup.is_due(tmp_path, database, NIGHT) == is_due


@given(st.lists(st.integers(0, 365 * 24), min_size=1, max_size=60))
def test_of_all_backups_the_newest_is_kept_and_never_more_than_eleven(hours: list[int]) -> None:
    made = [NIGHT + timedelta(hours=each) for each in hours]
    kept = backup.kept(made)
    assert max(made) in kept
    assert len(kept) <= backup.NIGHTS + backup.SUNDAYS
    assert len(kept) >= min(backup.NIGHTS, len({each.date() for each in made}))
    assert backup.kept(kept) == kept


async def test_a_half_made_backup_of_a_killed_process_is_no_backup_and_is_cleared_away(
    records: Records, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    made = backup.make_nightly(backup.file_of(records), folder, NIGHT)
    for end in ("", "-journal", "-wal"):
        Path(f"{made}.part{end}").write_text("half")
    assert list(backup.found_in(folder, tmp_path / "town.db")) == [NIGHT]
    assert backup.make_nightly(backup.file_of(records), folder, NIGHT) == made
    assert list(folder.iterdir()) == [made]


async def test_a_restore_puts_everything_back_under_a_running_bot(records: Records, tmp_path: Path) -> None:
    backup.make(backup.file_of(records), tmp_path / "copy.db", NIGHT)
    await records.write(settle, "second", 100_000)
    done = await backup.restore(records, tmp_path / "copy.db", shipped("migrations"), MONDAY)
    assert await records.read(names) == ["first"]
    assert done.since == NIGHT
    await records.write(settle, "third")
    assert await records.read(names) == ["first", "third"]


async def test_what_a_restore_replaces_is_kept(records: Records, tmp_path: Path) -> None:
    backup.make(backup.file_of(records), tmp_path / "copy.db", NIGHT)
    await records.write(settle, "second")
    done = await backup.restore(records, tmp_path / "copy.db", shipped("migrations"), MONDAY)
    assert done.kept is not None
    assert await held(done.kept) == ["first", "second"]
    await backup.restore(records, done.kept, shipped("migrations"), MONDAY + timedelta(minutes=1))
    assert await records.read(names) == ["first", "second"]


async def test_those_who_read_and_write_meanwhile_see_all_of_one_state_or_the_other(
    records: Records, tmp_path: Path
) -> None:
    await records.write(settle, "bulk", 4_000_000)
    backup.make(backup.file_of(records), tmp_path / "copy.db", NIGHT)
    await records.write(settle_many, 200)
    restoring = asyncio.create_task(backup.restore(records, tmp_path / "copy.db", shipped("migrations"), MONDAY))
    seen = set()
    while not restoring.done():
        seen.add(await records.read(lambda c: c.execute(select(func.count()).select_from(communities)).scalar_one()))
        await records.write(notes.put, "square", "meanwhile", "written")
    await restoring
    seen.add(len(await records.read(names)))
    assert seen == {202, 2}


async def test_what_is_remembered_is_dropped_when_another_process_restores(records: Records, tmp_path: Path) -> None:
    backup.make(backup.file_of(records), tmp_path / "copy.db", NIGHT)
    await records.write(settle, "second")
    assert (await records.town("square", "second")).community_id == 2
    other = Records(f"sqlite+aiosqlite:///{tmp_path / 'town.db'}")
    await backup.restore(other, tmp_path / "copy.db", shipped("migrations"), MONDAY)
    await records.write(notes.put, "square", "tick", "tock")
    assert (await records.town("square", "second")).community_id is None


async def test_a_backup_of_an_older_version_is_brought_up_to_date(tmp_path: Path, records: Records) -> None:
    old = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    await old.write(first_version)
    await old.close()
    backup.make(tmp_path / "old.db", tmp_path / "copy.db", NIGHT)
    done = await backup.restore(records, tmp_path / "copy.db", shipped("migrations"), MONDAY)
    assert done.since == NIGHT
    assert await records.is_current(shipped("migrations"))
    assert await records.read(names) == ["town"]


async def test_a_plain_copy_counts_as_made_when_it_last_knew_of_a_post(tmp_path: Path, records: Records) -> None:
    old = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    await old.write(first_version)
    await old.write(lambda c: c.exec_driver_sql("UPDATE outbox SET due_at = 0"))
    await old.close()
    done = await backup.restore(records, tmp_path / "old.db", shipped("migrations"), MONDAY)
    assert done.since == datetime(1970, 1, 1, tzinfo=UTC)


async def test_a_backup_of_a_backup_that_is_not_in_use_yet_knows_nothing_from_the_first_one_on(
    records: Records, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    backup.make(backup.file_of(records), first, NIGHT)
    backup.make(first, second, NIGHT + timedelta(days=1))
    done = await backup.restore(records, second, shipped("migrations"), NIGHT + timedelta(days=2))
    assert done.since == NIGHT


async def test_what_is_no_whole_backup_of_ours_is_refused_and_nothing_changes(records: Records, tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear reader, " * 100)
    with sqlite3.connect(tmp_path / "recipes.db") as recipes:
        recipes.execute("CREATE TABLE recipes (name TEXT)")
    recipes.close()
    for name, revision in (("newer.db", "9999"), ("broken.db", None)):
        backup.make(backup.file_of(records), tmp_path / name, NIGHT)
        if revision:
            with sqlite3.connect(tmp_path / name) as newer:
                newer.execute("UPDATE alembic_version SET version_num = ?", (revision,))
            newer.close()
        else:
            damage(tmp_path / name)
    before = sorted(each.name for each in tmp_path.iterdir())
    for name, said in (
        ("missing.db", "missing.db does not exist"),
        ("letter.db", "file is not a database.*name one of your backups"),
        ("recipes.db", "is no database of Milepost"),
        ("newer.db", "written by a newer Milepost"),
        ("broken.db", "is damaged"),
    ):
        with pytest.raises(DatabaseError, match=said) as refused:
            await backup.restore(records, tmp_path / name, shipped("migrations"), MONDAY)
        assert "Nothing was changed" in str(refused.value)
    assert await records.read(names) == ["first"]
    assert sorted(each.name for each in tmp_path.iterdir()) == before


async def test_a_damaged_database_is_refused_with_the_backup_that_mends_it(records: Records, tmp_path: Path) -> None:
    made = backup.make_nightly(backup.file_of(records), tmp_path / "backups", NIGHT)
    backup.refuse_damaged(records, None)
    await records.close()
    damage(tmp_path / "town.db")
    with pytest.raises(DatabaseError) as refused:
        backup.refuse_damaged(records, None)
    said = str(refused.value)
    assert said.startswith(f"DATABASE_URL: sqlite+aiosqlite:///{tmp_path / 'town.db'} is damaged (")
    assert said.endswith(f"The newest backup is of 2027-01-04 03:00 UTC; this puts it back: milepost restore {made}")
    assert "\n" not in said

    done = await backup.restore(records, made, shipped("migrations"), MONDAY)
    backup.refuse_damaged(records, None)
    assert await records.read(names) == ["first"]
    assert done.kept is not None
    assert done.kept.read_bytes()[4096:8192] == b"\xff" * 4096


async def test_a_file_that_is_no_database_any_more_is_kept_and_replaced(records: Records, tmp_path: Path) -> None:
    made = backup.make_nightly(backup.file_of(records), tmp_path / "backups", NIGHT)
    await records.close()
    (tmp_path / "town.db").write_bytes(b"Dear reader, " * 1000)
    done = await backup.restore(records, made, shipped("migrations"), MONDAY)
    assert await records.read(names) == ["first"]
    assert done.kept is not None
    assert done.kept.read_bytes() == b"Dear reader, " * 1000


async def test_a_server_keeps_its_own_backups(tmp_path: Path) -> None:
    server = Database("postgresql+asyncpg://ada:geheim@host/name")
    with pytest.raises(DatabaseError, match=r"pg_dump and pg_restore.*milepost restored WHEN") as refused:
        backup.file_of(server)
    assert "geheim" not in str(refused.value)
