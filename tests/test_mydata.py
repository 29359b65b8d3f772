"""What is kept about somebody: handed to them as a file, and gone without a trace once they ask for that."""

import asyncio
import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from bot.chat.message import File, Message
from bot.chat.platform import Person, Unknown
from bot.chat.wording import languages, plain, say
from bot.commands import packing
from bot.commands.mydata_export import HOLDS
from bot.commands.mydata_forget import WORD, mydata_forget
from bot.commands.packing import EVERYTHING, READ_ME
from bot.curriculum.load import Curricula, load_all
from bot.delivery.compose import compose
from bot.records import audit, backup, claims, lanes, mydata, notes
from bot.records import facilitators as facilitating
from bot.records.checkins import check_in
from bot.records.mydata import NOBODYS, Known
from bot.records.records import Records
from bot.records.tables import (
    absences,
    accounts,
    announcements,
    enrolments,
    facilitators,
    members,
    metadata,
    passes,
)
from bot.shipped import shipped
from tests.town import MONDAY, Square, Town, open_town

ADA = Person(platform="square", id="ada-7711", name="Ada-7711")
WROTE = ("wrote-did", "wrote-next", "wrote-blocked", "wrote-stuck", "wrote-link", "wrote-title", "wrote-why", "wrote-a")
NUMBER = 771_100  # what ids begin at, so that one is known wherever it is

FORGET = 'ada-7711: /mydata forget word:"forget me"'


def insert_rows(connection: Connection, member_id: int, enrolment_id: int) -> None:
    """What no command makes yet."""
    first = MONDAY.date()
    connection.execute(absences.insert().values(member_id=member_id, first_on=first, last_on=first))
    connection.execute(passes.insert().values(enrolment_id=enrolment_id, period="2026-W50", at=MONDAY))
    notes.put(connection, "square", "draft:ada-7711:done", "done wrote-a")
    notes.put(connection, "square", "home:ada-7711x", "opened")


def raise_ids(connection: Connection) -> None:
    """Have what is made from now on get ids that nothing else has."""
    for table in (members, accounts, enrolments):
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {NUMBER})"))
        else:  # the next one is larger than the largest there is
            row = connection.execute(select(table).limit(1)).mappings().one()
            odd = (
                {"foreign_id": "filler", "name": "", "member_id": NUMBER, "cohort_id": 2}
                if table is not members
                else {}
            )
            known = {name: value for name, value in odd.items() if name in table.c}
            connection.execute(table.insert().values({**row, **known, "id": NUMBER}))


def everywhere(connection: Connection) -> list[str]:
    """Every value of every column of every table, as text, after the column's name."""
    return [
        f"{table.name}.{name}={value}"
        for table in metadata.sorted_tables
        for row in connection.execute(select(table)).mappings()
        for name, value in row.items()
    ]


def traces(connection: Connection) -> list[str]:
    """Where anything of Ada is: her ids, her names, her words."""
    ids = re.compile(rf"[a-z_]*id={NUMBER + 1}$|\b{NUMBER + 1}\b")
    found = []
    for each in everywhere(connection):
        words = [word for word in (*WROTE, ADA.name, '"ada-7711"', "ada-7711:", "ada-7711-") if word in each]
        if words or each.endswith("=ada-7711") or ids.search(each):
            found.append(each)
    return found


