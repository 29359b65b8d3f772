"""`/facilitator add`: somebody looks after a cohort, too."""

from collections.abc import Sequence
from typing import Annotated

from bot.chat.argument import person_in
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Choice, Message, paragraphs
from bot.chat.platform import Call, Clock, Missing, Person, Refusal
from bot.chat.wording import Phrase, as_typed, say
from bot.commands import facilitators
from bot.commands.study import WhichCohort
from bot.delivery import looking_after
from bot.delivery.notices import Told
from bot.delivery.outbox import Delivery
from bot.records import audit, cohorts, members
from bot.records.cohorts import Cohort
from bot.records.records import Records


async def suggest_members(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The members of the cohort on all its platforms: a picker of people knows those of its own."""
    found = await records.cohort(call, call.given.get("cohort"))
    platforms = {each.place.platform for each in await records.read(cohorts.places, found.id)}
    known = [each for name in sorted(platforms) for _, each in await records.read(members.people, found.id, name)]
    wanted = typed.strip().casefold()
    return [
        Choice(value=f"{each.platform}:{each.id}", label=say("{person}", person=each.seen_by(call.person)))
        for each in known
        if wanted in each.name.casefold() or wanted in f"{each.platform}:{each.id}".casefold()
    ]


async def _named(records: Records, cohort: Cohort, typed: str | None) -> Person:
    """The person who goes by that id; by the name that they are known by, if they are a member of the cohort."""
    if typed is None:
        raise Missing("Who? Choose somebody here, or a member on another platform.", field="person")
    found = person_in(typed.strip())
    if found is None:
        raise Refusal(
            "{typed} is nobody. Choose a member from the list, or write an id such as slack:T0123:U4567.",
            field="member", typed=typed,
        )  # fmt: skip
    known = await records.read(members.people, cohort.id, found.platform)
    return next((each for _, each in known if each.id == found.id), found)


@command(ask=True, allow=Rank.FACILITATOR)
async def facilitator_add(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    person: Annotated[Person | None, Arg("Who?")] = None,
    cohort: WhichCohort = None,
    member: Annotated[str | None, Arg("Or which member, on any platform?", max=75, suggest=suggest_members)] = None,
) -> Message:  # fmt: skip
    """Have somebody look after a cohort, too."""
    found = await records.cohort(call, cohort)
    person = person or await _named(records, found, member)
    await facilitators.check_person(call, records, found, person)
    appoint = audit.kept(call, looking_after.appoint, clock.now(), found)
    told = await records.write(appoint, found, person, call.person, clock.now())
    whom = person.seen_by(call.person)
    if told is None:
        raise Refusal("{person} looks after {cohort} already.", field="person", person=whom, cohort=found.name)
    delivery.soon()
    return Message(
        title=say("{person} looks after {cohort} now.", person=whom, cohort=found.name),
        parts=paragraphs(
            say("They may do with it what you may, but for removing other facilitators: organisers alone do that."),
            call.unseen.get(person.id),
            await word_of(records, person, told),
        ),
        buttons=(facilitators.everybody(found), facilitators.remove(call, found, person)),
    )  # fmt: skip


async def word_of(records: Records, person: Person, told: Told) -> Phrase | None:
    """Whether they hear of it from Milepost, or have to be told."""
    closed_because = (await records.standing(person)).preferences.closed_because
    if told == "nobody":
        return say("⚠ Milepost has no way to tell them. Please do so yourself.")
    if told == "told" and closed_because:
        return say("⚠ They take no private messages from Milepost ({reason}). Please tell them yourself.",
                   reason=closed_because)  # fmt: skip
    if told == "told":
        return say("They are told privately now. If that does not get through, {line} says so.",
                   line=as_typed("facilitator list"))  # fmt: skip
    return None
