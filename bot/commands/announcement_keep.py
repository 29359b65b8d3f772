"""`/announcement keep`: keep a draft as a template for others."""

from dataclasses import replace
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, Text, press
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import say
from bot.commands.drafting import KNOWN, find, suggest_shown, theirs
from bot.records import announcements
from bot.records.announcements import TEMPLATE
from bot.records.records import Records


@command(ask=True, allow=Rank.FACILITATOR)
async def announcement_keep(
    call: Call, records: Records, clock: Clock,
    draft: Annotated[str, Arg("Which announcement?", max=40, suggest=suggest_shown)],
    name: Annotated[str, Arg("What shall the template be called?", max=60)],
) -> Message:  # fmt: skip
    """Keep an announcement as a template; it stays what it is."""
    found = await find(call, records, draft, KNOWN)
    if any((each.name or "").casefold() == name.casefold() for each in await theirs(call, records, TEMPLATE)):
        raise Refusal("There is a template called {name} already. Choose another name.", field="name", name=name)
    made = replace(
        found, state="template", name=name, created_at=clock.now(), sent_at=None, mark=None, people=None, slot=None,
        send_at=None,
    )  # fmt: skip
    kept = await records.write(announcements.draft, call, made)
    return Message(
        title=say("{name} is kept as a template.", name=name),
        parts=(Text(text=say("Begin an announcement with it whenever you like.")),),
        buttons=(
            press(say("Begin with it"), "announcement begin", {"template": kept.ref}),
            press(say("Drop the template"), "announcement cancel", {"draft": kept.ref}, style="danger"),
        ),
    )
