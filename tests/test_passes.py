"""Weeks off and time away: they break nothing, and nothing is asked meanwhile."""

from datetime import timedelta

import pytest

from bot.delivery import weeks
from tests.town import Town


def later(town: Town, **how_long: float) -> None:
    """Let time pass at a leap: what is posted meanwhile is no matter here."""
    town.clock.forward(town.clock.now() + timedelta(**how_long))


async def weeks_in_a_row(town: Town, number: int) -> None:
    """Ada checks in so many weeks in a row, each on its Tuesday."""
    later(town, days=1)
    for _ in range(number):
        await town.say("ada: /checkin did:read")
        later(town, weeks=1)


# ---- passes ---------------------------------------------------------------------------------------------------------


async def test_a_pass_keeps_the_streak(study_town: Town) -> None:
    await weeks_in_a_row(study_town, 3)
    said = await study_town.say("ada: /pass", expect="Enjoy your week off.")
    assert "Week off: Mon 25 Jan 2027\nPasses left: 1 of 2" in said
    assert "Your streak of 3 weeks is safe." in said
    later(study_town, weeks=1)
    await study_town.say("ada: /progress", expect="Streak: 3 weeks; this one is still open")
    await study_town.say("ada: /checkin did:read", expect="That is 4 weeks in a row.")


async def test_without_a_pass_it_would_have_ended(study_town: Town) -> None:
    await weeks_in_a_row(study_town, 3)
    later(study_town, weeks=1)
    await study_town.say("ada: /progress", expect="Streak: begins with what you do next")


async def test_a_double_press_uses_one_pass(study_town: Town) -> None:
    for _ in range(2):
        await study_town.say("ada: /pass", expect="Passes left: 1 of 2")


async def test_several_weeks_are_passed_in_a_row_and_only_those_that_are_asked(study_town: Town) -> None:
    await study_town.say("grace: /cohort break 2027-01-11")
    (apply,) = [each for each in await study_town.buttons("grace: /cohort break 2027-01-11") if "apply" in each][:1]
    await study_town.say(f"grace: /{apply}")
    said = await study_town.say("ada: /pass weeks:2", expect="Enjoy your 2 weeks off.")
    assert "Weeks off: Mon 4 Jan 2027, Mon 18 Jan 2027\nPasses left: 0 of 2" in said


async def test_no_more_weeks_are_passed_than_the_cohort_allows(study_town: Town) -> None:
    said = await study_town.say("ada: /pass weeks:3", expect="more passes than the 2 you have left")
    assert "/pass until:" in said
    await study_town.say("ada: /home", expect="Passes left: 2 of 2")
    await study_town.say("ada: /pass weeks:2", expect="Passes left: 0 of 2")


async def test_a_facilitator_says_how_many_weeks_may_be_passed(study_town: Town) -> None:
    await study_town.say("grace: /cohort rules", expect="A member may pass: 2 weeks of a season")
    await study_town.say("grace: /cohort rules passes:3", expect="The rules of Deep are changed.")
    await study_town.say("ada: /pass weeks:3", expect="Passes left: 0 of 3")


async def test_a_pass_can_be_taken_back(study_town: Town) -> None:
    await study_town.say("ada: /pass weeks:2")
    (back,) = [each for each in await study_town.buttons("ada: /pass") if "cancel" in each]
    await study_town.say(f"ada: /{back}", expect="You are back.\nPasses left: 2 of 2")
    await study_town.say(f"ada: /{back}", expect="You have no time off to take back.")


async def test_a_week_that_was_off_and_is_over_is_not_taken_back(study_town: Town) -> None:
    await study_town.say("ada: /pass")
    later(study_town, weeks=2)
    await study_town.say("ada: /pass cancel:yes", expect="You have no time off to take back.\nPasses left: 1 of 2")


