"""Packs what is kept into one file to take away: everything as JSON, tables for spreadsheets, a word on both."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from bot.chat.message import Facts, File, Item, Message, Picture, Text
from bot.chat.wording import Phrase, Value, plain, say
from bot.records.mydata import Kept

EVERYTHING, READ_ME = "everything.json", "README.txt"
_FORMULA = tuple("=+-@\t\r＝＋－＠")  # what begins a formula; a spreadsheet in East Asia takes wide signs, too
_UTC = say("Times are in UTC. A text that a spreadsheet would take for a formula begins with an apostrophe there.")


def pack(
    kept: Kept, locale: str, *, head: Sequence[Value], holds: Mapping[str, Phrase], foot: Sequence[Value]
) -> bytes:
    """The file: a zip, whose README speaks the language of `locale`.

    That says what all of it is (`head`), what is in each table (`holds`), and what else there is to know (`foot`).
    """
    shown = {
        name: [{column: _value(value, locale) for column, value in row.items()} for row in rows]
        for name, rows in kept.items()
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(READ_ME, _readme(locale, [*head, "", *_contents(kept, holds), "", _UTC, *foot]))
        archive.writestr(EVERYTHING, json.dumps(shown, ensure_ascii=False, indent=2) + "\n")
        for name, rows in shown.items():
            if rows:
                archive.writestr(f"{name}.csv", _table(rows))
    return packed.getvalue()


def _contents(kept: Kept, holds: Mapping[str, Phrase]) -> list[Value]:
    """What is what."""
    return [
        say("{file} holds all of it, for programs. The tables are for spreadsheets; empty ones are left out:",
            file=EVERYTHING),
        "",
        *(say("{file}: {what} ({n})", file=f"{name}.csv", what=holds[name], n=len(rows))
          for name, rows in kept.items() if rows),
    ]  # fmt: skip


def _readme(locale: str, lines: Sequence[Value]) -> str:
    """With a BOM, as the tables, for editors that take a text without one for something else."""
    return "\ufeff" + "\r\n".join(plain(each, locale) for each in lines) + "\r\n"


def _value(value: Any, locale: str) -> Any:
    """The value in what JSON has."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case Message():
            return "\n".join(_lines(value, locale))
        case _:
            return value


def _lines(message: Message, locale: str) -> list[str]:
    """What a message says, in words."""
    said: list[Value | None] = [message.title]
    for part in message.parts:
        match part:
            case Text(text=text):
                said.append(text)
            case Facts(facts=facts):
                said += [say("{label}: {value}", label=each.label, value=each.value) for each in facts]
            case Item(title=title, text=below, link=link):
                said += [title, below, link]
            case Picture(alt=alt):
                said.append(alt)
            case File(name=name):
                said.append(name)
    return [plain(each, locale) for each in said if each is not None]


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as CSV, with a BOM, by which spreadsheets know UTF-8, under headers that are read as words."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(name.replace("_", " ") for name in rows[0])
    table.writerows([_cell(value) for value in row.values()] for row in rows)
    return "\ufeff" + written.getvalue()


def _cell(value: Any) -> Any:
    """The value for a spreadsheet, which runs no formula that somebody typed (owasp.org, "CSV Injection")."""
    if isinstance(value, list | dict | bool):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.lstrip().startswith(_FORMULA) else value
