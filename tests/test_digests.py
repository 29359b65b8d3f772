"""Digests: a cohort's week in one message, for the cohort and, with more in it, for those who look after it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.chat.message import Button, Picture, Post
from bot.chat.platform import Gone, Place
from bot.curriculum.load import Curricula
from bot.records import desks
from tests.town import MONDAY, Town, open_town, text_of

WEEK = timedelta(weeks=1)
DUE = datetime(2027, 1, 11, 8, tzinfo=UTC)  # when the first digest falls due


@pytest.fixture
async def trio(study_town: Town) -> Town:
    """Ada, Ben and Cleo are in the cohort, and #staff is a private channel."""
    for name in ("ben", "cleo"):
        await study_town.say(f"{name}: /join")
    study_town.square.private.add("staff")
    return study_town


@pytest.fixture
async def lived(trio: Town) -> Town:
    """A week in which Ada shared her check-in, Ben is blocked, and Cleo said nothing; its digest is a minute away."""
    await trio.pass_time(days=5)
    await trio.say("ada: /done python-syntax")
    await trio.say('ada: /checkin did:"read on" share:yes')
    await trio.say('ben: /checkin did:"tried" blocked:"the maths"')
    await until(trio, DUE - timedelta(minutes=1))
    return trio


async def until(town: Town, at: datetime) -> None:
    await town.pass_time(seconds=(at - town.clock.now()).total_seconds())


def of(town: Town, kind: str) -> list[tuple[Place, Post]]:
    return [(place, post) for place, post in town.square.told if f":{kind}:" in post.key]


def said(town: Town, kind: str) -> str:
    """The one post of that kind."""
    ((_, post),) = of(town, kind)
    return text_of(post.message, post.locale)


# ---- the cohort's own -----------------------------------------------------------------------------------------------


async def test_the_cohort_is_told_how_its_week_went_in_the_weeks_thread(lived: Town) -> None:
    assert of(lived, "digest") == []
    await lived.pass_time(minutes=1)
    ((place, post),) = of(lived, "digest")
    assert post.key == "c1:digest:2027-W01:1"
    told = text_of(post.message)
    assert told.startswith("How week 1 went\nChecked in: 2 of 3\nTasks finished: 1\nShared how it went: Ada\n")
    assert any(isinstance(each, Picture) for each in post.message.parts)
    assert place.person is None
    assert lived.keys.index(post.key) < lived.keys.index("c1:reminder:2027-W01:1") + 2


async def test_it_names_those_alone_who_shared_and_says_nothing_of_the_silent(lived: Town) -> None:
    await lived.pass_time(minutes=1)
    for name in ("Ben", "Cleo", "the maths", "blocked"):
        assert name not in said(lived, "digest")


async def test_it_counts_who_reached_which_milestone_in_the_week(trio: Town) -> None:
    await trio.pass_time(days=5)
    milestone = next(iter(trio.rooms.curricula)).milestones[0]
    for task in milestone.tasks:
        await trio.say(f"ada: /done {task.id} link:https://example.org/x")
    await until(trio, DUE)
    assert f"Milestones reached: {milestone.title.in_('en')} (1)" in said(trio, "digest")


async def test_a_week_in_which_nothing_was_done_is_passed_over_in_silence(trio: Town) -> None:
    await until(trio, DUE)
    assert of(trio, "digest") == []
    assert len(of(trio, "report")) == 1


async def test_a_cohort_may_do_without(lived: Town) -> None:
    await lived.say("grace: /cohort rules digest:no", expect="The cohort is told how its week went: no")
    await lived.pass_time(minutes=1)
    assert of(lived, "digest") == []
    assert len(of(lived, "report")) == 1
    await lived.say("grace: /cohort rules digest:yes", expect="The cohort is told how its week went: yes")
    await lived.pass_time(days=5)
    await lived.say("ada: /checkin did:read")
    await lived.pass_time(days=2)
    assert [post.key for _, post in of(lived, "digest")] == ["c1:digest:2027-W02:1"]


