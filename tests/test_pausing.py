"""Whenever a calendar is changed: no milestone and no check-in prompt is lost between the dates before and after."""

from datetime import UTC, date, datetime, time

import pytest

from bot.chat.platform import Refusal
from bot.delivery import amending
from bot.delivery.calendar import Calendar
from bot.records import posts
from tests.test_bending import found, milestones, press
from tests.town import Town


def asked(town: Town) -> list[str]:
    """The local weeks for which a prompt was posted."""
    return [key.split(":")[2] for key in town.keys if ":checkin:" in key]


async def test_a_milestone_that_falls_into_a_pause_on_a_day_with_a_reminder_comes_after_it(town: Town) -> None:
    line = "cohort create Deep start:2027-01-04 time:17:00 checkin_day:saturday checkin_time:9:00"
    await town.start(f"grace: /{line}")
    await town.pass_time(days=7, hours=4)  # the reminder of Monday the 11th is put, its milestone is not
    await press(town, "cohort pause")
    await town.pass_time(days=20)
    assert "Next milestone: Mon 1 Feb 2027, 17:00 (UTC)" in await press(town, "cohort resume")
    await town.pass_time(days=9)
    assert milestones(town) == [f"c1:milestone:step-{step}:1" for step in (1, 2, 3)]


async def test_a_prompt_that_falls_into_a_pause_on_the_day_of_a_milestone_comes_after_it(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-04 checkin_day:monday")
    await town.pass_time(days=7, hours=4)
    assert (milestones(town)[-1], asked(town)) == ("c1:milestone:step-2:1", [])
    await press(town, "cohort pause")
    await town.pass_time(days=2)
    await press(town, "cohort resume")
    await town.pass_time(days=14)
    assert asked(town) == ["2027-W03", "2027-W04"]
    calendar = Calendar.of(await found(town))  # the first asks for both weeks
    assert [calendar.slot("checkin", step) for step in (1, 2, 3)] == ["2027-W03", "2027-W03", "2027-W04"]


async def waiting(town: Town) -> None:
    """A cohort on Wednesday the 20th, whose week 1 waits for the prompt of week 2, on Friday, to ask for both.

    Week 1 is asked about on Tuesdays, and its own Tuesday is over.
    """
    await town.start("grace: /cohort create Deep start:2027-01-04 day:thursday checkin_day:tuesday")
    await town.pass_time(days=4)
    assert "Next milestone: Thu 21 Jan 2027" in await press(town, "cohort edit checkin_day:friday")
    await town.pass_time(days=4, hours=4)
    await press(town, "cohort pause")
    await town.pass_time(days=1)
    await press(town, "cohort resume")
    await town.pass_time(days=7)
    assert Calendar.of(await found(town)).slot("checkin", 1) == "2027-W03"
    assert asked(town) == []


async def test_a_week_that_waits_for_the_prompt_of_the_next_is_asked_about_by_itself_when_that_is_moved(
    town: Town,
) -> None:
    await waiting(town)
    await press(town, "cohort shift 2")
    await town.pass_time(days=21)
    assert asked(town) == ["2027-W04", "2027-W05"]


async def test_a_week_that_waits_for_the_prompt_of_the_next_waits_on_when_a_pause_takes_that(town: Town) -> None:
    await waiting(town)
    await town.pass_time(days=1)
    assert milestones(town)[-1] == "c1:milestone:step-2:1"
    await press(town, "cohort pause")
    await town.pass_time(days=6)
    await press(town, "cohort resume")
    await town.pass_time(days=14)
    assert asked(town) == ["2027-W04", "2027-W05"]
    calendar = Calendar.of(await found(town))  # the next Tuesday is in a later week than the Friday that asks for all
    assert [calendar.slot("checkin", step) for step in (1, 2, 3, 4)] == [*["2027-W04"] * 3, "2027-W05"]


async def test_a_break_that_is_taken_away_where_its_first_day_has_begun_elsewhere_leaves_no_prompt_behind(
    town: Town,
) -> None:
    line = "cohort create Deep start:2027-01-04 checkin_day:monday checkin_time:0:30 timezone:Pacific/Kiritimati"
    await town.start(f"grace: /{line}")
    await press(town, "cohort break 2027-01-11")
    await press(town, "cohort edit timezone:Pacific/Honolulu")
    await town.pass_time(days=6, hours=4)  # Sunday in Honolulu, and half past two on Monday in Kiritimati
    await press(town, "cohort break 2027-01-11 remove:yes")
    await town.pass_time(days=17)
    assert asked(town) == ["2027-W03", "2027-W04"]


async def test_a_prompt_that_was_sent_early_keeps_its_week_when_a_pause_takes_the_day_that_it_was_planned_for(
    town: Town,
) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-04")
    await town.pass_time(days=1)
    await town.rooms.records.write(amending.send, 1, "checkin", 1, town.clock.now(), 90)
    await press(town, "cohort pause")
    await town.pass_time(days=14)
    await press(town, "cohort resume")
    assert Calendar.of(await found(town)).slot("checkin", 1) == "2027-W01"


async def test_the_week_of_a_prompt_that_was_moved_is_told_of_on_the_morning_after_its_reminder(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-04")
    await town.pass_time(days=1)
    to = (date(2027, 1, 10), time(12))
    await town.rooms.records.write(amending.move, 1, "checkin", 1, to, town.clock.now(), 90)
    planned = {each.kind: each.next_due_at for each in await town.rooms.records.read(posts.coming, 1)}
    assert planned["reminder"] == datetime(2027, 1, 12, 12, tzinfo=UTC)
    assert planned["digest"] == datetime(2027, 1, 13, 8, tzinfo=UTC)


async def test_the_reminder_of_a_prompt_that_is_left_out_is_not_said_to_be_sent(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-04")
    await town.pass_time(days=1)
    await town.rooms.records.write(amending.skip, 1, "checkin", 1, town.clock.now(), 90)
    await town.pass_time(days=4)
    with pytest.raises(Refusal, match="nobody is reminded"):
        await town.rooms.records.write(amending.send, 1, "reminder", 1, town.clock.now(), 90)


async def test_a_pause_that_is_given_its_end_takes_the_prompt_of_the_same_day(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-04 checkin_day:monday")
    await town.pass_time(days=7, hours=4)
    await press(town, "cohort pause")
    await press(town, "cohort resume start:2027-01-20")
    await town.pass_time(days=8)
    assert milestones(town)[-1] == "c1:milestone:step-2:1"
    assert asked(town) == []
    await town.pass_time(days=7)
    assert asked(town) == ["2027-W04"]
