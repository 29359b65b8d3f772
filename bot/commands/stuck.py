"""`/stuck`: ask the cohort for help."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import say
from bot.commands.study import check_reachable, check_running, forums, study
from bot.curriculum.load import Curricula
from bot.delivery.compose import resource_item
from bot.delivery.outbox import Delivery
from bot.records import cohorts, posts
from bot.records.cohorts import CohortPlace
from bot.records.records import Records

MOST_FORUMS = 3


@command(ask=True, allow=Rank.MEMBER)
async def stuck(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    where: Annotated[str, Arg("Where are you stuck?", long=True, max=1500)],
) -> Message:  # fmt: skip
    """Ask your cohort for help."""
    mine = await study(call, records, curricula)
    check_running(mine.cohort)
    here = _nearest(call, await records.read(cohorts.places, mine.cohort.id))
    check_reachable(call, here)
    milestone = await records.read(posts.last_milestone, here.id)
    thread = (call.place.thread if here.place.is_at(call.place) else None) or (milestone.thread if milestone else None)
    asked = Message(
        title=say("{person} is stuck", person=call.person.mention()),
        parts=(
            Text(text=where),
            Text(text=say("Can anybody help? A pointer, a question back or a “me too” is worth a lot.")),
        ),
    )
    await records.write(
        posts.put_message, mine.cohort, "stuck", call.id, clock.now(), asked, only=here.id, thread=thread
    )
    delivery.soon()
    marks = await records.marks(mine.cohort.community_id)
    elsewhere = forums(mine.curriculum, marks)[:MOST_FORUMS]
    return Message(
        title=say("Your cohort is asked, in {place}.", place=here.place.seen_from(call.place)),
        parts=(
            Text(text=say("Everybody gets stuck, and asking is how it ends. This is what was posted:")),
            Text(text=where),
            *([Text(text=say("People answer such questions here, too:"))] if elsewhere else []),
            *(resource_item(each, marks) for each in elsewhere),
        ),
        buttons=(Button(label=say("What next?"), line="next"),),
    )


def _nearest(call: Call, places: list[CohortPlace]) -> CohortPlace:
    """The cohort's place where the call was made, else the first that posts reach, else the first."""
    at_hand = [each for each in places if each.place.is_at(call.place)]
    return (at_hand or [each for each in places if each.lost_because is None] or places)[0]
