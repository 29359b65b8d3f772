"""`/set reminders`: where and when one is reminded, and when never."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Annotated, Any, Literal, get_args

from bot.chat.command import Arg, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock, Refusal
from bot.commands.settings import change_settings
from bot.delivery.hours import is_quiet_time
from bot.records.preferences import Reminds
from bot.records.records import Records

Where = Literal["in the thread", "by direct message", "not at all"]
KINDS: dict[str, Reminds] = dict(zip(get_args(Where), get_args(Reminds), strict=True))
WORDS: dict[str, str] = {kind: name for name, kind in KINDS.items()}


def _also(typed: str) -> str | None:
    """Where to, by the one word for it: `thread`, `dm`, `off`."""
    return WORDS.get(typed.casefold())


async def _as_it_is(call: Call, records: Records) -> Mapping[str, str]:
    chosen = (await records.standing(call.person)).preferences
    times = {"time": chosen.remind_at, "quiet_from": chosen.quiet_from, "quiet_until": chosen.quiet_until}
    holds = "thread" if chosen.closed_because else chosen.reminds  # what does not get through is chosen anew knowingly
    return {"by": WORDS[holds], **{name: f"{each:%H:%M}" for name, each in times.items() if each}}


@command(ask=True)
async def set_reminders(
    call: Call, records: Records, clock: Clock,
    by: Annotated[Where | None, Arg("Where may we remind you?", also=_also, fill=_as_it_is)] = None,
    time: Annotated[time | None, Arg("Direct messages: at which time?", fill=_as_it_is)] = None,
    quiet_from: Annotated[time | None, Arg("Direct messages: never from", fill=_as_it_is)] = None,
    quiet_until: Annotated[time | None, Arg("Direct messages: never until", fill=_as_it_is)] = None,
) -> Message:  # fmt: skip
    """Choose where and when you are reminded."""
    wanted = {"remind_at": time, "quiet_from": quiet_from, "quiet_until": quiet_until}
    chosen: dict[str, Any] = {name: each for name, each in wanted.items() if each is not None}
    if call.via == "form":  # which shows all there is: an empty time there is the cohort's again
        chosen["remind_at"] = time
    if by:
        chosen["reminds"] = KINDS[by]
    before = (await records.standing(call.person)).preferences
    after = replace(before, **chosen)
    if after.remind_at and is_quiet_time(after.remind_at, after):
        raise Refusal(
            "{time} is in your quiet hours, from {first} to {last}. Choose another time, or other quiet hours.",
            field="time", time=f"{after.remind_at:%H:%M}",
            first=f"{after.quiet_from:%H:%M}", last=f"{after.quiet_until:%H:%M}",
        )  # fmt: skip
    return await change_settings(call, records, clock, chosen)
