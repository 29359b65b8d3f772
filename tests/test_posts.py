"""What is said when: catching up after a silence, prompts, reminders, announcements, and cohorts in trouble."""

import re
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, insert, select, update

from bot.chat.platform import Busy, Person
from bot.curriculum.load import Curricula
from bot.delivery import announcing
from bot.delivery.due import Putting
from bot.delivery.reminding import MOST_NAMED
from bot.records import announcements, members, posts
from bot.records.tables import cohorts, outbox
from tests.town import MONDAY, Town, open_town

FRIDAY = MONDAY + timedelta(days=4, hours=9)  # 17:00, when the first prompt is due


@pytest.fixture
async def short_town(store: str, curricula: Curricula) -> AsyncIterator[Town]:
    """A town whose deep learning curriculum was taken away; a cohort follows it, another one follows what is left."""
    whole = await open_town(store, curricula=curricula)
    await whole.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04", expect="Deep is ready")
    await whole.start("grace: /cohort create Mail curriculum:english-emails start:2027-01-04", channel="other")
    await whole.rooms.records.close()
    left = Curricula({key: each for key, each in curricula.by_id.items() if key != "deep-learning"})
    town = await open_town(store, curricula=left)
    yield town
    await town.rooms.records.close()


def kinds(town: Town) -> list[str]:
    return [key.split(":")[1] for key in town.keys]


def milestones(town: Town) -> list[str]:
    return [key for key in town.keys if ":milestone:" in key]


async def test_after_three_weeks_off_the_milestones_of_two_weeks_come_in_order(study_town: Town) -> None:
    study_town.clock.forward(MONDAY + timedelta(weeks=3, hours=2))
    await study_town.rooms.delivery.tick()
    assert milestones(study_town) == ["c1:milestone:step-3:1", "c1:milestone:step-4:1"]


async def test_a_milestone_is_caught_up_with_for_fourteen_days_to_the_second(study_town: Town) -> None:
    study_town.clock.forward(MONDAY + timedelta(hours=1, weeks=2))
    await study_town.rooms.delivery.tick()
    assert milestones(study_town) == [f"c1:milestone:step-{n}:1" for n in (1, 2, 3)]


@pytest.mark.parametrize(("late", "asked"), [(timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False)])
async def test_a_prompt_is_asked_for_a_day_and_no_longer(study_town: Town, late: timedelta, asked: bool) -> None:
    study_town.clock.forward(FRIDAY + late)
    await study_town.rooms.delivery.tick()
    assert ("checkin" in kinds(study_town)) is asked


async def test_a_reminder_is_given_for_a_day_and_no_longer(study_town: Town) -> None:
    await study_town.pass_time(days=5)
    study_town.clock.forward(FRIDAY + timedelta(days=3, seconds=1))
    await study_town.rooms.delivery.tick()
    assert "reminder" not in kinds(study_town)


async def test_a_prompt_that_could_not_be_sent_for_a_day_is_left_unsaid(study_town: Town) -> None:
    await study_town.pass_time(days=4)
    study_town.square.failures = [Busy(25 * 3600, "platform")]
    await study_town.pass_time(days=3)
    assert "checkin" not in kinds(study_town)
    assert (await study_town.rooms.records.read(posts.counts))["skipped"] >= 1


async def test_the_reminder_names_who_has_not_answered_when_it_is_sent(study_town: Town) -> None:
    await study_town.say("bob: /join", expect="Welcome")
    await study_town.pass_time(days=5)
    await study_town.say("ada: /checkin did='read a book'", expect="your check-in is in")
    await study_town.say("eve: /join", expect="Welcome")
    await study_town.pass_time(days=2)
    (reminder,) = [post for _, post in study_town.square.told if ":reminder:" in post.key]
    assert [person.id for person in reminder.notify] == ["bob"], "Eve was not there when it was asked"
    assert any("1 of 2 members have checked in." in said for said in study_town.posts)


