"""A small world to send posts in: several processes on one database and one platform, in which everything goes wrong.

Nothing in it comes from the real time or from chance but for its seed, so a run is the same every time. The sender is
the real one, with the real verbs on a real SQLite database in memory; whenever it waits for the clock, the database or
the platform, its process may be killed there, or frozen, or the clock of the machine be set.
"""

import asyncio
import heapq
import itertools
import logging
import math
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection as Transaction

from bot.curriculum.load import Curricula
from bot.delivery.outbox import Delivery
from bot.records.records import Records
from tests.sim.database import EPOCH, Outlook, fresh_database, looks_at_the_schedule, transaction
from tests.sim.loop import HandLoop
from tests.sim.street import FATES, Connection, Fate, Platform

P = ParamSpec("P")
T = TypeVar("T")
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
START = datetime(2027, 1, 4, 9, tzinfo=UTC)
TICK = 5.0  # seconds, as the app has it
LONGEST_START = 60.0  # seconds until a process that was killed is there again
LONGEST_IDLE = 120.0  # seconds after which a process looks again, also where nothing seems to be due
FURTHEST = 3660.0  # seconds by which the wall clock is wrong at most, either way
NAME = "street"  # the platform


@dataclass(frozen=True)
class Chances:
    """How likely each mischief is: per request `fates`, `zombie` and `blind`, per point of waiting the others."""

    fates: Mapping[Fate, float] = field(default_factory=lambda: {"answered": 1.0})
    zombie: float = 0.0
    blind: float = 0.0
    crash: float = 0.0
    freeze: float = 0.0
    jump: float = 0.0


class Dead(Exception):  # noqa: N818 - what it is
    """A process that was killed does nothing any more."""


class Process:
    """A process of the bot: its own event loop, monotonic clock and memory."""

    def __init__(self, world: "World", number: int) -> None:
        self.world = world
        self.number = number
        self.is_doomed = self.is_dead = False
        self.frozen_until = 0.0
        self._ahead = world.random.uniform(0, 1e5)
        self.loop = HandLoop(self.monotonic)
        self.ticked_at = world.time - world.random.uniform(0, TICK)
        self.delivery = Delivery(Store(self), Curricula({}), {NAME: Connection(NAME, self)}, self)
        self._running: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """The machine's wall clock, which all processes share."""
        return self.world.wall_now()

    def monotonic(self) -> float:
        """Seconds that go on while the process is frozen."""
        return self.world.time + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        await self.point(seconds, seconds)

    async def point(self, shortest: float, longest: float) -> None:
        """Wait. Here the process may be killed or frozen, or the clock be set."""
        world = self.world
        if self.is_dead:
            raise Dead
        if world.happens(world.chances.crash):
            self.is_doomed = True
        if world.happens(world.chances.freeze):
            self.freeze_for(world.random.choice((30.0, 150.0, 5000.0)))
        if world.happens(world.chances.jump):
            world.jump(world.random.choice((-3600, -60, 60, 3600)))
        done = self.loop.create_future()
        self.loop.call_later(world.random.uniform(shortest, longest), _set, done)
        await done

    def freeze_for(self, most: float) -> float:
        """Stand still from the next wait on, for at most so many seconds; returns how many."""
        seconds = self.world.random.uniform(0, most)
        self.frozen_until = max(self.frozen_until, self.world.time + seconds)
        self.world.tell(self, f"is frozen for {seconds:.1f} s")
        return seconds

    @property
    def next_at(self) -> float:
        """The world's time at which it has something to do."""
        own = self.loop.next_at
        return max(self.frozen_until, self._tick_at if own is None else min(self._tick_at, own - self._ahead))

    @property
    def is_busy(self) -> bool:
        """Whether it is at anything."""
        return self.loop.next_at is not None

    @property
    def _tick_at(self) -> float:
        """When the next tick is that finds anything to do."""
        wait = ((self.world.outlook.next_at or NEVER) - self.world.wall_now()).total_seconds()
        due = min(self.world.time + wait, self.ticked_at + LONGEST_IDLE)
        return self.ticked_at + TICK * max(1, math.ceil((due - self.ticked_at) / TICK))

    def go_on(self) -> None:
        """Do what there is to do now, and tick where it is time to."""
        if self.world.time >= self._tick_at:
            self.ticked_at = self.world.time
            self.delivery.soon()
        if self._running is None:
            self._running = self.loop.create_task(self.delivery.run())
        self.loop.go_on()


def _set(future: Any) -> None:
    if not future.done():
        future.set_result(None)


