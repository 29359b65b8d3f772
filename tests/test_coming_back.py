"""Somebody who was silent for long comes back: one kind sentence, a plan that starts today, and no debts."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from bot.chat.message import Button, Message
from bot.records.tables import enrolments
from tests.town import Town, text_of

WELCOME = "Good to see you again! Nothing is owed: what counts is what is on from here."


def later(town: Town, **how_long: float) -> None:
    """Let time pass at a leap: what is posted meanwhile is no matter here."""
    town.clock.forward(town.clock.now() + timedelta(**how_long))


@pytest.fixture
async def silent_town(study_town: Town) -> Town:
    """Ada did something in the first week, and then nothing for five."""
    await study_town.say("ada: /done python-syntax")
    later(study_town, weeks=6, days=1)
    return study_town


@pytest.mark.parametrize(
    "typed", ["/week", "/next", "/home", "/join", "/checkin did:read", "/done command-line-basics"]
)
async def test_the_first_thing_they_ask_or_do_is_led_by_one_kind_sentence(silent_town: Town, typed: str) -> None:
    said = await silent_town.say(f"ada: {typed}", expect=WELCOME)
    assert said.splitlines()[1] == WELCOME
    for again in ("/week", "/next", "/home", "/checkin did:wrote"):
        assert WELCOME not in await silent_town.say(f"ada: {again}")


async def test_nobody_is_told_what_they_missed(silent_town: Town) -> None:
    for typed in ("/week", "/next", "/home", "/progress", "/checkin did:read"):
        said = set(re.findall(r"\w+", (await silent_town.say(f"ada: {typed}")).lower()))
        assert not said & {"missed", "lost", "late", "behind", "overdue", "owe"}


async def test_their_plan_starts_with_the_present_week_and_leaves_out_what_was_before(silent_town: Town) -> None:
    week = (await silent_town.say("ben: /join")) and await silent_town.say("ben: /week")
    said = await silent_town.say("ada: /next")
    tasks = [line for line in said.splitlines() if line.startswith("- ") and "How:" not in line]
    assert tasks[0] in week
    for number in range(1, 6):
        old = await silent_town.say(f"ben: /week {number}")
        assert not [each for each in tasks if each in old]


async def test_optional_tasks_are_dropped_first(silent_town: Town) -> None:
    await silent_town.say("ada: /next", expect=WELCOME)
    for _ in range(12):
        said = await silent_town.say("ada: /next")
        assert "optional" not in said
        done = next(each for each in await silent_town.buttons("ada: /next") if "done" in each).lstrip("?")
        await silent_town.say(f"ada: /{done} total:1000000 link:https://example.org/x")


async def test_the_plan_stays_so_in_the_weeks_after(silent_town: Town) -> None:
    await silent_town.say("ada: /next", expect=WELCOME)
    later(silent_town, weeks=1)
    week = await silent_town.say("ada: /week")
    tasks = [line for line in (await silent_town.say("ada: /next")).splitlines() if line.startswith("- ")]
    assert tasks[0] in week


async def test_two_weeks_are_no_silence(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    later(study_town, weeks=3, days=1)
    assert WELCOME not in await study_town.say("ada: /week")


async def test_who_was_away_was_not_silent(study_town: Town) -> None:
    await study_town.say("ada: /pass until:2027-02-14")
    later(study_town, weeks=6, days=1)
    assert WELCOME not in await study_town.say("ada: /week")


async def test_a_second_silence_is_met_as_kindly_as_the_first(silent_town: Town) -> None:
    await silent_town.say("ada: /week", expect=WELCOME)
    later(silent_town, weeks=5)
    await silent_town.say("ada: /week", expect=WELCOME)


@pytest.mark.both_stores
async def test_they_are_missed_no_longer(silent_town: Town) -> None:
    def miss(connection: Connection) -> None:
        connection.execute(update(enrolments).values(missed_at=silent_town.clock.now()))

    def missed(connection: Connection) -> list[object]:
        return list(connection.execute(select(enrolments.c.missed_at)).scalars())

    await silent_town.rooms.records.write(miss)
    await silent_town.say("ada: /week", expect=WELCOME)
    assert await silent_town.rooms.records.read(missed) == [None]


async def test_nothing_of_it_is_public(silent_town: Town) -> None:
    await silent_town.pass_time(minutes=1)
    before = len(silent_town.posts)
    await silent_town.say("ada: /week", expect=WELCOME)
    await silent_town.pass_time(minutes=1)
    assert len(silent_town.posts) == before


async def test_for_everybody_what_is_next_is_this_weeks_first(study_town: Town) -> None:
    later(study_town, weeks=2, days=1)
    week = await study_town.say("ada: /week")
    said = await study_town.say("ada: /next")
    tasks = [line for line in said.splitlines() if line.startswith("- ") and "How:" not in line]
    assert tasks[0] in week
    assert "missed" not in said.lower()


# ---- out of the cohort, and back in it ------------------------------------------------------------------------------


async def test_weeks_out_of_the_cohort_break_no_streak_and_are_no_silence(study_town: Town) -> None:
    await study_town.pass_time(days=5)
    await study_town.say("ada: /checkin did:one", expect="1 week in a row")
    await study_town.pass_time(days=3)
    await study_town.say("ada: /leave")
    await study_town.pass_time(weeks=3)
    await study_town.say("ada: /join")
    said = await study_town.say("ada: /progress", expect="Streak: 1 week")
    assert "quiet" not in said


async def test_whoever_joins_after_the_prompt_is_not_named_for_its_week(study_town: Town) -> None:
    await study_town.pass_time(days=5)
    await study_town.say("eve: /join")
    await study_town.pass_time(days=3)
    (reminder,) = [each for each in study_town.posts if "how did your week go?" in each]
    assert "Eve" not in reminder
    assert "0 of 1 member has checked in" in reminder


# ---- two cohorts ----------------------------------------------------------------------------------------------------


async def test_the_buttons_of_time_off_are_about_the_cohort_that_it_was_taken_in(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Other start:2027-01-04", channel="other")
    await study_town.say("ada: /join Other", channel="other")
    reply = await study_town.ask("ada: /pass cohort:Deep", channel="elsewhere")
    assert isinstance(reply, Message)
    back, move = [each.line for each in reply.buttons if isinstance(each, Button)]
    assert "Your plan is moved." in text_of(await study_town.ask(f"ada: /{move}", channel="elsewhere"))
    assert "in step with Other" in text_of(await study_town.ask("ada: /pace cohort:Other", channel="elsewhere"))
    said = text_of(await study_town.ask(f"ada: /{back}", channel="elsewhere"))
    assert "You are back." in said
    assert "Passes left: 2 of 2" in said


# ---- words that say there is nothing --------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", ["nothing", "No.", "없어요"])
async def test_nothing_in_the_way_is_no_call_for_help(study_town: Town, nothing: str) -> None:
    said = await study_town.say(f'ada: /checkin did:read blocked:"{nothing}"', expect="your check-in is in")
    assert "In the way" not in said
    await study_town.pass_time(minutes=5)
    assert study_town.posts == []
