"""Commands: lines in, replies out, through the Desk."""

import pytest

from bot.chat.message import Button, Item, Message
from tests.town import Town, text_of

GITHUB = "https://github.com/ada/first"


async def press(town: Town, spoken: str, label: str, by: str = "ada") -> str:
    """What pressing the button of that label on the reply answers."""
    reply = await town.ask(spoken)
    assert isinstance(reply, Message)
    pressed = [*reply.buttons, *(each.button for each in reply.parts if isinstance(each, Item) and each.button)]
    line = next(
        each.line for each in pressed if isinstance(each, Button) and text_of(Message(title=each.label)) == label
    )
    return text_of(await town.ask(f"{by}: {line}", via="button"))


# ---- joining and leaving --------------------------------------------------------------------------------------------


async def test_joining_says_what_is_studied_and_when_it_begins(town: Town) -> None:
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04")
    welcome = await town.say("ada: /join", expect="Welcome to Deep!")
    assert "You go through Learn deep learning together." in welcome
    assert "The season starts Mon 4 Jan 2027, 09:00 (UTC)" in welcome


async def test_joining_late_says_which_week_it_is(study_town: Town) -> None:
    await study_town.pass_time(weeks=2, hours=2)
    await study_town.say(
        "bob: /join", expect="This is week 3 of 90. The next milestone is posted Mon 25 Jan 2027, 09:00"
    )


async def test_joining_twice_is_being_in(study_town: Town) -> None:
    assert "Welcome" not in await study_town.say("ada: /join", expect="You are in Deep.")


async def test_there_is_nothing_to_join_before_a_facilitator_starts_it(town: Town) -> None:
    await town.say("ada: /join", expect="There is no cohort here yet. A facilitator starts one with /cohort create.")


