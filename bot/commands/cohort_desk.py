"""`/cohort desk`: the private channel where those who look after a cohort are told of its weeks."""

from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import say
from bot.commands.study import check_home, suggest_cohorts
from bot.records import audit, desks
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_desk(
    call: Call, records: Records, clock: Clock,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
    remove: Annotated[bool | None, Arg("Take the desk away again?")] = None,
) -> Message:  # fmt: skip
    """Get a cohort's weekly digest in this private channel; once more takes it away."""
    found = await records.cohort(call, cohort)
    now = clock.now()
    desk = await records.read(desks.of, found.id)
    is_here = desk is not None and desk.is_at(call.place)
    if remove or (remove is None and is_here):
        await records.write(audit.noted(call, desks.take_away, now, found), found.id)
        return Message(
            title=say("{cohort} has no desk.", cohort=found.name),
            parts=(Text(text=say("Its weekly digest goes privately to whoever leads the week.")),),
        )
    check_home(call)
    await records.write(audit.noted(call, desks.choose, now, found), found.id, call.place)
    given = {"cohort": found.key, "remove": "yes"}
    return Message(
        title=say("This is the desk of {cohort}.", cohort=found.name),
        parts=(
            Text(text=say("Its weekly digest comes here: who checked in, who went quiet, what is in somebody's way.")),
            Text(text=say("Whoever can read this channel reads that. Should it become public, or Milepost not be let "
                          "in, the digest goes privately to whoever leads the week, and says why.")),
            Text(text=say("It is no place of the cohort: milestones and announcements do not come here.")),
        ),
        buttons=(Button(label=say("Take it away"), line=line.write("cohort desk", given)),),
    )  # fmt: skip