async def live_through(town: Town) -> None:
    """Ada does everything that a member can do, makes a cohort of her own, and is spoken of."""
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04", expect="is ready")
    await town.start("grace: /cohort create Other curriculum:deep-learning start:2027-01-04", channel="other")
    await town.say("bob-8822: /join Deep")
    await town.rooms.records.write(raise_ids)
    await town.say("ada-7711: /join Deep", expect="Welcome to Deep!")
    await town.say("ada-7711: /done python-syntax link:https://wrote-link.example.org")
    await town.say("ada-7711: /done command-line-basics")
    await town.say("ada-7711: /undo")
    await town.say("ada-7711: /checkin did:wrote-did next:wrote-next blocked:wrote-blocked hours:5 share:yes")
    await town.say("ada-7711: /stuck where:wrote-stuck")
    await town.say("ada-7711: /report link resource:deep-learning-book why:wrote-report")
    await town.say("ada-7711: /share resource deep-learning-book")
    await town.say('ada-7711: /suggest link:https://wrote-link.example.org title:wrote-title why:"=wrote-why"')
    await town.say("ada-7711: /set language timezone:Asia/Seoul")
    await town.say("bob-8822: /checkin did:ben-did share:yes")
    await town.say("bob-8822: /suggest link:https://ben.example.org title:ben-title")
    await town.pass_time(minutes=90)
    standing = await town.rooms.records.standing(ADA)
    assert standing.member_id == standing.account_id == standing.enrolments[0].id == NUMBER + 1
    await town.rooms.records.write(insert_rows, NUMBER + 1, NUMBER + 1)


@pytest.fixture(scope="module")
def settled(migrated: Path, curricula: Curricula, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Square]:
    """The database of a town in which Ada has done all there is to do, and Bob some of it; and what was posted."""
    folder = tmp_path_factory.mktemp("settled")
    file = Path(shutil.copy(migrated, folder))

    async def settle() -> Square:
        town = await open_town(folder, curricula=curricula)
        await live_through(town)
        await town.rooms.records.close()
        return town.square

    return file, asyncio.run(settle())


@pytest.fixture
async def lived(settled: tuple[Path, Square], tmp_path: Path, curricula: Curricula) -> AsyncIterator[Town]:
    """That town, for one test to do with as it likes."""
    file, square = settled
    shutil.copy(file, tmp_path)
    at = MONDAY + timedelta(minutes=90)
    town = await open_town(tmp_path, curricula=curricula, at=at, square=Square(told=[*square.told]))
    yield town
    await town.rooms.records.close()


async def exported(town: Town, spoken: str = "ada-7711: /mydata export", **how: Any) -> dict[str, str]:
    """The texts in the file that somebody gets, by their names."""
    reply = await town.ask(spoken, **how)
    assert isinstance(reply, Message)
    [file] = [each for each in reply.parts if isinstance(each, File)]
    with zipfile.ZipFile(io.BytesIO(file.content)) as packed:
        return {name: packed.read(name).decode("utf-8") for name in packed.namelist()}


# ---- What there is --------------------------------------------------------------------------------------------------


def test_every_table_is_somebodys_or_nobodys() -> None:
    """A new table goes into `mydata.tables`, or into `NOBODYS` if nothing of a member is ever in it."""
    theirs = {table.name for table in mydata.tables(Known(1, (1,), (ADA,)))}
    assert theirs.isdisjoint(each.name for each in NOBODYS)
    assert theirs | {each.name for each in NOBODYS} == set(metadata.tables)


def test_every_kind_of_row_is_explained(town: Town) -> None:
    kinds = {table.name for table in mydata.tables(Known(1, (1,), (ADA,)))}
    named = {"members": "profile", "outbox": "posts"}
    assert set(HOLDS) == {named.get(each, each) for each in kinds} | {"messages"}


async def test_a_stranger_is_told_that_nothing_is_kept(town: Town) -> None:
    await town.say("ada-7711: /mydata export", expect="Nothing is kept about you.")
    await town.say(FORGET, expect="Nothing is kept about you.")


async def test_the_file_holds_all_of_ones_own(lived: Town) -> None:
    packed = await exported(lived)
    kept = json.loads(packed[EVERYTHING])
    assert kept["profile"][0]["zone"] == "Asia/Seoul"
    assert [(each["platform"], each["foreign_id"], each["name"]) for each in kept["accounts"]] == [
        ("square", "ada-7711", "Ada-7711")
    ]
    assert [each["cohort"] for each in kept["enrolments"]] == ["Deep"]
    assert [each["amount"] for each in kept["progress"]] == [1, 1, -1]
    assert kept["progress"][0]["title"] == "Work through the Python syntax lessons"
    assert kept["checkins"][0] | {"did": "wrote-did", "next": "wrote-next", "cohort": "Deep"} == kept["checkins"][0]
    assert [each["period"] for each in kept["passes"]] == ["2026-W50"]
    assert [each["first_on"] for each in kept["absences"]] == ["2027-01-04"]
    assert sorted(each["kind"] for each in kept["posts"]) == [
        "answer", "notice", "notice", "notice", "share", "stuck",
    ]  # fmt: skip
    assert [each["why"] for each in kept["link_reports"]] == ["wrote-report"]
    assert any("wrote-why" in (each["message"] or "") for each in kept["posts"])
    assert [each["key"] for each in kept["notes"]] == ["draft:ada-7711:done"]


