"""Rows: put in place of an earlier one or only if they are new, and read as what they stand for."""

from collections.abc import Mapping
from inspect import signature
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Dialect, Row, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.chat.platform import Person, Place
from bot.records.tables import accounts, communities, enrolments

T = TypeVar("T")
Insert = postgresql.Insert | sqlite.Insert

PERSON = (accounts.c.platform, accounts.c.foreign_id, accounts.c.name)
"""The columns of a person, as `person_of` reads them."""


def insert_new(dialect: Dialect, table: Table, *key: str) -> Insert:
    """Inserts rows, but for those that have in these columns what one has that is there already."""
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=key)


def add_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Keep a new row, and return its id."""
    return int(connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


def put_row(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any],
    again: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Have the row with that unique key hold these values; or `again`, if given, where there is such a row already."""
    statement = _insert(connection.dialect, table).values(**key, **values)
    changed = dict(values if again is None else again)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))


def _insert(dialect: Dialect, table: Table) -> Insert:
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


def person_of(row: Row[*tuple[Any, ...]]) -> Person:
    """The person whose account's columns are in the row."""
    return Person(platform=row.platform, id=row.foreign_id, name=row.name)


def channel_of(row: Row[*tuple[Any, ...]]) -> Place:
    """The channel in the row, which holds its community's columns, too."""
    return Place(platform=row.platform, community=row.foreign_id, channel=row.channel, name=row.name)


def is_account(platform: str, foreign_id: str) -> ColumnElement[bool]:
    """Whether an account is the one that the platform calls so."""
    return (accounts.c.platform == platform) & (accounts.c.foreign_id == foreign_id)


def is_community(platform: str, foreign_id: str) -> ColumnElement[bool]:
    """Whether a community is the one that the platform calls so."""
    return (communities.c.platform == platform) & (communities.c.foreign_id == foreign_id)


def is_in(cohort_id: int) -> ColumnElement[bool]:
    """Whether an enrolment is in that cohort, and not over."""
    return (enrolments.c.cohort_id == cohort_id) & enrolments.c.left_at.is_(None)


def name_of(member: ColumnElement[int]) -> ColumnElement[str]:
    """What people call the member: the name of their oldest account."""
    names = select(accounts.c.name).where(accounts.c.member_id == member).order_by(accounts.c.id).limit(1)
    return names.scalar_subquery()


class Listed(Generic[T]):
    """How a column of JSON holds a dataclass: as the list of its fields.

    What was kept before a field was added has its default.
    """

    def __init__(self, of: type[T]) -> None:
        self._fields = tuple(signature(of).parameters)
        self._adapter = TypeAdapter(of)

    def kept(self, value: T) -> list[Any]:
        """The value as JSON holds it."""
        return list(self._adapter.dump_python(value, mode="json").values())

    def read(self, kept: list[Any]) -> T:
        """The value that JSON holds."""
        return self._adapter.validate_python(dict(zip(self._fields, kept, strict=False)))
