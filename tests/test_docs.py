"""The documents are true: their links lead somewhere, and their tables name what the code has."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from bot.__main__ import cli
from bot.commands import all_commands
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
COMMANDS = {each.name: each for each in all_commands()}
IN_A_BUTTON_ALONE = {"cohort apply", "season begin"}
DECIDED_AT_THE_START = {"BACKUP_DIR", "PLATFORMS"}


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the page's headings: lower case, hyphens for spaces, punctuation gone."""
    headings = re.findall(r"^#{1,6} (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def usages() -> Iterator[tuple[str, list[str]]]:
    """Each command that the tables of docs/commands.md name in their first column, with its arguments as written."""
    for row in re.findall(r"^\| (`/.*?`) \|", read("docs/commands.md"), re.MULTILINE):
        for line in re.findall(r"`/([^`]+)`", row):
            words = line.split()
            name = next(" ".join(words[:n]) for n in (3, 2, 1) if " ".join(words[:n]) in COMMANDS)
            yield name, words[len(name.split()) :]


def test_there_are_documents() -> None:
    assert len(PAGES) > 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_files_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        file, _, anchor = link.partition("#")
        if "://" in link:
            continue
        there = page.parent / file if file else page
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


def test_the_table_has_every_command_once_and_no_other() -> None:
    named = [name for name, _ in usages()]
    assert sorted(named) == sorted(COMMANDS.keys() - IN_A_BUTTON_ALONE)


def test_rows_name_arguments_that_there_are_and_mark_which_may_be_left_out() -> None:
    for name, written in usages():
        offered = {each.name: each.required for each in COMMANDS[name].offered}
        assert {each.strip("[]") for each in written} <= offered.keys(), name
        needed = [each for each, required in offered.items() if required]
        assert [each for each in written if not each.startswith("[")] == needed, name


def test_the_table_has_every_setting_with_its_default_and_no_other() -> None:
    table = read("docs/running.md").partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \| ([^|]*)\|", table, re.MULTILINE)
    listed = [(names.replace("`", "").split(", "), defaults) for names, defaults in rows]
    assert sorted(name for names, _ in listed for name in names) == sorted(
        each.upper() for each in Settings.model_fields
    )
    for names, defaults in listed:
        quoted = re.findall(r"`([^`]*)`", defaults)
        if len(quoted) == len(names) and not DECIDED_AT_THE_START.intersection(names):
            assert quoted == [written(Settings.model_fields[each.lower()].default) for each in names]


def written(default: object) -> str:
    """A default as one writes it in `.env`."""
    return {True: "yes", False: "no"}[default] if isinstance(default, bool) else str(default)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_the_command_line_that_is_named_is_there(page: Path) -> None:
    there = set(typer.main.get_command(cli).commands)  # type: ignore[attr-defined]
    code = "\n".join(re.findall(r"```.*?```|`[^`]+`", page.read_text(encoding="utf-8"), re.DOTALL))
    named = set(re.findall(r"(?:^|bin/|`|exec milepost |m )milepost ([a-z]+)\b", code, re.MULTILINE))
    assert named - {"milepost"} <= there
