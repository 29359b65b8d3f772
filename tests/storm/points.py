"""The moments of a post's way at which a process can die, each with a name.

They lie around what the product does anyway: the transactions of its records, by their verbs, and the requests that
aiohttp sends for discord.py and slack_sdk. The product itself knows nothing of them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiohttp
from sqlalchemy import Connection

from bot.records.records import Records

P = ParamSpec("P")
T = TypeVar("T")
Pass = Callable[[str], None]
"""Told the name of each point as it is passed."""


class WatchedRecords(Records):
    """Records whose writing transactions are passed in three steps: before they begin, before COMMIT, and after it."""

    def __init__(self, url: str, passing: Pass) -> None:
        super().__init__(url)
        self._passing = passing

    async def _write(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        name = f"{verb.__module__.rpartition('.')[2]}.{verb.__name__}"

        @wraps(verb)  # how a verb is to be run is written on it
        def watched(connection: Connection) -> T:
            done = verb(connection, *args, **kwargs)
            self._passing(f"before the COMMIT of {name}")
            return done

        self._passing(f"before {name}")
        done = await super()._write(watched)
        self._passing(f"after {name}")
        return done


def watch_requests(passing: Pass) -> None:
    """Pass every request of this process in three steps: before its bytes, after they are written, when answered."""
    request: Any = aiohttp.ClientRequest
    send, write_bytes, begin = request.send, request.write_bytes, aiohttp.ClientResponse.start

    async def sent(self: Any, *args: Any, **kwargs: Any) -> Any:
        passing(f"before the bytes of {_name(self)}")
        response = await send(self, *args, **kwargs)
        if not self.body:  # then this was all of it
            passing(f"after the bytes of {_name(self)}")
        return response

    async def written(self: Any, *args: Any, **kwargs: Any) -> None:
        await write_bytes(self, *args, **kwargs)
        passing(f"after the bytes of {_name(self)}")

    async def answered(self: Any, *args: Any, **kwargs: Any) -> Any:
        response = await begin(self, *args, **kwargs)
        passing(f"before the answer to {_name(self)} is read")
        return response

    request.send, request.write_bytes = sent, written
    aiohttp.ClientResponse.start = answered  # type: ignore[method-assign]


def _name(request: Any) -> str:
    """`POST messages`, `POST chat.postMessage`: what the request asks for, without whom it is about."""
    words = [each for each in request.url.path.split("/") if each and not each.isdigit()]
    return f"{request.method} {words[-1]}"


def may_freeze(name: str) -> bool:
    """Whether a process that stands still here for long can double nothing.

    Between its last look at the clock and the bytes of its request it can: what it then sends comes out of the past.
    """
    return not name.startswith(("before the bytes", "before the COMMIT"))
