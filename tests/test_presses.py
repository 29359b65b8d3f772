"""Presses: both languages are drawn right on any machine, nobody waits meanwhile, and no process is left behind."""

import asyncio
import os
import signal
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.chat.platform import NotDrawn
from bot.pictures import presses as room
from bot.pictures import studio
from bot.pictures.presses import AT_ONCE, Presses
from bot.pictures.studio import Studio
from tests.test_pictures import SVG, elements, progress

ROOT = Path(__file__).parents[1]
PRIVATE = "\ue000\ue001"  # characters that no font of ours has
DIES = "import os, sys\nsys.stdin.buffer.read(4)\nos._exit(7)\n"
SLEEPS = "import time\ntime.sleep(600)\n"
OWNER = """
import asyncio
from bot.pictures.presses import Presses

async def main():
    presses = Presses()
    await asyncio.gather(*(presses.png(DRAWING) for _ in range(2)))
    print("drawn", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def text(word: str, family: str = "Noto Sans, Noto Sans CJK TC") -> str:
    return f'<svg xmlns="{SVG[1:-1]}" width="80" height="40"><text y="30" font-family="{family}">{word}</text></svg>'


@pytest.fixture
async def presses() -> AsyncIterator[Presses]:
    made = Presses()
    yield made
    await made.close()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[asyncio.subprocess.Process]]:
    """The processes of the presses, in order."""
    start, kept = asyncio.create_subprocess_exec, []

    async def keep(*command: str, **more: Any) -> asyncio.subprocess.Process:
        kept.append(await start(*command, **more))
        return kept[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", keep)
    yield kept
    assert all(each.returncode is not None for each in kept)


# ---- What is drawn --------------------------------------------------------------------------------------------------


async def test_a_png_has_twice_the_pixels(presses: Presses) -> None:
    svg = Studio().svg(progress(), "ko")
    png = await presses.png(svg)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = struct.unpack(">II", png[16:24])
    assert (wide, high) == tuple(2 * int(elements(svg)[0].attrib[each]) for each in ("width", "height"))


async def test_hangul_and_latin_are_drawn_and_no_boxes(presses: Presses) -> None:
    words = ("가", "나", "시작하기", "Ada", "Ädä", "Ада", PRIVATE[0], PRIVATE[1])
    *drawn, box, other_box = [await presses.png(text(each)) for each in words]
    assert box == other_box
    assert len({box, *drawn}) == len(drawn) + 1


async def test_fonts_of_the_system_are_not_used(presses: Presses) -> None:
    ours = await presses.png(text("Ada", "No Such Font"))
    assert [await presses.png(text("Ada", each)) for each in ("DejaVu Sans", "Liberation Serif")] == [ours, ours]


async def test_what_cannot_be_drawn_is_said_and_the_next_is_drawn(presses: Presses) -> None:
    with pytest.raises(NotDrawn, match="does not have a root node"):
        await presses.png("<svg")
    assert (await presses.png(text("x"))).startswith(b"\x89PNG")


# ---- Processes ------------------------------------------------------------------------------------------------------


async def test_a_press_draws_one_picture_after_another(
    started: list[asyncio.subprocess.Process], presses: Presses
) -> None:
    one, again, other = [await presses.png(text(each)) for each in ("a", "a", "b")]
    assert one == again != other
    assert len(started) == 1


async def test_of_many_pictures_at_once_each_is_its_own(
    started: list[asyncio.subprocess.Process], presses: Presses
) -> None:
    words = [str(number) for number in range(12)]
    together = await asyncio.gather(*(presses.png(text(each)) for each in words))
    assert together == [await presses.png(text(each)) for each in words]
    assert len(started) == AT_ONCE


async def test_a_press_that_was_killed_is_replaced(started: list[asyncio.subprocess.Process], presses: Presses) -> None:
    before = await presses.png(text("a"))
    os.kill(started[0].pid, signal.SIGKILL)
    assert await presses.png(text("a")) == before
    assert len(started) == 2


async def test_a_press_that_dies_of_a_picture_is_told_of(
    started: list[asyncio.subprocess.Process], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "press.py").write_text(DIES)
    monkeypatch.setattr(room, "PROGRAM", tmp_path / "press.py")
    with pytest.raises(NotDrawn, match="ended with 7"):
        await Presses().png(text("a"))


async def test_a_picture_that_takes_long_is_given_up_and_its_press_ended(
    started: list[asyncio.subprocess.Process], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "press.py").write_text(SLEEPS)
    monkeypatch.setattr(room, "PROGRAM", tmp_path / "press.py")
    monkeypatch.setattr(studio, "WITHIN", 0.1)
    with pytest.raises(NotDrawn, match=r"progress took more than 0\.1 s"):
        await Studio().png(progress(), "en")


async def test_a_terminals_interrupt_is_not_for_the_presses(
    started: list[asyncio.subprocess.Process], presses: Presses
) -> None:
    await presses.png(text("a"))
    os.kill(started[0].pid, signal.SIGINT)
    await presses.png(text("b"))
    assert len(started) == 1


def test_no_press_outlives_a_bot_that_was_killed() -> None:
    program = OWNER.replace("DRAWING", repr(text("a")))
    bot = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert bot.stdout
    assert bot.stdout.readline() == b"drawn\n"
    bot.kill()
    _, complaints = bot.communicate(timeout=60)  # the presses have its stderr, so this waits for them, too
    assert complaints == b""


async def test_while_pictures_are_made_nobody_waits(presses: Presses) -> None:
    making = asyncio.create_task(presses.png(Studio().svg(progress(), "ko")))
    turns = 0
    while not making.done():
        turns += 1
        await asyncio.sleep(0)
    assert (await making).startswith(b"\x89PNG")
    assert turns > 10
