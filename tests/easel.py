"""Pictures without a wait: a `Draw` whose PNGs are there at once, and that can be told to fail."""

from bot.chat.message import Picture
from bot.chat.platform import NotDrawn
from bot.pictures.studio import Studio

PNG = b"\x89PNG\r\n\x1a\n"


class Easel:
    """Draws SVG as Milepost does. A PNG of its own is nothing but how one begins."""

    def __init__(self) -> None:
        self._studio = Studio()
        self.is_broken = False

    def svg(self, picture: Picture, locale: str) -> str:
        """The picture as SVG."""
        return self._studio.svg(picture, locale)

    async def png(self, picture: Picture, locale: str) -> bytes:
        """The beginning of a PNG, unless the easel is broken."""
        if self.is_broken:
            raise NotDrawn("the easel is broken")
        return PNG
