"""What Slack would not take: an oracle for whatever we draw, by the limits of its Block Kit reference."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.chat.literal import is_web_address, length
from bot.platforms.slack import limits

_Range = tuple[int, int]
_FIELDS: Mapping[str, Mapping[str, _Range]] = {
    "header": {"text": (1, limits.LONGEST_HEADER)},
    "section": {"text": (1, limits.LONGEST_SECTION)},
    "context": {"elements": (1, 10)},
    "actions": {"elements": (1, 25)},
    "text": {"text": (1, limits.HEAVIEST_VIEW)},
    "link": {"url": (1, limits.LONGEST_URL)},
    "button": {
        "text": (1, limits.LONGEST_BUTTON), "accessibility_label": (1, limits.LONGEST_BUTTON),
        "value": (1, limits.LONGEST_LINE), "url": (1, limits.LONGEST_URL),
    },
    "input": {"label": (1, limits.LONGEST_LABEL)},
    "plain_text_input": {"initial_value": (0, limits.LONGEST_INPUT)},
    "static_select": {"options": (1, limits.MOST_OPTIONS)},
    "radio_buttons": {"options": (1, 10)},
    "modal": {
        "title": (1, limits.LONGEST_TITLE), "submit": (1, limits.LONGEST_TITLE),
        "private_metadata": (0, limits.LONGEST_METADATA), "callback_id": (1, 255),
    },
}  # fmt: skip
_OPTION: Mapping[str, _Range] = {"text": (1, limits.LONGEST_OPTION), "value": (1, limits.LONGEST_CHOICE)}
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


def check(payload: Mapping[str, Any]) -> list[Finding]:
    """Everything in a message or a view that Slack would not take; empty if it takes it all."""
    is_view = payload.get("type") in ("modal", "home")
    most, spent = limits.VIEW if is_view else limits.MESSAGE, limits.size(payload["blocks"])
    found = [finding for path, each in walk(payload) for finding in _of_object(path, each)]
    found += _unique(payload)
    if not 1 <= spent.blocks <= most.blocks:
        found.append(Finding("blocks", f"1 to {most.blocks}", spent.blocks))
    if spent.bytes > most.bytes:
        found.append(Finding("blocks", f"at most {most.bytes:,} bytes in all", spent.bytes))
    if not is_view:
        found += _ranges("", payload, {"text": (1, limits.LONGEST_TEXT)})
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
        if not 1 <= length(each.get(name, "x")) <= 255:
            yield Finding(f"{path}.{name}", "1 to 255 characters", length(each[name]))
    for name, shape in _SHAPES.items():
        if name in each and not shape.fullmatch(each[name]):
            yield Finding(f"{path}.{name}", shape.pattern, each[name])
    longest = each.get("max_length", limits.LONGEST_INPUT)
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
