"""What Slack escaped on its way to us, as it was typed: people, channels, links and three characters."""

import re
from collections.abc import Mapping
from typing import Any

_ESCAPED = re.compile(r"<(?:(?P<sign>[@#!])(?P<id>[^|>]*)|(?P<url>\w+:[^|>]*))(?:\|(?P<label>[^>]*))?>")
_WEB = re.compile(r"<(https?://[^|>\s]+)(?:\|([^>]*))?>")


def plain(value: str) -> str:
    """A value without Slack's escapes. People and channels are named: what takes a person is not read so."""
    return _unescaped(_ESCAPED.sub(_legible, value))


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _legible(escaped: re.Match[str]) -> str:
    if escaped["url"] is not None:
        return escaped["url"] if escaped["url"].startswith("http") else escaped["label"] or escaped["url"]
    name = escaped["label"] or escaped["id"]
    sign = "#" if escaped["sign"] == "#" else "@"
    return name if name.startswith(sign) else sign + name


def quoted(message: Mapping[str, Any]) -> dict[str, str]:
    """What a message gives to a form: its first web address, what that is called there, and all that it says."""
    said = str(message.get("text") or "")
    found = _WEB.search(said)
    link, label = (_unescaped(found[1]), _unescaped(found[2] or "")) if found else ("", "")
    why = plain(said).strip()
    around = why.replace(link, " ") if link else why
    title = label if label and label not in link else next(iter(around.strip().splitlines()), "")
    return {"link": link, "title": " ".join(title.split()), "why": why if why != link else ""}