async def test_nobody_is_reminded_when_everybody_has_answered(study_town: Town) -> None:
    await study_town.pass_time(days=5)
    await study_town.say("ada: /checkin did='read a book'", expect="your check-in is in")
    await study_town.pass_time(days=2)
    assert "reminder" not in kinds(study_town)
    assert (await study_town.rooms.records.read(posts.counts)).get("skipped") == 1


async def test_nobody_is_reminded_who_has_left(study_town: Town) -> None:
    await study_town.say("ada: /leave", expect="You have left")
    await study_town.pass_time(days=7)
    assert "reminder" not in kinds(study_town)


async def test_a_reminder_counts_also_those_whom_it_has_no_room_to_name(study_town: Town) -> None:
    def crowd(connection: Connection) -> None:
        for n in range(MOST_NAMED + 20):
            members.enrol(connection, Person(platform="square", id=f"p{n}", name=f"P{n}"), 1, MONDAY)

    await study_town.rooms.records.write(crowd)
    await study_town.say("ada: /checkin did='early'", expect="your check-in is in")
    await study_town.pass_time(days=7)
    said = next(each for each in study_town.posts if "how did your week go?" in each)
    assert f"1 of {MOST_NAMED + 21} members have checked in." in said
    assert ", 20 more, how did" in said
    (reminder,) = [post for _, post in study_town.square.told if ":reminder:" in post.key]
    assert len(reminder.notify) == MOST_NAMED


async def test_a_cohort_whose_curriculum_is_gone_waits_and_the_others_go_on(short_town: Town) -> None:
    await short_town.pass_time(hours=3)
    assert short_town.keys == ["c2:milestone:step-1:2"]


async def test_a_cohort_whose_curriculum_comes_back_gets_what_it_missed(
    short_town: Town, store: str, curricula: Curricula
) -> None:
    await short_town.pass_time(hours=3)
    again = await open_town(store, curricula=curricula, at=short_town.clock.now(), square=short_town.square)
    await again.pass_time(hours=2)
    assert again.keys == ["c2:milestone:step-1:2", "c1:milestone:step-1:1"]
    await again.rooms.records.close()


async def test_a_post_that_is_put_already_waits_for_its_curriculum_without_being_given_up(
    short_town: Town, store: str, curricula: Curricula
) -> None:
    await short_town.rooms.records.write(Putting(MONDAY + timedelta(hours=1), lambda cohort: 12).page)
    await short_town.pass_time(hours=12)
    assert milestones(short_town) == ["c2:milestone:step-1:2"]
    again = await open_town(store, curricula=curricula, at=short_town.clock.now(), square=short_town.square)
    await again.pass_time(hours=2)
    assert milestones(again)[1:] == ["c1:milestone:step-1:1"]
    await again.rooms.records.close()


