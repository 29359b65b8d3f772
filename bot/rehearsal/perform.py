"""A rehearsal from the curtain to the verdict: the play behind a progress bar, what it showed, what broke."""

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.curriculum.load import Curricula
from bot.rehearsal.checks import check
from bot.rehearsal.play import Season, rehearse
from bot.rehearsal.report import json_lines, page, show
from bot.rehearsal.script import RehearsalError, Script


def perform(script: Script, curricula: Curricula, *, as_json: bool, html: Path | None) -> bool:
    """Play the script and print what came of it, as a calendar or as JSON. Whether every promise was kept.

    Standard output carries nothing else; broken promises are named on standard error. Raises RehearsalError if the page
    cannot be written.
    """
    if html is not None and (html.is_dir() or not html.absolute().parent.is_dir()):
        raise RehearsalError(f"--html: {html} is no file in a folder that exists. Name one, such as season.html.")
    season = _played(script, curricula)
    checks = check(season)
    if as_json:
        for line in json_lines(season):
            sys.stdout.write(line + "\n")
    else:
        show(season, checks, Console())
    problems = [f"{each.promise}: {problem}" for each in checks for problem in each.problems]
    for problem in problems:
        sys.stderr.write(f"broken: {problem}\n")
    if html is not None:
        try:
            html.write_text(page(season, checks), encoding="utf-8")
        except OSError as error:
            raise RehearsalError(f"--html: {html} cannot be written ({error.strerror}). Name another file.") from error
    return not problems


def _played(script: Script, curricula: Curricula) -> Season:
    bar = Progress(
        TextColumn("Week {task.completed:.0f} of {task.total:.0f}"), BarColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=script.weeks)
        return rehearse(script, curricula, lambda week: bar.update(task, completed=max(0, week)))
