"""Packs what is kept about a person into one file: everything as JSON, tables for spreadsheets, a word on both."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from bot.chat.message import Facts, File, Item, Message, Picture, Text
from bot.chat.wording import Moment, Phrase, Value, plain, say
from bot.records.mydata import Kept

EVERYTHING, READ_ME = "everything.json", "README.txt"
_FORMULA = tuple("=+-@\t\r＝＋－＠")  # what begins a formula; a spreadsheet in East Asia takes wide signs, too
_HOLDS: Mapping[str, Phrase] = {
    "profile": say("your settings, and since when you are known"),
    "accounts": say("your accounts, one for each platform"),
    "enrolments": say("the cohorts that you are in, or were in"),
    "waiting": say("the cohorts in which you wait for a seat"),
    "progress": say("what you did of your tasks, and what you took back"),
    "checkins": say("your check-ins, week by week"),
    "passes": say("the weeks that you passed"),
    "absences": say("your vacations"),
    "announcements": say("announcements that you wrote as a facilitator"),
    "readings": say("announcements that you said you have read"),
    "facilitators": say("cohorts that you look after"),
    "leads": say("weeks in which you lead a cohort"),
    "audit": say("what you did to cohorts as a facilitator"),
    "link_reports": say("links that you reported"),
    "posts": say("what was posted in your name: check-ins you shared, calls for help, recommendations, suggestions"),
    "messages": say("private messages that Milepost sent you, or is about to; not what others said in them"),
    "notes": say("small notes of the platforms about you: a form to be corrected, whether you opened the Home tab"),
}


def pack(kept: Kept, locale: str, at: datetime) -> bytes:
    """The file: a zip, whose README speaks the language of `locale`. `at` is when it was asked for (aware UTC)."""
    shown = {name: [_legible(row, locale) for row in rows] for name, rows in kept.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(READ_ME, _readme(kept, locale, at))
        archive.writestr(EVERYTHING, json.dumps(shown, ensure_ascii=False, indent=2) + "\n")
        for name, rows in shown.items():
            if rows:
                archive.writestr(f"{name}.csv", _table(rows))
    return packed.getvalue()


def _readme(kept: Kept, locale: str, at: datetime) -> str:
    """What is what. With a BOM, as the tables, for editors that take a text without one for something else."""
    lines: list[Value] = [
        say("This is everything that Milepost keeps about you, as of {at}.", at=Moment(at=at)),
        "",
        say("{file} holds all of it, for programs. The tables are for spreadsheets; empty ones are left out:",
            file=EVERYTHING),
        "",
        *(say("{file}: {what} ({n})", file=f"{name}.csv", what=_HOLDS[name], n=len(rows))
          for name, rows in kept.items() if rows),
        "",
        say("Times are in UTC. A text that a spreadsheet would take for a formula begins with an apostrophe there."),
        say("Messages that you wrote yourself are kept by Discord or Slack, which have exports of their own."),
    ]  # fmt: skip
    return "\ufeff" + "\r\n".join(plain(each, locale) for each in lines) + "\r\n"


def _legible(row: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """The row in what JSON has."""
    return {name: _value(value, locale) for name, value in row.items()}


def _value(value: Any, locale: str) -> Any:
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
