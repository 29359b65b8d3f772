"""Off for weeks, then started: what is still worth saying is said in order, once, and nobody is flooded."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.curriculum.load import Curricula
from tests.town import MONDAY, Town, open_town

WEEK = timedelta(weeks=1)


@pytest.fixture
async def back(study_town: Town, tmp_path: Path, curricula: Curricula) -> AsyncIterator[Town]:
    """The study town, stopped after its first week and started again three weeks later, on a Monday at noon."""
    await study_town.pass_time(days=6, hours=23)
    await study_town.rooms.records.close()
    at = MONDAY + 4 * WEEK + timedelta(hours=4)
    again = await open_town(tmp_path, curricula=curricula, at=at, square=study_town.square)
    again.square.told.clear()
    yield again
    await again.rooms.records.close()


def kinds(town: Town) -> list[str]:
    return [each.split(":")[1] for each in town.keys]


async def test_milestones_of_two_weeks_come_in_order_with_one_reminder_at_most(back: Town) -> None:
    await back.pass_time(minutes=10)
    assert back.keys == ["c1:milestone:step-4:1", "c1:reminder:2027-W04:1", "c1:milestone:step-5:1"]


@pytest.mark.parametrize("days", [2, 4.5, 6.5])
async def test_on_whatever_day_it_comes_back_nobody_is_flooded(study_town: Town, days: float) -> None:
    await study_town.pass_time(hours=2)
    study_town.square.told.clear()
    study_town.clock.forward(MONDAY + 3 * WEEK + timedelta(days=days))
    await study_town.pass_time(minutes=10)
    questions = [each for each in kinds(study_town) if each != "milestone"]
    assert [each for each in study_town.keys if ":milestone:" in each] == [f"c1:milestone:step-{n}:1" for n in (3, 4)]
    assert questions == {2: [], 4.5: ["checkin"], 6.5: ["reminder"]}[days]


async def test_it_goes_on_from_there_as_if_nothing_had_been(back: Town) -> None:
    await back.pass_time(weeks=2)
    assert kinds(back)[3:] == ["checkin", "reminder", "milestone", "checkin", "reminder", "milestone"]
    assert len(set(back.keys)) == len(back.keys)


async def test_starting_again_and_again_says_nothing_more(back: Town, tmp_path: Path, curricula: Curricula) -> None:
    await back.pass_time(minutes=10)
    before = list(back.keys)
    for _ in range(3):
        again = await open_town(tmp_path, curricula=curricula, at=back.clock.now(), square=back.square)
        await again.rooms.delivery.tick()
        await again.rooms.records.close()
    assert back.keys == before
