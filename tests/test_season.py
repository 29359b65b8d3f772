"""Twelve weeks, members of every temperament, all over the world: who is left in peace, and whose streak is kept."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.curriculum.load import Curricula
from bot.rehearsal.cast import REMINDERS, TEMPERAMENTS, ZONES, Choices, Member, Temperament, cast
from bot.rehearsal.heard import Heard
from bot.rehearsal.lives import life
from bot.rehearsal.play import Deed, Season
from bot.rehearsal.stage import Shown
from tests.test_rehearsal import broken, played

BREAK = 6
IS_STORM = os.environ.get("HYPOTHESIS_PROFILE") == "storm"  # 40 members take half a minute a season
UNWANTED = "nobody is reminded who passed, is away or switched reminders off"
TWICE = "nobody is reminded twice of one week, but for a snooze"
QUIET = "no direct message comes in a member's quiet hours"
OPT_IN = "no direct message comes without opt-in"
REPORTS = "one report on every week that was asked about"
DIGESTS = "a digest names those alone who shared their check-in"
STREAKS = "passes, time away and breaks keep streaks"


@pytest.fixture(scope="module")
def season(curricula: Curricula) -> Season:
    return played(curricula, weeks=12, members=12, break_week=BREAK, timezone="Europe/Berlin", seed=5)


def test_twelve_weeks_with_a_break_keep_every_promise(season: Season) -> None:
    assert broken(season) == []


@pytest.mark.skipif(not IS_STORM, reason="takes minutes; make storm plays it")
@pytest.mark.parametrize("timezone", ["UTC", "Pacific/Pago_Pago", "Pacific/Kiritimati"])
@pytest.mark.parametrize("seed", range(11, 14))
def test_twelve_weeks_of_forty_members_keep_every_promise(seed: int, timezone: str, curricula: Curricula) -> None:
    assert broken(played(curricula, weeks=12, members=40, break_week=BREAK, timezone=timezone, seed=seed)) == []


def test_the_break_has_no_milestone_and_asks_for_nothing(season: Season) -> None:
    kinds = Counter(each.kind for each in season.shown if season.script.week_of(each.at) == BREAK)
    assert not kinds.keys() & {"milestone", "checkin", "reminder"}


def test_everything_happens_that_is_promised_about(season: Season) -> None:
    kinds = Counter(each.kind for each in season.shown)
    assert all(kinds[each] for each in ("reminder", "nudge", "snooze", "digest", "report"))
    taken = [each for each in season.deeds if each.outcome == "answered"]
    did = Counter(each.command for each in taken)
    assert all(did[each] for each in ("checkin", "pass", "snooze", "set reminders", "set language"))
    assert any("until" in each.given for each in taken if each.command == "pass")
    assert all(each.heard.weeks for each in taken if each.command == "checkin")
    assert any(each.heard.weeks for each in taken if each.command == "pass")
    assert any(each.heard.is_counted for each in taken)
    assert max(each.heard.streak or 0 for each in taken) >= 4


def test_who_fell_silent_may_return_and_asks_what_is_next(season: Season) -> None:
    fading = Member("Ida", Temperament("fading", fades=1, returns=1), Choices(None, ()), "en", seed=1)
    milestones = [each for each in season.shown if each.kind == "milestone"]
    fading.reads(milestones[0])
    assert [each.line for each in fading.reads(milestones[1])] == ["next"]


def test_members_are_of_six_temperaments_and_live_from_utc_minus_11_to_plus_14(season: Season) -> None:
    at = datetime(2027, 1, 4, tzinfo=UTC)
    hours = {at.astimezone(ZoneInfo(each.zone)).utcoffset() for each in cast(season.script) if each.zone}
    assert (min(filter(None, hours)), max(filter(None, hours))) == (timedelta(hours=-11), timedelta(hours=14))
    assert (len(TEMPERAMENTS), len(ZONES), len(REMINDERS)) == (6, 11, 5)


# ---- a broken season is called broken -------------------------------------------------------------------------------


def first(season: Season, kind: str) -> Shown:
    return next(each for each in season.shown if each.kind == kind)


def with_deed(season: Season, deed: Deed) -> Season:
    return replace(season, deeds=tuple(sorted((*season.deeds, deed), key=lambda each: each.at)))


def before(shown: Shown, command: str, heard: Heard | None = None, **given: str) -> Deed:
    """Somebody whom the post names did that a minute before it."""
    return Deed(shown.at - timedelta(minutes=1), min(shown.named), command, "answered", given, heard or Heard())


def passed(season: Season) -> Season:
    reminder = first(season, "reminder")
    return with_deed(season, before(reminder, "pass", Heard(weeks=frozenset({reminder.week}))))


def gone_away(season: Season) -> Season:
    nudge = first(season, "nudge")
    return with_deed(season, before(nudge, "pass", until=f"{nudge.at + timedelta(days=2):%Y-%m-%d}"))


def switched_off(season: Season) -> Season:
    return with_deed(season, before(first(season, "reminder"), "set reminders", by="not at all"))


def again(season: Season) -> Season:
    nudge = first(season, "nudge")
    post = nudge.post.model_copy(update={"key": f"{nudge.post.key}-again"})
    return replace(season, shown=(*season.shown, replace(nudge, post=post)))


def never_snoozed(season: Season) -> Season:
    return replace(season, deeds=tuple(each for each in season.deeds if each.command != "snooze"))


def at_night(season: Season) -> Season:
    """The first direct message comes at the hour at which its reader's quiet hours begin."""
    nudge = first(season, "nudge")
    their = life(season, min(nudge.named), nudge.at)
    hours = (nudge.at + timedelta(minutes=30 * n) for n in range(48))
    late = next(replace(nudge, at=at) for at in hours if replace(their, at=at).is_quiet)
    return replace(season, shown=tuple(late if each is nudge else each for each in season.shown))


def never_asked_for(season: Season) -> Season:
    return with_deed(season, before(first(season, "nudge"), "set reminders", by="in the thread"))


def unreported(season: Season) -> Season:
    report = first(season, "report")
    return replace(season, shown=tuple(each for each in season.shown if each is not report))


def told_of_the_silent(season: Season) -> Season:
    """The first digest names somebody of whom the cohort saw no check-in."""
    digest = first(season, "digest")
    seen = {name for each in season.shown if each.kind == "answer" for name in each.named}
    silent = next(each.person.name for each in cast(season.script) if each.person.id not in seen)
    message = digest.post.message.model_copy(update={"title": f"Where is {silent}?"})
    told = replace(digest, post=digest.post.model_copy(update={"message": message}))
    return replace(season, shown=tuple(told if each is digest else each for each in season.shown))


def streak_lost(season: Season) -> Season:
    """The longest streak that somebody was told of is told as one week."""
    longest = max(season.deeds, key=lambda each: each.heard.streak or 0)
    lost = replace(longest, heard=replace(longest.heard, streak=1))
    return replace(season, deeds=tuple(lost if each is longest else each for each in season.deeds))


@pytest.mark.parametrize(
    ("doctor", "promise"),
    [
        (passed, UNWANTED), (gone_away, UNWANTED), (switched_off, UNWANTED), (again, TWICE), (never_snoozed, TWICE),
        (at_night, QUIET), (never_asked_for, OPT_IN), (unreported, REPORTS), (told_of_the_silent, DIGESTS),
        (streak_lost, STREAKS),
    ],
)  # fmt: skip
def test_a_broken_season_is_called_broken(doctor: Callable[[Season], Season], promise: str, season: Season) -> None:
    assert promise in broken(doctor(season))
