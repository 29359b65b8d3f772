"""Where transactions run: a thread that holds one SQLite connection, or a pool of a server's.

SQLAlchemy's async engine hops to aiosqlite's thread and back for every statement. A verb waits for nothing, so here its
whole transaction is one hop; `tests/bench/records.py` measures both side by side.
"""

import asyncio
import logging
import random
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any, Literal, Protocol, TypeVar

import aiosqlite
from sqlalchemy import Connection, create_engine, event, insert
from sqlalchemy.engine import URL, Dialect, Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import LRUCache

from bot.records.tables import notes

log = logging.getLogger(__name__)

T = TypeVar("T")
V = TypeVar("V", bound=Callable[..., object])
CONNECT_SECONDS, STUCK_SECONDS = 5, 20
QUEUE_SECONDS = 60
MOST_COMPILED = 1000  # statements; there are some hundreds
PATIENCE = 10.0  # seconds; a restart of a small server takes one or two
_MARKED_FOR = timedelta(hours=1)
_BROKEN_OFF = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
# The server is shutting down, has crashed, is starting up, has no connection left, or took us for stuck:
# postgresql.org/docs/current/errcodes-appendix.html
_AWAY = frozenset({"57P01", "57P02", "57P03", "53300", "25P03", "57P05"})
LONGEST_CONFLICT = 0.1  # seconds between attempts where another process was in the way
_CONFLICT, _BY_LOCKS = "milepost_conflict", "milepost_by_locks"
Isolation = Literal["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # seconds between attempts to set up a file that others set up, too


def by_locks(verb: V) -> V:
    """A verb for a queue: it locks the row that it takes, and writes on the strength of that row alone.

    On a server it need not be SERIALIZABLE, where those who read one queue at once break each other off for nothing.
    """
    setattr(verb, _BY_LOCKS, True)
    return verb


class InDoubtError(Exception):
    """Nobody knows whether the transaction was kept: its server went away at that very moment, and stays away."""


class Runner(Protocol):
    """Runs transactions; kept if the work returns, undone if it raises."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What the work returns, from one transaction of its own."""

    async def close(self) -> None:
        """Close every connection. Transactions that have begun are ended first."""


class SqliteRunner:
    """One connection to a SQLite file, opened at its first use. Transactions run one after the other, in order."""

    def __init__(self, file: str, pragmas: Sequence[str], begin: str) -> None:
        self._file = file
        self._pragmas = pragmas
        self._begin = begin
        self._thread: _Thread | None = None
        self._opening = asyncio.Lock()

    @cached_property
    def _engine(self) -> Engine:
        """An engine over the thread's connection. It tells nobody of what it does, which would slow each statement."""
        dialect, compiled = _shared()
        engine = create_engine(
            "sqlite+pysqlite://", creator=self._opened, poolclass=StaticPool,
            execution_options={"compiled_cache": compiled},
            hide_parameters=True,  # else an error that is logged holds what somebody wrote
        )  # fmt: skip
        engine.dialect = dialect
        return engine

    def _opened(self) -> sqlite3.Connection:
        """The thread's connection, which begins no transaction by itself."""
        if self._thread is None:
            raise RuntimeError("the connection is closed")
        connection = self._thread.connection
        connection.isolation_level = None
        for pragma in self._pragmas:
            _set(connection, pragma)
        return connection

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What the work returns, from one transaction of its own."""
        async with self._opening:
            if self._thread is None:
                thread = _Thread(lambda: sqlite3.connect(self._file, uri=True), iter_chunk_size=64)
                _ = await thread
                self._thread = thread
            thread = self._thread

        def transaction() -> T:
            with self._engine.begin() as connection:
                connection.exec_driver_sql(self._begin)  # the driver's own would come late and be deferred
                return work(connection)

        return await thread.do(transaction)

    async def close(self) -> None:
        """Close the connection, after what was begun."""
        if self._thread is not None:
            await self._thread.do(self._engine.dispose)
            await self._thread.close()
            self._thread = None


@cache
def _shared() -> tuple[Dialect, LRUCache[Any, Any]]:
    """The dialect of all lanes, and what was compiled for it: by each lane by itself, it would be compiled five times.

    What was compiled is kept by dialect, which learns what the library can do at its first connection.
    """
    engine = create_engine("sqlite+pysqlite://")
    engine.connect().close()
    engine.dispose()
    return engine.dialect, LRUCache(MOST_COMPILED)


def _set(connection: sqlite3.Connection, pragma: str) -> None:
    """Set a pragma. Two who turn a new file to WAL at once meet a lock for which SQLite does not wait by itself."""
    for seconds in _PAUSES:
        try:
            connection.execute(f"PRAGMA {pragma}").close()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(seconds)
    connection.execute(f"PRAGMA {pragma}").close()


class _Thread(aiosqlite.Connection):
    """aiosqlite's connection and its thread, asked for more than a statement at a time."""

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection itself; to be touched in the thread alone."""
        return self._conn

    async def do(self, work: Callable[[], T]) -> T:
        """What the work returns, done in the thread."""
        result: T = await self._execute(work)  # type: ignore[no-untyped-call]  # the library's own is untyped
        return result


class Runners:
    """Several runners as one: each transaction takes one that is free."""

    def __init__(self, runners: Sequence[Runner]) -> None:
        self._runners = runners
        self._free: asyncio.LifoQueue[Runner] = asyncio.LifoQueue()
        for runner in reversed(runners):
            self._free.put_nowait(runner)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What the work returns, from one transaction of its own."""
        runner = await self._free.get()
        try:
            return await runner.run(work)
        finally:
            self._free.put_nowait(runner)

    async def close(self) -> None:
        """Close every connection."""
        for runner in self._runners:
            await runner.close()


class ServerRunner:
    """A pool of connections to a PostgreSQL server.

    Each connection does one transaction at a time, and `size` is how many there are at most: one for the writer of a
    process, so that what waits there waits here and not on locks. Several processes write at once: a writer's
    transactions are SERIALIZABLE, since verbs look before they write, and only so does what they saw still hold when
    they are kept. What the server breaks off for that, or for a deadlock, is repeated here; so is whatever a lost
    connection or a restart of the server broke off, for `PATIENCE` seconds. So no connection need be tried before its
    use, which would make a small transaction half as slow again.

    If the connection is lost while it is being kept, nobody knows whether it was. Therefore a `marked` transaction
    begins with a note under a key of its own, which two transactions cannot both keep: repeating meets the note if the
    first attempt was kept, waits for it if that is still under way, and then returns what the first one returned.
    """

    def __init__(self, url: URL, size: int, isolation: Isolation, *, reads: bool = False, marked: bool = False) -> None:
        engine = create_async_engine(
            url, pool_size=size, max_overflow=0, pool_timeout=QUEUE_SECONDS, isolation_level=isolation,
            connect_args=connect_args(), hide_parameters=True,
        )  # fmt: skip
        self._engine = engine.execution_options(postgresql_readonly=True) if reads else engine
        self._marked = marked
        self._is_away = False

        @event.listens_for(engine.sync_engine, "handle_error")
        def broken_off(context: ExceptionContext) -> None:
            if context.connection is not None and _sqlstate(context.original_exception) in _BROKEN_OFF:
                context.connection.info[_CONFLICT] = context.sqlalchemy_exception

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What the work returns, from one transaction of its own. The work may be called more than once.

        Raises what the driver raises, with nothing kept; or InDoubtError.
        """
        until, pause = time.monotonic() + PATIENCE, 0.0
        options = {"isolation_level": "READ COMMITTED"} if getattr(work, _BY_LOCKS, False) else {}
        mark, done = secrets.token_hex(16), list[T]()
        while True:
            try:
                async with self._engine.connect() as opened:
                    connection = await opened.execution_options(**options)
                    async with connection.begin():
                        if self._marked and not await _is_first(connection, mark):
                            return done[-1]
                        done.append(await connection.run_sync(_to_the_end, work))
                self._is_away = False
                return done[-1]
            except (DBAPIError, OSError) as error:
                is_conflict = _sqlstate(getattr(error, "orig", error)) in _BROKEN_OFF
                if not _may_be_repeated(error) or time.monotonic() + pause > until:
                    if done and self._marked and not is_conflict:
                        raise InDoubtError(f"whether it was kept is not known: {reason_of(error)}") from error
                    raise
                if not is_conflict and not self._is_away:
                    self._is_away = True  # said once, however many are waiting
                    log.warning("the database does not answer (%s); trying again", reason_of(error))
            await asyncio.sleep(pause * random.random())  # noqa: S311 - so that those who met do not meet again
            pause = min(2 * pause or _PAUSES[0], LONGEST_CONFLICT if is_conflict else _PAUSES[-1])

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def connect_args() -> dict[str, object]:
    """How to connect: nobody waits for ever for a server that is gone, nor for another process that is stuck."""
    settings = {
        "application_name": "milepost",
        "jit": "off",  # compiling costs more than any statement of ours takes
        "idle_in_transaction_session_timeout": f"{STUCK_SECONDS * 1000}",
        "tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
    }  # fmt: skip
    return {"timeout": CONNECT_SECONDS, "command_timeout": STUCK_SECONDS, "server_settings": settings}


def reason_of(error: BaseException) -> str:
    """What the driver has to say, in one line."""
    reason = error.orig if isinstance(error, DBAPIError) else error
    return " ".join(str(reason).split()) or type(reason).__name__


async def _is_first(connection: AsyncConnection, mark: str) -> bool:
    """Leave the transaction's mark. False if it is there already: an earlier attempt was kept."""
    until = datetime.now(UTC) + _MARKED_FOR
    try:
        await connection.execute(insert(notes).values(platform="database", key=mark, value="", until=until))
    except IntegrityError:
        await connection.rollback()
        return False
    return True


def _to_the_end(connection: Connection, work: Callable[[Connection], T]) -> T:
    """What the work returns; raises what the server broke it off with, even if the work caught that and went on."""
    connection.info.pop(_CONFLICT, None)
    result = work(connection)
    conflict = connection.info.pop(_CONFLICT, None)
    if conflict is not None:
        raise conflict
    return result


def _may_be_repeated(error: DBAPIError | OSError) -> bool:
    state = _sqlstate(error.orig) if isinstance(error, DBAPIError) else ""
    lost = isinstance(error, OSError) or error.connection_invalidated
    return lost or state in _BROKEN_OFF or state in _AWAY or state.startswith("08")


def _sqlstate(error: BaseException | None) -> str:
    return getattr(error, "sqlstate", None) or ""
