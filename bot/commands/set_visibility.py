"""`/set visibility`: what of one is shown, to oneself and to others."""

from collections.abc import Mapping
from typing import Annotated

from bot.chat.command import Arg, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.settings import change_settings
from bot.records.records import Records


async def _as_it_is(call: Call, records: Records) -> Mapping[str, str]:
    chosen = (await records.standing(call.person)).preferences
    return {name: "yes" if on else "no" for name, on in (("streak", chosen.shows_streak), ("share", chosen.shares))}


@command(ask=True)
async def set_visibility(
    call: Call, records: Records, clock: Clock,
    streak: Annotated[bool | None, Arg("Show you your streak?", fill=_as_it_is)] = None,
    share: Annotated[bool | None, Arg("Share your check-ins by default?", fill=_as_it_is)] = None,
) -> Message:  # fmt: skip
    """Choose what is shown of you."""
    wanted = {"shows_streak": streak, "shares": share}
    return await change_settings(
        call, records, clock, {name: each for name, each in wanted.items() if each is not None}
    )
