"""Word to whoever leads a cohort: of its checklist, each once, and of what waits when somebody else takes over."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.chat.platform import Person
from bot.curriculum.load import Curricula
from bot.delivery import handover
from bot.delivery.checklist import ITEMS, Checklists
from bot.records import facilitators
from bot.records.tables import outbox
from tests.town import Town, text_of

EVE = Person(platform="square", id="eve", name="Eve")
Lead = Callable[[str, str | None], Awaitable[None]]


def told(town: Town, what: str = "") -> list[tuple[str, str]]:
    """What was said privately to whom, of that kind: the last part of its key, and the person."""
    found = []
    for place, post in town.square.told:
        if ":notice:" in post.key and what in post.key:
            assert place.person
            found.append((post.key.rpartition(":")[2], place.person.id))
    return found


def words(town: Town, key: str) -> str:
    """What the word with that end of its key says."""
    return next(text_of(post.message) for _, post in town.square.told if post.key.endswith(key))


async def until(town: Town, day: str, hour: int = 8) -> None:
    """Let time pass until that local hour of the day."""
    at = datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
    await town.pass_time(seconds=(at - town.clock.now()).total_seconds())


@pytest.fixture
async def short(town: Town) -> Town:
    """A town with "Emails", four weeks from Monday 1 February on, looked after by Grace and Eve, with Ada in it."""
    await town.start(
        "grace: /cohort create Emails curriculum:english-emails start:2027-02-01", expect="Emails is ready"
    )
    await town.say("ada: /join Emails")
    await town.rooms.records.write(facilitators.appoint, 1, EVE, town.clock.now())
    return town


@pytest.fixture
def lead(short: Town) -> Lead:
    """Has somebody lead the week."""

    async def named(week: str, who: str | None) -> None:
        both = await short.rooms.records.read(facilitators.of_cohort, 1)
        account = next((each.account_id for each in both if each.person.id == who), None)
        await short.rooms.records.write(facilitators.lead, 1, week, account)

    return named


# ---- the checklist --------------------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_who_leads_is_told_a_week_and_a_day_before_the_start(short: Town) -> None:
    await until(short, "2027-01-25", 8)
    assert told(short) == []
    await until(short, "2027-01-25", 10)
    assert told(short) == [("start-week", "grace")]
    said = words(short, "start-week")
    assert "Emails begins Mon 1 Feb 2027, 09:00 (UTC)" in said
    assert "○ A weekly meeting" in said
    assert "○ Members have joined" not in said
    await until(short, "2027-01-31", 10)
    assert told(short) == [("start-week", "grace"), ("start-day", "grace")]


async def test_the_word_is_for_who_leads_week_1(short: Town, lead: Lead) -> None:
    await lead("2027-W05", "eve")
    await until(short, "2027-01-25", 10)
    assert told(short) == [("start-week", "eve")]


async def test_how_far_is_answered_as_things_are_by_then(short: Town) -> None:
    await until(short, "2027-01-25", 10)
    [button] = next(post.message.buttons for _, post in short.square.told if post.key.endswith("start-week"))
    assert button.kind == "button"
    await short.say("grace: /cohort meeting day:monday cohort:Emails")
    said = await short.say(f"grace: {button.line}", expect="The start of Emails")
    assert "Set a meeting" not in said


async def test_nothing_is_said_the_day_before_if_nothing_is_open(short: Town) -> None:
    await until(short, "2027-01-25", 10)
    for name in ITEMS:
        await short.say(f'grace: /cohort tick {name} state:"not needed"')
    await short.pass_time(weeks=7)
    assert told(short) == [("start-week", "grace")]


async def test_in_the_last_week_and_once_it_is_over_the_end_is_told_of(short: Town) -> None:
    await until(short, "2027-02-22", 10)
    assert told(short)[2:] == [("end-week", "grace")]
    assert "Emails is in its last week" in words(short, "end-week")
    assert "○ A last announcement" in words(short, "end-week")
    await until(short, "2027-03-01", 8)
    assert told(short)[3:] == []
    await until(short, "2027-03-01", 10)
    assert told(short)[3:] == [("over", "grace")]
    await short.pass_time(weeks=20)
    assert len(told(short)) == 4


async def test_a_milestone_that_is_left_out_keeps_neither_the_start_nor_the_end_from_being_told(short: Town) -> None:
    for step in (1, 4):
        await short.say(f"grace: /post skip c1.milestone.{step}", expect="It is left out.")
    await until(short, "2027-03-01", 10)
    assert [name for name, _ in told(short)] == ["start-week", "start-day", "end-week", "over"]


async def test_who_began_it_late_was_shown_the_list_and_is_told_only_what_comes(town: Town) -> None:
    await town.start(
        "grace: /cohort create Emails curriculum:english-emails start:2027-01-07 day:thursday", expect="[Checklist]"
    )
    await town.pass_time(days=1)
    assert told(town) == []
    await town.pass_time(days=1, hours=2)
    assert told(town) == [("start-day", "grace")]


async def test_a_start_that_moves_is_told_of_once_and_at_its_new_time(short: Town) -> None:
    await until(short, "2027-01-25", 10)
    apply, *_ = await short.buttons("grace: /cohort shift weeks:2 cohort:Emails")
    await short.say(f"grace: {apply}")
    await until(short, "2027-02-13", 10)
    assert told(short) == [("start-week", "grace")]
    await until(short, "2027-02-14", 10)
    assert told(short) == [("start-week", "grace"), ("start-day", "grace")]


async def test_a_first_milestone_that_is_moved_by_hand_is_told_of_at_its_new_time(short: Town) -> None:
    await until(short, "2027-01-25", 10)
    await short.say("grace: /post move c1.milestone.1 on:2027-01-29 time:09:00", expect="Fri 29 Jan 2027, 09:00")
    await until(short, "2027-01-28", 10)
    assert told(short) == [("start-week", "grace"), ("start-day", "grace")]
    assert "Emails begins Fri 29 Jan 2027, 09:00 (UTC)" in words(short, "start-day")


async def test_a_pause_keeps_the_end_back(short: Town) -> None:
    await until(short, "2027-02-16", 10)
    apply, *_ = await short.buttons("grace: /cohort pause cohort:Emails")
    await short.say(f"grace: {apply}")
    await short.pass_time(weeks=4)
    assert [name for name, _ in told(short)] == ["start-week", "start-day"]
    apply, *_ = await short.buttons("grace: /cohort resume cohort:Emails")
    await short.say(f"grace: {apply}")
    await short.pass_time(weeks=1)
    assert [name for name, _ in told(short)] == ["start-week", "start-day", "end-week"]


async def test_a_phase_that_is_kept_open_keeps_the_end_back(short: Town) -> None:
    apply, *_ = await short.buttons("grace: /cohort hold phase:four-weeks cohort:Emails")
    await short.say(f"grace: {apply}", expect="Done.")
    await short.pass_time(weeks=12)
    assert [name for name, _ in told(short)] == ["start-week", "start-day"]


async def test_after_an_outage_only_what_still_holds_is_told(short: Town) -> None:
    short.clock.forward(datetime(2027, 2, 3, 8, tzinfo=UTC))
    await short.pass_time(minutes=1)
    assert told(short) == []
    short.clock.forward(datetime(2027, 3, 3, 8, tzinfo=UTC))
    await short.pass_time(minutes=1)
    assert told(short) == [("over", "grace")]


async def test_without_its_curriculum_a_cohort_waits_and_keeps_no_other(short: Town) -> None:
    await short.start("grace: /cohort create Deep curriculum:deep-learning start:2027-02-01", channel="deep")
    without = Curricula({each.id: each for each in short.rooms.curricula if each.id != "english-emails"})
    short.clock.forward(datetime(2027, 1, 25, 10, tzinfo=UTC))
    lists = Checklists(without, {"square": short.square})
    while await short.rooms.records.write(handover.put_due, short.clock.now(), lists):
        pass
    await short.pass_time(minutes=1)
    assert [post.key for _, post in short.square.told] == ["c2:notice:checklist:start-week"]
    await short.pass_time(hours=1)
    assert told(short) == [("start-week", "grace"), ("start-week", "grace")]


# ---- taking over ----------------------------------------------------------------------------------------------------


async def test_on_the_evening_before_their_week_the_new_lead_is_told_what_waits(short: Town, lead: Lead) -> None:
    await lead("2027-W06", "eve")
    await until(short, "2027-02-05", 18)
    await short.say("ada: /checkin did:read blocked:grammar")
    await short.say("grace: /announce text:hello cohort:Emails")
    await short.say("grace: /announcement schedule draft:1 on:2027-02-10 time:12:00")
    await until(short, "2027-02-07", 17)
    assert told(short, "handover") == []
    await until(short, "2027-02-07", 19)
    assert told(short, "handover") == [("2027-W06", "eve")]
    said = words(short, "handover:2027-W06")
    assert "Emails is yours to lead from Mon 8 Feb 2027, 09:00 (UTC) on" in said
    assert "So far it was led by: Grace" in said
    assert "Blocked, and not written to: 1" in said
    assert "Milestone: Mon 8 Feb 2027, 09:00 (UTC)" in said
    assert "Announcement: Wed 10 Feb 2027, 12:00 (UTC)" in said
    assert "grammar" not in said


async def test_whoever_led_before_and_is_forgotten_is_named_in_no_word(short: Town, lead: Lead) -> None:
    await lead("2027-W06", "eve")
    await until(short, "2027-02-07", 19)
    await short.say('grace: /mydata forget word:"forget me"', expect="You are forgotten.")
    kept = await short.rooms.records.read(lambda c: c.execute(select(outbox.c.payload)).scalars().all())
    assert not [each for each in kept if "grace" in str(each).lower()]


async def test_nobody_is_told_who_led_the_week_before(short: Town, lead: Lead) -> None:
    for week in ("2027-W05", "2027-W06", "2027-W07"):
        await lead(week, "eve")
    await until(short, "2027-02-15", 10)
    assert told(short, "handover") == []


async def test_who_takes_it_back_is_told_again_once_a_week(short: Town, lead: Lead) -> None:
    await lead("2027-W06", "eve")
    await short.pass_time(weeks=8)
    assert told(short, "handover") == [("2027-W06", "eve"), ("2027-W07", "grace")]


async def test_what_is_open_at_the_end_is_handed_over(short: Town, lead: Lead) -> None:
    await lead("2027-W07", "eve")
    await until(short, "2027-02-14", 19)
    assert "Open on the checklist: 5" in words(short, "handover:2027-W07")


async def test_a_break_moves_the_evening_with_the_week(short: Town, lead: Lead) -> None:
    apply, *_ = await short.buttons("grace: /cohort break start:2027-02-08 weeks:1 cohort:Emails")
    await short.say(f"grace: {apply}")
    await lead("2027-W07", "eve")
    await until(short, "2027-02-14", 17)
    assert told(short, "handover") == []
    await until(short, "2027-02-14", 19)
    assert told(short, "handover") == [("2027-W07", "eve")]


async def test_who_is_named_after_the_evening_is_told_at_once_and_once(short: Town, lead: Lead) -> None:
    await until(short, "2027-02-07", 20)
    await lead("2027-W06", "eve")
    await short.pass_time(minutes=1)
    assert told(short, "handover") == [("2027-W06", "eve")]
    await lead("2027-W06", "eve")
    await short.pass_time(days=1)
    assert told(short, "handover") == [("2027-W06", "eve")]


async def test_after_the_season_nobody_takes_over(short: Town, lead: Lead) -> None:
    await lead("2027-W09", "eve")
    await short.pass_time(weeks=12)
    assert told(short, "handover") == []
