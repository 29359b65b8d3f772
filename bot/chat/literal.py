"""What every platform does alike with texts that are shown as they are: measures them, cuts them, finds addresses."""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

# ASCII: what follows in Hangul is a particle, not part of the address.
_ADDRESS = re.compile(r"\bhttps?://(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d{1,5}(?!\d))?(?:[/?#][!-;=?-~]*)?")


def length(text: str) -> int:
    """The characters as UTF-16 units, never fewer than code points: no platform says which of the two it counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def cut(text: str, most: int) -> str:
    """Plain text in at most so many characters, with an ellipsis if something is missing."""
    text = text.strip()
    if length(text) <= most:
        return text
    kept = text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    return f"{kept.rstrip()}…"


def as_label(text: str, most: int) -> str:
    """The text, cut to so many characters if it is longer. One that is blank is an ellipsis: no platform takes that."""
    return text if text.strip() and length(text) <= most else cut(text, most) or "…"


@lru_cache(maxsize=1024)
def is_web_address(url: str) -> bool:
    """Whether a link may lead there: http or https, with a host, and no port that there cannot be."""
    try:
        parts = urlsplit(url)
        is_somewhere = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and is_somewhere and not any(map(str.isspace, url))


def addresses_in(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, in order and none of them empty, each with whether it is a web address.

    What ends a sentence or closes a bracket around an address is no part of it.
    """
    start = 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(".,:;!?'\"")
        if address.endswith(")") and "(" not in address:
            address = address.rstrip(").,:;!?'\"")
        if found.start() > start:
            yield text[start : found.start()], False
        yield address, True
        start = found.start() + len(address)
    if start < len(text):
        yield text[start:], False
