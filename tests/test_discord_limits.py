"""Discord's limits: what it would not take is found, and said with its place."""

from typing import Any

import pytest

from bot.platforms.discord import limits
from bot.platforms.discord.limits import Size
from tests.discord_limits import Finding, check

TEXT = {"type": limits.TEXT_DISPLAY, "content": "x"}


def message(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"components": list(components), **more}


def button(**of: Any) -> dict[str, Any]:
    return {"type": limits.BUTTON, "style": 2, "label": "x", "custom_id": "m:x", **of}


def row(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": limits.ACTION_ROW, "components": list(buttons)}


def form(field: dict[str, Any], **of: Any) -> dict[str, Any]:
    label = {"type": limits.LABEL, "label": "x", "component": {"custom_id": "x", **field}, **of}
    return {"custom_id": "f:x", "title": "x", "components": [label]}


def options(count: int) -> list[dict[str, str]]:
    return [{"label": "x", "value": str(n)} for n in range(count)]


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (message(*[TEXT] * 41), Finding("components", "at most 40 components in all", 41)),
        (message({**TEXT, "content": "x" * 3000}, {**TEXT, "content": "x" * 1001}),
         Finding("components", "at most 4,000 characters in all", 4001)),
        (message({**TEXT, "content": "가" * 3330}), Finding("components", "at most 10,000 bytes in all", 10_002)),
        (message({**TEXT, "content": " "}), Finding("components[0].content", "1 to 4000 characters", 0)),
        (message(row(*(button(custom_id=f"m:{n}") for n in range(6)))),
         Finding("components[0].components", "1 to 5", 6)),
        (message(row(button(label="x" * 81))), Finding("components[0].components[0].label", "1 to 80 characters", 81)),
        (message(row(button(label="🎉" * 41))), Finding("components[0].components[0].label", "1 to 80 characters", 82)),
        (message(row(button(custom_id="가" * 34))),
         Finding("components[0].components[0].custom_id", "1 to 100 bytes", 102)),
        (message(row(button(), button())), Finding("components: custom_id 'm:x'", "once", 2)),
        (message({**TEXT, "id": 7}, {**TEXT, "id": 7}), Finding("components: id 7", "once", 2)),
        (message({"type": limits.CONTAINER, "components": []}), Finding("components[0].components", "1 to 40", 0)),
        (message({"type": limits.SECTION, "components": [TEXT] * 4, "accessory": button()}),
         Finding("components[0].components", "1 to 3", 4)),
        (message({"type": limits.SECTION, "components": [TEXT], "accessory": button(label="")}),
         Finding("components[0].accessory.label", "1 to 80 characters", 0)),
        (message(row({"type": limits.BUTTON, "style": 5, "url": "javascript:x"})),
         Finding("components[0].components[0].url", "an address that begins with https:// or http://", "javascript:x")),
        (message(TEXT, allowed_mentions={"users": ["1"] * 101}), Finding("allowed_mentions.users", "at most 100", 101)),
        (form({"type": limits.TEXT_INPUT, "value": "x" * 9, "max_length": 8}),
         Finding("components[0].component.value", "at most 8 characters (max_length)", 9)),
        (message({"type": limits.MEDIA_GALLERY, "items": []}), Finding("components[0].items", "1 to 10", 0)),
        (message({"type": limits.MEDIA_GALLERY, "items": [{"description": "x" * 1025}]}),
         Finding("components[0].items[0].description", "1 to 1024 characters", 1025)),
        (form({"type": limits.RADIO_GROUP, "options": options(1)}),
         Finding("components[0].component.options", "2 to 10", 1)),
        (form({"type": limits.STRING_SELECT, "options": [{"label": "x", "value": ""}]}),
         Finding("components[0].component.options[0].value", "1 to 100 characters", 0)),
        (form({"type": limits.CHECKBOX}, label="x" * 46), Finding("components[0].label", "1 to 45 characters", 46)),
        (form({"type": limits.CHECKBOX}) | {"title": "x" * 46}, Finding("title", "1 to 45 characters", 46)),
        (form({"type": limits.CHECKBOX}) | {"components": [TEXT] * 6}, Finding("components", "1 to 5", 6)),
    ],
)  # fmt: skip
def test_what_discord_would_not_take_is_found(payload: dict[str, Any], found: Finding) -> None:
    assert check(payload) == [found]


def test_a_message_spends_components_on_every_level_and_bytes_beside_its_texts() -> None:
    section = {"type": limits.SECTION, "components": [{**TEXT, "content": "가🎉"}], "accessory": button()}
    assert limits.size([{"type": limits.CONTAINER, "components": [section]}]) == Size(4, 3, 3 + 4 + limits.BYTES_A_TEXT)
