"""`/cohort reopen`: try again where posts did not get through, or where the role or the events could not be set."""

from bot.chat.command import Rank, command
from bot.chat.message import Message, paragraphs, press
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import listed, say
from bot.commands.study import WhichCohort, season_of
from bot.curriculum.load import Curricula
from bot.delivery import due
from bot.delivery.outbox import Delivery
from bot.delivery.projecting import Projecting
from bot.records import audit, projections
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_reopen(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery, projecting: Projecting,
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Try again where posts did not get through."""
    found = await records.cohort(call, cohort)
    length = len(season_of(curricula, found))
    reopen = audit.kept(call, due.reopen, clock.now(), found)
    places = await records.write(reopen, found, clock.now(), length)
    # One entry for what was asked once.
    show = projections.try_again if places else audit.noted(call, projections.try_again, clock.now(), found)
    is_shown_again = await records.write(show, found.id, clock.now())
    if not places and not is_shown_again:
        raise Refusal("{cohort} has lost no place: its posts get through.", cohort=found.name)
    delivery.soon()
    projecting.soon()
    title = say("Trying again in {places}", places=listed([each.seen_from(call.place) for each in places]))
    posted = say("What is not too late is posted now. If it fails again, you are told why.")
    shown = say("The role and the events are set again now. If that fails again, the status says why.")
    return Message(
        title=title if places else say("Trying again"),
        parts=paragraphs(posted if places else None, shown if is_shown_again else None),
        buttons=(press(say("Status"), "cohort status", {"cohort": found.key}),),
    )
