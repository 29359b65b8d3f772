"""`/cohort place add`: one more place for a cohort, this one."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Fact, Facts, Message, Text, press
from bot.chat.platform import Call, Clock
from bot.chat.wording import Moment, listed, say
from bot.commands.cohort_apply import NEXT
from bot.commands.study import check_home, suggest_cohorts
from bot.delivery.projecting import Projecting
from bot.records import audit, cohorts, homes, posts
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_place_add(
    call: Call, records: Records, clock: Clock, projecting: Projecting,
    cohort: Annotated[str | None, Arg("Which cohort of this community?", suggest=suggest_cohorts)] = None,
    code: Annotated[str | None, Arg("Or a code from another community", max=100)] = None,
) -> Message:  # fmt: skip
    """Have a cohort's posts come to this channel, too."""
    check_home(call)
    now = clock.now()
    if code is not None:
        meant = await records.read(homes.let_in, code, now)
        about = (await records.read(cohorts.get_all, [meant])).get(meant) if meant else None
        found = await records.write(audit.kept(call, cohorts.redeem, now, about), code, call.place, now)
    else:
        found = await records.cohort(call, cohort)
        await records.write(audit.kept(call, homes.add, now, found), found.id, call.place, now, since=now)
    projecting.soon()
    places = [each.place.seen_from(call.place) for each in await records.read(cohorts.places, found.id)]
    coming = [each for each in await records.read(posts.coming, found.id) if each.kind == "milestone"]
    nexts = [Fact(label=NEXT[each.kind], value=Moment(at=each.next_due_at, zone=found.zone.key)) for each in coming]
    return Message(
        title=say("{cohort} is at home here, too.", cohort=found.name),
        parts=(
            Facts(facts=(Fact(label=say("Places"), value=listed(places)), *nexts)),
            Text(text=say("What comes next is posted in every place. What was posted before stays where it is.")),
        ),
        buttons=(press(say("Join"), "join"),),
    )
