"""Backups of a SQLite database: made, kept for a while, checked and put back, all while Milepost runs.

A backup is one file that needs nothing beside it. It holds the database as it was at one instant, for which nobody has
to stop writing, and a mark of when that was. A server has its own tools for this.
"""

import asyncio
import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.records import forgetting, restores
from bot.records.database import BUSY_SECONDS, Database, DatabaseError

log = logging.getLogger(__name__)

Off = Literal["off"]
STEP = 256  # pages, that is 1 MiB, after which others may have their turn at the disk
NIGHTS = 7
SUNDAYS = 4
_SUNDAY = 6
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the database holds what it did at `since`, and what it held until now is `kept` in a file.

    So many who had asked to be forgotten meanwhile are `forgotten` again; None where nobody can tell who did.
    """

    since: datetime
    kept: Path | None
    forgotten: int | None


def folder_of(database: Database, setting: Path | Off | None) -> Path:
    """Where the database's backups go, or went: where the setting says, else the folder `backups` beside its file."""
    return setting if isinstance(setting, Path) else file_of(database).parent / "backups"


def file_of(database: Database) -> Path:
    """The database's file. Raises DatabaseError, with the way out, for one that a server keeps."""
    if database.file is None:
        raise DatabaseError(
            f"DATABASE_URL: {database.name} is a server's. Use its own pg_dump and pg_restore; after pg_restore and "
            "before Milepost starts again, run: milepost restored WHEN, with the time when the dump was begun."
        )
    return database.file


def make(source: Path, target: Path, now: datetime) -> None:
    """Write the database as it is now to `target`, in place of a file of that name. Nobody who writes waits for it.

    It is there whole, checked and safe on the disk, or not at all. Raises DatabaseError if it cannot be.
    """
    part = target.with_name(f"{target.name}.part")
    if not source.exists() or not target.parent.is_dir():
        missing = target.parent if source.exists() else source
        raise DatabaseError(f"No backup was made: {missing} does not exist.")
    try:
        _remove(part)
        _copy(source, part)
        with closing(_open(part)) as made:
            if problem := _problem(made):
                raise DatabaseError(f"No backup was made: {source} is damaged ({problem}).")
            if _revision(made) is None:
                raise DatabaseError(f"No backup was made: {source} is no database of Milepost.")
            # A backup that was put in place, and is not used yet, has one already: it knows nothing from that time on.
            mark = (*restores.MARK, now.isoformat())
            made.execute("INSERT OR IGNORE INTO notes (platform, key, value) VALUES (?, ?, ?)", mark)
            made.execute("PRAGMA journal_mode=DELETE")  # one file, readable where nothing may be written
        _sync(part)
        part.replace(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseError(f"No backup was made at {target} of {source} ({error}).") from error
    finally:
        _remove(part)


def make_nightly(source: Path, folder: Path, now: datetime) -> Path:
    """Make this night's backup in the folder, which is made too, and then remove those that nobody needs any more.

    Raises DatabaseError if it cannot be made: nothing is removed then.
    """
    target = folder / f"{source.stem}-{now.astimezone(UTC):{_STAMP}}.db"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"No backup was made: BACKUP_DIR: {folder} cannot be made ({error.strerror}).") from error
    make(source, target, now)
    found = found_in(folder, source)
    for each in found.keys() - kept(found):
        found[each].unlink(missing_ok=True)
    return target


def is_due(folder: Path, database: Database, now: datetime) -> bool:
    """Whether the newest nightly backup is more than a day old, or there is none. One from ahead of us does not count:
    it was made by a clock that was wrong.
    """
    day = timedelta(days=1)
    return not any(now - day <= each <= now for each in found_in(folder, file_of(database)))


def newest(folder: Path, database: Database) -> datetime | None:
    """When the newest nightly backup was made; None if there is none."""
    return max(found_in(folder, file_of(database)), default=None)


