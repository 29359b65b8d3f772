"""A season can be rehearsed: it holds together across every change of clocks, and what breaks is named."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.curriculum.load import Curricula, load_all
from bot.rehearsal.checks import check
from bot.rehearsal.heard import Heard
from bot.rehearsal.play import Deed, Season, rehearse
from bot.rehearsal.report import calendar, json_lines, page
from bot.rehearsal.script import DAYS, RehearsalError, Script, read_script
from bot.rehearsal.stage import Shown
from bot.shipped import shipped

ZONES = ("America/New_York", "Africa/Cairo", "America/Santiago")


def script_of(curricula: Curricula, **options: Any) -> Script:
    given: dict[str, Any] = {
        "curriculum": "deep-learning", "start": "2027-01-04", "weeks": 3, "members": 6, "timezone": "UTC",
        "day": "monday", "time": "09:00", "seed": 1,
    }  # fmt: skip
    return read_script(curricula, **{**given, **options}, today=date(2026, 12, 30))


def played(curricula: Curricula, **options: Any) -> Season:
    return rehearse(script_of(curricula, **options), curricula, lambda week: None)


def broken(season: Season) -> list[str]:
    return [each.promise for each in check(season) if each.problems]


def lines(season: Season) -> list[dict[str, Any]]:
    return [json.loads(each) for each in json_lines(season)]


@pytest.fixture(scope="module")
def season(curricula: Curricula) -> Season:
    return played(curricula)


def changes(zone: ZoneInfo, year: int) -> Iterator[datetime]:
    """The local time half an hour into every gap and every fold of the year."""
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        later = at + timedelta(hours=1)
        offsets = [each.astimezone(zone).utcoffset() or timedelta() for each in (at, later)]
        if offsets[0] != offsets[1]:
            yield later.replace(tzinfo=None) + min(offsets) + timedelta(minutes=30)
        at = later


SLOTS = [
    *((name, local) for name in ZONES for local in changes(ZoneInfo(name), 2027)),
    ("Asia/Seoul", datetime.fromisoformat("2027-12-31T23:30")),  # whose clocks never change: across a new year
]


@pytest.mark.parametrize(("zone", "slot"), SLOTS, ids=str)
def test_a_slot_in_a_gap_or_a_fold_has_one_milestone_in_every_local_week(
    zone: str, slot: datetime, curricula: Curricula
) -> None:
    start = slot.date() - timedelta(weeks=1)
    season = played(
        curricula, start=start.isoformat(), members=1, timezone=zone,
        day=DAYS[slot.weekday()], time=f"{slot:%H:%M}",
    )  # fmt: skip
    at = [datetime.fromisoformat(each["at"]) for each in lines(season) if each["kind"] == "milestone"]
    assert [each.date() for each in at] == [start + timedelta(weeks=n) for n in range(3)]
    assert [each.time() for each in at[::2]] == [slot.time()] * 2
    assert broken(season) == []


def test_zones_with_a_gap_and_a_fold_are_covered() -> None:
    assert Counter(zone for zone, _ in SLOTS if zone in ZONES) == dict.fromkeys(ZONES, 2)


def test_lines_of_json_say_when_what_and_where(season: Season) -> None:
    read = lines(season)
    assert len(read) == len(season.shown)
    assert all(set(each) == {"at", "kind", "cohort", "week", "place", "text"} for each in read)
    word, first, *_ = read
    assert (word["kind"], word["week"], word["place"]) == ("notice", 0, "Grace")
    assert (first["at"], first["kind"], first["week"]) == ("2027-01-04T09:00:00+00:00", "milestone", 1)
    assert first["text"].startswith("Week 1 of")
    assert [each["at"] for each in read] == sorted(each["at"] for each in read)


def test_the_same_seed_plays_the_same_season(season: Season, curricula: Curricula) -> None:
    again = played(curricula)
    assert list(json_lines(again)) == list(json_lines(season))
    marked = re.compile(r"c1-[0-9a-f]{8}")  # a cohort is marked at random, season by season
    assert marked.sub("c1", repr(again.deeds)) == marked.sub("c1", repr(season.deeds))


def test_another_seed_plays_another_season(season: Season, curricula: Curricula) -> None:
    assert played(curricula, seed=2).deeds != season.deeds


def test_members_join_work_answer_and_fall_silent(season: Season) -> None:
    did = Counter(each.command for each in season.deeds if each.outcome == "answered")
    assert did["join"] >= 5
    assert did["done"] > 20
    assert 0 < did["checkin"] < 6 * 3
    assert all(shown.named for shown in season.shown if shown.kind == "reminder")


def test_a_season_that_was_played_keeps_every_promise(season: Season) -> None:
    assert broken(season) == []


def test_a_season_that_starts_on_a_friday_is_asked_from_its_second_week_on(curricula: Curricula) -> None:
    season = played(curricula, day="friday", members=1)
    assert [each["week"] for each in lines(season) if each["kind"] == "checkin"] == [2, 3]
    assert broken(season) == []


def with_post(season: Season, shown: Shown, **changed: Any) -> Season:
    doctored = replace(shown, **changed)
    return replace(season, shown=tuple(sorted((*season.shown, doctored), key=lambda each: each.at)))


def rekeyed(shown: Shown) -> Shown:
    return replace(shown, post=shown.post.model_copy(update={"key": shown.post.key + "-again"}))


def first(season: Season, kind: str) -> Shown:
    return next(each for each in season.shown if each.kind == kind)


def second_milestone(season: Season) -> Season:
    return with_post(season, rekeyed(first(season, "milestone")), at=first(season, "milestone").at + timedelta(days=6))


def second_prompt(season: Season) -> Season:
    return with_post(season, rekeyed(first(season, "checkin")), at=first(season, "checkin").at + timedelta(hours=1))


def without(kind: str) -> Callable[[Season], Season]:
    def doctored(season: Season) -> Season:
        return replace(season, shown=tuple(each for each in season.shown if each is not first(season, kind)))

    return doctored


def late_reminder(season: Season) -> Season:
    """Somebody whom the reminder names had answered a minute before it."""
    reminder = first(season, "reminder")
    heard = Heard(weeks=frozenset({reminder.week}))
    answer = Deed(reminder.at - timedelta(minutes=1), min(reminder.named), "checkin", "answered", heard=heard)
    return replace(season, deeds=(*season.deeds, answer))


def mention_without_notice(season: Season) -> Season:
    """As before, but the reminder only mentions them."""
    reminder = first(season, "reminder")
    quiet = replace(reminder, post=reminder.post.model_copy(update={"notify": ()}))
    shown = tuple(quiet if each is reminder else each for each in season.shown)
    return late_reminder(replace(season, shown=shown))


def repeated(season: Season) -> Season:
    announcement = first(season, "announcement")
    return with_post(season, announcement, at=announcement.at + timedelta(seconds=5))


def crashed(season: Season) -> Season:
    return replace(season, deeds=(*season.deeds, Deed(season.script.opens_at, "ada", "week", "failed")))


def stuck(season: Season) -> Season:
    return replace(season, outbox={**season.outbox, "sending": 1})


@pytest.mark.parametrize(
    ("doctor", "promise"),
    [
        (second_milestone, "one milestone in every local week"),
        (without("milestone"), "one milestone in every local week"),
        (second_prompt, "one check-in prompt in every local week"),
        (without("checkin"), "one check-in prompt in every local week"),
        (late_reminder, "no reminder names anybody who has answered"),
        (mention_without_notice, "no reminder names anybody who has answered"),
        (repeated, "no post goes out twice"),
        (stuck, "every post goes out"),
        (crashed, "no command fails"),
    ],
)
def test_a_broken_season_is_called_broken(doctor: Callable[[Season], Season], promise: str, season: Season) -> None:
    assert broken(doctor(season)) == [promise]


def test_a_season_without_any_post_is_broken(season: Season) -> None:
    assert len(broken(replace(season, shown=()))) == 2


def test_an_answer_of_last_week_does_not_count_for_this_weeks_reminder(season: Season) -> None:
    reminder = first(season, "reminder")
    heard = Heard(weeks=frozenset({"2026-W53"}))
    answer = Deed(reminder.at - timedelta(days=7), min(reminder.named), "checkin", "answered", heard=heard)
    assert broken(replace(season, deeds=(*season.deeds, answer))) == []


def test_the_page_shows_every_post_and_lets_no_text_be_markup(season: Season) -> None:
    hostile = first(season, "announcement")
    shown = replace(hostile, post=hostile.post.model_copy(update={"message": first(season, "milestone").post.message}))
    titled = shown.post.message.model_copy(update={"title": "<script>alert(1)</script>"})
    doctored = with_post(season, replace(shown, post=shown.post.model_copy(update={"message": titled})))
    written = page(doctored, check(doctored))
    assert "<script" not in written
    assert "&lt;script&gt;alert(1)" in written
    assert written.count("<time datetime=") == len(doctored.shown)
    assert "no post goes out twice" in written


def test_the_calendar_counts_who_answered_in_each_week(season: Season) -> None:
    weeks = calendar(season)
    assert [each.number for each in weeks] == [0, 1, 2, 3]  # before the first, word of what is open went out
    for week in weeks:
        in_week = [each for each in season.deeds if season.script.week_of(each.at) == week.number]
        who = {each.person for each in in_week if (each.command, each.outcome) == ("checkin", "answered")}
        assert week.answered == len(who)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"curriculum": "deep-lerning"}, "--curriculum: no curriculum is called deep-lerning (there is deep-learning"),
        ({"curriculum": "deep-lerning"}, "did you mean deep-learning?"),
        ({"timezone": "Asia/Seul"}, "--timezone: No time zone is called Asia/Seul. Did you mean Asia/Seoul?"),
        ({"weeks": 5, "curriculum": "english-emails"}, "--weeks: english-emails has 4 weeks, so it can be 1 to 4"),
        ({"weeks": 0}, "--weeks:"),
        ({"break_week": 3}, "--break-week: it can be 2 to 2, between two others, not 3."),
        ({"members": 0}, "--members: it can be 1 to 500, not 0."),
        ({"start": "4.1.2027"}, "--start: 4.1.2027 is no date. Write year-month-day, such as 2027-01-04."),
        ({"start": "9999-12-31"}, "--start: 9999-12-31 is too far away."),
        ({"day": "mondy"}, "--day: mondy is no day of the week; did you mean monday?"),
        ({"time": "9 o'clock"}, "--time: 9 o'clock is no time of day. Write it as 09:00 or 18:30."),
    ],
)
def test_an_option_that_cannot_be_played_is_one_clear_line(
    options: dict[str, Any], said: str, curricula: Curricula
) -> None:
    with pytest.raises(RehearsalError) as refused:
        script_of(curricula, **options)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_without_options_the_season_starts_next_monday_and_takes_twelve_weeks(curricula: Curricula) -> None:
    script = script_of(curricula, start=None, weeks=None)
    assert (script.start_on, script.weeks, script.at) == (date(2027, 1, 4), 12, time(9))


def test_a_short_curriculum_is_played_to_its_end(curricula: Curricula) -> None:
    assert script_of(curricula, curriculum="english-emails", weeks=None).weeks == 4


def test_the_command_prints_lines_of_json_and_nothing_else(tmp_path: Path) -> None:
    html = tmp_path / "season.html"
    asked = ["rehearse", "--start", "2027-01-04", "--weeks", "1", "--members", "2", "--json", "--html", str(html)]
    result = CliRunner().invoke(cli, asked)
    assert result.exit_code == 0, result.output
    kinds = Counter(json.loads(each)["kind"] for each in result.stdout.splitlines())
    assert (kinds["milestone"], kinds["checkin"]) == (1, 1)
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_season_that_waits_in_an_open_phase_keeps_every_promise_up_to_there(tmp_path: Path) -> None:
    shutil.copytree(shipped("curriculum") / "deep-learning", tmp_path / "deep-learning")
    file = tmp_path / "deep-learning" / "curriculum.yaml"
    file.write_text(file.read_text().replace("    weeks: [8, 9]\n", "    weeks: [8, 9]\n    open_ended: true\n", 1))
    waiting = played(load_all(tmp_path), weeks=12, members=3)
    assert broken(waiting) == []
    assert "up to week 9, after which the season waits in its open phase" in check(waiting)[0].promise
    assert sum(each.kind == "milestone" for each in waiting.shown) == 9


def test_the_command_shows_a_calendar_and_the_promises() -> None:
    result = CliRunner().invoke(cli, ["rehearse", "--start", "2027-01-04", "--weeks", "1", "--members", "2"])
    assert result.exit_code == 0, result.output
    assert "Mon 04 Jan 09:00 +0000" in result.stdout
    assert "kept   one milestone in every local week" in result.stdout


def test_a_broken_promise_exits_with_1_and_is_named(monkeypatch: pytest.MonkeyPatch, season: Season) -> None:
    monkeypatch.setattr("bot.rehearsal.perform.rehearse", lambda *given: second_milestone(season))
    result = CliRunner().invoke(cli, ["rehearse", "--json"])
    assert result.exit_code == 1
    assert "broken: one milestone in every local week: c1: week 1 (from 2027-01-04) has 2" in result.stderr


def test_a_bad_option_is_no_traceback() -> None:
    asked = [sys.executable, "-m", "bot", "rehearse", "--timezone", "Seul"]
    result = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "--timezone: No time zone is called Seul. Did you mean Asia/Seoul?\n"
