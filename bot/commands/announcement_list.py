"""`/announcement list`: the announcements of a community, and its templates."""

from collections.abc import Mapping

from bot.chat.command import Rank, command
from bot.chat.literal import cut
from bot.chat.message import Item, Message, Text, press
from bot.chat.platform import Call
from bot.chat.wording import Moment, Phrase, say
from bot.commands.drafting import theirs
from bot.records.announcements import Announcement, State
from bot.records.records import Records

MOST_SHOWN = 12
MOST_STANDING = 8  # of these, scheduled or templates: the newest of the others have room, too
LONGEST = 120
_STATES: Mapping[State, Phrase] = {"draft": say("draft"), "template": say("template")}


@command(allow=Rank.FACILITATOR)
async def announcement_list(call: Call, records: Records) -> Message:
    """See the announcements here: drafts, what is scheduled, what was sent, templates."""
    standing = (await theirs(call, records, ("scheduled", "template")))[:MOST_STANDING]
    found = [*standing, *await theirs(call, records, ("draft", "sent"))]
    new = press(say("Write one"), "announce", asks=True, style="primary")
    if not found:
        return Message(parts=(Text(text=say("Nothing is announced here yet.")),), buttons=(new,))
    items = tuple(_item(each) for each in found[:MOST_SHOWN])
    return Message(
        title=say("Announcements: what is scheduled and templates, then the newest"), parts=items, buttons=(new,)
    )


def _item(known: Announcement) -> Item:
    label, command, given = say("Show"), "announcement show", "announcement"
    if known.state == "template":
        label, command, given = say("Begin with it"), "announcement begin", "template"
    return Item(
        title=cut(known.name or known.text, LONGEST),
        text=say("{number} · {state}", number=str(known.id), state=_state(known)),
        button=press(label, command, {given: known.ref}),
    )


def _state(known: Announcement) -> Phrase:
    if known.state == "scheduled" and known.send_at is not None:
        return say("scheduled for {at}", at=Moment(at=known.send_at))
    if known.sent_at is not None:
        return say("sent {at}", at=Moment(at=known.sent_at))
    return _STATES[known.state]
