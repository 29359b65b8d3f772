"""`/read`: say that one has read an announcement."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import say
from bot.commands.post_settle import LARGEST
from bot.delivery.outbox import Delivery
from bot.records import announcements
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def read(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    announcement: Annotated[int, Arg("Which announcement? Its button knows", min=1, max=LARGEST)],
) -> Message:  # fmt: skip
    """Say that you have read an announcement of your cohort."""
    standing = await records.standing(call.person)
    mine = [each.cohort.id for each in standing.enrolments]
    town = await records.town(call.place.platform, call.place.community)
    here = town.at_channel.get(call.place.channel)
    first = sorted(mine, key=lambda each: here is None or each != here.id)  # where it was pressed, it is counted
    cohort_id = await records.read(announcements.asked_in, announcement, first)
    if cohort_id is None or standing.member_id is None:
        raise Refusal("None of your cohorts is asked whether it has read announcement {number}.", number=announcement)
    is_new = await records.write(announcements.mark_read, announcement, standing.member_id, cohort_id, clock.now())
    if not is_new:
        return text(say("You have said so before. Thank you!"))
    delivery.soon()
    return text(say("Thank you! Facilitators see how many have read it, and not who."))
