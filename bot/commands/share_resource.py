"""`/share resource`: show everybody in this channel a resource."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, Text, text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import say
from bot.commands.study import check_reachable, curriculum_here, find_resource, marks_here, suggest_resources
from bot.curriculum.load import Curricula
from bot.delivery.compose import resource_item
from bot.delivery.outbox import Delivery
from bot.records import cohorts, posts
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def share_resource(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    resource: Annotated[str, Arg("Which resource?", suggest=suggest_resources)],
) -> Message:  # fmt: skip
    """Show a resource to everybody in this channel."""
    curriculum = await curriculum_here(call, records, curricula)
    found = find_resource(curriculum, resource)
    shown = resource_item(found, await marks_here(call, records))
    message = Message(parts=(Text(text=say("{person} recommends:", person=call.person.mention())), shown))
    here = await records.here(call)
    if here is None:
        raise Refusal("No cohort is at home in this channel, so nothing can be shared here.")
    places = await records.read(cohorts.places, here.id)
    home = next(each for each in places if each.place.is_at(call.place))
    check_reachable(call, home)
    now = clock.now()
    once_a_day = call.person.once(f"{found.id}-{now:%Y-%m-%d}")  # so that a double press shows it once
    if not await records.write(posts.put_message, here, "share", once_a_day, now, message, only=home.id):
        return text(say("You have shown {title} here today already.", title=found.title))
    delivery.soon()
    return text(say("{title} is shown to everybody in {place}.", title=found.title, place=call.place.mention()))
