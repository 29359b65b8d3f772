"""`/announcement confirm`: agree that an announcement notifies everyone, knowing how many people that is."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock, Refusal
from bot.commands.drafting import ask_about_everyone, change, find, shown, suggest_drafts
from bot.delivery.previewing import Previewing
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def announcement_confirm(
    call: Call, records: Records, clock: Clock, previewing: Previewing,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
    people: Annotated[int, Arg("How many people were you told?", min=0)],
) -> Message:  # fmt: skip
    """Confirm that an announcement notifies everyone."""
    found = await find(call, records, draft)
    if found.notify != "everyone":
        raise Refusal("This announcement does not notify everyone, so nothing has to be confirmed.")
    if people < await previewing.audience(found):
        asked = await ask_about_everyone(previewing, found)
        return asked or await shown(call, previewing, found)
    confirmed = await change(call, records, clock.now(), draft, found, people=people)
    return await shown(call, previewing, confirmed)
