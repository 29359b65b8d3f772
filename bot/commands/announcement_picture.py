"""`/announcement picture`: give a draft a card with a few words on it."""

from collections.abc import Mapping
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.drafting import change, find, find_given, sealed, shown, suggest_drafts
from bot.delivery.previewing import Previewing
from bot.records.records import Records


async def as_drawn(call: Call, records: Records) -> Mapping[str, str]:
    """The card as it stands."""
    found = await find_given(call, records)
    if found is None:
        return {}
    known = {name: value for name, value in (("title", found.card), ("alt", found.alt)) if value}
    return {**known, "draft": sealed(found, "card", "alt")}


@command(ask=True, allow=Rank.FACILITATOR)
async def announcement_picture(
    call: Call, records: Records, clock: Clock, previewing: Previewing,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
    title: Annotated[str | None, Arg("What does it say? (empty: no picture)", max=60, fill=as_drawn)] = None,
    alt: Annotated[str | None, Arg("How is it described to who cannot see it?", max=300, fill=as_drawn)] = None,
) -> Message:  # fmt: skip
    """Give an announcement a picture with a title on it; without one, take it away."""
    found = await find(call, records, draft)
    drawn = await change(call, records, clock.now(), draft, found, card=title, alt=alt if title else None)
    return await shown(call, previewing, drawn)
