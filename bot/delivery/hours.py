"""When a private reminder may come: at the hour that its member chose, and never inside their quiet hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.records.preferences import Preferences

LATEST = timedelta(hours=24)  # after it was due, a reminder is left out
IN_HAND = timedelta(minutes=15)  # for the sender, where it would come at the last moment
MORNING = time(9)


def may_come_at(due_at: datetime, now: datetime, chosen: Preferences, zone: ZoneInfo) -> datetime | None:
    """The first instant (aware UTC), not before `now`, at which a reminder that was due then may come.

    It comes at the member's own local time, if they chose one, else at once; what falls into their quiet hours waits
    for the end of these. None if that would be more than a day late.
    """
    wanted = due_at if chosen.remind_at is None else _next(due_at, chosen.remind_at, zone)
    return _in_time(due_at, awake_at(max(wanted, now), chosen, zone))


def may_come_tomorrow(due_at: datetime, now: datetime, chosen: Preferences, zone: ZoneInfo) -> datetime | None:
    """As `may_come_at`, but on the local day after `now`: at the time they chose if that is not too late, else early.

    Early is 9:00, or the end of their quiet hours if they sleep longer.
    """
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone).astimezone(UTC)
    times = (chosen.remind_at, MORNING) if chosen.remind_at else (MORNING,)
    found = (_in_time(due_at, awake_at(_next(midnight, each, zone), chosen, zone)) for each in times)
    return next((each for each in found if each), None)


def same_time_tomorrow(now: datetime, zone: ZoneInfo) -> datetime:
    """The same local time on the next day, as aware UTC."""
    local = now.astimezone(zone)
    return _next(now + timedelta(hours=12), local.time().replace(fold=0), zone)


def is_quiet(at: datetime, chosen: Preferences, zone: ZoneInfo) -> bool:
    """Whether the instant lies in the member's quiet hours, as their clocks show it."""
    return is_quiet_time(at.astimezone(zone).time(), chosen)


def is_quiet_time(at: time, chosen: Preferences) -> bool:
    """Whether the local time lies in the member's quiet hours."""
    first, end = chosen.quiet_from, chosen.quiet_until
    return first <= at < end if first <= end else at >= first or at < end


def awake_at(at: datetime, chosen: Preferences, zone: ZoneInfo) -> datetime:
    """That instant, or the end of the quiet hours that it is in."""
    while is_quiet(at, chosen, zone):
        at = _next(at + timedelta(microseconds=1), chosen.quiet_until, zone)
    return at


def _in_time(due_at: datetime, at: datetime) -> datetime | None:
    return at if at <= due_at + LATEST - IN_HAND else None


def _next(after: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first instant from `after` on at which the clocks there show that time.

    A time that they skip comes later by the gap; of one that they show twice, both count.
    """
    day = after.astimezone(zone).date() - timedelta(days=1)
    shown: list[datetime] = []
    for _ in range(4):  # a zone may skip a whole day
        for fold in (0, 1):
            instant = datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC)
            if fold == 0 or instant.astimezone(zone).time().replace(fold=0) == at:
                shown.append(instant)
        day += timedelta(days=1)
    return min(each for each in shown if each >= after)
