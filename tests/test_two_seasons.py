"""Two seasons from start to end: a break, a shift, an upgrade and a handover, by the calendar and the audit."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.chat.message import Button, Message
from bot.curriculum.model import Curriculum
from bot.delivery import versions
from bot.records import cohorts
from bot.records.tables import outbox
from tests.town import MONDAY, Town, open_town, text_of
from tests.versions import boats, installed

OLD, NEW = boats("1.0.0", "abcdefgh"), boats("1.1.0", "abcdxefgh")
HARBOUR = [
    "Mon 4 Jan 09:00 step-1 Week 1 of 8: About a",
    "Fri 8 Jan 17:00 2027-W01 Check-in: how was week 1?",
    "Mon 11 Jan 09:00 step-2 Week 2 of 8: About b",
    "Fri 15 Jan 17:00 2027-W02 Check-in: how was week 2?",
    # the break, from 18 to 24 January
    "Mon 25 Jan 09:00 step-3 Week 3 of 8: About c",
    "Fri 29 Jan 17:00 2027-W04 Check-in: how was week 3?",
    # the upgrade
    "Mon 1 Feb 09:00 step-4 Week 4 of 9: About d",
    "Fri 5 Feb 17:00 2027-W05 Check-in: how was week 4?",
    "Mon 8 Feb 09:00 step-5 Week 5 of 9: About x",
    "Fri 12 Feb 17:00 2027-W06 Check-in: how was week 5?",
    "Mon 15 Feb 09:00 step-6 Week 6 of 9: About e",
    "Fri 19 Feb 17:00 2027-W07 Check-in: how was week 6?",
    "Mon 22 Feb 09:00 step-7 Week 7 of 9: About f",
    "Fri 26 Feb 17:00 2027-W08 Check-in: how was week 7?",
    "Mon 1 Mar 09:00 step-8 Week 8 of 9: About g",
    "Fri 5 Mar 17:00 2027-W09 Check-in: how was week 8?",
    "Mon 8 Mar 09:00 step-9 Week 9 of 9: About h",
    "Fri 12 Mar 17:00 2027-W10 Check-in: how was week 9?",
]
DOCK = [
    "Thu 7 Jan 18:00 step-1 Week 1 of 8: About a",
    "Fri 8 Jan 17:00 2027-W01 Check-in: how was week 1?",
    # the shift, of 11 January
    "Thu 21 Jan 18:00 step-2 Week 2 of 8: About b",
    "Fri 22 Jan 17:00 2027-W03 Check-in: how was week 2?",
    "Thu 28 Jan 18:00 step-3 Week 3 of 8: About c",
    "Fri 29 Jan 17:00 2027-W04 Check-in: how was week 3?",
    "Thu 4 Feb 18:00 step-4 Week 4 of 8: About d",
    "Fri 5 Feb 17:00 2027-W05 Check-in: how was week 4?",
    "Thu 11 Feb 18:00 step-5 Week 5 of 8: About e",
    "Fri 12 Feb 17:00 2027-W06 Check-in: how was week 5?",
    "Thu 18 Feb 18:00 step-6 Week 6 of 8: About f",
    "Fri 19 Feb 17:00 2027-W07 Check-in: how was week 6?",
    "Thu 25 Feb 18:00 step-7 Week 7 of 8: About g",
    "Fri 26 Feb 17:00 2027-W08 Check-in: how was week 7?",
    "Thu 4 Mar 18:00 step-8 Week 8 of 8: About h",
    "Fri 5 Mar 17:00 2027-W09 Check-in: how was week 8?",
]
AUDIT_OF_HARBOUR = [
    "What was done to Harbour",
    "- Grace: /facilitator remove person:square:grace cohort:Harbour",
    "  Mon 8 Feb 2027, 10:00 (UTC) · facilitators: − Grace",
    "- Eve: /facilitator lead person:square:eve week:next cohort:Harbour",
    "  Mon 25 Jan 2027, 10:00 (UTC) · who leads: 2027-W05: Eve",
    "- Grace: /cohort upgrade cohort:Harbour",
    "  Mon 25 Jan 2027, 10:00 (UTC) · version: 1.0.0 → 1.1.0",
    "- Grace: /cohort apply",
    "  Mon 11 Jan 2027, 10:00 (UTC) · breaks: 2027-01-18 – 2027-01-24 (Thaw)",
    "- Grace: /facilitator add person:@Eve cohort:Harbour",
    "  Mon 4 Jan 2027, 08:00 (UTC) · facilitators: Eve",
    "- Grace: /season begin",
    "  Mon 4 Jan 2027, 08:00 (UTC) · name: Harbour · curriculum: boats · first day: Mon 4 Jan 2027 · day: Monday "
    "· time: 09:00 · time zone: UTC · 10 more",
]
AUDIT_OF_DOCK = [
    "What was done to Dock",
    "- Grace: /cohort apply",
    "  Mon 11 Jan 2027, 19:00 (Asia/Seoul) · first day: Thu 7 Jan 2027 → Thu 21 Jan 2027 · earlier rhythms: 0 → 1",
    "- Grace: /season begin",
    "  Mon 4 Jan 2027, 17:00 (Asia/Seoul) · name: Dock · curriculum: boats · first day: Thu 7 Jan 2027 · day: Thursday "
    "· time: 18:00 · time zone: Asia/Seoul · 10 more",
]
REPORTS = [
    *((week, "grace") for week in ("2027-W01", "2027-W02", "2027-W04")),
    *((week, "eve") for week in ("2027-W05", "2027-W06", "2027-W07", "2027-W08", "2027-W09", "2027-W10")),
]


async def press(town: Town, spoken: str, channel: str = "main") -> str:
    """What is read after the first button below the reply was pressed."""
    reply = await town.ask(spoken, channel=channel)
    assert isinstance(reply, Message)
    button = reply.buttons[0]
    assert isinstance(button, Button), text_of(reply)
    return await town.say(f"{spoken.partition(':')[0]}: /{button.line}", channel=channel)


async def seen(town: Town, cohort_id: int) -> list[str]:
    """The cohort's milestones and prompts: when they were posted, by its own clock, which, and how they begin."""
    zone = (await town.rooms.records.read(cohorts.get, cohort_id)).zone
    begin = {post.key: text_of(post.message).partition("\n")[0] for _, post in town.square.told}
    rows = await town.rooms.records.read(lambda c: c.execute(select(outbox).order_by(outbox.c.posted_at)).all())
    return [
        f"{row.posted_at.astimezone(zone):%a %-d %b %H:%M} {row.key.split(':')[2]} {begin[row.key]}"
        for row in rows
        if row.cohort_id == cohort_id and row.kind in ("milestone", "checkin")
    ]