def kept(made: Iterable[datetime]) -> set[datetime]:
    """Which backups stay: the newest of each of the last seven days that have one, and of the last four Sundays (UTC).

    Days that have none do not count, so that none is removed because Milepost was off for long.
    """
    nights = {each.date(): each for each in sorted(made)}
    sundays = [day for day in sorted(nights) if day.weekday() == _SUNDAY]
    return {nights[day] for day in [*sorted(nights)[-NIGHTS:], *sundays[-SUNDAYS:]]}


def found_in(folder: Path, source: Path) -> dict[datetime, Path]:
    """The nightly backups of that database in the folder, by when each was made, the oldest first."""
    name = re.compile(rf"{re.escape(source.stem)}-(\d{{8}}T\d{{6}}Z)\.db")
    names = [(match[1], each) for each in folder.glob("*.db") if (match := name.fullmatch(each.name))]
    return {datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC): each for stamp, each in sorted(names)}


def refuse_damaged(database: Database, setting: Path | Off | None) -> None:
    """Look over all of a database before it is used. A server does that by itself, and a missing file holds nothing.

    Raises DatabaseError that names what was found, the newest backup, and the command that puts it back.
    """
    if database.file is None:
        return
    try:
        with closing(_open(database.file, "ro")) as opened:
            problem = _problem(opened)
    except sqlite3.Error as error:
        log.debug("%s is still to be made, or migrating it says why it cannot be: %s", database.name, error)
        return
    if problem is None:
        return
    folder = folder_of(database, setting)
    way_out = f"No backup is in {folder}; one from elsewhere is put back by: milepost restore FILE"
    if made := found_in(folder, database.file):
        at, file = max(made.items())
        way_out = f"The newest backup is of {at:%Y-%m-%d %H:%M} UTC; this puts it back: milepost restore {file}"
    raise DatabaseError(f"DATABASE_URL: {database.name} is damaged ({problem}). Nothing was changed. {way_out}")


async def restore(database: Database, backup: Path, migrations: Path, now: datetime) -> Restored:
    """Put the database back to what the backup holds, brought up to date, also while Milepost runs.

    Others see all of the old state or all of the new one. What was there is kept beside it first, damaged or not; of
    that, the new one takes over who was forgotten.
    Raises DatabaseError, with nothing changed, if the backup is not Milepost's or not whole, or nothing can be written.
    """
    live = file_of(database)
    if await asyncio.to_thread(_is_locked_away, live):
        raise DatabaseError(
            f"DATABASE_URL: {database.name} cannot be read and written by this user. Nothing was changed; run this as "
            "the user that Milepost runs as."
        )
    await asyncio.to_thread(_refuse_unfit, backup, migrations)
    fresh = live.with_name(f"{live.name}.restoring")
    try:
        await asyncio.to_thread(_remove, fresh)
        await asyncio.to_thread(_copy, backup, fresh)
        gone = await asyncio.to_thread(_forgotten_in, live)
        since, back = await _bring_up_to_date(fresh, migrations, gone or {}, now)
        safe = await asyncio.to_thread(_keep, live, now)
        await asyncio.to_thread(_put_back, fresh, live)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseError(f"{database.name} could not be put back ({error}). Nothing was changed.") from error
    finally:
        await asyncio.to_thread(_remove, fresh)
    return Restored(since, safe, None if gone is None else back)


def _is_locked_away(live: Path) -> bool:
    """Whether there is a file that this user may not read and write."""
    as_we_are = os.access in os.supports_effective_ids
    return os.path.lexists(live) and not os.access(live, os.R_OK | os.W_OK, effective_ids=as_we_are)


async def _bring_up_to_date(
    fresh: Path, migrations: Path, gone: Mapping[str, datetime], now: datetime
) -> tuple[datetime, int]:
    """Migrate the copy, note in it since when it knows nothing, and forget in it who is `gone`; how many those were."""
    copied = Database(f"sqlite+aiosqlite:///{fresh}")
    try:
        await copied.migrate(migrations)
        since = await copied.write(_noted, now)
        return since, await copied.write(forgetting.forget_again, gone, now)
    finally:
        await copied.close()


def _noted(connection: Connection, now: datetime) -> datetime:
    since = restores.adopt(connection, now)
    if since is None:  # a plain copy, made while Milepost was stopped
        since = restores.last_known(connection, now)
        restores.note(connection, since, now)
    return since


