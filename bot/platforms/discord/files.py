"""Files that go to Discord in the same request as the message that shows them."""

import json
import logging
import mimetypes
from collections.abc import Mapping
from typing import Any

from bot.chat.message import File, Message, Part, Text
from bot.chat.platform import Draw, NotDrawn
from bot.platforms.discord.render import pictures

log = logging.getLogger(__name__)

Files = Mapping[str, bytes]
"""What files hold, by the names under which a message refers to them."""

NONE: Files = {}


async def with_files(message: Message, locale: str, draw: Draw) -> tuple[Message, Files]:
    """The message as it can be shown, with its files and pictures; in the place of one not drawn is its alt text."""
    wanted = pictures(message)
    files = {each.name: each.content for each in message.parts if isinstance(each, File)}
    if not wanted:
        return message, files
    made: dict[str, bytes] = {}
    parts: list[Part] = list(message.parts)
    for each in wanted.values():
        try:
            png = await draw.png(each, locale)
        except NotDrawn as failure:
            log.warning("words take the place of a picture: %s", failure)
            parts[parts.index(each)] = Text(text=each.alt)
        else:
            made[f"picture-{len(made) + 1}.png"] = png
    shown = message if len(made) == len(wanted) else message.model_copy(update={"parts": tuple(parts)})
    return shown, made | files


def attached(payload: Mapping[str, Any], files: Files) -> dict[str, Any]:
    """The message with exactly these files; one that replaces another drops what that had."""
    return {**payload, "attachments": [{"id": str(number), "filename": name} for number, name in enumerate(files)]}


def fields(payload: Mapping[str, Any], files: Files) -> list[dict[str, Any]]:
    """The fields of a form that carries a payload with its files.

    From https://discord.com/developers/docs/reference#uploading-files.
    """
    body = {"name": "payload_json", "value": json.dumps(payload), "content_type": "application/json"}
    kinds = {name: mimetypes.guess_type(name)[0] or "application/octet-stream" for name in files}
    sent = [{"filename": name, "value": held, "content_type": kinds[name]} for name, held in files.items()]
    return [body, *({"name": f"files[{number}]", **each} for number, each in enumerate(sent))]
