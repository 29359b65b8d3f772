"""`/announcement begin`: begin a draft with a template."""

from dataclasses import replace
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.drafting import find, shown, suggest_templates
from bot.delivery.previewing import Previewing
from bot.records import announcements, members
from bot.records.announcements import TEMPLATE
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def announcement_begin(
    call: Call, records: Records, clock: Clock, previewing: Previewing,
    template: Annotated[str, Arg("Which template?", max=40, suggest=suggest_templates)],
) -> Message:  # fmt: skip
    """Begin an announcement with a template."""
    found = await find(call, records, template, TEMPLATE)
    now = clock.now()
    account_id, _ = await records.write(members.account, call.person, now)
    made = replace(found, state="draft", name=None, created_at=now, account_id=account_id)
    return await shown(call, previewing, await records.write(announcements.draft, call, made))
