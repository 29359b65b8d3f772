"""A cohort's season as a file: every table as the season was, and nothing of anybody else."""

import asyncio
import csv
import io
import json
import shutil
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.chat.message import File, Message
from bot.chat.platform import Gone
from bot.commands.cohort_export import HOLDS
from bot.commands.packing import EVERYTHING, READ_ME
from bot.curriculum.load import Curricula
from bot.records import audit, facilitators
from tests.town import MONDAY, Square, Town, open_town

PLAYED = timedelta(weeks=2, hours=12)


async def play(town: Town) -> None:
    """Two weeks of Deep with Ada, Ben, and Cleo who leaves; beside it Other, with Zoe, which is nobody's business."""
    await town.start("grace: /cohort create Deep start:2027-01-04")
    await town.start("grace: /cohort create Other-7733 start:2027-01-04", channel="other-7733")
    await town.start("grace: /cohort create Past-7733 start:2027-01-04", channel="past-7733")
    await town.say("ada: /join Past-7733", channel="past-7733")
    await town.say("ada: /done python-syntax", channel="past-7733")  # before she joined Deep
    await town.pass_time(minutes=1)
    for who in ("ada", "ben", "cleo"):
        await town.say(f"{who}: /join Deep")
    await town.say("zoe-7733: /join Other-7733", channel="other-7733")
    await town.say("zoe-7733: /checkin did:words-7733", channel="other-7733")
    await town.say("zoe-7733: /done python-syntax", channel="other-7733")
    await town.pass_time(hours=2)
    for task in ("recode-least-squares", "check-least-squares", "command-line-basics"):
        await town.say(f"ada: /done {task}")
    await town.say("ada: /undo")
    await town.say('ada: /checkin did:"=read" next:wrote blocked:maths hours:5')
    await town.say("ben: /pass")
    await town.say("cleo: /checkin did:of-cleo")
    await town.say("cleo: /leave")
    await town.say("grace: /announce text:hello cohort:Deep")
    await town.say("grace: /announcement edit draft:1 text:hello asks:yes cohort:all")
    await town.say("grace: /announcement send draft:1")
    await town.pass_time(minutes=1)
    await town.say("ada: /read 1")
    await town.say("zoe-7733: /read 1", channel="other-7733")
    await town.say("grace: /cohort meeting day:monday time:18:00 cohort:Deep")
    await town.say("grace: /cohort tick week cohort:Deep")
    await town.rooms.records.write(facilitators.lead, 1, "2027-W02", 1)
    await town.say("grace: /cohort rules capacity:1 cohort:Deep")
    await town.say("dora: /join Deep wait:yes", expect="You are next.")
    await town.pass_time(weeks=2, hours=10)


