"""PostgreSQL: several processes write at once, connections are lost at the worst moment, and nothing is said twice."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import await_only

from bot.records.database import Database, DatabaseError
from bot.records.runners import InDoubtError
from bot.records.tables import communities, notes
from bot.shipped import shipped
from tests.postgres import Postgres


@pytest.fixture
def kept(postgres: Postgres) -> Iterator[str]:
    """The URL of a migrated database on the server."""
    url = postgres.database()
    yield url
    postgres.drop(url)


@pytest.fixture
async def processes(kept: str) -> AsyncIterator[list[Database]]:
    """The same database, as four processes have it open."""
    made = [Database(kept) for _ in range(4)]
    yield made
    for each in made:
        await each.close()


def one_more(connection: Connection) -> int:
    """Look how many there are, and add one on the strength of it."""
    there = count(connection)
    connection.execute(insert(communities).values(platform="square", foreign_id=str(there)))
    return there


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(communities)).scalar_one()


async def test_what_processes_write_at_once_is_as_if_they_had_taken_turns(processes: list[Database]) -> None:
    seen = await asyncio.gather(*(each.write(one_more) for _ in range(5) for each in processes))
    assert sorted(seen) == list(range(20))


async def test_processes_that_start_at_once_migrate_once(postgres: Postgres) -> None:
    url = postgres.database("template0")
    made = [Database(url) for _ in range(4)]
    await asyncio.gather(*(each.migrate(shipped("migrations")) for each in made))
    assert [await each.is_current(shipped("migrations")) for each in made] == [True] * 4
    for each in made:
        await each.close()


async def test_a_conflict_that_a_verb_takes_for_its_own_failure_is_not_kept(processes: list[Database]) -> None:
    first, second, looked, wrote = *processes[:2], asyncio.Event(), asyncio.Event()
    await first.write(one_more)
    attempts = 0

    def swallows(connection: Connection) -> str:
        nonlocal attempts
        attempts += 1
        count(connection)
        looked.set()
        wait_for(wrote)
        try:
            with connection.begin_nested():
                connection.execute(update(communities).values(foreign_id="mine"))
        except DBAPIError:
            return "gave up"
        return "done"

    writing = asyncio.create_task(first.write(swallows))
    await looked.wait()
    await second.write(lambda c: c.execute(update(communities).values(foreign_id="theirs")))
    wrote.set()
    assert await writing == "done"
    assert attempts == 2
    assert await first.read(lambda c: c.execute(select(communities.c.foreign_id)).scalar()) == "mine"


def wait_for(event: asyncio.Event) -> None:
    """Wait in a verb; none of ours ever does."""
    await_only(event.wait())


# ---- Connections that are lost ---------------------------------------------------------------------------------------


class Between:
    """Stands between Milepost and the server, and loses one COMMIT: `before` it gets there, or its answer `after`."""

    def __init__(self, to: Path, at: Path, loses: str) -> None:
        self._to, self._at, self._loses = to / ".s.PGSQL.5432", at / ".s.PGSQL.5432", loses
        self.lost = 0
        self.when_lost: Callable[[], None] = lambda: None

    async def open(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._serve, self._at)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(self._to)
        answers = asyncio.create_task(self._answers(there, writer))
        while data := await reader.read(65536):
            if b"COMMIT" in data and not self.lost:
                self.lost += 1
                self.when_lost()
                answers.cancel()
                await asyncio.wait([answers])
                if self._loses == "after":
                    back.write(data)
                    await there.read(65536)
                break
            back.write(data)
        answers.cancel()
        for each in (writer, back):
            each.close()

    async def _answers(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await there.read(65536):
            writer.write(data)
        writer.close()


@pytest.mark.parametrize("loses", ["before", "after"])
async def test_a_commit_that_is_lost_on_the_way_counts_once(
    kept: str, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, loses: str
) -> None:
    here = tmp_path_factory.mktemp("w")
    between = Between(Path(str(postgres.url.query["host"])), here, loses)
    async with await between.open():
        database = Database(make_url(kept).set(query={"host": str(here)}).render_as_string())
        assert await database.write(one_more) == 0
        assert between.lost == 1
        assert await database.read(count) == 1
        await database.close()


async def test_a_commit_whose_server_stays_away_is_in_doubt_and_not_called_unsaved(
    kept: str, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.records.runners.PATIENCE", 0.2)
    here = tmp_path_factory.mktemp("w")
    between = Between(Path(str(postgres.url.query["host"])), here, "after")
    server = await between.open()
    database = Database(make_url(kept).set(query={"host": str(here)}).render_as_string())
    between.when_lost = server.close
    with pytest.raises(InDoubtError):
        await database.write(one_more)
    await database.close()


async def test_a_server_that_restarts_is_waited_for(kept: str, postgres: Postgres) -> None:
    database = Database(kept)
    await asyncio.gather(*(database.read(count) for _ in range(4)), database.write(one_more))
    restarting = asyncio.create_task(asyncio.to_thread(postgres.control, "restart", "-m", "immediate"))
    written: list[int] = []
    while not restarting.done() or len(written) < 3:
        written.append(await database.write(one_more))
        assert await database.read(count) == len(written) + 1
    await restarting
    assert written == list(range(1, len(written) + 1))
    await database.close()


async def test_another_process_that_is_stuck_in_a_transaction_is_shown_the_door(processes: list[Database]) -> None:
    first, second = processes[:2]
    await first.write(one_more)
    stuck, thaw = asyncio.Event(), asyncio.Event()

    def freezes(connection: Connection) -> None:
        if not stuck.is_set():
            connection.execute(text("SET idle_in_transaction_session_timeout = '200ms'"))
            connection.execute(update(communities).values(foreign_id="frozen"))
            stuck.set()
            wait_for(thaw)
        connection.execute(update(communities).values(foreign_id="thawed"))

    frozen = asyncio.create_task(first.write(freezes))
    await stuck.wait()
    await second.write(lambda c: c.execute(update(communities).values(foreign_id="second")))
    thaw.set()
    await frozen
    assert await second.read(lambda c: c.execute(select(communities.c.foreign_id)).scalar()) == "thawed"


async def test_the_mark_of_a_transaction_is_forgotten_with_other_old_notes(processes: list[Database]) -> None:
    await processes[0].write(one_more)
    left = await processes[0].read(lambda c: c.execute(select(notes.c.platform, notes.c.until)).all())
    assert [each.platform for each in left] == ["database"]
    assert left[0].until is not None


# ---- One clear line --------------------------------------------------------------------------------------------------


async def refusal(url: str) -> str:
    database = Database(url)
    with pytest.raises(DatabaseError) as raised:
        await database.migrate(shipped("migrations"))
    await database.close()
    assert "\n" not in str(raised.value)
    return str(raised.value)


def as_user(url: str, who: str) -> str:
    return re.sub(r"//[^@]*@", f"//{who}@", url)


async def test_a_database_that_is_not_there_is_one_line(postgres: Postgres) -> None:
    assert '(database "nowhere" does not exist)' in await refusal(postgres.url_of("nowhere"))


async def test_a_wrong_password_is_one_line_that_does_not_show_it(kept: str, postgres: Postgres) -> None:
    await asyncio.to_thread(postgres.admit_by_password, "stranger", "right")
    said = await refusal(as_user(kept, "stranger:wrong"))
    assert '(password authentication failed for user "stranger")' in said
    assert "wrong" not in said


async def test_a_user_who_may_make_no_tables_is_told_so_in_one_line(postgres: Postgres) -> None:
    await asyncio.to_thread(postgres.admit_by_password, "guest", "right")
    url = await asyncio.to_thread(postgres.database, "template0")
    said = await refusal(as_user(url, "guest:right"))
    assert "(permission denied for schema public)" in said


async def test_a_server_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.records.runners.PATIENCE", 0)
    said = await refusal("postgresql+asyncpg://milepost@127.0.0.1:1/milepost")
    assert "cannot be used (" in said
