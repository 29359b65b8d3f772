"""What every test may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.curriculum.load import Curricula, load_all
from bot.shipped import shipped
from tests.town import Town, open_town


@pytest.fixture(scope="session")
def curricula() -> Curricula:
    """The curricula that Milepost ships."""
    return load_all(shipped("curriculum"))


@pytest.fixture
async def town(tmp_path: Path, curricula: Curricula) -> AsyncIterator[Town]:
    """An empty town, on a Monday morning."""
    made = await open_town(tmp_path, curricula=curricula)
    yield made
    await made.rooms.records.close()


@pytest.fixture
async def study_town(town: Town) -> Town:
    """A town with one cohort, "Deep", whose first milestone is an hour away, and Ada in it."""
    await town.say("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04", expect="Deep is ready")
    await town.say("ada: /join", expect="Welcome to Deep!")
    return town