def _forgotten_in(live: Path) -> Mapping[str, datetime] | None:
    """Who was forgotten in that database, by hash, and when; None if it cannot be read any more."""
    if not live.exists():
        return {}
    try:
        with closing(_open(live, "ro")) as opened:
            if not opened.execute("SELECT 1 FROM sqlite_schema WHERE name = 'notes'").fetchone():
                return {}
            return forgetting.read_noted(opened.execute("SELECT platform, key, value FROM notes").fetchall())
    except sqlite3.Error as error:
        log.warning("%s does not tell any more who was forgotten: %s", live, error)
        return None


def _keep(live: Path, now: datetime) -> Path | None:
    """A backup of what is to be replaced, or the very file where it is damaged; None if there is nothing to keep."""
    if not live.exists():
        return None
    safe = live.with_name(f"{live.stem}-before-restore-{now.astimezone(UTC):{_STAMP}}.db")
    try:
        with closing(_open(live, "ro")) as opened:
            is_whole = _problem(opened) is None
            if is_whole and not opened.execute("SELECT 1 FROM sqlite_schema").fetchone():
                return None
            if is_whole and _revision(opened) is None:
                raise DatabaseError(f"DATABASE_URL: {live} holds another program's tables. Nothing was changed.")
    except sqlite3.DatabaseError as error:
        log.debug("%s is kept as it is: %s", live, error)
        is_whole = False
    if is_whole:
        make(live, safe, now)
    else:
        for end in ("", "-wal"):
            if (each := Path(f"{live}{end}")).exists():
                shutil.copy2(each, f"{safe}{end}")
    return safe


def _put_back(fresh: Path, live: Path) -> None:
    """Write it into the file that others have open; where that is no database any more, in its place."""
    try:
        _copy(fresh, live)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        _remove(live)
        fresh.replace(live)


def _refuse_unfit(backup: Path, migrations: Path) -> None:
    """Raises DatabaseError unless the file is a whole database of this Milepost or an older one."""
    known = {each.revision for each in ScriptDirectory(str(migrations)).walk_revisions()}
    try:
        with closing(_open(backup, "ro")) as opened:
            problem = _problem(opened)
            revision = None if problem else _revision(opened)
    except sqlite3.Error as error:
        raise DatabaseError(f"{backup} cannot be restored ({error}). Nothing was changed.") from error
    if problem:
        raise DatabaseError(f"{backup} is damaged ({problem}). Nothing was changed; take an older one.")
    if revision is None:
        raise DatabaseError(f"{backup} is no database of Milepost. Nothing was changed; name one of your backups.")
    if revision not in known:
        raise DatabaseError(
            f"{backup} was written by a newer Milepost (revision {revision}). Nothing was changed; update Milepost."
        )


def _open(file: Path, mode: Literal["ro", "rwc"] = "rwc") -> sqlite3.Connection:
    there = f"file:{quote(str(file.absolute()))}?mode={mode}"
    return sqlite3.connect(there, timeout=BUSY_SECONDS, isolation_level=None, uri=True)


def _copy(source: Path, target: Path) -> None:
    """Copy one state of the source into the target, which others see change at once, and not page after page."""
    with closing(_open(source, "ro")) as one, closing(_open(target)) as other:
        one.execute("BEGIN")  # without a state of its own, the copy would begin anew whenever somebody writes
        one.execute("SELECT 1 FROM sqlite_schema").fetchone()
        one.backup(other, pages=STEP)


def _problem(opened: sqlite3.Connection) -> str | None:
    """What is damaged, in one line, or None. Raises sqlite3.DatabaseError for what is no database at all."""
    try:
        found = str(opened.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        found = str(error)
    return None if found == "ok" else " ".join(found.split())


def _revision(opened: sqlite3.Connection) -> str | None:
    """The revision of Milepost's tables, or None where there are none."""
    if not opened.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchone():
        return None
    row = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _sync(path: Path) -> None:
    """Have what was written reach the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(file: Path) -> None:
    """Remove a file that is half made, and what SQLite keeps beside it."""
    for end in ("", "-journal", "-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
