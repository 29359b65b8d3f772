"""`/announcement edit`: change a draft before it is sent."""

from collections.abc import Mapping
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Refusal
from bot.commands.announce import LONGEST, preview
from bot.commands.announcement_send import find_draft, suggest_drafts
from bot.records import announcements
from bot.records.records import Records
from bot.records.references import number_in


async def as_drafted(call: Call, records: Records) -> Mapping[str, str]:
    """The draft's text as it stands."""
    draft = call.given.get("draft", "")
    return {} if number_in(draft) is None else {"text": (await find_draft(call, records, draft)).text}


@command(ask=True, allow=Rank.FACILITATOR)
async def announcement_edit(
    call: Call, records: Records,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
    text: Annotated[str, Arg("What do you want to say?", long=True, max=LONGEST, fill=as_drafted)],
) -> Message:  # fmt: skip
    """Change an announcement before you send it."""
    found = await find_draft(call, records, draft)
    if not await records.write(announcements.rewrite, found.id, text):
        raise Refusal("This announcement was sent already.")
    return await preview(call, records, await find_draft(call, records, draft))
