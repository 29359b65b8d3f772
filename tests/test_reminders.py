"""Reminders: one follow-up a week, to those who have not answered, where and when they want it."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, insert, select

from bot.chat.message import Button, Post
from bot.chat.platform import Busy, Closed, Person, Rejected, Unknown
from bot.curriculum.load import Curricula
from bot.records.tables import absences, accounts, checkins, enrolments, passes
from tests.town import MONDAY, Town, open_town, text_of

FIRST = datetime(2027, 1, 10, 17, tzinfo=UTC)  # when the first reminder falls due
ASIDE = ("nudge", "snooze", "missed")


def kind(post: Post) -> str:
    return post.key.split(":")[1]


def named(town: Town) -> list[list[str]]:
    """Whom each reminder in the thread names."""
    return [[each.id for each in post.notify] for _, post in town.square.told if kind(post) == "reminder"]


def words(town: Town, of: str) -> list[str]:
    """What the posts of that kind say."""
    return [text_of(post.message, post.locale) for _, post in town.square.told if kind(post) == of]


def direct(town: Town) -> list[tuple[str, str]]:
    """To whom each direct message of a member's went, and its kind."""
    return [(place.person.id, kind(post)) for place, post in town.square.told if place.person and kind(post) in ASIDE]


async def until(town: Town, at: datetime) -> None:
    await town.pass_time(seconds=(at - town.clock.now()).total_seconds())


async def by_dm(town: Town, name: str, **chosen: str) -> None:
    given = " ".join(f"{key}:{value}" for key, value in chosen.items())
    await town.say(f'{name}: /set reminders by:"by direct message" {given}', expect="by direct message")


async def pass_week(town: Town, name: str, week: str) -> None:
    """Have them pass that week."""
    one = {"enrolment_id": (await ids_of(town))[name], "period": week, "at": MONDAY}
    await town.rooms.records.write(lambda connection: connection.execute(insert(passes).values(**one)))


async def go_away(town: Town, name: str, first_on: date, last_on: date) -> None:
    """Have them be away on those days."""
    standing = await town.rooms.records.standing(Person(platform="square", id=name))
    one = {"member_id": standing.member_id, "first_on": first_on, "last_on": last_on}
    await town.rooms.records.write(lambda connection: connection.execute(insert(absences).values(**one)))


async def ids_of(town: Town) -> dict[str, int]:
    """The enrolment of everybody, by name."""
    rows = await town.rooms.records.read(
        lambda c: c.execute(
            select(accounts.c.foreign_id, enrolments.c.id).join(
                enrolments, enrolments.c.member_id == accounts.c.member_id
            )
        ).all()
    )
    return {row[0]: row[1] for row in rows}


@pytest.fixture
async def trio(study_town: Town) -> Town:
    """Ada, Ben and Cleo are in the cohort."""
    for name in ("ben", "cleo"):
        await study_town.say(f"{name}: /join")
    return study_town


# ---- in the thread --------------------------------------------------------------------------------------------------


async def test_the_thread_is_told_how_many_have_checked_in_and_names_the_others_alone(trio: Town) -> None:
    await trio.say("ben: /checkin did:read")
    await until(trio, FIRST)
    assert named(trio) == [["ada", "cleo"]]
    (said,) = words(trio, "reminder")
    assert said.startswith("1 of 3 members have checked in.")
    assert "late" not in said


async def test_every_reminder_leads_to_that_weeks_form_to_a_week_off_and_to_tomorrow(trio: Town) -> None:
    await by_dm(trio, "ben")
    await until(trio, FIRST)
    for _, post in trio.square.told:
        if kind(post) in ("reminder", "nudge"):
            lines = [each.line for each in post.message.buttons if isinstance(each, Button)]
            assert lines[0].startswith("?checkin week:2027-W01")
            assert lines[1].startswith("pass week:2027-W01")
            assert lines[2].startswith("snooze week:2027-W01")


async def test_whoever_switched_reminders_off_is_not_named(trio: Town) -> None:
    await trio.say('ben: /set reminders by:"not at all"')
    await until(trio, FIRST)
    assert named(trio) == [["ada", "cleo"]]


