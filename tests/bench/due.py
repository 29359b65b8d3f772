"""What a tick costs that finds a million reminders due, beside the driver reading and writing the same rows.

    python tests/bench/due.py [ROWS]        (a million, unless you say how many; a few minutes)

The driver reads the same columns by keyset and writes the same rows, in pages as large and transactions as durable, in
a thread beside an event loop as Milepost's tick does; but it derives no dates: it is given them. Each runs in a process
of its own, on a copy of the same file. Memory is the peak above what the process held with its database open and
nothing due. The loop is asked for its attention every millisecond. What is shown is by how much it was late at worst,
and how long at worst the process was at work while it was: the rest was the machine's, busy with something else. With
all calendars different, nothing that was planned for one cohort is of use for another.
"""

import asyncio
import gc
import multiprocessing
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.curriculum.load import load_all
from bot.delivery.clock import StoppedClock
from bot.delivery.due import PAGE
from bot.delivery.outbox import Delivery
from bot.records.records import Records
from bot.shipped import shipped

ROWS = 1_000_000
SUNDAY = datetime(2027, 1, 10, 17, tzinfo=UTC)  # when the first week's reminder is due in UTC
WEEK = timedelta(weeks=1) // timedelta(microseconds=1)
NOW = SUNDAY + timedelta(hours=6)
PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-20000",
)  # fmt: skip
READ = """
SELECT due.next_due_at, due.cohort_id, due.kind, due.next_step, cohorts.mark, cohorts.curriculum, cohorts.version,
    cohorts.start_on, cohorts.zone, cohorts.weekday, cohorts.at, cohorts.checkin_weekday, cohorts.checkin_at,
    cohorts.pace, cohorts.turns, cohorts.breaks, cohorts.held, cohorts.paused_at, cohorts.amendments, cohort_places.id,
    communities.platform
FROM (
    SELECT * FROM schedule WHERE next_due_at <= ? AND (next_due_at, cohort_id, kind) > (?, ?, ?)
    ORDER BY next_due_at, cohort_id, kind LIMIT ?
) AS due
JOIN cohorts ON cohorts.id = due.cohort_id
JOIN cohort_places ON cohort_places.cohort_id = due.cohort_id
JOIN communities ON communities.id = cohort_places.community_id
WHERE cohort_places.left_at IS NULL AND cohort_places.lost_because IS NULL
ORDER BY due.next_due_at, due.cohort_id, due.kind
"""
PUT = """
INSERT INTO outbox (key, kind, cohort_id, place_id, platform, due_at, ready_at, payload, state, attempt)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0) ON CONFLICT (key) DO NOTHING
"""
MOVE = "UPDATE schedule SET next_step = ?, next_due_at = ? WHERE cohort_id = ? AND kind = ?"


@dataclass(frozen=True)
class Cost:
    """Seconds in all and of the processor; megabytes above idle at the peak; milliseconds that the loop was late."""

    seconds: float
    processor: float
    megabytes: float
    late: float
    held: float


def micros(at: datetime) -> int:
    return round(at.timestamp()) * 1_000_000


def fill(file: Path, rows: int) -> None:
    """So many cohorts, each with one place and a reminder that is due."""
    asyncio.run(_migrate(file))
    offered = load_all(shipped("curriculum")).by_id["deep-learning"]
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO communities (id, platform, foreign_id) VALUES (1, 'square', 'town')")
        connection.executemany(
            "INSERT INTO cohorts (id, community_id, name, curriculum, version, start_on, zone, weekday, at, pace, "
            "language, created_at) VALUES (?, 1, ?, 'deep-learning', ?, '2027-01-04', 'UTC', 0, '09:00:00.000000', "
            "'middle', 'en', 0)",
            ((n, f"Cohort {n}", offered.version) for n in range(1, rows + 1)),
        )
        connection.executemany(
            "INSERT INTO cohort_places (id, cohort_id, community_id, channel, name) VALUES (?, ?, 1, ?, ?)",
            ((n, n, f"{n}", f"#cohort-{n}") for n in range(1, rows + 1)),
        )
        connection.executemany(
            "INSERT INTO schedule (cohort_id, kind, next_step, next_due_at) VALUES (?, 'reminder', 1, ?)",
            ((n, micros(SUNDAY)) for n in range(1, rows + 1)),
        )
        connection.execute("COMMIT")


async def _migrate(file: Path) -> None:
    records = Records(f"sqlite+aiosqlite:///{file}")
    await records.migrate(shipped("migrations"))
    await records.close()


