"""What is due is put page by page: each row once, with its own dates, whatever is wrong with its neighbours."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import Connection, Engine, create_engine, delete, event, insert, select, update
from sqlalchemy.util import await_only

from bot.delivery import due
from bot.delivery.calendar import WEEKLY, Calendar
from bot.delivery.due import Putting
from bot.delivery.schedule import LATEST, POSTPONED
from bot.records import claims, cohorts, live, posts, projections, soonest
from bot.records.cohorts import Cohort
from bot.records.database import Database
from bot.records.due import APART
from bot.records.lanes import LANES
from bot.records.posts import Kind
from bot.records.tables import cohort_places, communities, metadata, outbox, schedule
from bot.records.tables import cohorts as cohorts_table
from tests.postgres import Postgres
from tests.town import MONDAY

NINE = MONDAY + timedelta(hours=1)
WEEKS = 6


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A connection to a database of its own, in a transaction that ends with the test."""
    engine = create_engine(f"sqlite:///{tmp_path / 'due.db'}")
    metadata.create_all(engine)
    with _in_transaction(engine) as connection:
        yield connection
    engine.dispose()


def _in_transaction(engine: Engine) -> Connection:
    event.listen(engine, "connect", lambda raw, _record: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine.connect()


def crowd(connection: Connection, *each_with: dict[str, Any]) -> list[Cohort]:
    """A cohort for each of these settings, with a place; all of its posts come from the first step on."""
    for table in (outbox, schedule, cohort_places, cohorts_table, communities):
        connection.execute(delete(table))
    connection.execute(insert(communities).values(id=1, platform="square", foreign_id="town"))
    for n, given_settings in enumerate(each_with, start=1):
        usual = {
            "curriculum": "deep-learning", "version": "1", "start_on": date(2027, 1, 4), "zone": "UTC", "weekday": 0,
            "at": time(9), "pace": "middle", "language": "en", "created_at": MONDAY, "mark": "",
        }  # fmt: skip
        connection.execute(
            insert(cohorts_table).values({**usual, **given_settings, "id": n, "community_id": 1, "name": f"Cohort {n}"})
        )
        connection.execute(
            insert(cohort_places).values(id=n, cohort_id=n, community_id=1, channel=f"{n}", name=f"#{n}")
        )
    made = [cohorts.get(connection, n) for n in range(1, len(each_with) + 1)]
    for cohort in made:
        for kind in WEEKLY:
            posts.plan(connection, cohort.id, kind, 1, Calendar.of(cohort).due_at(kind, 1))
    return made


def put_all(connection: Connection, now: datetime) -> None:
    putting, last = Putting(now, lambda cohort: WEEKS), None
    while last := putting.page(connection, last):
        pass


def waiting(connection: Connection) -> dict[str, datetime]:
    """When the posts in the outbox were due, by their keys."""
    return {row.key: row.due_at for row in connection.execute(select(outbox))}


def coming(connection: Connection) -> dict[tuple[int, str], tuple[int, datetime | None]]:
    return {(row.cohort_id, row.kind): (row.next_step, row.next_due_at) for row in connection.execute(select(schedule))}


def owed(cohort: Cohort, now: datetime) -> dict[str, datetime]:
    """What is due by the cohort's calendar and not too late, worked out for it alone."""
    calendar = Calendar.of(cohort)
    dates = [(kind, step, calendar.due_at(kind, step)) for kind in WEEKLY for step in range(1, WEEKS + 1)]
    return {
        f"c{cohort.id}:{kind}:{calendar.slot(kind, step)}:{cohort.id}": at
        for kind, step, at in dates
        if at and now - LATEST[kind] <= at <= now
    }


def ahead(cohort: Cohort, kind: Kind, now: datetime) -> tuple[int, datetime | None]:
    """What of the kind comes next by the cohort's calendar."""
    dates = ((step, Calendar.of(cohort).due_at(kind, step)) for step in range(1, WEEKS + 1))
    return next(((step, at) for step, at in dates if at and at > now), (WEEKS + 1, None))


SETTINGS = some.fixed_dictionaries(
    {},
    optional={
        "start_on": some.dates(date(2026, 11, 20), date(2027, 1, 20)),
        "zone": some.sampled_from(["Asia/Seoul", "America/New_York"]),
        "weekday": some.integers(0, 6),
        "at": some.sampled_from([time(9), time(17)]),
        "language": some.just("ko"),
    },
)


@settings(max_examples=20)
@given(
    some.lists(SETTINGS, min_size=1, max_size=5), some.integers(1, 7), some.integers(1, 9), some.integers(0, 60 * 24)
)
def test_every_row_is_put_once_with_its_own_dates_however_the_pages_fall(
    cohorts_settings: list[dict[str, Any]], page: int, remembered: int, hours: int
) -> None:
    engine = create_engine("sqlite://")
    with pytest.MonkeyPatch.context() as patch, _in_transaction(engine) as connection:
        metadata.create_all(connection)
        patch.setattr(due, "PAGE", page)
        patch.setattr(due, "MOST_REMEMBERED", remembered)
        now = MONDAY + timedelta(hours=hours)
        made = crowd(connection, *cohorts_settings)
        put_all(connection, now)
        assert waiting(connection) == {key: at for cohort in made for key, at in owed(cohort, now).items()}
        assert coming(connection) == {(cohort.id, kind): ahead(cohort, kind, now) for cohort in made for kind in WEEKLY}
    engine.dispose()


@pytest.mark.parametrize("bad", [{1}, {7}, {3, 4}, {1, 2, 3, 4, 5, 6, 7}])
def test_a_page_with_rows_that_cannot_be_put_puts_all_the_others(connection: Connection, bad: set[int]) -> None:
    crowd(connection, *[{}] * 7)
    connection.execute(update(cohorts_table).where(cohorts_table.c.id.in_(bad)).values(zone="Mars/Olympus"))
    put_all(connection, NINE)
    assert set(waiting(connection)) == {f"c{n}:milestone:step-1:{n}" for n in range(1, 8) if n not in bad}
    assert {coming(connection)[n, "milestone"] for n in bad} == {(1, NINE + POSTPONED)}


def test_a_row_that_the_database_refuses_does_not_stop_the_others(connection: Connection) -> None:
    crowd(connection, *[{}] * 5)
    refuse = "CREATE TRIGGER refuse BEFORE INSERT ON outbox WHEN NEW.cohort_id = 3 BEGIN SELECT raise(ABORT, 'no'); END"
    connection.exec_driver_sql(refuse)
    put_all(connection, NINE)
    assert set(waiting(connection)) == {f"c{n}:milestone:step-1:{n}" for n in (1, 2, 4, 5)}
    assert coming(connection)[3, "milestone"] == (1, NINE + POSTPONED)


def test_cohorts_of_one_calendar_follow_each_its_own_curriculum(connection: Connection) -> None:
    crowd(connection, {}, {"curriculum": "gone"}, {"curriculum": "short"}, {})
    putting = Putting(NINE, lambda cohort: {"gone": None, "short": 1}.get(cohort.curriculum, WEEKS))
    putting.page(connection)
    assert set(waiting(connection)) == {f"c{n}:milestone:step-1:{n}" for n in (1, 3, 4)}
    assert [coming(connection)[n, "milestone"][0] for n in (1, 2, 3, 4)] == [2, 1, 2, 2]
    assert coming(connection)[2, "milestone"] == (1, NINE + POSTPONED)
    assert coming(connection)[3, "milestone"] == (2, None)


def test_no_plan_depends_on_what_cohorts_that_share_one_may_differ_in() -> None:
    class Watched:
        """A cohort that notes what it is asked for."""

        def __getattribute__(self, name: str) -> object:
            asked.add(name)
            return getattr(cohort, name)

    cohort = Cohort(1, 1, "Deep", "deep-learning", "1", date(2027, 1, 4), ZoneInfo("UTC"), 0, time(9), "middle", "en")
    asked = set[str]()
    Calendar.of(Watched())  # type: ignore[arg-type]
    assert asked
    assert not asked & APART


def test_a_cohort_without_a_place_moves_on(connection: Connection) -> None:
    crowd(connection, {}, {})
    connection.execute(update(cohort_places).where(cohort_places.c.id == 1).values(lost_because="deleted"))
    put_all(connection, NINE)
    assert set(waiting(connection)) == {"c2:milestone:step-1:2"}
    assert coming(connection)[1, "milestone"] == coming(connection)[2, "milestone"]


def test_every_place_of_a_cohort_gets_the_post(connection: Connection) -> None:
    crowd(connection, {}, {})
    connection.execute(insert(communities).values(id=2, platform="circle", foreign_id="village"))
    connection.execute(insert(cohort_places).values(id=9, cohort_id=1, community_id=2, channel="x", name="#x"))
    put_all(connection, NINE)
    assert {row.key: row.platform for row in connection.execute(select(outbox))} == {
        "c1:milestone:step-1:1": "square", "c1:milestone:step-1:9": "circle", "c2:milestone:step-1:2": "square",
    }  # fmt: skip


def test_what_is_put_already_is_not_put_again(connection: Connection) -> None:
    crowd(connection, {})
    put_all(connection, NINE)
    connection.execute(update(outbox).values(state="sent"))
    posts.plan(connection, 1, "milestone", 1, NINE)
    put_all(connection, NINE)
    assert connection.execute(select(outbox.c.state)).scalars().all() == ["sent"]


VERBS: dict[str, Callable[[Connection], object]] = {
    "claim": lambda connection: claims.claim(connection, NINE, "fence", timedelta(minutes=1), "square", LANES[1]),
    "claim elsewhere": lambda connection: claims.claim(connection, NINE, "fence", timedelta(minutes=1), "o", LANES[1]),
    "what comes next": lambda connection: soonest.next_due_at(connection, ("square",)),
    "edit": lambda connection: live.claim(connection, NINE, "fence", timedelta(minutes=1), "square"),
    "projection": lambda connection: projections.due(connection, NINE, ("square",)),
    "page": lambda connection: Putting(NINE, lambda cohort: WEEKS).page(connection),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_the_next_of_many_is_found_as_soon_as_the_next_of_few(
    connection: Connection, verb: Callable[[Connection], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "CROWD", 5)
    taken = []
    for cohorts_made in (10, 100):
        crowd(connection, *[{}] * cohorts_made)
        put_all(connection, NINE)
        taken.append(steps(connection, verb))
    few, many = taken
    assert many < few * 1.5


def test_a_claim_takes_no_longer_however_many_posts_wait_for_another_at_their_place(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "CROWD", 5)
    taken = []
    for waiting_there in (20, 400):
        crowd(connection, {})
        for n in range(waiting_there):
            posts.put(connection, f"post-{n}", "milestone", 1, 1, NINE, {})
        first = update(outbox).where(outbox.c.key == "post-0")
        connection.execute(first.values(ready_at=NINE + timedelta(minutes=1)))
        taken.append(steps(connection, VERBS["claim"]))
    few, many = taken
    assert many < few * 1.5


def steps(connection: Connection, verb: Callable[[Connection], object]) -> int:
    """How many instructions SQLite needs for the verb."""
    taken = list[None]()
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.set_progress_handler(lambda: taken.append(None), 1)
    verb(connection)
    raw.set_progress_handler(None, 0)
    return len(taken)


async def test_of_processes_that_share_a_server_one_at_a_time_puts_what_is_due_and_each_once(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "PAGE", 2)
    url = postgres.database()
    one, other = Database(url), Database(url)
    await one.write(crowd, {}, {}, {}, {})
    has_put, may_end = asyncio.Event(), asyncio.Event()

    def slowly(connection: Connection) -> None:
        Putting(NINE, lambda cohort: WEEKS).page(connection)
        has_put.set()
        await_only(may_end.wait())

    slow = asyncio.create_task(one.write(slowly))
    await has_put.wait()
    await other.write(put_all, NINE)
    assert await other.read(waiting) == {}
    may_end.set()
    await slow
    assert len(await other.read(waiting)) == 2
    await other.write(put_all, NINE)
    assert len(await other.read(waiting)) == 4
    for each in (one, other):
        await each.close()
    postgres.drop(url)