async def test_a_cohort_that_cannot_be_read_does_not_hold_up_the_others(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Wide curriculum:deep-learning start:2027-01-04", channel="other")
    records = study_town.rooms.records
    await records.write(lambda c: c.execute(update(cohorts).where(cohorts.c.id == 1).values(zone="Mars/Olympus")))
    await study_town.pass_time(hours=2)
    assert study_town.keys == ["c2:milestone:step-1:2"]
    await records.write(lambda c: c.execute(update(cohorts).where(cohorts.c.id == 1).values(zone="UTC")))
    await study_town.pass_time(hours=1)
    assert study_town.keys[1:] == ["c1:milestone:step-1:1"]


async def test_an_announcement_goes_to_every_place_once(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Wide curriculum:deep-learning start:2027-01-04", channel="other")
    await study_town.say("grace: /announce 'Good luck!' cohort:all", expect="nothing is sent yet")
    await study_town.say("grace: /announcement send 1", expect="2 places")
    await study_town.say("grace: /announcement send 1", expect="sent already")
    await study_town.rooms.delivery.tick()
    made_at = f"{MONDAY:%Y%m%dT%H%M%S%f}"
    assert sorted(study_town.keys) == [f"c1:announcement:1-{made_at}:1", f"c2:announcement:1-{made_at}:2"]


async def test_an_announcement_is_closed_and_put_in_one_transaction(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Wide curriculum:deep-learning start:2027-01-04", channel="other")
    await study_town.say("grace: /announce 'Good luck!' cohort:all")
    records = study_town.rooms.records
    await records.write(lambda c: c.execute(update(cohorts).where(cohorts.c.id == 2).values(zone="Mars/Olympus")))
    draft = await records.read(announcements.find, [1], 1)
    assert draft is not None
    with pytest.raises(KeyError):  # at the second cohort, after the first one's post was put
        await records.write(announcing.send, study_town.call("grace: /announcement send 1"), MONDAY, draft)
    assert await records.read(announcements.find, [1], 1) == draft
    assert await records.read(lambda c: c.execute(select(func.count()).select_from(outbox)).scalar_one()) == 0


async def test_an_announcement_goes_out_as_it_was_last_edited(study_town: Town) -> None:
    await study_town.say("grace: /announce 'Good lock!' cohort:Deep")
    records = study_town.rooms.records
    seen = await records.read(announcements.find, [1], 1)
    assert seen is not None
    edit = study_town.call("grace: /announcement edit 1")
    edited = await records.write(announcements.change, edit, MONDAY, seen, announcements.OPEN, text="Good luck!")
    assert edited is not None
    assert await records.write(announcing.send, edit, MONDAY, seen) is None
    assert await records.write(announcing.send, edit, MONDAY, edited) == 1
    await study_town.rooms.delivery.tick()
    assert "Good luck!" in study_town.posts[0]


async def test_many_cohorts_due_at_once_are_put_page_by_page(study_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.due.PAGE", 10)

    def crowd(connection: Connection) -> None:
        one = connection.execute(select(cohorts)).one()._asdict()
        del one["id"]
        for n in range(24):
            made = connection.execute(insert(cohorts).values({**one, "name": f"Cohort {n}"}))
            assert made.inserted_primary_key is not None
            posts.plan(connection, made.inserted_primary_key[0], "milestone", 1, MONDAY)

    records = study_town.rooms.records
    await records.write(crowd)
    pages, last, putting = 0, None, Putting(MONDAY + timedelta(hours=2), lambda cohort: 12)
    while last := await records.write(putting.page, last):
        pages += 1
    assert pages == 3


@pytest.mark.parametrize("day", ["tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "monday"])
async def test_whoever_checks_in_when_a_week_has_just_begun_is_not_reminded_of_it(town: Town, day: str) -> None:
    await town.start(f"grace: /cohort create Deep start:2027-01-05 day:{day} time:07:00", expect="Deep is ready")
    await town.say("ada: /join")
    while not town.keys:
        await town.pass_time(hours=2)
    await town.say("ada: /checkin did:read", expect="Thank you")
    await town.pass_time(days=9)
    assert any(":checkin:" in key for key in town.keys)
    assert not any(":reminder:" in key for key in town.keys)


async def test_an_answer_on_the_day_after_the_reminder_is_for_the_week_it_asked_about(study_town: Town) -> None:
    await study_town.pass_time(days=7, hours=2)
    assert ":reminder:2027-W01:" in study_town.keys[-2]
    await study_town.say("ada: /checkin did:read", expect="Thank you")
    await study_town.say("ada: /checkin did:'more'", expect="Thank you")
    await study_town.say("ada: /progress", expect="Streak: 2 weeks")


async def test_a_cohort_that_gets_the_id_of_another_never_meets_its_posts(
    study_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.records.cohorts.token_hex", secrets.token_hex)
    marks: set[str] = set()
    for name in ("One", "Two"):
        await study_town.start(f"grace: /cohort create {name} start:2027-01-04", channel=name)
        made = (await study_town.rooms.records.town("square", "town")).cohorts[-1]
        await study_town.say(f"grace: /announce text:Hi cohort:{name}")
        await study_town.say(f"grace: /announcement send {len(marks) + 1}")
        await study_town.pass_time(minutes=1)
        assert re.fullmatch(f"{made.code}-[0-9a-f]{{8}}", made.key)
        assert study_town.keys[-1].startswith(f"{made.key}:announcement:")
        marks.add(made.key.partition("-")[2])
    assert len(marks) == 2
