"""`/post settle`: a post that may or may not have got through is there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Choice, Message, Text
from bot.chat.platform import DIRECT, Call, Clock, Refusal
from bot.chat.wording import Phrase, as_typed, listed, say
from bot.delivery.notices import KINDS
from bot.delivery.schedule import LATEST
from bot.records import audit, posts
from bot.records.posts import Doubtful
from bot.records.records import Records
from bot.records.references import is_meant, number_in, refer


async def suggest_posts(call: Call, typed: str, records: Records, clock: Clock) -> Sequence[Choice]:
    """The posts of this community that somebody has to decide about."""
    since = clock.now() - LATEST["milestone"]
    looked_after = await records.looked_after(call)
    found = [each for cohort in looked_after for each in await records.read(posts.doubtful, cohort.id, since)]
    return [
        Choice(value=refer(each.id, each.key), label=listed([KINDS[each.kind], each.cohort.name], ", "))
        for each in found
        if refer(each.id, each.key).startswith(typed.strip())
    ]


async def find_post(call: Call, records: Records, typed: str) -> Doubtful:
    """The post that is referred to, of a cohort that the person looks after: in this community, or in direct messages.

    Raises a Refusal for any other.
    """
    number = number_in(typed)
    found = None if number is None else await records.read(posts.find, number)
    if found is not None and found.kind in KINDS and is_meant(typed, found.id, found.key):
        facilitates = (await records.standing(call.person)).facilitates
        is_theirs = call.place.community == DIRECT and found.cohort.id in facilitates
        if is_theirs or found.cohort.id in [each.id for each in await records.looked_after(call)]:
            return found
    raise Refusal(
        "There is no post {typed} here to decide about. {line} shows what is open.",
        typed=typed, line=as_typed("cohort status"),
    )  # fmt: skip


async def decide(
    call: Call, records: Records, now: datetime, found: Doubtful, state: Literal["sent", "pending"], said: Phrase
) -> Message:
    """Have it be so, and say it, unless something was decided before."""
    verb = audit.noted(call, posts.decide, now, found.cohort)
    is_new = await records.write(verb, found.id, state, now)
    status = line.write("cohort status", {"cohort": found.cohort.key})
    return Message(
        parts=(Text(text=said if is_new else say("This is decided already; nothing changes.")),),
        buttons=(Button(label=say("Status"), line=status),),
    )


@command(allow=Rank.FACILITATOR)
async def post_settle(
    call: Call, records: Records, clock: Clock,
    post: Annotated[str, Arg("Which post?", max=40, suggest=suggest_posts)],
) -> Message:  # fmt: skip
    """Say that a post whose fate was not known is there."""
    found = await find_post(call, records, post)
    said = say("Thank you. It counts as posted, and is not posted again.")
    return await decide(call, records, clock.now(), found, "sent", said)
