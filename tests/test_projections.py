"""Roles and events: what a platform shows of a cohort in its own way, through crashes, outages and changes by hand."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.chat.platform import Busy, Gone, Hindered, Rejected, Unknown
from bot.chat.projection import Calendar, CohortMembers
from bot.chat.wording import plain, say
from bot.curriculum.load import Curricula
from bot.delivery import calendar
from bot.delivery.projecting import AHEAD, LONGEST_WAIT, RETRY, meetings
from bot.records.cohorts import Cohort, Meeting
from tests.town import Square, Town, open_town

ROLE = "<@&500>"
DELETED = say("The linked role was deleted. Link another one.")


async def settle(town: Town) -> None:
    """What a tick does a few seconds later."""
    town.clock.forward(town.clock.now() + timedelta(seconds=5))
    await town.rooms.projecting.tick()


@pytest.fixture
async def linked(study_town: Town) -> Town:
    """The study town, whose cohort has the role 500; Ada holds it already."""
    await study_town.say(f"grace: /cohort role {ROLE}", expect="Members of Deep get the role 500.")
    await settle(study_town)
    return study_town


# ---- The role -------------------------------------------------------------------------------------------------------


async def test_those_who_are_in_the_cohort_get_the_role_that_is_linked(linked: Town) -> None:
    assert linked.square.holders("500") == ["ada"]


async def test_whoever_joins_gets_the_role_and_whoever_leaves_loses_it(linked: Town) -> None:
    await linked.say("bob: /join")
    await settle(linked)
    assert linked.square.holders("500") == ["ada", "bob"]
    await linked.say("ada: /leave")
    await settle(linked)
    assert linked.square.holders("500") == ["bob"]


async def test_a_role_may_be_mentioned_or_given_by_its_id(study_town: Town) -> None:
    await study_town.say("grace: /cohort role 500", expect="Members of Deep get the role 500.")
    await study_town.say("grace: /cohort role", expect="Members of Deep have the role 500.")


async def test_unlinking_has_it_taken_back(linked: Town) -> None:
    await linked.say("grace: /cohort role unlink:yes", expect="Those who were given one lose it now.")
    await settle(linked)
    assert isinstance(linked.square.shown[-1], CohortMembers)
    assert linked.square.shown[-1].role is None
    await linked.say("grace: /cohort role", expect="Members of Deep get no role.")


@pytest.mark.parametrize("typed", ["@Deep learners", "everyone", "@everyone", "<@500>", "<#500>", "500a", "0", "-1"])
async def test_what_is_no_role_is_refused_with_the_way_out_and_the_linked_one_stays(linked: Town, typed: str) -> None:
    await linked.say(f"grace: /cohort role {typed}", expect=f"{typed} is no role. Choose one, mention it")
    await linked.say("grace: /cohort role", expect="Members of Deep have the role 500.")


async def test_the_role_that_everybody_has_is_refused(linked: Town) -> None:
    linked.community = "42"  # which that role has for its id
    await linked.start("grace: /cohort create Wide")
    await linked.say("grace: /cohort role 42", expect="Everybody here has that role. Choose another one, or make one.")


async def test_a_role_belongs_to_one_cohort(linked: Town) -> None:
    await linked.start("grace: /cohort create Wide", channel="side")
    said = await linked.say(f"grace: /cohort role {ROLE}", channel="side")
    assert "That is the role of Deep already." in said


async def test_the_status_names_the_role_and_the_next_meeting(linked: Town) -> None:
    await linked.say("grace: /cohort meeting wednesday")
    said = await linked.say("grace: /cohort status", expect="Role: 500")
    assert "Next meeting: Wed 6 Jan 2027, 18:00 (UTC)" in said


async def test_where_there_are_no_roles_one_is_told_so(study_town: Town) -> None:
    study_town.square.projects = frozenset()
    await study_town.say(f"grace: /cohort role {ROLE}", expect="There are no roles here that could be given.")
    await study_town.say("grace: /cohort meeting friday", expect="Deep meets every week.")
    await settle(study_town)
    assert study_town.square.shown == []


async def test_a_problem_is_said_in_the_readers_language_until_it_is_gone(linked: Town) -> None:
    linked.square.obstacles.append(Hindered(DELETED))
    await linked.say("bob: /join")
    await settle(linked)
    assert "[Try again]" in await linked.say("grace: /cohort status", expect=f"⚠ Role: {plain(DELETED)}\n")
    await linked.say("grace: /cohort status", locale="ko", expect="⚠ 역할: 연결된 역할이 삭제됐어요.")
    await linked.say("grace: /cohort reopen", expect="The role and the events are set again now.")
    await settle(linked)
    assert "⚠" not in await linked.say("grace: /cohort status")


# ---- The meeting ----------------------------------------------------------------------------------------------------


async def test_the_events_are_the_beginning_and_the_meetings_of_three_weeks(study_town: Town) -> None:
    await study_town.say("grace: /cohort meeting wednesday time:18:30 minutes:90 where:Library", expect="90 minutes")
    await settle(study_town)
    assert [(plain(each.title), each.starts_at.isoformat(), each.where) for each in study_town.square.events] == [
        ("Deep begins", "2027-01-04T09:00:00+00:00", "#main"),
        ("Deep meets", "2027-01-06T18:30:00+00:00", "Library"),
        ("Deep meets", "2027-01-13T18:30:00+00:00", "Library"),
        ("Deep meets", "2027-01-20T18:30:00+00:00", "Library"),
    ]
    assert study_town.square.events[1].ends_at - study_town.square.events[1].starts_at == timedelta(minutes=90)


async def test_a_meeting_changes_in_what_is_said_and_keeps_the_rest_and_its_key(study_town: Town) -> None:
    await study_town.say("grace: /cohort meeting wednesday time:18:30 where:Library")
    await settle(study_town)
    before = study_town.square.events[1]
    await study_town.say("grace: /cohort meeting thursday", expect="Where: Library")
    await settle(study_town)
    after = study_town.square.events[1]
    assert after.key == before.key
    assert after.starts_at - before.starts_at == timedelta(days=1)


async def test_a_meeting_can_be_taken_off(study_town: Town) -> None:
    await study_town.say("grace: /cohort meeting friday")
    await study_town.say("grace: /cohort meeting off", expect="Deep has no weekly meeting.")
    await settle(study_town)
    assert [plain(each.title) for each in study_town.square.events] == ["Deep begins"]


async def test_a_meeting_needs_a_day(study_town: Town) -> None:
    said = await study_town.say("grace: /cohort meeting time:18:30")
    assert "! On which day does Deep meet?" in said


async def test_a_new_cohort_announces_its_beginning(study_town: Town) -> None:
    await settle(study_town)
    assert [(each.key, plain(each.text, "ko")) for each in study_town.square.events] == [
        ("c1:kick-off:1", "이때 첫 마일스톤이 올라와요. /join 명령으로 참여할 수 있어요.")
    ]


async def test_every_night_the_calendar_moves_on(study_town: Town) -> None:
    await study_town.say("grace: /cohort meeting wednesday")
    await study_town.pass_time(weeks=1)
    await study_town.rooms.projecting.nightly()
    await settle(study_town)
    assert [each.key for each in study_town.square.events] == [
        "c1:meeting:2027-W02:1", "c1:meeting:2027-W03:1", "c1:meeting:2027-W04:1",
    ]  # fmt: skip


ZONES = [ZoneInfo(name) for name in ("UTC", "America/New_York", "Asia/Seoul", "Africa/Cairo", "Pacific/Chatham")]
COHORTS = some.builds(
    Cohort, some.just(1), some.just(1), some.just("Deep"), some.just("deep-learning"), some.just("1"),
    some.dates(date(2027, 1, 1), date(2027, 6, 1)), some.sampled_from(ZONES), some.integers(0, 6), some.times(),
    some.just("normal"), some.just("en"),
    some.builds(Meeting, some.integers(0, 6), some.times(), some.integers(15, 480)),
)  # fmt: skip


@given(COHORTS, some.datetimes(datetime(2026, 12, 1), datetime(2027, 12, 1), timezones=some.just(ZONES[0])))  # noqa: DTZ001
def test_meetings_are_weekly_within_the_season_and_no_farther_than_three_weeks(cohort: Cohort, now: datetime) -> None:
    assert cohort.meeting is not None
    season, found = calendar.Calendar.of(cohort), list(meetings(cohort, now, 12))
    lasts = timedelta(minutes=cohort.meeting.minutes)
    assert all(now < at + lasts and at < now + AHEAD for at in found)
    assert all(at.astimezone(cohort.zone).weekday() == cohort.meeting.weekday for at in found)
    assert all(season.milestone_on(1) <= at.astimezone(cohort.zone).date() for at in found)
    assert all(at < season.milestone_at(13) for at in found)
    days = [at.astimezone(cohort.zone).date() for at in found]
    assert all(later - earlier == timedelta(weeks=1) for earlier, later in pairwise(days))
    if season.milestone_at(2) < now < season.milestone_at(10):
        assert len(found) in (3, 4)


# ---- Laws of the worker ---------------------------------------------------------------------------------------------


@dataclass
class HangingSquare(Square):
    """A square that shows what it is told and never answers."""

    was_told: asyncio.Event = field(default_factory=asyncio.Event)

    async def project(self, state: CohortMembers | Calendar) -> None:
        await super().project(state)
        self.was_told.set()
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await never


def members_shown(town: Town) -> int:
    """How often members were shown."""
    return sum(isinstance(each, CohortMembers) for each in town.square.shown)


async def test_many_changes_are_shown_at_once(linked: Town) -> None:
    before = members_shown(linked)
    for who in ("bob", "eve", "mallory"):
        await linked.say(f"{who}: /join")
    await settle(linked)
    assert members_shown(linked) == before + 1
    assert linked.square.holders("500") == ["ada", "bob", "eve", "mallory"]


async def test_what_has_not_changed_is_not_shown_again(linked: Town) -> None:
    before = len(linked.square.shown)
    for _ in range(3):
        await settle(linked)
    assert len(linked.square.shown) == before


async def test_what_changes_while_it_is_being_shown_is_shown_too(linked: Town) -> None:
    showing = linked.square.project

    async def project(state: CohortMembers | Calendar) -> None:
        linked.square.project = showing  # type: ignore[method-assign]
        await showing(state)
        await linked.say("eve: /join")

    linked.square.project = project  # type: ignore[method-assign]
    await linked.say("bob: /join")
    await settle(linked)
    assert linked.square.holders("500") == ["ada", "bob", "eve"]


async def test_a_process_that_dies_while_showing_has_it_shown_again(
    linked: Town, store: str, curricula: Curricula
) -> None:
    await linked.say("bob: /join")
    hanging = HangingSquare()
    second = await open_town(store, curricula=curricula, at=linked.clock.now(), square=hanging)
    dying = asyncio.create_task(second.rooms.projecting.tick())
    await hanging.was_told.wait()
    dying.cancel()
    await asyncio.wait([dying])
    await second.rooms.records.close()
    await settle(linked)
    assert linked.square.holders("500") == ["ada", "bob"]


@pytest.mark.parametrize("outage", [Busy(30, "platform"), Unknown("no answer"), ConnectionResetError("reset")])
async def test_an_outage_heals_by_itself(linked: Town, outage: Exception) -> None:
    linked.square.obstacles += [outage] * 5
    await linked.say("bob: /join")
    for _ in range(20):
        linked.clock.forward(linked.clock.now() + 4 * RETRY)
        await linked.rooms.projecting.tick()
    assert linked.square.holders("500") == ["ada", "bob"]
    assert "⚠" not in await linked.say("grace: /cohort status")


async def test_a_long_outage_is_met_with_ever_fewer_attempts_that_never_end(linked: Town) -> None:
    linked.square.obstacles += [Unknown("no answer")] * 1000
    await linked.say("bob: /join")
    for _ in range(24 * 60):
        linked.clock.forward(linked.clock.now() + timedelta(minutes=1))
        await linked.rooms.projecting.tick()
    tries = 1000 - len(linked.square.obstacles)
    assert 24 <= tries <= 40
    linked.square.obstacles.clear()
    linked.clock.forward(linked.clock.now() + LONGEST_WAIT)
    await linked.rooms.projecting.tick()
    assert linked.square.holders("500") == ["ada", "bob"]


@pytest.mark.parametrize("failure", [Hindered(DELETED), Rejected("no"), Gone("the server is gone")])
async def test_what_a_person_must_mend_is_logged_once_and_tried_again_at_night(
    linked: Town, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    linked.square.obstacles += [failure, failure]
    await linked.say("bob: /join")
    for _ in range(3):
        await settle(linked)
    assert len(linked.square.obstacles) == 1
    await linked.say("grace: /cohort status", expect=f"⚠ Role: {failure}")
    await linked.say("eve: /join")
    await settle(linked)
    assert [each.levelno for each in caplog.records if str(failure) in each.getMessage()] == [logging.ERROR]
    await linked.rooms.projecting.nightly()
    await settle(linked)
    assert linked.square.holders("500") == ["ada", "bob", "eve"]


async def test_every_night_all_are_given_the_role_afresh(linked: Town) -> None:
    rounds = []
    for _ in range(2):
        await linked.rooms.projecting.nightly()
        await settle(linked)
        rounds.append(next(each.round for each in reversed(linked.square.shown) if isinstance(each, CohortMembers)))
    assert rounds == [2, 3]


async def test_one_that_cannot_be_shown_holds_up_no_other(linked: Town) -> None:
    await linked.say("grace: /cohort meeting friday")
    await linked.say("bob: /join")
    linked.square.obstacles.append(RuntimeError("a bug"))
    await settle(linked)
    assert linked.square.holders("500") == ["ada", "bob"]
    linked.clock.forward(linked.clock.now() + RETRY)
    await linked.rooms.projecting.tick()
    assert "Deep meets" in [plain(each.title) for each in linked.square.events]
