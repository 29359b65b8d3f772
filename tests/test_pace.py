"""A member's own pace: their plan moves, the cohort's calendar does not."""

from datetime import timedelta

import pytest

from tests.town import Town


@pytest.fixture
async def seventh_week(study_town: Town) -> Town:
    """The cohort is in its seventh week."""
    study_town.clock.forward(study_town.clock.now() + timedelta(weeks=6, days=1))
    await study_town.say("ada: /done python-syntax")
    return study_town


async def test_every_page_follows_the_members_own_plan_and_says_so(seventh_week: Town) -> None:
    said = await seventh_week.say("ada: /pace weeks:2", expect="Your plan is moved.")
    assert "Your plan: week 5; Deep is at week 7." in said
    assert "Your week 6 begins Mon 22 Feb 2027, 09:00 (UTC)." in said
    fifth = (await seventh_week.say("ben: /join")) and (await seventh_week.say("ben: /week 5")).splitlines()[0]
    for typed in ("/week", "/next", "/home", "/roadmap", "/progress"):
        await seventh_week.say(f"ada: {typed}", expect="Your plan: week 5; Deep is at week 7.")
    assert (await seventh_week.say("ada: /week")).splitlines()[:2] == [
        fifth, "Your plan, since Mon 15 Feb 2027, 09:00 (UTC)",
    ]  # fmt: skip
    assert (await seventh_week.say("ada: /home")).startswith(fifth)


async def test_what_is_next_is_of_the_members_own_week(seventh_week: Town) -> None:
    await seventh_week.say("ada: /pace weeks:6")
    await seventh_week.say("ada: /next", expect="- Learn to move around")
    await seventh_week.say("ada: /done command-line-basics", expect="Next for you:\n- Put a first project under git")


async def test_a_plan_may_be_ahead(seventh_week: Town) -> None:
    await seventh_week.say("ada: /pace weeks:-2", expect="Your plan: week 9; Deep is at week 7.")
    await seventh_week.say("ada: /week", expect="Week 9 of")


async def test_a_plan_comes_back_in_step(seventh_week: Town) -> None:
    await seventh_week.say("ada: /pace weeks:2")
    await seventh_week.say("ada: /pace weeks:0", expect="You are back in step.\nYour plan goes in step with Deep.")
    assert "Your plan" not in await seventh_week.say("ada: /week", expect="Week 7 of")


async def test_a_plan_begins_with_its_first_week_and_says_when_it_goes_on(study_town: Town) -> None:
    await study_town.pass_time(days=1)
    said = await study_town.say("ada: /pace weeks:3", expect="Your plan: week 1; Deep is at week 1.")
    assert "Your week 2 begins Mon 1 Feb 2027, 09:00 (UTC)." in said
    study_town.clock.forward(study_town.clock.now() + timedelta(weeks=4))
    await study_town.say("ada: /week", expect="Week 2 of")


async def test_a_plan_goes_on_after_the_cohorts_season(town: Town) -> None:
    await town.start("grace: /cohort create Brief curriculum:english-emails start:2027-01-04")
    await town.say("ada: /join")
    await town.say("ada: /pace weeks:4")
    weeks = int((await town.say("ada: /week")).partition(" of ")[2].partition(":")[0])
    town.clock.forward(town.clock.now() + timedelta(weeks=weeks + 1, hours=2))
    await town.say("ada: /week", expect=f"Week {weeks - 2} of {weeks}")
    town.clock.forward(town.clock.now() + timedelta(weeks=6))
    await town.say("ada: /week", expect=f"Week {weeks} of {weeks}")


async def test_check_ins_and_posts_stay_the_cohorts(seventh_week: Town) -> None:
    await seventh_week.say("ada: /pace weeks:2")
    await seventh_week.say("ada: /home", expect="Fri 19 Feb 2027, 17:00 (UTC): not answered yet")
    await seventh_week.pass_time(weeks=1)
    assert "c1:milestone:step-8:1" in seventh_week.keys


async def test_nobody_is_more_than_a_year_behind(study_town: Town) -> None:
    await study_town.say("ada: /pace weeks:53", expect="52")
    await study_town.say("ada: /pace", expect="Your plan goes in step with Deep.")


async def test_the_buttons_move_the_plan_by_a_week(seventh_week: Town) -> None:
    lines = await seventh_week.buttons("ada: /pace weeks:2")
    assert lines == ["week", *(f"pace weeks:{each} cohort:c1" for each in (3, 1, 0))]


async def test_after_weeks_off_the_plan_can_be_moved_by_them_once(seventh_week: Town) -> None:
    await seventh_week.say("ada: /pass weeks:2", expect="[Move my plan by 2 weeks]")
    (move,) = [each for each in await seventh_week.buttons("ada: /pass weeks:2") if "pace" in each]
    for _ in range(2):
        await seventh_week.say(f"ada: /{move}", expect="Your plan: week 5; Deep is at week 7.")


async def test_after_time_away_it_is_as_many_weeks_as_were_asked(seventh_week: Town) -> None:
    await seventh_week.say("ada: /pass until:2027-03-03", expect="[Move my plan by 3 weeks]")
    await seventh_week.say("ada: /pass until:2027-02-21", expect="[Move my plan by 1 week]")


async def test_everybody_has_their_own_pace(seventh_week: Town) -> None:
    await seventh_week.say("ben: /join")
    await seventh_week.say("ada: /pace weeks:2")
    await seventh_week.say("ben: /week", expect="Week 7 of")


async def test_before_the_season_a_plan_says_when_it_begins(study_town: Town) -> None:
    said = await study_town.say("ada: /pace weeks:2", expect="Your plan begins Mon 18 Jan 2027, 09:00 (UTC).")
    assert said.count("18 Jan 2027") == 1
    await study_town.say("ada: /week", expect="Week 1 of")
