"""Draws pictures: SVG from a template and what it is filled with, PNG from the SVG."""

import asyncio
import re
from collections import OrderedDict
from pathlib import Path
from unicodedata import east_asian_width

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from bot.chat.message import Picture
from bot.chat.platform import NotDrawn
from bot.chat.wording import Value, plain
from bot.pictures.presses import Presses

HERE = Path(__file__).parent
WITHIN = 5  # seconds for a PNG, with the wait for those before it; an answer that takes as long is promised meanwhile
KEPT = 128  # PNGs, of 20 to 60 kB each
_WIDE, _NARROW = 1.0, 0.62  # of the font's size: the most that a character of a text takes on average
_WITHOUT_GLYPH = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff]+")  # in our fonts


class Studio:
    """A `Draw`. Its templates may use `words`, which puts a value into words, and `fit`, which cuts them to a width."""

    def __init__(self) -> None:
        self._templates = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
        self._templates.filters |= {"words": _words, "fit": fit}
        self._presses = Presses()
        self._made: OrderedDict[str, bytes] = OrderedDict()

    def svg(self, picture: Picture, locale: str) -> str:
        """The picture as SVG."""
        return self._templates.get_template(f"{picture.template}.svg").render(picture.values, locale=locale)

    async def png(self, picture: Picture, locale: str) -> bytes:
        """The picture as PNG, in twice as many pixels, within 5 s. Raises NotDrawn."""
        svg = self.svg(picture, locale)
        made = self._made.pop(svg, None) or await self._pressed(picture.template, svg)
        self._made[svg] = made  # as the newest
        if len(self._made) > KEPT:
            self._made.popitem(last=False)
        return made

    async def close(self) -> None:
        """Draw no more PNGs."""
        await self._presses.close()

    async def _pressed(self, name: str, svg: str) -> bytes:
        try:
            async with asyncio.timeout(WITHIN):
                return await self._presses.png(svg)
        except TimeoutError as error:
            raise NotDrawn(f"the picture {name} took more than {WITHIN:g} s") from error
        except OSError as error:
            raise NotDrawn(f"the picture {name} has no process to be drawn in: {error}") from error


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