async def test_whoever_passed_or_is_away_is_not_named(trio: Town) -> None:
    await pass_week(trio, "ada", "2027-W01")
    await go_away(trio, "ben", date(2027, 1, 9), date(2027, 1, 10))
    await until(trio, FIRST)
    assert named(trio) == [["cleo"]]
    await until(trio, FIRST + timedelta(weeks=1))
    assert named(trio)[1] == ["ada", "ben", "cleo"]


async def test_nobody_is_named_in_two_places_of_one_cohort(trio: Town) -> None:
    await trio.say("grace: /cohort place add cohort:Deep", channel="second")
    await until(trio, FIRST)
    everybody = [name for each in named(trio) for name in each]
    assert sorted(everybody) == ["ada", "ben", "cleo"]


# ---- privately ------------------------------------------------------------------------------------------------------


async def test_only_who_asked_for_it_is_reminded_privately_and_the_thread_names_the_others(trio: Town) -> None:
    await by_dm(trio, "ben")
    await until(trio, FIRST)
    assert named(trio) == [["ada", "cleo"]]
    assert direct(trio) == [("ben", "nudge")]
    (said,) = words(trio, "nudge")
    assert said.startswith("Deep: how did your week go?\n0 of 3 members have checked in.\nWhat did you do this week?")


async def test_a_private_reminder_is_in_the_language_that_its_member_chose(trio: Town) -> None:
    await by_dm(trio, "ben")
    await trio.say("ben: /set language language:한국어")
    await until(trio, FIRST)
    assert "이번 주는 어떻게 지내셨어요?" in words(trio, "nudge")[0]


async def test_it_comes_at_the_members_own_time_in_their_own_zone(trio: Town) -> None:
    await by_dm(trio, "ben", time="09:00")
    await trio.say("ben: /set language timezone:America/New_York")
    await until(trio, FIRST + timedelta(hours=20, minutes=59))
    assert direct(trio) == []
    await until(trio, FIRST + timedelta(hours=21))
    assert direct(trio) == [("ben", "nudge")]


async def test_whoever_answered_meanwhile_gets_nothing(trio: Town) -> None:
    await by_dm(trio, "ben", time="09:00")
    await until(trio, FIRST + timedelta(hours=3))
    await trio.say("ben: /checkin did:read")
    await until(trio, FIRST + timedelta(days=2))
    assert direct(trio) == []


async def test_whoever_switches_it_off_meanwhile_gets_nothing(trio: Town) -> None:
    await by_dm(trio, "ben", time="09:00")
    await until(trio, FIRST + timedelta(hours=3))
    await trio.say('ben: /set reminders by:"not at all"')
    await until(trio, FIRST + timedelta(days=2))
    assert direct(trio) == []
    assert "ben" not in [name for each in named(trio) for name in each]


async def test_whoever_wants_it_in_the_thread_meanwhile_is_named_there_instead(trio: Town) -> None:
    await by_dm(trio, "ben", time="09:00")
    await until(trio, FIRST + timedelta(hours=3))
    await trio.say('ben: /set reminders by:"in the thread"')
    await until(trio, FIRST + timedelta(days=2))
    assert direct(trio) == []
    assert named(trio) == [["ada", "cleo"], ["ben"]]


async def test_quiet_hours_that_are_chosen_meanwhile_hold(trio: Town) -> None:
    await by_dm(trio, "ben", quiet_from="16:00", quiet_until="18:00")
    await until(trio, FIRST + timedelta(minutes=30))
    await by_dm(trio, "ben", quiet_from="16:00", quiet_until="21:00")
    await until(trio, FIRST + timedelta(hours=3, minutes=59))
    assert direct(trio) == []
    await until(trio, FIRST + timedelta(hours=4))
    assert direct(trio) == [("ben", "nudge")]


async def test_what_would_come_more_than_a_day_late_is_left_out(trio: Town) -> None:
    await by_dm(trio, "ben", time="08:00")
    await until(trio, FIRST + timedelta(hours=1))
    trio.square.failures = [Busy(24 * 3600, "platform")]
    await until(trio, FIRST + timedelta(days=3))
    assert direct(trio) == []


