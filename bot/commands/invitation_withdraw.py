"""`/invitation withdraw`: take an invitation back."""

from collections.abc import Sequence
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Choice, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import as_typed, listed, say
from bot.delivery.outbox import Delivery
from bot.records import invitations
from bot.records.records import Records


async def suggest_invitations(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The invitations that are there, by the names of their cohorts and channels."""
    wanted = typed.strip().casefold()
    return [
        Choice(value=each.ref, label=listed([cohort.name, each.place.seen_from(call.place)]))
        for cohort in await records.looked_after(call)
        for each in await records.read(invitations.standing, cohort.id)
        if wanted in f"{cohort.name} {each.place.name}".casefold()
    ]


@command(allow=Rank.FACILITATOR)
async def invitation_withdraw(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    invitation: Annotated[str, Arg("Which invitation?", max=40, suggest=suggest_invitations)],
) -> Message:  # fmt: skip
    """Take an invitation back: it disappears from where it was posted."""
    found = await records.read(invitations.find, invitation)
    among = {each.id: each for each in await records.looked_after(call)}
    if found is None or found.cohort_id not in among:
        raise Refusal("There is no such invitation here. {line} shows what there is.", line=as_typed("cohort invite"))
    await records.write(invitations.withdraw, call, found, clock.now())
    delivery.soon()
    cohort = among[found.cohort_id]
    again = line.write("cohort invite", {"cohort": cohort.key}, asks=True)
    return Message(
        title=say("The invitation to {cohort} is taken back.", cohort=cohort.name),
        parts=(Text(text=say("Who has joined by it stays in.")),),
        buttons=(Button(label=say("Invite again"), line=again),),
    )
