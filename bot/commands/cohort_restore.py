"""`/cohort restore`: an archived cohort goes on."""

from collections.abc import Sequence
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Choice, Message, Text, press
from bot.chat.platform import Call, Clock, Missing, Refusal
from bot.chat.wording import listed, say
from bot.commands.study import check_home
from bot.delivery import archiving
from bot.delivery.outbox import Delivery
from bot.delivery.projecting import Projecting
from bot.records import audit, cohorts
from bot.records.cohorts import Cohort, named
from bot.records.records import Records


async def suggest_archived(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The archived cohorts whose names hold what was typed, of those that the person looks after here."""
    wanted = typed.strip().casefold()
    found = await records.archived(call)
    return [Choice(value=each.key, label=each.name) for each in found if wanted in each.name.casefold()]


@command(allow=Rank.FACILITATOR)
async def cohort_restore(
    call: Call, records: Records, clock: Clock, delivery: Delivery, projecting: Projecting,
    cohort: Annotated[str | None, Arg("Which archived cohort?", suggest=suggest_archived)] = None,
) -> Message:  # fmt: skip
    """Bring an archived cohort back; it is paused then."""
    found = await _meant(call, records, cohort)
    check_home(call)
    bring_back = audit.kept(call, archiving.bring_back, clock.now(), found)
    back = await records.write(bring_back, found, call.place, clock.now())
    delivery.soon()
    projecting.soon()
    places = [each.place.seen_from(call.place) for each in await records.read(cohorts.places, back.id)]
    given = {"cohort": back.key}
    return Message(
        title=say("{cohort} is back in {places}.", cohort=back.name, places=listed(places)),
        parts=(Text(text=say("It is paused: nothing is posted until you let it go on.")),),
        buttons=(
            press(say("Let it go on"), "cohort resume", given, style="primary"),
            press(say("Status"), "cohort status", given),
        ),
    )


async def _meant(call: Call, records: Records, typed: str | None) -> Cohort:
    """The archived cohort that was named, else the only one. Raises a Refusal that lists those there are."""
    among = await records.archived(call)
    found = named(among, typed) if typed else among[0] if len(among) == 1 else None
    if found is not None:
        return found
    if typed and (running := named(await records.looked_after(call), typed)):
        raise Refusal("{cohort} is not archived.", cohort=running.name)
    names = ", ".join(each.name for each in among)
    if not names:
        raise Refusal("No cohort of yours is archived here.")
    if typed:
        raise Refusal(
            "No archived cohort is called {typed}. Choose from {names}.", field="cohort", typed=typed, names=names
        )
    raise Missing("Which cohort? Name one of {names}.", field="cohort", names=names)