@pytest.mark.parametrize("failure", [Closed("Discord: Cannot send messages to this user (code 50007)")])
async def test_closed_messages_are_noticed_shown_and_the_thread_has_the_reminder(
    trio: Town, failure: Exception
) -> None:
    await by_dm(trio, "ben", time="18:00")
    await until(trio, FIRST + timedelta(minutes=30))
    trio.square.failures = [Closed("Discord: Cannot send messages to this user (code 50007)")]
    await until(trio, FIRST + timedelta(hours=2))
    assert direct(trio) == []
    assert named(trio) == [["ada", "cleo"], ["ben"]]
    await trio.say("ben: /settings", expect="Private messages do not reach you (Discord: Cannot send")
    await until(trio, FIRST + timedelta(weeks=1, hours=2))
    assert named(trio)[2:] == [["ada", "ben", "cleo"]]


async def test_whoever_the_thread_reminded_already_is_not_named_by_a_post_that_comes_late(trio: Town) -> None:
    await by_dm(trio, "ben", time="18:00")
    await until(trio, FIRST - timedelta(minutes=1))
    trio.square.failures = [Busy(2 * 3600, "route")]
    await until(trio, FIRST + timedelta(minutes=30))
    assert named(trio) == []
    trio.square.failures = [Closed("no direct messages")]
    await until(trio, FIRST + timedelta(hours=3))
    assert named(trio) == [["ada", "cleo"], ["ben"]]


async def test_a_message_that_is_refused_for_another_reason_closes_nothing(trio: Town) -> None:
    await by_dm(trio, "ben", time="18:00")
    await until(trio, FIRST + timedelta(minutes=30))
    trio.square.failures = [Rejected("too long")]
    await until(trio, FIRST + timedelta(hours=2))
    assert named(trio) == [["ada", "cleo"], ["ben"]]
    assert "do not reach you" not in await trio.say("ben: /settings")


async def test_a_lost_answer_makes_no_second_reminder(trio: Town) -> None:
    await by_dm(trio, "ben", time="18:00")
    await until(trio, FIRST + timedelta(minutes=30))
    trio.square.forgets_to_answer = 1
    await until(trio, FIRST + timedelta(hours=5))
    assert direct(trio) == [("ben", "nudge")]
    assert named(trio) == [["ada", "cleo"]]


async def test_a_message_that_was_lost_is_sent_again(trio: Town) -> None:
    await by_dm(trio, "ben", time="18:00")
    await until(trio, FIRST + timedelta(minutes=30))
    trio.square.failures = [Unknown("no answer")]
    await until(trio, FIRST + timedelta(hours=5))
    assert direct(trio) == [("ben", "nudge")]


async def test_a_restart_repeats_and_loses_nothing(trio: Town, store: str, curricula: Curricula) -> None:
    await by_dm(trio, "ben", time="18:00")
    await until(trio, FIRST + timedelta(minutes=30))
    again = await open_town(store, curricula=curricula, at=trio.clock.now(), square=trio.square)
    await until(again, FIRST + timedelta(hours=2))
    once_more = await open_town(store, curricula=curricula, at=again.clock.now(), square=trio.square)
    await until(once_more, FIRST + timedelta(hours=20))
    assert direct(once_more) == [("ben", "nudge")]
    for town in (again, once_more):
        await town.rooms.records.close()


async def test_a_word_to_a_facilitator_does_not_wait_behind_a_reminder_for_tomorrow(trio: Town) -> None:
    await by_dm(trio, "ben", time="08:00")
    await until(trio, FIRST + timedelta(hours=1))
    await trio.say("ada: /blocked time")
    await trio.pass_time(minutes=1)
    assert kind(trio.square.told[-1][1]) == "notice"


# ---- one member, several cohorts or accounts ------------------------------------------------------------------------


@pytest.fixture
async def twice(study_town: Town) -> Town:
    """Ada is in two cohorts, and is reminded privately."""
    await study_town.start("grace: /cohort create Wide start:2027-01-04", channel="other")
    await study_town.say("ada: /join", channel="other")
    await by_dm(study_town, "ada")
    return study_town


