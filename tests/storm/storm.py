"""The storm: workers that live short lives, killed from outside at any moment, or by themselves at a named one."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.storm.field import Field
from tests.storm.lives import GAVE_UP, KILLED, Life
from tests.storm.points import may_freeze
from tests.storm.worker import Orders

MOST_SHOWN = 20  # problems
LONG_ENOUGH = 0.4  # seconds of a life in which everything waits


@dataclass
class Storm:
    """`kills` of `workers` that work side by side, some of which freeze before that; all chance comes from `seed`.

    `restart_server` kills the database's server and brings it back; that is done `server_kills` times.
    """

    where: Field
    kills: int
    seed: int
    workers: int = 1
    lease: float = 2.4  # seconds; a third of it must be enough from a claim to its request, on a busy machine too
    freezes: int = 0
    restart_server: Callable[[], Awaitable[None]] | None = None
    server_kills: int = 0
    deaths: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)
        self._names = dict[str, None]()  # of points seen so far
        self._began = time.monotonic()
        self._raged_for = 0.0
        self._frozen = 0
        self._restarted = 0
        self._restarting = asyncio.Lock()

    async def rage(self) -> None:
        """Return when all kills are done, and workers that nobody kills have sent what was left."""
        await asyncio.gather(*(self._slot() for _ in range(self.workers)))

    def report(self, problems: list[str]) -> str:
        """What happened, a line each."""
        weather, how = self.where.weather, self.where.records.url.get_backend_name()
        faults = ", ".join(f"{kind} {count}" for kind, count in weather.struck.items() if kind != "fine")
        deaths = ", ".join(f"{how} {count}" for how, count in self.deaths.most_common())
        lines = [
            f"storm on {how}, {self.workers} at a time, seed {self.seed}: {self._killed} kills ({deaths}), "
            f"{self._frozen} frozen, the server killed {self._restarted} times",
            f"  {len(self.where.season.keys)} posts, {weather.requests} requests, {weather.looks} searches; {faults}",
            f"  {len(problems)} problems; {time.monotonic() - self._began:.0f} s, {self._raged_for:.0f} s of kills",
        ]
        return "\n".join([*lines, *problems[:MOST_SHOWN]])

    @property
    def _killed(self) -> int:
        return self.deaths.total()

    def _orders(self, **more: Any) -> Orders:
        return self.where.orders(lease=self.lease, **more)

    async def _slot(self) -> None:
        """One life after the other."""
        while self._killed < self.kills or self._frozen < self.freezes:
            if self._frozen < self.freezes * (self._killed + 1) / self.kills and self._names:
                await self._freeze()
            elif self._names and self._chance.random() < 0.6:
                await self._die_at_a_point()
            else:
                await self._die_from_outside()
            if self._restarted < self.server_kills * self._killed // self.kills:
                await self._restart()
        self._raged_for = max(self._raged_for, time.monotonic() - self._began)
        while (code := await Life(self._orders()).end()) != 0:
            self._excuse(code)

    async def _die_from_outside(self) -> None:
        """Killed somewhere within a request, or between two of them, or before the first."""
        life = Life(self._orders())
        await life.ready()
        if self._chance.random() < 0.3:  # long enough to settle what others have left in doubt, and to be killed then
            await _first(life.ended, asyncio.sleep(self._chance.uniform(0, 2 * life.orders.settle)))
        await self._asks(life, self._chance.randrange(7))
        await _first(life.ended, asyncio.sleep(self._chance.uniform(0, 0.03)))
        await self._end(life, "outside")

    async def _die_at_a_point(self) -> None:
        name = self._chance.choice(list(self._names))
        life = Life(self._orders(dies_at=(name, self._chance.randint(1, 2))))
        await self._asks(life, 20)
        await self._end(life, "at a point" if life.ended.done() else "outside")

    async def _freeze(self) -> None:
        """Stands still at a point until others have taken its post over; then it goes on, and is killed later."""
        moment = (self._chance.choice([each for each in self._names if may_freeze(each)]), self._chance.randint(1, 2))
        life = Life(self._orders(freezes_at=moment))
        requests = self.where.weather.requests
        await _first(life.ended, life.passes(*moment), self.where.weather.reach(requests + 30))
        if not life.ended.done() and life.passed.count(moment[0]) >= moment[1]:
            self._frozen += 1
            await asyncio.sleep(1.1 * (life.orders.lease + life.orders.settle))
            life.thaw()
            await self._asks(life, 5)
        await self._end(life, "outside")

    async def _asks(self, life: Life, requests: int) -> None:
        """Return once the platforms were asked so often, or for some time nothing was left to ask."""
        reached = self.where.weather.reach(self.where.weather.requests + requests)
        await _first(life.ended, reached, asyncio.sleep(LONG_ENOUGH))

    async def _end(self, life: Life, how: str) -> None:
        life.kill()
        code = await life.end()
        self._names |= dict.fromkeys(life.passed)
        if code == KILLED:
            self.deaths[how] += 1
        elif code == 0:
            await self.where.put(self.where.season.go_on)
        else:
            self._excuse(code)

    def _excuse(self, code: int) -> None:
        """A worker may give up only where its database is taken away from it."""
        assert code == GAVE_UP, f"a worker ended with {code}\n{self.where.log()}"
        assert self.server_kills, f"a worker gave up\n{self.where.log()}"

    async def _restart(self) -> None:
        assert self.restart_server is not None
        self._restarted += 1
        async with self._restarting:
            await self.restart_server()


async def _first(*events: Awaitable[object]) -> None:
    """Return once one of them is there; the futures among them are left alone."""
    tasks = [each if isinstance(each, asyncio.Future) else asyncio.ensure_future(each) for each in events]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task, event in zip(tasks, events, strict=True):
        if task is not event:
            task.cancel()
