"""`/facilitator add`: somebody looks after a cohort, too."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Message, Text
from bot.chat.platform import Call, Clock, Person, Refusal
from bot.chat.wording import Phrase, as_typed, say
from bot.commands import facilitators
from bot.commands.study import suggest_cohorts
from bot.delivery import looking_after
from bot.delivery.notices import Told
from bot.delivery.outbox import Delivery
from bot.records import audit
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def facilitator_add(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    person: Annotated[Person, Arg("Who?")],
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
) -> Message:  # fmt: skip
    """Have somebody look after a cohort, too."""
    found = await records.cohort(call, cohort)
    await facilitators.check_person(call, records, found, person)
    appoint = audit.kept(call, looking_after.appoint, clock.now(), found)
    told = await records.write(appoint, found, person, call.person, clock.now())
    whom = person.seen_by(call.person)
    if told is None:
        raise Refusal("{person} looks after {cohort} already.", field="person", person=whom, cohort=found.name)
    delivery.soon()
    return Message(
        title=say("{person} looks after {cohort} now.", person=whom, cohort=found.name),
        parts=(
            Text(text=say("They may do with it what you may, but for removing other facilitators: organisers alone do "
                          "that.")),
            *word_of(told, (await records.standing(person)).preferences.closed_because),
        ),
        buttons=(facilitators.everybody(found), facilitators.remove(call, found, person)),
    )  # fmt: skip


def word_of(told: Told, closed_because: str | None) -> list[Text]:
    """Whether they hear of it from Milepost, or have to be told."""
    said: Phrase | None = None
    if told == "nobody":
        said = say("⚠ Milepost has no way to tell them. Please do so yourself.")
    elif told == "told" and closed_because:
        said = say("⚠ They take no private messages from Milepost ({reason}). Please tell them yourself.",
                   reason=closed_because)  # fmt: skip
    elif told == "told":
        said = say("They are told privately now. If that does not get through, {line} says so.",
                   line=as_typed("facilitator list"))  # fmt: skip
    return [Text(text=said)] if said else []
