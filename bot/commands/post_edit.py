"""`/post edit`: words of one's own in one post of a season."""

from collections.abc import Mapping
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message
from bot.chat.platform import Call, Clock, Missing, Refusal
from bot.chat.wording import say
from bot.commands.planning import PlannedPost, Planning
from bot.delivery import amending
from bot.delivery.outbox import Delivery
from bot.records import post_notes
from bot.records.post_notes import PostNote
from bot.records.records import Records


async def _as_it_is(call: Call, records: Records, planning: Planning) -> Mapping[str, str]:
    """What the post says of its own so far."""
    if not (typed := call.given.get("post")):
        return {}
    meant = await planning.find(call, typed)
    said = await records.read(post_notes.get, meant.cohort.id, meant.post.kind, meant.post.step)
    return {name: value for name, value in (("note", said.note), ("title", said.title)) if value}


@command(ask=True, allow=Rank.FACILITATOR)
async def post_edit(
    call: Call, records: Records, clock: Clock, planning: Planning, delivery: Delivery, post: PlannedPost,
    note: Annotated[str | None, Arg("A note at its top (empty: none)", long=True, max=800, fill=_as_it_is)] = None,
    title: Annotated[str | None, Arg("What is its week called? (empty: as usual)", max=80, fill=_as_it_is)] = None,
) -> Message:  # fmt: skip
    """Put a note at the top of one post, or another title on a week's milestone."""
    meant = await planning.find(call, post)
    planned, cohort = meant.post, meant.cohort
    if planned.kind != "milestone" and title:
        raise Refusal("Only the milestone of a week has a title of its own. Leave it empty.", field="title")
    if planned.kind != "milestone" and not meant.is_ahead(clock.now()):
        raise Refusal("It is posted already, and is not changed any more. A milestone can still be.")
    said = PostNote(title or None, note or None)
    if call.via != "form":  # which shows all there is; in a line, what is left out stays
        if (note, title) == (None, None):
            raise Missing("What is to be said at its top? Or give its week another title.", field="note")
        was = await records.read(post_notes.get, cohort.id, planned.kind, planned.step)
        said = PostNote(was.title if title is None else said.title, was.note if note is None else said.note)
    is_new = await records.write(amending.reword, call, cohort, planned.kind, planned.step, said, clock.now())
    delivery.soon()
    done = say("That is what it says now, wherever it is or will be.") if is_new else say("It says that already.")
    return await planning.show(call, post, done)
