"""`/announce`: a draft with a preview; nothing is sent before the facilitator says so."""

from datetime import date, time
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.drafting import chosen, shown, suggest_readers
from bot.commands.timing import slot_of
from bot.delivery.previewing import Previewing
from bot.records import announcements, members
from bot.records.announcements import Announcement, Notify
from bot.records.records import Records

LONGEST = 2000


@command(ask=True, allow=Rank.FACILITATOR)
async def announce(
    call: Call, records: Records, clock: Clock, previewing: Previewing,
    text: Annotated[str, Arg("What do you want to say?", long=True, max=LONGEST)],
    cohort: Annotated[str | None, Arg("To which cohorts? (names, or all)", suggest=suggest_readers)] = None,
    notify: Annotated[Notify, Arg("Who is notified?")] = "nobody",
    on: Annotated[date | None, Arg("On which day, if not now?")] = None,
    time: Annotated[time | None, Arg("At which time, if not now?")] = None,
) -> Message:  # fmt: skip
    """Write an announcement; you see it before anybody else does."""
    readers = await chosen(call, records, cohort)
    now = clock.now()
    slot = slot_of(call, readers[0], now, on, time)
    account_id, _ = await records.write(members.account, call.person, now)
    made = Announcement(
        0, readers[0].community_id, account_id, text, tuple(each.id for each in readers), "draft", now, notify=notify,
        slot=slot,
    )  # fmt: skip
    return await shown(call, previewing, await records.write(announcements.draft, call, made))
