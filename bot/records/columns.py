"""What tables are made of: instants, kept as microseconds since 1970 UTC; ids, and references to them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """The aware instant as it is kept."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant_of(micros: int) -> datetime:
    """The kept instant as aware UTC."""
    return _EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 UTC: the same on SQLite and PostgreSQL, and sortable."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """Refuses a datetime without a zone: it would name a different instant on every machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; an instant is aware UTC")
        return micros(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        """Always aware UTC."""
        return None if value is None else instant_of(value)


def id_column() -> Column[int]:
    """A table's own id."""
    return Column("id", Integer, primary_key=True)


def reference(column: str, table: str, *, primary_key: bool = False) -> Column[int]:
    """A column that names a row of the other table, and goes with it."""
    of = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(column, Integer, of, nullable=False, primary_key=primary_key)
