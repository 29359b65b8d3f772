"""From a file to a server and back: everything, or nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.curriculum.load import Curricula
from bot.delivery import versions
from bot.records import facilitators, restores
from bot.records.database import Database, DatabaseError
from bot.records.moving import move
from bot.records.tables import absences, accounts, communities, metadata, notes, passes, waiting
from bot.shipped import shipped
from tests.postgres import Postgres
from tests.town import MONDAY, Town, open_town

MIGRATIONS = shipped("migrations")


@pytest.fixture
def server(postgres: Postgres) -> Iterator[str]:
    """The URL of a database on the server without any tables."""
    url = postgres.database("template0")
    yield url
    postgres.drop(url)


@pytest.fixture
async def file(study_town: Town) -> str:
    """The URL of a file in which there is something of almost everything."""
    town = study_town
    for line in ("ben: /join", "ada: /checkin did='Read 한국어 ünïcode' share:yes", "ada: /stuck what='Pandas'"):
        await town.say(line)
    tasks = [each.id for each in next(iter(town.rooms.curricula)).tasks[:3]]
    for task in tasks:
        await town.say(f"ada: /done {task} link:https://example.org/x")
    await town.say("ada: /undo")
    await town.say("grace: /announce text='Hello **all**'")
    await town.say("grace: /announcement edit draft:1 text:'Hello **all**' asks:yes")
    await town.say("grace: /announcement send draft:1")
    await town.say("ada: /read 1", expect="Thank you!")
    await town.say("grace: /cohort meeting day:monday time:18:00 minutes:60")
    await town.say("grace: /cohort place code")
    await town.say("grace: /cohort tick week")
    town.private.add("staff")
    await town.say("grace: /cohort desk cohort:Deep", channel="staff")
    await town.say('grace: /post edit c1.milestone.2 note:"Bring **snacks**" title:Party', expect="Party")
    await town.say("grace: /post skip c1.reminder.2", expect="It is left out.")
    await town.say("grace: /post move c1.checkin.2 on:2027-01-14 time:18:00", expect="It comes")
    await town.pass_time(weeks=1, hours=2)
    await town.rooms.records.write(
        lambda c: c.execute(insert(notes), [{"platform": "square", "key": f"k{n}", "value": "v"} for n in range(2500)])
    )
    await town.rooms.records.write(
        lambda c: c.execute(insert(passes), {"enrolment_id": 1, "period": "2027-W01", "at": MONDAY})
    )
    day = MONDAY.date()
    await town.rooms.records.write(
        lambda c: c.execute(insert(absences), {"member_id": 1, "first_on": day, "last_on": day})
    )
    await town.say("ada: /report link kaggle-titanic", expect="your report is in")
    await town.say("grace: /mark link 1 state:broken")
    await versions.keep(town.rooms.records, town.rooms.curricula)
    await town.rooms.records.write(
        lambda c: c.execute(insert(waiting), {"cohort_id": 1, "member_id": 3, "since_at": MONDAY})
    )
    await town.rooms.records.write(facilitators.lead, 1, "2027-W01", 1)
    await town.rooms.records.write(restores.note, MONDAY, MONDAY)
    await town.rooms.records.close()
    return town.rooms.records.url.render_as_string()


def everything(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    ours = {each: select(each) for each in metadata.sorted_tables}
    ours[notes] = ours[notes].where(notes.c.platform != "database")
    return {each.name: sorted(map(tuple, connection.execute(asked)), key=repr) for each, asked in ours.items()}


async def held(url: str) -> dict[str, list[tuple[object, ...]]]:
    database = Database(url)
    found = await database.read(everything)
    await database.close()
    return found


async def test_everything_arrives_and_comes_back(
    file: str, server: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    moved = await move(file, server, MIGRATIONS)
    before = await held(file)
    assert {each.table: each.rows for each in moved} == {name: len(rows) for name, rows in before.items()}
    assert await held(server) == before
    back = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('back') / 'back.db'}"
    assert await move(server, back, MIGRATIONS) == moved
    assert await held(back) == before
    assert [name for name, rows in before.items() if not rows] == []


async def test_life_goes_on_where_everything_was_moved_to(
    file: str, server: str, study_town: Town, curricula: Curricula
) -> None:
    await move(file, server, MIGRATIONS)
    now = study_town.clock.now()
    town = await open_town(server, curricula=curricula, at=now, square=study_town.square)
    said = len(town.posts)
    await town.say("eve: /join", expect="Welcome")
    await town.say("ada: /progress", expect="2 of")
    await town.pass_time(weeks=1)
    assert len(town.keys) == len(set(town.keys)) > said
    await town.rooms.records.close()


async def test_a_file_on_which_a_bot_runs_is_refused(file: str, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.records.moving.BUSY_SECONDS", 0.1)  # the bot does not let it go, however long one waits
    running = Database(file)
    await running.read(everything)
    with pytest.raises(DatabaseError, match="is in use"):
        await move(file, server, MIGRATIONS)
    await running.close()
    assert not any((await held(server)).values())


async def test_a_target_that_holds_something_is_refused(file: str, server: str) -> None:
    there = Database(server)
    await there.migrate(MIGRATIONS)
    await there.write(lambda c: c.execute(insert(communities).values(platform="square", foreign_id="mine")))
    with pytest.raises(DatabaseError, match="is not empty: there is something in communities"):
        await move(file, server, MIGRATIONS)
    assert await there.read(lambda c: c.execute(select(communities.c.foreign_id)).scalars().all()) == ["mine"]
    await there.close()


async def test_what_the_server_cannot_hold_is_named_and_nothing_is_kept(file: str, server: str) -> None:
    spoilt = Database(file)
    await spoilt.write(lambda c: c.execute(update(accounts).values(name="half\x00a name")))
    await spoilt.close()
    with pytest.raises(DatabaseError, match="accounts cannot be copied"):
        await move(file, server, MIGRATIONS)
    assert not any((await held(server)).values())


async def test_two_of_a_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="Name one of each"):
        await move(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", f"sqlite+aiosqlite:///{tmp_path / 'b.db'}", MIGRATIONS)
