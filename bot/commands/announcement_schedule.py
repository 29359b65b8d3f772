"""`/announcement schedule`: have a draft sent later, perhaps every week."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, time, timedelta
from typing import Annotated

from bot.chat.argument import in_words as as_written
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.drafting import ask_about_everyone, change, find, find_given, sealed, shown, suggest_drafts
from bot.commands.timing import seen_by, slot_of, zone_of
from bot.delivery.announcing import sent_at
from bot.delivery.previewing import Previewing
from bot.records import cohorts
from bot.records.records import Records


async def as_meant(call: Call, records: Records, clock: Clock) -> Mapping[str, str]:
    """When the draft is to be sent so far; tomorrow at nine if that is not said yet."""
    found = await find_given(call, records)
    shown = {} if found is None else {"draft": sealed(found, "slot")}
    if found is None or found.slot is None:
        tomorrow = (clock.now().astimezone(zone_of(call) or UTC) + timedelta(days=1)).date()
        return {**shown, "on": f"{tomorrow}", "time": "09:00"}
    slot = seen_by(call, found.slot)
    until = {} if slot.until_on is None else {"until": f"{slot.until_on}"}
    return {**shown, "on": f"{slot.on}", "time": as_written(slot.at), **until}


@command(ask=True, allow=Rank.FACILITATOR)
async def announcement_schedule(
    call: Call, records: Records, clock: Clock, previewing: Previewing,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
    on: Annotated[date, Arg("On which day?", fill=as_meant)],
    time: Annotated[time, Arg("At which time?", fill=as_meant)],
    until: Annotated[date | None, Arg("Every week until? (empty: once)", fill=as_meant)] = None,
) -> Message:  # fmt: skip
    """Have an announcement sent at a day and time of yours, perhaps every week."""
    found = await find(call, records, draft)
    first = (await records.read(cohorts.get_all, found.cohort_ids))[found.cohort_ids[0]]
    slot = slot_of(call, first, clock.now(), on, time, until)
    if slot is not None and found.slot is not None:  # a day that was left out is, also at another time
        slot = replace(slot, skips=tuple(each for each in found.slot.skips if slot.on < each in slot.days()))
    asked = await ask_about_everyone(previewing, found)
    if asked is not None:
        await change(call, records, clock.now(), draft, found, state="draft", slot=slot, send_at=None)
        return asked
    send_at = sent_at(slot) if slot else None
    scheduled = await change(call, records, clock.now(), draft, found, state="scheduled", slot=slot, send_at=send_at)
    return await shown(call, previewing, scheduled)
