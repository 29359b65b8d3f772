"""What facilitators do: start cohorts, look at them, announce to them."""

import pytest

from bot.chat.message import Button, Message
from bot.chat.platform import Call, Person, Place
from tests.town import FACILITATOR, Town, text_of


async def suggested(town: Town, command: str, name: str, typed: str) -> list[str]:
    """The values that are suggested to a facilitator for an argument."""
    person = Person(platform="square", id=FACILITATOR, name="Grace")
    place = Place(platform="square", community=town.community, channel="main")
    call = Call(id="1", command=command, person=person, place=place, is_admin=True, zone="UTC")
    return [each.value for each in await town.rooms.desk.suggest(call, name, typed)]


# ---- starting a cohort ----------------------------------------------------------------------------------------------


async def test_one_name_starts_a_cohort_with_sensible_defaults(town: Town) -> None:
    card = await town.start(
        "grace: /cohort create Deep", expect="Deep is ready.\nIt goes through Learn deep learning here"
    )
    assert "Week 1: Python, command line and git: Mon 4 Jan 2027, 09:00 (UTC)" in card
    assert "Week 90, the last: Mon 18 Sep 2028, 09:00 (UTC)" in card
    assert "Check-ins are asked for every week: Friday at 17:00, UTC." in card


async def test_every_default_can_be_said_otherwise(town: Town) -> None:
    card = await town.start(
        "grace: /cohort create Mail curriculum:english-emails start:2027-03-01 day:wednesday time:18:30 "
        "timezone:asia/seoul pace:max"
    )
    assert "Wed 3 Mar 2027, 18:30 (Asia/Seoul)" in card


