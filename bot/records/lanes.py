"""Where transactions run: a thread that holds one SQLite connection, or a pool of a server's.

SQLAlchemy's async engine hops to aiosqlite's thread and back for every statement. A verb waits for nothing, so here its
whole transaction is one hop; `tests/bench/records.py` measures both side by side.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import aiosqlite
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

T = TypeVar("T")
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # seconds between attempts to set up a file that others set up, too


class Lane(Protocol):
    """Runs transactions; kept if the work returns, undone if it raises."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What the work returns, from one transaction of its own."""

    async def close(self) -> None:
        """Close every connection. Transactions that have begun are ended first."""


class SqliteLane:
    """One connection to a SQLite file, opened at its first use. Transactions run one after the other, in order."""

    def __init__(self, file: str, pragmas: Sequence[str], begin: str) -> None:
        self._file = file
        self._engine = self._make_engine(pragmas, begin)
        self._thread: _Thread | None = None
        self._opening = asyncio.Lock()

    def _make_engine(self, pragmas: Sequence[str], begin: str) -> Engine:
        """An engine over the thread's connection, with our own BEGIN: the driver's comes late and is deferred."""
        engine = create_engine("sqlite+pysqlite://", creator=lambda: self._opened().connection, poolclass=StaticPool)

        @event.listens_for(engine, "connect")
        def connect(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None
            for pragma in pragmas:
                _set(connection, pragma)

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def _opened(self) -> "_Thread":
        if self._thread is None:
            raise RuntimeError("the connection is closed")
        return self._thread

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
                return work(connection)

        return await thread.do(transaction)

    async def close(self) -> None:
        """Close the connection, after what was begun."""
        if self._thread is not None:
            await self._thread.do(self._engine.dispose)
            await self._thread.close()
            self._thread = None


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


class Lanes:
    """Several lanes as one: each transaction takes one that is free."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes
        self._free: asyncio.LifoQueue[Lane] = asyncio.LifoQueue()
        for lane in reversed(lanes):
            self._free.put_nowait(lane)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What the work returns, from one transaction of its own."""
        lane = await self._free.get()
        try:
            return await lane.run(work)
        finally:
            self._free.put_nowait(lane)

    async def close(self) -> None:
        """Close every connection."""
        for lane in self._lanes:
            await lane.close()


class ServerLane:
    """A pool of connections to a database server, through SQLAlchemy's async engine."""

    def __init__(self, url: URL, size: int) -> None:
        self._engine = create_async_engine(url, pool_size=size)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What the work returns, from one transaction of its own."""
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
