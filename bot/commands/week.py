"""`/week`: this week's tasks, or another week's."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import say
from bot.commands.back import welcome_back
from bot.commands.study import Study, study
from bot.curriculum.load import Curricula
from bot.delivery.compose import week_message
from bot.records.post_notes import NOTHING, Notes, PostNote
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def week(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    number: Annotated[int | None, Arg("Which week? (this week if empty)", min=1, max=500)] = None,
) -> Message:  # fmt: skip
    """See this week's tasks and resources."""
    mine = await study(call, records, curricula)
    back = await welcome_back(records, clock, mine)
    weeks = len(mine.steps)
    shown = number or max(1, mine.step_at(clock.now()))
    if shown > weeks:
        raise Refusal(
            "The season of {cohort} has {weeks} weeks; there is no week {number}.",
            field="number", cohort=mine.cohort.name, weeks=weeks, number=shown,
        )  # fmt: skip
    marks = await records.marks(mine.cohort.community_id)
    said = _said(mine, await records.said(mine.cohort), shown, clock.now())
    message = week_message(mine.curriculum, mine.steps[shown - 1], weeks, marks, mine.tally, said=said)
    around = [
        Button(label=say("Week {n}", n=each), line=f"week number:{each}")
        for each in (shown - 1, shown + 1)
        if 1 <= each <= weeks
    ]
    return message.model_copy(
        update={
            "parts": (*back, Text(text=mine.when(shown, clock.now())), *mine.told_apart(clock.now()), *message.parts),
            "buttons": (*message.buttons, *around),
        }
    )


def _said(mine: Study, notes: Notes, step: int, now: datetime) -> PostNote:
    """What facilitators say of the week: its title always, the note of its post once that is there."""
    said = notes.get(("milestone", step), NOTHING)
    is_there = step <= mine.calendar.step_at(now) and not mine.calendar.is_skipped("milestone", step)
    return said if is_there else replace(said, note=None)
