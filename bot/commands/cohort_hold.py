"""`/cohort hold`: a phase that goes on until the cohort is ready, and moving on from it."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.cohort_apply import offer
from bot.commands.study import WhichCohort, find_phase, followed, suggest_phases
from bot.curriculum.load import Curricula
from bot.curriculum.plan import last_week
from bot.delivery.bending import Hold
from bot.delivery.calendar import Calendar
from bot.delivery.versions import season
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_hold(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    phase: Annotated[str | None, Arg("Which phase? (the one that is on)", suggest=suggest_phases)] = None,
    release: Annotated[bool, Arg("Move on instead?")] = False,
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Keep a phase open until you move on, or move on; you see the dates first.

    After the phase's last week no milestone comes, while check-ins and reminders go on every week.
    """
    found = await records.cohort(call, cohort)
    curriculum = followed(curricula, found)
    steps = season(curricula, found)
    on = steps[max(1, min(Calendar.of(found).step_at(clock.now()), len(steps))) - 1].phase
    meant = find_phase(curriculum, phase) if phase else on
    step = last_week(steps, meant)
    if release:  # by the number that it was held with: the curriculum may have another number of weeks by now
        kept = (each for each in found.held if not phase or steps[min(each, len(steps)) - 1].phase.id == meant.id)
        step = min(kept, default=step)
    change = Hold(step=step, is_open=not release)
    return await offer(call, records, curricula, clock, change, found.code)
