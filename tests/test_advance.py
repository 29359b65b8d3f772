"""How a cohort gets on, as its facilitators see it: how many are where, and what was done each week. No names."""

from tests.town import Town

LINK = "link:https://github.com/ada/first"


async def test_a_cohorts_members_are_counted_by_phase_and_milestone(study_town: Town) -> None:
    await study_town.say("bo: /join")
    for task in ("python-syntax", "command-line-basics", f"git-basics {LINK}"):
        await study_town.say(f"ada: /done {task}")
    await study_town.say("bo: /done python-syntax")
    status = await study_town.say("grace: /cohort status", expect="Getting started: 2 begun, 0 finished")
    assert "Getting started: 2 begun, 0 finished · each milestone: 1, 0, 0, 0, 0, 0, 0, 0" in status
    assert "Portfolio: 0 begun, 0 finished" in status
    assert "Ada" not in status
    assert "Bo" not in status


async def test_each_week_has_its_check_ins_and_finished_tasks(study_town: Town) -> None:
    await study_town.say("bo: /join")
    await study_town.pass_time(days=1, hours=2)
    await study_town.say("ada: /done python-syntax")
    await study_town.say("ada: /done outreach amount:3")
    for name in ("ada", "bo"):
        await study_town.say(f"{name}: /checkin did:read")
    await study_town.pass_time(weeks=1)
    await study_town.say("ada: /done outreach amount:47")
    await study_town.say("ada: /done command-line-basics")
    await study_town.say("ada: /done command-line-basics total:0")
    status = await study_town.say("grace: /cohort status", expect="Check-ins a week: 2, 0")
    assert "Finished tasks a week: 1, 1" in status


async def test_there_are_no_weeks_before_the_season(study_town: Town) -> None:
    assert "a week:" not in await study_town.say("grace: /cohort status", expect="1 member · not begun")


async def test_those_who_left_are_not_counted(study_town: Town) -> None:
    await study_town.say("bo: /join")
    await study_town.say("bo: /done python-syntax")
    await study_town.say("bo: /leave")
    await study_town.say("grace: /cohort status", expect="Getting started: 0 begun, 0 finished")


async def test_what_somebody_brought_along_was_finished_in_no_week_of_this_season(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.start("grace: /cohort create Later curriculum:deep-learning start:2027-01-11", channel="later")
    await study_town.pass_time(weeks=1, hours=2)
    await study_town.say("ada: /join Later", channel="later")
    status = await study_town.say("grace: /cohort status Later", expect="Getting started: 1 begun, 0 finished")
    assert "Finished tasks a week: 0" in status


async def test_the_picture_says_the_same_as_the_words_below_it(study_town: Town) -> None:
    await study_town.pass_time(days=1)
    await study_town.say("ada: /done python-syntax")
    status = await study_town.say("grace: /cohort status")
    picture = next(each for each in status.splitlines() if each.startswith("<"))
    for said in ("Getting started: 1 begun, 0 finished", "Check-ins a week: 0", "Finished tasks a week: 1"):
        assert said in picture
        assert said in status.replace(picture, "")
