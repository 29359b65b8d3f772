"""A message that a platform has drawn, brought within what there is room for: whole, in pages, or cut.

What a block is, and how much room there is, is the platform's own matter.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

from bot.chat.wording import Phrase, say

Json = dict[str, Any]
Block = TypeVar("Block")

MOST_IN_A_ROW = 5  # buttons; Discord takes no more, and on Slack more than a few wrap into a heap
MOST_BUTTONS = 15  # below a message that does not fit, so that there is room for something above them


@dataclass(frozen=True, slots=True)
class Drawing(ABC, Generic[Block]):
    """A message, drawn in full: title, blocks, a word below them, rows of buttons, and those that turn its pages."""

    title: str | None
    blocks: tuple[Block, ...]
    buttons: tuple[Json, ...]
    note: str | None = None
    pager: tuple[Json, ...] = ()

    @abstractmethod
    def fits(self) -> bool:
        """Whether the platform takes all of it."""

    @abstractmethod
    def shortened(self, block: Block) -> Block | None:
        """As much of the block as there is room for below the others; None for less than would say anything."""

    @abstractmethod
    def words(self, said: Phrase) -> str:
        """The phrase as a note or the label of a button."""

    @abstractmethod
    def turn(self, label: Phrase, page: int, line: str) -> Json:
        """The button that shows the page of what the line answers."""

    @property
    def rows(self) -> list[Sequence[Json]]:
        """The buttons, row by row."""
        rows = [self.buttons[at : at + MOST_IN_A_ROW] for at in range(0, len(self.buttons), MOST_IN_A_ROW)]
        return [row for row in (*rows, self.pager) if row]

    def fitted(self, page: int, line: str | None) -> Self:
        """All of it, else that page of what `line` answers, with buttons to the others; its beginning, if line is None.

        Of the beginning a note says how many blocks are missing.
        """
        if self.fits():
            return self
        return self._cut_off() if line is None else self._page(page, line)

    def _page(self, wanted: int, line: str) -> Self:
        frame = self._frame(_numbered(99, 99), self._pager(2, 3, line))
        pages = frame._pages(self.blocks)
        page = min(max(wanted, 1), len(pages))
        note = self.words(_numbered(page, len(pages))) if len(pages) > 1 else None
        return replace(frame._with(pages[page - 1]), note=note, pager=self._pager(page, len(pages), line))

    def _cut_off(self) -> Self:
        frame = self._frame(_more(len(self.blocks)))
        shown = frame._pages(self.blocks)[0]
        if len(shown) < len(self.blocks):
            beginning = frame._with(shown).shortened(self.blocks[len(shown)])
            shown += [beginning] if beginning and frame._with([*shown, beginning]).fits() else []
        missing = len(self.blocks) - len(shown)
        return replace(frame._with(shown), note=self.words(_more(missing)) if missing else None)

    def _frame(self, note: Phrase, pager: tuple[Json, ...] = ()) -> Self:
        """What stands around the blocks."""
        return replace(self, blocks=(), note=self.words(note), buttons=self.buttons[:MOST_BUTTONS], pager=pager)

    def _with(self, blocks: Sequence[Block]) -> Self:
        return replace(self, blocks=tuple(blocks))

    def _pages(self, blocks: Sequence[Block]) -> list[list[Block]]:
        """The blocks in order, as many in each frame as fit; one too large for a page of its own is shortened."""
        pages: list[list[Block]] = [[]]
        for block in blocks:
            if pages[-1] and not self._with([*pages[-1], block]).fits():
                pages.append([])
            shown = block if self._with([block]).fits() else self.shortened(block)
            pages[-1] += [shown] if shown else []
        return pages

    def _pager(self, page: int, pages: int, line: str) -> tuple[Json, ...]:
        back = [self.turn(say("Back"), page - 1, line)] if page > 1 else []
        more = [self.turn(say("More"), page + 1, line)] if page < pages else []
        return (*back, *more)


def _numbered(page: int, pages: int) -> Phrase:
    return say("Page {n} of {pages}", n=page, pages=pages)


def _more(n: int) -> Phrase:
    """Stands for `n` blocks that found no room."""
    return say("… ({n} more)", n=n)