async def test_it_speaks_the_cohorts_language(town: Town) -> None:
    await town.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04", locale="ko")
    await town.say("ada: /join")
    await town.pass_time(days=5)
    await town.say("ada: /checkin did:read share:yes")
    await until(town, DUE)
    assert said(town, "digest").startswith("1주 차는 이랬어요\n")


# ---- the report -----------------------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_without_a_desk_whoever_leads_the_week_gets_the_whole_story(lived: Town) -> None:
    await lived.pass_time(minutes=1)
    ((place, post),) = of(lived, "report")
    assert place.person is not None
    assert (place.person.id, post.key) == ("grace", "c1:report:2027-W01")
    told = text_of(post.message)
    assert told.startswith("Deep: how week 1 went\nChecked in: 2 of 3\nNot heard of: Cleo\nTasks finished: 1\n")
    assert "New: Ada, Ben, Cleo" in told
    assert "Slipping: Cleo" not in told  # the week may still be answered
    assert "- ⚠ Ben is blocked [Write to Ben]\n  the maths" in told
    assert "Next: Milestone: Mon 11 Jan 2027, 09:00 (UTC)" in told
    assert "Next: Check-in prompt: Fri 15 Jan 2027, 17:00 (UTC)" in told
    assert told.endswith("[Who is quiet] [Check-ins] [Links]")


async def test_its_buttons_work_where_it_is_read_in_direct_messages(lived: Town) -> None:
    await lived.pass_time(minutes=1)
    ((_, post),) = of(lived, "report")
    lived.community = "direct"
    for button, title in zip(post.message.buttons, ("Who is quiet in Deep", "Check-ins of", "Links of"), strict=True):
        assert isinstance(button, Button)
        assert text_of(await lived.ask(f"grace: {button.line}", via="button")).startswith(title)


async def test_newcomers_and_leavers_are_told_of_once(lived: Town) -> None:
    await lived.pass_time(days=1)
    await lived.say("dan: /join")
    await lived.say("cleo: /leave")
    await until(lived, DUE + 2 * WEEK)
    _, second, third = (text_of(post.message) for _, post in of(lived, "report"))
    assert "New: Dan\nLeft: Cleo" in second
    assert "New: " not in third
    assert "Left: " not in third
    assert "Slipping: Ada, Ben, Dan" in third


async def test_it_is_decided_when_it_is_sent(lived: Town) -> None:
    lived.clock.forward(DUE - timedelta(seconds=1))
    await lived.say("cleo: /checkin did:late")
    await lived.pass_time(minutes=1)
    assert "Checked in: 3 of 3" in said(lived, "report")
    assert "Not heard of" not in said(lived, "report")


# ---- when -----------------------------------------------------------------------------------------------------------


async def test_a_week_off_has_none_and_the_one_before_it_comes_before_it(trio: Town) -> None:
    await trio.say("ada: /done python-syntax")
    shown = await trio.buttons("grace: /cohort break start:2027-01-11 weeks:1")
    await trio.say(f"grace: {shown[0]}")
    await until(trio, MONDAY + 3 * WEEK)
    assert [post.key for _, post in of(trio, "report")] == ["c1:report:2027-W01", "c1:report:2027-W03"]
    assert [post.key for _, post in of(trio, "digest")] == ["c1:digest:2027-W01:1"]


async def test_a_paused_cohort_has_none(trio: Town) -> None:
    await trio.pass_time(days=1)
    shown = await trio.buttons("grace: /cohort pause")
    await trio.say(f"grace: {shown[0]}")
    await trio.pass_time(weeks=2)
    assert of(trio, "report") == []


@pytest.mark.parametrize(("hours", "weeks"), [(23, ["2027-W03"]), (25, [])])
async def test_after_an_outage_the_latest_alone_is_told_and_none_that_is_a_day_old(
    trio: Town, hours: int, weeks: list[str]
) -> None:
    await trio.say("ada: /done python-syntax")
    trio.clock.forward(DUE + 2 * WEEK + timedelta(hours=hours))
    await trio.pass_time(minutes=10)
    assert [post.key.split(":")[2] for _, post in of(trio, "report")] == weeks


