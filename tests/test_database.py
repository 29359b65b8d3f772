"""The database as an operator meets it: migrated, refused in one line, and set up so that it keeps its promises."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.records import cohorts, handovers
from bot.records.database import Database, DatabaseError
from bot.records.tables import communities, enrolments, metadata
from bot.shipped import shipped
from tests.test_outbox import FIRST, row
from tests.town import open_town

# Once as who we are, which imports all there is to import: nobody may not even read where root keeps its Python.
AS_NOBODY = """
import os, sys
from bot.__main__ import main

wanted, os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"], "sqlite+aiosqlite:///" + sys.argv.pop(1)
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
os.environ["DATABASE_URL"] = wanted
main()
"""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'kept.db'}")
    await made.migrate(shipped("migrations"))
    yield made
    await made.close()


def migrate(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`python -m bot migrate` in a process of its own."""
    return _python(folder, url, "-m", "bot", "migrate")


def as_nobody(url: str, folder: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """A line of `python -m bot` for somebody with no rights: root may write also what is read-only."""
    return _python(folder, url, "-c", AS_NOBODY, str(folder / "first.db"), *line)


def home_for_nobody(within: Path) -> Path:
    """A folder that nobody gets as far as, but may not write to."""
    home = within / "home"
    home.mkdir(mode=0o755)
    for folder in (home, *home.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    return home


def _python(folder: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(shipped("migrations").parent)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )


async def refusal(url: str) -> str:
    """What an operator is told in the same process."""
    with pytest.raises(DatabaseError) as raised:
        await migrated(url)
    assert "\n" not in str(raised.value)
    return str(raised.value)


async def migrated(url: str) -> None:
    database = Database(url)
    try:
        await database.migrate(shipped("migrations"))
    finally:
        await database.close()


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def foreign(file: Path, *statements: str) -> bytes:
    """A file that another program left behind, as bytes."""
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return file.read_bytes()


async def test_the_migrated_tables_are_the_tables_of_the_code(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    assert await database.read(differences) == []


async def test_migrating_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    await database.write(lambda c: c.execute(insert(communities).values(platform="square", foreign_id="town")))
    await database.migrate(shipped("migrations"))
    assert await database.read(lambda c: c.execute(select(communities.c.foreign_id)).scalar()) == "town"


def test_there_is_one_line_of_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def first_version(connection: Connection) -> None:
    """The tables of the first revision, with one post that was sent."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(shipped("migrations")))
    command.upgrade(config, "0001")
    for statement in (
        "INSERT INTO communities (id, platform, foreign_id) VALUES (1, 'square', 'town')",
        "INSERT INTO cohorts (id, community_id, name, curriculum, version, start_on, zone, weekday, at, pace, language,"
        " created_at) VALUES (1, 1, 'Deep', 'deep-learning', '1', '2027-01-04', 'UTC', 0, '09:00:00', 'min', 'en', 0)",
        "INSERT INTO cohort_places (id, cohort_id, community_id, channel, name) VALUES (1, 1, 1, 'main', '#main')",
        "INSERT INTO outbox (key, kind, cohort_id, place_id, payload, due_at, state, attempt)"
        " VALUES ('c1:milestone:step-1:1', 'milestone', 1, 1, '{}', 0, 'sent', 1)",
    ):
        connection.exec_driver_sql(statement)


async def test_a_database_of_the_first_version_keeps_all_it_holds(tmp_path: Path) -> None:
    old = Database(f"sqlite+aiosqlite:///{tmp_path / 'town.db'}")
    await old.write(first_version)
    await old.close()
    town = await open_town(tmp_path)
    assert (await row(town, FIRST))["state"] == "sent"
    assert [each.place.channel for each in await town.rooms.records.read(cohorts.places, 1)] == ["main"]
    look = await town.rooms.records.read(handovers.next_look, town.clock.now())
    assert look is not None
    assert look.cohort_id == 1
    await town.rooms.records.close()


async def test_two_that_start_at_once_on_a_new_file_both_find_it_migrated(tmp_path: Path) -> None:
    both = [Database(f"sqlite+aiosqlite:///{tmp_path / 'shared.db'}") for _ in range(2)]
    await asyncio.gather(*(each.migrate(shipped("migrations")) for each in both))
    for each in both:
        assert await each.read(lambda c: c.execute(text("SELECT count(*) FROM alembic_version")).scalar()) == 1
        await each.close()


async def test_many_that_write_first_to_a_new_file_at_once_all_wait_for_each_other(tmp_path: Path) -> None:
    for attempt in range(20):
        all_of_them = [Database(f"sqlite+aiosqlite:///{tmp_path / f'{attempt}.db'}") for _ in range(4)]
        modes = await asyncio.gather(
            *(each.write(lambda c: c.execute(text("PRAGMA journal_mode")).scalar()) for each in all_of_them)
        )
        assert modes == ["wal"] * 4
        for each in all_of_them:
            await each.close()


async def test_a_newer_database_is_refused_and_not_a_byte_is_changed(tmp_path: Path) -> None:
    file = tmp_path / "newer.db"
    before = foreign(
        file, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('9999')"
    )
    said = await refusal(f"sqlite+aiosqlite:///{file}")
    assert "was written by a newer Milepost (revision 9999)" in said
    assert file.read_bytes() == before
    assert names(tmp_path) == ["newer.db"]


async def test_another_programs_database_is_refused_and_not_a_byte_is_changed(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    before = foreign(file, "CREATE TABLE recipes (name TEXT)")
    assert "holds another program's tables" in await refusal(f"sqlite+aiosqlite:///{file}")
    assert file.read_bytes() == before


async def test_a_file_that_is_no_database_is_refused_and_not_a_byte_is_changed(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_bytes(b"Dear reader, " * 100)
    assert "file is not a database" in await refusal(f"sqlite+aiosqlite:///{file}")
    assert file.read_bytes() == b"Dear reader, " * 100


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert f"{tmp_path} cannot be used" in await refusal(f"sqlite+aiosqlite:///{tmp_path}")


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert f"the folder {tmp_path / 'no'} does not exist" in await refusal(f"sqlite+aiosqlite:///{tmp_path}/no/such.db")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "is no database address"),
        ("milepost.db", "is no database address"),
        ("postgres://ada:geheim@host/name", "'postgres://***@host/name' is no database address"),
        ("postgresql+asyncpg://ada:geheim@host:port/name", "is no database address"),
        ("postgresql://ada:geheim@host/name", "does not speak postgresql"),
        ("mysql://ada:geheim@host/name", "does not speak mysql"),
        ("sqlite:///milepost.db", "does not speak sqlite"),
        ("sqlite+aiosqlite://", "does not simply name a file"),
        ("sqlite+aiosqlite:///:memory:", "does not simply name a file"),
        ("sqlite+aiosqlite:///milepost.db?mode=memory&uri=true", "does not simply name a file"),
    ],
)
async def test_an_address_that_cannot_be_used_says_how_to_write_one_and_shows_no_password(url: str, said: str) -> None:
    refused = await refusal(url)
    assert refused.startswith("DATABASE_URL: ")
    assert said in refused
    assert "sqlite+aiosqlite:///milepost.db" in refused
    assert "geheim" not in refused


async def test_a_database_is_named_without_its_password(database: Database) -> None:
    assert database.name.endswith("kept.db")
    database.url = make_url("postgresql+asyncpg://ada:geheim@host/name")
    assert database.name == "postgresql+asyncpg://ada:***@host/name"


def test_a_file_with_a_curious_name_is_that_file(tmp_path: Path) -> None:
    curious = tmp_path / "a b#c 100% 책.db"
    assert migrate(f"sqlite+aiosqlite:///{curious}", tmp_path).returncode == 0
    assert names(tmp_path) == [curious.name]


@pytest.mark.parametrize("what", ["file", "folder", "secret"])
def test_a_database_that_may_not_be_written_is_one_line_and_stays_as_it_is(what: str, tmp_path: Path) -> None:
    home = home_for_nobody(tmp_path)
    file = home / "kept.db"
    if what != "folder":
        asyncio.run(migrated(f"sqlite+aiosqlite:///{file}"))
        file.chmod(0o444 if what == "file" else 0o000)
    home.chmod(0o555)
    before = file.read_bytes() if file.exists() else None
    done = as_nobody(f"sqlite+aiosqlite:///{file}", tmp_path, "migrate")
    home.chmod(0o755)
    assert done.returncode == 1
    assert done.stderr.startswith(f"DATABASE_URL: sqlite+aiosqlite:///{file} cannot be used (")
    assert done.stderr.count("\n") == 1
    assert (file.read_bytes() if file.exists() else None) == before


FILLED = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
runpy.run_module("bot", run_name="__main__")
"""


def test_on_a_disk_without_room_it_is_said_to_look_for_room(tmp_path: Path, migrated: Path) -> None:
    full = _python(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'town.db'}", "-c", FILLED, "migrate")
    assert (full.returncode, "Traceback" in full.stderr) == (1, False)
    assert "see that its disk has room" in full.stderr
    shutil.copy(migrated, tmp_path / "town.db")
    full = _python(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'town.db'}", "-c", FILLED, "backup", "copy.db")
    assert (full.returncode, "Traceback" in full.stderr) == (1, False)
    assert "See that its disk has room" in full.stderr
    assert not (tmp_path / "copy.db").exists()


def test_a_database_of_ours_that_may_only_be_read_is_refused_and_nothing_is_put_back(
    tmp_path: Path, migrated: Path
) -> None:
    home = home_for_nobody(tmp_path)
    file = Path(shutil.copy(migrated, home / "town.db"))
    url = f"sqlite+aiosqlite:///{file}"
    assert _python(tmp_path, url, "-m", "bot", "backup", str(tmp_path / "copy.db")).returncode == 0
    file.chmod(0o444)
    (tmp_path / "copy.db").chmod(0o644)
    refused = as_nobody(url, tmp_path, "migrate")
    assert (refused.returncode, "cannot be used (" in refused.stderr) == (1, True)
    refused = as_nobody(url, tmp_path, "restore", str(tmp_path / "copy.db"))
    assert refused.returncode == 1
    assert (refused.stderr.count("\n"), "Nothing was changed" in refused.stderr) == (1, True)
    assert not [each.name for each in home.iterdir() if "restor" in each.name]


def test_the_command_line_says_no_more_than_the_line(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_bytes(b"Dear reader, " * 100)
    done = migrate("sqlite+aiosqlite:///letter.db", tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


async def test_sqlite_is_set_up_to_lose_nothing(database: Database) -> None:
    def pragma(connection: Connection, name: str) -> object:
        connection.execute(select(communities))  # a connection learns how a file is kept when it reads it
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    for enter in (database.read, database.write):
        assert await enter(pragma, "journal_mode") == "wal"
        assert await enter(pragma, "foreign_keys") == 1
        assert await enter(pragma, "busy_timeout") == 5000
    assert await database.write(pragma, "synchronous") == 2  # FULL


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        await database.read(lambda c: c.execute(insert(communities).values(platform="square", foreign_id="town")))


async def test_what_belongs_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await database.write(
            lambda c: c.execute(text("INSERT INTO enrolments (member_id, cohort_id, joined_at) VALUES (7, 7, 0)"))
        )
    assert await database.read(lambda c: c.execute(select(enrolments)).all()) == []


async def test_a_verb_that_raises_leaves_nothing(database: Database) -> None:
    def verb(connection: Connection) -> None:
        connection.execute(insert(communities).values(platform="square", foreign_id="town"))
        raise RuntimeError("after the insert")

    with pytest.raises(RuntimeError):
        await database.write(verb)
    assert await database.read(lambda c: c.execute(select(communities)).all()) == []


async def test_fifty_writes_at_once_all_count(database: Database) -> None:
    def one_more(connection: Connection) -> None:
        count = connection.execute(text("SELECT count(*) FROM communities")).scalar_one()
        connection.execute(insert(communities).values(platform="square", foreign_id=str(count)))

    await asyncio.gather(*(database.write(one_more) for _ in range(50)))
    found = await database.read(lambda c: c.execute(select(communities.c.foreign_id)).scalars().all())
    assert sorted(found, key=int) == [str(n) for n in range(50)]


async def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    def count(connection: Connection) -> int:
        return int(connection.execute(text("SELECT count(*) FROM communities")).scalar_one())

    def two(connection: Connection, n: int) -> None:
        for each in ("a", "b"):
            connection.execute(insert(communities).values(platform="square", foreign_id=f"{each}{n}"))

    writes = [database.write(two, n) for n in range(20)]
    seen = (await asyncio.gather(*writes, *(database.read(count) for _ in range(40))))[20:]
    assert all(isinstance(each, int) and each % 2 == 0 for each in seen)


async def test_writes_that_were_given_up_halfway_leave_no_lock_behind(database: Database) -> None:
    def slow(connection: Connection) -> None:
        for n in range(50):
            connection.execute(insert(communities).values(platform="square", foreign_id=str(n)))

    for n in range(10):
        task = asyncio.create_task(database.write(slow))
        await asyncio.sleep(0.001 * n)
        task.cancel()
        await asyncio.wait([task])
        await database.write(lambda c: c.execute(text("DELETE FROM communities")))
    await asyncio.wait_for(database.write(slow), timeout=4)
    assert await database.read(lambda c: c.execute(text("SELECT count(*) FROM communities")).scalar()) == 50


async def test_a_closed_database_is_one_file_that_can_be_copied(database: Database, tmp_path: Path) -> None:
    await database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
    await database.close()
    assert names(tmp_path) == ["kept.db"]
