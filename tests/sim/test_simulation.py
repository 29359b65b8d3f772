"""Seeded runs of the real sender, in which processes die and freeze, clocks jump and answers are lost."""

import os
import sqlite3
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from bot.records import posts, restores
from tests.sim.season import CALM, HELLO, open_cohort, simulate
from tests.sim.world import START, World

STORMS = os.environ.get("HYPOTHESIS_PROFILE") == "storm"
SEEDS = 20_000 if STORMS else 1_000
PARTS = 8
LONGEST = 3600.0 if STORMS else 4.0  # seconds of processor time for a part; seeds beyond that are left out


@pytest.mark.parametrize("part", range(PARTS))
def test_every_post_is_seen_once_whatever_goes_wrong(part: int) -> None:
    began, done = time.process_time(), 0
    for seed in range(part, SEEDS, PARTS):
        verdict = simulate(seed)
        assert verdict.is_good, f"{verdict}\nTo see it happen: python -m tests.sim.season {seed}"
        done += 1
        if time.process_time() - began > LONGEST:
            break
    print(
        f"{done} of {len(range(part, SEEDS, PARTS))} seeds ran, {time.process_time() - began:.1f} s of processor time"
    )


def test_a_seed_runs_the_same_way_every_time() -> None:
    first: list[str] = []
    second: list[str] = []
    assert simulate(3, first) == simulate(3, second)
    assert first == second
    assert any("is killed" in each for each in first)


def _one_post(connection: Connection) -> None:
    open_cohort(connection)
    posts.put(connection, "announcement:1", "announcement", 1, 1, START, HELLO)


def test_an_attempt_after_a_decision_is_waited_for_though_the_one_before_it_was_known_for_long() -> None:
    world = World(0, 2, _one_post)
    knows, tries = world.processes
    tries.frozen_until = 500
    world.fates, world.blinded = ["lost", "late"], 1
    world.run(400)  # the first is lost and cannot be looked for
    assert world.transact(posts.decide, 1, "pending", world.wall_now())
    knows.frozen_until, tries.frozen_until = 409, 400
    world.run(8)  # another process tries again, and dies while its request is on the way
    assert world.fates == []
    world.restart(tries)
    world.jump(3600)  # its lease is over at once
    world.run(CALM)
    world.end()
    assert world.platform.seen == {"announcement:1": 1}


def _a_post_now_and_one_later(connection: Connection) -> None:
    _one_post(connection)
    posts.put(connection, "announcement:2", "announcement", 1, 2, START + timedelta(seconds=300), HELLO)


def test_what_is_under_way_at_a_restore_is_waited_for_though_it_is_not_the_first_one() -> None:
    """Both while one process runs. It knows for long that what was before the first one is over."""
    world = World(0, 1, _a_post_now_and_one_later)
    first = _backed_up(world)
    world.run(20)
    _restore(world, first)
    world.run(270)
    second = _backed_up(world)
    world.fates = ["late"]
    world.run(16)
    assert world.fates == []  # the second post is on its way
    _restore(world, second)
    world.run(CALM)
    world.end()
    assert world.platform.seen == {"announcement:1": 1, "announcement:2": 1}


def _backed_up(world: World) -> tuple[datetime, sqlite3.Connection]:
    made = world.wall_now(), sqlite3.connect(":memory:")
    world.copy(made[1])
    return made


def _restore(world: World, backup: tuple[datetime, sqlite3.Connection]) -> None:
    since, copy = backup
    world.copy(copy, back=True)
    world.transact(restores.note, since, world.wall_now())
