"""`/cohort place remove`: this place is its cohort's no longer."""

from bot.chat.command import Rank, command
from bot.chat.message import Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import as_typed, say
from bot.delivery.projecting import Projecting
from bot.records import cohorts, homes
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_place_remove(call: Call, records: Records, clock: Clock, projecting: Projecting) -> Message:
    """Have a cohort's posts come to this channel no longer."""
    # The channel is this community's, so its facilitators may close it also to a cohort of another one.
    town = await records.town(call.place.platform, call.place.community)
    found = town.at_channel.get(call.place.channel)
    if found is None:
        raise Refusal("No cohort is at home in this channel. {line} shows them all.", line=as_typed("cohort list"))
    here = next(each for each in await records.read(cohorts.places, found.id) if each.place.is_at(call.place))
    if not await records.write(homes.remove, here.id, clock.now()):
        raise Refusal(
            "This is the only place of {cohort}. Give it another one first: {line}, in another channel.",
            cohort=found.name, line=as_typed("cohort place add"),
        )  # fmt: skip
    projecting.soon()
    return Message(
        title=say("{cohort} posts here no longer.", cohort=found.name),
        parts=(Text(text=say("What was posted stays. The cohort goes on in its other places, with everybody in it.")),),
    )
