"""`/set language`: in which language one reads, and by which zone one lives."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from babel import Locale

from bot.chat.command import Arg, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock
from bot.commands.settings import change_settings
from bot.commands.zones import guess, read_zone, suggest_zones
from bot.records.records import Records

Language = Literal["as in my app", "English", "한국어"]
CODES = dict(zip(get_args(Language), (None, "en", "ko"), strict=True))
_TAGS = {code: name for name, code in CODES.items() if code}
_ALSO = _TAGS | {str(Locale(tag).english_name).casefold(): name for tag, name in _TAGS.items()}


def _also(typed: str) -> str | None:
    """The language by its tag, with a country or without, or by its English name."""
    return _ALSO.get(re.split("[-_]", typed.casefold())[0])


async def _as_it_is(call: Call, records: Records) -> Mapping[str, str]:
    """What holds now. A zone that was never chosen is guessed: sending the form confirms it."""
    chosen = (await records.standing(call.person)).preferences
    language = next(name for name, code in CODES.items() if code == chosen.language)
    zone = chosen.zone or guess(call)
    return {"language": language, **({"timezone": zone} if zone else {})}


@command(ask=True)
async def set_language(
    call: Call, records: Records, clock: Clock,
    language: Annotated[Language | None, Arg("In which language do you read?", also=_also, fill=_as_it_is)] = None,
    timezone: Annotated[str | None, Arg("In which zone?", max=64, suggest=suggest_zones, fill=_as_it_is)] = None,
) -> Message:  # fmt: skip
    """Choose your language and time zone."""
    wanted: dict[str, str | None] = {"zone": read_zone(timezone).key} if timezone else {}
    if language:
        wanted["language"] = CODES[language]
    return await change_settings(call, records, clock, wanted)
