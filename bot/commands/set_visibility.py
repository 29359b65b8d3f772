"""`/set visibility`: what of one is shown, to oneself and to others."""

from collections.abc import Mapping
from typing import Annotated

from bot.chat.command import Arg, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.chat.wording import say
from bot.commands.settings import settings_card
from bot.records import members
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
    await records.write(
        members.choose, call.person, clock.now(), {name: each for name, each in wanted.items() if each is not None}
    )
    return await settings_card(call, records, clock, say("Your settings are changed."))
