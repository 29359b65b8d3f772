"""When a private reminder may come: laws that hold in every zone, on every day, for every wish."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from bot.delivery.hours import LATEST, is_quiet, may_come_at, may_come_tomorrow, same_time_tomorrow
from bot.records.preferences import Preferences

ZONES = [
    "Pacific/Niue", "Pacific/Kiritimati", "America/New_York", "America/Santiago", "Africa/Cairo", "Europe/London",
    "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham", "America/Nuuk", "Pacific/Apia", "Africa/Casablanca",
]  # fmt: skip
zones = some.sampled_from(ZONES).map(ZoneInfo)
times = some.times().map(lambda each: each.replace(second=0, microsecond=0))
instants = some.integers(0, 14 * 365 * 1440).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
# Around the hours in which clocks change, where it matters.
changes = some.sampled_from([
    datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2026, 9, 6, 4, tzinfo=UTC),
    datetime(2026, 4, 23, 22, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
]).flatmap(lambda at: some.integers(-2880, 2880).map(lambda minutes: at + timedelta(minutes=minutes)))  # fmt: skip
wishes = some.builds(
    Preferences, remind_at=some.none() | times, quiet_from=times, quiet_until=times, reminds=some.just("dm")
)


@given(instants | changes, some.timedeltas(timedelta(), timedelta(hours=26)), wishes, zones)
def test_it_never_comes_early_late_or_in_quiet_hours(
    due_at: datetime, passed: timedelta, chosen: Preferences, zone: ZoneInfo
) -> None:
    now = due_at + passed
    for at in (may_come_at(due_at, now, chosen, zone), may_come_tomorrow(due_at, now, chosen, zone)):
        if at is not None:
            assert now <= at <= due_at + LATEST
            assert not is_quiet(at, chosen, zone)


@given(instants | changes, wishes, zones)
def test_it_comes_at_the_time_that_was_chosen_unless_that_is_quiet(
    due_at: datetime, chosen: Preferences, zone: ZoneInfo
) -> None:
    at = may_come_at(due_at, due_at, chosen, zone)
    assume(at is not None and chosen.remind_at is not None)
    assert at is not None
    assert chosen.remind_at is not None
    shown = at.astimezone(zone).time()
    at_its_end = chosen.quiet_from != chosen.quiet_until and shown == chosen.quiet_until
    exists = any(
        datetime.combine(day, chosen.remind_at, zone).astimezone(UTC).astimezone(zone).time() == chosen.remind_at
        for day in (at.astimezone(zone).date(), due_at.astimezone(zone).date())
    )
    assert shown == chosen.remind_at or at_its_end or not exists or _changes_clocks(at, zone)


def _changes_clocks(at: datetime, zone: ZoneInfo) -> bool:
    around = [(at + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in range(-26, 27, 2)]
    return len(set(around)) > 1


@given(instants | changes, wishes, zones)
def test_where_one_hour_of_the_day_is_free_it_comes_or_would_be_a_day_late(
    due_at: datetime, chosen: Preferences, zone: ZoneInfo
) -> None:
    assume(chosen.remind_at is None)
    at = may_come_at(due_at, due_at, chosen, zone)
    free = next(each for n in range(0, 49 * 60) if not is_quiet(each := due_at + timedelta(minutes=n), chosen, zone))
    assert at is not None or free > due_at + LATEST - timedelta(hours=4)
    if at is not None:
        assert at - free < timedelta(hours=3)  # the end of quiet hours may be a time that the clocks skip


@given(instants | changes, some.timedeltas(timedelta(), timedelta(hours=20)), wishes, zones)
def test_tomorrow_is_another_local_day(
    due_at: datetime, passed: timedelta, chosen: Preferences, zone: ZoneInfo
) -> None:
    now = due_at + passed
    at = may_come_tomorrow(due_at, now, chosen, zone)
    assert at is None or at.astimezone(zone).date() > now.astimezone(zone).date()


@given(instants | changes, zones)
def test_a_snooze_is_a_day_long_by_the_members_clock(now: datetime, zone: ZoneInfo) -> None:
    at = same_time_tomorrow(now, zone)
    assert timedelta(hours=12) <= at - now <= timedelta(hours=36)
    same = at.astimezone(zone).time().replace(microsecond=0) == now.astimezone(zone).time().replace(microsecond=0)
    assert same or _changes_clocks(at, zone)


@pytest.mark.parametrize(
    ("zone", "chosen", "due_at", "comes_at"),
    [
        ("UTC", Preferences(), "2027-01-10T17:00", "2027-01-10T17:00"),
        ("UTC", Preferences(remind_at=time(18, 30)), "2027-01-10T17:00", "2027-01-10T18:30"),
        ("UTC", Preferences(remind_at=time(9)), "2027-01-10T17:00", "2027-01-11T09:00"),
        ("UTC", Preferences(remind_at=time(23)), "2027-01-10T17:00", "2027-01-11T08:00"),
        ("Pacific/Kiritimati", Preferences(), "2027-01-10T17:00", "2027-01-10T18:00"),
        ("Pacific/Niue", Preferences(), "2027-01-10T17:00", "2027-01-10T19:00"),
        ("America/New_York", Preferences(quiet_from=time(20), quiet_until=time(2, 30)), "2026-03-08T06:00",
         "2026-03-08T07:30"),
        ("America/New_York", Preferences(quiet_from=time(22), quiet_until=time(1, 30)), "2026-11-01T04:00",
         "2026-11-01T05:30"),
        ("UTC", Preferences(quiet_from=time(0), quiet_until=time(0)), "2027-01-10T03:00", "2027-01-10T03:00"),
    ],
)  # fmt: skip
def test_examples(zone: str, chosen: Preferences, due_at: str, comes_at: str) -> None:
    due = datetime.fromisoformat(due_at).replace(tzinfo=UTC)
    assert may_come_at(due, due, chosen, ZoneInfo(zone)) == datetime.fromisoformat(comes_at).replace(tzinfo=UTC)


def test_a_second_message_comes_early_on_the_next_day_where_the_chosen_time_is_too_late() -> None:
    due_at = datetime(2027, 1, 10, 17, tzinfo=UTC)
    late = Preferences(remind_at=time(18, 30))
    assert may_come_tomorrow(due_at, due_at, late, ZoneInfo("UTC")) == datetime(2027, 1, 11, 9, tzinfo=UTC)
    early = Preferences(remind_at=time(12))
    assert may_come_tomorrow(due_at, due_at, early, ZoneInfo("UTC")) == datetime(2027, 1, 11, 12, tzinfo=UTC)
