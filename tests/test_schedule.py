"""The calendar: one slot in every local week, whatever the clocks of the place do."""

import os
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.delivery.calendar import Calendar, monday, next_weekly, on_or_after, period
from bot.delivery.schedule import is_too_late

# Both hemispheres, gaps at midnight, of half an hour and of two hours, offsets of 5:45 and +14, a zone that gave up its
# changes of clocks, one with a pause in Ramadan, and some that never change.
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC", "America/New_York", "America/Santiago", "America/Havana", "America/Nuuk", "America/St_Johns",
        "America/Mexico_City", "Africa/Cairo", "Africa/Casablanca", "Antarctica/Troll", "Asia/Seoul", "Asia/Kathmandu",
        "Asia/Beirut", "Asia/Jerusalem", "Asia/Almaty", "Atlantic/Azores", "Australia/Lord_Howe", "Australia/Adelaide",
        "Europe/London", "Europe/Dublin", "Pacific/Apia", "Pacific/Chatham", "Pacific/Easter", "Pacific/Kiritimati",
    )
]  # fmt: skip
DAYS = some.dates(date(2024, 1, 1), date(2037, 12, 1))
TIMES = some.one_of(some.times(), some.builds(time, some.integers(0, 3), some.sampled_from([0, 15, 30, 45])))


@given(DAYS, some.integers(0, 6), TIMES, some.sampled_from(ZONES))
def test_a_slot_is_on_the_first_such_weekday_after_the_day(after: date, weekday: int, at: time, zone: ZoneInfo) -> None:
    local = next_weekly(after, weekday, at, zone).astimezone(zone)
    asked = datetime.combine(on_or_after(after + timedelta(days=1), weekday), at.replace(fold=0))
    assert timedelta(0) <= local.replace(tzinfo=None) - asked <= timedelta(hours=2)


@given(DAYS, some.integers(0, 6), TIMES, some.sampled_from(ZONES))
def test_a_year_of_slots_has_one_in_every_local_week(after: date, weekday: int, at: time, zone: ZoneInfo) -> None:
    day, slots = after, []
    for _ in range(53):
        slots.append(next_weekly(day, weekday, at, zone))
        day = slots[-1].astimezone(zone).date()
    weeks = [monday(slot.astimezone(zone).date()) for slot in slots]
    assert weeks == [weeks[0] + timedelta(weeks=n) for n in range(53)]
    lengths = [later - earlier for earlier, later in pairwise(slots)]
    assert all(timedelta(days=6, hours=20) < length < timedelta(days=7, hours=4) for length in lengths)


@pytest.mark.parametrize(
    ("zone", "after", "at", "slot"),
    [
        ("America/New_York", date(2026, 3, 7), time(2, 30), "2026-03-08T03:30-04:00"),  # skipped: the gap is 02-03
        ("America/New_York", date(2026, 10, 31), time(1, 30), "2026-11-01T01:30-04:00"),  # twice: the first is taken
        ("Africa/Cairo", date(2026, 4, 23), time(0, 0), "2026-04-24T01:00+03:00"),
        ("Africa/Cairo", date(2026, 10, 29), time(23, 30), "2026-10-30T23:30+02:00"),
        ("America/Santiago", date(2026, 9, 5), time(0, 0), "2026-09-06T01:00-03:00"),
        ("America/Santiago", date(2026, 4, 3), time(23, 30), "2026-04-04T23:30-03:00"),
        ("Asia/Seoul", date(2026, 3, 7), time(2, 30), "2026-03-08T02:30+09:00"),
        ("Australia/Lord_Howe", date(2026, 10, 3), time(2, 15), "2026-10-04T02:45+11:00"),  # a gap of half an hour
        ("Australia/Lord_Howe", date(2026, 4, 4), time(1, 45), "2026-04-05T01:45+11:00"),
        ("Antarctica/Troll", date(2026, 3, 28), time(1, 30), "2026-03-29T03:30+02:00"),  # a gap of two hours
        ("Pacific/Apia", date(2026, 4, 4), time(9, 0), "2026-04-05T09:00+13:00"),
    ],
)
def test_the_slot_where_clocks_change(zone: str, after: date, at: time, slot: str) -> None:
    weekday = (after + timedelta(days=1)).weekday()
    found = next_weekly(after, weekday, at, ZoneInfo(zone))
    assert found.tzinfo is UTC
    assert found.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes") == slot


SLOTS = ((6, time(2, 30)), (6, time(0)), (6, time(23, 30)), (5, time(23, 30)), (4, time(0, 15)))
"""Where clocks change: on Sundays mostly, at midnight in some places, on Saturday night or on Friday in others."""
EVERY_ZONE = (
    sorted(available_timezones()) if os.environ.get("HYPOTHESIS_PROFILE") == "storm" else [zone.key for zone in ZONES]
)


@pytest.mark.parametrize("zone", EVERY_ZONE)
def test_from_2024_to_2037_every_local_week_has_exactly_one_slot(zone: str) -> None:
    clock = ZoneInfo(zone)
    for weekday, at in SLOTS:
        season, sunday, step = Calendar(date(2024, 1, 1), weekday, at, clock), date(2023, 12, 31), 1
        while sunday < date(2037, 12, 27):
            slot = next_weekly(sunday, weekday, at, clock)
            assert slot == season.milestone_at(step)
            local_on = slot.astimezone(clock).date()
            # In Nuuk the clock skips the last hour of a Saturday: that slot is on Sunday, in the same week.
            assert 0 <= (local_on - sunday).days - weekday - 1 <= (slot.astimezone(clock).hour == 0)
            assert sunday < local_on <= sunday + timedelta(weeks=1)
            sunday, step = sunday + timedelta(weeks=1), step + 1


