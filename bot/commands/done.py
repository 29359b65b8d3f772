"""`/done`: count work towards a task."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, Part, Text, press
from bot.chat.platform import Call, Clock, Missing
from bot.chat.wording import listed, say
from bot.commands.back import welcome_back
from bot.commands.reached import celebrated, newly_reached, share_button
from bot.commands.study import Study, check_link, find_task, study, suggest_tasks
from bot.curriculum.load import Curricula
from bot.curriculum.model import PLAIN_LINK, Curriculum, Task
from bot.curriculum.tally import needed
from bot.delivery.compose import counted, task_item
from bot.delivery.outbox import Delivery
from bot.records import progress
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def done(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    task: Annotated[str, Arg("Which task?", max=200, suggest=suggest_tasks)],
    amount: Annotated[int | None, Arg("How much of it, for tasks that count?", min=1, max=1_000_000)] = None,
    link: Annotated[str | None, Arg("A link to what you made", max=500)] = None,
    total: Annotated[int | None, Arg("Or what it comes to in all", min=0, max=1_000_000)] = None,
) -> Message:  # fmt: skip
    """Mark a task done, or count towards it."""
    mine = await study(call, records, curricula)
    found = find_task(mine.curriculum, task)
    if link is not None:
        check_link(link)
    comes_to = total if total is not None else mine.tally.amount(found) + (amount or 1)
    if found.evidence and link is None and comes_to >= needed(found) and not mine.tally.is_done(found):
        raise _asked_for(mine.curriculum, found.evidence)
    if found.target is None:
        total = 1 if total is None else min(total, 1)
    back = await welcome_back(records, clock, mine)
    before, after = await records.write(
        progress.count, mine.enrolment.member_id, mine.curriculum.id, mine.curriculum.version, found.id,
        add=amount or 1, to=total, at=clock.now(), source=call.via, call_id=call.id, link=link,
    )  # fmt: skip
    delivery.soon()
    now = await study(call, records, curricula)
    message = _card(now, found, before, after, now.next_tasks(clock.now(), 1))
    lead: tuple[Part, ...] = tuple(back)
    if link and after:
        lead += (Text(text=say("Your link is kept with it: {link}", link=link)),)
    buttons, reached = message.buttons, newly_reached(mine.tally, now.tally, found.id)
    if reached is not None:
        lead, buttons = (*celebrated(reached, call.person), *lead), (share_button(reached), *buttons)
    return message.model_copy(update={"parts": (*lead, *message.parts), "buttons": buttons})


def _asked_for(curriculum: Curriculum, evidence: str) -> Missing:
    """The question for a link; where it is to be of some kind, that comes first, as forms cut long questions short."""
    kind = curriculum.evidence_kind(evidence)
    if kind is None or kind.id == PLAIN_LINK:
        return Missing("This task asks for a link to what you made.", field="link")
    described = listed([kind.title, *([kind.about] if kind.about else [])], ". ")
    return Missing("A link, please: {kind}", field="link", kind=described)


def _card(now: Study, task: Task, before: int, after: int, upcoming: list[Task]) -> Message:
    parts: list[Part] = []
    title = say("Done: {task}", task=task.text)
    if not now.tally.is_done(task):
        title = say("Counted: {task}", task=task.text) if after >= before else say("Taken back: {task}", task=task.text)
        if before == after == 0:
            title = say("Nothing is counted: {task}", task=task.text)
    elif before == after:
        title = say("This was counted already: {task}", task=task.text)
    if task.target:
        parts.append(Text(text=counted(task.target, after)))
    milestone = now.curriculum.milestone_of(task.id)
    if milestone:
        share, whole = now.tally.share(milestone.tasks)
        parts.append(Text(text=say("{done} of {n} done in {title}.", done=share, n=whole, title=milestone.title)))
    if upcoming:
        parts += [Text(text=say("Next for you:")), *(task_item(each, now.tally) for each in upcoming)]
    buttons = (
        press(say("Undo"), "undo"),
        press(say("This week"), "week"),
        press(say("Progress"), "progress"),
    )
    return Message(title=title, parts=tuple(parts), buttons=buttons if before != after else buttons[1:])
