"""What Discord takes, by its own description, and the golden files of what we draw for it.

`UPDATE_GOLDEN=1 pytest tests/test_discord_*.py tests/test_every_reply.py` writes them anew, those of every command into
`commands`; read the difference before you keep it.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from bot.chat.message import Form, Message, Post
from tests.discord_limits import check
from tests.kept import assert_as_kept

GOLDEN = Path(__file__).parent / "golden" / "discord"
Drawn = dict[str, Any]


def _said(file: Path) -> Post | Form | Message:
    data = json.loads(file.read_text("utf-8"))
    kind: type[Post | Form | Message] = Post if "key" in data else Form if "fields" in data else Message
    return kind.model_validate(data)


SAID = {file.stem: _said(file) for file in (GOLDEN.parent / "messages").glob("*.json")}
"""What people were told in a season, kept as data, so that a change of words changes no drawing."""


@cache
def _schema(name: str) -> Draft202012Validator:
    described = json.loads((GOLDEN / "schema.json").read_text("utf-8"))
    return Draft202012Validator({**described, "$ref": f"#/$defs/{name}"})


def assert_discord_takes(drawn: Drawn) -> None:
    is_form = "title" in drawn
    _schema("ModalInteractionCallbackRequestData" if is_form else "MessageCreateRequest").validate(drawn)
    assert check(drawn) == []


def assert_golden(name: str, drawn: Drawn) -> None:
    assert_discord_takes(drawn)
    assert_as_kept(GOLDEN / f"{name}.json", drawn)
