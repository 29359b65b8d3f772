"""What Slack takes: every limit that a message, a view or a form of ours could meet.

From the Block Kit reference (docs.slack.dev/reference/block-kit and /reference/views). One is not written there: a
message is refused as `msg_blocks_too_long` somewhere above 12,000 characters over all its blocks, in which what holds
the texts counts too (bolt-js#2509, #2867). So all of a message's blocks are weighed, as JSON in UTF-8.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot.chat.literal import is_web_address, length
from bot.platforms.slack.text import weight

MOST_IN_A_ROW = 5  # Slack takes 25; more than a few wrap into a heap
LONGEST_TEXT = 4000
LONGEST_HEADER = 150
LONGEST_SECTION = 3000
LONGEST_BUTTON = 75  # and what is read out in its place
LONGEST_LINE = 2000
LONGEST_URL = 3000
LONGEST_TITLE = 24  # of a view, and of its buttons
LONGEST_METADATA = 3000
LONGEST_LABEL = 2000
LONGEST_INPUT = 3000
LONGEST_OPTION, LONGEST_CHOICE = 75, 150  # what an option says, and what it stands for
LONGEST_ID = 255
MOST_OPTIONS = 100
HEAVIEST_VIEW = 250_000

_Range = tuple[int, int]
_FIELDS: Mapping[str, Mapping[str, _Range]] = {
    "header": {"text": (1, LONGEST_HEADER)},
    "section": {"text": (1, LONGEST_SECTION)},
    "context": {"elements": (1, 10)},
    "actions": {"elements": (1, 25)},
    "text": {"text": (1, HEAVIEST_VIEW)},
    "link": {"url": (1, LONGEST_URL)},
    "button": {
        "text": (1, LONGEST_BUTTON), "accessibility_label": (1, LONGEST_BUTTON), "value": (1, LONGEST_LINE),
        "url": (1, LONGEST_URL),
    },
    "input": {"label": (1, LONGEST_LABEL)},
    "plain_text_input": {"initial_value": (0, LONGEST_INPUT)},
    "static_select": {"options": (1, MOST_OPTIONS)},
    "radio_buttons": {"options": (1, 10)},
    "modal": {
        "title": (1, LONGEST_TITLE), "submit": (1, LONGEST_TITLE), "private_metadata": (0, LONGEST_METADATA),
        "callback_id": (1, LONGEST_ID),
    },
}  # fmt: skip
_OPTION: Mapping[str, _Range] = {"text": (1, LONGEST_OPTION), "value": (1, LONGEST_CHOICE)}
_IDS = ("action_id", "block_id")
_SHAPES = {
    "user_id": re.compile("[UW][A-Z0-9]+"),
    "channel_id": re.compile("[CG][A-Z0-9]+"),
    "initial_date": re.compile(r"\d{4}-\d\d-\d\d"),
    "initial_time": re.compile(r"([01]\d|2[0-3]):[0-5]\d"),
    "min_value": re.compile(r"-?\d+"),
    "max_value": re.compile(r"-?\d+"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What Slack would not take: where in the payload, what it takes there, and what is there instead."""

    path: str
    limit: str
    actual: int | str


@dataclass(frozen=True, slots=True)
class Size:
    """What a message or a view spends of what it may have: blocks, and bytes of them all."""

    blocks: int = 0
    bytes: int = 0

    def __sub__(self, other: "Size") -> "Size":
        return Size(self.blocks - other.blocks, self.bytes - other.bytes)

    def fits(self, room: Self) -> bool:
        """Whether both are within the room."""
        return self.blocks <= room.blocks and self.bytes <= room.bytes


MESSAGE = Size(blocks=50, bytes=12_000)
VIEW = Size(blocks=100, bytes=HEAVIEST_VIEW // 2 - 10_000)  # the SDK writes Hangul in twice the bytes


def size(blocks: Sequence[Mapping[str, Any]]) -> Size:
    """What the blocks and all in them spend."""
    return Size(len(blocks), weight(blocks))


def check(payload: Mapping[str, Any]) -> list[Finding]:
    """Everything in a message or a view that Slack would not take; empty if it takes it all."""
    is_view = payload.get("type") in ("modal", "home")
    most, spent = VIEW if is_view else MESSAGE, size(payload["blocks"])
    found = [finding for path, each in walk(payload) for finding in _of_object(path, each)]
    found += _unique(payload)
    if not 1 <= spent.blocks <= most.blocks:
        found.append(Finding("blocks", f"1 to {most.blocks}", spent.blocks))
    if spent.bytes > most.bytes:
        found.append(Finding("blocks", f"at most {most.bytes:,} bytes in all", spent.bytes))
    if not is_view:
        found += _ranges("", payload, {"text": (1, LONGEST_TEXT)})
    elif any(each["type"] == "input" for each in payload["blocks"]) and "submit" not in payload:
        found.append(Finding("submit", "a button to send the form", 0))
    return found


def walk(value: object, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object with its path, from the outside in, in the order of the screen."""
    if isinstance(value, Mapping):
        yield path, value
        for name, each in value.items():
            yield from walk(each, f"{path}.{name}".lstrip("."))
    elif isinstance(value, (list, tuple)):
        for number, each in enumerate(value):
            yield from walk(each, f"{path}[{number}]")


def _of_object(path: str, each: Mapping[str, Any]) -> Iterator[Finding]:
    is_option = "type" not in each and "value" in each
    yield from _ranges(path, each, _OPTION if is_option else _FIELDS.get(each.get("type", ""), {}))
    if "url" in each and not is_web_address(each["url"]):
        yield Finding(f"{path}.url", "an address that begins with https:// or http://", each["url"])
    for name in _IDS:
        if not 1 <= length(each.get(name, "x")) <= LONGEST_ID:
            yield Finding(f"{path}.{name}", f"1 to {LONGEST_ID} characters", length(each[name]))
    for name, shape in _SHAPES.items():
        if name in each and not shape.fullmatch(each[name]):
            yield Finding(f"{path}.{name}", shape.pattern, each[name])
    longest = each.get("max_length", LONGEST_INPUT)
    if length(each.get("initial_value", "")) > longest:
        yield Finding(f"{path}.initial_value", f"at most {longest} characters", length(each["initial_value"]))
    if "initial_option" in each and "options" in each and each["initial_option"] not in each["options"]:
        yield Finding(f"{path}.initial_option", "one of the options", each["initial_option"]["value"])


def _ranges(path: str, each: Mapping[str, Any], fields: Mapping[str, _Range]) -> Iterator[Finding]:
    for name, (least, most) in fields.items():
        value = each.get(name)
        if value is None:
            continue
        if isinstance(value, Mapping):
            value = value["text"]
        unit = " characters" if isinstance(value, str) else ""
        shortest, longest = (length(value.strip()), length(value)) if isinstance(value, str) else (len(value),) * 2
        if isinstance(value, str) and each.get("type") == "text":
            shortest = longest  # between other elements, a space is a text
        if shortest < least or longest > most:
            here = f"{path}.{name}".lstrip(".")
            yield Finding(here, f"{least} to {most:,}{unit}", shortest if shortest < least else longest)


def _unique(payload: Mapping[str, Any]) -> Iterator[Finding]:
    for name in _IDS:
        for value, count in Counter(each[name] for _, each in walk(payload) if name in each).items():
            if count > 1:
                yield Finding(f"blocks: {name} {value!r}", "once", count)
    for path, each in walk(payload):
        for value, count in Counter(option["value"] for option in each.get("options", ())).items():
            if count > 1:
                yield Finding(f"{path}.options: {value!r}", "once", count)
