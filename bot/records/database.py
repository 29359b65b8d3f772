"""The engines, the one writer, and the way into a transaction.

SQLite: WAL, `synchronous=FULL`, foreign keys on, one writer with `BEGIN IMMEDIATE` (a deferred transaction that
upgrades fails with "database is locked" however long it may wait), readers that cannot write.

PostgreSQL by its URL: one writer in each process, SERIALIZABLE, and readers of one snapshot each. Every instant comes
from the app's clock there, too: what is compared with it was written by it, a rehearsal's may be moved, and a server
whose clock is off would have posts leave early or late.
"""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from functools import cache, wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from bot.records.outage import NotSaved, Outage
from bot.records.runners import Runner, Runners, ServerRunner, SqliteRunner, reason_of

P = ParamSpec("P")
T = TypeVar("T")
READERS = 4
BUSY_SECONDS = 5  # how long to wait for another process that is writing
MIGRATING = 0x4D494C45504F5354  # the advisory lock, a number that nothing else on the server is likely to use
_EXAMPLES = "Write it as sqlite+aiosqlite:///milepost.db or postgresql+asyncpg://user@host/name."


class DatabaseError(Exception):
    """The database cannot be used; one line that names it, the reason and the way out. Nothing was changed."""


class Database:
    """Readers and one writer for one database. `durable=False` does not wait for the disk: for what may be lost."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        self.url = _read_url(url)
        self._is_sqlite = self.url.get_backend_name() == "sqlite"
        made = _sqlite_runners(self.url, durable) if self._is_sqlite else _server_runners(self.url)
        self._writer, self._reader = made
        self._at_work: set[asyncio.Task[Any]] = set()
        self.outage = Outage()

    @property
    def name(self) -> str:
        """The database's address without its password, for people."""
        return self.url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database, absolute; None for one that a server keeps."""
        return Path(self.url.database or "").absolute() if self._is_sqlite else None

    async def read(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the verb in a transaction that sees one state of the database."""
        return await self._to_its_end(self._reader.run(lambda connection: verb(connection, *args, **kwargs)))

    async def write(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the verb in the one writing transaction; kept if it returns, undone if it raises.

        Raises NotSaved if nothing can be saved now, with nothing changed.
        """
        return await self._to_its_end(self._write(verb, *args, **kwargs))

    async def _write(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        @wraps(verb)
        def work(connection: Connection) -> T:
            return verb(connection, *args, **kwargs)

        with self.outage.watched():
            return await self._writer.run(work)

    async def _to_its_end(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of the work, which goes on even if whoever waits for it is cancelled.

        A connection that is dropped in the middle of a transaction keeps SQLite's lock until its cursors are collected.
        """
        task = asyncio.create_task(work)
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        return await asyncio.shield(task)

    async def migrate(self, migrations: Path) -> None:
        """Bring the tables up to date, in one transaction. Raises DatabaseError, with nothing changed, if it cannot."""
        scripts = _scripts(migrations)
        with self._explained():
            if await self._revision(scripts) == scripts.get_current_head():
                return
            if self._is_sqlite:
                await self.write(_upgrade, scripts, self.name)
            else:
                await self._upgrade_server(scripts)

    async def _upgrade_server(self, scripts: ScriptDirectory) -> None:
        """Processes that start together migrate one after the other, and all but the first find it done.

        READ COMMITTED, since a snapshot from before the wait would not show what the first one did.
        """
        runner = ServerRunner(self.url, 1, "READ COMMITTED")

        def alone(connection: Connection) -> None:
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
            _upgrade(connection, scripts, self.name)

        try:
            await runner.run(alone)
        finally:
            await runner.close()

    async def is_current(self, migrations: Path) -> bool:
        """Whether the tables are up to date; False for a database that is still to be made, which is not made here.

        Raises DatabaseError as `migrate` does.
        """
        scripts = _scripts(migrations)
        if self._is_sqlite and not await asyncio.to_thread(Path(self.url.database or "").exists):
            return False
        with self._explained():
            return await self._revision(scripts) == scripts.get_current_head()

    async def _revision(self, scripts: ScriptDirectory) -> str | None:
        if self._is_sqlite:
            await asyncio.to_thread(_try_writing, self.url.database or "")
        return await self.read(_refuse_foreign, scripts, self.name)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns what the driver raises into the one line that an operator gets."""
        try:
            yield
        except (DBAPIError, sqlite3.Error, OSError, NotSaved) as error:
            way_out = "name a database that this user may read and write."
            if not self._is_sqlite:
                way_out = "see that the server runs, that it is the one you mean, and that this user may write there."
            raise DatabaseError(
                f"DATABASE_URL: {self.name} cannot be used ({reason_of(error)}). Nothing was changed; {way_out}"
            ) from error

    async def close(self) -> None:
        """End what has begun and close every connection.

        The writer comes last: SQLite folds the log into the file then, which no reader may do.
        """
        if self._at_work:
            await asyncio.wait(self._at_work)
        await self._reader.close()
        await self._writer.close()


def _try_writing(name: str) -> None:
    """Begin to write, and write nothing. A file that is not there is made, empty.

    Raises DatabaseError for a folder that is not there, sqlite3.Error for a file that is no database or cannot be
    written. Without the driver, which leaves a thread behind where it cannot connect, to complain to a closed loop.
    """
    file = Path(name).absolute()
    if not file.parent.is_dir():
        raise DatabaseError(f"DATABASE_URL: the folder {file.parent} does not exist. Make it, or name another.")
    there = f"file:{quote(str(file))}?mode=rwc"
    with closing(sqlite3.connect(there, timeout=BUSY_SECONDS, isolation_level=None, uri=True)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # which a file that may only be read does not mind
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("ROLLBACK")


def _refuse_foreign(connection: Connection, scripts: ScriptDirectory, name: str) -> str | None:
    """A reader's look, before anything is written: is it ours, and not from a later version than we know?

    Returns the revision it is at.
    """
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None and inspect(connection).get_table_names():
        raise DatabaseError(f"DATABASE_URL: {name} holds another program's tables. Nothing was changed; name another.")
    if revision is not None and revision not in {each.revision for each in scripts.walk_revisions()}:
        raise DatabaseError(
            f"DATABASE_URL: {name} was written by a newer Milepost (revision {revision}). "
            "Nothing was changed; update Milepost, or name another database."
        )
    return revision


@cache
def _scripts(migrations: Path) -> ScriptDirectory:
    """The revisions there are: read, and each run, once."""
    return ScriptDirectory(str(migrations))


def _upgrade(connection: Connection, scripts: ScriptDirectory, name: str) -> None:
    _refuse_foreign(connection, scripts, name)
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", scripts.dir.replace("%", "%%"))
    command.upgrade(config, "head")


def _read_url(url: str) -> URL:
    try:
        read = make_url(url)
        read.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        # Shown without what may be a password, which also stands in the errors of those who could not read it.
        shown = re.sub(r"//.*@", "//***@", url)
        raise DatabaseError(f"DATABASE_URL: {shown!r} is no database address. {_EXAMPLES}") from error
    if read.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise DatabaseError(f"DATABASE_URL: Milepost does not speak {read.drivername}. {_EXAMPLES}")
    if read.drivername == "postgresql+asyncpg" and find_spec("asyncpg") is None:
        raise DatabaseError("DATABASE_URL: for PostgreSQL, install Milepost with its extra: milepost[postgres].")
    if read.drivername == "sqlite+aiosqlite" and (read.database in (None, "", ":memory:") or read.query):
        raise DatabaseError(f"DATABASE_URL: {url!r} does not simply name a file. {_EXAMPLES}")
    return read


def _sqlite_runners(url: URL, durable: bool) -> tuple[Runner, Runner]:
    file = quote(str(Path(url.database or "").absolute()))
    shared = [f"busy_timeout={BUSY_SECONDS * 1000}", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-20000"]
    # What is deleted is overwritten in the file, too: somebody may have asked to be forgotten.
    durably = f"synchronous={'FULL' if durable else 'OFF'}"
    writing = [*shared, "journal_mode=WAL", durably, "secure_delete=ON"]
    readers = [SqliteRunner(f"file:{file}?mode=ro", shared, "BEGIN") for _ in range(READERS)]
    return SqliteRunner(f"file:{file}", writing, "BEGIN IMMEDIATE"), Runners(readers)


def _server_runners(url: URL) -> tuple[Runner, Runner]:
    return ServerRunner(url, 1, "SERIALIZABLE", marked=True), ServerRunner(url, READERS, "REPEATABLE READ", reads=True)
