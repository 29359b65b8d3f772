"""`/announcement send`: send a draft now, once."""

from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, say, say_n
from bot.commands.drafting import ask_about_everyone, find, parted, refuse, shown, suggest_drafts
from bot.delivery import announcing
from bot.delivery.outbox import Delivery
from bot.delivery.previewing import Previewing
from bot.records.announcements import SHOWN
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def announcement_send(
    call: Call, records: Records, clock: Clock, delivery: Delivery, previewing: Previewing,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
) -> Message:  # fmt: skip
    """Send an announcement that you drafted."""
    delivery.check_clock()
    found = await find(call, records, draft)
    if found.series is not None:
        raise Refusal(
            "This announcement is repeated, next {at}. For now, write another one.",
            at=Moment(at=announcing.sent_at(found.series), zone=found.series.zone.key),
        )
    _, seen = parted(draft)
    if seen not in ("", found.seal(*SHOWN)):
        changed = Text(text=say("It was changed since you saw it. This is what it says now; nothing is sent yet."))
        now = await shown(call, previewing, found)
        return now.model_copy(update={"parts": (changed, *now.parts)})
    asked = await ask_about_everyone(previewing, found)
    if asked is not None:
        return asked
    places = await records.write(announcing.send, call, clock.now(), found)
    if places is None:
        await refuse(call, records, found)
    delivery.soon()
    number = {"announcement": found.ref}
    return Message(
        title=say("Your announcement is on its way."),
        parts=(Text(text=say_n("It goes to {n} place.", "It goes to {n} places.", places)),),
        buttons=(
            Button(label=say("How far?"), line=line.write("announcement show", number)),
            Button(label=say("Correct"), line=line.write("announcement correct", number, asks=True)),
            Button(label=say("Take back"), line=line.write("announcement withdraw", number), style="danger"),
        ),
    )
