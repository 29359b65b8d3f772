"""Golden files: what was drawn once, and is drawn so ever after. `UPDATE_GOLDEN=1` writes them anew."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def assert_as_kept(file: Path, drawn: Mapping[str, Any]) -> None:
    """What is drawn is what the file says."""
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(drawn, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert drawn == json.loads(file.read_text("utf-8"))
