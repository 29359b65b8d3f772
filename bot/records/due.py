"""What is due, read and written a page at a time, with every value as the database keeps it.

These rows go past what SQLAlchemy does for each value: that costs several times SQLite's own work on the row
(`tests/bench/due.py`). The statements are SQLAlchemy's all the same: the tables name the columns, for both databases.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    ClauseElement,
    Connection,
    Dialect,
    Integer,
    String,
    Text,
    Update,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.compiler import SQLCompiler

from bot.records.posts import Kind
from bot.records.rows import Insert, insert_new
from bot.records.tables import cohort_places, cohorts, communities, outbox, schedule

# What a cohort's calendar does not depend on. A column that comes new counts as part of it until it is named here.
APART = {
    "id", "community_id", "name", "language", "created_at", "mark", "revision", "passes", "has_digest", "capacity",
    "archived_at",
    "meeting_weekday", "meeting_at", "meeting_minutes", "meeting_where",
}  # fmt: skip


PUTTING = 0x4D494C4550555453  # the advisory lock of whoever puts what is due


class DueRow(NamedTuple):
    """A schedule row that is due: which step of its kind comes next, and when, in microseconds since 1970 UTC.

    `mark` and `settings` are its cohort's; with equal settings, all dates are equal. `places` are those that its posts
    can go to, each with its platform, and since when it gets what falls due, if not from the beginning.
    """

    next_due_at: int
    cohort_id: int
    kind: Kind
    next_step: int
    mark: str
    settings: tuple[Any, ...]
    places: tuple[tuple[int, str, int | None], ...]


# As text, since a server's driver reads JSON by itself, and lists cannot be compared by their hash.
_settings = [cast(each, Text) if isinstance(each.type, JSON) else each for each in cohorts.c if each.name not in APART]
_order = (schedule.c.next_due_at, schedule.c.cohort_id, schedule.c.kind)
_last = tuple_(
    bindparam("last_at", type_=BigInteger),
    bindparam("last_cohort", type_=Integer),
    bindparam("last_kind", type_=String),
)
_page = (
    select(schedule)
    .where(schedule.c.next_due_at <= bindparam("now", type_=BigInteger), tuple_(*_order) > _last)
    .order_by(*_order)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .subquery()
)
_READ = (
    select(
        _page.c.next_due_at, _page.c.cohort_id, _page.c.kind, _page.c.next_step, cohorts.c.mark,
        cohort_places.c.id, communities.c.platform, cohort_places.c.joined_at, *_settings,
    )
    .select_from(
        _page.join(cohorts, cohorts.c.id == _page.c.cohort_id)
        .outerjoin(
            cohort_places,
            (cohort_places.c.cohort_id == _page.c.cohort_id)
            & cohort_places.c.left_at.is_(None) & cohort_places.c.lost_because.is_(None),
        )
        .outerjoin(communities, communities.c.id == cohort_places.c.community_id)
    )
    .order_by(_page.c.next_due_at, _page.c.cohort_id, _page.c.kind, cohort_places.c.id)
)  # fmt: skip
_MOVE = (
    update(schedule)
    .where(schedule.c.cohort_id == bindparam("of"), schedule.c.kind == bindparam("which"))
    .values(next_step=bindparam("step"), next_due_at=bindparam("at", type_=BigInteger))
)


def is_alone(connection: Connection) -> bool:
    """Whether nobody else puts what is due until this transaction ends. A SQLite file has one writer anyway."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.execute(select(func.pg_try_advisory_xact_lock(PUTTING))).scalar())


def read_page(connection: Connection, now: int, most: int, after: DueRow | None) -> list[DueRow]:
    """A page of the rows that are due, the longest waiting first; it begins `after` the last one of another."""
    last_at, last_cohort, last_kind = after[:3] if after else (0, 0, "")
    values = {"now": now, "most": most, "last_at": last_at, "last_cohort": last_cohort, "last_kind": last_kind}
    compiled = _compiled(_READ, connection.dialect)
    rows = connection.exec_driver_sql(str(compiled), _in_order(compiled)(compiled.construct_params(values))).all()
    page = []
    for _, group in groupby(rows, itemgetter(1, 2)):
        same = list(group)
        first = same[0]
        places = tuple(row[5:8] for row in same if row[5] is not None)
        page.append(DueRow._make((*first[:5], first[8:], places)))
    return page


def put(connection: Connection, posts: Sequence[Mapping[str, Any]]) -> None:
    """Put all of these posts into the outbox but for those whose key is there already.

    Each has a `key`, `kind`, `cohort_id`, `place_id`, `platform`, `due_at` (microseconds) and `payload` (JSON).
    """
    _write(connection, _putting(connection.dialect), posts)


def move_on(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set what comes next: for the row of the cohort `of` and the kind `which`, the `step`, and when (`at`).

    That is in microseconds, or None when the season holds no more of the kind.
    """
    _write(connection, _MOVE, rows)


@lru_cache
def _putting(dialect: Dialect) -> Insert:
    given = ("key", "kind", "cohort_id", "place_id", "platform", "due_at", "payload")
    values: dict[str, Any] = {name: bindparam(name, type_=outbox.c[name].type) for name in given}
    values |= {"ready_at": values["due_at"], "state": literal_column("'pending'"), "attempt": literal_column("0")}
    return insert_new(dialect, outbox, "key").inline().values(values)


def _write(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        compiled = _compiled(statement, connection.dialect)
        connection.exec_driver_sql(str(compiled), list(map(_in_order(compiled), rows)))


@lru_cache(maxsize=8)
def _compiled(statement: ClauseElement, dialect: Dialect) -> SQLCompiler:
    return dialect.statement_compiler(dialect, statement)


def _in_order(compiled: SQLCompiler) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """What brings the values into the order in which the driver takes them."""
    return itemgetter(*compiled.positiontup or ())