@pytest.fixture(scope="module")
def season(migrated: Path, curricula: Curricula, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of that town."""
    folder = tmp_path_factory.mktemp("season")
    file = Path(shutil.copy(migrated, folder))

    async def settle() -> None:
        town = await open_town(folder, curricula=curricula)
        await play(town)
        await town.rooms.records.close()

    with pytest.MonkeyPatch.context() as patch:  # a cohort's key is the same every time
        patch.setattr("bot.records.cohorts.token_hex", lambda size: "")
        asyncio.run(settle())
    return file


@pytest.fixture
async def played(season: Path, tmp_path: Path, curricula: Curricula) -> AsyncIterator[Town]:
    """That town, for one test to do with as it likes."""
    shutil.copy(season, tmp_path)
    town = await open_town(tmp_path, curricula=curricula, at=MONDAY + PLAYED, square=Square())
    yield town
    await town.rooms.records.close()


async def unpacked(town: Town, spoken: str = "grace: /cohort export Deep", **how: Any) -> dict[str, str]:
    """The texts in the file that somebody gets, by their names."""
    reply = await town.ask(spoken, **how)
    assert isinstance(reply, Message)
    [file] = [each for each in reply.parts if isinstance(each, File)]
    with zipfile.ZipFile(io.BytesIO(file.content)) as packed:
        return {name: packed.read(name).decode("utf-8-sig") for name in packed.namelist()}


async def everything(town: Town) -> dict[str, list[dict[str, Any]]]:
    """What the file holds for programs."""
    found: dict[str, list[dict[str, Any]]] = json.loads((await unpacked(town))[EVERYTHING])
    return found


async def test_every_table_is_explained_and_has_its_spreadsheet(played: Town) -> None:
    packed = await unpacked(played)
    kept = json.loads(packed[EVERYTHING])
    assert set(kept) == set(HOLDS)
    assert {f"{name}.csv" for name, rows in kept.items() if rows} | {EVERYTHING, READ_ME} == set(packed)
    for name, rows in kept.items():
        if rows:
            assert len(list(csv.DictReader(io.StringIO(packed[f"{name}.csv"])))) == len(rows)
            assert f"{name}.csv" in packed[READ_ME]


async def test_the_cohort_and_its_calendar(played: Town) -> None:
    apply, *_ = await played.buttons("grace: /cohort break start:2027-02-01 weeks:1 name:Seollal cohort:Deep")
    await played.say(f"grace: {apply}", expect="Done.")
    kept = await everything(played)
    [cohort] = kept["cohort"]
    assert (cohort["cohort"], cohort["start_on"], cohort["zone"], cohort["at"]) == (
        "Deep", "2027-01-04", "UTC", "09:00:00",
    )  # fmt: skip
    assert (cohort["meeting_weekday"], cohort["meeting_at"]) == (1, "18:00:00")
    first, *others = kept["calendar"]
    assert (first["number"], first["week"], first["milestone_at"]) == (1, "2027-W01", "2027-01-04T09:00:00+00:00")
    assert first["checkin_at"] == "2027-01-08T17:00:00+00:00"
    assert len(others) == cohort["weeks"] - 1
    assert [each["name"] for each in kept["breaks"]] == ["Seollal"]
    assert others[3]["milestone_at"] == "2027-02-08T09:00:00+00:00"


async def test_members_with_how_they_got_on(played: Town) -> None:
    ada, ben, cleo = (await everything(played))["members"]
    assert (ada["name"], ada["platforms"], ada["joined_at"]) == ("Ada", "square", "2027-01-04T08:01:00+00:00")
    assert (ada["weeks_active"], ada["weeks_silent"], ada["weeks_passed"]) == (1, 1, 0)
    assert (ada["tasks_done"], ada["milestones"], ada["reached"]) == (3, 1, "recode-least-squares-week")
    assert (ben["weeks_active"], ben["weeks_passed"], ben["weeks_silent"], ben["tasks_done"]) == (0, 1, 1, 0)
    assert (cleo["name"], cleo["left_at"]) == ("Cleo", "2027-01-04T10:01:00+00:00")
    assert {cleo[each] for each in ("weeks_active", "weeks_silent", "tasks_done", "reached")} == {None}


async def test_what_was_done_and_written_since_they_joined(played: Town) -> None:
    kept = await everything(played)
    assert [(each["name"], each["task"], each["amount"]) for each in kept["progress"]] == [
        ("Ada", "recode-least-squares", 1), ("Ada", "check-least-squares", 1), ("Ada", "command-line-basics", 1),
        ("Ada", "command-line-basics", -1),
    ]  # fmt: skip
    assert all(each["title"] for each in kept["progress"])
    [answer] = kept["checkins"]
    said = {"week": "2027-W01", "name": "Ada", "did": "=read", "next": "wrote", "blocked": "maths", "hours": 5}
    assert answer | {**said, "is_shared": False} == answer
    assert [(each["week"], each["name"]) for each in kept["passes"]] == [("2027-W01", "Ben")]


async def test_what_was_posted_when_and_where(played: Town) -> None:
    posts = (await everything(played))["posts"]
    milestones = [each for each in posts if each["kind"] == "milestone"]
    assert [(each["about"], each["posted_at"]) for each in milestones] == [
        ("step-1", "2027-01-04T09:00:00+00:00"), ("step-2", "2027-01-11T09:00:00+00:00"),
        ("step-3", "2027-01-18T09:00:00+00:00"),
    ]  # fmt: skip
    assert {each["place"] for each in posts} == {"#main"}
    assert {each["kind"] for each in posts} == {"milestone", "checkin", "reminder", "digest", "announcement"}
    assert [each["about"] for each in posts if each["kind"] == "checkin"] == ["2027-W01", "2027-W02"]


async def test_a_post_that_did_not_get_through_says_why(played: Town) -> None:
    played.square.failures = [Gone("closed")]
    await played.say("ada: /share resource deep-learning-book")
    await played.pass_time(minutes=1)
    kept = await everything(played)
    [failed] = [each for each in kept["posts"] if each["kind"] == "share"]
    assert (failed["posted_at"], failed["reason"]) == (None, "closed")
    assert [each["lost_because"] for each in kept["places"]] == ["closed"]


async def test_who_looked_after_it_what_they_said_and_what_they_did(played: Town) -> None:
    kept = await everything(played)
    assert [(each["name"], each["since_at"]) for each in kept["facilitators"]] == [
        ("Grace", "2027-01-04T08:00:00+00:00")
    ]
    assert [(each["item"], each["name"], each["at"]) for each in kept["checklist"]] == [
        ("week", "Grace", "2027-01-04T10:02:00+00:00")
    ]
    assert [each["name"] for each in kept["waiting"]] == ["Dora"]
    assert kept["leads"] == [{"week": "2027-W02", "name": "Grace"}]
    [said] = kept["announcements"]
    assert (said["text"], said["by"], said["read_by"], said["state"]) == ("hello", "Grace", 1, "sent")
    commands = [each["command"] for each in kept["audit"]]
    assert commands == [
        "season begin",
        "announce",
        "announcement edit",
        "announcement send",
        "cohort meeting",
        "cohort tick",
        "cohort rules",
    ]


@pytest.mark.both_stores
async def test_it_is_the_same_from_a_file_and_from_a_server(town: Town) -> None:
    await play(town)
    kept = await everything(town)
    assert {name: len(rows) for name, rows in kept.items()} == {
        "cohort": 1, "calendar": kept["cohort"][0]["weeks"], "breaks": 0, "members": 3, "waiting": 1, "places": 1,
        "facilitators": 1, "leads": 1, "checklist": 1, "progress": 4, "checkins": 1, "passes": 1, "posts": 10,
        "announcements": 1, "audit": 7,
    }  # fmt: skip


async def test_that_it_was_taken_is_noted(played: Town) -> None:
    await unpacked(played)
    newest, *_ = await played.rooms.records.read(audit.entries, 1, 10)
    assert (newest.command, newest.by and newest.by.name) == ("cohort export", "Grace")


async def test_nothing_of_another_cohort_is_in_it(played: Town) -> None:
    packed = await unpacked(played)
    assert not [name for name, text in packed.items() if "7733" in text]
    other = await unpacked(played, "grace: /cohort export Other-7733")
    assert "words-7733" in other[EVERYTHING]
    assert not [word for word in ("Ada", "Ben", "Cleo", "maths") if any(word in each for each in other.values())]


async def test_nothing_that_was_said_privately_is_in_it(played: Town) -> None:
    await played.say("ada: /suggest link:https://example.org/x title:For-grace-alone")
    await played.pass_time(minutes=1)
    assert not [name for name, text in (await unpacked(played)).items() if "For-grace-alone" in text]


async def test_whoever_was_forgotten_is_not_in_it(played: Town) -> None:
    await played.say('ada: /mydata forget word:"forget me"', expect="You are forgotten.")
    packed = await unpacked(played)
    assert not [name for name, text in packed.items() if "Ada" in text or "maths" in text]
    assert [each["name"] for each in json.loads(packed[EVERYTHING])["members"]] == ["Ben", "Cleo"]


async def test_no_spreadsheet_runs_what_a_member_wrote(played: Town) -> None:
    packed = await unpacked(played)
    [row] = csv.DictReader(io.StringIO(packed["checkins.csv"]))
    assert row["did"] == "'=read"


async def test_its_read_me_speaks_the_readers_language_and_warns(played: Town) -> None:
    assert "It holds personal data" in (await unpacked(played))[READ_ME]
    packed = await unpacked(played, locale="ko")
    assert "개인정보" in packed[READ_ME]
    first, *_ = json.loads(packed[EVERYTHING])["calendar"]
    assert first["title"] == played.rooms.curricula.get("deep-learning").milestones[0].title.in_("ko")  # type: ignore[union-attr]


async def test_a_co_facilitator_of_another_cohort_gets_nothing(played: Town) -> None:
    await played.say("zoe-7733: /cohort export Deep", expect="is for facilitators")