def test_a_slot_on_the_day_itself_is_a_week_away() -> None:
    monday = date(2026, 3, 2)
    assert next_weekly(monday, 0, time(9), ZoneInfo("UTC")) == datetime(2026, 3, 9, 9, tzinfo=UTC)


def test_a_time_that_says_it_is_the_second_of_two_is_still_the_first() -> None:
    zone = ZoneInfo("America/New_York")
    assert next_weekly(date(2026, 10, 31), 6, time(1, 30, fold=1), zone) == next_weekly(
        date(2026, 10, 31), 6, time(1, 30), zone
    )


CALENDARS = some.builds(Calendar, DAYS, some.integers(0, 6), TIMES, some.sampled_from(ZONES))
STEPS = some.integers(1, 60)


@given(CALENDARS, STEPS)
def test_a_step_begins_with_its_milestone_and_not_before(calendar: Calendar, step: int) -> None:
    begins = calendar.milestone_at(step)
    assert calendar.step_at(begins) == step
    assert calendar.step_at(begins - timedelta(microseconds=1)) == step - 1


@given(CALENDARS)
def test_the_first_milestone_is_within_the_week_of_the_start(calendar: Calendar) -> None:
    assert timedelta(0) <= calendar.milestone_on(1) - calendar.start_on < timedelta(days=7)
    assert calendar.milestone_at(1).astimezone(calendar.zone).date() == calendar.milestone_on(1)
    assert calendar.step_at(calendar.milestone_at(1) - timedelta(days=400)) == 0


@given(CALENDARS, STEPS)
def test_the_prompt_is_on_the_first_friday_at_five_after_the_milestones_day(calendar: Calendar, step: int) -> None:
    prompt = calendar.prompt_at(step).astimezone(calendar.zone)
    assert (prompt.weekday(), prompt.time()) == (4, time(17))
    assert timedelta(0) < prompt.date() - calendar.milestone_on(step) <= timedelta(days=7)


@given(CALENDARS, STEPS)
def test_the_reminder_is_two_local_days_after_the_prompt_and_in_the_same_week(calendar: Calendar, step: int) -> None:
    prompt = calendar.prompt_at(step).astimezone(calendar.zone)
    reminder = calendar.reminder_at(step).astimezone(calendar.zone)
    assert reminder.date() - prompt.date() == timedelta(days=2)
    assert reminder.time() == prompt.time()


@given(CALENDARS, STEPS, some.floats(0, 1, exclude_max=True))
def test_an_answer_before_the_reminder_is_for_the_week_that_it_asks_about(
    calendar: Calendar, step: int, part: float
) -> None:
    begins, reminder = calendar.milestone_at(step), calendar.reminder_at(step)
    at = begins + (reminder - begins) * part
    assert calendar.slot("reminder", step) in calendar.open_periods(at)


@given(CALENDARS, STEPS)
def test_an_answer_to_the_reminder_itself_is_for_the_week_that_it_asks_about(calendar: Calendar, step: int) -> None:
    at = calendar.reminder_at(step) + timedelta(hours=23)
    assert calendar.open_periods(at)[0] == calendar.slot("reminder", step)


@given(CALENDARS, STEPS)
def test_whatever_the_hour_one_week_is_on_and_at_most_one_more_is_open(calendar: Calendar, step: int) -> None:
    at = calendar.milestone_at(step)
    assert calendar.open_periods(at)[-1] == calendar.period_at(at) == calendar.slot("checkin", step)
    assert len(calendar.open_periods(at)) <= 2


@given(CALENDARS)
def test_no_two_posts_of_one_kind_share_a_key(calendar: Calendar) -> None:
    steps = range(1, 61)
    for kind in ("milestone", "checkin", "reminder"):
        assert len({calendar.slot(kind, step) for step in steps}) == 60
    assert [calendar.slot("checkin", step) for step in steps] == [calendar.slot("reminder", step) for step in steps]


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 1), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2024, 12, 30), "2025-W01"),
    ],
)
def test_a_week_at_the_end_of_a_year_has_one_name(day: date, week: str) -> None:
    assert period(day) == week


def test_a_prompt_on_the_first_of_january_and_its_reminder_name_the_old_year() -> None:
    calendar = Calendar(date(2026, 12, 28), 0, time(9), ZoneInfo("Asia/Seoul"))
    assert calendar.prompt_at(1) == datetime(2027, 1, 1, 8, tzinfo=UTC)
    assert calendar.slot("checkin", 1) == calendar.slot("reminder", 1) == "2026-W53"
    assert calendar.slot("checkin", 2) == "2027-W01"


def test_what_a_person_asked_to_be_said_is_never_too_late() -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    assert is_too_late("milestone", long_ago, datetime(2027, 1, 1, tzinfo=UTC))
    assert not is_too_late("announcement", long_ago, datetime(2027, 1, 1, tzinfo=UTC))
    assert not is_too_late("share", long_ago, datetime(2027, 1, 1, tzinfo=UTC))
