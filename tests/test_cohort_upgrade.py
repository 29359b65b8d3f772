"""A newer version of a curriculum: cohorts keep theirs until a facilitator, who sees first what it does, upgrades."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.chat.message import Button, Message
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum
from bot.delivery import upgrading, versions
from bot.delivery.upgrading import newer
from bot.doctor import examine
from bot.records import audit, cohorts
from bot.records import curricula as kept
from bot.records.tables import curricula
from bot.settings import Settings
from tests.town import MONDAY, Town, open_town, text_of
from tests.versions import boats, installed, milestone, named

Install = Callable[[Curriculum], Awaitable[Town]]
OLD = boats("1.0.0", "abcd")


@pytest.fixture
async def install(migrated: Path, tmp_path: Path) -> AsyncIterator[Install]:
    """The town after its operator has put that file there and started Milepost again."""
    shutil.copy(migrated, tmp_path)
    towns = list[Town]()

    async def start(made: Curriculum) -> Town:
        before = towns.pop() if towns else None
        if before:
            await before.rooms.records.close()
        at, square = (before.clock.now(), before.square) if before else (MONDAY, None)
        town = await open_town(tmp_path, curricula=installed(made), at=at, square=square)
        await versions.keep(town.rooms.records, town.rooms.curricula)
        towns.append(town)
        return town

    yield start
    await towns[0].rooms.records.close()


@pytest.fixture
async def sailing(install: Install) -> Town:
    """Two weeks into a season of four, with Ada and Ben in it."""
    town = await install(OLD)
    await town.start("grace: /cohort create Fleet start:2027-01-04", expect="4 weeks in all")
    await town.say("ada: /join")
    await town.say("ben: /join")
    await town.pass_time(weeks=1, hours=2)
    return town


async def shown(town: Town) -> tuple[str, str]:
    """What a facilitator is shown, and the line of the button that does it."""
    reply = await town.ask("grace: /cohort upgrade")
    assert isinstance(reply, Message), text_of(reply)
    (button,) = reply.buttons
    assert isinstance(button, Button)
    return text_of(reply), button.line


async def upgrade(town: Town) -> str:
    """What a facilitator is shown, who goes on to do it."""
    said, line = await shown(town)
    await town.say(f"grace: /{line}", expect="Done. Fleet goes from Boats")
    return said


def milestones(town: Town) -> list[tuple[str, str]]:
    """The step and the title of every milestone that was posted, in order."""
    return [
        (post.key.split(":")[2], text_of(post.message).partition("\n")[0])
        for _, post in town.square.told
        if ":milestone:" in post.key
    ]


async def test_a_cohort_keeps_its_season_when_a_newer_file_is_installed(sailing: Town, install: Install) -> None:
    town = await install(boats("1.1.0", "axbcd"))
    await town.say("ada: /week 3", expect="Week 3 of 4: About c")
    await town.pass_time(weeks=2)
    assert milestones(town) == [(f"step-{n}", f"Week {n} of 4: About {name}") for n, name in enumerate("abcd", start=1)]


async def test_an_invitation_speaks_of_the_season_that_the_cohort_goes_through(sailing: Town, install: Install) -> None:
    press, *_ = await sailing.buttons("grace: /invite", channel="general")
    await sailing.say(f"grace: /{press}", channel="general")
    await sailing.pass_time(minutes=2)
    town = await install(boats("2.0.0", "abcdef"))
    await town.pass_time(minutes=2)
    assert "How much: 4 weeks" in town.posts[-1]
    await upgrade(town)
    await town.pass_time(minutes=2)
    assert "How much: 6 weeks" in town.posts[-1]


async def test_status_and_list_say_that_a_newer_version_is_there(sailing: Town, install: Install) -> None:
    assert "is installed" not in await sailing.say("grace: /cohort status")
    town = await install(boats("1.1.0", "abcd"))
    for line in ("cohort status", "cohort list"):
        await town.say(f"grace: /{line}", expect="- Boats 1.1.0 is installed [Upgrade]\n  Fleet follows 1.0.0 until")
        assert "cohort upgrade cohort:c1" in await town.buttons(f"grace: /{line}")
    await upgrade(town)
    assert "is installed" not in await town.say("grace: /cohort status")


async def test_an_older_file_is_not_offered_and_is_called_older_when_asked_for(sailing: Town, install: Install) -> None:
    town = await install(boats("0.9.0", "abcd"))
    assert "is installed" not in await town.say("grace: /cohort status")
    assert "⚠ The installed version is the older one of the two." in (await shown(town))[0]


async def test_a_facilitator_sees_first_what_it_does(sailing: Town, install: Install) -> None:
    for line in ("ada: /done a", "ada: /done b", "ben: /done c", "ben: /done d"):
        await sailing.say(line)
    newer = boats("2.0.0", [milestone("a", "a-new"), *"xbe"], moved={"a": "a-new"}, retired=["d"])
    town = await install(newer)
    said, _ = await shown(town)
    for expect in (
        "Fleet goes from Boats 1.0.0 to 2.0.0.", "2 learners: 1 tick moves, 1 lost.", "New tasks: Do x, Do e",
        "Renamed, with their ticks: Do a → Do a-new", "Taken out: Do d", "⚠ Gone without a word: Do c",
        "Weeks: 4 → 3", "Next milestone: About c, Mon 18 Jan 2027, 09:00 (UTC) → About e, Mon 18 Jan 2027, 09:00 (UTC)",
        "Last milestone: Mon 25 Jan 2027, 09:00 (UTC) → Mon 18 Jan 2027, 09:00 (UTC)",
        "Weeks 1 to 2 are posted: they stay as they are",
        "New in weeks that are over, so not posted any more: Do x. /week shows it with week 2.",
    ):  # fmt: skip
        assert expect in said, said
    assert (await town.rooms.records.town("square", "town")).cohorts[0].version == "1.0.0", "nothing is changed yet"
    await upgrade(town)
    await town.say("ada: /progress", expect="2 of 4 milestones")
    entry, *_ = await town.rooms.records.read(audit.entries, 1, 1)
    assert (entry.command, entry.before["version"], entry.after["version"]) == ("cohort upgrade", "1.0.0", "2.0.0")


async def test_what_is_posted_neither_moves_nor_comes_again(sailing: Town, install: Install) -> None:
    town = await install(boats("1.1.0", "axbcyd"))
    await upgrade(town)
    await town.pass_time(weeks=6)
    assert milestones(town) == [
        ("step-1", "Week 1 of 4: About a"), ("step-2", "Week 2 of 4: About b"), ("step-3", "Week 3 of 5: About c"),
        ("step-4", "Week 4 of 5: About y"), ("step-5", "Week 5 of 5: About d"),
    ]  # fmt: skip
    await town.say("ada: /week 2", expect="Do x")


async def test_a_season_that_gets_shorter_ends_without_another_post(sailing: Town, install: Install) -> None:
    town = await install(boats("2.0.0", "ab", retired=["c", "d"]))
    assert "Next milestone: About c, Mon 18 Jan 2027, 09:00 (UTC) → none any more" in await upgrade(town)
    before = len(milestones(town))
    await town.pass_time(weeks=4)
    assert len(milestones(town)) == before == 2
    assert sum(":checkin:" in key for key in town.keys) == 2, "the last week is still asked about"
    await town.say("grace: /cohort status", expect="2 of 2: About b")


async def test_a_posted_milestone_goes_on_counting_by_what_its_tasks_have_become(
    sailing: Town, install: Install
) -> None:
    newer = boats("1.1.0", ["a", milestone("b", "b-new"), *"cd"], moved={"b": "b-new"})
    town = await install(newer)
    await upgrade(town)
    for name in ("ada", "ben"):
        await town.say(f"{name}: /done b-new", expect="Done:")
    await town.pass_time(minutes=5)
    (post,) = [each for each in town.posts if each.startswith("Week 2 of 4: About b")]
    assert "2 of 2 members have finished this week." in post
    assert "Do b-new" not in post, "the words are those of the version by which it was posted"
    await town.say("ada: /done b", expect="Do b-new")


async def test_before_the_first_milestone_the_newer_version_is_simply_followed(install: Install) -> None:
    town = await install(OLD)
    await town.start("grace: /cohort create Fleet start:2027-01-11")
    town = await install(boats("1.1.0", "xabcd"))
    await upgrade(town)
    await town.pass_time(weeks=1, hours=2)
    assert milestones(town) == [("step-1", "Week 1 of 5: About x")]
    assert (await town.rooms.records.town("square", "town")).cohorts[0].formers == ()


async def test_the_button_does_it_once_and_not_after_something_has_changed(sailing: Town, install: Install) -> None:
    town = await install(boats("1.1.0", "abcde"))
    _, line = await shown(town)
    await town.pass_time(weeks=1)
    await town.say(f"grace: /{line}", expect="has changed since this was shown")
    _, line = await shown(town)
    await town.say(f"grace: /{line}", expect="Done.")
    await town.say(f"grace: /{line}", expect="Fleet follows Boats 1.1.0, which is the installed one")


async def test_a_season_that_is_over_is_not_upgraded(sailing: Town, install: Install) -> None:
    await sailing.pass_time(weeks=3)
    town = await install(boats("1.1.0", "abcde"))
    await town.say("grace: /cohort upgrade", expect="All 4 weeks of Fleet are posted; a newer version is for the next")


async def test_a_phase_that_is_kept_open_stays_open_with_what_came_new_in_it(install: Install) -> None:
    old = boats("1.0.0", "ab", "cd", open_ended=[0])
    town = await install(old)
    await town.start("grace: /cohort create Fleet start:2027-01-04")
    await town.pass_time(hours=2)
    town = await install(boats("1.1.0", "abx", "cd", open_ended=[0]))
    await upgrade(town)
    await town.pass_time(weeks=5)
    assert [title[-1] for _, title in milestones(town)] == ["a", "b", "x"], "it waits after the last of the phase"


async def test_a_season_that_waits_goes_on_waiting_and_then_brings_what_came_new(install: Install) -> None:
    town = await install(boats("1.0.0", "ab", "cd", open_ended=[0]))
    await town.start("grace: /cohort create Fleet start:2027-01-04")
    await town.pass_time(weeks=4)
    town = await install(boats("1.1.0", "abx", "cd", open_ended=[0]))
    await upgrade(town)
    await town.pass_time(weeks=2)
    assert [title[-1] for _, title in milestones(town)] == ["a", "b"]
    move_on = next(each for each in await town.buttons("grace: /cohort hold release:yes") if "apply" in each)
    await town.say(f"grace: /{move_on}", expect="Done.")
    await town.pass_time(weeks=4)
    assert [title[-1] for _, title in milestones(town)] == ["a", "b", "x", "c", "d"]


async def test_words_that_were_mended_in_a_version_hold_at_once(sailing: Town, install: Install) -> None:
    first, *others = OLD.phases[0].milestones
    mended = first.model_copy(update={"title": named("About the first boat")})
    phase = OLD.phases[0].model_copy(update={"milestones": (mended, *others)})
    town = await install(OLD.model_copy(update={"phases": (phase,)}))
    await town.say("ada: /week 1", expect="Week 1 of 4: About the first boat")
    await install(boats("1.1.0", "xabcd"))
    town = await install(boats("1.2.0", "yabcd"))
    await town.say("ada: /week 1", expect="Week 1 of 4: About the first boat")


async def test_versions_that_nobody_follows_are_forgotten(sailing: Town, install: Install) -> None:
    async def there(town: Town) -> list[str]:
        rows = await town.rooms.records.read(lambda c: c.execute(select(curricula.c.version)).scalars().all())
        return sorted(rows)

    assert await there(await install(boats("1.1.0", "abcd"))) == ["1.0.0", "1.1.0"]
    town = await install(boats("1.2.0", "abcd"))
    assert await there(town) == ["1.0.0", "1.2.0"]
    await upgrade(town)
    posted_by_the_first = "1.0.0"
    assert await there(await install(boats("1.3.0", "abcd"))) == [posted_by_the_first, "1.2.0", "1.3.0"]


async def test_a_cohort_from_before_versions_were_kept_follows_what_is_installed(sailing: Town) -> None:
    town, mended = sailing, boats("1.1.0", "abcde")
    await town.rooms.records.write(lambda c: c.execute(curricula.delete()))
    await versions.keep(town.rooms.records, installed(mended))
    cohort = (await town.rooms.records.town("square", "town")).cohorts[0]
    assert (cohort.version, cohort.formers) == ("1.1.0", ())


async def test_a_curriculum_that_was_taken_out_is_still_followed(sailing: Town, install: Install) -> None:
    town = await install(replace_id(OLD))
    await town.pass_time(weeks=1)
    assert milestones(town)[-1] == ("step-3", "Week 3 of 4: About c")
    await town.say("grace: /cohort upgrade", expect="boats is not installed here any more")


def replace_id(made: Curriculum) -> Curriculum:
    """Another curriculum with the same content."""
    return made.model_copy(update={"id": "rafts"})


@pytest.mark.both_stores
async def test_versions_are_kept_followed_and_forgotten_on_a_server_too(study_town: Town) -> None:
    records, shipped = study_town.rooms.records, study_town.rooms.curricula
    await versions.keep(records, shipped)
    newer = Curricula({each.id: each.model_copy(update={"version": "9.0.0"}) for each in shipped})
    await versions.keep(records, newer)
    cohort = await records.read(cohorts.get, 1)
    assert versions.followed(newer, cohort) == shipped.get("deep-learning")
    offered = await records.write(upgrading.propose, cohort, newer, study_town.clock.now())
    await records.write(upgrading.make, cohort, newer, study_town.clock.now(), offered.seal)
    await versions.keep(records, newer)
    assert await records.read(kept.versions) == {(each.id, "9.0.0") for each in newer}


async def test_a_doctor_finds_nothing_wrong_with_a_curriculum_that_is_kept(
    sailing: Town, install: Install, tmp_path: Path
) -> None:
    settings = Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'town.db'}")
    assert "boats" not in f"{await examine(settings, online=False)}"
    await sailing.rooms.records.write(lambda c: c.execute(curricula.delete()))
    assert "It follows boats, which is not on offer." in f"{await examine(settings, online=False)}"
    await sailing.say("grace: /cohort archive sure:yes")
    assert "boats" not in f"{await examine(settings, online=False)}"


def test_a_version_is_read_back_as_it_was() -> None:
    made = boats("1.0.0", [milestone("a", "x", "y", weeks=2)], moved={"z": "x"}, retired=["w"])
    assert Curriculum.model_validate(made.model_dump(mode="json", by_alias=True)) == made


@pytest.mark.parametrize("version", ["0.9.9", "1.0.0"])
async def test_only_a_newer_version_is_newer(sailing: Town, version: str) -> None:
    cohort = (await sailing.rooms.records.town("square", "town")).cohorts[0]
    assert newer(installed(boats(version, "a")), cohort) is None
    assert newer(installed(boats("1.0.0", "a")), replace(cohort, version="0.10.0")) is not None
