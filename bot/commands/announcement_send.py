"""`/announcement send`: send a draft now, once."""

from collections.abc import Sequence
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Choice, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import as_typed, say, say_n
from bot.delivery.announcing import send
from bot.delivery.outbox import Delivery
from bot.records import announcements
from bot.records.announcements import Announcement
from bot.records.records import Records
from bot.records.references import is_meant, number_in


async def suggest_drafts(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The drafts of this community, newest first."""
    town = await records.town(call.place.platform, call.place.community)
    if town.community_id is None:
        return []
    drafts = await records.read(announcements.drafts, town.community_id)
    return [Choice(value=each.ref, label=each.text[:75]) for each in drafts if typed.casefold() in each.text.casefold()]


async def find_draft(call: Call, records: Records, typed: str) -> Announcement:
    """The draft of this community that is referred to. Raises a Refusal if there is none, or it is none any more."""
    town = await records.town(call.place.platform, call.place.community)
    number, found = number_in(typed), None
    if town.community_id is not None and number is not None:
        found = await records.read(announcements.find, town.community_id, number)
    if found is None or not is_meant(typed, found.id, found.key):
        raise Refusal(
            "There is no announcement {typed} here. Write one with {line}.", typed=typed, line=as_typed("announce")
        )
    if found.state == "sent":
        raise Refusal("This announcement was sent already.")
    if found.state == "cancelled":
        raise Refusal("This announcement was cancelled. Write a new one with {line}.", line=as_typed("announce"))
    return found


@command(allow=Rank.FACILITATOR)
async def announcement_send(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
) -> Message:  # fmt: skip
    """Send an announcement that you drafted."""
    found = await find_draft(call, records, draft)
    places = await records.write(send, found, clock.now())
    if places is None:
        raise Refusal("This announcement was sent already.")
    delivery.soon()
    return Message(
        title=say("Your announcement is on its way."),
        parts=(Text(text=say_n("It goes to {n} place.", "It goes to {n} places.", places)),),
    )
