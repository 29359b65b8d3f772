"""`/cohort place remove`: a place is its cohort's no longer."""

from collections.abc import Sequence
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Choice, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import as_typed, listed, say
from bot.delivery.projecting import Projecting
from bot.records import audit, cohorts, homes
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.records import Records
from bot.records.references import is_meant, refer


async def suggest_places(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The places of this community's cohorts, by the name of the place or of the cohort."""
    wanted = typed.strip().casefold()
    return [
        Choice(value=refer(each.id, each.what), label=listed([each.place.seen_from(call.place), cohort.name]))
        for cohort, each in await _places(call, records)
        if wanted in f"{each.place.name} {cohort.name}".casefold()
    ]


@command(allow=Rank.FACILITATOR)
async def cohort_place_remove(
    call: Call, records: Records, clock: Clock, projecting: Projecting,
    place: Annotated[str | None, Arg("Which place? (this channel if empty)", suggest=suggest_places)] = None,
) -> Message:  # fmt: skip
    """Have a cohort's posts come to a place no longer."""
    cohort, there = await _here(call, records) if place is None else await _named(call, records, place)
    remove = audit.kept(call, homes.remove, clock.now(), cohort)
    if not await records.write(remove, there.id, clock.now()):
        raise Refusal(
            "This is the only place of {cohort}. Give it another one first: {line}, in another channel.",
            cohort=cohort.name, line=as_typed("cohort place add"),
        )  # fmt: skip
    projecting.soon()
    return Message(
        title=say("{cohort} posts in {place} no longer.", cohort=cohort.name, place=there.place.seen_from(call.place)),
        parts=(Text(text=say("What was posted stays. The cohort goes on in its other places, with everybody in it.")),),
    )


async def _here(call: Call, records: Records) -> tuple[Cohort, CohortPlace]:
    # The channel is this community's, so its admins may close it also to a cohort of another one.
    found = await records.here(call)
    if found is None or not (call.is_admin or found in await records.looked_after(call)):
        raise Refusal("No cohort is at home in this channel. {line} shows them all.", line=as_typed("cohort list"))
    return found, next(each for each in await records.read(cohorts.places, found.id) if each.place.is_at(call.place))


async def _named(call: Call, records: Records, typed: str) -> tuple[Cohort, CohortPlace]:
    """The place with that number or name, of a cohort of this community."""
    wanted = typed.strip().casefold()
    for cohort, each in await _places(call, records):
        if wanted == each.place.name.casefold() or is_meant(wanted, each.id, each.what):
            return cohort, each
    raise Refusal(
        "No cohort of this community has a place called {typed}. {line} names them.",
        field="place", typed=typed, line=as_typed("cohort status"),
    )  # fmt: skip


async def _places(call: Call, records: Records) -> list[tuple[Cohort, CohortPlace]]:
    looked_after = await records.looked_after(call)
    return [(cohort, each) for cohort in looked_after for each in await records.read(cohorts.places, cohort.id)]
