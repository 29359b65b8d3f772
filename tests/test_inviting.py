"""Invitations: shown first, posted once wherever they are asked for, kept up to date, closed and taken back."""

from sqlalchemy import select

from bot.chat.message import Button
from bot.chat.platform import Deleted, Gone
from bot.records.tables import audit
from tests.town import Town


async def invite(town: Town, typed: str = "", channel: str = "general") -> str:
    """Show an invitation to Deep there, and post it; returns the line of the button that takes it back."""
    press = await shown(town, typed, channel)
    (back,) = await town.buttons(f"grace: /{press}", channel=channel)
    await town.rooms.delivery.tick()
    return back


async def shown(town: Town, typed: str = "", channel: str = "main") -> str:
    """The line of the button that posts what is shown."""
    lines = await town.buttons(f"grace: /invite {typed}", channel=channel)
    return next(each for each in lines if each.startswith("invitation send"))


async def test_an_invitation_is_shown_before_it_is_posted(study_town: Town) -> None:
    said = await study_town.say('grace: /invite text:"Come **along**!"', expect="nothing is posted yet")
    for words in (
        "Join Deep",
        "Come along!",
        "Begins: ",
        "90 weeks, about 10 h a week",
        "Members: 1",
        "[Post it here]",
    ):
        assert words in said
    assert "every week: Monday at 09:00, UTC" in said
    await study_town.rooms.delivery.tick()
    assert study_town.posts == []


async def test_it_is_posted_in_any_channel_of_the_community_with_a_button_to_join(study_town: Town) -> None:
    await invite(study_town, "text:Hello!")
    place, post = study_town.square.told[0]
    assert (place.channel, place.name) == ("general", "#general")
    assert study_town.posts[0].startswith("Join Deep\nHello!")
    assert [each.line for each in post.message.buttons if isinstance(each, Button)] == ["join cohort:c1"]
    await study_town.say("ben: /join cohort:c1", channel="general", expect="Welcome to Deep!")


async def test_a_second_press_posts_nothing_more(study_town: Town) -> None:
    press = await shown(study_town)
    await study_town.say(f"grace: /{press}", expect="The invitation is on its way to #main.")
    await study_town.say(f"grace: /{press}", expect="This invitation was posted in #main before.")
    await study_town.rooms.delivery.tick()
    assert len(study_town.posts) == 1


async def test_what_was_shown_before_another_one_cannot_be_posted(study_town: Town) -> None:
    press = await shown(study_town, "text:one")
    await study_town.say("grace: /invite text:two")
    await study_town.say(f"grace: /{press}", expect="That is not the invitation that was shown last.")
    await study_town.rooms.delivery.tick()
    assert study_town.posts == []


async def test_nor_what_was_shown_days_ago(study_town: Town) -> None:
    press = await shown(study_town)
    await study_town.pass_time(days=2)
    await study_town.say(f"grace: /{press}", expect="That is not the invitation that was shown last.")


async def test_what_was_written_is_in_the_form_that_changes_it(study_town: Town) -> None:
    await study_town.say('grace: /invite text:"Come along"')
    assert "text = Come along" in await study_town.say("grace: /?invite")


async def test_the_post_keeps_up_with_who_comes_and_goes(study_town: Town) -> None:
    await study_town.say("grace: /cohort rules capacity:2")
    await invite(study_town)
    assert "Members: 1 of 2\nSeats left: 1" in study_town.posts[0]
    await study_town.say("ben: /join")
    await study_town.pass_time(minutes=1)
    assert study_town.posts[0].startswith("Deep is full")
    assert "[Put me on the waiting list]" in study_town.posts[0]
    await study_town.say("cyd: /join cohort:c1 wait:yes")
    await study_town.pass_time(minutes=1)
    assert "Waiting list: 1" in study_town.posts[0]
    await study_town.say("grace: /cohort rules capacity:5")
    await study_town.pass_time(minutes=1)
    assert "Members: 3 of 5\nSeats left: 2" in study_town.posts[0]
    assert len([each for each in study_town.posts if "Deep" in each.splitlines()[0]]) == 2  # and Cyd is told


async def test_it_keeps_up_with_the_calendar_and_the_weeks(study_town: Town) -> None:
    await invite(study_town)
    before = study_town.posts[0]
    shift = next(each for each in await study_town.buttons("grace: /cohort shift weeks:1") if "apply" in each)
    await study_town.say(f"grace: /{shift}")
    await study_town.pass_time(minutes=1)
    assert study_town.posts[0] != before
    await study_town.pass_time(days=8)
    assert "Week: 1 of 90" in study_town.posts[0]
    await study_town.pass_time(days=7)
    assert "Week: 2 of 90" in study_town.posts[0]


