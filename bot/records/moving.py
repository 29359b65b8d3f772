"""Moves everything from a SQLite file to a PostgreSQL server, or back: in one transaction, counted and compared."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, create_engine, func, insert, literal, select, tuple_
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from bot.records.database import BUSY_SECONDS, Database, DatabaseError
from bot.records.runners import reason_of
from bot.records.tables import metadata, notes

PAGE = 1000  # rows


@dataclass(frozen=True, slots=True)
class Moved:
    """What a table holds: how many rows, and the sum of their hashes, which tells whether two hold the same."""

    table: str
    rows: int
    checksum: int


async def move(from_url: str, to_url: str, migrations: Path) -> list[Moved]:
    """Copy all that one database holds into another one, which must be empty; it is migrated first.

    A file is held alone meanwhile, so that no bot runs on it. Whether one runs on a server cannot be told: stop it.
    Raises DatabaseError if anything is amiss; then the target is as empty as before. The source is never changed.
    """
    source, target = Database(from_url), Database(to_url)
    try:
        if (source.file is None) == (target.file is None):
            raise DatabaseError(
                "--copy moves between a SQLite file and a PostgreSQL server. Name one of each; "
                "within one kind, copy the file, or use pg_dump."
            )
        if not await source.is_current(migrations):
            raise DatabaseError(
                f"{source.name} is not there, or not up to date. Set DATABASE_URL to it, and run: milepost migrate."
            )
        await target.migrate(migrations)
        file, server = (target, source) if source.file is None else (source, target)
        await file.close()

        def work(there: Connection) -> list[Moved]:
            with _held_alone(file, writes=file is target) as here:
                return _copy(here, there, target.name) if file is source else _copy(there, here, target.name)

        return await (server.write(work) if server is target else server.read(work))
    finally:
        await source.close()
        await target.close()


@contextmanager
def _held_alone(file: Database, *, writes: bool) -> Iterator[Connection]:
    """A transaction on the file, which nobody else may have open: not even a bot that does nothing at the moment."""
    waits = {"timeout": BUSY_SECONDS}
    engine = create_engine(f"sqlite+pysqlite:///{file.file}", poolclass=NullPool, connect_args=waits)
    try:
        with engine.connect() as connection:
            for pragma in ("locking_mode=EXCLUSIVE", f"query_only={'OFF' if writes else 'ON'}", "foreign_keys=ON"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
            connection.rollback()
            try:
                connection.exec_driver_sql("BEGIN EXCLUSIVE" if writes else "BEGIN")
                connection.execute(select(func.count()).select_from(notes))  # the lock is taken by the first look
            except OperationalError as error:
                raise DatabaseError(
                    f"{file.name} is in use ({reason_of(error)}). Stop the bot that runs on it. Nothing was changed."
                ) from error
            yield connection
            if writes:
                connection.commit()
    finally:
        engine.dispose()


def _copy(source: Connection, target: Connection, name: str) -> list[Moved]:
    tables = metadata.sorted_tables  # what is referred to comes before what refers to it
    if held := [each.name for each in tables if _sum(target, each).rows]:
        raise DatabaseError(f"{name} is not empty: there is something in {held[0]}. Nothing was changed; name another.")
    moved = [_copy_table(source, target, each) for each in tables]
    for table, each in zip(tables, moved, strict=True):
        if _sum(target, table) != each:
            raise DatabaseError(f"{name} holds something else in {table.name} than was copied. Nothing was kept.")
    return moved


def _copy_table(source: Connection, target: Connection, table: Table) -> Moved:
    try:
        moved = _sum(source, table, into=target)
        if target.dialect.name == "postgresql" and "id" in table.c:
            # Ids come from a sequence there, which knows nothing of those that are copied.
            last = select(func.max(table.c.id)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, "id")
            target.execute(select(func.setval(sequence, last)).where(last.is_not(None)))
    except DBAPIError as error:
        raise DatabaseError(f"{table.name} cannot be copied ({reason_of(error)}). Nothing was changed.") from error
    return moved


def _sum(connection: Connection, table: Table, into: Connection | None = None) -> Moved:
    """What the table holds; `into` another one it is copied meanwhile. Sums do not depend on how text is ordered."""
    rows = checksum = 0
    for page in _pages(connection, table):
        if into is not None:
            into.execute(insert(table), page)
        rows += len(page)
        for row in page:
            checksum += int.from_bytes(sha256(repr(row).encode()).digest())
    return Moved(table.name, rows, checksum % 2**256)


def _pages(connection: Connection, table: Table) -> Iterator[list[Mapping[str, Any]]]:
    """The rows in the order of their keys. The marks of transactions are the database's own affair, and stay."""
    keys = list(table.primary_key.columns)
    ours = select(table).order_by(*keys).limit(PAGE)
    if table is notes:
        ours = ours.where(notes.c.platform != "database")
    page = connection.execute(ours).mappings().all()
    while page:
        yield [dict(each) for each in page]
        last = tuple_(*(literal(page[-1][each.name], each.type) for each in keys))
        page = connection.execute(ours.where(tuple_(*keys) > last)).mappings().all()
