"""What every test may ask for."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings
from playwright.async_api import Browser

from bot.chat.platform import Rejected
from bot.curriculum.load import Curricula, load_all
from bot.pictures.studio import Studio
from bot.records.records import Records
from bot.shipped import shipped
from tests.both_towns import Both, open_both
from tests.browser import Stage, open_browser, open_stage
from tests.discord_town import Guild, open_guild
from tests.playground_pages import Server, open_server
from tests.postgres import Postgres, open_postgres
from tests.slack_town import Office, open_office
from tests.town import Town, open_town

# `HYPOTHESIS_PROFILE=storm` looks harder. The default finds the same every time, and no slow machine fails it.
settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("storm", max_examples=300, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def _unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cohorts are made without the random mark in their keys, so that a test can name a key: `c1:milestone:step-1:1`.

    Programs that a test starts, and a test that takes this back, have marks as everybody else.
    """
    monkeypatch.setattr("bot.records.cohorts.token_hex", lambda size: "")


@pytest.fixture(scope="session")
def curricula() -> Curricula:
    """The curricula that Milepost ships."""
    return load_all(shipped("curriculum"))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all its tables, to be copied: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("migrated") / "town.db"

    async def migrate() -> None:
        records = Records(f"sqlite+aiosqlite:///{file}", durable=False)
        await records.migrate(shipped("migrations"))
        await records.close()

    asyncio.run(migrate())
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; started once, by the first test that wants one."""
    with open_postgres() as made:
        yield made


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that is marked `both_stores` is run on SQLite and on PostgreSQL."""
    if "store" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_stores"):
        metafunc.parametrize("store", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database with all its tables."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path)}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    made = postgres.database()
    yield made
    postgres.drop(made)


@pytest.fixture
async def town(store: str, curricula: Curricula) -> AsyncIterator[Town]:
    """An empty town, on a Monday morning."""
    made = await open_town(store, curricula=curricula)
    yield made
    await made.rooms.records.close()


@pytest.fixture
async def study_town(town: Town) -> Town:
    """A town with one cohort, "Deep", whose first milestone is an hour away, and Ada in it."""
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04", expect="Deep is ready")
    await town.say("ada: /join", expect="Welcome to Deep!")
    return town


@pytest.fixture(scope="module")
def settled(migrated: Path, curricula: Curricula, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a town with the cohort "Quetzal", Ada in it, who has reached a milestone and begun another, the
    post 1, which was refused, the link 1, which she reported, and announcements: the draft 1, 2 that was sent and asks
    who has read it, the template 3, 4 for everyone, and 5 for the Mondays of February but one. The cohort "Past" is
    archived.
    """
    folder = tmp_path_factory.mktemp("settled")
    file = Path(shutil.copy(migrated, folder))

    async def settle() -> None:
        town = await open_town(folder, curricula=curricula)
        await town.start("grace: /cohort create Quetzal curriculum:deep-learning start:2027-01-04")
        await town.say("ada: /join")
        for task in ("recode-least-squares", "check-least-squares", "command-line-basics"):
            await town.say(f"ada: /done {task}")
        await town.say("grace: /announce text:secret")
        await town.say("ada: /share resource deep-learning-book")
        town.square.failures = [Rejected("refused")]
        await town.pass_time(minutes=30)
        await town.say("ada: /report link deep-learning-book")
        await town.say("grace: /announce text:secret")
        await town.say("grace: /announcement edit draft:2 text:secret asks:yes")
        await town.say("grace: /announcement send draft:2")
        await town.say("grace: /announcement keep draft:2 name:secret")
        await town.say("grace: /announce text:secret notify:everyone")
        await town.say("grace: /announce text:secret")
        await town.say("grace: /announcement schedule draft:5 on:2027-02-01 time:09:00 until:2027-03-01")
        await town.say("grace: /announcement skip draft:5 on:2027-02-08")
        await town.start("grace: /cohort create Past curriculum:english-emails start:2026-01-05", channel="past")
        await town.say("grace: /cohort archive Past sure:yes")
        await town.rooms.delivery.tick()
        await town.rooms.records.close()

    with pytest.MonkeyPatch.context() as patch:  # a cohort's key is the same every time
        patch.setattr("bot.records.cohorts.token_hex", lambda size: "")
        asyncio.run(settle())
    return file


@pytest.fixture
async def quetzal(settled: Path, tmp_path: Path, curricula: Curricula) -> AsyncIterator[Town]:
    """The town of "Quetzal", for one test to do with as it likes."""
    shutil.copy(settled, tmp_path)
    town = await open_town(tmp_path, curricula=curricula)
    yield town
    await town.rooms.records.close()


@pytest.fixture
async def guild(
    migrated: Path, tmp_path: Path, curricula: Curricula, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Guild]:
    """A server on Discord with nothing in it yet, on a Monday morning."""
    async with open_guild(tmp_path, migrated, curricula, monkeypatch) as made:
        yield made


@pytest.fixture
async def study_guild(guild: Guild) -> Guild:
    """A server with one cohort, "Deep", in #main, whose first milestone is an hour away, and Alice in it."""
    await guild.start(guild.grace, guild.main, name="Deep", start="2027-01-04")
    await guild.alice.slash(guild.main, "join")
    return guild


@pytest.fixture
async def office(
    migrated: Path, tmp_path: Path, curricula: Curricula, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    """A workspace on Slack with nothing in it yet, on a Monday morning."""
    async with open_office(tmp_path, migrated, curricula, monkeypatch) as made:
        yield made


@pytest.fixture
async def study_office(office: Office) -> Office:
    """A workspace with one cohort, "Deep", in #main, whose first milestone is an hour away, and Alice in it."""
    await office.grace.start("name:Deep start:2027-01-04")
    await office.alice.slash("join")
    return office


@pytest.fixture
async def both(
    study_guild: Guild, tmp_path: Path, curricula: Curricula, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Both]:
    """The server of `study_guild` and a workspace beside it, where its cohort is at home, too, with Mary in it."""
    async with open_both(study_guild, tmp_path, curricula, monkeypatch) as made:
        yield made


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A playground and pages without a browser."""
    async with open_server() as made:
        yield made


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    """A studio that makes real PNGs."""
    made = Studio()
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests with the marks `in_one_browser`."""
    async with open_browser() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    """A playground with the milestone of week 1, and tabs on it."""
    async with open_stage(browser) as made:
        yield made
