"""What Slack takes, by its own types and limits, and the golden files of what we draw for it.

`UPDATE_GOLDEN=1 pytest tests/test_slack_*.py tests/test_every_reply.py` writes them anew, those of every command into
`commands`; read the difference before you keep it.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft7Validator

from tests.kept import assert_as_kept
from tests.slack_limits import check

GOLDEN = Path(__file__).parent / "golden" / "slack"
Drawn = dict[str, Any]


@cache
def _schema(name: str) -> Draft7Validator:
    described = json.loads((GOLDEN / "schema.json").read_text("utf-8"))
    return Draft7Validator({**described, "$ref": f"#/definitions/{name}"})


def assert_slack_takes(drawn: Drawn) -> None:
    """A message, a modal or a Home tab: by Slack's types, and by its limits."""
    match drawn.get("type"):
        case "modal":
            _schema("ModalView").validate(drawn)
        case "home":
            _schema("HomeView").validate(drawn)
        case _:
            for block in drawn["blocks"]:
                _schema(block["type"].title().replace("_", "") + "Block").validate(block)
            if "metadata" in drawn:
                _schema("MessageMetadata").validate(drawn["metadata"])
    assert check(drawn) == []


def assert_golden(name: str, drawn: Drawn) -> None:
    assert_slack_takes(drawn)
    assert_as_kept(GOLDEN / f"{name}.json", drawn)
