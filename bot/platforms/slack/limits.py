"""What Slack takes: the limits that a message, a view or a form of ours could meet, and how much of them it spends.

From the Block Kit reference (docs.slack.dev/reference/block-kit and /reference/views). One is not written there: a
message is refused as `msg_blocks_too_long` somewhere above 12,000 characters over all its blocks, in which what holds
the texts counts too (bolt-js#2509, #2867). So all of a message's blocks are weighed, as JSON in UTF-8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot.platforms.slack.text import weight

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
MOST_OPTIONS = 100
HEAVIEST_VIEW = 250_000


@dataclass(frozen=True, slots=True)
class Size:
    """What a message or a view spends of what it may have: blocks, and bytes of them all."""

    blocks: int = 0
    bytes: int = 0

    def fits(self, room: Self) -> bool:
        """Whether both are within the room."""
        return self.blocks <= room.blocks and self.bytes <= room.bytes


MESSAGE = Size(blocks=50, bytes=12_000)
VIEW = Size(blocks=100, bytes=HEAVIEST_VIEW // 2 - 10_000)  # the SDK writes Hangul in twice the bytes


def size(blocks: Sequence[Mapping[str, Any]]) -> Size:
    """What the blocks and all in them spend."""
    return Size(len(blocks), weight(blocks))
