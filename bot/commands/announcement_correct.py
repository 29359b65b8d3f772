"""`/announcement correct`: change what was sent, in place, everywhere."""

from collections.abc import Mapping
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.announce import LONGEST
from bot.commands.announcement_show import progress
from bot.commands.drafting import check_seen, find, find_given, refuse, sealed, suggest_sent
from bot.delivery.outbox import Delivery
from bot.records import announcements
from bot.records.announcements import SENT
from bot.records.records import Records


async def as_sent(call: Call, records: Records) -> Mapping[str, str]:
    """The text as it was sent, or corrected since."""
    found = await find_given(call, records, SENT, "announcement")
    return {} if found is None else {"text": found.text, "announcement": sealed(found, "text")}


@command(ask=True, allow=Rank.FACILITATOR)
async def announcement_correct(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    announcement: Annotated[str, Arg("Which announcement?", max=40, suggest=suggest_sent)],
    text: Annotated[str, Arg("What shall it say?", long=True, max=LONGEST, fill=as_sent)],
) -> Message:  # fmt: skip
    """Correct an announcement that was sent, wherever it stands; nobody is notified again."""
    found = await find(call, records, announcement, SENT)
    await check_seen(call, records, announcement, found, {"text": text})
    corrected = await records.write(announcements.correct, call, clock.now(), found, text)
    if corrected is None:
        await refuse(call, records, found)
    delivery.soon()
    return await progress(call, records, corrected)