async def opened(where: Path, made: Curriculum, before: Town | None = None) -> Town:
    """The town where that version is installed; after its operator did so and started Milepost again."""
    at, square = (before.clock.now(), before.square) if before else (MONDAY, None)
    town = await open_town(where, curricula=installed(made), at=at, square=square)
    await versions.keep(town.rooms.records, town.rooms.curricula)
    return town


@pytest.fixture
async def played(migrated: Path, tmp_path: Path) -> AsyncIterator[Town]:
    """Both seasons, played to their ends."""
    shutil.copy(migrated, tmp_path)
    town = await opened(tmp_path, OLD)
    await town.start("grace: /cohort create Harbour start:2027-01-04")
    dock = "start:2027-01-07 day:thursday time:18:00 timezone:Asia/Seoul"
    await town.start(f"grace: /cohort create Dock {dock}", channel="dock")
    await town.say("ada: /join Harbour")
    await town.say("ben: /join Dock", channel="dock")
    await town.say("grace: /facilitator add <@square:eve|Eve> cohort:Harbour", expect="Eve looks after Harbour now.")
    await town.pass_time(weeks=1, hours=2)
    thaw = "start:2027-01-18 weeks:1 name:Thaw cohort:Harbour"
    assert "Harbour is off from Mon 18 Jan 2027" in await press(town, f"grace: /cohort break {thaw}")
    assert "Dock moves 1 week later." in await press(town, "grace: /cohort shift weeks:1 cohort:Dock", "dock")
    await town.pass_time(weeks=2)
    await town.rooms.records.close()
    town = await opened(tmp_path, NEW, town)
    assert "from Boats 1.0.0 to 1.1.0" in await press(town, "grace: /cohort upgrade Harbour")
    await town.say(
        "eve: /facilitator lead square:eve week:next cohort:Harbour", expect="leads Harbour in the week from"
    )
    await town.pass_time(weeks=2)
    await town.say("grace: /facilitator remove square:grace cohort:Harbour", expect="looks after Harbour no longer.")
    await town.pass_time(weeks=12)
    yield town
    await town.rooms.records.close()


async def test_each_season_goes_by_its_calendar(played: Town) -> None:
    assert await seen(played, 1) == HARBOUR
    assert await seen(played, 2) == DOCK


async def test_the_audit_tells_how_they_came_about(played: Town) -> None:
    assert (await played.say("eve: /audit Harbour")).splitlines() == AUDIT_OF_HARBOUR
    assert (await played.say("grace: /audit Dock")).splitlines() == AUDIT_OF_DOCK


async def test_word_goes_to_whoever_leads(played: Town) -> None:
    told = [(post.key, at.person.id) for at, post in played.square.told if at.person]
    reports = [(key.split(":")[2], who) for key, who in told if key.startswith("c1:report")]
    assert reports == REPORTS
