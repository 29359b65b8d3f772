"""`/cohort export`: a file with a cohort's season, for those who look after it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import LARGEST_FILE, File, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, Phrase, say
from bot.commands import packing
from bot.commands.study import followed, season_of, suggest_cohorts
from bot.curriculum.load import Curricula
from bot.delivery import exporting
from bot.records import audit
from bot.records.cohorts import Cohort
from bot.records.mydata import Kept
from bot.records.records import Records

HOLDS: Mapping[str, Phrase] = {
    "cohort": say("the cohort and its rules; days of the week are numbered from Monday, 1"),
    "calendar": say("the weeks of the season with their dates"),
    "breaks": say("weeks off, and pauses"),
    "members": say("who is in it, or was, and how they got on; of those who left, only when"),
    "waiting": say("who waits for a seat, in order"),
    "places": say("where it is at home, or was"),
    "facilitators": say("who looks after it"),
    "leads": say("who leads it in which week"),
    "checklist": say("what was ticked of its checklist, and by whom"),
    "progress": say("what members did of their tasks since they joined, and what they took back"),
    "checkins": say("check-ins week by week, also what was not shared"),
    "passes": say("the weeks that members passed"),
    "posts": say("what was posted when and where, or was not, and why"),
    "announcements": say("announcements, with how many members say that they have read them"),
    "audit": say("what facilitators did, and what it changed"),
}
"""What is in each table."""


@command(allow=Rank.FACILITATOR)
async def cohort_export(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
) -> Message:  # fmt: skip
    """Get a cohort's season as a file: tables for a spreadsheet, and JSON."""
    found, now = await records.remembered(call, cohort), clock.now()
    kept = await records.read(
        exporting.collect, found, followed(curricula, found), season_of(curricula, found), now, call.locale
    )
    packed = await asyncio.to_thread(_packed, found, kept, call.locale, now)
    if len(packed) > LARGEST_FILE:
        raise Refusal(
            "The season of {cohort} has {n} MB, more than a message holds. Ask whoever runs Milepost for it.",
            cohort=found.name, n=len(packed) // 2**20,
        )  # fmt: skip
    await records.write(audit.note, call, now, found.id)
    return Message(
        title=say("The season of {cohort}", cohort=found.name),
        parts=(
            Text(text=say("For those who look after it: as tables for a spreadsheet, and all at once for a program.")),
            File(name="milepost-season.zip", content=packed),
            Text(text=_CARE),
            Text(text=say("It is noted that you took it.")),
        ),
    )


_CARE = say(
    "It holds personal data: names, and what members wrote for facilitators alone. Keep it where nobody else reads it, "
    "and delete it once you need it no more. Whoever is forgotten later stays in it."
)


def _packed(cohort: Cohort, kept: Kept, locale: str, at: datetime) -> bytes:
    return packing.pack(
        kept, locale,
        head=[say("This is the season of {cohort}, as of {at}.", cohort=cohort.name, at=Moment(at=at)), _CARE],
        holds=HOLDS,
        foot=[say("In the tables a member has the same number everywhere. Weeks are named as 2026-W50: the year, and "
                  "the week of the year.")],
    )  # fmt: skip
