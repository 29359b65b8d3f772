"""`/announcement edit`: change a draft before it is sent."""

from collections.abc import Mapping
from typing import Annotated, Any

from bot.chat.argument import in_words as as_written
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.announce import LONGEST
from bot.commands.drafting import (
    LONGEST_CHOICE,
    change,
    chosen,
    find,
    find_given,
    in_words,
    sealed,
    shown,
    suggest_drafts,
    suggest_readers,
)
from bot.delivery.previewing import Previewing
from bot.records import cohorts
from bot.records.announcements import Notify
from bot.records.records import Records


async def as_drafted(call: Call, records: Records) -> Mapping[str, str]:
    """The draft as it stands."""
    found = await find_given(call, records)
    if found is None:
        return {}
    known = {"text": found.text, "notify": found.notify, "asks": as_written(found.asks)}
    known["draft"] = sealed(found, "text", "cohort_ids", "notify", "asks")
    readers = in_words(list((await records.read(cohorts.get_all, found.cohort_ids)).values()))
    return known if len(readers) > LONGEST_CHOICE else {**known, "cohort": readers}  # what is left out stays


@command(ask=True, allow=Rank.FACILITATOR)
async def announcement_edit(
    call: Call, records: Records, clock: Clock, previewing: Previewing,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
    text: Annotated[str, Arg("What do you want to say?", long=True, max=LONGEST, fill=as_drafted)],
    cohort: Annotated[
        str | None, Arg("To which cohorts? (names, or all)", suggest=suggest_readers, fill=as_drafted)
    ] = None,
    notify: Annotated[Notify | None, Arg("Who is notified?", fill=as_drafted)] = None,
    asks: Annotated[bool | None, Arg("A button to say “I have read this”?", fill=as_drafted)] = None,
) -> Message:  # fmt: skip
    """Change an announcement before you send it; what you leave out stays."""
    found = await find(call, records, draft)
    readers = await chosen(call, records, cohort) if cohort is not None else None
    cohort_ids = found.cohort_ids if readers is None else tuple(each.id for each in readers)
    notify = notify or found.notify
    # Who confirmed that everyone is notified was told how many that is in the places of those cohorts.
    is_confirmed = (cohort_ids, notify) == (found.cohort_ids, found.notify)
    people = found.people if is_confirmed else None
    # When it goes is left as it is, also if that was moved meanwhile, unless somebody has to confirm it first.
    later: dict[str, Any] = {"state": "draft", "send_at": None} if notify == "everyone" and people is None else {}
    edited = await change(
        call, records, clock.now(), draft, found, text=text, cohort_ids=cohort_ids, notify=notify, people=people,
        asks=found.asks if asks is None else asks, **later,
    )  # fmt: skip
    return await shown(call, previewing, edited)
