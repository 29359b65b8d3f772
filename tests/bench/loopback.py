"""What the platforms on loopback share: they have a bot asked, and time its answers."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, Literal

from aiohttp import web

Json = dict[str, Any]
Kind = Literal["replied", "promised", "failed"]

GIVE_UP = 60  # seconds


async def ask_all(request: web.Request, ask: Callable[[Json], Awaitable[tuple[float, Kind]]]) -> web.Response:
    """Ask `calls`, so many a second, or so many in flight; without either, all at once.

    `ask` gives the seconds until the first response, and what that was.
    """
    wanted = await request.json()
    calls, rate, in_flight = wanted["calls"], wanted.get("per_second"), wanted.get("in_flight")
    room = asyncio.Semaphore(in_flight or len(calls))

    async def asked(call: Json) -> tuple[float, Kind]:
        try:
            return await asyncio.wait_for(ask(call), GIVE_UP)
        finally:
            room.release()

    began = perf_counter()
    under_way: list[asyncio.Task[tuple[float, Kind]]] = []
    for number, call in enumerate(calls):
        if rate:
            await asyncio.sleep(max(0, began + number / rate - perf_counter()))
        await room.acquire()
        under_way.append(asyncio.create_task(asked(call)))
    answers = await asyncio.gather(*under_way)
    kinds = Counter(kind for _, kind in answers)
    return in_json({
        "seconds": [seconds for seconds, _ in answers], "replied": kinds["replied"], "promised": kinds["promised"],
    })  # fmt: skip


def in_json(data: object) -> web.Response:
    """As the platforms send it: with a charset in its type, discord.py would not read it."""
    return web.Response(body=json.dumps(data).encode(), content_type="application/json")


async def serve(application: web.Application) -> None:
    """Serve it, and print its port."""
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()