async def test_the_season_begins_on_the_first_such_weekday_from_the_start_on(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-02-10", expect="git: Mon 15 Feb 2027, 09:00 (UTC)")


async def test_todays_slot_that_has_passed_is_posted_at_once(town: Town) -> None:
    """The line that the readme has people send to see a first milestone soon."""
    await town.start("grace: /cohort create name:Deep Learning timezone:Asia/Seoul day:monday time:00:00")
    await town.pass_time(minutes=1)
    assert town.keys == ["c1:milestone:step-1:1"]


async def test_a_pace_makes_the_season_shorter(town: Town) -> None:
    await town.start("grace: /cohort create Fast pace:min", expect="51 weeks in all")


async def test_a_name_is_taken_once_whatever_its_case(study_town: Town) -> None:
    taken = "There is a cohort called {} already. Choose another name."
    await study_town.start("grace: /cohort create DEEP", channel="b", expect=taken.format("DEEP"))
    await study_town.start("grace: /cohort create École", channel="b")
    await study_town.start("grace: /cohort create École", channel="c", expect=taken.format("École"))


async def test_a_place_is_home_to_one_cohort(study_town: Town) -> None:
    await study_town.start(
        "grace: /cohort create Other",
        expect="Deep is at home here already. Choose another channel.",
    )


async def test_a_zone_that_is_misspelt_is_guessed(town: Town) -> None:
    await town.start(
        "grace: /cohort create Deep timezone:Seul", expect="No time zone is called Seul. Did you mean Asia/Seoul?"
    )


async def test_zones_are_suggested_by_their_city(town: Town) -> None:
    assert (await suggested(town, "cohort create", "timezone", "seul"))[0] == "Asia/Seoul"
    assert (await suggested(town, "cohort create", "timezone", ""))[0] == "UTC"


async def test_an_unknown_curriculum_is_refused_with_those_there_are(town: Town) -> None:
    await town.start(
        "grace: /cohort create Deep curriculum:cooking",
        expect="No curriculum is called cooking. Choose from deep-learning, english-emails.",
    )


@pytest.mark.parametrize("start", ["0001-01-01", "1999-12-31", "2999-01-01", "9999-12-31"])
async def test_a_start_that_is_a_slip_of_the_pen_is_refused(town: Town, start: str) -> None:
    await town.start(
        f"grace: /cohort create Deep start:{start}",
        expect=f"A cohort can start from 2025-01-04 to 2029-01-03, not on {start}.",
    )


async def test_a_cohort_speaks_its_facilitators_language(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-04", locale="ko-KR")
    await town.pass_time(hours=2)
    assert "파이썬, 커맨드라인, Git" in town.posts[0]


async def test_a_cohort_without_a_name_asks_for_one(town: Town) -> None:
    await town.say("grace: /cohort create", expect="<Start a cohort here; you see its calendar first.>\nname = \n")


# ---- looking at cohorts ---------------------------------------------------------------------------------------------


async def test_without_a_cohort_the_list_says_how_to_start_one(town: Town) -> None:
    await town.say("grace: /cohort list", expect="There is no cohort here yet.")


async def test_the_list_says_how_far_each_cohort_is(study_town: Town) -> None:
    await study_town.say("grace: /cohort list", expect="- Deep [Status]\n  Learn deep learning · 1 member · not begun")
    await study_town.pass_time(weeks=1, hours=2)
    await study_town.say("grace: /cohort list", expect="week 2 of 90")


async def test_a_season_that_is_over_stays_in_its_last_week(town: Town) -> None:
    await town.start("grace: /cohort create Mail curriculum:english-emails start:2026-01-05")
    await town.say("grace: /cohort list", expect="week 4 of 4")


async def test_the_status_says_what_comes_next(study_town: Town) -> None:
    status = await study_town.say("grace: /cohort status", expect="Members: 1\nWeek: not begun")
    assert "Next milestone: Mon 4 Jan 2027, 09:00 (UTC)" in status
    assert "Next check-in prompt: Fri 8 Jan 2027, 17:00 (UTC)" in status
    assert "Places: #main" in status


async def test_the_status_counts_this_weeks_check_ins(study_town: Town) -> None:
    await study_town.say("bob: /join")
    await study_town.say("ada: /checkin did:read")
    await study_town.say("grace: /cohort status", expect="Checked in this week: 1 of 2")


async def test_a_cohort_can_be_looked_at_from_anywhere_by_its_name(study_town: Town) -> None:
    await study_town.say("grace: /cohort status deep", channel="office", expect="Deep\nCurriculum: Learn deep learning")


async def test_a_cohorts_code_is_its_own_whatever_others_are_called(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Mail curriculum:english-emails", channel="b")
    await study_town.start("grace: /cohort create c2 curriculum:english-emails", channel="c")
    await study_town.say("grace: /cohort status c2", expect="Mail\n")


# ---- announcing -----------------------------------------------------------------------------------------------------


async def pressed(town: Town, reply: Message, label: str) -> str:
    """What pressing the button of that label answers."""
    lines = {text_of(Message(title=each.label)): each.line for each in reply.buttons if isinstance(each, Button)}
    return text_of(await town.ask(f"grace: {lines[label]}", via="button"))


async def drafted(town: Town, typed: str = "Meet on **Friday**") -> Message:
    preview = await town.ask(f'grace: /announce text:"{typed}"')
    assert isinstance(preview, Message)
    return preview


async def test_an_announcement_is_shown_before_anybody_reads_it(study_town: Town) -> None:
    preview = text_of(await drafted(study_town))
    assert preview.startswith(
        "Preview: nothing is sent yet\nGoes to #main, where 1 member reads it. Nobody is notified.\n"
        "Announcement for Deep\nMeet on Friday\n"
    )
    await study_town.pass_time(minutes=1)
    assert study_town.posts == []


async def test_an_announcement_is_asked_for_in_a_form(study_town: Town) -> None:
    await study_town.say("grace: /announce", expect="text = \ncohort = \nnotify = nobody\non = \ntime = ")


async def test_what_was_shown_is_sent_at_a_press(study_town: Town) -> None:
    preview = await drafted(study_town)
    sent = await pressed(study_town, preview, "Send now")
    assert sent.startswith("Your announcement is on its way.\nIt goes to 1 place.")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == ["Announcement for Deep\nMeet on Friday"]


async def test_a_second_press_sends_nothing_more(study_town: Town) -> None:
    preview = await drafted(study_town)
    await pressed(study_town, preview, "Send now")
    assert await pressed(study_town, preview, "Send now") == "This announcement was sent already."
    await study_town.pass_time(minutes=1)
    assert len(study_town.posts) == 1


async def test_an_announcement_is_edited_where_it_stands(study_town: Town) -> None:
    preview = await drafted(study_town)
    assert "text = Meet on **Friday**" in await pressed(study_town, preview, "Edit")
    edited = await study_town.ask('grace: /announcement edit draft:1 text:"Meet on Monday"', via="form")
    assert isinstance(edited, Message)
    await pressed(study_town, edited, "Send now")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == ["Announcement for Deep\nMeet on Monday"]


async def test_a_cancelled_announcement_is_never_sent(study_town: Town) -> None:
    preview = await drafted(study_town)
    assert await pressed(study_town, preview, "Cancel") == "The announcement is dropped; nothing was sent."
    assert "This announcement was cancelled." in await pressed(study_town, preview, "Send now")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == []


async def test_what_was_sent_can_neither_be_edited_nor_cancelled(study_town: Town) -> None:
    preview = await drafted(study_town)
    await pressed(study_town, preview, "Send now")
    await study_town.say("grace: /announcement edit draft:1 text:other", expect="This announcement was sent already.")
    assert await pressed(study_town, preview, "Cancel") == "This announcement was sent already."


async def test_an_announcement_goes_to_all_cohorts_at_a_word(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Mail curriculum:english-emails start:2027-02-01", channel="mail")
    preview = await study_town.ask("grace: /announce text:hello cohort:All")
    assert isinstance(preview, Message)
    assert "Goes to #main, #mail" in text_of(preview)
    assert "It goes to 2 places." in await pressed(study_town, preview, "Send now")
    await study_town.pass_time(minutes=1)
    assert sorted(study_town.posts) == ["Announcement for Deep\nhello", "Announcement for Mail\nhello"]


async def test_an_announcement_that_is_not_there_is_refused(study_town: Town) -> None:
    await study_town.say(
        "grace: /announcement send 7", expect="There is no announcement 7 here. Write one with /announce."
    )
