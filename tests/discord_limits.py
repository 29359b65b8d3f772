"""What Discord would not take: an oracle for whatever we draw, by the limits of its component reference."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.chat.literal import is_web_address, length
from bot.platforms.discord import limits

_FIELDS: Mapping[int, Mapping[str, tuple[int, int]]] = {
    limits.ACTION_ROW: {"components": (1, 5)},
    limits.BUTTON: {"label": (1, limits.LONGEST_BUTTON), "url": (1, limits.LONGEST_URL)},
    limits.STRING_SELECT: {"options": (1, 25), "placeholder": (0, 150)},
    limits.TEXT_INPUT: {"value": (0, limits.LONGEST_INPUT), "placeholder": (0, limits.LONGEST_HINT)},
    limits.SECTION: {"components": (1, 3)},
    limits.TEXT_DISPLAY: {"content": (1, 4000)},
    limits.MEDIA_GALLERY: {"items": (1, 10)},
    limits.CONTAINER: {"components": (1, 40)},
    limits.LABEL: {"label": (1, limits.LONGEST_TITLE), "description": (1, limits.LONGEST_HINT)},
    limits.RADIO_GROUP: {"options": (2, 10)},
}
_OPTION = {"label": (1, limits.LONGEST_HINT), "value": (1, limits.LONGEST_HINT)}
_PICTURE = {"description": (1, limits.LONGEST_ALT)}
_FORM = {"title": (1, limits.LONGEST_TITLE), "components": (1, limits.MOST_LABELS)}


@dataclass(frozen=True, slots=True)
class Finding:
    """What Discord would not take: where in the payload, what it takes there, and what is there instead."""

    path: str
    limit: str
    actual: int | str


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
    spent = limits.size(payload["components"])
    for name, most, actual in zip(limits.Size._fields, limits.MOST, spent, strict=True):
        if actual > most:
            found.append(Finding("components", f"at most {most:,} {name} in all", actual))
    notified = payload.get("allowed_mentions", {}).get("users", ())
    if len(notified) > limits.MOST_NOTIFIED:
        found.append(Finding("allowed_mentions.users", f"at most {limits.MOST_NOTIFIED}", len(notified)))
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
    if each["type"] == limits.TEXT_INPUT and length(each.get("value", "")) > each.get(
        "max_length", limits.LONGEST_INPUT
    ):
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
