"""One open page: who sits there, where they look, and the frames on their way to it."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import WSCloseCode, web

from bot.platforms.playground.render import Json
from bot.platforms.playground.world import Channel, Persona

MOST_WAITING = 2000
"""Frames that may wait for a page. One that falls further behind is hung up on; it reconnects and reads the room."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A persona in a channel."""

    persona: Persona
    channel: Channel


class Seat:
    """Sends frames in order without anybody waiting for the browser: a stalled tab must not hold up a post."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.visit: Visit | None = None
        self.commands: list[Json] = []
        self.turn = asyncio.Lock()  # lines are answered in the order they were typed
        self._socket = socket
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._has_lost = False

    def tell(self, frame: Mapping[str, Any]) -> None:
        """Send the frame, soon."""
        if self._waiting.full():
            self._has_lost = True
        else:
            self._waiting.put_nowait(json.dumps(frame, ensure_ascii=False))

    async def write(self) -> None:
        """Carry frames to the page until it is gone or has missed one."""
        while not self._has_lost:
            frame = await self._waiting.get()
            try:
                await self._socket.send_str(frame)
            except ConnectionResetError:
                return  # the page went away; it reads the room when it comes back
        await self.close(WSCloseCode.TRY_AGAIN_LATER)

    async def close(self, code: WSCloseCode) -> None:
        """Hang up; the page tries again by itself."""
        await self._socket.close(code=code)
