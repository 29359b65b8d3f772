"""`/mydata export`: a file with everything that is kept about one."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from bot.chat.command import command
from bot.chat.message import LARGEST_FILE, File, Message, Text, text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, Phrase, as_typed, say
from bot.commands import packing
from bot.curriculum.load import Curricula
from bot.records import mydata
from bot.records.mydata import Kept
from bot.records.records import Records

HOLDS: Mapping[str, Phrase] = {
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
    "ticks": say("what you ticked of cohorts' checklists"),
    "audit": say("what you did to cohorts as a facilitator"),
    "link_reports": say("links that you reported"),
    "posts": say("what was posted in your name: check-ins you shared, calls for help, recommendations, suggestions"),
    "messages": say("private messages that Milepost sent you, or is about to; not what others said in them"),
    "notes": say("small notes of the platforms about you: a form to be corrected, whether you opened the Home tab"),
}
"""What is in each table."""


@command()
async def mydata_export(call: Call, records: Records, curricula: Curricula, clock: Clock) -> Message:
    """Get everything that is kept about you."""
    kept = await records.read(mydata.collect, call.person)
    if not any(kept.values()):
        return text(say("Nothing is kept about you."))
    packed = await asyncio.to_thread(_packed, kept, curricula, call.locale, clock.now())
    if len(packed) > LARGEST_FILE:
        raise Refusal(
            "What is kept about you has {n} MB, more than a message holds. Ask whoever runs Milepost for it.",
            n=len(packed) // 2**20,
        )
    return Message(
        title=say("Everything that is kept about you"),
        parts=(
            Text(text=say("For you alone: as tables for a spreadsheet, and all at once for a program.")),
            File(name="milepost-mydata.zip", content=packed),
            Text(text=say("{line} has all of it removed.", line=as_typed("mydata forget"))),
        ),
    )


def _packed(kept: Kept, curricula: Curricula, locale: str, at: datetime) -> bytes:
    return packing.pack(
        _with_titles(kept, curricula, locale), locale,
        head=[say("This is everything that Milepost keeps about you, as of {at}.", at=Moment(at=at))],
        holds=HOLDS,
        foot=[say("Messages that you wrote yourself are kept by Discord or Slack, which have exports of their own.")],
    )  # fmt: skip


def _with_titles(kept: Kept, curricula: Curricula, locale: str) -> Kept:
    """What was done, with the titles of its tasks; a task that a curriculum has no more has none."""
    progress = []
    for row in kept["progress"]:
        curriculum = curricula.get(row["curriculum"])
        task = curriculum.task(row["task"]) if curriculum else None
        progress.append({**row, "title": task.text.in_(locale) if task else None})
    return {**kept, "progress": progress}
