"""What was posted and answered in each channel, kept in the notebook, so that it outlives a restart and a reload."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.chat.message import Message, Post
from bot.chat.platform import Notebook

log = logging.getLogger(__name__)

KEPT = 300
"""Entries kept per channel; older ones are forgotten."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Notice(_Data):
    """A post, seen by everybody. `under` is the thread it was put into, if any."""

    kind: Literal["notice"] = "notice"
    id: str
    at: AwareDatetime
    post: Post
    under: str | None = None
    edited: bool = False


class Answer(_Data):
    """Seen by the persona `reader` alone: a private reply, with the line `said` that asked for it, or a private post.

    A private post was not asked for; it has a `key`.
    """

    kind: Literal["answer"] = "answer"
    id: str
    at: AwareDatetime
    reader: str
    said: str = ""
    message: Message
    key: str | None = None


Entry = Annotated[Notice | Answer, Field(discriminator="kind")]
_E = TypeVar("_E", Notice, Answer)
_PAGE: TypeAdapter[tuple[Entry, ...]] = TypeAdapter(tuple[Entry, ...])


class Journal:
    """The entries of every channel, oldest first. One note per channel; every change is kept before it is shown."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._pages: dict[str, tuple[Entry, ...]] = {}
        self._turn = asyncio.Lock()

    async def read(self, channel: str) -> tuple[Entry, ...]:
        """Everything in the channel, for every reader."""
        async with self._turn:
            return await self._page(channel)

    async def add(self, channel: str, entry: Entry) -> Entry:
        """Put the entry at the end. A post whose key is there already changes nothing; the older one is returned."""
        async with self._turn:
            page = await self._page(channel)
            key = entry.post.key if isinstance(entry, Notice) else entry.key
            if key is not None and (older := with_key(page, key)):
                return older
            await self._keep(channel, (*page, entry)[-KEPT:])
            return entry

    async def repost(self, channel: str, entry_id: str, message: Message) -> Notice | None:
        """Change what a notice says, in place; None if it is not there."""
        async with self._turn:
            for old in await self._page(channel):
                if isinstance(old, Notice) and old.id == entry_id:
                    post = old.post.model_copy(update={"message": message})
                    return await self._swap(channel, old, old.model_copy(update={"post": post, "edited": True}))
            return None

    async def answer_again(self, channel: str, entry_id: str, reader: str, message: Message) -> Answer | None:
        """Put the message in the place of that reader's answer; None if there is none of this id."""
        async with self._turn:
            for old in await self._page(channel):
                if isinstance(old, Answer) and old.id == entry_id and old.reader == reader:
                    return await self._swap(channel, old, old.model_copy(update={"message": message}))
            return None

    async def remove(self, channel: str, entry_id: str, reader: str | None) -> bool:
        """Take out the notice (`reader` None) or that reader's answer; whether it was there."""
        async with self._turn:
            page = await self._page(channel)
            left = tuple(each for each in page if each.id != entry_id or _reader(each) != reader)
            if len(left) == len(page):
                return False
            await self._keep(channel, left)
            return True

    async def forget(self, channel: str, reader: str) -> list[str]:
        """Take out every answer to that reader; the ids of what was taken out."""
        async with self._turn:
            page = await self._page(channel)
            left = tuple(each for each in page if _reader(each) != reader)
            if len(left) < len(page):
                await self._keep(channel, left)
            return [each.id for each in page if _reader(each) == reader]

    async def _swap(self, channel: str, old: _E, new: _E) -> _E:
        page = await self._page(channel)
        await self._keep(channel, tuple(new if each is old else each for each in page))
        return new

    async def _page(self, channel: str) -> tuple[Entry, ...]:
        if channel not in self._pages:
            note = await self._notebook.get(_note(channel))
            self._pages[channel] = _read(channel, note) if note else ()
        return self._pages[channel]

    async def _keep(self, channel: str, page: tuple[Entry, ...]) -> None:
        await self._notebook.put(_note(channel), _PAGE.dump_json(page).decode())
        self._pages[channel] = page


def with_key(page: Sequence[Entry], key: str) -> Entry | None:
    """The post with this key, or None."""
    return next((each for each in page if (each.post.key if isinstance(each, Notice) else each.key) == key), None)


def _reader(entry: Entry) -> str | None:
    return entry.reader if isinstance(entry, Answer) else None


def _note(channel: str) -> str:
    return f"channel:{channel}"


def _read(channel: str, note: str) -> tuple[Entry, ...]:
    """The page as it was kept. One written by another version may not be readable; the channel then starts empty."""
    try:
        return _PAGE.validate_json(note)
    except ValidationError as error:
        log.warning("the playground's #%s cannot be read back and starts empty: %s", channel, error)
        return ()
