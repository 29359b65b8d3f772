"""`/read`: say that one has read an announcement."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import say
from bot.delivery.outbox import Delivery
from bot.records import announcements
from bot.records.records import Records
from bot.records.references import is_meant, number_in


@command(allow=Rank.MEMBER)
async def read(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    announcement: Annotated[str, Arg("Which announcement? Its button knows", max=40, pressed=True)],
) -> Message:  # fmt: skip
    """Say that you have read an announcement of your cohort."""
    standing = await records.standing(call.person)
    mine = [each.cohort.id for each in standing.enrolments]
    here = await records.here(call)
    first = sorted(mine, key=lambda each: here is None or each != here.id)  # where it was pressed, it is counted
    number = number_in(announcement)
    found = None if number is None else await records.read(announcements.asking, number)
    cohort_id = None
    if found is not None and is_meant(announcement, found.id, found.key):
        cohort_id = next((each for each in first if each in found.cohort_ids), None)
    if found is None or cohort_id is None or standing.member_id is None:
        raise Refusal("None of your cohorts is asked whether it has read announcement {typed}.", typed=announcement)
    is_new = await records.write(announcements.mark_read, found.id, standing.member_id, cohort_id, clock.now())
    if not is_new:
        return text(say("You have said so before. Thank you!"))
    delivery.soon()
    return text(say("Thank you! Facilitators see how many have read it, and not who."))