async def test_a_week_that_is_answered_needs_no_pass(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read")
    said = await study_town.say("ada: /pass", expect="The week of Mon 4 Jan 2027 is answered already")
    assert "[Pass the week after]" in said
    (later,) = await study_town.buttons("ada: /pass")
    await study_town.say(f"ada: /{later}", expect="Week off: Mon 11 Jan 2027")


async def test_a_pass_comes_back_when_the_week_is_answered_all_the_same(study_town: Town) -> None:
    await study_town.say("ada: /pass", expect="Passes left: 1 of 2")
    await study_town.say("ada: /home", expect="this is your week off")
    await study_town.say("ada: /checkin did:read", expect="That is 1 week in a row.")
    await study_town.say("ada: /home", expect="Passes left: 2 of 2")


async def test_in_a_break_the_coming_week_is_passed(study_town: Town) -> None:
    (apply,) = [
        each for each in await study_town.buttons("grace: /cohort break 2027-01-11 weeks:2") if "apply" in each
    ][:1]
    await study_town.say(f"grace: /{apply}")
    await study_town.say("ada: /checkin did:read")
    later(study_town, weeks=1, days=3)
    await study_town.say("ada: /pass", expect="Week off: Mon 25 Jan 2027")


async def test_after_the_season_there_is_nothing_to_pass(town: Town) -> None:
    await town.start("grace: /cohort create Brief curriculum:english-emails start:2027-01-04")
    await town.say("ada: /join")
    later(town, weeks=8)
    await town.say("ada: /pass", expect="Nothing is asked in Brief any more")


@pytest.mark.parametrize("week", ["2026-W50", "W3", "soon"])
async def test_a_week_that_nobody_is_asked_about_is_refused(study_town: Town, week: str) -> None:
    await study_town.say(f"ada: /pass week:{week}", expect="is not a week that Deep is or will be asked about")


async def test_a_week_that_is_over_needs_no_pass_any_more(study_town: Town) -> None:
    await study_town.pass_time(weeks=3)
    await study_town.say("ada: /pass week:2027-W01", expect="The week of Mon 4 Jan 2027 is over, and nothing is asked")


async def test_time_away_gives_back_the_passes_of_its_weeks(study_town: Town) -> None:
    await study_town.say("ada: /pass weeks:2", expect="Passes left: 0 of 2")
    await study_town.say("ada: /pass until:2027-01-20", expect="2 passes for that time are yours again.")
    await study_town.say("ada: /pass week:2027-W05", expect="Passes left: 1 of 2")


@pytest.mark.both_stores
async def test_who_passed_or_is_away_is_not_reminded(study_town: Town) -> None:
    for name in ("ben", "cleo"):
        await study_town.say(f"{name}: /join")
    await study_town.say("ada: /pass")
    await study_town.say("ben: /pass until:2027-01-12")
    await study_town.pass_time(weeks=1)
    assert "Cleo, how did your week go?" in study_town.posts[-1]
    assert not [each for each in study_town.posts if "Ada" in each or "Ben" in each]


async def test_everybody_in_a_cohort_has_weeks_of_their_own(study_town: Town) -> None:
    await study_town.say("ben: /join")
    await study_town.say("ada: /pass")
    await study_town.say("ben: /checkin did:read")
    (cohort,) = (await study_town.rooms.records.town("square", study_town.community)).cohorts
    found = await study_town.rooms.records.read(weeks.of_cohort, cohort, 90, study_town.clock.now())
    assert {id_: [each.state for each in of] for id_, of in found.items()} == {1: ["passed"], 2: ["active"]}


# ---- time away ------------------------------------------------------------------------------------------------------


async def test_time_away_takes_no_pass_and_keeps_the_streak(study_town: Town) -> None:
    await weeks_in_a_row(study_town, 2)
    said = await study_town.say("ada: /pass until:2027-03-14", expect="Enjoy your time away.")
    assert "Until Sun 14 Mar 2027 nothing is asked of you in any cohort. It ends by itself." in said
    assert "Your streak of 2 weeks is safe." in said
    later(study_town, weeks=8)
    await study_town.say("ada: /progress", expect="Streak: 2 weeks")
    await study_town.say("ada: /home", expect="Passes left: 2 of 2")


async def test_time_away_is_shown_and_ends_by_itself(study_town: Town) -> None:
    await study_town.say("ada: /pass until:2027-01-10")
    await study_town.say("ada: /home", expect="You are away until Sun 10 Jan 2027 [I am back]")
    await study_town.say("ada: /settings", expect="Away: until Sun 10 Jan 2027")
    later(study_town, days=7)
    assert "away" not in await study_town.say("ada: /home")
    assert "Away" not in await study_town.say("ada: /settings")


async def test_time_away_can_be_changed(study_town: Town) -> None:
    await study_town.say("ada: /pass until:2027-02-10")
    await study_town.say("ada: /pass until:2027-01-20")
    await study_town.say("ada: /settings", expect="Away: until Wed 20 Jan 2027")


async def test_time_away_can_be_ended_early(study_town: Town) -> None:
    await study_town.say("ada: /pass until:2027-02-10")
    later(study_town, days=3)
    await study_town.say("ada: /pass cancel:yes", expect="You are back.")
    assert "Away" not in await study_town.say("ada: /settings")


@pytest.mark.parametrize("until", ["2027-01-03", "2028-01-06"])
async def test_time_away_is_from_today_on_and_at_most_a_year(study_town: Town, until: str) -> None:
    await study_town.say(f"ada: /pass until:{until}", expect="Choose a day from Mon 4 Jan 2027 to Wed 5 Jan 2028.")


async def test_weeks_off_and_time_away_are_not_mixed(study_town: Town) -> None:
    await study_town.say("ada: /pass weeks:1 until:2027-01-10", expect="one of the two")


@pytest.mark.both_stores
async def test_the_day_somebody_is_away_until_is_a_day_where_they_live(study_town: Town) -> None:
    await study_town.say("ada: /set language timezone:Pacific/Kiritimati")  # 14 hours ahead, and it is 22:00 there
    await study_town.say("ada: /pass until:2027-01-04")
    await study_town.say("ada: /settings", expect="Away: until Mon 4 Jan 2027")
    later(study_town, hours=5)  # 03:00: the night still belongs to the day before
    await study_town.say("ada: /settings", expect="Away: until Mon 4 Jan 2027")
    later(study_town, hours=2)
    assert "Away" not in await study_town.say("ada: /settings")


async def test_who_hides_the_streak_is_told_of_none(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read")
    await study_town.say("ada: /set visibility streak:no")
    for typed in ("/pass week:2027-W02", "/pass until:2027-02-01"):
        assert "treak" not in await study_town.say(f"ada: {typed}", expect="Enjoy")
