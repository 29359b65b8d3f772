"""`/cohort desk`: the private channel where those who look after a cohort are told of its weeks."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, paragraphs, press
from bot.chat.platform import Call, Clock
from bot.chat.wording import say
from bot.commands.study import WhichCohort, check_home
from bot.records import audit, desks
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_desk(
    call: Call, records: Records, clock: Clock,
    cohort: WhichCohort = None,
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
            parts=paragraphs(say("Its weekly digest goes privately to whoever leads the week.")),
        )
    check_home(call)
    await records.write(audit.noted(call, desks.choose, now, found), found.id, call.place)
    return Message(
        title=say("This is the desk of {cohort}.", cohort=found.name),
        parts=paragraphs(
            say("Its weekly digest comes here: who checked in, who went quiet, what is in somebody's way."),
            say("Whoever can read this channel reads that. Should it become public, or Milepost not be let "
                "in, the digest goes privately to whoever leads the week, and says why."),
            say("It is no place of the cohort: milestones and announcements do not come here."),
        ),
        buttons=(press(say("Take it away"), "cohort desk", {"cohort": found.key, "remove": "yes"}),),
    )  # fmt: skip
