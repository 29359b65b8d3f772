"""A member's weeks: the laws of streaks and of silence, in every zone, with passes, breaks and time away."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.delivery.calendar import Calendar, monday, period
from bot.delivery.weeks import SILENCE, Streak, Week, ahead, monday_of, silence, streak, weeks
from bot.records.absences import Absence, study_day
from bot.records.attendance import Attendance
from bot.records.bends import Break

LONG = 200  # weeks of a season that is not over in any of these
JOINED = datetime(2027, 1, 4, 8, tzinfo=UTC)
ZONES = [
    "Pacific/Pago_Pago", "America/Santiago", "America/New_York", "UTC", "Europe/Berlin", "Africa/Cairo", "Asia/Kolkata",
    "Asia/Seoul", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati",
]  # fmt: skip
zones = some.sampled_from([ZoneInfo(each) for each in ZONES])
moments = some.integers(0, 60 * 24 * 7 * 60).map(lambda minutes: JOINED + timedelta(minutes=minutes))


def calendar_in(zone: ZoneInfo, weekday: int = 0, at: time = time(9)) -> Calendar:
    return Calendar(date(2027, 1, 4), weekday, at, zone)


@some.composite
def lives(draw: some.DrawFn) -> tuple[Calendar, Attendance, datetime]:
    """A cohort's calendar, a member's time in it, and an instant up to a year later than anything in it."""
    calendar = calendar_in(draw(zones), draw(some.integers(0, 6)), time(draw(some.integers(0, 23))))
    now = draw(moments)
    own = Attendance(
        JOINED,
        draw(zones),
        tuple(each for each in draw(some.lists(moments, max_size=12)) if each <= now),
        frozenset(
            period(study_day(each, calendar.zone)) for each in draw(some.lists(moments, max_size=8)) if each <= now
        ),
        frozenset(period(study_day(each, calendar.zone)) for each in draw(some.lists(moments, max_size=2))),
    )
    return calendar, own, now


def streak_of(calendar: Calendar, own: Attendance, now: datetime) -> int:
    return streak(weeks(calendar, LONG, own, now)).weeks


# ---- the weeks there are --------------------------------------------------------------------------------------------


@given(lives())
def test_every_week_since_joining_is_there_once_up_to_the_one_that_is_on(
    life: tuple[Calendar, Attendance, datetime],
) -> None:
    calendar, own, now = life
    found = weeks(calendar, LONG, own, now)
    days = [each.monday for each in found]
    assert days == [days[0] + timedelta(weeks=n) for n in range(len(days))]
    assert all(each.weekday() == 0 for each in days)
    assert days[0] <= study_day(JOINED, own.zone)
    assert days[-1] >= monday(study_day(now, own.zone))
    assert own.answered <= {each.period for each in found if each.state == "active"}


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("UTC", "2027-01-11T03:59Z", date(2027, 1, 10)),
        ("UTC", "2027-01-11T04:00Z", date(2027, 1, 11)),
        ("Pacific/Pago_Pago", "2027-01-11T14:59Z", date(2027, 1, 10)),
        ("Pacific/Pago_Pago", "2027-01-11T15:00Z", date(2027, 1, 11)),
        ("Pacific/Kiritimati", "2027-01-10T13:59Z", date(2027, 1, 10)),
        ("Pacific/Kiritimati", "2027-01-10T14:00Z", date(2027, 1, 11)),
        ("America/New_York", "2027-03-14T08:00Z", date(2027, 3, 14)),  # 04:00 on the day of 23 hours
        ("America/New_York", "2027-11-07T08:59Z", date(2027, 11, 6)),  # 03:59 on that of 25
    ],
)
def test_a_day_ends_at_four_in_the_morning_by_the_clock_on_the_wall(zone: str, at: str, day: date) -> None:
    assert study_day(datetime.fromisoformat(at), ZoneInfo(zone)) == day


def test_what_is_done_in_the_night_to_monday_belongs_to_the_week_before() -> None:
    calendar = calendar_in(ZoneInfo("UTC"))
    own = Attendance(JOINED, ZoneInfo("UTC"), (datetime(2027, 1, 18, 2, tzinfo=UTC),))
    found = weeks(calendar, LONG, own, datetime(2027, 1, 18, 12, tzinfo=UTC))
    assert [each.state for each in found] == ["silent", "active", "open"]


def test_the_members_zone_decides_which_week_it_was() -> None:
    calendar = calendar_in(ZoneInfo("UTC"))
    sunday_night = (datetime(2027, 1, 17, 20, tzinfo=UTC),)
    now = datetime(2027, 1, 20, tzinfo=UTC)
    for zone, states in {"UTC": ["silent", "active", "open"], "Asia/Seoul": ["silent", "silent", "active"]}.items():
        found = weeks(calendar, LONG, Attendance(JOINED, ZoneInfo(zone), sunday_night), now)
        assert [each.state for each in found] == states


def test_each_state_has_its_week() -> None:
    calendar = replace(calendar_in(ZoneInfo("UTC")), breaks=(Break(date(2027, 1, 25), date(2027, 1, 31)),))
    own = Attendance(
        JOINED, ZoneInfo("UTC"), (JOINED, JOINED), frozenset({"2027-W01"}), frozenset({"2027-W02"}),
        (Absence(date(2027, 1, 22), date(2027, 1, 23)),),
    )  # fmt: skip
    found = weeks(calendar, 5, own, datetime(2027, 2, 17, 12, tzinfo=UTC))
    assert [each.state for each in found] == ["active", "passed", "away", "break", "silent", "silent", "unasked"]
    assert found[0] == Week(date(2027, 1, 4), "active", 3)


def test_last_week_is_open_until_its_check_in_is_closed() -> None:
    calendar, own = calendar_in(ZoneInfo("UTC")), Attendance(JOINED, ZoneInfo("UTC"))
    closes_at = calendar.reminder_at(1) + timedelta(days=1)
    for now, state in ((closes_at - timedelta(minutes=1), "open"), (closes_at, "silent")):
        assert weeks(calendar, LONG, own, now)[0].state == state


def test_in_a_pause_nobody_is_asked() -> None:
    calendar = replace(calendar_in(ZoneInfo("UTC")), paused_at=datetime(2027, 1, 12, tzinfo=UTC))
    found = weeks(calendar, LONG, Attendance(JOINED, ZoneInfo("UTC")), datetime(2027, 2, 1, 12, tzinfo=UTC))
    assert [each.state for each in found] == ["silent", "break", "break", "break", "break"]


def test_weeks_are_asked_about_while_a_phase_is_kept_open() -> None:
    calendar = replace(calendar_in(ZoneInfo("UTC")), held_at=1)
    found = weeks(calendar, 2, Attendance(JOINED, ZoneInfo("UTC")), datetime(2027, 1, 27, 12, tzinfo=UTC))
    assert [each.state for each in found] == ["silent", "silent", "silent", "open"]


# ---- streaks --------------------------------------------------------------------------------------------------------


@given(lives(), moments)
def test_doing_something_more_never_shortens_a_streak(
    life: tuple[Calendar, Attendance, datetime], at: datetime
) -> None:
    calendar, own, now = life
    more = replace(own, active_at=(*own.active_at, min(at, now)))
    assert streak_of(calendar, more, now) >= streak_of(calendar, own, now)


@given(lives(), some.integers(0, 60))
def test_a_late_answer_never_shortens_a_streak(life: tuple[Calendar, Attendance, datetime], week: int) -> None:
    calendar, own, now = life
    late = min(monday(JOINED.date()) + timedelta(weeks=week), study_day(now, calendar.zone))
    more = replace(own, answered=own.answered | {period(late)})
    assert streak_of(calendar, more, now) >= streak_of(calendar, own, now)


@given(lives(), some.integers(0, 60))
def test_a_pass_never_shortens_a_streak(life: tuple[Calendar, Attendance, datetime], week: int) -> None:
    calendar, own, now = life
    more = replace(own, passed=own.passed | {period(JOINED.date() + timedelta(weeks=week))})
    assert streak_of(calendar, more, now) >= streak_of(calendar, own, now)


@given(lives(), some.integers(0, 400), some.integers(0, 366))
def test_time_away_never_shortens_a_streak(life: tuple[Calendar, Attendance, datetime], first: int, days: int) -> None:
    calendar, own, now = life
    first_on = JOINED.date() + timedelta(days=first)
    more = replace(own, absences=(Absence(first_on, first_on + timedelta(days=days)),))
    assert streak_of(calendar, more, now) >= streak_of(calendar, own, now)


@given(lives(), some.integers(0, 60), some.integers(1, 6))
def test_a_break_never_shortens_a_streak(life: tuple[Calendar, Attendance, datetime], first: int, number: int) -> None:
    calendar, own, now = life
    first_on = monday(JOINED.date()) + timedelta(weeks=first)
    bent = replace(calendar, breaks=(Break(first_on, first_on + timedelta(days=7 * number - 1)),))
    assert streak_of(bent, own, now) >= streak_of(calendar, own, now)


@given(lives(), moments)
def test_a_pause_never_shortens_a_streak(life: tuple[Calendar, Attendance, datetime], at: datetime) -> None:
    calendar, own, now = life
    paused = replace(calendar, paused_at=min(at, now))
    assert streak_of(paused, own, now) >= streak_of(calendar, own, now)


@given(zones, zones, some.integers(0, 6), some.integers(0, 23), some.integers(1, 60))
def test_something_done_on_any_day_of_each_week_is_a_streak_of_all_of_them(
    own_zone: ZoneInfo, cohorts: ZoneInfo, day: int, hour: int, number: int
) -> None:
    first = datetime(2027, 1, 4, tzinfo=UTC).date() + timedelta(days=day)
    at = [
        datetime.combine(first + timedelta(weeks=n), time(max(4, hour)), own_zone).astimezone(UTC)
        for n in range(number)
    ]
    calendar, own = calendar_in(cohorts), Attendance(at[0] - timedelta(hours=1), own_zone, tuple(at))
    assert streak_of(calendar, own, at[-1]) == number


def test_a_week_that_is_answered_before_it_begins_counts_once_it_has() -> None:
    calendar = calendar_in(ZoneInfo("UTC"), weekday=6)
    sunday = datetime(2027, 1, 10, 12, tzinfo=UTC)
    own = Attendance(sunday, ZoneInfo("UTC"), (sunday,), frozenset({"2027-W02"}))
    assert streak_of(calendar, own, sunday) == 1
    assert streak_of(calendar, own, sunday + timedelta(days=1)) == 2


def test_a_streak_that_this_week_may_still_add_to_says_so() -> None:
    calendar = calendar_in(ZoneInfo("UTC"))
    own = Attendance(JOINED, ZoneInfo("UTC"), (JOINED,))
    assert streak(weeks(calendar, LONG, own, JOINED)) == Streak(1, is_open=False)
    assert streak(weeks(calendar, LONG, own, JOINED + timedelta(weeks=1))) == Streak(1, is_open=True)
    assert streak(weeks(calendar, LONG, own, JOINED + timedelta(weeks=3))) == Streak(0, is_open=True)


# ---- silence --------------------------------------------------------------------------------------------------------


def silence_at(weeks_later: int, own: Attendance, calendar: Calendar | None = None) -> int:
    now = JOINED + timedelta(weeks=weeks_later, days=2)
    return silence(weeks(calendar or calendar_in(ZoneInfo("UTC")), LONG, own, now))


def test_silence_is_weeks_in_a_row_that_were_asked_about_and_brought_nothing() -> None:
    own = Attendance(JOINED, ZoneInfo("UTC"), (JOINED,))
    assert [silence_at(later, own) for later in range(5)] == [0, 0, 1, 2, SILENCE]


def test_a_break_is_no_silence_and_ends_none() -> None:
    # The week before it may be answered until it is over.
    off = replace(calendar_in(ZoneInfo("UTC")), breaks=(Break(date(2027, 1, 18), date(2027, 1, 31)),))
    own = Attendance(JOINED, ZoneInfo("UTC"), (JOINED,))
    assert [silence_at(later, own, off) for later in range(7)] == [0, 0, 0, 0, 1, 2, 3]


@pytest.mark.parametrize(
    "told",
    [{"passed": frozenset({"2027-W03"})}, {"absences": (Absence(date(2027, 1, 18), date(2027, 1, 19)),)}],
    ids=["a pass", "time away"],
)
def test_who_tells_that_they_are_off_is_not_silent(told: dict[str, object]) -> None:
    own = replace(Attendance(JOINED, ZoneInfo("UTC")), **told)  # type: ignore[arg-type]
    assert silence_at(4, own) == 1


def test_silence_begins_anew_once_somebody_is_back() -> None:
    own = Attendance(JOINED, ZoneInfo("UTC"), returned_at=datetime(2027, 1, 27, tzinfo=UTC))
    assert [silence_at(later, own) for later in range(3, 7)] == [0, 1, 2, 3]


@given(lives())
def test_no_week_after_the_end_or_before_the_member_came_is_silent(life: tuple[Calendar, Attendance, datetime]) -> None:
    calendar, own, now = life
    joined_late = replace(own, joined_at=now, active_at=(), answered=frozenset())
    assert silence(weeks(calendar, LONG, joined_late, now)) == 0
    closed = calendar.reminder_at(4) + timedelta(days=8)
    assert silence(weeks(calendar, 4, replace(own, passed=frozenset()), max(now, closed))) <= 4


# ---- what can be passed ---------------------------------------------------------------------------------------------


@given(zones, some.integers(0, 6), moments)
def test_what_is_ahead_begins_with_what_is_open_and_goes_to_the_end_of_the_season(
    zone: ZoneInfo, weekday: int, now: datetime
) -> None:
    calendar = calendar_in(zone, weekday)
    found = [monday_of(each) for each in ahead(calendar, 70, now)]
    assert found == sorted(set(found))
    assert found[-1] == monday(calendar.checkin_on(70))
    assert calendar.open_periods(now)[0] == period(found[0])
