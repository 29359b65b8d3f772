"""Pages of the playground without a browser: what they ask over a real WebSocket, and what they are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp

from bot.platforms.playground.connect import Playground
from tests.playground_desk import Machine, Memory, Town, serving

Frame = dict[str, Any]


class Page:
    """A page without a browser: asks, and keeps what it is told."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.told: list[Frame] = []
        self._n = 0

    async def ask(self, type_: str, **more: Any) -> Frame:
        self._n += 1
        await self.socket.send_json({"type": type_, "n": self._n, **more})
        return await self.until(lambda frame: frame.get("n") == self._n)

    async def enter(self, persona: str = "ada", channel: str = "deep-learning") -> Frame:
        return await self.ask("enter", persona=persona, channel=channel)

    async def say(self, line: str) -> Frame:
        """The entry that answers the line."""
        assert (await self.ask("say", text=line))["type"] == "done"
        return self.last_entry()

    def last_entry(self) -> Frame:
        return next(frame["entry"] for frame in reversed(self.told) if frame["type"] == "entry")

    def last(self, type_: str) -> Frame:
        return next(frame for frame in reversed(self.told) if frame["type"] == type_)

    async def until(self, fits: Callable[[Frame], bool]) -> Frame:
        async with asyncio.timeout(60):
            while True:
                frame: Frame = await self.socket.receive_json()
                self.told.append(frame)
                if fits(frame):
                    return frame


class Server:
    """A server that can be restarted, and pages in front of it."""

    def __init__(self) -> None:
        self.notebook, self.machine, self.town = Memory(), Machine(), Town()
        self.playground: Playground
        self.url = ""
        self._server = AsyncExitStack()
        self._pages = AsyncExitStack()

    async def start(self) -> None:
        self.playground, self.url = await self._server.enter_async_context(
            serving(self.notebook, self.machine, self.town)
        )

    async def restart(self) -> None:
        await self._server.aclose()
        await self.start()

    async def page(self, persona: str | None = "ada", channel: str = "deep-learning") -> Page:
        session = await self._pages.enter_async_context(aiohttp.ClientSession())
        page = Page(await session.ws_connect(f"{self.url}/ws", origin=self.url))
        await page.until(lambda frame: frame["type"] == "hello")
        if persona:
            await page.enter(persona, channel)
        return page

    async def close(self) -> None:
        await self._pages.aclose()
        await self._server.aclose()


@asynccontextmanager
async def open_server() -> AsyncIterator[Server]:
    """A server that serves."""
    made = Server()
    await made.start()
    yield made
    await made.close()


def words(entry: Frame) -> str:
    """All that is drawn of an entry, as one text."""
    return json.dumps(entry["drawn"], ensure_ascii=False)
