"""`/post move`: have one post of a season come at another time."""

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call
from bot.chat.wording import Moment, say
from bot.commands.planning import PlannedPost, Planning
from bot.delivery import amending
from bot.delivery.calendar import Calendar, instant


async def _as_it_is(call: Call, planning: Planning) -> Mapping[str, str]:
    """When the post comes so far, by the clock of its step's zone."""
    if not (typed := call.given.get("post")):
        return {}
    meant = await planning.find(call, typed)
    on, at = Calendar.of(meant.cohort).local(meant.post.kind, meant.post.step)
    return {"on": f"{on}", "time": f"{at:%H:%M}"}


@command(ask=True, allow=Rank.FACILITATOR)
async def post_move(
    call: Call, planning: Planning, post: PlannedPost,
    on: Annotated[date, Arg("On which day, by the cohort's clock?", fill=_as_it_is)],
    time: Annotated[time, Arg("At which time there?", fill=_as_it_is)],
) -> Message:  # fmt: skip
    """Move one post of a season within its week; all others stay as they are."""
    meant = await planning.find(call, post)
    is_new = await planning.amend(call, meant, amending.move, (on, time))
    zone = Calendar.of(meant.cohort).zone_of(meant.post.step)
    there = say("It comes {at}.", at=Moment(at=instant(on, time, zone), zone=zone.key))
    return await planning.show(call, post, there if is_new else say("It comes at that time already; nothing changes."))
