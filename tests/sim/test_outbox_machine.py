"""The outbox, driven by hypothesis: whatever is done in whatever order, each post is seen once and comes to an end."""

import os
import sqlite3
from datetime import datetime

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, Row, select

from bot.records import homes, posts, restores
from bot.records.posts import Kind
from bot.records.tables import outbox
from tests.sim.season import CALM, ENDS, HELLO, open_cohort, out_of_order
from tests.sim.street import FATES, Fate
from tests.sim.world import World, heard

PROCESSES, PLACES = 2, 2
EXAMPLES, STEPS = (500, 50) if os.environ.get("HYPOTHESIS_PROFILE") == "storm" else (20, 30)

which = st.integers(0, PROCESSES - 1)
places = st.integers(1, PLACES)


class Posts(RuleBasedStateMachine):
    """Facilitators, machines and operators at work; the world between two of their acts is calm but for its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(0, PROCESSES, open_cohort)
        self.put: dict[str, tuple[Kind, int, datetime]] = {}  # by key: kind, place, and when it was due
        self.again: set[str] = set()  # what a facilitator had posted later than it was due
        self.removed = False
        self.has_jumped = False
        self.backup: tuple[datetime, sqlite3.Connection] | None = None
        self._heard = heard(self.world)
        self._heard.__enter__()

    # ---- What people do ---------------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(("milestone", "checkin", "announcement")), place=places)
    def put_a_post(self, kind: Kind, place: int) -> None:
        """It is due now; on a clock that was set back no earlier than what may be there already, as in a calendar."""
        before = [due_at for *where, due_at in self.put.values() if where == [kind, place]]
        self._put(f"{kind}:{len(self.put) + 1}", kind, place, max([self.world.wall_now(), *before]))

    def _put(self, key: str, kind: Kind, place: int, due_at: datetime) -> None:
        self.put[key] = kind, place, due_at
        self.world.transact(posts.put, key, kind, 1, place, due_at, HELLO)

    @precondition(lambda self: not self.removed)
    @rule()
    def cancel_what_waits_for_a_place(self) -> None:
        self.removed = self.world.transact(homes.remove, PLACES, self.world.wall_now())

    @rule()
    def decide_what_is_unknown(self) -> None:
        for row in self.rows():
            if row.state == "unknown":
                is_there = self.world.platform.seen[row.key] > 0
                self.again |= {row.key} - ({row.key} if is_there else set())
                self.world.transact(posts.decide, row.id, "sent" if is_there else "pending", self.world.wall_now())

    # ---- What machines do -------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from((0.3, 2.0, 10.0, 50.0, 300.0, 2000.0)))
    def let_time_pass(self, seconds: float) -> None:
        self.world.run(seconds)

    @rule(fate=st.sampled_from(FATES))
    def decide_the_fate_of_the_next_request(self, fate: Fate) -> None:
        self.world.fates.append(fate)

    @rule()
    def refuse_the_next_look(self) -> None:
        self.world.blinded += 1

    @rule(number=which)
    def kill(self, number: int) -> None:
        self.world.restart(self.world.processes[number])

    @rule(number=which, seconds=st.sampled_from((30.0, 100.0, 5000.0)))
    def freeze(self, number: int, seconds: float) -> None:
        self.world.processes[number].freeze_for(seconds)

    @rule(seconds=st.sampled_from((-3600.0, -60.0, 60.0, 3600.0)))
    def set_the_clock(self, seconds: float) -> None:
        self.has_jumped = True
        self.world.jump(seconds)

    # ---- What operators do ------------------------------------------------------------------------------------------

    @rule()
    def back_up(self) -> None:
        if self.backup is not None:
            self.backup[1].close()
        self.backup = self.world.wall_now(), sqlite3.connect(":memory:")
        self.world.copy(self.backup[1])

    @precondition(lambda self: self.backup is not None and not self.has_jumped)
    @rule()
    def restore(self) -> None:
        """What was put since comes again, as the calendar puts it: with its key and the day that it was due."""
        assert self.backup is not None
        since, copy = self.backup
        self.world.copy(copy, back=True)
        self.world.transact(restores.note, since, self.world.wall_now())
        for key, (kind, place, due_at) in self.put.items():
            self._put(key, kind, place, due_at)

    # ---- What holds -------------------------------------------------------------------------------------------------

    def rows(self) -> list[Row[tuple[object, ...]]]:
        return self.world.transact(_rows)

    @invariant()
    def each_post_is_seen_once(self) -> None:
        assert {key: times for key, times in self.world.platform.seen.items() if times > 1} == {}

    @invariant()
    def what_counts_as_sent_is_there(self) -> None:
        assert [
            each.key for each in self.rows() if each.state == "sent" and not self.world.platform.seen[each.key]
        ] == []

    def teardown(self) -> None:
        """In the end every post has an end, and each place saw its posts in order."""
        try:
            self.world.fates, self.world.blinded = [], 0
            self.world.run(CALM)
            self.world.end()
            self.each_post_is_seen_once()
            assert [each.key for each in self.rows() if each.state not in ENDS] == []
            rank = {each.key: (each.due_at, each.id) for each in self.rows() if each.key not in self.again}
            assert out_of_order(self.world, rank) == []
            assert self.world.troubles == []
        finally:
            self._heard.__exit__(None, None, None)


def _rows(connection: Connection) -> list[Row[tuple[object, ...]]]:
    return list(connection.execute(select(outbox).order_by(outbox.c.id)).all())


TestPosts = Posts.TestCase
TestPosts.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
)
