"""`/announce`: a draft with a preview; nothing is sent before the facilitator says so."""

from collections.abc import Sequence
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Choice, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import listed, say, say_n
from bot.commands.study import suggest_cohorts
from bot.delivery.compose import announcement
from bot.records import announcements, cohorts, members
from bot.records.announcements import Announcement
from bot.records.records import Records

LONGEST = 2000
ALL = "all"


async def suggest_readers(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """All cohorts of this community, or one of them."""
    every = Choice(value=ALL, label=say("All cohorts here"))
    return [*([every] if typed.strip().casefold() in ALL else []), *await suggest_cohorts(call, typed, records)]


@command(ask=True, allow=Rank.FACILITATOR)
async def announce(
    call: Call, records: Records, clock: Clock,
    text: Annotated[str, Arg("What do you want to say?", long=True, max=LONGEST)],
    cohort: Annotated[str | None, Arg("To which cohort? (all for every one)", suggest=suggest_readers)] = None,
) -> Message:  # fmt: skip
    """Write an announcement; you see it before anybody else does."""
    town = await records.town(call.place.platform, call.place.community)
    to_all = cohort is not None and cohort.casefold() == ALL and town.cohorts
    readers = list(town.cohorts) if to_all else [await records.cohort(call, cohort)]
    community_id = readers[0].community_id
    account_id, _ = await records.write(members.account, call.person, clock.now())
    made = await records.write(
        announcements.draft, community_id, account_id, clock.now(), text, tuple(each.id for each in readers)
    )
    return await preview(call, records, made)


async def preview(call: Call, records: Records, draft: Announcement) -> Message:
    """The draft as its readers would see it, to whom it goes, and what can be done with it."""
    readers = [await records.read(cohorts.get, each) for each in draft.cohort_ids]
    size = sum([await records.read(cohorts.size, each.id) for each in readers])
    places = [place for each in readers for place in await records.read(cohorts.places, each.id)]
    shown = announcement(readers[0], draft.text)
    reached = [each.place.seen_from(call.place) for each in places if each.lost_because is None]
    goes_to = say("⚠ Goes to nobody: no place of the cohort can be reached.")
    if reached:
        goes_to = say_n(
            "Goes to {places}, where {n} member reads it. Nobody is notified.",
            "Goes to {places}, where {n} members read it. Nobody is notified.",
            size, places=listed(reached),
        )  # fmt: skip
    given = {"draft": draft.ref}
    return Message(
        title=say("Preview: nothing is sent yet"),
        parts=(Text(text=say("**{title}**", title=shown.title or "")), *shown.parts, Text(text=goes_to)),
        buttons=(
            Button(label=say("Send now"), line=line.write("announcement send", given), style="primary"),
            Button(label=say("Edit"), line=line.write("announcement edit", given, asks=True)),
            Button(label=say("Cancel"), line=line.write("announcement cancel", given), style="danger"),
        ),
    )
