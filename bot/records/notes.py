"""A platform's own small notes, kept apart from those of other platforms."""

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.records.tables import notes


def get(connection: Connection, platform: str, key: str) -> str | None:
    """The note, or None."""
    mine = (notes.c.platform == platform) & (notes.c.key == key)
    return connection.execute(select(notes.c.value).where(mine)).scalar()


def put(connection: Connection, platform: str, key: str, value: str) -> None:
    """Keep the note, in place of an older one."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(notes).values(platform=platform, key=key, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["platform", "key"], set_={"value": value, "until": None})
    )


def put_once(connection: Connection, platform: str, key: str, until: datetime, now: datetime) -> bool:
    """Whether the key is new; it is forgotten after `until`."""
    connection.execute(delete(notes).where(notes.c.until < now))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(notes).values(platform=platform, key=key, value="", until=until)
    return connection.execute(statement.on_conflict_do_nothing()).rowcount == 1


def forget(connection: Connection, platform: str, key: str) -> None:
    """Forget the note, if there is one."""
    connection.execute(delete(notes).where(notes.c.platform == platform, notes.c.key == key))
