"""`/cohort break`: weeks off, such as holidays."""

from datetime import date
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.cohort_apply import offer
from bot.commands.study import WhichCohort
from bot.curriculum.load import Curricula
from bot.delivery.bending import Rest, Work
from bot.records.records import Records


@command(ask=True, allow=Rank.FACILITATOR)
async def cohort_break(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    start: Annotated[date, Arg("A day in the first week off")],
    weeks: Annotated[int, Arg("How many weeks off?", min=1, max=26)] = 1,
    name: Annotated[str | None, Arg("What for? (Winter holidays)", max=60)] = None,
    remove: Annotated[bool, Arg("Take the break of that week away instead?")] = False,
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Give a cohort weeks off, or take them back; you see the dates first."""
    change = Work(day=start) if remove else Rest(start_on=start, weeks=weeks, name=name)
    return await offer(call, records, curricula, clock, change, cohort)
