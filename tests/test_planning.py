"""The desk of a season: what comes next is there to be read, given a note, moved, left out and sent, each post once."""

import re
from datetime import timedelta

import pytest

from bot.chat.message import Button, Item, Message
from bot.chat.wording import plain, say
from bot.records import audit
from tests.town import Town, text_of

STEP_2 = "c1.milestone.2"


async def reply(town: Town, spoken: str) -> Message:
    found = await town.ask(f"grace: /{spoken}")
    assert isinstance(found, Message), text_of(found)
    return found


def lines(message: Message) -> dict[str, str]:
    """The lines of a reply's buttons by their labels, and those beside items by the items' titles."""
    beside = {plain(each.title): each.button for each in message.parts if isinstance(each, Item)}
    below = {plain(each.label): each for each in message.buttons}
    return {name: each.line for name, each in (beside | below).items() if isinstance(each, Button)}


async def press(town: Town, line: str) -> str:
    return text_of(await town.ask(f"grace: {line}", via="button"))


async def did(town: Town) -> list[str]:
    """The commands that the audit holds of the cohort, the oldest first."""
    return [each.command for each in reversed(await town.rooms.records.read(audit.entries, 1, 50))]


def milestones(town: Town) -> list[str]:
    return [key for key in town.keys if ":milestone:" in key]


# ---- what comes next ------------------------------------------------------------------------------------------------


async def test_what_comes_next_is_listed_in_order_of_time_five_at_once(study_town: Town) -> None:
    first = await reply(study_town, "schedule Deep")
    said = text_of(first)
    found = [said.index(each) for each in ("Week 1:", "prompt, week 1", "Reminder, week 1", "Week 2:")]
    assert found == sorted(found)
    assert "Mon 4 Jan 2027, 09:00 (UTC)" in said
    more = await press(study_town, lines(first)["More"])
    assert "Reminder, week 2" in more
    assert "Week 2:" not in more
    assert "[Back]" in more


async def test_an_announcement_is_listed_with_the_posts_of_the_season(study_town: Town) -> None:
    await study_town.say('grace: /announce text:"We meet"')
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-06 time:10:00 until:2027-01-13")
    listed = await reply(study_town, "schedule Deep")
    said = text_of(listed)
    assert said.index("Week 1:") < said.index("Announcement: We meet") < said.index("prompt, week 1")
    assert "We meet" in await press(study_town, lines(listed)["Announcement: We meet"])
    assert "Wed 13 Jan 2027, 10:00" in text_of(await reply(study_town, "schedule Deep page:2"))