async def test_two_cohorts_remind_on_two_days(twice: Town) -> None:
    await until(twice, FIRST + timedelta(hours=5))
    await until(twice, FIRST + timedelta(hours=15, minutes=59))
    assert direct(twice) == [("ada", "nudge")]
    await until(twice, FIRST + timedelta(hours=16))
    assert direct(twice) == [("ada", "nudge")] * 2
    keys = [key for key in twice.keys if ":nudge:" in key]
    assert sorted(keys) == ["c1:nudge:2027-W01:e1", "c2:nudge:2027-W01:e2"]


async def test_the_second_comes_even_though_the_first_answer_was_lost_and_on_another_day(twice: Town) -> None:
    await until(twice, FIRST - timedelta(minutes=1))
    twice.square.forgets_to_answer = 1
    await until(twice, FIRST + timedelta(hours=5))
    assert direct(twice) == [("ada", "nudge")]
    await until(twice, FIRST + timedelta(days=1))
    assert direct(twice) == [("ada", "nudge")] * 2


async def test_a_direct_message_leads_to_its_own_cohorts_form(twice: Town) -> None:
    await until(twice, FIRST + timedelta(days=1))
    for _, post in twice.square.told:
        if kind(post) == "nudge":
            button = post.message.buttons[0]
            assert isinstance(button, Button)
            name = "Deep" if post.key.startswith("c1") else "Wide"
            await twice.say(f"ada: /{button.line.removeprefix('?')} did:read", expect=f"The facilitators of {name}")


async def test_a_member_with_two_accounts_is_reminded_once(trio: Town) -> None:
    standing = await trio.rooms.records.standing(Person(platform="square", id="ben"))
    more = {"member_id": standing.member_id, "platform": "square", "foreign_id": "ben-at-work", "name": "Ben"}
    await trio.rooms.records.write(lambda c: c.execute(insert(accounts).values(**more)))
    await until(trio, FIRST)
    assert named(trio) == [["ada", "ben", "cleo"]]
    await by_dm(trio, "ben")
    await until(trio, FIRST + timedelta(weeks=1))
    assert direct(trio) == [("ben", "nudge")]


# ---- snooze ---------------------------------------------------------------------------------------------------------


async def test_a_snooze_names_only_them_in_the_thread_at_the_same_time_tomorrow(trio: Town) -> None:
    await until(trio, FIRST + timedelta(hours=2))
    await trio.say("ada: /snooze week:2027-W01", expect="You are reminded once more: Mon 11 Jan 2027, 19:00")
    await until(trio, FIRST + timedelta(hours=25, minutes=59))
    assert named(trio) == [["ada", "ben", "cleo"]]
    await until(trio, FIRST + timedelta(hours=26))
    assert named(trio) == [["ada", "ben", "cleo"], ["ada"]]


async def test_a_snooze_comes_privately_to_who_asked_for_that(trio: Town) -> None:
    await by_dm(trio, "ben")
    await until(trio, FIRST + timedelta(hours=2))
    await trio.say("ben: /snooze week:2027-W01", expect="It comes as a direct message.")
    await until(trio, FIRST + timedelta(days=2))
    assert direct(trio) == [("ben", "nudge"), ("ben", "snooze")]


async def test_a_week_can_be_put_off_once(trio: Town) -> None:
    await until(trio, FIRST + timedelta(hours=2))
    await trio.say("ada: /snooze week:2027-W01", expect="once more: Mon 11 Jan 2027, 19:00")
    await trio.pass_time(hours=1)
    await trio.say("ada: /snooze week:2027-W01", expect="put off already, once a week: Mon 11 Jan 2027, 19:00")
    await until(trio, FIRST + timedelta(days=3))
    assert named(trio) == [["ada", "ben", "cleo"], ["ada"]]


@pytest.mark.parametrize("done", ["/checkin did:read week:2027-W01", '/set reminders by:"not at all"'])
async def test_a_snooze_does_not_come_to_who_answered_or_switched_reminders_off_since(trio: Town, done: str) -> None:
    await until(trio, FIRST + timedelta(hours=2))
    await trio.say("ada: /snooze week:2027-W01", expect="once more")
    await trio.say(f"ada: {done}")
    await until(trio, FIRST + timedelta(days=3))
    assert named(trio) == [["ada", "ben", "cleo"]]


