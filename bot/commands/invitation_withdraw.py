"""`/invitation withdraw`: take an invitation back."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, paragraphs, press
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import as_typed, say
from bot.delivery.outbox import Delivery
from bot.records import invitations
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def invitation_withdraw(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    invitation: Annotated[str, Arg("Which invitation? Its button knows", max=40, pressed=True)],
) -> Message:  # fmt: skip
    """Take an invitation back: it disappears from where it was posted."""
    found = await records.read(invitations.find, invitation)
    among = {each.id: each for each in await records.ever_looked_after(call)}
    if found is None or found.cohort_id not in among:
        raise Refusal("There is no such invitation here. {line} shows what there is.", line=as_typed("invite"))
    await records.write(invitations.withdraw, call, found, clock.now())
    delivery.soon()
    cohort = among[found.cohort_id]
    again = press(say("Invite again"), "invite", {"cohort": cohort.key}, asks=True)
    return Message(
        title=say("The invitation to {cohort} is taken back.", cohort=cohort.name),
        parts=paragraphs(say("Who has joined by it stays in.")),
        buttons=() if cohort.archived_at else (again,),
    )
