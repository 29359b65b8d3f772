"""The processes in which PNGs are made: started when needed, kept, replaced when one is gone, ended with us."""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import cast

from bot.chat.platform import NotDrawn

PROGRAM = Path(__file__).with_name("press.py")
AT_ONCE = 2  # processes
_PNG = b"\x89PNG"


class Presses:
    """At most two presses, each a process, since resvg keeps Python's lock for as long as it draws.

    Each ends when its standard input does, and so after anything that may happen to us, `kill -9` too.
    """

    def __init__(self) -> None:
        self._idle: list[Process] = []
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def png(self, svg: str) -> bytes:
        """The SVG as PNG, in twice as many pixels. Raises NotDrawn, and OSError where no process can be started."""
        async with self._turn:
            while self._idle:
                try:
                    return await self._made(self._idle.pop(), svg)
                except _Ended:  # while it was idle: killed for the memory that it held, say
                    continue
            try:
                return await self._made(await _started(), svg)
            except _Ended as ended:
                raise NotDrawn(f"the process that was to draw a picture ended with {ended}") from ended

    async def close(self) -> None:
        """End the presses; nobody waits for a picture any more."""
        while self._idle:
            await _end(self._idle.pop())

    async def _made(self, press: Process, svg: str) -> bytes:
        """What the press makes of it. One that did not answer to the end is ended, lest it answer the next one."""
        try:
            answer = await _answer(press, svg.encode())
        except BaseException:
            await _end(press)
            raise
        self._idle.append(press)
        if not answer.startswith(_PNG):
            raise NotDrawn(f"a picture could not be drawn: {answer.decode()}")
        return answer


class _Ended(Exception):  # noqa: N818 - what has happened to a press
    """A press ended before it answered; the text is its exit code."""


async def _started() -> Process:
    # -P: what lies beside the program is none of its modules.
    return await asyncio.create_subprocess_exec(sys.executable, "-P", str(PROGRAM), stdin=PIPE, stdout=PIPE)


async def _answer(press: Process, svg: bytes) -> bytes:
    asked, answered = cast(StreamWriter, press.stdin), cast(StreamReader, press.stdout)  # since both are pipes
    try:
        asked.write(len(svg).to_bytes(4) + svg)
        await asked.drain()
        return await answered.readexactly(int.from_bytes(await answered.readexactly(4)))
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        raise _Ended(await press.wait()) from error


async def _end(press: Process) -> None:
    if press.returncode is None:
        press.kill()
    await press.communicate()
