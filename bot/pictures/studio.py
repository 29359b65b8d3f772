"""Draws pictures: SVG from a template and what it is filled with, PNG from the SVG."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from collections import OrderedDict
from pathlib import Path
from unicodedata import east_asian_width

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from bot.chat.message import Picture
from bot.chat.platform import NotDrawn
from bot.chat.wording import Value, plain

HERE = Path(__file__).parent
WITHIN = 1.5  # seconds for a PNG; half of what Discord gives an answer
AT_ONCE = 2  # processes
KEPT = 128  # PNGs, of 20 to 60 kB each
_WIDE, _NARROW = 1.0, 0.62  # of the font's size: the most that a character of a text takes on average
_WITHOUT_GLYPH = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff]+")  # in our fonts


class Studio:
    """A `Draw`. Its templates may use `words`, which puts a value into words, `fit`, which cuts them to a width, and
    `lines`, which wraps them.

    resvg keeps Python's lock for the 100 ms that it draws, so each PNG is made by a process of its own. That costs the
    CPU 60 ms more than one that is kept would, and keeps nothing running that must be watched, restarted or closed.
    """

    def __init__(self) -> None:
        self._templates = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
        self._templates.filters |= {"words": _words, "fit": fit, "lines": lines}
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._made: OrderedDict[str, bytes] = OrderedDict()

    def svg(self, picture: Picture, locale: str) -> str:
        """The picture as SVG."""
        return self._templates.get_template(f"{picture.template}.svg").render(picture.values, locale=locale)

    async def png(self, picture: Picture, locale: str) -> bytes:
        """The picture as PNG, in twice as many pixels, within 1.5 s. Raises NotDrawn."""
        svg = self.svg(picture, locale)
        made = self._made.pop(svg, None) or await self._pressed(picture.template, svg)
        self._made[svg] = made  # as the newest
        if len(self._made) > KEPT:
            self._made.popitem(last=False)
        return made

    async def _pressed(self, name: str, svg: str) -> bytes:
        try:
            async with asyncio.timeout(WITHIN), self._turn:
                return await press(svg)
        except TimeoutError as error:
            raise NotDrawn(f"the picture {name} took more than {WITHIN:g} s") from error
        except OSError as error:
            raise NotDrawn(f"the picture {name} has no process to be drawn in: {error}") from error


async def press(svg: str) -> bytes:
    """The SVG as PNG, made by another process, which ends with us. Raises NotDrawn, OSError."""
    # -P: what lies beside the program is none of its modules.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", str(HERE / "press.py"), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        png, complaint = await process.communicate(svg.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    if process.returncode:
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotDrawn(f"a picture could not be drawn ({process.returncode}): {last}")
    return png


@pass_context
def _words(context: Context, value: Value) -> str:
    """The value in words on one line, without what no XML may hold and what our fonts have no glyph for."""
    text = _WITHOUT_GLYPH.sub("", plain(value, context["locale"]))
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def fit(text: str, width: float, size: float) -> str:
    """The text in a font of that size, cut to at most about that width, with an ellipsis if something is missing.

    Nothing is measured: a wide character counts as a square, and any other as one of the wider letters.
    """
    room = width / size
    for at, each in enumerate(text):
        room -= _WIDE if east_asian_width(each) in "WF" else _NARROW
        if room < 0:
            return f"{text[: max(at - 1, 0)].rstrip()}…"
    return text


def lines(text: str, width: float, size: float, most: int) -> list[str]:
    """The text in at most so many lines of about that width, broken between words where they are short enough.

    Measured as `fit` does; what is left over ends in an ellipsis.
    """
    made, rest = list[str](), text
    while rest and len(made) < most - 1:
        whole = fit(rest, width, size)
        if whole == rest:
            break
        at = len(whole)
        space = rest.rfind(" ", 0, at)
        cut = space if space > at // 2 else at - 1
        made.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*made, fit(rest, width, size)]
