"""A restored database: what was posted after the backup is neither posted again nor forgotten for good."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, update

from bot.chat.message import Button, Message
from bot.chat.platform import Place, Posted, Rejected, Unsearchable
from bot.curriculum.load import Curricula
from bot.delivery.sending import Timing
from bot.records import backup, claims, posts, restores
from bot.records.claims import Due, Passed
from bot.records.lanes import LANES
from bot.records.restores import Restore
from bot.records.tables import outbox
from bot.records.tables import restores as restores_table
from bot.shipped import shipped
from tests.town import MONDAY, Square, Town, open_town

BACKED_UP = MONDAY + timedelta(days=2)  # after the first milestone, before the first prompt
LEASE = Timing().lease


class BlindSquare(Square):
    """A square that cannot be searched."""

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        raise Unsearchable("the history may not be read")


class RevealingSquare(Square):
    """A square where a milestone is found with a thread that was not known when it was posted."""

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        found = await super().find(place, key, since)
        return found.model_copy(update={"thread": "a thread"}) if found and ":milestone:" in key else found


@pytest.fixture
async def copy(study_town: Town, tmp_path: Path) -> Path:
    """A backup made on Wednesday, before a week and two days of which it knows nothing."""
    await study_town.pass_time(days=2)
    made = tmp_path / "wednesday.backup"
    backup.make(backup.file_of(study_town.rooms.records), made, study_town.clock.now())
    await study_town.pass_time(weeks=1, days=2)
    return made


@pytest.fixture
async def restored(study_town: Town, copy: Path) -> Town:
    """The same town, put back to Wednesday while it runs."""
    await backup.restore(study_town.rooms.records, copy, shipped("migrations"), study_town.clock.now())
    return study_town


def doubles(town: Town) -> list[str]:
    return [each for each in set(town.keys) if town.keys.count(each) > 1]


def milestones(town: Town) -> list[str]:
    return [each for each in town.keys if ":milestone:" in each]


async def test_nothing_is_posted_again_and_what_comes_next_is_posted_once(restored: Town) -> None:
    before = list(restored.keys)
    assert len(milestones(restored)) == 2
    await restored.pass_time(hours=1)
    assert restored.keys == before
    await restored.pass_time(weeks=3)
    assert doubles(restored) == []
    assert milestones(restored) == [f"c1:milestone:step-{n}:1" for n in (1, 2, 3, 4, 5)]


async def test_a_milestone_that_was_found_again_counts_as_sent(restored: Town) -> None:
    await restored.pass_time(hours=1)
    assert await restored.rooms.records.read(posts.counts) == {"sent": 2}


async def test_a_copy_that_was_simply_put_back_while_milepost_was_stopped_is_known_for_one(
    study_town: Town, copy: Path, tmp_path: Path, curricula: Curricula
) -> None:
    await study_town.rooms.records.close()
    for end in ("-wal", "-shm"):
        (tmp_path / f"town.db{end}").unlink(missing_ok=True)
    shutil.copy(copy, tmp_path / "town.db")
    again = await open_town(tmp_path, curricula=curricula, at=study_town.clock.now(), square=study_town.square)
    assert await again.rooms.records.write(restores.adopt, again.clock.now()) == BACKED_UP
    assert await again.rooms.records.write(restores.adopt, again.clock.now()) is None
    before = list(again.keys)
    await again.pass_time(hours=1)
    assert again.keys == before
    await again.rooms.records.close()


async def test_the_database_that_a_backup_was_made_of_is_no_restored_one(study_town: Town, copy: Path) -> None:
    assert copy.exists()
    assert await study_town.rooms.records.write(restores.adopt, study_town.clock.now()) is None


async def test_without_the_mark_everything_would_be_posted_again(study_town: Town, copy: Path) -> None:
    records = study_town.rooms.records
    await backup.restore(records, copy, shipped("migrations"), study_town.clock.now())
    await records.write(lambda c: c.execute(restores_table.delete()))
    study_town.square.__class__ = BlindSquare  # nor does anything else look there
    await study_town.pass_time(hours=1)
    assert "c1:milestone:step-2:1" in doubles(study_town)


async def test_what_cannot_be_looked_for_is_asked_about_once_and_heeded(restored: Town) -> None:
    restored.square.__class__ = BlindSquare
    before = list(restored.keys)
    await restored.pass_time(hours=1)
    assert doubles(restored) == []
    assert [key.split(":")[1] for key in restored.keys if key not in before] == ["notice"]
    (asked,) = [text for text in restored.posts if text.startswith("Is it there?")]
    assert asked.startswith("Is it there? Milestone of Deep")
    found = await restored.rooms.records.read(posts.doubtful, 1, MONDAY)
    await restored.say(f"grace: /post again {found[0].id}", expect="It is posted again now.")
    await restored.pass_time(hours=1)
    assert milestones(restored).count("c1:milestone:step-2:1") == 2
    assert [each.id for each in await restored.rooms.records.read(posts.doubtful, 1, MONDAY)] == [
        each.id for each in found[1:]
    ]


async def test_a_new_row_that_reuses_an_id_does_not_pass_for_the_lost_one(study_town: Town, tmp_path: Path) -> None:
    records = study_town.rooms.records
    backup.make(backup.file_of(records), tmp_path / "copy.db", study_town.clock.now())
    await study_town.pass_time(days=5)
    await study_town.say("grace: /announce 'Before the fire' cohort:Deep")
    await study_town.say("grace: /announcement send 1")
    await study_town.say("ada: /checkin did:'Read it' share:true", expect="your check-in is in")
    await study_town.rooms.delivery.tick()
    await backup.restore(records, tmp_path / "copy.db", shipped("migrations"), study_town.clock.now())
    await study_town.pass_time(hours=1)
    await study_town.say("grace: /announce 'After the fire' cohort:Deep")
    await study_town.say("grace: /announcement send 1")
    await study_town.say("ben: /join")
    await study_town.say("ben: /checkin did:'Wrote it' share:true", expect="your check-in is in")
    await study_town.pass_time(hours=1)
    said = "\n".join(study_town.posts)
    for each in ("Before the fire", "After the fire", "Read it", "Wrote it"):
        assert said.count(each) == 1


@pytest.mark.parametrize(
    ("scheduled", "meanwhile"),
    [
        ("on:2027-01-05 time:10:00", ()),
        ("on:2027-01-05 time:10:00 until:2027-01-20", ()),
        ("on:2027-01-06 time:10:00", ("announcement send draft:1",)),
    ],
)
async def test_an_announcement_that_was_scheduled_in_the_backup_and_sent_since_is_not_sent_again(
    study_town: Town, tmp_path: Path, scheduled: str, meanwhile: tuple[str, ...]
) -> None:
    records = study_town.rooms.records
    await study_town.say("grace: /announce text:hello")
    await study_town.say(f"grace: /announcement schedule draft:1 {scheduled}")
    backup.make(backup.file_of(records), tmp_path / "copy.db", study_town.clock.now())
    for each in meanwhile:
        await study_town.say(f"grace: /{each}")
    await study_town.pass_time(days=1, hours=4)
    assert str(study_town.posts).count("hello") == 1
    await backup.restore(records, tmp_path / "copy.db", shipped("migrations"), study_town.clock.now())
    await study_town.pass_time(days=2)
    assert doubles(study_town) == []
    assert str(study_town.posts).count("hello") == 1
    assert await records.read(posts.counts) == {"sent": 2}


async def test_what_was_announced_after_a_restore_is_not_looked_for(restored: Town) -> None:
    restored.square.__class__ = BlindSquare
    await restored.pass_time(hours=1)
    await restored.say("grace: /announce 'After the fire' cohort:Deep")
    await restored.say("grace: /announcement send 1")
    await restored.pass_time(minutes=1)
    assert str(restored.posts).count("After the fire") == 1


@pytest.mark.parametrize(
    ("said", "taken_back"),
    [
        ("grace: /announcement send 1", "grace: /announcement withdraw 1"),
        ("ada: /checkin did:hello share:true", 'ada: /mydata forget word:"forget me"'),
    ],
)
async def test_what_was_sent_since_the_backup_can_be_taken_back_before_it_is_found(
    study_town: Town, tmp_path: Path, said: str, taken_back: str
) -> None:
    records = study_town.rooms.records
    await study_town.say("grace: /announce text:hello")
    await study_town.say(said)
    backup.make(backup.file_of(records), tmp_path / "copy.db", study_town.clock.now())
    await study_town.pass_time(minutes=1)
    assert "hello" in str(study_town.posts)
    await backup.restore(records, tmp_path / "copy.db", shipped("migrations"), study_town.clock.now())
    await study_town.rooms.delivery.tick()
    await study_town.say(taken_back)
    await study_town.pass_time(minutes=10)
    assert "hello" not in str(study_town.posts)


async def test_posts_that_are_kept_up_to_date_and_roles_and_events_are_shown_afresh(restored: Town) -> None:
    edits, shown = restored.square.edits, len(restored.square.shown)
    await restored.pass_time(hours=1)
    assert restored.square.edits > edits
    assert len(restored.square.shown) > shown


def _note(connection: Connection, since: datetime, at: datetime) -> None:
    connection.execute(insert(restores_table).values(since=since, at=at))


@pytest.mark.parametrize(
    ("now", "first_attempt_at", "is_looked_for"),
    [
        (MONDAY + timedelta(days=1), None, True),
        (MONDAY + timedelta(days=1), MONDAY - timedelta(hours=1), True),
        (MONDAY + timedelta(days=1), MONDAY, False),  # tried since, or decided about
        (MONDAY + timedelta(days=13), None, True),
        (MONDAY + timedelta(days=14), None, False),  # nothing from before is posted any more
        (MONDAY - timedelta(days=1), None, True),  # the clock was set back since
    ],
)
async def test_for_two_weeks_a_post_is_looked_for_since_the_backup(
    study_town: Town, now: datetime, first_attempt_at: datetime | None, is_looked_for: bool
) -> None:
    since = BACKED_UP - timedelta(days=4)

    def work(connection: Connection) -> Due | Passed | None:
        _note(connection, since, MONDAY)
        posts.put(connection, "a step", "milestone", 1, 1, now, {"step": 1})
        connection.execute(update(outbox).values(first_attempt_at=first_attempt_at))
        return claims.claim(connection, now, "fence", LEASE, "square", LANES[1])

    claimed = await study_town.rooms.records.write(work)
    assert isinstance(claimed, Due)
    assert claimed.restored_from == (since if is_looked_for else None)


async def test_of_two_restores_the_older_backup_counts(town: Town) -> None:
    for days in (3, 1, 2):
        await town.rooms.records.write(_note, MONDAY - timedelta(days=days), MONDAY)
    last = await town.rooms.records.read(restores.last, MONDAY)
    assert last == Restore(MONDAY - timedelta(days=3), MONDAY)


async def test_a_database_that_was_never_restored_looks_for_nothing(town: Town) -> None:
    assert await town.rooms.records.read(restores.last, MONDAY) is None


async def test_once_what_was_under_way_before_a_restore_has_settled_no_post_waits_for_it_again(restored: Town) -> None:
    await restored.pass_time(hours=1)
    monday = restored.clock.now() + timedelta(days=(MONDAY.date() - restored.clock.now().date()).days % 7)
    nine = monday.replace(hour=9, minute=0, second=0, microsecond=0)
    await restored.pass_time(seconds=(nine - restored.clock.now()).total_seconds() - 1)
    before = milestones(restored)
    await restored.pass_time(seconds=1)
    assert len(milestones(restored)) == len(before) + 1


async def test_what_failed_before_the_backup_and_was_posted_again_after_it_is_not_posted_a_third_time(
    study_town: Town, tmp_path: Path
) -> None:
    study_town.square.failures = [Rejected("not allowed")]
    await study_town.pass_time(hours=2)
    await study_town.say("grace: /cohort status", expect="is not in #main")
    backup.make(backup.file_of(study_town.rooms.records), tmp_path / "copy.db", study_town.clock.now())
    await study_town.say("grace: /post again 1", expect="It is posted again now.")
    await study_town.pass_time(hours=1)
    assert milestones(study_town) == ["c1:milestone:step-1:1"]
    await backup.restore(study_town.rooms.records, tmp_path / "copy.db", shipped("migrations"), study_town.clock.now())
    await study_town.pass_time(minutes=1)
    await study_town.say("grace: /post again 1", expect="It is posted again now.")
    await study_town.pass_time(hours=1)
    assert milestones(study_town) == ["c1:milestone:step-1:1"]
    assert (await study_town.rooms.records.read(posts.counts))["sent"] == 2, "with word to the facilitator"


async def test_a_prompt_that_went_to_the_channel_is_found_there_also_if_its_milestones_thread_is_known_by_now(
    study_town: Town, tmp_path: Path
) -> None:
    backup.make(backup.file_of(study_town.rooms.records), tmp_path / "copy.db", study_town.clock.now())
    await study_town.pass_time(days=4, hours=10)
    await backup.restore(study_town.rooms.records, tmp_path / "copy.db", shipped("migrations"), study_town.clock.now())
    study_town.square.__class__ = RevealingSquare
    await study_town.pass_time(hours=1)
    assert doubles(study_town) == []
    assert [key for key in study_town.keys if ":checkin:" in key] == ["c1:checkin:2027-W01:1"]


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("post settle 1-0000abcd", "There is no post 1-0000abcd here to decide about."),
        ("post again 1-0000abcd", "There is no post 1-0000abcd here to decide about."),
        ("cohort place remove 1-0000abcd", "No cohort of this community has a place called 1-0000abcd."),
        ("cohort reopen c1-0000abcd", "No cohort here is called c1-0000abcd."),
    ],
)
async def test_a_button_from_before_a_restore_names_nothing_that_has_its_number_by_now(
    restored: Town, line: str, refused: str
) -> None:
    await restored.pass_time(hours=1)
    await restored.say(f"grace: /{line}", expect=refused)


async def test_the_button_of_a_lost_draft_does_not_send_the_one_that_has_its_number_by_now(
    study_town: Town, copy: Path
) -> None:
    lost = await study_town.ask("grace: /announce 'Before the fire' cohort:Deep")
    assert isinstance(lost, Message)
    send = next(each.line for each in lost.buttons if isinstance(each, Button))
    await backup.restore(study_town.rooms.records, copy, shipped("migrations"), study_town.clock.now())
    await study_town.pass_time(minutes=1)
    await study_town.say("grace: /announce 'After the fire' cohort:Deep")
    await study_town.say(f"grace: /{send}", expect="There is no announcement 1-")
