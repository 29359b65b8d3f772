"""A season that bends: what facilitators see before they change dates, what it does, and what members notice."""

import shutil
import zoneinfo
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Connection, select, update

from bot.chat.message import Button, Message
from bot.chat.platform import Person, Place
from bot.curriculum.load import Curricula, load_all
from bot.delivery import schedule
from bot.delivery.calendar import Calendar, period
from bot.delivery.versions import season
from bot.records import checkins, cohorts, posts
from bot.records.bends import Break
from bot.records.cohorts import Cohort
from bot.records.tables import schedule as planned_posts
from bot.shipped import shipped
from tests.town import MONDAY, Town, open_town, text_of

GRACE = Person(platform="square", id="grace", name="Grace")


async def offered(town: Town, line: str) -> tuple[str, str]:
    """What the two buttons say that a facilitator sees after the command: the one that makes it, and announces it."""
    shown = await town.ask(f"grace: /{line}")
    assert isinstance(shown, Message), text_of(shown)
    make, announce = [each.line for each in shown.buttons if isinstance(each, Button)]
    return make, announce


async def press(town: Town, line: str, *, announces: bool = False) -> str:
    """What a facilitator reads after the command and a press on one of its buttons."""
    return await town.say(f"grace: /{(await offered(town, line))[announces]}", expect="Done.")


@pytest.fixture
async def sunday(migrated: Path, tmp_path: Path, curricula: Curricula) -> AsyncIterator[Town]:
    """A town on the Sunday evening before its first Monday."""
    shutil.copy(migrated, tmp_path)
    town = await open_town(tmp_path, curricula=curricula, at=datetime(2027, 1, 3, 20, tzinfo=UTC))
    yield town
    await town.rooms.records.close()


async def found(town: Town) -> Cohort:
    return (await town.rooms.records.town("square", "town")).cohorts[0]


def milestones(town: Town) -> list[str]:
    return [key for key in town.keys if ":milestone:" in key]


async def test_a_change_shows_what_it_does_before_anything_is_changed(study_town: Town) -> None:
    before = await found(study_town)
    shown = await study_town.say("grace: /cohort shift 2", expect="Preview: nothing is changed yet")
    assert "Next milestone: Mon 4 Jan 2027, 09:00 (UTC) → Mon 18 Jan 2027, 09:00 (UTC)" in shown
    assert "Moves 270 posts." in shown
    assert "[Do it] [Do it and announce]" in shown
    assert await found(study_town) == before


async def test_the_next_milestone_comes_when_it_was_said_and_none_before(study_town: Town) -> None:
    await study_town.pass_time(days=1)
    await press(study_town, "cohort shift 2")
    await study_town.pass_time(days=19)
    assert milestones(study_town) == ["c1:milestone:step-1:1"]
    await study_town.pass_time(days=1, hours=2)
    assert milestones(study_town) == ["c1:milestone:step-1:1", "c1:milestone:step-2:1"]


async def test_the_week_that_was_posted_before_a_shift_is_asked_about_as_planned(study_town: Town) -> None:
    await study_town.pass_time(days=1)
    await press(study_town, "cohort shift 2")
    await study_town.pass_time(days=6)
    assert study_town.keys[1:] == ["c1:checkin:2027-W01:1", "c1:reminder:2027-W01:1"]


async def test_a_season_that_was_moved_away_can_be_moved_back_as_far_as_it_goes(study_town: Town) -> None:
    await study_town.pass_time(days=1)
    await press(study_town, "cohort shift 3")
    await study_town.say("grace: /cohort shift -4", expect="The earliest is Mon 11 Jan 2027.")
    await press(study_town, "cohort shift -3")
    await study_town.pass_time(days=6, hours=2)
    assert milestones(study_town)[-1] == "c1:milestone:step-2:1"


