"""`/announcement show`: an announcement before it is sent, and how far it has come since."""

from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call
from bot.chat.wording import Phrase, Value, listed, say, say_n
from bot.commands.drafting import MOST_NAMED, find, shown, suggest_all
from bot.delivery.previewing import Previewing
from bot.records import announcements, copies
from bot.records.announcements import OPEN, Announcement
from bot.records.copies import Copy
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def announcement_show(
    call: Call, records: Records, previewing: Previewing,
    announcement: Annotated[str, Arg("Which announcement?", max=40, suggest=suggest_all)],
) -> Message:  # fmt: skip
    """See an announcement, or how far it has come."""
    found = await find(call, records, announcement, (*OPEN, "sent", "withdrawn"))
    if found.state in OPEN:
        return await shown(call, previewing, found)
    return await progress(call, records, found)


async def progress(call: Call, records: Records, known: Announcement) -> Message:
    """How far the announcement has come: asked again, it says what holds then, in its place."""
    found = await records.read(copies.of, known.id)
    said = _forgotten() if not found else _withdrawn(found) if known.state == "withdrawn" else _sent(found)
    if known.asks:
        read = await records.read(announcements.read_by, known.id)
        said.append(say_n("{n} member says they have read it.", "{n} members say they have read it.", read))
    failed = [each for each in found if each.state == "failed" and not each.is_taken_back]
    said += [say("⚠ {place}: {reason}", place=_named(call, each), reason=each.reason or "") for each in failed[:3]]
    number = {"announcement": known.ref}
    again = Button(label=say("How far?"), line=line.write("announcement show", number))
    moves = (
        Button(label=say("Correct"), line=line.write("announcement correct", number, asks=True)),
        Button(label=say("Take back"), line=line.write("announcement withdraw", number), style="danger"),
    )
    short = known.text if len(known.text) <= 200 else f"{known.text[:199]}…"
    return Message(
        title=say("The announcement was taken back.")
        if known.state == "withdrawn"
        else say("The announcement is sent."),
        parts=(Text(text=short), *(Text(text=each) for each in said), *_where(call, found)),
        buttons=(again, *(moves if known.state == "sent" else ())),
    )


def _forgotten() -> list[Phrase]:
    """What is said once the outbox has forgotten the copies, by their age."""
    return [say("It is so old that its copies are not known any more: they can be neither changed nor taken away.")]


def _sent(found: list[Copy]) -> list[Phrase]:
    sent = [each for each in found if each.state == "sent"]
    said = [
        say_n("Sent to {sent} of {n} place.", "Sent to {sent} of {n} places.", len(found), sent=len(sent)),
    ]  # fmt: skip
    behind = sum(each.is_behind for each in sent)
    if behind:
        said.append(say_n("{n} copy is being looked at again.", "{n} copies are being looked at again.", behind))
    left = sum(each.is_left for each in sent)
    if left:
        said.append(say_n("{n} copy can be corrected no more.", "{n} copies can be corrected no more.", left))
    return said


def _withdrawn(found: list[Copy]) -> list[Phrase]:
    gone = sum(each.is_taken_back for each in found)
    said = [
        say_n("Gone from {gone} of {n} place.", "Gone from {gone} of {n} places.", len(found), gone=gone),
    ]  # fmt: skip
    left = sum(each.is_left and not each.is_behind for each in found)
    if left:
        said.append(say_n("{n} copy could not be taken away.", "{n} copies could not be taken away.", left))
    return said


def _where(call: Call, found: list[Copy]) -> list[Text]:
    """The places of which something is to be said, by what that is."""
    groups = (
        (say("On its way to"), [each for each in found if each.state in ("pending", "sending")]),
        (say("Failed in"), [each for each in found if each.state == "failed" and not each.is_taken_back]),
        (say("Nobody knows whether it is in"), [each for each in found if each.state == "unknown"]),
        (say("Left out"), [each for each in found if each.state == "skipped" and not each.is_taken_back]),
    )
    return [
        Text(text=say("{what}: {places}", what=what, places=_names(call, group))) for what, group in groups if group
    ]


def _names(call: Call, group: list[Copy]) -> Phrase:
    names: list[Value] = [_named(call, each) for each in group[:MOST_NAMED]]
    if len(group) > MOST_NAMED:
        names.append(say_n("{n} more", "{n} more", len(group) - MOST_NAMED))
    return listed(names)


def _named(call: Call, copy: Copy) -> Value:
    return copy.place.seen_from(call.place)