async def test_the_list_says_why_nothing_comes(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    await study_town.say((await study_town.buttons("grace: /cohort pause Deep"))[0].join(["grace: ", ""]))
    await study_town.say("grace: /schedule Deep", expect="Nothing is planned here: paused since")


async def test_the_very_post_is_shown_with_what_is_lost_of_it(study_town: Town) -> None:
    study_town.square.lacks = [say("It is too long for Slack, and is shortened.")]
    said = await study_town.say(f"grace: /post show {STEP_2}", expect="Preview: nothing is sent yet")
    assert "⚠ #main: It is too long for Slack, and is shortened." in said
    assert "[Done]" not in said
    await study_town.pass_time(weeks=1, hours=2)
    post = next(each for each in study_town.posts if each.startswith("Week 2 of"))
    body = [re.sub(r" \[\w+\]$", "", each) for each in post.splitlines()[1:-1]]
    assert all(each in said for each in body)


async def test_a_reminder_shows_whom_it_would_remind(study_town: Town) -> None:
    await study_town.say("grace: /post show c1.reminder.1", expect="Ada, how did your week go?")
    await study_town.say("ada: /checkin did:read")
    await study_town.say("grace: /post show c1.reminder.1", expect="there is nobody to remind")


@pytest.mark.parametrize("typed", ["c1.milestone.99", "c1.milestone.2-00000000", "c2.milestone.1", "x", "c1.stuck.1"])
async def test_a_post_that_is_not_there_is_refused(study_town: Town, typed: str) -> None:
    await study_town.say(f"grace: /post skip {typed}", expect=f"There is no post {typed} of a season here")


# ---- words of one's own ---------------------------------------------------------------------------------------------


async def test_a_note_and_a_title_are_in_the_post_and_survive_a_shift(study_town: Town) -> None:
    await study_town.say(f'grace: /post edit {STEP_2} note:"Bring **snacks**" title:Party', expect="Bring snacks")
    await study_town.pass_time(hours=2)
    await study_town.say("grace: " + (await study_town.buttons("grace: /cohort shift weeks:1 cohort:Deep"))[0])
    await study_town.pass_time(weeks=2)
    [post] = [each for each in study_town.posts if each.startswith("Week 2 of")]
    assert re.match(r"Week 2 of \d+: Party\nBring snacks\nPhase:", post)
    assert "post edit" in await did(study_town)


async def test_a_note_shows_in_the_post_that_is_there(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    listed = await reply(study_town, "schedule Deep")
    there = next(line for title, line in lines(listed).items() if title.startswith("Week 1:"))
    assert "[Edit] [What comes next]" in await press(study_town, there)
    await study_town.say("grace: /post edit c1.milestone.1 note:Welcome", expect="That is what it says now")
    await study_town.pass_time(minutes=2)
    assert study_town.posts[0].splitlines()[1] == "Welcome"
    await study_town.say("grace: /post edit c1.milestone.1 note:Welcome", expect="It says that already.")
    await study_town.say("grace: /post edit c1.milestone.1", expect="note = Welcome")  # the form, and nothing is lost
    await study_town.say("grace: /post edit c1.milestone.1 title:Hi", expect="Week 1 of 90: Hi\nWelcome")
    emptied = study_town.call("grace: /post edit c1.milestone.1", via="form")
    assert "Welcome" not in text_of(await study_town.rooms.desk.answer(emptied))
    assert (await did(study_town)).count("post edit") == 3


async def test_the_week_itself_has_the_title_and_once_it_is_posted_the_note(study_town: Town) -> None:
    await study_town.say("ada: /week 2")
    await study_town.say(f'grace: /post edit {STEP_2} note:"Bring **snacks**" title:Party')
    assert "Bring snacks" not in await study_town.say("ada: /week 2", expect="Week 2 of 90: Party")
    await study_town.pass_time(weeks=1, hours=2)
    await study_town.say("ada: /week", expect="Bring snacks\nPhase:")
    await study_town.say("ada: /home", expect="Week 2 of 90: Party")
    await study_town.say(f"grace: /post edit {STEP_2} title:Picnic")
    await study_town.say("ada: /week", expect="Week 2 of 90: Picnic")


async def test_the_note_of_a_post_that_is_left_out_is_said_nowhere(study_town: Town) -> None:
    await study_town.say(f"grace: /post edit {STEP_2} note:Snacks")
    await study_town.say(f"grace: /post skip {STEP_2}")
    await study_town.pass_time(weeks=1, hours=2)
    assert "Snacks" not in await study_town.say("ada: /week 2", expect="Week 2 of 90")


async def test_the_form_is_filled_with_what_it_says(study_town: Town) -> None:
    await study_town.say("grace: /post edit c1.checkin.1 note:Kindly")
    await study_town.say("grace: /?post edit post:c1.checkin.1", expect="note = Kindly")
    await study_town.say("grace: /?post move post:c1.checkin.1", expect="on = 2027-01-08\ntime = 17:00")
    await study_town.pass_time(days=5)
    assert any(re.match(r"Check-in: how was week 1\?\nKindly\n", each) for each in study_town.posts)


async def test_a_prompt_has_no_title_and_stays_once_it_is_there(study_town: Town) -> None:
    await study_town.say(
        "grace: /post edit c1.checkin.1 title:Party", expect="Only the milestone of a week has a title"
    )
    await study_town.pass_time(days=5)
    await study_town.say("grace: /post edit c1.checkin.1 note:late", expect="It is posted already")


# ---- left out -------------------------------------------------------------------------------------------------------


async def test_a_milestone_that_is_left_out_leaves_its_week(study_town: Town) -> None:
    await study_town.say(f"grace: /post skip {STEP_2}", expect="Its week is still a week of the season")
    await study_town.say(f"grace: /post skip {STEP_2}", expect="It is left out already")
    await study_town.say("grace: /schedule Deep", expect="· left out")
    await study_town.pass_time(weeks=2, hours=2)
    assert [key.split(":")[2] for key in milestones(study_town)] == ["step-1", "step-3"]
    assert sum(":checkin:" in key for key in study_town.keys) == 2
    assert (await did(study_town)).count("post skip") == 1
    await study_town.say(f"grace: /post unskip {STEP_2}", expect="Its time is over: it was left out")


async def test_what_is_left_out_is_posted_after_all(study_town: Town) -> None:
    await study_town.say(f"grace: /post skip {STEP_2}")
    await study_town.say(f"grace: /post unskip {STEP_2}", expect="It is posted after all.")
    await study_town.say(f"grace: /post unskip {STEP_2}", expect="It is not left out; nothing changes.")
    await study_town.pass_time(weeks=1, hours=2)
    assert [key.split(":")[2] for key in milestones(study_town)] == ["step-1", "step-2"]


async def test_a_prompt_that_is_left_out_asks_nobody(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read")
    await study_town.say("grace: /post skip c1.checkin.2", expect="nobody counts as silent in that week")
    await study_town.say("grace: /post unskip c1.reminder.2", expect="Have that posted first.")
    await study_town.pass_time(weeks=2, hours=2)
    asked = [key for key in study_town.keys if ":checkin:" in key or ":reminder:" in key]
    assert not [key for key in asked if "2027-W02" in key]
    await study_town.say("ada: /progress", expect="1 week")
    await study_town.say("ada: /checkin did:read week:2027-W03", expect="2 weeks")


async def test_weeks_that_nobody_was_asked_about_make_nobody_silent(study_town: Town) -> None:
    for step in range(1, 5):
        await study_town.say(f"grace: /post skip c1.checkin.{step}")
    await study_town.pass_time(weeks=5)
    assert not any("missed" in key for key in study_town.keys)
    await study_town.say("ada: /progress", expect="")
    assert sum(":reminder:" in key for key in study_town.keys) == 1


# ---- sent now -------------------------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_a_post_that_is_sent_now_comes_once(study_town: Town) -> None:
    await study_town.say("grace: /post now c1.milestone.1", expect="It goes out now.")
    await study_town.say("grace: /post now c1.milestone.1", expect="It is posted already")
    await study_town.pass_time(minutes=1)
    assert milestones(study_town) == ["c1:milestone:step-1:1"]
    await study_town.say("ada: /week", expect="Week 1 of")
    await study_town.pass_time(days=2)
    assert milestones(study_town) == ["c1:milestone:step-1:1"]
    await study_town.say("grace: /post now c1.checkin.1", expect="It goes out now.")
    await study_town.pass_time(days=5, hours=2)
    assert study_town.keys == [
        "c1:milestone:step-1:1", "c1:checkin:2027-W01:1", "c1:reminder:2027-W01:1", "c1:milestone:step-2:1"
    ]  # fmt: skip
    assert [each for each in await did(study_town) if each == "post now"] == ["post now"] * 2


async def test_what_comes_first_is_sent_first(study_town: Town) -> None:
    await study_town.say("grace: /post now c1.checkin.1", expect="What it belongs to comes first.")
    await study_town.pass_time(hours=2)
    await study_town.say("grace: /post now c1.milestone.3", expect="That of week 2 comes first.")
    await study_town.say(f"grace: /post now {STEP_2}", expect="This week has its milestone already.")
    await study_town.say("grace: /post now c1.reminder.1", expect="What it belongs to comes first.")
    assert not [each for each in await did(study_town) if each == "post now"]


async def test_a_prompt_that_is_sent_now_was_asked_now(study_town: Town) -> None:
    """So whoever joins between that and its own time was not asked."""
    await study_town.pass_time(days=1)
    await study_town.say("grace: /post now c1.checkin.1")
    await study_town.pass_time(hours=1)
    await study_town.say("ben: /join")
    await study_town.pass_time(days=2)
    [reminder] = [each for each in study_town.posts if "how did your week go" in each]
    assert "Ada" in reminder
    assert "Ben" not in reminder


# ---- moved ----------------------------------------------------------------------------------------------------------


async def test_a_post_moves_within_its_week_and_the_others_stay(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    await study_town.say(f"grace: /post move {STEP_2} on:2027-01-13 time:20:30", expect="Wed 13 Jan 2027, 20:30 (UTC)")
    await study_town.say(f"grace: /post move {STEP_2} on:2027-01-13 time:20:30", expect="nothing changes")
    await study_town.say("grace: /schedule Deep", expect="· moved by hand")
    await study_town.pass_time(weeks=1)
    await study_town.say("ada: /week", expect="Week 1 of")
    await study_town.pass_time(weeks=1, days=1)
    assert study_town.keys[3:] == [
        "c1:milestone:step-2:1", "c1:checkin:2027-W02:1", "c1:reminder:2027-W02:1", "c1:milestone:step-3:1"
    ]  # fmt: skip
    assert await did(study_town) == ["season begin", "post move"]


@pytest.mark.parametrize(("post", "on", "field"), [
    ("c1.milestone.2", "2027-01-18", "before Fri 15 Jan 2027, 17:00"),  # the week of step 3, after its own prompt
    ("c1.milestone.2", "2027-01-10", "after Mon 11 Jan 2027, 00:00"),  # the week of step 1
    ("c1.checkin.2", "2027-01-18", "before Mon 18 Jan 2027, 00:00"),
    ("c1.reminder.2", "2027-01-15", "after Fri 15 Jan 2027, 17:00"),
])  # fmt: skip
async def test_what_would_break_the_order_is_refused(study_town: Town, post: str, on: str, field: str) -> None:
    await study_town.pass_time(hours=2)
    await study_town.say(f"grace: /post move {post} on:{on} time:09:00", expect=field)
    assert "post move" not in await did(study_town)


async def test_a_reminder_follows_its_prompt(study_town: Town) -> None:
    await study_town.say("grace: /post move c1.checkin.1 on:2027-01-07 time:12:00")
    await study_town.say("grace: /post show c1.reminder.1", expect="By the cohort's clock: Sat 9 Jan 2027, 12:00 (UTC)")


async def test_a_change_of_the_calendar_takes_back_the_moves_that_are_to_come(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    await study_town.say(f"grace: /post move {STEP_2} on:2027-01-13 time:20:30")
    preview = await reply(study_town, "cohort shift weeks:1 cohort:Deep")
    assert "1 post that was changed by hand goes back to its own day." in text_of(preview)
    await press(study_town, lines(preview)["Do it"])
    await study_town.say(f"grace: /post show {STEP_2}", expect="Mon 18 Jan 2027, 09:00")


async def test_no_date_changes_while_a_post_waits_beyond_its_own_time(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    await study_town.say(f"grace: /post move {STEP_2} on:2027-01-13 time:20:30")
    await study_town.pass_time(weeks=1)
    await study_town.say("grace: /cohort shift weeks:1 cohort:Deep", expect="its own time is over")
    await study_town.say(f"grace: /post now {STEP_2}")
    await study_town.say("grace: /cohort shift weeks:1 cohort:Deep", expect="moves 1 week later")


@pytest.mark.parametrize("command", ["skip", "move", "now", "unskip"])
async def test_what_was_posted_meanwhile_stays_as_it_is(study_town: Town, command: str) -> None:
    """The tick has not come by yet: whoever presses first settles what is due."""
    study_town.clock.forward(study_town.clock.now() + timedelta(hours=1))
    when = " on:2027-01-05 time:09:00" if command == "move" else ""
    await study_town.say(f"grace: /post {command} c1.milestone.1{when}", expect="It is posted already")
    await study_town.pass_time(minutes=1)
    assert milestones(study_town) == ["c1:milestone:step-1:1"]


async def test_all_of_it_is_said_in_korean(study_town: Town) -> None:
    await study_town.say("grace: /schedule Deep", locale="ko", expect="Deep에 다음으로 올 글")
    await study_town.say(f"grace: /post skip {STEP_2}", locale="ko", expect="건너뜁니다.")
