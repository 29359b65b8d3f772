"""What a season looks like: as lines of JSON, as a calendar in the terminal, as a page."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.rehearsal.checks import Check, answered
from bot.rehearsal.play import Season
from bot.rehearsal.stage import Shown

KINDS = {
    "checkin": "Check-in",
    "share": "Shared",
    "nudge": "Direct message",
    "snooze": "Once more",
    "missed": "We miss you",
    "report": "To facilitators",
}  # others are called by their kind
STYLES = {"milestone": "bold", "checkin": "cyan", "reminder": "yellow", "announcement": "magenta"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A post of the calendar: `at` on the cohort's clocks, and what came of it."""

    at: datetime
    kind: str
    title: str
    text: str
    outcome: str

    @property
    def name(self) -> str:
        """What people call this kind of post."""
        return KINDS.get(self.kind, self.kind.capitalize())

    @property
    def when(self) -> str:
        """The local date and time, with how far the clocks are from UTC, which tells the two halves of a fold apart."""
        return f"{self.at:%a %d %b %H:%M} {self.at:%z}"


@dataclass(frozen=True, slots=True)
class Week:
    """A local week of the season: its number, its Monday, its posts, and what its members did."""

    number: int
    begins_on: date
    entries: tuple[Entry, ...]
    done: int
    answered: int
    present: int

    @property
    def span(self) -> str:
        """The week's first and last day."""
        return f"{self.begins_on:%d %b} to {self.begins_on + timedelta(days=6):%d %b %Y}"


def calendar(season: Season) -> list[Week]:
    """The weeks of the season in order. What happens before the first one is week 0 and less."""
    script, taken = season.script, [each for each in season.deeds if each.outcome == "answered"]
    done = Counter(script.week_of(each.at) for each in taken if each.command == "done")
    checked_in = {(script.week_of(each.at), each.person) for each in taken if each.command == "checkin"}
    answers = Counter(week for week, _ in checked_in)
    shown: dict[int, list[Shown]] = {}
    for each in season.shown:
        shown.setdefault(script.week_of(each.at), []).append(each)
    weeks = []
    for number in sorted({*shown, *range(1, script.weeks + 1)}):
        ends_at = datetime.combine(script.monday(number + 1), datetime.min.time(), script.zone) - timedelta(seconds=1)
        weeks.append(
            Week(
                number, script.monday(number), tuple(_entry(season, each) for each in shown.get(number, ())),
                done[number], answers[number], len(_present(season, ends_at)),
            )
        )  # fmt: skip
    return weeks


def _entry(season: Season, shown: Shown) -> Entry:
    first, *_ = shown.text.split("\n")
    return Entry(season.script.local(shown.at), shown.kind, first, shown.text, _outcome(season, shown))


def _outcome(season: Season, shown: Shown) -> str:
    """What came of a question: how many had answered when it was asked, or whom it named."""
    match shown.kind:
        case "checkin":
            return f"{len(answered(season, shown.week, shown.at))} of {len(_present(season, shown.at))} had answered"
        case "reminder":
            return f"{len(shown.named)} reminded"
        case _ if shown.place.person:
            return f"to {shown.place.person.name}"
        case _:
            return ""


def _present(season: Season, at: datetime) -> set[str]:
    """The ids of those who are in the cohort at that instant."""
    here: set[str] = set()
    for each in season.deeds:
        if each.at < at and each.outcome == "answered":
            if each.command == "join":
                here.add(each.person)
            elif each.command == "leave":
                here.discard(each.person)
    return here


def json_lines(season: Season) -> Iterator[str]:
    """Every post as one line of JSON; `at` has the offset of the cohort's zone, `week` is the local week, from 1."""
    for each in season.shown:
        line = {
            "at": season.script.local(each.at).isoformat(), "kind": each.kind, "cohort": each.cohort,
            "week": season.script.week_of(each.at), "place": each.where, "text": each.text,
        }  # fmt: skip
        yield json.dumps(line, ensure_ascii=False)


def show(season: Season, checks: Sequence[Check], console: Console) -> None:
    """The calendar by week, then the checks."""
    for week in calendar(season):
        title = Text(f"Week {week.number}", style="bold") if week.number > 0 else Text("Before", style="bold")
        console.print(title.append(f"  {week.span}", style="dim"))
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1)
        for each in week.entries:
            said = Text(each.title)
            if each.outcome:
                said.append(f"  {each.outcome}", style="dim")
            table.add_row(f"  {each.when}", Text(each.name, style=STYLES.get(each.kind, "dim")), said)
        console.print(table)
        console.print(Text(f"  {activity(week)}\n", style="dim"))
    script = season.script
    refused = sum(each.outcome == "refused" for each in season.deeds)
    console.print(
        f"{len(season.shown)} posts, {script.members} members, {len(season.deeds)} commands ({refused} refused); "
        f"times are those of {script.zone.key}."
    )
    for kept in checks:
        mark = Text("broken ", style="bold red") if kept.problems else Text("kept   ", style="green")
        console.print(mark.append(kept.promise, style="default"))


def activity(week: Week) -> str:
    """What the members did in a week, in words."""
    return f"{week.answered} of {week.present} members checked in, {week.done} tasks were done or counted"


def page(season: Season, checks: Sequence[Check]) -> str:
    """The season as one page of HTML that needs no other file."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    script = season.script
    return environment.get_template("season.html").render(
        title=script.curriculum.title.in_("en"), script=script, weeks=calendar(season), checks=checks,
        posts=len(season.shown), commands=len(season.deeds), activity=activity,
    )  # fmt: skip
