"""Seeded runs of the real sender, in which processes die and freeze, clocks jump and answers are lost."""

import os
import time

import pytest

from tests.sim.season import simulate

STORMS = os.environ.get("HYPOTHESIS_PROFILE") == "storm"
SEEDS = 20_000 if STORMS else 1_000
PARTS = 8
LONGEST = 3600.0 if STORMS else 8.0  # seconds of processor time for a part; seeds beyond that are left out


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
