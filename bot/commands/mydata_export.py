"""`/mydata export`: a file with everything that is kept about one."""

import asyncio
from datetime import datetime

from bot.chat.command import command
from bot.chat.message import LARGEST_FILE, File, Message, Text, text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import as_typed, say
from bot.commands import archive
from bot.curriculum.load import Curricula
from bot.records import mydata
from bot.records.mydata import Kept
from bot.records.records import Records


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
    return archive.pack(_with_titles(kept, curricula, locale), locale, at)


def _with_titles(kept: Kept, curricula: Curricula, locale: str) -> Kept:
    """What was done, with the titles of its tasks; a task that a curriculum has no more has none."""
    progress = []
    for row in kept["progress"]:
        curriculum = curricula.get(row["curriculum"])
        task = curriculum.task(row["task"]) if curriculum else None
        progress.append({**row, "title": task.text.in_(locale) if task else None})
    return {**kept, "progress": progress}
