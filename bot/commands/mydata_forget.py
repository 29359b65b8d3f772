"""`/mydata forget`: everything that is kept about one is removed, once one has typed that it shall be."""

import unicodedata
from typing import Annotated

from bot.chat.command import Arg, command
from bot.chat.message import Button, Message, Text, text
from bot.chat.platform import Call, Refusal
from bot.chat.wording import FALLBACK, plain, say, say_n
from bot.delivery.outbox import Delivery

WORD = say("FORGET ME")


@command()
async def mydata_forget(
    call: Call, delivery: Delivery,
    word: Annotated[str | None, Arg("Type FORGET ME to confirm", max=100)] = None,
) -> Message:  # fmt: skip
    """Have everything about you removed."""
    if word is None and call.via != "form":
        return _QUESTION
    if word is None or not _is_meant(word, call.locale):
        raise Refusal(
            "Nothing was removed. To have everything about you removed, type {word}.", field="word", word=WORD
        )
    done = await delivery.forget(call.person)
    if done is None:
        return text(say("Nothing is kept about you."))
    taken_back = say_n(
        "{n} post that shows you is being taken back.", "{n} posts that show you are being taken back.", done.posts
    )
    return Message(
        title=say("You are forgotten."),
        parts=(
            Text(text=say("Everything about you is removed. If you come back, you begin anew.")),
            *([Text(text=taken_back)] if done.posts else []),
            Text(text=_WHAT_STAYS),
        ),
    )


def _is_meant(typed: str, locale: str) -> bool:
    accepted = {_folded(plain(WORD, each)) for each in (locale, FALLBACK)}
    return _folded(typed) in accepted


def _folded(typed: str) -> str:
    """However it was typed: in capitals or not, and Hangul by letters, as a Mac writes it in places."""
    return " ".join(unicodedata.normalize("NFC", typed).split()).casefold()


_WHAT_STAYS = say(
    "What you wrote in channels yourself, and our private messages to you, are in your app: delete them there. Posts "
    "older than half a year are not known any more. Backups keep you until they are replaced, mostly for four weeks."
)
_QUESTION = Message(
    title=say("Shall everything about you be removed?"),
    parts=(
        Text(
            text=say(
                "Your settings, your accounts, your cohorts, all that you did, your check-ins, passes and drafts are "
                "removed, and nothing more is sent to you. **This cannot be undone.**"
            )
        ),
        Text(
            text=say(
                "Posts that show you are taken back: check-ins you shared, calls for help, recommendations, "
                "suggestions; and roles that Milepost gave you. Cohorts that you made go on, and announcements that "
                "you sent stay, without your name."
            )
        ),
        Text(text=_WHAT_STAYS),
    ),
    buttons=(
        Button(label=say("Remove everything about me …"), line="?mydata forget", style="danger"),
        Button(label=say("Get it as a file first"), line="mydata export"),
    ),
)
