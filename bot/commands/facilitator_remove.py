"""`/facilitator remove`: somebody looks after a cohort no longer."""

from typing import Annotated

from bot.chat.argument import in_words
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, paragraphs, press
from bot.chat.platform import Call, Clock, Person, Refusal
from bot.chat.wording import as_typed, say
from bot.commands import facilitators
from bot.commands.facilitator_add import word_of
from bot.commands.study import WhichCohort
from bot.delivery import looking_after
from bot.delivery.outbox import Delivery
from bot.records import audit
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def facilitator_remove(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    person: Annotated[Person, Arg("Who? (yourself, to step down)")],
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Have somebody look after a cohort no longer, or step down."""
    found = await records.cohort(call, cohort)
    is_oneself = facilitators.is_same(person, call.person)
    is_organiser = await records.organises(call, found)
    if not (is_organiser or is_oneself):
        raise Refusal(
            "Organisers alone remove other facilitators: the admins of the cohort's own community and those its "
            "operator listed. You may step down yourself.", field="person",
        )  # fmt: skip
    dismiss = audit.kept(call, looking_after.dismiss, clock.now(), found)
    told = await records.write(dismiss, found, person, call.person, clock.now())
    whom = person.seen_by(call.person)
    if told is None:
        raise Refusal(
            "{person} does not look after {cohort}. {line} shows who does.",
            field="person", person=whom, cohort=found.name, line=as_typed("facilitator list"),
        )  # fmt: skip
    delivery.soon()
    if is_oneself and not is_organiser:
        return Message(
            title=say("You look after {cohort} no longer.", cohort=found.name),
            parts=paragraphs(say("Thank you for what you did for it. Whoever looks after it can add you again.")),
        )
    again = press(say("Add again"), "facilitator add", {"person": in_words(person), "cohort": found.key})
    return Message(
        title=say("{person} looks after {cohort} no longer.", person=whom, cohort=found.name),
        parts=paragraphs(
            say("The weeks that they were to lead are nobody's in particular now."),
            await word_of(records, person, told),
        ),
        buttons=(facilitators.everybody(found), again),
    )
