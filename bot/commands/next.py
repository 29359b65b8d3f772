"""`/next`: the next one to three tasks, or how to start."""

from typing import Annotated

from bot.chat.command import Arg, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import say
from bot.commands.back import welcome_back
from bot.commands.study import curriculum_here, study
from bot.curriculum.load import Curricula
from bot.delivery.compose import own_tasks, task_item
from bot.records.records import Records

MOST = 3


@command()
async def next_(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    cohort: Annotated[str | None, Arg("Which cohort?", max=80)] = None,
) -> Message:  # fmt: skip
    """See what to do next, or how to start."""
    if await records.enrolment_if_any(call) is None:
        return await _how_to_start(call, records, curricula)
    mine = await study(call, records, curricula, cohort)
    if back := await welcome_back(records, clock, mine):
        mine = await study(call, records, curricula, cohort)
    tasks = mine.next_tasks(clock.now(), MOST)
    if not tasks:
        return Message(
            title=say("Everything is done!"),
            parts=(
                *back,
                Text(text=say("You finished every task of {title}. Well done.", title=mine.curriculum.title)),
            ),
            buttons=(Button(label=say("Progress"), line="progress"),),
        )
    return Message(
        title=say("Next for you"),
        parts=(*back, *mine.told_apart(clock.now()), *own_tasks(tasks, mine.tally)),
        buttons=(Button(label=say("This week"), line="week"), Button(label=say("Progress"), line="progress")),
    )


async def _how_to_start(call: Call, records: Records, curricula: Curricula) -> Message:
    curriculum = await curriculum_here(call, records, curricula)
    first = curriculum.phases[0].milestones[0]
    return Message(
        title=say("How to start"),
        parts=(
            Text(text=say("Join a cohort, and the next tasks are waiting for you here each week.")),
            Text(text=say("**{title}** begins with {milestone}:", title=curriculum.title, milestone=first.title)),
            *(task_item(task).model_copy(update={"button": None}) for task in first.tasks[:MOST]),
        ),
        buttons=(Button(label=say("Join"), line="join", style="primary"), Button(label=say("Roadmap"), line="roadmap")),
    )
