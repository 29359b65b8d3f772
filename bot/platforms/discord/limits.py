"""What Discord takes: every limit that a message or a form of ours could meet.

From Discord's component reference and its OpenAPI description. Two are not written there: 4,000 characters of text over
a whole message (discord-api-docs#8562), and about 10,170 UTF-8 bytes, counting 12 more for each text, beyond which
Discord answers with a 500 (discord-api-docs#8554). Whether it counts code points or UTF-16 units is unknown, so the
larger count is taken.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from bot.chat.literal import is_web_address, length

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT = 1, 2, 3, 4, 5, 6
SECTION, TEXT_DISPLAY, MEDIA_GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 12, 13, 14, 17, 18
RADIO_GROUP, CHECKBOX = 21, 23

MOST_IN_A_ROW = 5
LONGEST_BUTTON = 80
LONGEST_URL = 512
MOST_NOTIFIED = 100
MOST_LABELS = 5
LONGEST_TITLE = 45  # of a form, and of each of its labels
LONGEST_HINT = 100  # a label's description, a placeholder, an option
LONGEST_INPUT = 4000
LONGEST_ALT = 1024  # what a picture is called to those who cannot see it
BYTES_A_TEXT = 12

_FIELDS: Mapping[int, Mapping[str, tuple[int, int]]] = {
    ACTION_ROW: {"components": (1, MOST_IN_A_ROW)},
    BUTTON: {"label": (1, LONGEST_BUTTON), "url": (1, LONGEST_URL)},
    STRING_SELECT: {"options": (1, 25), "placeholder": (0, 150)},
    TEXT_INPUT: {"value": (0, LONGEST_INPUT), "placeholder": (0, LONGEST_HINT)},
    SECTION: {"components": (1, 3)},
    TEXT_DISPLAY: {"content": (1, 4000)},
    MEDIA_GALLERY: {"items": (1, 10)},
    CONTAINER: {"components": (1, 40)},
    LABEL: {"label": (1, LONGEST_TITLE), "description": (1, LONGEST_HINT)},
    RADIO_GROUP: {"options": (2, 10)},
}
_OPTION = {"label": (1, LONGEST_HINT), "value": (1, LONGEST_HINT)}
_PICTURE = {"description": (1, LONGEST_ALT)}
_FORM = {"title": (1, LONGEST_TITLE), "components": (1, MOST_LABELS)}


@dataclass(frozen=True, slots=True)
class Finding:
    """What Discord would not take: where in the payload, what it takes there, and what is there instead."""

    path: str
    limit: str
    actual: int | str


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
    return _spent([each for _, each in walk(components)])


def _spent(parts: Sequence[Mapping[str, Any]]) -> Size:
    texts = [each["content"] for each in parts if each["type"] == TEXT_DISPLAY]
    return Size(len(parts), sum(map(length, texts)), sum(len(text.encode()) + BYTES_A_TEXT for text in texts))


def walk(components: Sequence[Mapping[str, Any]], path: str = "components") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every component with its path, from the outside in, in the order of the screen."""
    for number, each in enumerate(components):
        here = f"{path}[{number}]"
        yield here, each
        yield from walk(each.get("components", ()), f"{here}.components")
        for single in ("accessory", "component"):
            if single in each:
                yield f"{here}.{single}", each[single]


def check(payload: Mapping[str, Any]) -> list[Finding]:
    """Everything in a message or a form that Discord would not take; empty if it takes it all."""
    parts = list(walk(payload["components"]))
    found = [finding for path, each in parts for finding in _of_component(path, each)]
    found += _unique(parts)
    if "title" in payload:
        return found + list(_ranges("", payload, _FORM))
    spent = _spent([each for _, each in parts])
    for name, most, actual in zip(Size._fields, MOST, spent, strict=True):
        if actual > most:
            found.append(Finding("components", f"at most {most:,} {name} in all", actual))
    notified = payload.get("allowed_mentions", {}).get("users", ())
    if len(notified) > MOST_NOTIFIED:
        found.append(Finding("allowed_mentions.users", f"at most {MOST_NOTIFIED}", len(notified)))
    return found


def _of_component(path: str, each: Mapping[str, Any]) -> Iterator[Finding]:
    yield from _ranges(path, each, _FIELDS.get(each["type"], {}))
    for number, option in enumerate(each.get("options", ())):
        yield from _ranges(f"{path}.options[{number}]", option, _OPTION)
    for number, item in enumerate(each.get("items", ())):
        yield from _ranges(f"{path}.items[{number}]", item, _PICTURE)
    custom_id = each.get("custom_id")
    if custom_id is not None and not 1 <= len(custom_id.encode()) <= 100:
        yield Finding(f"{path}.custom_id", "1 to 100 bytes", len(custom_id.encode()))
    if "url" in each and not is_web_address(each["url"]):
        yield Finding(f"{path}.url", "an address that begins with https:// or http://", each["url"])
    if each["type"] == TEXT_INPUT and length(each.get("value", "")) > each.get("max_length", LONGEST_INPUT):
        yield Finding(f"{path}.value", f"at most {each['max_length']} characters (max_length)", length(each["value"]))


def _ranges(path: str, each: Mapping[str, Any], fields: Mapping[str, tuple[int, int]]) -> Iterator[Finding]:
    for name, (least, most) in fields.items():
        value = each.get(name)
        if value is None:
            continue
        is_text = isinstance(value, str)
        shortest, longest = (len(value.strip()), length(value)) if is_text else (len(value),) * 2
        if shortest < least or longest > most:
            here = f"{path}.{name}".lstrip(".")
            unit = " characters" if is_text else ""
            yield Finding(here, f"{least} to {most}{unit}", shortest if shortest < least else longest)


def _unique(parts: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Finding]:
    for name in ("custom_id", "id"):
        for value, count in Counter([each[name] for _, each in parts if name in each]).items():
            if count > 1:
                yield Finding(f"components: {name} {value!r}", "once", count)
