"""The one database of the simulation, in memory, and what a look at it tells."""

import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from bot.delivery import announcing, handover
from bot.delivery.due import Putting
from bot.delivery.sending import Timing
from bot.records import claims, live
from bot.records.lanes import LANES, Lane
from bot.records.tables import metadata

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEASE = Timing().lease
LOOKS_ANYWAY = 0.02  # how often a verb that looks for work is run where it seems to find none


@dataclass(frozen=True)
class Outlook:
    """What waits in the outbox: by lane, the wall clock's instants at which somebody may take the next post of a place,
    and the ends of leases among them.

    It spares most of the looks that find nothing, which cost as much as all the others; some are taken all the same.
    """

    ready_at: Mapping[Lane | None, Sequence[datetime]]
    leased_until: Mapping[Lane | None, Sequence[datetime]]

    @classmethod
    def of(cls, raw: sqlite3.Connection) -> "Outlook":
        """As it stands. No lane is for posts that are to be brought up to date."""
        seen: set[tuple[int, Lane]] = set()
        ready_at: dict[Lane | None, list[datetime]] = {}
        leased_until: dict[Lane | None, list[datetime]] = {}
        for place, kind, state, micros in raw.execute(_OPEN):
            lane = _LANE_OF[kind]
            if (place, lane) in seen:
                continue
            seen.add((place, lane))
            at = EPOCH + timedelta(microseconds=micros)
            ready_at.setdefault(lane, []).append(at)
            if state == "sending":
                leased_until.setdefault(lane, []).append(at)
        (marked,) = raw.execute("SELECT min(refresh_at) FROM outbox").fetchone()
        if marked is not None:
            ready_at[None] = [EPOCH + timedelta(microseconds=marked)]
        return cls(ready_at, leased_until)

    @property
    def next_at(self) -> datetime | None:
        """When there is anything to do; None if nothing is left."""
        return min(chain.from_iterable(self.ready_at.values()), default=None)

    def finds_nothing(self, verb: Callable[..., object], args: Sequence[Any], chance: random.Random) -> bool:
        """Whether the verb looks for work, and is not to be run since it would find none."""
        if looks_at_the_schedule(verb):
            return True
        if verb not in (claims.claim, live.claim):
            return False
        lane = args[-1] if verb is claims.claim else None
        waiting = self.ready_at.get(lane, ())
        now: datetime = args[0]
        # A lease from the future is free to be taken, so whoever holds one for longer than a lease is looked at.
        is_idle = all(now < each for each in waiting)
        is_idle = is_idle and all(each <= now + LEASE for each in self.leased_until.get(lane, ()))
        return is_idle and (not waiting or chance.random() > LOOKS_ANYWAY)


def looks_at_the_schedule(verb: Callable[..., object]) -> bool:
    """Whether the verb puts what calendars hold, somebody scheduled or a checklist asks for: here, nothing."""
    return getattr(verb, "__func__", verb) in (Putting.page, announcing.put_due, handover.put_due)


_LANE_OF: dict[str, Lane] = {kind: lane for lane in LANES for kind in lane.kinds}
_OPEN = "SELECT place_id, kind, state, ready_at FROM outbox WHERE state IN ('pending', 'sending') ORDER BY due_at, id"


@lru_cache(maxsize=1)
def _way_in() -> Connection:
    """The way into the one database that every run has in its turn: to make it takes longer than to run a seed."""
    used = sqlite3.connect(":memory:", isolation_level=None)
    engine = create_engine("sqlite+pysqlite://", creator=lambda: used, poolclass=StaticPool)
    metadata.create_all(engine)
    return engine.connect()


@contextmanager
def transaction(way_in: Connection) -> Iterator[None]:
    """Begin, as the product does, and keep what was done if nothing is raised. No event tells of it: those are slow."""
    with way_in.begin():
        way_in.exec_driver_sql("BEGIN IMMEDIATE")
        yield


@cache
def _prepared(prepare: Callable[[Connection], object]) -> sqlite3.Connection:
    """A database that holds what `prepare` put there, to be copied from."""
    way_in, made = _way_in(), sqlite3.connect(":memory:")
    with transaction(way_in):
        for table in reversed(metadata.sorted_tables):
            way_in.execute(table.delete())
        prepare(way_in)
    way_in.connection.backup(made)
    return made


def fresh_database(prepare: Callable[[Connection], object]) -> Connection:
    """The way into the database, which holds what `prepare` puts there, and nothing of the run before."""
    way_in = _way_in()
    _prepared(prepare).backup(way_in.connection.dbapi_connection)  # type: ignore[arg-type]  # it is SQLite's own
    return way_in