async def test_it_comes_once_however_often_milepost_is_started(
    lived: Town, tmp_path: Path, curricula: Curricula
) -> None:
    await lived.pass_time(minutes=1)
    for _ in range(2):
        again = await open_town(tmp_path, curricula=curricula, at=lived.clock.now(), square=lived.square)
        await again.rooms.delivery.tick()
        await again.rooms.records.close()
    assert len(of(lived, "report")) == len(of(lived, "digest")) == 1


# ---- the desk -------------------------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_the_report_goes_to_the_desk(lived: Town) -> None:
    await lived.say("grace: /cohort desk cohort:Deep", channel="staff", expect="This is the desk of Deep.")
    await lived.pass_time(minutes=1)
    ((place, post),) = of(lived, "report")
    assert (place.channel, place.person, post.key) == ("staff", None, "c1:report:2027-W01")


async def test_a_channel_that_everybody_reads_is_no_desk(trio: Town) -> None:
    await trio.say("grace: /cohort desk cohort:Deep", channel="lounge", expect="Make the channel private")
    await trio.say("grace: /cohort desk", expect="may be able to read this channel")
    trio.square.private.add("main")
    await trio.say("grace: /cohort desk", expect="Deep is at home here, so its members read this channel")


async def test_one_desk_serves_several_cohorts_and_is_taken_away_by_the_same_command(lived: Town) -> None:
    await lived.start("grace: /cohort create Wide start:2027-01-11", channel="second")
    for name in ("Deep", "Wide"):
        await lived.say(f"grace: /cohort desk cohort:{name}", channel="staff", expect=f"This is the desk of {name}.")
    await lived.say("grace: /cohort desk cohort:Wide", channel="staff", expect="Wide has no desk.")
    assert await lived.rooms.records.read(desks.of, 1) is not None
    assert await lived.rooms.records.read(desks.of, 2) is None


async def test_a_desk_is_no_place_of_the_cohort(lived: Town) -> None:
    await lived.say("grace: /cohort desk cohort:Deep", channel="staff")
    await lived.say("grace: /cohort place add cohort:Deep", channel="staff", expect="This channel is the desk of Deep")
    assert "staff" not in await lived.say("grace: /cohort status")
    town = await lived.rooms.records.town("square", "town")
    assert "staff" not in town.at_channel
    await lived.pass_time(weeks=1)
    assert {post.key.split(":")[1] for place, post in lived.square.told if place.channel == "staff"} == {"report"}


async def test_nothing_private_is_posted_at_a_desk_that_has_become_public(lived: Town) -> None:
    await lived.say("grace: /cohort desk cohort:Deep", channel="staff")
    lived.square.private.clear()
    await lived.pass_time(minutes=1)
    ((place, post),) = of(lived, "report")
    assert place.person is not None
    assert place.person.id == "grace"
    assert "This comes to you alone" in text_of(post.message)
    assert "#staff is not private any more" in text_of(post.message)
    assert not [each for each, _ in lived.square.told if each.channel == "staff" and each.person is None]


async def test_what_a_desk_cannot_take_is_not_lost(lived: Town) -> None:
    await lived.say("grace: /cohort desk cohort:Deep", channel="staff")
    await until(lived, DUE - timedelta(seconds=1))
    await lived.say("grace: /cohort rules digest:no")
    lived.square.failures = [Gone("the channel was deleted")]
    await lived.pass_time(minutes=1)
    ((place, post),) = of(lived, "report")
    assert place.person is not None
    assert "the channel was deleted" in text_of(post.message)


async def test_it_is_taken_back_when_somebody_whom_it_quotes_is_forgotten(lived: Town) -> None:
    await lived.say("grace: /cohort desk cohort:Deep", channel="staff")
    await lived.pass_time(minutes=1)
    await lived.say('ben: /mydata forget word:"forget me"')
    await lived.pass_time(minutes=5)
    assert not any("the maths" in each for each in lived.posts)