class Store(Records):
    """The records as a process reaches them: each transaction is the real one, done at once, between two waits."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def read(self, verb: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the verb."""
        return await self._transact(verb, *args, **kwargs)

    async def write(self, verb: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the verb."""
        return await self._transact(verb, *args, **kwargs)

    async def _transact(self, verb: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        world = self._process.world
        if world.outlook.finds_nothing(verb, args, world.random):
            return cast(T, 0 if looks_at_the_schedule(verb) else None)
        await self._process.point(0.001, 0.05)
        result = world.transact(verb, *args, **kwargs)
        await self._process.point(0.001, 0.05)
        return result


class World:
    """Everything that there is, from one seed. `time` is the true time, in seconds since START."""

    def __init__(
        self, seed: int, processes: int, prepare: Callable[[Transaction], object], told: list[str] | None = None
    ) -> None:
        """`prepare` fills the database, the same way every time; `told` is filled with what happens."""
        self.random = random.Random(seed)
        self.chances = Chances()
        self.platform = Platform(None)
        self.time = 0.0
        self.fates: list[Fate] = []  # those that are decided already; the others are left to chance
        self.blinded = 0  # how many looks into the history will be refused
        self.troubles: list[str] = []  # what may never happen: errors that nobody expected
        self.has_ended = False
        self._told = told
        self._jumped = 0.0
        self._landing: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._records = fresh_database(prepare)
        self._outlook: Outlook | None = None
        self._graves: list[Process] = []
        self.processes = [Process(self, each) for each in range(processes)]

    # ---- Time and chance --------------------------------------------------------------------------------------------

    def true_now(self) -> datetime:
        """What the platform's clock says."""
        return START + timedelta(seconds=self.time)

    def wall_now(self) -> datetime:
        """What our machine's clock says."""
        return self.true_now() + timedelta(seconds=self._jumped)

    def jump(self, seconds: float) -> None:
        """Set our machine's clock."""
        self._jumped = min(max(self._jumped + seconds, -FURTHEST), FURTHEST)
        self._outlook = None
        self.tell(None, f"the clock is set, {self._jumped:+.0f} s from the true time")

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        """Have something happen so many seconds from now, whoever lives then."""
        heapq.heappush(self._landing, (self.time + seconds, next(self._order), act))

    def happens(self, chance: float) -> bool:
        """Whether something so likely happens now."""
        return chance > 0 and self.random.random() < chance

    def fate(self) -> Fate:
        """What becomes of the next request."""
        if self.fates:
            return self.fates.pop(0)
        return self.random.choices(FATES, [self.chances.fates.get(each, 0.0) for each in FATES])[0]

    def tell(self, process: "Process | None", what: str) -> None:
        """Say what happened, for who looks into a run."""
        if self._told is not None:
            who = "" if process is None else f" process {process.number}"
            self._told.append(f"{self.time:9.2f}{who} {what}")

    # ---- The database -----------------------------------------------------------------------------------------------

    def transact(self, verb: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the verb in a transaction of its own."""
        self._outlook = None
        with transaction(self._records):
            return verb(self._records, *args, **kwargs)

    def set_due(self, due_at: Sequence[datetime]) -> None:
        """Have the posts fall due then, by their ids: quicker than to put each."""
        instants = [(each - EPOCH) // timedelta(microseconds=1) for each in due_at]
        rows = [(each, each, number) for number, each in enumerate(instants, start=1)]
        self._raw.executemany("UPDATE outbox SET due_at = ?, ready_at = ? WHERE id = ?", rows)
        self._outlook = None

    def copy(self, to: sqlite3.Connection, *, back: bool = False) -> None:
        """Copy the database there, or `back` from there."""
        source, target = (to, self._raw) if back else (self._raw, to)
        source.backup(target)
        self._outlook = None

    @property
    def outlook(self) -> "Outlook":
        """What waits in the outbox."""
        if self._outlook is None:
            self._outlook = Outlook.of(self._raw)
        return self._outlook

    @property
    def _raw(self) -> sqlite3.Connection:
        return self._records.connection.dbapi_connection  # type: ignore[return-value]  # it is SQLite's own

    # ---- Going on ---------------------------------------------------------------------------------------------------

    def run(self, seconds: float) -> None:
        """Go on for so long. Where every post has an end and nobody is at anything, that takes no time."""
        until = self.time + seconds
        while self._landing or self.outlook.next_at is not None or any(each.is_busy for each in self.processes):
            landing = self._landing[0][0] if self._landing else math.inf
            process = min(self.processes, key=lambda each: each.next_at)
            at = min(process.next_at, landing)
            if at >= until:
                break
            self.time = max(self.time, at)
            if landing == at:
                heapq.heappop(self._landing)[2]()
            else:
                process.go_on()
                if process.is_doomed:
                    self.restart(process)
        self.time = until

    def restart(self, process: "Process") -> None:
        """Kill the process, wherever it is, and start another in its place within a minute."""
        self.tell(process, "is killed")
        self._graves.append(process)
        self.processes[process.number] = Process(self, process.number)
        self.processes[process.number].freeze_for(LONGEST_START)

    def end(self) -> None:
        """Let what is on its way take effect, and nothing else; then be rid of everybody."""
        while self._landing:
            self.time, _, act = heapq.heappop(self._landing)
            act()
        for process in (*self._graves, *self.processes):
            self.troubles += process.loop.troubles
            process.is_dead = self.has_ended = True
            process.loop.end()


@contextmanager
def heard(world: World) -> Iterator[None]:
    """Keep the errors that nobody expected, which the sender logs with where they come from; say nothing of others."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and not world.has_ended:
                world.troubles.append(f"{record.getMessage()}: {record.exc_info[1]!r}")

    logger, ear = logging.getLogger("bot"), Ear()
    level, logger.propagate = logger.level, False
    logger.setLevel(logging.ERROR)
    logger.addHandler(ear)
    try:
        yield
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)
        logger.propagate = True
