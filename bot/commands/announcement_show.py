"""`/announcement show`: an announcement before it is sent, and how far it has come since."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.literal import cut
from bot.chat.message import Button, Message, paragraphs, press
from bot.chat.platform import Call
from bot.chat.wording import Phrase, listed, say, say_n
from bot.commands.drafting import KNOWN, MOST_NAMED, find, shown, suggest_shown
from bot.delivery.previewing import Previewing
from bot.records import announcements, copies
from bot.records.announcements import OPEN, Announcement
from bot.records.copies import Copy
from bot.records.records import Records

LONGEST = 200  # characters of its text


@command(allow=Rank.FACILITATOR)
async def announcement_show(
    call: Call, records: Records, previewing: Previewing,
    announcement: Annotated[str, Arg("Which announcement?", max=40, suggest=suggest_shown)],
) -> Message:  # fmt: skip
    """See an announcement, or how far it has come."""
    found = await find(call, records, announcement, KNOWN)
    if found.state in OPEN:
        return await shown(call, previewing, found)
    return await progress(call, records, found)


async def progress(call: Call, records: Records, known: Announcement) -> Message:
    """How far the announcement has come: asked again, it says what holds then, in its place."""
    found = await records.read(copies.of, known.id)
    is_withdrawn = known.state == "withdrawn"
    said = [say("It is so old that its copies are not known any more: they can be neither changed nor taken away.")]
    if found:
        said = _withdrawn(found) if is_withdrawn else _sent(found)
    if known.asks:
        read = await records.read(announcements.read_by, known.id)
        said.append(say_n("{n} member says they have read it.", "{n} members say they have read it.", read))
    failed = [each for each in found if each.state == "failed" and not each.is_taken_back]
    said += [
        say("⚠ {place}: {reason}", place=each.place.seen_from(call.place), reason=each.reason or "")
        for each in failed[:3]
    ]
    return Message(
        title=say("The announcement was taken back.") if is_withdrawn else say("The announcement is sent."),
        parts=paragraphs(cut(known.text, LONGEST), *said, *_where(call, found)),
        buttons=moves(known)[:1] if is_withdrawn else moves(known),
    )


def moves(sent: Announcement) -> tuple[Button, ...]:
    """What can be done with one that is sent."""
    number = {"announcement": sent.ref}
    return (
        press(say("How far?"), "announcement show", number),
        press(say("Correct"), "announcement correct", number, asks=True),
        press(say("Take back"), "announcement withdraw", number, style="danger"),
    )


def _sent(found: list[Copy]) -> list[Phrase]:
    sent = [each for each in found if each.state == "sent"]
    said = [say_n("Sent to {sent} of {n} place.", "Sent to {sent} of {n} places.", len(found), sent=len(sent))]
    if behind := sum(each.is_behind for each in sent):
        said.append(say_n("{n} copy is being looked at again.", "{n} copies are being looked at again.", behind))
    if left := sum(each.is_left for each in sent):
        said.append(say_n("{n} copy can be corrected no more.", "{n} copies can be corrected no more.", left))
    return said


def _withdrawn(found: list[Copy]) -> list[Phrase]:
    gone = sum(each.is_taken_back for each in found)
    said = [say_n("Gone from {gone} of {n} place.", "Gone from {gone} of {n} places.", len(found), gone=gone)]
    if left := sum(each.is_left and not each.is_behind for each in found):
        said.append(say_n("{n} copy could not be taken away.", "{n} copies could not be taken away.", left))
    return said


def _where(call: Call, found: list[Copy]) -> list[Phrase]:
    """The places of which something is to be said, by what that is."""
    groups = (
        (say("On its way to"), [each for each in found if each.state in ("pending", "sending")]),
        (say("Failed in"), [each for each in found if each.state == "failed" and not each.is_taken_back]),
        (say("Nobody knows whether it is in"), [each for each in found if each.state == "unknown"]),
        (say("Left out"), [each for each in found if each.state == "skipped" and not each.is_taken_back]),
    )
    named = [(what, [each.place.seen_from(call.place) for each in group]) for what, group in groups if group]
    return [say("{what}: {places}", what=what, places=listed(names, most=MOST_NAMED)) for what, names in named]
