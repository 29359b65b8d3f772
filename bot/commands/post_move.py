"""`/post move`: have one post of a season come at another time."""

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.chat.wording import Moment, say
from bot.commands.planning import find_planned, local_as_written, shown, suggest_planned
from bot.curriculum.load import Curricula
from bot.delivery import amending
from bot.delivery.calendar import Calendar, instant
from bot.delivery.previewing import Previewing
from bot.delivery.projecting import Projecting
from bot.records import audit
from bot.records.records import Records


async def _as_it_is(call: Call, records: Records, curricula: Curricula) -> Mapping[str, str]:
    """When the post comes so far."""
    typed = call.given.get("post")
    return local_as_written(await find_planned(call, records, curricula, typed)) if typed else {}


@command(ask=True, allow=Rank.FACILITATOR)
async def post_move(
    call: Call, records: Records, curricula: Curricula, clock: Clock, previewing: Previewing, projecting: Projecting,
    post: Annotated[str, Arg("Which post?", max=40, suggest=suggest_planned)],
    on: Annotated[date, Arg("On which day, by the cohort's clock?", fill=_as_it_is)],
    time: Annotated[time, Arg("At which time there?", fill=_as_it_is)],
) -> Message:  # fmt: skip
    """Move one post of a season within its week; all others stay as they are."""
    meant = await find_planned(call, records, curricula, post)
    move = audit.kept(call, amending.move, clock.now(), meant.cohort)
    planned, weeks = meant.post, len(meant.steps)
    is_new = await records.write(move, meant.cohort.id, planned.kind, planned.step, (on, time), clock.now(), weeks)
    projecting.soon()
    zone = Calendar.of(meant.cohort).zone_of(planned.step)
    there = say("It comes {at}.", at=Moment(at=instant(on, time, zone), zone=zone.key))
    said = there if is_new else say("It comes at that time already; nothing changes.")
    return await shown(call, records, curricula, clock, previewing, post, said)
