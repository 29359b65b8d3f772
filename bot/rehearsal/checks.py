"""What must hold of every season. Nothing here asks the records: it is worked out anew from what was shown and done."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rehearsal.play import Season
from bot.rehearsal.stage import Shown


@dataclass(frozen=True, slots=True)
class Check:
    """A promise, and where the season broke it: one line for each time, none if it was kept."""

    promise: str
    problems: tuple[str, ...]


def check(season: Season) -> list[Check]:
    """Every promise, kept or broken."""
    waits = season.script.waits_after
    until = f" up to week {waits}, after which the season waits in its open phase" if waits else ""
    promises: dict[str, Callable[[Season], Iterator[str]]] = {
        f"one milestone in every local week{until}": _milestones,
        "one check-in prompt in every local week": _prompts,
        "no reminder names anybody who has answered": _reminders,
        "nobody is reminded twice of one week": _reminded_twice,
        "no post goes out twice": _keys,
        "every post goes out": _outbox,
        "no command fails": _failures,
    }
    return [Check(promise, tuple(broken(season))) for promise, broken in promises.items()]


def answered(season: Season, at: datetime) -> set[str]:
    """The ids of those who have checked in before that instant, for the question that is open then.

    That is since the last week of the season began before it; but what comes within a day after the last reminder may
    be a late answer to that one, and is left out.
    """
    begun = season.script.slot_before(at)
    if begun is None:
        return set()
    reminded = max((each.at for each in season.shown if each.kind == "reminder" and each.at < at), default=None)
    since = begun if reminded is None else max(begun, reminded + timedelta(days=1))
    return {
        each.person
        for each in season.deeds
        if each.command == "checkin" and each.outcome == "answered" and since <= each.at < at
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
    wanted = range(first, (last or script.weeks) + 1)
    for cohort in sorted({cohort for cohort, _ in found}) or ["the cohort"]:
        for week in sorted({*wanted, *(week for whose, week in found if whose == cohort)}):
            count = found[cohort, week]
            if count != (week in wanted):
                begins = script.monday(week).isoformat()
                yield f"{cohort}: week {week} (from {begins}) has {count} of kind {kind}, not {int(week in wanted)}"


def _reminders(season: Season) -> Iterator[str]:
    for shown in season.shown:
        if shown.kind == "reminder":
            for person in sorted(shown.named & answered(season, shown.at)):
                yield f"{_told(season, shown)} names {person}, who had answered"


def _reminded_twice(season: Season) -> Iterator[str]:
    """But for those who asked for it with `/snooze`."""
    asked_for = {each.person for each in season.deeds if each.command == "snooze" and each.outcome == "answered"}
    seen: Counter[tuple[str, str, str]] = Counter()
    for shown in season.shown:
        if shown.kind in ("reminder", "nudge", "missed"):
            seen.update((shown.cohort, shown.week, person) for person in shown.named)
    for (cohort, week, person), count in sorted(seen.items()):
        if count > 1 + (person in asked_for):
            yield f"{cohort}: {person} was reminded of {week} {count} times"


def _keys(season: Season) -> Iterator[str]:
    seen = Counter((each.post.key, each.place) for each in season.shown)
    for (key, place), count in seen.items():
        if count > 1:
            yield f"{key} was posted {count} times to {place.name}"


def _outbox(season: Season) -> Iterator[str]:
    for state, count in sorted(season.outbox.items()):
        if state not in ("sent", "skipped"):
            yield f"{count} posts are {state} in the end"


def _failures(season: Season) -> Iterator[str]:
    for each in season.deeds:
        if each.outcome == "failed":
            yield f"/{each.command} by {each.person} failed on {season.script.local(each.at).isoformat()}"


def _told(season: Season, shown: Shown) -> str:
    return f"the {shown.kind} of {season.script.local(shown.at).isoformat()}"
