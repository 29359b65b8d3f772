"""Processes that are started again and again, killed and frozen; forked from one that has imported everything."""

import asyncio
import multiprocessing
import os
import signal

from tests.storm.worker import READY, Orders, work

KILLED, GAVE_UP = -9, 1  # exit codes

_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["tests.storm.preloaded"])


class Life:
    """One process, from its start to its end. `passed` are the points that it has told of."""

    def __init__(self, orders: Orders) -> None:
        told, tells = _fork.Pipe(duplex=False)
        self.orders = orders
        self.passed: list[str] = []
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._told = told
        self._process = _fork.Process(target=work, args=(orders, tells), daemon=True)
        self._changed = asyncio.Event()
        self._process.start()
        tells.close()
        loop = asyncio.get_running_loop()
        loop.add_reader(told.fileno(), self._hear)
        loop.add_reader(self._process.sentinel, self._end)

    async def end(self) -> int:
        """Its exit code, once it has ended: 0 if it found nothing left to do, below zero for a signal."""
        return await asyncio.shield(self.ended)

    def kill(self) -> None:
        """Kill it, at once and without a word, unless it has ended."""
        if not self.ended.done():
            self._process.kill()

    def thaw(self) -> None:
        """Let it go on, after it has frozen."""
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGCONT)

    async def ready(self) -> None:
        """Return once it works, or has ended."""
        await self.passes(READY, 1)

    async def passes(self, name: str, times: int) -> None:
        """Return once it has told of the point so many times, or has ended."""
        while self.passed.count(name) < times and not self.ended.done():
            self._changed.clear()
            await self._changed.wait()

    def _hear(self) -> None:
        try:
            while self._told.poll():
                self.passed.append(self._told.recv())
        except EOFError:
            asyncio.get_running_loop().remove_reader(self._told.fileno())
        self._changed.set()

    def _end(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._process.sentinel)
        self._process.join()
        self._hear()
        loop.remove_reader(self._told.fileno())
        self._told.close()
        code = self._process.exitcode
        self._process.close()
        assert code is not None
        self.ended.set_result(code)
        self._changed.set()
