"""What a transaction of the records costs: one hop for the whole of it, beside SQLAlchemy's async engine on aiosqlite.

`python tests/bench/records.py` runs both in turn, several rounds, on a file in a scratch folder, and prints the median
processor time and wall time of a transaction with four statements. Nothing here decides a test.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from bot.records.runners import SqliteRunner

PRAGMAS = ["journal_mode=WAL", "synchronous=FULL"]
ROUNDS, TRANSACTIONS = 5, 400

Run = Callable[[Callable[[Connection], None]], Awaitable[None]]


def create(connection: Connection) -> None:
    """The table that both work on."""
    connection.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, name)"))


def work(connection: Connection) -> None:
    """Two reads and two writes, as a verb does them."""
    connection.execute(text("SELECT count(*) FROM things WHERE id = 1")).scalar()
    connection.execute(text("SELECT id FROM things ORDER BY id DESC LIMIT 1")).scalar()
    connection.execute(text("INSERT INTO things (name) VALUES ('one')"))
    connection.execute(text("UPDATE things SET name = 'two' WHERE id = 1"))


def async_engine(file: Path) -> AsyncEngine:
    """SQLAlchemy's own way, with the same pragmas and the same BEGIN."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}", pool_size=1, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.cursor().execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


async def measure(run: Run) -> tuple[float, float]:
    """Processor and wall microseconds a transaction."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(TRANSACTIONS):
        await run(work)
    return (time.process_time() - cpu) / TRANSACTIONS * 1e6, (time.perf_counter() - wall) / TRANSACTIONS * 1e6


async def main() -> None:
    """Both contenders, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        engine = async_engine(Path(folder) / "engine.db")
        runner = SqliteRunner(f"file:{Path(folder) / 'lane.db'}", PRAGMAS, "BEGIN IMMEDIATE")

        async def by_engine(verb: Callable[[Connection], None]) -> None:
            async with engine.begin() as connection:
                await connection.run_sync(verb)

        contenders: dict[str, Run] = {"async engine": by_engine, "one hop": runner.run}
        figures: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
        for run in contenders.values():
            await run(create)
        for _ in range(ROUNDS):
            for name, run in contenders.items():
                figures[name].append(await measure(run))
        for name, rounds in figures.items():
            cpu, wall = (median(each) for each in zip(*rounds, strict=True))
            print(f"{name:>12}: {cpu:6.0f} us of processor, {wall:6.0f} us in all, a transaction")
        await engine.dispose()
        await runner.close()


if __name__ == "__main__":
    asyncio.run(main())
