"""Draws pictures: SVG from a template and what it is filled with, PNG from the SVG."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from unicodedata import east_asian_width

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context

from bot.chat.message import Picture
from bot.chat.platform import NotDrawn
from bot.chat.wording import Value, plain
from bot.pictures.presses import Presses

HERE = Path(__file__).parent
WITHIN = 10  # seconds for a PNG, with the wait for those before it; an answer that takes as long is promised meanwhile
KEPT = 128  # PNGs, of 20 to 60 kB each
_THIN, _BROAD = frozenset(" !'(),-.:;I[]`fijlrt|·"), frozenset("%&@ABCDGHKMNOQRUVWXmw—…")
_WITHOUT_GLYPH = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff]+")  # in our fonts


class Studio:
    """A `Draw`.

    Its templates may use `words`, which puts a value into words, `fit`, which cuts them to a width, and `folded`, which
    makes lines of them.
    """

    def __init__(self) -> None:
        self._templates = _templates()
        self._presses = Presses()
        self._turn = asyncio.Lock()
        self._made: OrderedDict[str, bytes] = OrderedDict()

    def svg(self, picture: Picture, locale: str) -> str:
        """The picture as SVG."""
        return self._templates[picture.template].render(picture.values, locale=locale)

    async def png(self, picture: Picture, locale: str) -> bytes:
        """The picture as PNG, in twice as many pixels, within 10 s. Raises NotDrawn."""
        async with self._turn:
            await asyncio.sleep(0)  # of a burst, one SVG at a time: between two of them, others have their turn
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


@cache
def _templates() -> Mapping[str, Template]:
    """Every template by its name, compiled before the first is wanted: that would keep everybody waiting for 20 ms."""
    made = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    made.filters |= {"words": _words, "fit": fit, "folded": folded}
    return {name.removesuffix(".svg"): made.get_template(name) for name in made.list_templates(extensions=["svg"])}


@pass_context
def _words(context: Context, value: Value) -> str:
    """The value in words on one line, without what no XML may hold and what our fonts have no glyph for."""
    text = _WITHOUT_GLYPH.sub("", plain(value, context["locale"]))
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def fit(text: str, width: float, size: float) -> str:
    """The text in a font of that size, cut to at most about that width, with an ellipsis if something is missing.

    Nothing is measured: a character counts as one of the wider of its kind.
    """
    room, at_ellipsis = width / size, 0
    for at, each in enumerate(text):
        if room >= _width("…"):
            at_ellipsis = at
        room -= _width(each)
        if room < 0:
            return f"{text[:at_ellipsis].rstrip()}…"
    return text


def _width(character: str) -> float:
    """The width of a character, of the font's size."""
    if character in _THIN:
        return 0.38
    if character in _BROAD or east_asian_width(character) in "WF":
        return 0.95
    return 0.6 if character.isascii() else 0.72


def folded(text: str, width: float, size: float, most: int) -> list[str]:
    """The text in at most so many lines of at most about that width, between words if it can be; the last is `fit`."""
    lines: list[str] = []
    while text and len(lines) < most - 1 and fit(text, width, size) != text:
        room = len(fit(text, width, size)) - 1
        at = text.rfind(" ", 1, room + 1)
        at = room if at < 0 else at
        lines.append(text[:at])
        text = text[at:].lstrip()
    return [*lines, fit(text, width, size)]