async def test_nothing_of_others_is_in_the_file(lived: Town) -> None:
    packed = await exported(lived)
    assert not [word for word in ("8822", "ben-", "grace", "Grace") if any(word in each for each in packed.values())]
    of_grace = await exported(lived, "grace: /mydata export")
    assert not [word for word in (*WROTE, "7711", "8822", "ben-") if any(word in each for each in of_grace.values())]
    kept = json.loads(of_grace[EVERYTHING])
    assert [each["cohort"] for each in kept["facilitators"]] == ["Deep", "Other"]
    assert [each["command"] for each in kept["audit"]] == ["season begin", "season begin"]
    assert [each["kind"] for each in kept["messages"]] == ["notice"] * 4  # that there were, and not what they said


async def test_what_a_facilitator_wrote_is_theirs(lived: Town) -> None:
    await lived.say("grace: /announce text:hello cohort:Deep")
    kept = json.loads((await exported(lived, "grace: /mydata export"))[EVERYTHING])
    assert [each["text"] for each in kept["announcements"]] == ["hello"]


async def test_the_tables_open_in_a_spreadsheet_and_run_nothing(lived: Town) -> None:
    did = "=HYPERLINK(A1)"
    await lived.say(f"ada-7711: /checkin did:{did} next:@sum(1) blocked:-1+1", expect="changed")
    packed = await exported(lived)
    assert packed["checkins.csv"].startswith("\ufeff")
    [row] = csv.DictReader(io.StringIO(packed["checkins.csv"].removeprefix("\ufeff")))
    assert (row["did"], row["next"], row["blocked"], row["is shared"]) == (f"'{did}", "'@sum(1)", "'-1+1", "true")
    [_, _, undone] = csv.DictReader(io.StringIO(packed["progress.csv"].removeprefix("\ufeff")))
    assert undone["amount"] == "-1"
    assert json.loads(packed[EVERYTHING])["checkins"][0]["did"] == did


@pytest.mark.parametrize("value", ["=1", " =1", "+1", "-1", "@a", "\t=1", "\r=1", "＝1", "－1"])
def test_a_formula_becomes_text(value: str) -> None:
    assert packing._cell(value) == f"'{value}"


async def test_a_word_on_every_table_is_in_the_readers_language(lived: Town) -> None:
    for locale, words in (("en", "your check-ins, week by week (1)"), ("ko", "주마다 쓴 체크인 (1)")):
        packed = await exported(lived, locale=locale)
        assert words in packed[READ_ME]
        assert all(name in packed[READ_ME] for name in packed if name != READ_ME)