async def test_joining_asks_which_where_there_are_several_and_none_is_at_home_here(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Mail curriculum:english-emails", channel="mail")
    await study_town.say("bob: /join", expect="! Which cohort? Name one of Deep, Mail.", channel="elsewhere")
    await study_town.say("bob: /join", expect="Welcome to Mail!", channel="mail")
    await study_town.say("bob: /join deep", expect="Welcome to Deep!", channel="elsewhere")


async def test_a_cohort_that_is_not_here_is_refused_with_those_that_are(study_town: Town) -> None:
    await study_town.say("bob: /join Shallow", expect="No cohort here is called Shallow. Choose from Deep.")


async def test_leaving_ends_what_members_may_do(study_town: Town) -> None:
    await study_town.say("ada: /leave", expect="You have left Deep.")
    await study_town.say("ada: /week", expect="/week is for members of a cohort. /join gets you in.")


async def test_coming_back_finds_everything_as_it_was(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.say("ada: /leave", expect="All you did is kept")
    await study_town.say("ada: /join", expect="Welcome to Deep!")
    await study_town.say("ada: /progress", expect="Getting started: ▰▱▱▱▱▱▱▱▱▱ 1 of 23")


async def test_join_again_is_one_press_away(study_town: Town) -> None:
    assert "Welcome to Deep!" in await press(study_town, "ada: /leave", "Join again")


async def test_nobody_can_leave_what_they_are_not_in(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Mail curriculum:english-emails", channel="mail")
    await study_town.say("ada: /leave Mail", expect="You are not in Mail, so there is nothing to leave.")


# ---- the weeks ------------------------------------------------------------------------------------------------------


async def test_a_week_has_its_tasks_and_what_to_read(study_town: Town) -> None:
    week = await study_town.say("ada: /week", expect="Week 1 of 90: Python, command line and git")
    assert "- Work through the Python syntax lessons [Done]\n  about 5 h" in week
    assert "- Codecademy\n" in week


async def test_before_the_season_its_first_week_is_shown_with_its_date(study_town: Town) -> None:
    await study_town.say("ada: /week", expect="Deep, from Mon 4 Jan 2027, 09:00 (UTC)")


async def test_this_week_is_the_one_that_has_begun(study_town: Town) -> None:
    await study_town.pass_time(weeks=1, hours=2)
    assert "Deep, since Mon 11 Jan 2027" in await study_town.say("ada: /week", expect="Week 2 of 90")


async def test_another_week_can_be_asked_for(study_town: Town) -> None:
    await study_town.say("ada: /week 4", expect="Week 4 of 90: Your first model on a cloud GPU")


async def test_the_weeks_around_are_one_press_away(study_town: Town) -> None:
    assert "Week 3 of 90" in await press(study_town, "ada: /week 2", "Week 3")
    assert "Week 1 of 90" in await press(study_town, "ada: /week 2", "Week 1")


async def test_there_is_no_week_after_the_last(study_town: Town) -> None:
    await study_town.say("ada: /week 91", expect="The season of Deep has 90 weeks; there is no week 91.")


async def test_a_task_that_is_done_is_ticked_and_has_no_button(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    assert "- ✓ Work through the Python syntax lessons\n" in await study_town.say("ada: /week")


async def test_next_is_what_is_open_with_the_optional_last(study_town: Town) -> None:
    upcoming = await study_town.say("ada: /next", expect="Next for you")
    assert [line for line in upcoming.splitlines() if line.startswith("- ")] == [
        "- Work through the Python syntax lessons [Done]",
        "- Learn to move around and run programs on the command line [Done]",
        "- Put a first project under git and push it [Done]",
    ]


async def test_next_follows_the_season(study_town: Town) -> None:
    await study_town.pass_time(weeks=1, hours=2)
    await study_town.say("ada: /next", expect="- Open a notebook in Colab and run your first cells [Done]")


async def test_a_week_tells_the_habit_that_carries_a_task(study_town: Town) -> None:
    habit = "- How: Top-down order\n  Get something to work with a high-level framework · Change it until it breaks"
    await study_town.say("ada: /week 4", expect=habit)


async def test_a_habit_that_carries_several_tasks_is_told_once(study_town: Town) -> None:
    week = await study_town.say("ada: /week 12", expect="- How: Cold outreach")
    assert week.count("How: Cold outreach") == 1


async def test_what_is_next_comes_with_the_habit_that_carries_it(study_town: Town) -> None:
    await study_town.pass_time(weeks=3, hours=2)
    await study_town.say("ada: /next", expect="- How: Top-down order")


async def test_a_week_says_what_its_tasks_are_about_until_they_are_done(study_town: Town) -> None:
    await study_town.say("ada: /week 2", expect="about 4 h · A plain scikit-learn model is enough.")
    await study_town.say("ada: /done submit-titanic link:https://example.org/titanic")
    assert "A plain scikit-learn model" not in await study_town.say("ada: /week 2")


async def test_a_milestone_that_the_source_does_not_have_is_named_as_ours(study_town: Town) -> None:
    await study_town.say("ada: /week 8", expect="Added by Milepost; not in the original.")
    assert "Added by Milepost" not in await study_town.say("ada: /week 7")


async def test_a_stranger_is_told_how_to_start(town: Town) -> None:
    await town.say("ada: /next", expect="How to start")


async def test_a_stranger_sees_the_road_ahead(town: Town) -> None:
    road = await town.say("ada: /roadmap", expect="Roadmap: Learn deep learning")
    assert "- Portfolio\n  weeks 10 to 42 · 3-12 months" in road
    assert "here" not in road


async def test_a_stranger_sees_how_much_it_will_be_and_whose_work_it_is(town: Town) -> None:
    road = await town.say("ada: /roadmap", expect="A hands-on way into deep learning")
    assert "90 weeks, about 10 h a week." in road
    assert "How to learn Deep Learning (https://github.com/emilwallner/How-to-learn-Deep-Learning) by Emil" in road
    assert "by Emil Wallner, MIT\nPhases, tasks and links are Emil Wallner's." in road


async def test_a_member_sees_what_their_phase_leads_to_and_whose_work_it_is(study_town: Town) -> None:
    road = await study_town.say("ada: /roadmap", expect="by Emil Wallner, MIT")
    assert "Getting started: Learn the tools, walk through the whole workflow once" in road
    assert "What it leads to: Feel at home in Python, on the command line and in notebooks · Know the way" in road


async def test_a_member_sees_where_they_are(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.pass_time(weeks=10, hours=2)
    road = await study_town.say("ada: /roadmap", expect="▶ Portfolio (you are here)")
    assert "1 of 23 tasks done" in road
    assert "▶ Weeks 11 to 12: Ask people for direction (0/2)" in road


# ---- resources ------------------------------------------------------------------------------------------------------


async def test_a_resource_says_why_it_matched(town: Town) -> None:
    assert "matched backprop" in await town.say("ada: /resource backprop", expect="- Grokking Deep Learning [Share]")


async def test_a_typo_is_read_as_what_was_meant(town: Town) -> None:
    await town.say("ada: /resource backporp", expect="matched backprop (for “backporp”)")


async def test_resources_are_found_in_korean(town: Town) -> None:
    await town.say("ada: /resource 역전파", expect="matched 역전파")


async def test_resources_can_be_only_of_a_kind(town: Town) -> None:
    found = await town.say("ada: /resource backprop kind:book", expect="- Deep Learning Book")
    assert "Blog" not in found


async def test_resources_can_be_only_from_a_phase(town: Town) -> None:
    assert "Pandas" not in await town.say('ada: /resource video phase:"theory 101"', expect="- Essence of Calculus")


async def test_a_phase_that_is_not_there_is_refused_with_those_that_are(town: Town) -> None:
    await town.say(
        "ada: /resource kaggle phase:theory", expect="No phase is called theory. Choose from Getting started"
    )


async def test_what_only_the_filter_hides_is_said_to_be_elsewhere(town: Town) -> None:
    await town.say("ada: /resource titanic kind:book", expect="Nothing of that kind or phase fits “titanic”.")
    assert "Titanic (Kaggle)" in await press(town, "ada: /resource titanic kind:book", "Search everything")


async def test_nothing_found_is_said_honestly_with_people_to_ask(town: Town) -> None:
    nothing = await town.say(
        "ada: /resource goulash recipe", expect="Nothing in Learn deep learning fits “goulash recipe”"
    )
    assert "https://discuss.pytorch.org/" in nothing


async def test_a_resource_picked_from_the_suggestions_is_shown_alone(town: Town) -> None:
    assert (await town.say("ada: /resource deep-learning-book")).startswith("Deep Learning Book")


async def test_sharing_a_resource_is_one_post_that_says_who_did(study_town: Town) -> None:
    shared = await press(study_town, "ada: /resource deep-learning-book", "Share")
    assert shared == "Deep Learning Book is shown to everybody in #main."
    await study_town.pass_time(minutes=1)
    assert study_town.posts == [f"Ada recommends:\n- Deep Learning Book\n{_below(study_town.posts[0])}"]


def _below(post: str) -> str:
    return post.partition("Deep Learning Book\n")[2]


async def test_sharing_the_same_twice_a_day_is_one_post(study_town: Town) -> None:
    await study_town.say("ada: /share resource deep-learning-book")
    await study_town.say(
        "ada: /share resource deep-learning-book", expect="You have shown Deep Learning Book here today already."
    )
    await study_town.pass_time(minutes=1)
    assert len(study_town.posts) == 1


async def test_nothing_is_shared_where_no_cohort_is_at_home(study_town: Town) -> None:
    await study_town.say(
        "ada: /share resource deep-learning-book", channel="lounge", expect="No cohort is at home in this channel"
    )


# ---- help -----------------------------------------------------------------------------------------------------------


async def test_help_tells_a_member_first_what_most_weeks_need(study_town: Town) -> None:
    await study_town.say("ada: /join")
    shown = await study_town.say("ada: /help", expect="these: /week, /done, /checkin, /resource, /next")
    assert shown.index("Most weeks") < shown.index("/blocked")
    assert "Most weeks" not in await study_town.say("minjun: /help", expect="/join: Join a cohort.")


async def test_help_shows_a_stranger_only_what_they_may_do(town: Town) -> None:
    shown = await town.say("ada: /help", expect="/join: Join a cohort.")
    assert "/week" not in shown
    assert "[This week]" not in shown


async def test_help_shows_a_facilitator_their_groups_after_what_is_for_everybody(town: Town) -> None:
    shown = await town.say("grace: /help", expect="/join: Join a cohort.")
    members, facilitators = shown.split("For facilitators")
    assert "/cohort" not in members
    assert "/facilitator …: /facilitator add, /facilitator lead, /facilitator list, /facilitator remove" in facilitators


async def test_help_leaves_out_what_only_buttons_can_say(town: Town) -> None:
    shown = await town.say("grace: /help", expect="/cohort shift")
    for each in ("/cohort apply", "/season begin", "/invitation", "/read"):
        assert each not in shown
    await town.say("grace: /help season begin", expect="Start the cohort that you were shown.")


async def test_help_explains_a_group_to_those_who_may(town: Town) -> None:
    shown = await town.say("grace: /help cohort", expect="/cohort list: See the cohorts that you look after here.")
    assert "/announce" not in shown


async def test_help_explains_one_command(town: Town) -> None:
    explained = await town.say("ada: /help /cohort create", expect="/cohort create name:… curriculum:…")
    assert "name (needed): What is it called?" in explained
    assert "pace: How much time per phase? (min, middle, max)" in explained


@pytest.mark.parametrize("typed", ["dance", "cohort"])
async def test_help_with_an_unknown_command_says_where_they_all_are(town: Town, typed: str) -> None:
    await town.say(f"ada: /help {typed}", expect=f"There is no command called {typed}. /help lists them all.")
