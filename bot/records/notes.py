"""A platform's own small notes, kept apart from those of other platforms."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from bot.records.rows import put_row
from bot.records.tables import notes


def get(connection: Connection, platform: str, key: str, now: datetime) -> str | None:
    """The note, or None."""
    mine = (notes.c.platform == platform) & (notes.c.key == key) & (notes.c.until.is_(None) | (notes.c.until >= now))
    return connection.execute(select(notes.c.value).where(mine)).scalar()


def put(connection: Connection, platform: str, key: str, value: str, until: datetime | None = None) -> None:
    """Keep the note, in place of an older one; it is forgotten after `until`, if that is given."""
    put_row(connection, notes, {"platform": platform, "key": key}, {"value": value, "until": until})


def forget(connection: Connection, platform: str, key: str) -> None:
    """Forget the note, if there is one."""
    connection.execute(delete(notes).where(notes.c.platform == platform, notes.c.key == key))


def forget_old(connection: Connection, now: datetime) -> None:
    """Forget the notes of every platform whose time is over."""
    connection.execute(delete(notes).where(notes.c.until < now))
