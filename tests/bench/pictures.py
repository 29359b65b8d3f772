"""What a picture costs as PNG, and what it costs everybody else meanwhile.

    python tests/bench/pictures.py

A burst of different pictures is asked for at once: in the presses that Milepost keeps, and in a press started for each,
as it was before. The first figure is the processor time of all processes together for each PNG; the last are by how
much the event loop was late meanwhile, and with it anybody who wanted something else. Seconds are this machine's.
"""

import asyncio
import sys
from itertools import cycle, islice
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import quantiles
from time import perf_counter

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.pictures import studio
from bot.pictures.presses import AT_ONCE, Presses
from bot.pictures.studio import Studio
from tests.gallery import GALLERY

BURST = 100
BEAT = 0.001  # seconds between two looks at how late the loop is
ASKED = list(islice(cycle([(each, locale) for each in GALLERY.values() for locale in ("en", "ko")]), BURST))


class AsBefore(Studio):
    """A studio that starts a press for each PNG, as many at once."""

    def __init__(self) -> None:
        super().__init__()
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def _pressed(self, name: str, svg: str) -> bytes:
        async with self._at_once:
            presses = Presses()
            png = await presses.png(svg)
            await presses.close()
        return png


def processor_ms() -> float:
    """What this process and those of its children that have ended have used."""
    used = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    return 1000 * sum(each.ru_utime + each.ru_stime for each in used)


async def lateness(late: list[float]) -> None:
    """Note again and again by how many milliseconds the loop is late."""
    while True:
        wanted = perf_counter() + BEAT
        await asyncio.sleep(BEAT)
        late.append(1000 * (perf_counter() - wanted))


async def burst(drawing: Studio) -> tuple[float, list[float]]:
    """Ask for all at once. Returns the seconds until the last was there, and how late the loop was meanwhile."""
    late: list[float] = []
    watching = asyncio.create_task(lateness(late))
    began = perf_counter()
    await asyncio.gather(*(drawing.png(*each) for each in ASKED))
    took = perf_counter() - began
    watching.cancel()
    await drawing.close()
    return took, late


def main() -> None:
    studio.WITHIN, studio.KEPT = 60, 0  # all are drawn, and each anew
    table = Table("", "CPU ms a PNG", "seconds", "late p50 ms", "p99", "max", title=f"{BURST} pictures at once")
    for name, way in {"kept presses": Studio, "a press for each": AsBefore}.items():
        before = processor_ms()
        took, late = asyncio.run(burst(way()))
        cpu, cuts = (processor_ms() - before) / BURST, quantiles(late, n=100)
        table.add_row(name, *(f"{each:.1f}" for each in (cpu, took, cuts[49], cuts[98], max(late))))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
