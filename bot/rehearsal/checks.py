"""What must hold of every season. Nothing here asks the records: it is worked out anew from what was shown and done."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.rehearsal.cast import cast
from bot.rehearsal.lives import Life, life, told_streaks
from bot.rehearsal.play import Season
from bot.rehearsal.stage import Shown

REMINDING = ("reminder", "nudge", "snooze", "missed")  # in the thread, privately, once more, and after long silence


@dataclass(frozen=True, slots=True)
class Check:
    """A promise, and where the season broke it: one line for each time, none if it was kept."""

    promise: str
    problems: tuple[str, ...]


def check(season: Season) -> list[Check]:
    """Every promise, kept or broken."""
    waits = season.script.waits_after
    until = f" up to week {waits}, after which the season waits in its open phase" if waits else ""
    off = " but the break" if season.script.break_week else ""
    promises: dict[str, Callable[[Season], Iterator[str]]] = {
        f"one milestone in every local week{off}{until}": _milestones,
        f"one check-in prompt in every local week{off}": _prompts,
        "no reminder names anybody who has answered": _reminders,
        "nobody is reminded who passed, is away or switched reminders off": _unwanted,
        "nobody is reminded twice of one week, but for a snooze": _reminded_twice,
        "no direct message comes in a member's quiet hours": _in_quiet_hours,
        "no direct message comes without opt-in": _without_opt_in,
        "one report on every week that was asked about": _reports,
        "a digest names those alone who shared their check-in": _digests,
        "passes, time away and breaks keep streaks": _streaks,
        "no post goes out twice": _keys,
        "every post goes out": _outbox,
        "no command fails": _failures,
    }
    return [Check(promise, tuple(broken(season))) for promise, broken in promises.items()]


def answered(season: Season, week: str, at: datetime) -> set[str]:
    """The ids of those who have checked in for that local week before that instant."""
    return {
        each.person
        for each in season.deeds
        if each.command == "checkin" and each.outcome == "answered" and each.at < at and week in each.heard.weeks
    }


def _milestones(season: Season) -> Iterator[str]:
    return _one_a_week(season, "milestone", 1, season.script.waits_after)


def _prompts(season: Season) -> Iterator[str]:
    """From the week of the first prompt on: a season that begins on a Friday is first asked a week later."""
    script = season.script
    return _one_a_week(season, "checkin", (script.prompt_on - script.monday(1)).days // 7 + 1)


def _one_a_week(season: Season, kind: str, first: int, last: int | None = None) -> Iterator[str]:
    script = season.script
    found = Counter((each.cohort, script.week_of(each.at)) for each in season.shown if each.kind == kind)
    wanted = [week for week in range(first, (last or script.weeks) + 1) if week != script.break_week]
    for cohort in sorted({cohort for cohort, _ in found}) or ["the cohort"]:
        for week in sorted({*wanted, *(week for whose, week in found if whose == cohort)}):
            count = found[cohort, week]
            if count != (week in wanted):
                begins = script.monday(week).isoformat()
                yield f"{cohort}: week {week} (from {begins}) has {count} of kind {kind}, not {int(week in wanted)}"


def _reminders(season: Season) -> Iterator[str]:
    for shown in _reminding(season):
        for person in sorted(shown.named & answered(season, shown.week, shown.at)):
            yield f"{_told(season, shown)} names {person}, who had answered"


def _unwanted(season: Season) -> Iterator[str]:
    for shown in _reminding(season):
        for person in sorted(shown.named):
            their = life(season, person, shown.at)
            reasons = {
                "had passed the week": shown.week in their.passed and shown.kind != "missed",
                "was away": their.is_away,
                "had switched reminders off": their.reminded_by == "not at all",
            }
            for reason in (reason for reason, holds in reasons.items() if holds):
                yield f"{_told(season, shown)} names {person}, who {reason}"


def _reminded_twice(season: Season) -> Iterator[str]:
    """A snooze is one more, if they asked for it."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for shown in _reminding(season):
        for person in sorted(shown.named):
            how = "once more" if _is_snooze(shown) else "first"
            seen[shown.cohort, shown.week, person, how] += 1
            if how == "once more" and not life(season, person, shown.at).snoozed(shown.week):
                yield f"{_told(season, shown)} names {person}, who asked for no second reminder"
    for (cohort, week, person, how), count in sorted(seen.items()):
        if count > 1:
            yield f"{cohort}: {person} was reminded of {week} {count} times ({how})"


def _in_quiet_hours(season: Season) -> Iterator[str]:
    for shown, person in _direct(season):
        their = life(season, person, shown.at)
        if their.is_member and their.is_quiet:
            yield f"{_told(season, shown)} reached {person} at {_local(shown, their)}, a quiet hour of theirs"


def _without_opt_in(season: Season) -> Iterator[str]:
    for shown, person in _direct(season):
        their = life(season, person, shown.at)
        if their.is_member and their.reminded_by != "by direct message":
            yield f"{_told(season, shown)} went to {person}, who wants to be reminded {their.reminded_by}"


def _reports(season: Season) -> Iterator[str]:
    """Those of the last week come after the end."""
    asked = {each.week for each in season.shown if each.kind == "checkin"}
    found = Counter(each.week for each in season.shown if each.kind == "report")
    for week in sorted(asked | found.keys()):
        if found[week] != 1 and not (found[week] == 0 and week == max(asked)):
            yield f"{week} has {found[week]} reports, not 1"


def _digests(season: Season) -> Iterator[str]:
    for shown in season.shown:
        if shown.kind == "digest":
            answers = (each for each in season.shown if each.kind == "answer" and each.week.startswith(shown.week))
            shared = {person for each in answers for person in each.named}
            for each in (player.person for player in cast(season.script)):
                if each.id not in shared and re.search(rf"\b{re.escape(each.name)}\b", shown.text):
                    yield f"{_told(season, shown)} names {each.id}, who had shared nothing"


def _streaks(season: Season) -> Iterator[str]:
    for each, their in told_streaks(season):
        if each.heard.streak is not None and each.heard.streak < their.least_streak:
            when = season.script.local(each.at).isoformat()
            yield f"{each.person} was told of {each.heard.streak} weeks on {when}, not of {their.least_streak}"


def _reminding(season: Season) -> list[Shown]:
    return [each for each in season.shown if each.kind in REMINDING]


def _is_snooze(shown: Shown) -> bool:
    """Whether it was asked for with `/snooze`, privately or in the thread, where such a one goes that gets lost."""
    return shown.kind == "snooze" or shown.post.key.rpartition(":")[2].startswith("snooze")


def _direct(season: Season) -> Iterator[tuple[Shown, str]]:
    return ((each, each.place.person.id) for each in season.shown if each.place.person is not None)


def _local(shown: Shown, their: Life) -> str:
    return f"{shown.at.astimezone(their.zone):%H:%M} ({their.zone.key})"


def _keys(season: Season) -> Iterator[str]:
    seen = Counter((each.post.key, each.place) for each in season.shown)
    for (key, place), count in seen.items():
        if count > 1:
            yield f"{key} was posted {count} times to {place.name}"


def _outbox(season: Season) -> Iterator[str]:
    for state, count in sorted(season.outbox.items()):
        if count and state not in ("sent", "skipped", "waiting"):
            yield f"{count} posts are {state} in the end"


def _failures(season: Season) -> Iterator[str]:
    for each in season.deeds:
        if each.outcome == "failed":
            yield f"/{each.command} by {each.person} failed on {season.script.local(each.at).isoformat()}"


def _told(season: Season, shown: Shown) -> str:
    return f"the {shown.kind} of {season.script.local(shown.at).isoformat()}"