async def test_what_is_too_large_for_a_message_is_said_and_stays(lived: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.commands.mydata_export.LARGEST_FILE", 100)
    await lived.say("ada-7711: /mydata export", expect="Ask whoever runs Milepost for it.")


# ---- Confirming -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", languages())
def test_the_form_names_the_word_that_is_taken(locale: str) -> None:
    [asked] = mydata_forget.parameters
    assert plain(WORD, locale) in plain(say(asked.arg.label), locale)


async def test_it_is_said_what_will_happen_before_anything_does(lived: Town) -> None:
    shown = await lived.say("ada-7711: /mydata forget", expect="This cannot be undone.")
    assert "[Remove everything about me …] [Get it as a file first]" in shown
    await lived.say("ada-7711: /?mydata forget", expect="word = ")
    assert (await lived.rooms.records.standing(ADA)).member_id


@pytest.mark.parametrize("word", ["", "yes", "forget", "나를 잊어 줘"])
async def test_another_word_removes_nothing(lived: Town, word: str) -> None:
    reply = await lived.ask(f'ada-7711: /mydata forget word:"{word}"', via="form")
    assert "Nothing was removed." in str(reply)
    assert (await lived.rooms.records.standing(ADA)).member_id


@pytest.mark.parametrize(("word", "locale"), [("Forget  me ", "ko"), ("나를 잊어 줘", "ko"), ("나를 잊어 줘", "ko-KR")])
async def test_the_word_is_taken_in_ones_language_and_in_english(lived: Town, word: str, locale: str) -> None:
    await lived.say("ada-7711: /set language language:한국어")
    await lived.say(f'ada-7711: /mydata forget word:"{word}"', locale=locale, expect="새로 시작해요")


# ---- Forgetting -----------------------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_no_trace_is_left_in_any_table(town: Town) -> None:
    await live_through(town)
    assert len(await town.rooms.records.read(traces)) > 20
    await town.say(FORGET, expect="You are forgotten.")
    await town.pass_time(minutes=5)
    assert await town.rooms.records.read(traces) == []
    await town.say("ada-7711: /mydata export", expect="Nothing is kept about you.")
    everything = await town.rooms.records.read(everywhere)
    assert any("ben-did" in each for each in everything)
    assert any("ben-title" in each for each in everything)


async def test_not_a_byte_is_left_in_the_file(town: Town) -> None:
    await live_through(town)
    await town.say(FORGET)
    await town.pass_time(minutes=5)
    file = town.rooms.records.file
    await town.rooms.records.close()
    assert file is not None
    held = file.read_bytes()
    assert [word for word in (*WROTE, 'ada-7711"', "Ada-7711") if word.encode() in held] == []
    assert b"ben-did" in held


async def test_posts_that_show_one_are_taken_back_and_others_stay(lived: Town) -> None:
    assert sum("Ada-7711" in each for each in lived.posts) == 6
    ours = [each for each in lived.posts if "Ada-7711" not in each]
    await lived.say(FORGET, expect="6 posts that show you are being taken back.")
    await lived.pass_time(minutes=5)
    assert not [each for each in lived.posts if "Ada" in each]
    assert len(lived.posts) == len(ours)
    assert lived.square.forgotten == ["ada-7711"]


@pytest.mark.both_stores
async def test_what_waits_to_be_sent_is_not(study_town: Town) -> None:
    await study_town.say("ada: /stuck where:gradients")
    await study_town.say('ada: /mydata forget word:"forget me"', expect="You are forgotten.")
    await study_town.pass_time(minutes=5)
    assert study_town.posts == []


@pytest.mark.both_stores
async def test_what_is_on_its_way_is_taken_back_once_it_is_found(study_town: Town) -> None:
    study_town.square.forgets_to_answer = 1
    await study_town.say("ada: /stuck where:gradients")
    await study_town.rooms.delivery.tick()
    await study_town.say('ada: /mydata forget word:"forget me"')
    await study_town.pass_time(minutes=10)
    assert study_town.posts == []
    assert len(study_town.square.told) == 1


async def test_a_private_message_that_is_about_to_go_does_not(lived: Town) -> None:
    await lived.say("bob-8822: /suggest link:https://late.example.org title:late")
    records, now = lived.rooms.records, lived.clock.now()
    claimed = await records.write(claims.claim, now, "fence", timedelta(minutes=1), "square", lanes.PRIVATE)
    assert isinstance(claimed, claims.Due)
    assert await records.read(compose, claimed, load_all(shipped("curriculum")), now) is not None
    await lived.say('grace: /mydata forget word:"forget me"')
    assert await records.read(compose, claimed, load_all(shipped("curriculum")), now) is None


async def test_the_line_below_a_milestone_counts_them_no_more(lived: Town) -> None:
    def counted() -> list[str]:
        return sorted(line for post in lived.posts for line in post.splitlines() if "on this week's tasks." in line)

    assert counted() == ["1 member is on this week's tasks.", "2 members are on this week's tasks."]
    await lived.say(FORGET)
    await lived.pass_time(minutes=5)
    assert counted() == ["1 member is on this week's tasks.", "1 member is on this week's tasks."]


async def test_their_role_is_taken_back(lived: Town) -> None:
    await lived.say("grace: /cohort role role:<@&500> cohort:Deep")
    await lived.pass_time(minutes=1)
    assert lived.square.holders("500") == ["bob-8822", "ada-7711"]
    await lived.say(FORGET)
    await lived.pass_time(minutes=1)
    assert lived.square.holders("500") == ["bob-8822"]


async def test_who_comes_back_is_a_stranger(lived: Town) -> None:
    await lived.say(FORGET)
    assert (await lived.rooms.records.standing(ADA)).member_id is None
    await lived.say("ada-7711: /settings", expect="Time zone: that of your cohort")
    await lived.say("ada-7711: /join Deep", expect="Welcome to Deep!")
    await lived.say("ada-7711: /undo", expect="There is nothing to take back.")
    await lived.say("ada-7711: /share resource deep-learning-book", expect="is shown to everybody")


async def test_a_second_press_finds_nothing_more_to_do(lived: Town) -> None:
    await lived.say(FORGET)
    before = await lived.rooms.records.read(everywhere)
    await lived.say(FORGET, expect="Nothing is kept about you.")
    assert await lived.rooms.records.read(everywhere) == before
    assert lived.square.forgotten == ["ada-7711", "ada-7711"]


@pytest.mark.both_stores
async def test_what_a_facilitator_made_goes_on_without_them(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    await live_through(town)
    await town.say("grace: /announce text:stays cohort:Deep")
    await town.say("grace: /announcement send 1")
    await town.say("grace: /announce text:goes cohort:Deep")
    await town.pass_time(minutes=5)
    await town.say('grace: /mydata forget word:"forget me"', expect="You are forgotten.")
    await town.pass_time(weeks=1)
    assert any("stays" in each for each in town.posts)
    assert any(each.startswith("Week 2") for each in town.posts)
    await town.say(
        "bob-8822: /suggest link:https://x.example.org title:x", expect="Nobody is known who looks after Deep"
    )
    assert "cohort c1: nobody looks after it any more, so nobody is told what of its posts fails" in caplog.messages

    def left(connection: Connection) -> tuple[list[str], list[Any], list[str]]:
        written = select(announcements.c.text, accounts.c.name).join(accounts)
        return (
            [" by ".join(row) for row in connection.execute(written)],
            list(connection.execute(select(facilitators.c.account_id)).scalars()),
            [each for each in everywhere(connection) if "grace" in each.lower()],
        )

    assert await town.rooms.records.read(left) == (["stays by "], [], [])


@pytest.mark.both_stores
async def test_no_trace_is_left_of_a_facilitator_either_but_for_what_was_done(town: Town) -> None:
    await live_through(town)
    await town.rooms.records.write(facilitating.appoint, 1, ADA, town.clock.now())
    await town.rooms.records.write(facilitating.lead, 1, "2027-W02", NUMBER + 1)
    await town.say("ada-7711: /cohort rules passes:5 cohort:Deep", expect="are changed")
    await town.say("ada-7711: /announce text:wrote-a cohort:Deep")
    await town.say("ada-7711: /announcement keep draft:1 name:wrote-a", expect="is kept as a template")
    await town.say("ada-7711: /announcement schedule draft:1 on:2027-01-06 time:09:00 until:2027-02-03")
    await town.say("grace: /cohort meeting day:monday time:18:00 cohort:Deep")
    await town.say("grace: /announce text:hello cohort:Deep")
    await town.say("grace: /announcement edit draft:3 text:hello asks:yes")
    await town.say("grace: /announcement send draft:3")
    await town.say("ada-7711: /read 3", expect="Thank you!")
    kept = json.loads((await exported(town, "ada-7711: /mydata export"))[EVERYTHING])
    assert [(each["cohort"], each["period"]) for each in kept["leads"]] == [("Deep", "2027-W02")]
    assert (
        [each["cohort"] for each in kept["facilitators"]] == [each["cohort"] for each in kept["readings"]] == ["Deep"]
    )
    assert "cohort rules" in [each["command"] for each in kept["audit"]]
    await town.say(FORGET, expect="You are forgotten.")
    await town.pass_time(weeks=2)
    assert await town.rooms.records.read(traces) == []
    assert not [each for each in town.posts if "wrote-a" in each]
    done = {each.command: each for each in await town.rooms.records.read(audit.entries, 1, 50)}
    assert (done["cohort rules"].by, done["cohort rules"].after["passes"]) == (None, "5")
    assert done["cohort meeting"].by == Person(platform="square", id="grace", name="Grace")


async def test_a_crash_in_between_leaves_all_or_nothing(lived: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(person: Person) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(lived.square, "forget", crash)
    await lived.say(FORGET, expect="Something went wrong")
    await lived.pass_time(minutes=5)
    assert await lived.rooms.records.read(traces) == []
    assert not [each for each in lived.posts if "Ada" in each]


async def test_the_log_names_nobody_after_that(lived: Town, caplog: pytest.LogCaptureFixture) -> None:
    await lived.say(FORGET)
    caplog.clear()
    lived.square.failures = [Unknown("no answer")] * 3
    await lived.pass_time(weeks=2)
    assert caplog.messages
    assert not [each for each in caplog.messages if "ada" in each.lower()]


# ---- Backups --------------------------------------------------------------------------------------------------------


async def test_a_restored_backup_brings_back_nobody_who_was_forgotten(lived: Town, tmp_path: Path) -> None:
    records: Records = lived.rooms.records
    copy = tmp_path / "copy.db"
    assert records.file is not None
    backup.make(records.file, copy, lived.clock.now())
    await lived.say(FORGET)
    await lived.pass_time(minutes=5)
    done = await backup.restore(records, copy, shipped("migrations"), lived.clock.now())
    assert done.forgotten == 1
    await lived.pass_time(minutes=5)
    assert await records.read(traces) == []
    await lived.say("bob-8822: /mydata export", expect="Everything that is kept about you")


async def test_who_came_back_before_the_backup_stays(lived: Town, tmp_path: Path) -> None:
    records: Records = lived.rooms.records
    copy = tmp_path / "copy.db"
    await lived.say(FORGET)
    await lived.pass_time(hours=1)
    await lived.say("ada-7711: /join Deep", expect="Welcome")
    assert records.file is not None
    backup.make(records.file, copy, lived.clock.now())
    assert (await backup.restore(records, copy, shipped("migrations"), lived.clock.now())).forgotten == 0
    await lived.pass_time(minutes=1)
    await lived.say("ada-7711: /mydata export", expect="Everything that is kept about you")


async def test_who_was_forgotten_cannot_be_told_from_a_damaged_file(lived: Town, tmp_path: Path) -> None:
    records: Records = lived.rooms.records
    copy = tmp_path / "copy.db"
    assert records.file is not None
    backup.make(records.file, copy, lived.clock.now())
    await records.close()
    records.file.write_bytes(b"no database at all")
    done = await backup.restore(records, copy, shipped("migrations"), lived.clock.now() + timedelta(hours=1))
    assert done.forgotten is None
    again = await open_town(tmp_path, at=lived.clock.now())
    assert (await again.rooms.records.standing(ADA)).member_id
    await again.rooms.records.close()


# ---- The log --------------------------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_what_goes_wrong_with_a_database_is_told_without_what_somebody_wrote(town: Town) -> None:
    given: dict[str, Any] = {"did": "wrote-did", "next": None, "blocked": None, "hours": None, "is_shared": False}
    with pytest.raises(IntegrityError) as caught:
        await town.rooms.records.write(check_in, NUMBER, "2026-W50", MONDAY, **given)
    assert "wrote-did" not in f"{caught.value!r} {caught.value}"
