"""What the ids of our buttons, forms and posts say: all state that a press needs, so that it survives a restart.

A custom id holds at most 100 bytes. A command line in it has at most 90 (checked when a command is defined), the rest
is our mark:

* `m:week number:2` runs the line; `m2:` and so on is a second button with the same line, since ids are unique;
* `m:!checkin` opens the form of the command again, with the draft that was kept;
* `k:1f2e3d4cweek` runs the line and carries the hash of the post's key;
* `p2:resource query:cnn` runs the line and shows page 2 of its reply;
* `f:cohort create pace:short` is a form, with the arguments that it does not ask for.
"""

import re
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.chat.line import ASK, write
from bot.chat.platform import Place
from bot.platforms.discord.limits import walk

LONGEST = 100  # bytes of a custom id
LONGEST_NONCE = 25
_AGAIN = "!"
_ID = re.compile(r"(?:m\d*|k|f|p(?P<page>[1-9]\d{0,2})):(?P<rest>.*)", re.DOTALL)
_HASH = 8  # hexadecimal digits of a key's hash


@dataclass(frozen=True, slots=True)
class Pressed:
    """A custom id, read: the line to run, the page of its reply, and whether the kept draft fills its form."""

    line: str
    page: int = 1
    again: bool = False


def read(custom_id: str) -> Pressed | None:
    """What the id says; None if it is not one of ours."""
    found = _ID.fullmatch(custom_id)
    if found is None:
        return None
    line = found["rest"][_HASH:] if custom_id.startswith("k:") else found["rest"]
    if line.startswith(_AGAIN):
        return Pressed(ASK + line.removeprefix(_AGAIN), again=True)
    return Pressed(line, page=int(found["page"] or 1))


def line_id(line: str, copy: int = 1) -> str:
    """The id of a button that runs the line; `copy` tells it from others with the same line in the same message."""
    return _held(f"m{copy if copy > 1 else ''}:{line}")


def again(command: str) -> str:
    """The line of a button that opens the command's form with the draft that was kept."""
    return _AGAIN + command


def keyed(custom_id: str, key: str) -> str:
    """The id of a button that runs a line, with the hash of a post's key put into it."""
    return _held(f"k:{_digest(key)[:_HASH]}{custom_id.partition(':')[2]}")


def page_id(page: int, line: str) -> str:
    """The id of a button that shows a page of the reply to the line."""
    return _held(f"p{page}:{line}")


def has_room_for_pages(line: str) -> bool:
    """Whether any page of the line's reply can be asked for by a button; a line that somebody typed may be too long."""
    return len(f"p999:{line}".encode()) <= LONGEST


def form_id(command: str, given: Mapping[str, str]) -> str:
    """The id of a form, with what it does not ask for. Raises ValueError if that is too long for an id."""
    return _held(f"f:{write(command, given)}")


def key_ids(key: str) -> tuple[int, int]:
    """Two component ids from the key's hash; 1 to 2**31 - 1, since Discord fills in a 0 by itself."""
    digest = sha256(key.encode()).digest()
    return tuple(int.from_bytes(digest[at : at + 4], "big") % (2**31 - 1) + 1 for at in (0, 4))  # type: ignore[return-value]


def carries(message: Mapping[str, Any], key: str) -> bool:
    """Whether a message, as Discord gives it, is the post with this key: by two component ids, or by a button's."""
    first, second = key_ids(key)
    numbers = set()
    for each in walk(message.get("components") or ()):
        if str(each.get("custom_id") or "").startswith(f"k:{_digest(key)[:_HASH]}"):
            return True
        numbers.add(each.get("id"))
    return {first, second} <= numbers


def nonce(key: str, place: Place) -> str:
    """What tells Discord that two requests are the same post to the same place."""
    unique = f"{key}\n{place.thread or place.channel}"
    return b32encode(sha256(unique.encode()).digest()).decode()[:LONGEST_NONCE]


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _held(custom_id: str) -> str:
    length = len(custom_id.encode())
    if length > LONGEST:
        raise ValueError(f"{custom_id!r} is {length} bytes; a custom id of Discord holds {LONGEST}: shorten the line")
    return custom_id