async def test_a_snooze_waits_for_the_end_of_quiet_hours(trio: Town) -> None:
    await by_dm(trio, "ben", quiet_from="18:00", quiet_until="20:00")
    await until(trio, FIRST + timedelta(hours=2))
    await trio.say("ben: /snooze week:2027-W01", expect="once more: Mon 11 Jan 2027, 20:00")
    await until(trio, FIRST + timedelta(hours=26, minutes=59))
    assert direct(trio) == [("ben", "nudge")]
    await until(trio, FIRST + timedelta(hours=27))
    assert direct(trio) == [("ben", "nudge"), ("ben", "snooze")]


async def test_without_a_reminder_there_is_nothing_to_put_off(trio: Town) -> None:
    await trio.say("ada: /snooze", expect="There is no reminder of that week to put off.")
    await until(trio, FIRST + timedelta(hours=2))
    await trio.say("ada: /checkin did:read")
    await trio.say("ada: /snooze week:2027-W01", expect="Nothing is asked of you for that week")
    await trio.say('ben: /set reminders by:"not at all"')
    await trio.say("ben: /snooze week:2027-W01", expect="Reminders are switched off for you")


# ---- silence --------------------------------------------------------------------------------------------------------


def sunday(week: int) -> datetime:
    """When the reminder of that week of the season falls due."""
    return FIRST + timedelta(weeks=week - 1)


async def keep_going(town: Town, name: str, *, weeks: int, first: int = 1) -> None:
    for week in range(first, first + weeks):
        await until(town, sunday(week) - timedelta(hours=3))
        await town.say(f"{name}: /checkin did:read")
        await until(town, sunday(week))


async def test_after_three_silent_weeks_nobody_is_named_any_more(trio: Town) -> None:
    await keep_going(trio, "ada", weeks=5)
    assert named(trio) == [["ben", "cleo"]] * 3


async def test_whoever_is_reminded_privately_hears_once_that_they_are_missed(trio: Town) -> None:
    await by_dm(trio, "ben")
    await keep_going(trio, "ada", weeks=7)
    assert direct(trio) == [("ben", "nudge")] * 3 + [("ben", "missed")]
    (said,) = words(trio, "missed")
    assert said.startswith("We miss you in Deep.")
    assert "[Start again here] [Take a break] [Leave]" in said
    assert not any(word in said for word in ("weeks", "late", "behind", "tasks"))


@pytest.mark.parametrize("back", ["/checkin did:back", "/done python-syntax"])
async def test_whoever_comes_back_is_reminded_again_and_not_missed_again(trio: Town, back: str) -> None:
    await by_dm(trio, "ben")
    await keep_going(trio, "ada", weeks=4)
    await until(trio, sunday(4) + timedelta(days=3))
    await trio.say(f"ben: {back}")
    await keep_going(trio, "ada", weeks=3, first=5)
    mine = [what for who, what in direct(trio) if who == "ben"]
    assert mine[:4] == ["nudge"] * 3 + ["missed"]
    assert mine[4:] == ["nudge"] * (2 if "checkin" in back else 3)


async def test_weeks_that_were_passed_or_away_or_not_asked_are_no_silence(trio: Town) -> None:
    for week in ("2027-W01", "2027-W02"):
        await pass_week(trio, "ben", week)
    await go_away(trio, "cleo", date(2027, 1, 5), date(2027, 1, 20))
    await keep_going(trio, "ada", weeks=6)
    everybody = Counter(name for each in named(trio) for name in each)
    # The third week is asked about, and no silence of Cleo's either, who was away on its first days.
    assert everybody == {"ben": 3, "cleo": 4}


async def test_weeks_before_joining_are_no_silence(trio: Town) -> None:
    await keep_going(trio, "ada", weeks=4)
    await trio.say("dan: /join")
    await keep_going(trio, "ada", weeks=2, first=5)
    assert named(trio)[-2:] == [["dan"]] * 2


async def test_whoever_left_and_joined_again_begins_anew(trio: Town) -> None:
    await keep_going(trio, "ada", weeks=4)
    await trio.say("ben: /leave")
    await trio.say("ben: /join")
    await keep_going(trio, "ada", weeks=1, first=5)
    assert named(trio)[-1] == ["ben"]


