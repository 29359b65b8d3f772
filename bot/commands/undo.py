"""`/undo`: take back the last change."""

from bot.chat.command import Rank, command
from bot.chat.message import Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import as_typed, say
from bot.commands.study import study
from bot.curriculum.load import Curricula
from bot.delivery.compose import counted, done_button
from bot.delivery.outbox import Delivery
from bot.records import progress
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def undo(call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery) -> Message:
    """Take back the last task you marked or counted."""
    mine = await study(call, records, curricula)
    entry = await records.write(
        progress.take_back, mine.enrolment.member_id, mine.curriculum.id, mine.curriculum.version,
        at=clock.now(), source=call.via, call_id=call.id,
    )  # fmt: skip
    if entry is None:
        raise Refusal("There is nothing to take back. {line} shows what you did.", line=as_typed("progress"))
    delivery.soon()
    task = mine.curriculum.task(entry.task)
    if task is None:
        return Message(title=say("Taken back: {task}", task=entry.task))
    now = await study(call, records, curricula)
    parts = (Text(text=counted(task.target, now.tally.amount(task))),) if task.target else ()
    return Message(title=say("Taken back: {task}", task=task.text), parts=parts, buttons=(done_button(task),))
