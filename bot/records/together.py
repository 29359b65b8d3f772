"""What processes on one PostgreSQL server have from each other: word of what went stale, and who leads.

Both hang on one connection, which every process keeps: word comes over it, and the lock of whoever leads
is gone with it.
On SQLite one process is all there is: it leads, and hears of its own writes as they happen.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import URL

from bot.records.runners import connect_args, reason_of
from bot.records.stale import EVERYTHING

log = logging.getLogger(__name__)

CHANNEL = "milepost_stale"
LEADING = 0x4D494C454C454144  # the advisory lock
LOOK = 5.0  # seconds between looks at the connection; one that died silently is noticed by then
MOST_TOLD = 50  # marks; a notification holds 8000 bytes (postgresql.org/docs/current/sql-notify.html)


class Together:
    """One process among others. `forget` is told what another one changed.

    `hears` is False while there is no connection: what is remembered may be stale then. `leads` is for work that one
    process should do rather than all of them; that two do it, while a lost leader's lock lives on, must be harmless.
    """

    def __init__(self, url: URL, forget: Callable[[Iterable[tuple[str, str]]], None]) -> None:
        self._url = url
        self._forget = forget
        self._me = secrets.token_hex(8)
        self.hears = self.leads = url.get_backend_name() == "sqlite"

    def tell(self, connection: Connection, marks: set[tuple[str, str]]) -> None:
        """Tell the others what this transaction makes stale, once it is kept."""
        if connection.dialect.name == "postgresql":
            told = [EVERYTHING] if len(marks) > MOST_TOLD else sorted(marks)
            connection.execute(select(func.pg_notify(CHANNEL, json.dumps({"from": self._me, "marks": told}))))

    async def run(self) -> None:
        """Listen, and lead if nobody else does, until cancelled; a connection that is lost is made anew."""
        if self._url.get_backend_name() == "sqlite":
            await asyncio.get_running_loop().create_future()
        import asyncpg  # the extra may not be installed where there is no server

        while True:
            try:
                await self._listen(asyncpg)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("no word from other processes (%s); nothing is remembered until there is", reason_of(error))
            finally:
                self.hears = self.leads = False
            await asyncio.sleep(LOOK / 5)

    async def _listen(self, asyncpg: Any) -> None:
        _, given = self._url.get_dialect()().create_connect_args(self._url)
        connection = await asyncpg.connect(**given, **connect_args())
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._heard)
            self._forget([EVERYTHING])
            self.hears = True
            while not lost.is_set():
                leads = await connection.fetchval("SELECT pg_try_advisory_lock($1)", LEADING)
                if leads and not self.leads:
                    log.info("this process leads: it does what is done once for all")
                self.leads = leads
                try:
                    async with asyncio.timeout(LOOK):
                        await lost.wait()
                except TimeoutError:
                    continue
        finally:
            connection.terminate()

    def _heard(self, _connection: object, _process: int, _channel: str, said: object) -> None:
        told = json.loads(str(said))
        if told["from"] != self._me:
            self._forget([(platform, account) for platform, account in told["marks"]])
