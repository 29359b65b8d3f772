"""`/invitation send`: post the invitation that was shown, once."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import say
from bot.commands.invite import take_back_button
from bot.delivery import inviting
from bot.delivery.outbox import Delivery
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def invitation_send(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    shown: Annotated[str, Arg("Which invitation? Its button knows", max=60, pressed=True)],
) -> Message:  # fmt: skip
    """Post the invitation that you were shown."""
    name, _, seal = shown.strip().rpartition("-")
    found = await records.cohort(call, name)
    sent, is_new = await records.write(inviting.send, call, found, seal, clock.now())
    delivery.soon()
    place = sent.place.seen_from(call.place)
    title = say("The invitation is on its way to {place}.", place=place)
    return Message(
        title=title if is_new else say("This invitation was posted in {place} before.", place=place),
        parts=(Text(text=say("Whoever presses its button joins {cohort}.", cohort=found.name)),),
        buttons=(take_back_button(sent),),
    )
