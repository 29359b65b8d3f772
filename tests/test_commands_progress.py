"""Work that members do: marked, counted, taken back, looked at, told once a week."""

from datetime import timedelta

from sqlalchemy import Connection, select

from bot.chat.message import Message, Picture
from bot.chat.wording import Phrase, plain
from bot.records.tables import progress
from tests.test_bending import press
from tests.town import MONDAY, Town

GITHUB = "https://github.com/ada/first"


def links(connection: Connection) -> list[str]:
    """The links that are kept, in the order of the log."""
    return list(connection.execute(select(progress.c.link).where(progress.c.link.is_not(None))).scalars())


# ---- done -----------------------------------------------------------------------------------------------------------


async def test_a_task_is_done_at_a_word(study_town: Town) -> None:
    done = await study_town.say("ada: /done python-syntax", expect="Done: Work through the Python syntax lessons")
    assert "1 of 3 done in Python, command line and git." in done
    assert "Next for you:\n- Learn to move around" in done


async def test_a_task_can_be_called_by_its_words_in_any_language(study_town: Town) -> None:
    await study_town.say(
        "ada: /done 파이썬 기본 문법 강의 끝내기", expect="Done: Work through the Python syntax lessons"
    )


async def test_doing_a_task_twice_counts_once(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.say("ada: /done python-syntax", expect="This was counted already")
    await study_town.say("ada: /progress", expect="1 of 23")


async def test_countable_work_adds_up(study_town: Town) -> None:
    await study_town.say("ada: /done outreach amount:3", expect="Counted: Send personal messages")
    await study_town.say("ada: /done outreach amount:4", expect="7 of 50 messages")


async def test_countable_work_is_done_from_the_least_of_its_target_on(study_town: Town) -> None:
    await study_town.say("ada: /done collect-project-ideas amount:9", expect="Counted:")
    await study_town.say("ada: /done collect-project-ideas", expect="Done: Collect ten project ideas")


async def test_a_total_says_what_it_comes_to_and_can_be_said_again(study_town: Town) -> None:
    await study_town.say("ada: /done outreach amount:3")
    for _ in range(2):
        await study_town.say("ada: /done outreach total:13", expect="13 of 50 messages")


async def test_a_smaller_total_corrects_a_slip(study_town: Town) -> None:
    await study_town.say("ada: /done outreach amount:50")
    await study_town.say("ada: /done outreach total:5", expect="5 of 50 messages")


async def test_a_total_of_nothing_makes_a_plain_task_open_again(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.say("ada: /done python-syntax total:0", expect="Taken back: Work through the Python")
    await study_town.say("ada: /progress", expect="0 of 23")


async def test_one_press_that_arrives_twice_counts_once(study_town: Town) -> None:
    for _ in range(2):
        await study_town.ask("ada: done task:outreach amount:3", via="button", call_id="press-1")
    await study_town.say("ada: /done outreach total:3", expect="3 of 50 messages")


async def test_a_task_that_asks_for_evidence_asks_for_a_link(study_town: Town) -> None:
    asked = await study_town.say("ada: /done git-basics", expect="! This task asks for a link to what you made.")
    assert "task = git-basics" in asked
    await study_town.say(f"ada: /done git-basics link:{GITHUB}", expect="Done: Put a first project under git")


async def test_evidence_of_a_kind_is_asked_for_by_its_name(study_town: Town) -> None:
    kind = "A pull request. Sent to an established open source project."
    await study_town.say("ada: /done merged-pull-request", expect=f"! A link, please: {kind}")


async def test_a_countable_task_asks_for_its_evidence_once_it_is_all_there(study_town: Town) -> None:
    await study_town.say("ada: /done weekly-users amount:1", expect="Counted: ")
    await study_town.say("ada: /done weekly-users total:1000000", expect="! A link, please: ")


async def test_a_link_is_confirmed(study_town: Town) -> None:
    await study_town.say(f"ada: /done git-basics link:{GITHUB}", expect=f"Your link is kept with it: {GITHUB}")


async def test_a_link_that_comes_later_is_kept_with_what_was_done(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    told = await study_town.say(f"ada: /done python-syntax link:{GITHUB}", expect="This was counted already")
    assert f"Your link is kept with it: {GITHUB}" in told
    assert await study_town.rooms.records.read(links) == [GITHUB]


async def test_nobody_has_to_show_anything_in_order_to_take_a_task_back(study_town: Town) -> None:
    await study_town.say("ada: /done submit-titanic total:0", expect="Nothing is counted: Send in one Titanic")


async def test_evidence_is_a_web_address(study_town: Town) -> None:
    await study_town.say("ada: /done git-basics link:my-laptop", expect="my-laptop is no web address.")


async def test_an_unknown_task_is_refused_with_the_way_to_the_list(study_town: Town) -> None:
    await study_town.say("ada: /done dance", expect="No task is called dance. /week shows this week's.")


async def test_the_last_task_of_a_milestone_completes_it(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.say("ada: /done command-line-basics")
    done = await study_town.say(f"ada: /done git-basics link:{GITHUB}")
    assert "🎉 That completes the milestone Python, command line and git." in done


async def test_a_task_says_what_it_builds_on_until_that_is_done(study_town: Town) -> None:
    builds_on = "builds on “Collect ten project ideas, rough ones welcome”"
    await study_town.say("ada: /week 10", expect=builds_on)
    await study_town.say("ada: /done collect-project-ideas total:10")
    assert builds_on not in await study_town.say("ada: /week 10")


async def test_a_task_may_be_done_before_what_it_builds_on(study_town: Town) -> None:
    await study_town.say("ada: /done choose-first-projects total:2", expect="Done: Choose two first projects")


# ---- undo -----------------------------------------------------------------------------------------------------------


async def test_the_last_change_is_taken_back(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.say("ada: /undo", expect="Taken back: Work through the Python syntax lessons")
    await study_town.say("ada: /progress", expect="0 of 23")


async def test_taking_back_goes_on_to_the_change_before(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.say("ada: /done command-line-basics")
    await study_town.say("ada: /undo", expect="Taken back: Learn to move around")
    await study_town.say("ada: /undo", expect="Taken back: Work through the Python")


async def test_there_is_an_end_to_taking_back(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.say("ada: /undo")
    await study_town.say("ada: /undo", expect="There is nothing to take back. /progress shows what you did.")


async def test_a_count_is_taken_back_by_what_was_added_last(study_town: Town) -> None:
    await study_town.say("ada: /done outreach amount:3")
    await study_town.say("ada: /done outreach amount:4")
    await study_town.say("ada: /undo", expect="3 of 50 messages")


async def test_what_was_taken_back_can_be_done_again(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.say("ada: /undo")
    await study_town.say("ada: /done python-syntax", expect="Done: Work through the Python syntax lessons")


# ---- progress -------------------------------------------------------------------------------------------------------


async def test_progress_is_told_per_phase(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    told = await study_town.say("ada: /progress", expect="Deep starts Mon 4 Jan 2027, 09:00 (UTC)")
    assert "Getting started: ▰▱▱▱▱▱▱▱▱▱ 1 of 23" in told
    assert "Theory 101: ▱▱▱▱▱▱▱▱▱▱ 0 of 19" in told
    assert "Milestones: 0 of 51" in told


async def test_progress_shows_each_week_by_what_was_done(study_town: Town) -> None:
    await press(study_town, "cohort break 2027-01-18 weeks:1")
    await study_town.pass_time(days=1, hours=2)
    for task in ("python-syntax", "command-line-basics"):
        await study_town.say(f"ada: /done {task}")
    await study_town.say("ada: /checkin did:read")
    await study_town.pass_time(weeks=3)
    await study_town.say("ada: /done outreach amount:1")
    await study_town.pass_time(weeks=1)
    shown = await study_town.say("ada: /progress", expect="Your weeks: ▆▁–▂ · 2 active · 1 quiet · 1 off · 87 to come")
    assert "Your weeks: 2 active, 1 quiet, 1 off, 87 to come" in shown.partition("\n")[2]


async def test_nobody_was_quiet_in_the_weeks_before_they_joined(study_town: Town) -> None:
    await study_town.pass_time(weeks=3, hours=2)
    await study_town.say("bo: /join")
    await study_town.say("bo: /progress", expect="Your weeks: ––– · 3 off · 87 to come")


async def test_each_week_with_something_done_makes_the_streak_longer(study_town: Town) -> None:
    await study_town.pass_time(days=1, hours=2)
    for week, typed in enumerate(["/done python-syntax", "/checkin did:read", "/done outreach amount:1"], start=1):
        await study_town.say(f"ada: {typed}")
        await study_town.say("ada: /progress", expect=f"Streak: {week} week")
        await study_town.pass_time(weeks=1)


async def test_a_week_that_is_not_over_breaks_no_streak(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.pass_time(weeks=1)
    await study_town.say("ada: /progress", expect="Streak: 1 week; this one is still open")


async def test_a_week_without_anything_ends_the_streak(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    await study_town.say("ada: /done python-syntax")
    await study_town.pass_time(weeks=2, days=1)
    await study_town.say("ada: /progress", expect="Streak: begins with what you do next")


async def test_a_week_is_one_where_the_member_lives_and_its_days_end_at_four(study_town: Town) -> None:
    town = study_town
    await town.say("ada: /set language timezone:Pacific/Kiritimati")  # where it is 14 hours later
    town.clock.forward(MONDAY + timedelta(days=6, hours=5))  # Monday there, at 03:00: Sunday's week
    await town.say("ada: /done python-syntax")
    town.clock.forward(MONDAY + timedelta(days=6, hours=6))  # and at 04:00: the next
    await town.say("ada: /done command-line-basics")
    await town.say("ada: /progress", expect="Streak: 2 weeks\n")


async def test_what_was_taken_back_keeps_no_streak(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.say("ada: /undo")
    await study_town.say("ada: /progress", expect="Streak: begins with what you do next")


async def test_a_hidden_streak_is_shown_nowhere(study_town: Town) -> None:
    await study_town.say("ada: /set visibility streak:no")
    said = [await study_town.say(f"ada: {typed}") for typed in ("/checkin did:read", "/progress", "/home")]
    assert not [each for each in said if "treak" in each or "in a row" in each]


async def test_nor_is_it_drawn(study_town: Town) -> None:
    await study_town.say("ada: /set visibility streak:no")
    shown = await study_town.ask("ada: /progress")
    assert isinstance(shown, Message)
    (drawn,) = [each for each in shown.parts if isinstance(each, Picture)]
    assert isinstance(drawn.values["streak"], Phrase)
    assert plain(drawn.values["streak"]) == ""


# ---- check-in -------------------------------------------------------------------------------------------------------


async def test_a_check_in_is_asked_for_in_a_form(study_town: Town) -> None:
    asked = await study_town.say("ada: /checkin", expect="<Say what you did this week.>")
    assert asked.splitlines()[1:] == ["did = ", "next = ", "blocked = ", "hours = ", "share = no"]


async def test_a_check_in_is_confirmed_with_what_was_received(study_town: Town) -> None:
    told = await study_town.say(
        "ada: /checkin did:read two papers next:write blocked:time hours:5", expect="Thank you, your check-in is in."
    )
    assert "In the way: time\nDid: read two papers\nNext: write\nHours: 5" in told
    assert "That is 1 week in a row." in told


async def test_last_weeks_plan_is_what_this_weeks_form_begins_with(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    await study_town.say("ada: /checkin did:read next:write it up")
    await study_town.pass_time(weeks=1)
    await study_town.say("ada: /checkin", expect="did = write it up\nnext = \n")


async def test_the_same_weeks_check_in_is_changed_where_it_stands(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read hours:5")
    await study_town.say("ada: /checkin", expect="did = read\nnext = \nblocked = \nhours = 5\nshare = no")
    await study_town.say("ada: /checkin did:read it all", expect="Your check-in is changed.")
    await study_town.say("grace: /cohort status", expect="Checked in this week: 1 of 1")