def vary(file: Path, different: int) -> None:
    """Give the cohorts so many calendars, by the time of day at which their milestones come; reminders do not move."""
    if different > 1:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(
                "UPDATE cohorts SET at = time((id % :n) % 86400, 'unixepoch') || printf('.%06d', (id % :n) / 86400)",
                {"n": different},
            )


def raw(file: Path) -> Cost:
    """The driver alone."""
    return asyncio.run(_raw(file))


async def _raw(file: Path) -> Cost:
    return await _measured(partial(asyncio.to_thread, _pages, file))


def _pages(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for each in PRAGMAS:
            connection.execute(f"PRAGMA {each}")
        last: tuple[object, ...] = (0, 0, "")
        while True:
            connection.execute("BEGIN IMMEDIATE")
            rows = connection.execute(READ, (micros(NOW), *last, PAGE)).fetchall()
            if not rows:
                break
            last = rows[-1][:3]
            puts = [
                (f"c{at[1]}:{at[2]}:2027-W01:{at[-2]}", at[2], at[1], at[-2], at[-1], at[0], at[0], '{"step": 1}')
                for at in rows
            ]
            connection.executemany(PUT, puts)
            connection.executemany(MOVE, [(2, at[0] + WEEK, at[1], at[2]) for at in rows])
            connection.execute("COMMIT")


def tick(file: Path) -> Cost:
    """Milepost's tick, of which nothing is sent: it runs on no platform."""
    return asyncio.run(_tick(file))


async def _tick(file: Path) -> Cost:
    records = Records(f"sqlite+aiosqlite:///{file}")
    clock = StoppedClock(SUNDAY - timedelta(hours=1))
    delivery = Delivery(records, load_all(shipped("curriculum")), {}, clock)
    await delivery.tick()
    clock.forward(NOW)
    cost = await _measured(delivery.tick)
    await records.close()
    return cost


async def _measured(work: Callable[[], Awaitable[None]]) -> Cost:
    gc.collect()
    gc.freeze()  # as the app does once it is up: what is there stays, and is not looked through again
    late = [(0.0, 0.0)]
    probe = asyncio.create_task(_ask(late))
    idle, processor, begun = _resident(), time.process_time(), time.perf_counter()
    await work()
    seconds, processor = time.perf_counter() - begun, time.process_time() - processor
    probe.cancel()
    return Cost(seconds, processor, _status("VmHWM") - idle, *(max(each) * 1e3 for each in zip(*late, strict=True)))


async def _ask(late: list[tuple[float, float]]) -> None:
    """Ask for the loop's attention again and again; note by how many seconds it was late, and at work meanwhile."""
    while True:
        asked, worked = time.perf_counter(), time.process_time()
        await asyncio.sleep(0.001)
        by = time.perf_counter() - asked - 0.001
        late.append((by, min(by, time.process_time() - worked)))


def _status(name: str) -> float:
    """Megabytes that the process holds, as Linux counts them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def _resident() -> float:
    """Now; the peak is counted from here on."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def measure(work: Callable[[Path], Cost], template: Path, different: int) -> Cost:
    """In a fresh process, on a copy of the file whose cohorts have so many calendars."""
    copy = template.with_name("copy.db")
    shutil.copy(template, copy)
    vary(copy, different)
    os.sync()
    try:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.apply(work, (copy,))
    finally:
        for each in template.parent.glob("copy.db*"):
            each.unlink()


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    console = Console(width=110)
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.db"
        fill(template, rows)
        works = {
            "the driver": (raw, 1),
            "a tick, one calendar": (tick, 1),
            "a tick, 1,000 calendars": (tick, 1_000),
            "a tick, all different": (tick, rows),
            "the driver again": (raw, 1),
        }
        costs = {name: measure(work, template, different) for name, (work, different) in works.items()}
    driver = (costs["the driver"], costs["the driver again"])
    best, least = min(each.seconds for each in driver), min(each.processor for each in driver)
    table = Table(title=f"{rows:,} due reminders, in pages of {PAGE}")
    for column in ("", "s", "times", "s of processor", "times", "MB", "loop late, ms", "at work"):
        table.add_column(column, justify="right" if column else "left")
    for name, cost in costs.items():
        times = (f"{cost.seconds:.1f}", f"{cost.seconds / best:.2f}", f"{cost.processor:.1f}")
        table.add_row(
            name,
            *times,
            f"{cost.processor / least:.2f}",
            f"{cost.megabytes:.1f}",
            f"{cost.late:.1f}",
            f"{cost.held:.1f}",
        )
    console.print(table)
    console.print(f"Load on the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