async def test_a_change_is_announced_once_and_in_the_same_moment(study_town: Town) -> None:
    await press(study_town, "cohort shift 1", announces=True)
    await study_town.pass_time(minutes=1)
    assert [key.split("-")[0] for key in study_town.keys] == ["c1:announcement:calendar"]
    assert "Deep moves 1 week later." in study_town.posts[0]
    assert "Week 1: Python, command line and git: Mon 11 Jan 2027, 09:00 (UTC)" in study_town.posts[0]


async def test_a_second_press_changes_nothing(study_town: Town) -> None:
    _, announce = await offered(study_town, "cohort shift 1")
    for expect in ("Done. Deep moves 1 week later.", "have changed since this was shown"):
        await study_town.say(f"grace: /{announce}", expect=expect)
    await study_town.pass_time(minutes=1)
    assert len(study_town.keys) == 1
    assert (await found(study_town)).start_on == date(2027, 1, 11)


async def test_a_button_from_before_a_milestone_does_nothing_after_it(study_town: Town) -> None:
    make, _ = await offered(study_town, "cohort shift 1")
    await study_town.pass_time(hours=2)
    await study_town.say(f"grace: /{make}", expect="have changed since this was shown")
    assert (await found(study_town)).turns == ()


async def test_a_button_works_for_a_day(study_town: Town) -> None:
    make, _ = await offered(study_town, "cohort break 2027-03-01")
    await study_town.pass_time(hours=25)
    await study_town.say(f"grace: /{make}", expect="No such change was shown in the last day.")


async def test_nobody_changes_the_dates_of_another_community(study_town: Town) -> None:
    make, _ = await offered(study_town, "cohort shift 1")
    study_town.community = "elsewhere"
    await study_town.say(f"grace: /{make}", expect="for a cohort that others look after")


async def test_a_break_has_no_post_at_all_and_ends_with_the_next_milestone(study_town: Town) -> None:
    said = await press(study_town, 'cohort break 2027-01-13 weeks:2 name:"Lunar New Year"', announces=True)
    assert "Lunar New Year: Deep is off from Mon 11 Jan 2027 to Sun 24 Jan 2027." in said
    await study_town.pass_time(days=8)
    before = list(study_town.keys)
    await study_town.say("grace: /cohort list", expect="Lunar New Year until Sun 24 Jan 2027")
    await study_town.say("ada: /week", expect="Lunar New Year until Sun 24 Jan 2027")
    await study_town.pass_time(days=12)
    assert study_town.keys == before
    await study_town.pass_time(days=1, hours=2)
    assert study_town.keys[-1] == "c1:milestone:step-2:1"


async def test_a_break_keeps_a_streak(study_town: Town) -> None:
    await press(study_town, "cohort break 2027-01-11 weeks:2")
    await study_town.pass_time(hours=2)
    await study_town.say("ada: /checkin did:read", expect="1 week in a row")
    await study_town.pass_time(days=21)
    await study_town.say("ada: /checkin did:read", expect="2 weeks in a row")


