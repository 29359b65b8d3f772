"""`/home`: the week at a glance, on one page, and what somebody new finds there."""

from datetime import timedelta

import pytest

from bot.chat.message import Button, Item, Message, Post
from bot.platforms.discord.render import losses
from tests.town import Town, text_of

WEEK = timedelta(weeks=1)


async def home(town: Town) -> str:
    """What Ada finds at home."""
    return await town.say("ada: /home")


async def test_the_week_comes_first_with_its_open_tasks(study_town: Town) -> None:
    said = (await home(study_town)).splitlines()
    assert said[0] == (await study_town.say("ada: /week 1")).splitlines()[0]
    assert said[1] == "Deep, from Mon 4 Jan 2027, 09:00 (UTC)"
    assert said[2].startswith("- ")
    assert said[2].endswith(" [Done]")


async def test_what_is_done_is_not_among_them(study_town: Town) -> None:
    before = await home(study_town)
    done = (await study_town.say("ada: /done command-line-basics")).splitlines()[0].removeprefix("Done: ")
    assert done in before
    assert done not in await home(study_town)


async def test_a_week_that_is_done_says_so(study_town: Town) -> None:
    week = await study_town.ask("ada: /week 1")
    assert isinstance(week, Message)
    for each in week.parts:
        if isinstance(each, Item) and isinstance(each.button, Button):
            await study_town.say(f"ada: {each.button.line} link:https://example.org/mine")
    await study_town.say("ada: /home", expect="Nothing is left to do this week.")


async def test_it_shows_the_phase_and_the_streak(study_town: Town) -> None:
    await study_town.say("ada: /done command-line-basics")
    said = await home(study_town)
    assert "▰▱" in said
    assert "Streak: 1 week" in said


async def test_the_next_check_in_has_its_day_and_a_button(study_town: Town) -> None:
    said = await home(study_town)
    assert "- Check-in [Check in]\n  Fri 8 Jan 2027, 17:00 (UTC): not answered yet" in said


async def test_a_check_in_that_is_in_can_be_changed(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read")
    said = await home(study_town)
    assert "- Check-in [Change it]\n  Fri 8 Jan 2027, 17:00 (UTC): answered, thank you" in said


async def test_last_weeks_check_in_is_named_while_it_is_open(study_town: Town) -> None:
    await study_town.pass_time(weeks=1, hours=2)
    await study_town.say("ada: /home", expect="Last week's is still open. The next one: Fri 15 Jan 2027")


async def test_after_the_season_nobody_is_asked_any_more(town: Town) -> None:
    await town.start("grace: /cohort create Brief curriculum:english-emails start:2027-01-04")
    await town.say("ada: /join", expect="Welcome to Brief!")
    assert "Check-in" in await home(town)
    await town.pass_time(weeks=6)
    assert "Check-in" not in await home(town)


async def test_it_says_by_which_language_and_zone_one_goes(study_town: Town) -> None:
    said = await home(study_town)
    assert "Cohort: Deep\nLanguage: as in your app\nTime zone: that of your cohort" in said
    await study_town.say("ada: /home", locale="ko", expect="언어: 앱의 언어를 따라요")


async def test_everything_else_is_one_press_away(study_town: Town) -> None:
    await study_town.say("ada: /home", expect="[This week] [What next?] [Progress] [Roadmap] [Find a resource] [Help]")


async def test_somebody_new_can_join_right_there(study_town: Town) -> None:
    said = await study_town.say("bob: /home", expect="Welcome!")
    assert "- Deep [Join]" in said
    assert "[Roadmap] [Find a resource] [Help]" in said


async def test_the_newest_cohorts_are_offered_and_the_others_counted(study_town: Town) -> None:
    for number in range(9):
        await study_town.start(f"grace: /cohort create N{number}", channel=f"n{number}")
    said = await study_town.say("bob: /home", expect="… and 2 more cohorts")
    assert next(line for line in said.splitlines() if line.startswith("- ")) == "- N8 [Join]"


async def test_without_a_cohort_one_can_look_around(town: Town) -> None:
    await town.say("bob: /home", expect="There is no cohort here yet.")


@pytest.mark.parametrize("locale", ["en", "ko"])
async def test_every_week_of_a_season_fits_into_one_message_on_discord(study_town: Town, locale: str) -> None:
    for _ in range(90):
        reply = await study_town.ask("ada: /home", locale=locale)
        assert isinstance(reply, Message)
        assert not losses(Post(key="a", message=reply, locale=locale)), text_of(reply, locale)
        study_town.clock.forward(study_town.clock.now() + WEEK)
