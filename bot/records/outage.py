"""When nothing can be saved: the disk is full, another process holds the lock, the server is away.

A write that fails so was undone whole. Whoever asked for it is told that, and the log says it once for an outage and
once when it is over, however often somebody tries meanwhile.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.chat.platform import Refusal
from bot.chat.wording import say
from bot.records.runners import reason_of

log = logging.getLogger(__name__)

CALM = 60.0  # seconds without a failure; small writes go on fitting for a while on a disk that is full
_SQLITE = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
})  # fmt: skip
# Connection, resources, an operator's doing, the system; then a lock, and a server that only reads for now
# (postgresql.org/docs/current/errcodes-appendix.html).
_SERVER = ("08", "53", "57", "58", "55P03", "25006")


class NotSaved(Refusal):
    """A write was undone, since nothing can be saved now. As text it is the reason; people read what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.phrase = say("That could not be saved just now, so nothing has changed. Please try again in a moment.")


class Outage:
    """Watches writes. `reason` says why nothing can be saved, or is None while all is well."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._failed_at = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Around one write. Raises NotSaved in the place of what the driver raised, if trying again may help."""
        try:
            yield
        except (DBAPIError, OSError) as error:
            if (reason := _why(error)) is None:
                raise
            self._fails(reason)
            raise NotSaved(reason) from error
        self._works()

    def _fails(self, reason: str) -> None:
        self._failed_at = time.monotonic()
        if self.reason is None:
            log.error("nothing can be saved: %s; what is to be done waits, and is tried again", reason)
        self.reason = reason

    def _works(self) -> None:
        if self.reason is not None and time.monotonic() - self._failed_at >= CALM:
            log.warning("saving works again; it did not because of: %s", self.reason)
            self.reason = None


def attempted(connection: Connection, verb: Callable[..., None], *values: object) -> Exception | None:
    """Do a part of a transaction by itself: what goes wrong with it is undone alone, and returned.

    Raises what refused it for a while: SQLite has undone the whole transaction then, and what would be written next,
    nothing could undo.
    """
    try:
        with connection.begin_nested():
            verb(connection, *values)
    except Exception as error:
        if _why(error):
            raise
        return error
    return None


def _why(error: BaseException) -> str | None:
    """Why the database refused, if that may pass and is not because of what it was told.

    SQLite may have undone the whole transaction then, so that of what fails next, this is still the reason.
    """
    seen: BaseException | None = error
    while seen is not None and not _passes(seen):
        seen = seen.__context__
    return None if seen is None else reason_of(seen)


def _passes(error: BaseException) -> bool:
    if not isinstance(error, DBAPIError):
        return isinstance(error, OSError)
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode & 0xFF in _SQLITE
    return error.connection_invalidated or str(getattr(error.orig, "sqlstate", "")).startswith(_SERVER)