async def test_a_week_that_has_begun_cannot_become_a_break(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    await study_town.say("grace: /cohort break 2027-01-06", expect="that of Mon 11 Jan 2027")


async def test_breaks_do_not_overlap(study_town: Town) -> None:
    await press(study_town, "cohort break 2027-02-01 weeks:2")
    await study_town.say(
        "grace: /cohort break 2027-02-10", expect="a break from Mon 1 Feb 2027 to Sun 14 Feb 2027 already"
    )


async def test_of_a_break_what_is_ahead_can_be_taken_back_and_what_has_begun_cannot(study_town: Town) -> None:
    await press(study_town, "cohort break 2027-01-11 weeks:3")
    await study_town.pass_time(days=8)
    await press(study_town, "cohort break 2027-01-11 remove:yes")
    assert [each.last_on for each in (await found(study_town)).breaks] == [date(2027, 1, 17)]
    await study_town.say("grace: /cohort break 2027-01-11 remove:yes", expect="That break has begun")
    await study_town.say("grace: /cohort break 2027-01-18 remove:yes", expect="Deep has no break on Mon 18 Jan 2027")


async def test_while_a_cohort_is_paused_nothing_is_posted(study_town: Town) -> None:
    await study_town.pass_time(days=1)
    assert "Deep pauses." in await press(study_town, "cohort pause")
    await study_town.pass_time(days=30)
    assert study_town.keys == ["c1:milestone:step-1:1"]
    assert "Paused since: Tue 5 Jan 2027, 08:00 (UTC)" in await study_town.say("grace: /cohort status")
    await study_town.say("ada: /join", expect="The next milestone is posted on a day to be told.")
    await study_town.say("ada: /home", expect="paused since Tue 5 Jan 2027")
    await study_town.say("grace: /cohort shift 1", expect="Deep is paused. Let it go on first, with /cohort resume.")


async def test_a_paused_cohort_goes_on_with_the_next_slot_and_what_fell_into_the_pause_is_left_out(
    study_town: Town,
) -> None:
    await study_town.pass_time(days=1)
    await press(study_town, "cohort pause")
    await study_town.pass_time(days=23)
    assert "Next milestone: Mon 1 Feb 2027, 09:00 (UTC)" in await press(study_town, "cohort resume")
    await study_town.pass_time(days=5)
    assert study_town.keys[1:] == ["c1:checkin:2027-W04:1", "c1:reminder:2027-W04:1", "c1:milestone:step-2:1"]


async def test_a_pause_can_be_given_its_end_and_paused_again_before_it(study_town: Town) -> None:
    await study_town.pass_time(days=1)
    await press(study_town, "cohort pause")
    await press(study_town, "cohort resume start:2027-03-01")
    await study_town.pass_time(days=20)
    await press(study_town, "cohort pause")
    await press(study_town, "cohort resume")
    await study_town.pass_time(days=7, hours=2)
    assert milestones(study_town)[-1] == "c1:milestone:step-2:1"


async def test_a_resumption_on_the_day_of_a_slot_that_has_passed_waits_for_the_next(study_town: Town) -> None:
    await press(study_town, "cohort pause")
    await study_town.pass_time(hours=3)
    assert "Next milestone: Mon 11 Jan 2027, 09:00 (UTC)" in await press(study_town, "cohort resume")
    await study_town.pass_time(days=6)
    assert not [each for each in study_town.keys if ":milestone:" in each]


async def test_a_season_that_is_over_has_nothing_left_to_move(town: Town) -> None:
    await town.start("grace: /cohort create Short curriculum:english-emails start:2026-11-02")
    for line in ("cohort shift 1", "cohort pause", "cohort break 2027-03-01", "cohort edit day:friday"):
        await town.say(f"grace: /{line}", expect="The season of Short is over")


async def test_another_day_time_and_zone_hold_from_the_next_step_on_in_the_week_where_it_was(study_town: Town) -> None:
    await study_town.pass_time(days=1)
    said = await press(study_town, "cohort edit day:wednesday time:18:30 timezone:asia/seoul", announces=True)
    assert "Deep has a new weekly time: Wednesday, 18:30 (Asia/Seoul)." in said
    assert "Next milestone: Wed 13 Jan 2027, 18:30 (Asia/Seoul)" in said
    await study_town.pass_time(days=8, hours=2)
    assert milestones(study_town) == ["c1:milestone:step-1:1", "c1:milestone:step-2:1"]
    await press(study_town, "cohort edit day:monday")
    await study_town.pass_time(days=5)
    assert milestones(study_town)[-1] == "c1:milestone:step-3:1"


async def test_check_ins_are_asked_for_on_the_cohorts_own_day_and_time(town: Town) -> None:
    said = await town.start("grace: /cohort create Deep start:2027-01-04 checkin_day:sunday checkin_time:10:30")
    assert "Check-ins are asked for every week: Sunday at 10:30, UTC." in said
    await town.say("grace: /cohort status", expect="Next check-in prompt: Sun 10 Jan 2027, 10:30 (UTC)")
    await town.say("ada: /join")
    await town.pass_time(days=9)
    assert town.keys[1:] == ["c1:checkin:2027-W01:1", "c1:milestone:step-2:1", "c1:reminder:2027-W01:1"]


async def test_another_day_for_check_ins_holds_from_the_next_step_on(study_town: Town) -> None:
    await study_town.pass_time(days=1)
    said = await press(study_town, "cohort edit checkin_day:thursday checkin_time:8:00", announces=True)
    assert "milestones on Monday at 09:00, check-ins on Thursday at 08:00 (UTC)" in said
    await study_town.pass_time(days=4)
    assert study_town.keys[-1] == "c1:checkin:2027-W01:1"  # on Friday the 8th, as this week was planned
    await study_town.pass_time(days=5, hours=1)
    assert study_town.keys[-1] == "c1:checkin:2027-W02:1"  # on Thursday the 14th


async def test_an_edit_of_the_day_for_check_ins_never_asks_twice_in_a_week(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-04 checkin_day:monday", expect="Deep is ready")
    await town.pass_time(days=1)
    said = await press(town, "cohort edit checkin_day:friday")
    # Week 1 is asked about on Monday the 11th, so the next one is not to be asked about on that Friday.
    assert "Next milestone: Mon 18 Jan 2027" in said
    await town.pass_time(days=18)
    asked = [key for key in town.keys if "checkin" in key]
    assert asked == ["c1:checkin:2027-W02:1", "c1:checkin:2027-W03:1"]


async def in_seoul(town: Town, **at: Any) -> None:
    """A cohort that was made on a Sunday in Seoul, so much time later."""
    await town.start("grace: /cohort create Deep start:2027-01-04 timezone:Asia/Seoul", expect="Deep is ready")
    await town.pass_time(**at)


async def test_a_pause_after_a_move_to_the_west_leaves_the_milestone_that_is_posted(sunday: Town) -> None:
    await in_seoul(sunday, hours=4, minutes=30)
    await press(sunday, "cohort edit timezone:Pacific/Honolulu")
    await press(sunday, "cohort pause")
    await sunday.pass_time(days=8)
    await press(sunday, "cohort resume")
    calendar = Calendar.of(await found(sunday))
    assert [calendar.milestone_on(step) for step in (1, 2)] == [date(2027, 1, 4), date(2027, 1, 18)]
    await sunday.pass_time(days=5)
    assert "c1:checkin:2027-W02:1" in sunday.keys


async def test_no_break_after_a_move_to_the_west_takes_the_week_of_a_milestone_that_is_posted(sunday: Town) -> None:
    await in_seoul(sunday, hours=4, minutes=30)
    await press(sunday, "cohort edit timezone:Pacific/Honolulu")
    await sunday.say("grace: /cohort break 2027-01-04", expect="that of Mon 11 Jan 2027")


async def test_a_pause_after_a_move_to_the_west_leaves_the_prompt_that_is_posted(sunday: Town) -> None:
    await in_seoul(sunday, days=1)
    await press(sunday, "cohort edit timezone:Pacific/Honolulu")
    await sunday.pass_time(days=3, hours=12, minutes=30)
    assert sunday.keys[-1] == "c1:checkin:2027-W01:1"
    await press(sunday, "cohort pause")
    await sunday.pass_time(days=10)
    await press(sunday, "cohort resume")
    assert Calendar.of(await found(sunday)).slot("checkin", 1) == "2027-W01"


async def test_a_resumption_later_is_kept_also_when_a_prompt_fell_due_on_the_day_of_the_pause(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-08 day:friday", expect="Deep is ready")
    await town.pass_time(days=11, hours=4)
    assert milestones(town)[-1] == "c1:milestone:step-2:1"
    await press(town, "cohort pause")
    await town.pass_time(days=1)
    assert "Next milestone: Fri 5 Mar 2027" in await press(town, "cohort resume start:2027-03-01")


async def test_an_edit_asks_with_the_present_values_and_says_when_they_are_the_same(study_town: Town) -> None:
    asked = await study_town.say("grace: /cohort edit")
    assert "day = monday\ntime = 09:00\ntimezone = UTC\ncheckin_day = friday\ncheckin_time = 17:00" in asked
    await study_town.say("grace: /cohort edit day:monday", expect="That would change nothing")


async def test_a_milestone_on_a_friday_and_the_next_on_a_monday_leave_a_week_between(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-08 day:friday", expect="Deep is ready")
    await town.pass_time(days=5)
    said = await press(town, "cohort edit day:monday")
    # On Monday the 11th nobody was asked about week 1 yet: that is on Friday the 15th.
    assert "Next milestone: Mon 18 Jan 2027" in said


async def test_a_season_is_not_moved_back_into_a_week_that_has_its_milestone(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    await press(study_town, "cohort edit day:sunday")
    await study_town.say("grace: /cohort shift -1", expect="cannot come on Sun 10 Jan 2027. The earliest is Sun 17 Jan")


async def test_a_slot_of_the_week_that_has_gone_by_is_taken_from_the_next_week_on(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-04 day:sunday", expect="Deep is ready")
    await town.pass_time(hours=2)
    assert "Next milestone: Mon 11 Jan 2027" in await press(town, "cohort edit day:monday")
    await town.pass_time(days=6)
    assert not [each for each in town.keys if ":milestone:" in each]


async def test_a_pause_on_the_day_of_a_milestone_leaves_that_where_it_was(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    await press(study_town, "cohort pause")
    await study_town.pass_time(days=9)
    assert "Next milestone: Mon 18 Jan 2027" in await press(study_town, "cohort resume")
    await study_town.pass_time(days=5)
    assert milestones(study_town) == ["c1:milestone:step-1:1", "c1:milestone:step-2:1"]


async def test_a_phase_that_is_kept_open_goes_on_with_prompts_until_the_cohort_moves_on(town: Town) -> None:
    # At this pace the phase has eight weeks, and this is the last of them.
    await town.start("grace: /cohort create Deep curriculum:deep-learning pace:min start:2026-11-16")
    assert "Deep stays with Getting started" in await press(town, "cohort hold")
    await town.pass_time(days=21)
    assert milestones(town)[-1] == "c1:milestone:step-8:1"
    assert [key for key in town.keys if "checkin" in key][-2:] == ["c1:checkin:2027-W02:1", "c1:checkin:2027-W03:1"]
    assert "how was week 8?" in town.posts[-1]
    assert "[Move on]" in await town.say("grace: /cohort status", expect="Kept open: Getting started")
    await town.say("grace: /cohort list", expect="stays in its phase until everybody is ready")
    await town.say("grace: /cohort shift 1", expect="Deep waits in its phase")
    await press(town, "cohort hold release:yes")
    await town.pass_time(hours=2)
    assert milestones(town)[-1] == "c1:milestone:step-9:1"


async def test_what_moves_and_waits_is_counted_without_the_weeks_that_a_phase_is_kept_open_for(town: Town) -> None:
    await town.start("grace: /cohort create Deep curriculum:deep-learning pace:min start:2026-11-16")
    cohort = await found(town)
    later = 3 * (len(season(town.rooms.curricula, cohort)) - 8)
    await town.say("grace: /cohort hold", expect=f"{later} posts wait.")
    await press(town, "cohort hold")
    await town.pass_time(days=21)
    said = await town.say("grace: /cohort edit day:saturday", expect="Next check-in prompt")
    assert "No post of the season moves." not in said
    await town.say("grace: /cohort hold release:yes", expect=f"Moves {later} posts.")


async def test_whoever_has_not_answered_the_prompt_that_stands_when_a_hold_ends_is_reminded_once(town: Town) -> None:
    await town.start("grace: /cohort create Deep curriculum:deep-learning pace:min start:2026-11-16")
    await town.say("ada: /join")
    await press(town, "cohort hold")
    await town.pass_time(days=18, hours=10)
    assert town.keys[-1] == "c1:checkin:2027-W03:1"
    await press(town, "cohort hold release:yes")
    await town.pass_time(days=14)
    asked = [key for key in town.keys if "W03" in key]
    assert asked == ["c1:checkin:2027-W03:1", "c1:reminder:2027-W03:1"]
    told = [text_of(post.message) for _, post in town.square.told if post.key == "c1:report:2027-W03"]
    assert [each.splitlines()[0] for each in told] == ["Deep: how week 8 went"]


async def test_nobody_is_reminded_of_a_prompt_in_a_pause_that_begins_when_a_hold_ends(town: Town) -> None:
    await town.start("grace: /cohort create Deep curriculum:deep-learning pace:min start:2026-11-16")
    await town.say("ada: /join")
    await press(town, "cohort hold")
    await town.pass_time(days=18, hours=10)
    await press(town, "cohort hold release:yes")
    await press(town, "cohort pause")
    await town.pass_time(days=14)
    assert town.keys[-1] == "c1:checkin:2027-W03:1"


async def test_a_resumption_that_is_ahead_shows_in_the_status_and_to_members(study_town: Town) -> None:
    await study_town.pass_time(days=1)
    await press(study_town, "cohort pause")
    await press(study_town, "cohort resume start:2027-03-01")
    await study_town.say("grace: /cohort status", expect="Paused: Tue 5 Jan 2027 to Sun 28 Feb 2027")
    await study_town.say("ada: /week", expect="paused until Sun 28 Feb 2027")


async def test_an_answer_to_the_last_prompt_of_a_hold_is_for_its_week_also_after_moving_on(
    town: Town,
) -> None:
    await town.start("grace: /cohort create Deep curriculum:deep-learning pace:min start:2026-11-16")
    await town.say("ada: /join")
    await press(town, "cohort hold")
    await town.pass_time(days=5)
    await town.say("ada: /checkin did:first", expect="your check-in is in")
    await town.pass_time(days=13, hours=10)
    assert town.keys[-1] == "c1:checkin:2027-W03:1"
    await press(town, "cohort hold release:yes")
    await town.say("ada: /checkin did:last", expect="your check-in is in")
    assert await town.rooms.records.read(checkins.periods, 1) == {"2027-W01", "2027-W03"}


async def test_a_hold_that_is_taken_back_before_anybody_waits_leaves_what_comes_next_alone(town: Town) -> None:
    await town.start("grace: /cohort create Deep curriculum:deep-learning pace:min start:2026-11-16")
    await press(town, "cohort shift 3")
    before = Calendar.of(await found(town)).milestone_at(9)
    await press(town, "cohort hold")
    await press(town, "cohort hold release:yes")
    assert Calendar.of(await found(town)).milestone_at(9) == before


async def test_where_no_place_can_be_reached_no_word_is_offered(study_town: Town) -> None:
    await study_town.rooms.records.write(cohorts.lose_place, 1, "the channel is closed")
    assert "announce" not in await study_town.say("grace: /cohort shift 1 cohort:Deep", expect="Preview")


async def test_a_phase_that_the_cohort_has_left_cannot_be_kept_open(town: Town) -> None:
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2026-10-05")
    await town.say("grace: /cohort hold getting-started", expect="has moved on from that phase already")
    await town.say("grace: /cohort hold release:yes", expect="does not keep that phase open")
    await town.say("grace: /cohort hold nowhere", expect="No phase is called nowhere")


async def test_a_paused_cohort_does_not_meet_nor_in_a_break(study_town: Town) -> None:
    await study_town.say("grace: /cohort meeting day:wednesday")
    await press(study_town, "cohort break 2027-01-11")
    await study_town.pass_time(minutes=1)
    days = [each.starts_at.date().day for each in study_town.square.events if "meet" in each.key]
    assert days[:2] == [6, 20]
    await press(study_town, "cohort pause")
    await study_town.pass_time(minutes=1)
    assert study_town.square.events == []


# ---- New rules for a zone -------------------------------------------------------------------------------------------


NOWHERE = "Nowhere/Town"


@pytest.fixture
def nowhere(tmp_path: Path) -> Iterator[Path]:
    """The file of a zone whose rules a test can rewrite, as an update of tzdata does."""
    before, file = zoneinfo.TZPATH, tmp_path / NOWHERE
    file.parent.mkdir()
    file.write_bytes(rules_of("GMT-1"))
    zoneinfo.reset_tzpath([str(tmp_path), *before])
    yield file
    zoneinfo.reset_tzpath(before)
    ZoneInfo.clear_cache(only_keys=[NOWHERE])


def rules_of(name: str) -> bytes:
    return files("tzdata.zoneinfo.Etc").joinpath(name).read_bytes()


async def test_after_an_update_of_tzdata_the_next_start_goes_by_the_new_rules(
    migrated: Path, tmp_path: Path, curricula: Curricula, nowhere: Path
) -> None:
    shutil.copy(migrated, tmp_path)
    town = await open_town(tmp_path, curricula=curricula)
    place = Place(platform="square", community="town", channel="main")
    await town.rooms.records.write(
        schedule.begin, place, MONDAY, GRACE, name="Deep", curriculum="deep-learning", version="1.0.0",
        start_on=date(2027, 1, 11), zone=ZoneInfo(NOWHERE), weekday=0, at=time(9), pace="middle", language="en",
    )  # fmt: skip
    assert await planned(town) == [datetime(2027, 1, 11, 8, tzinfo=UTC), datetime(2027, 1, 15, 16, tzinfo=UTC)]
    await town.rooms.records.close()

    nowhere.write_bytes(rules_of("GMT-3"))
    ZoneInfo.clear_cache(only_keys=[NOWHERE])
    again = await open_town(tmp_path, curricula=curricula)
    await again.rooms.delivery.align()
    assert await planned(again) == [datetime(2027, 1, 11, 6, tzinfo=UTC), datetime(2027, 1, 15, 14, tzinfo=UTC)]
    await again.rooms.records.close()


async def planned(town: Town) -> list[datetime]:
    """When the first cohort's next milestone and prompt are due."""
    return [each.next_due_at for each in await town.rooms.records.read(posts.coming, 1)][:2]


async def test_a_start_plans_every_cohort_again_page_by_page(study_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.schedule.PAGE", 2)
    for n in range(4):
        await study_town.start(f"grace: /cohort create Deep{n} start:2027-01-04", channel=f"c{n}")
    await study_town.start("grace: /cohort create Idle start:2027-01-04", channel="idle")
    await press(study_town, "cohort pause cohort:Idle")

    def spoil(connection: Connection) -> None:
        wrong = MONDAY + timedelta(days=300)
        connection.execute(
            update(planned_posts).where(planned_posts.c.next_due_at.is_not(None)).values(next_due_at=wrong)
        )

    await study_town.rooms.records.write(spoil)
    await study_town.rooms.delivery.align()
    assert await study_town.rooms.records.read(due_dates) == {MONDAY + timedelta(hours=1)}
    assert await study_town.rooms.records.read(posts.coming, 6) == []


def due_dates(connection: Connection) -> set[datetime]:
    milestones = planned_posts.c.next_due_at.is_not(None) & (planned_posts.c.kind == "milestone")
    return set(connection.execute(select(planned_posts.c.next_due_at).where(milestones)).scalars())


# ---- Phases that the curriculum leaves open -------------------------------------------------------------------------


async def test_a_phase_that_its_curriculum_leaves_open_waits_for_the_facilitator(
    migrated: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated, tmp_path)
    shutil.copytree(shipped("curriculum") / "english-emails", tmp_path / "curriculum" / "english-emails")
    file = tmp_path / "curriculum" / "english-emails" / "curriculum.yaml"
    file.write_text(file.read_text().replace("    weeks: 4\n", "    weeks: 4\n    open_ended: true\n", 1))
    town = await open_town(tmp_path, curricula=load_all(tmp_path / "curriculum"))
    await town.start("grace: /cohort create Emails start:2027-01-04")
    await town.pass_time(days=60)
    assert len(milestones(town)) == 4
    assert town.keys[-1] == "c1:checkin:2027-W08:1"
    await press(town, "cohort hold release:yes")
    await town.pass_time(days=30)
    assert town.keys[-1] == "c1:checkin:2027-W08:1"
    await town.rooms.records.close()


@pytest.mark.parametrize("line", ["cohort hold release:yes", "cohort hold four-weeks release:yes"])
async def test_a_phase_that_was_kept_open_is_left_also_when_it_has_another_number_of_weeks(
    migrated: Path, tmp_path: Path, line: str
) -> None:
    shutil.copy(migrated, tmp_path)
    shutil.copytree(shipped("curriculum") / "english-emails", tmp_path / "curriculum" / "english-emails")
    town = await open_town(tmp_path, curricula=load_all(tmp_path / "curriculum"))
    await town.start("grace: /cohort create Emails start:2027-01-04")
    await press(town, "cohort hold")
    phase = (await town.rooms.records.town("square", "town")).cohorts[0].held
    await town.rooms.records.close()
    file = tmp_path / "curriculum" / "english-emails" / "curriculum.yaml"
    file.write_text(file.read_text().replace("    weeks: 4\n", "    weeks: 5\n", 1))
    again = await open_town(tmp_path, curricula=load_all(tmp_path / "curriculum"), at=MONDAY + timedelta(weeks=6))
    assert "Emails moves on after" in await press(again, line)
    assert (await found(again)).held == () != phase
    await again.rooms.records.close()


# ---- The calendar as such -------------------------------------------------------------------------------------------


@given(some.integers(0, 6), some.lists(some.tuples(some.integers(0, 12), some.integers(1, 3)), max_size=3))
def test_steps_take_the_slots_that_are_not_off_in_order(weekday: int, off: list[tuple[int, int]]) -> None:
    start_on = date(2027, 1, 4)
    begins = [(start_on + timedelta(weeks=first), length) for first, length in off]
    days_off = [Break(day, day + timedelta(days=7 * length - 1)) for day, length in begins]
    breaks = tuple(sorted(days_off, key=lambda each: each.first_on))
    calendar = Calendar(start_on, weekday, time(9), ZoneInfo("UTC"), breaks=breaks)
    slots = (start_on + timedelta(weeks=week, days=weekday) for week in range(30))
    free = [day for day in slots if not calendar.is_off(day)]
    assert [calendar.milestone_on(step) for step in range(1, 21)] == free[:20]
    for step in range(1, 20):
        begins_at = calendar.milestone_at(step)
        assert calendar.step_at(begins_at) == step
        assert calendar.step_at(begins_at - timedelta(microseconds=1)) == step - 1
        prompt = calendar.due_at("checkin", step)
        assert prompt is not None
        assert not calendar.is_off(prompt.date())
        assert period(prompt.date()) == calendar.slot("checkin", step)


def test_a_long_pause_leaves_one_prompt_for_both_weeks() -> None:
    pause = Break(date(2027, 1, 6), date(2027, 1, 24), is_pause=True)
    calendar = Calendar(date(2027, 1, 4), 0, time(9), ZoneInfo("UTC"), breaks=(pause,))
    assert calendar.milestone_on(2) == date(2027, 1, 25)
    assert calendar.due_at("checkin", 1) is None
    assert calendar.due_at("checkin", 2) == datetime(2027, 1, 29, 17, tzinfo=UTC)
    # Of the last week of a season nobody else asks.
    assert calendar.due_at("checkin", 1, is_last=True) == datetime(2027, 1, 29, 17, tzinfo=UTC)