async def test_it_closes_with_the_season(town: Town) -> None:
    await town.start("grace: /cohort create Boats curriculum:english-emails start:2027-01-04 pace:min")
    await town.say("ada: /join")
    press = await shown(town)
    await town.say(f"grace: /{press}")
    await town.pass_time(weeks=2)
    assert town.posts[0].startswith("Join Boats")
    await town.pass_time(weeks=30)
    assert town.posts[0].startswith("Boats is over")
    assert "[" not in town.posts[0]


async def test_a_milestone_that_is_left_out_keeps_neither_its_week_nor_the_end_from_being_told(town: Town) -> None:
    await town.start("grace: /cohort create Emails curriculum:english-emails start:2027-01-04")
    await invite(town)
    for step in (1, 2, 4):
        await town.say(f"grace: /post skip c1.milestone.{step}", expect="It is left out.")
    await town.pass_time(minutes=1)
    assert "Begins: Mon 4 Jan 2027" in town.posts[0]
    await town.pass_time(weeks=2)
    assert "Week: 2 of 4" in town.posts[0]
    await town.pass_time(weeks=3)
    assert town.posts[0].startswith("Emails is over")


async def test_it_is_taken_back_once(study_town: Town) -> None:
    back = await invite(study_town)
    assert "[Take back]" in await study_town.say("grace: /invite", expect="There already")
    await study_town.say(f"grace: /{back}", expect="The invitation to Deep is taken back.")
    await study_town.say(f"grace: /{back}", expect="The invitation to Deep is taken back.")
    await study_town.rooms.delivery.tick()
    assert study_town.posts == []
    assert "There already" not in await study_town.say("grace: /invite")


async def test_a_channel_that_is_closed_to_it_costs_the_cohort_nothing(study_town: Town) -> None:
    study_town.square.failures = [Gone("no permission there")]
    await invite(study_town)
    await study_town.pass_time(hours=2)
    assert any("Week 1" in each for each in study_town.posts)
    said = await study_town.say("grace: /cohort status", expect="Invitation")
    assert "gets no posts" not in said
    assert "#general" in said
    told = [words for (place, _), words in zip(study_town.square.told, study_town.posts, strict=True) if place.person]
    assert ["Not posted: Invitation of Deep" in each for each in told] == [True]


async def test_an_invitation_that_waits_holds_up_no_other_post(study_town: Town) -> None:
    study_town.square.failures = [TimeoutError()]
    await invite(study_town)
    await study_town.say("ada: /share resource deep-learning-book")
    await study_town.rooms.delivery.tick()
    assert len(study_town.posts) == 1


async def test_after_a_lost_answer_it_is_there_once(study_town: Town) -> None:
    study_town.square.forgets_to_answer = 1
    await invite(study_town)
    await study_town.pass_time(minutes=30)
    assert len([each for each in study_town.posts if each.startswith("Join Deep")]) == 1


async def test_one_that_was_deleted_is_let_go(study_town: Town) -> None:
    await invite(study_town)
    study_town.square.failures = [Deleted("gone")]
    await study_town.say("ben: /join")
    await study_town.pass_time(minutes=1)
    assert "There already" not in await study_town.say("grace: /invite")


async def test_it_stands_and_keeps_up_though_the_place_by_which_it_came_is_taken_away(study_town: Town) -> None:
    await invite(study_town)
    await study_town.say("grace: /cohort place add cohort:Deep", channel="second")
    await study_town.say("grace: /cohort place remove", channel="main")
    await study_town.say("ben: /join Deep")
    await study_town.pass_time(minutes=1)
    assert "Members: 2" in study_town.posts[0]


async def test_a_private_cohort_is_told_of_in_its_own_channel_alone(town: Town) -> None:
    town.private.add("secret")
    await town.start("grace: /cohort create Hidden curriculum:deep-learning start:2027-01-04", channel="secret")
    said = await town.say("grace: /invite cohort:Hidden", channel="general")
    assert "at home in private channels alone" in said
    await town.say("grace: /invite cohort:Hidden", channel="secret", expect="Join Hidden")


async def test_only_those_who_look_after_the_cohort_may(study_town: Town) -> None:
    back = await invite(study_town)
    await study_town.say("ada: /invite", expect="is for facilitators")
    await study_town.say(f"ada: /{back}", expect="is for facilitators")
    study_town.community = "elsewhere"
    await study_town.say(f"grace: /{back}", expect="There is no such invitation here.")


async def test_the_audit_has_it(study_town: Town) -> None:
    back = await invite(study_town, "text:Hello")
    await study_town.say(f"grace: /{back}")
    rows = await study_town.rooms.records.read(
        lambda c: [(row.command, row.before, row.after) for row in c.execute(select(audit).order_by(audit.c.id))]
    )
    assert rows[-2:] == [
        ("invitation send", {}, {"invitation": "#general (Square)", "text": "Hello"}),
        ("invitation withdraw", {"invitation": "#general (Square)"}, {"invitation": ""}),
    ]
