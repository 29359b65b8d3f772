"""Files on Slack. A private reply can have none there, so they go into the reader's own conversation with the app."""

import logging

from bot.chat.message import File, Message, Part, Text
from bot.chat.platform import Failure, Unknown
from bot.chat.wording import Phrase, say
from bot.platforms.slack.client import Web, code

log = logging.getLogger(__name__)


async def handed_over(web: Web, user: str, message: Message) -> Message:
    """The message as it can be shown, with each of its files sent to the person, or a word on why it was not."""
    parts: list[Part] = [
        Text(text=await _hand_over(web, user, each)) if isinstance(each, File) else each for each in message.parts
    ]
    return message.model_copy(update={"parts": tuple(parts)})


async def _hand_over(web: Web, user: str, file: File) -> Phrase:
    """Send it in the three steps of docs.slack.dev/messaging/working-with-files, each tried once; what came of it."""
    try:
        opened = await web.call("conversations.open", users=user)
        place = await web.call("files.getUploadURLExternal", filename=file.name, length=len(file.content))
        await web.upload(place["upload_url"], file.content)
        named = {"id": place["file_id"], "title": file.name}
        await web.call("files.completeUploadExternal", files=[named], channel_id=opened["channel"]["id"])
    except Failure as failure:
        log.warning("a file is not handed over: %s", failure)
        if code(failure) == "missing_scope":
            return say(
                "{name} could not be sent to you: this workspace has not allowed Milepost to send files (files:write). "
                "Whoever runs Milepost can install its app anew, with what `milepost manifest` prints; then ask again.",
                name=file.name,
            )
        if isinstance(failure, Unknown):
            return say(
                "Whether {name} got through, Slack did not say. Look among your direct messages from Milepost; if it "
                "is not there, ask again.", name=file.name,
            )  # fmt: skip
        return say("Slack did not take {name}. Please ask again in a moment.", name=file.name)
    return say("{name} is among your direct messages from Milepost, where only you see it.", name=file.name)
