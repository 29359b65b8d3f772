"""`/announcement withdraw`: take back what was sent, everywhere."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.announcement_show import progress
from bot.commands.drafting import find, refuse, suggest_sent
from bot.delivery.outbox import Delivery
from bot.records import announcements
from bot.records.announcements import SENT
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def announcement_withdraw(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    announcement: Annotated[str, Arg("Which announcement?", max=40, suggest=suggest_sent)],
) -> Message:  # fmt: skip
    """Take an announcement back: it disappears from wherever it was sent."""
    found = await find(call, records, announcement, SENT)
    withdrawn = await records.write(announcements.withdraw, call, clock.now(), found)
    if withdrawn is None:
        await refuse(call, records, found)
    delivery.soon()
    return await progress(call, records, withdrawn)
