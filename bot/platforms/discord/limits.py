"""What Discord takes: the limits that a message or a form of ours could meet, and how much of them it spends.

From Discord's component reference and its OpenAPI description. Two are not written there: 4,000 characters of text over
a whole message (discord-api-docs#8562), and about 10,170 UTF-8 bytes, counting 12 more for each text, beyond which
Discord answers with a 500 (discord-api-docs#8554). Whether it counts code points or UTF-16 units is unknown, so the
larger count is taken.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

from bot.chat.literal import length

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT = 1, 2, 3, 4, 5, 6
SECTION, TEXT_DISPLAY, MEDIA_GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 12, 13, 14, 17, 18
RADIO_GROUP, CHECKBOX = 21, 23

LONGEST_BUTTON = 80
LONGEST_URL = 512
MOST_NOTIFIED = 100
MOST_LABELS = 5
LONGEST_TITLE = 45  # of a form, and of each of its labels
LONGEST_HINT = 100  # a label's description, a placeholder, an option
LONGEST_INPUT = 4000
LONGEST_ALT = 1024  # what a picture is called to those who cannot see it
BYTES_A_TEXT = 12


class Size(NamedTuple):
    """What a message spends of what all of it may have: components on every level, characters and bytes of texts."""

    components: int = 0
    characters: int = 0
    bytes: int = 0

    def __sub__(self, other: "Size") -> "Size":
        return Size(self.components - other.components, self.characters - other.characters, self.bytes - other.bytes)

    def fits(self, room: Self) -> bool:
        """Whether all three are within the room."""
        return self.components <= room.components and self.characters <= room.characters and self.bytes <= room.bytes


MOST = Size(components=40, characters=4000, bytes=10_000)


def size(components: Sequence[Mapping[str, Any]]) -> Size:
    """What the components and all in them spend."""
    parts = list(walk(components))
    texts = [each["content"] for each in parts if each["type"] == TEXT_DISPLAY]
    return Size(len(parts), sum(map(length, texts)), sum(len(text.encode()) + BYTES_A_TEXT for text in texts))


def walk(components: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every component, from the outside in, in the order of the screen."""
    for each in components:
        yield each
        yield from walk(each.get("components", ()))
        yield from (each[name] for name in ("accessory", "component") if name in each)