async def test_a_break_is_no_silence(trio: Town) -> None:
    await until(trio, sunday(1) + timedelta(hours=1))
    await trio.say("grace: /cohort break start:2027-01-11 weeks:3")
    line = next(each for each in await trio.buttons("grace: /cohort break start:2027-01-11 weeks:3") if "apply" in each)
    await trio.say(f"grace: /{line}")
    await keep_going(trio, "ada", weeks=2, first=5)
    assert named(trio)[-2:] == [["ben", "cleo"]] * 2


# ---- the laws, over a season and around the world -------------------------------------------------------------------

WHERE = ["Pacific/Niue", "America/New_York", "Europe/London", "Asia/Kolkata", "Pacific/Chatham", "Pacific/Kiritimati"]


@pytest.fixture
async def world(store: str, curricula: Curricula) -> AsyncIterator[Town]:
    """A cohort in London, whose clocks change in its second week; its members are all over the world."""
    at = datetime(2027, 3, 15, 8, tzinfo=UTC)
    town = await open_town(store, curricula=curricula, at=at)
    await town.start("grace: /cohort create Deep start:2027-03-15 timezone:Europe/London", expect="Deep is ready")
    yield town
    await town.rooms.records.close()


async def test_the_laws_hold_for_a_season_of_members_in_all_zones(world: Town) -> None:
    by = ["in the thread", "by direct message", "by direct message", "not at all"]
    names = {f"m{n}": (WHERE[n % 6], by[n % 4], n) for n in range(12)}
    for name, (zone, how, n) in names.items():
        await world.say(f"{name}: /join")
        await world.say(f"{name}: /set language timezone:{zone}")
        quiet = f"quiet_from:{(20 + n) % 24:02}:30 quiet_until:{(4 + n) % 24:02}:00"
        time = f"time:{(7 * n) % 24:02}:15" if n % 3 else ""
        await world.say(f'{name}: /set reminders by:"{how}" {time} {quiet}')
    seen: list[tuple[datetime, str, str, str]] = []  # when, who, kind, week
    answered: set[tuple[str, str]] = set()
    for hour in range(24 * 7 * 5):
        before = len(world.square.told)
        world.square.forgets_to_answer = int(hour % 50 == 7)
        await world.pass_time(hours=1)
        for place, post in world.square.told[before:]:
            if kind(post) in ("reminder", *ASIDE):
                week = post.key.split(":")[2]
                who = [place.person] if place.person else list(post.notify)
                assert not [each for each in who if (each.id, week) in answered], post.key
                seen += [(world.clock.now(), each.id, kind(post), week) for each in who]
        for name, (_, _, n) in names.items():
            if (hour + 11 * n) % (24 * 7) == 130 and n % 5:
                reply = await world.say(f"{name}: /checkin did:read", expect="For:")
                assert reply
                answered.add((name, await _week(world, name)))
    for at, name, what, _ in seen:
        zone, how, n = names[name]
        assert how != "not at all"
        assert how == "by direct message" or what == "reminder"
        if what in ASIDE:
            shown = at.astimezone(ZoneInfo(zone))
            first, end = (20 + n) % 24 * 60 + 30, (4 + n) % 24 * 60
            minutes = shown.hour * 60 + shown.minute
            assert not (first <= minutes < end if first <= end else minutes >= first or minutes < end), (name, shown)
    assert max(Counter((name, week) for _, name, _, week in seen).values()) == 1
    assert {what for _, _, what, _ in seen} == {"reminder", "nudge", "missed"}


async def _week(town: Town, name: str) -> str:
    """The week of the check-in that they sent or changed last."""
    mine, at = (await ids_of(town))[name], func.coalesce(checkins.c.edited_at, checkins.c.at)
    found = select(checkins.c.period).where(checkins.c.enrolment_id == mine).order_by(at.desc()).limit(1)
    return str(await town.rooms.records.read(lambda connection: connection.execute(found).scalar_one()))


async def test_the_last_day_away_goes_on_until_four_in_the_morning(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-04 checkin_time:02:30")
    for name in ("ada", "ben"):
        await town.say(f"{name}: /join")
    await until(town, MONDAY + timedelta(days=2))
    await town.say("ada: /pass until:2027-01-09")
    await until(town, datetime(2027, 1, 10, 3, tzinfo=UTC))
    assert named(town) == [["ben"]]
