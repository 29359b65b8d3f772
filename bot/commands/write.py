"""`/write`: a kind word of a facilitator's to a member, carried privately."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Choice, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, Phrase, Wording, as_typed, plain, say
from bot.commands.study import followed, study_of, suggest_cohorts
from bot.curriculum.load import Curricula
from bot.delivery import letters
from bot.delivery.outbox import Delivery
from bot.records import audit, heard, members, reminders
from bot.records.cohorts import Cohort
from bot.records.heard import Heard
from bot.records.records import Records
from bot.records.references import is_meant, refer
from bot.records.reminders import Reader

LONGEST = 120  # characters of what somebody wrote


async def suggest_members(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """Those who are in the cohort, by name."""
    cohort = await records.told_of(call, call.given.get("cohort"))
    wanted = typed.strip().casefold()
    everybody = await records.read(heard.of_cohort, cohort.id)
    return [
        Choice(value=refer(id_, cohort.key), label=each.name)
        for id_, each in everybody.items()
        if wanted in each.name.casefold()
    ]


async def _draft(call: Call, records: Records, curricula: Curricula, clock: Clock) -> Mapping[str, str]:
    """A kind word, in the language of whoever gets it."""
    typed = call.given.get("member")
    if typed is None:
        return {}
    cohort = await records.told_of(call, call.given.get("cohort"))
    reader, known = await _meant(records, cohort, typed)
    curriculum = followed(curricula, cohort)
    standing = await records.standing(reader.accounts[0])
    enrolment = standing.enrolled(cohort.id)
    locale = reader.chosen.language or cohort.language
    tasks = study_of(curricula, enrolment, standing).next_tasks(clock.now(), 1) if enrolment else []
    task = curriculum.task(known.last.task) if known.last and known.last.task else None
    said = letters.draft(
        known.name,
        call.person.name,
        cohort.name,
        last=task.text if task else (known.last.said[:LONGEST] if known.last else None),
        blocked=known.blocked.words[:LONGEST] if known.blocked else None,
        step=tasks[0].text if tasks else None,
    )
    return {"text": plain(said, locale)}


async def _question(call: Call, records: Records) -> Wording:
    """What the field of the words asks: whoever they are for is called by name, which a button does not show."""
    typed = call.given.get("member")
    if typed is None:
        return say("What do you want to write?")
    _, known = await _meant(records, await records.told_of(call, call.given.get("cohort")), typed)
    return say("Your words to {name}", name=known.name[:30])


@command(ask=True, allow=Rank.FACILITATOR)
async def write(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    member: Annotated[str, Arg("To whom?", max=200, suggest=suggest_members)],
    text: Annotated[str, Arg("What do you want to write?", long=True, max=1500, fill=_draft, asks=_question)],
    cohort: Annotated[str | None, Arg("Of which cohort?", suggest=suggest_cohorts)] = None,
) -> Message:  # fmt: skip
    """Write to a member who went quiet, or asked for help."""
    found = await records.told_of(call, cohort)
    reader, known = await _meant(records, found, member)
    if not reader.chosen.takes_letters:
        return await _yourself(call, records, reader, text, say("{name} wants no word from Milepost.", name=known.name))
    now = clock.now()
    to = reader.accounts[0]  # by name and id, by which they are forgotten
    silently = replace(call, given={"member": f"{known.name} ({to.platform}:{to.id})", "cohort": found.key})
    send = audit.noted(silently, letters.send, now, found)
    sent = await records.write(send, found, reader, text, call.person, now)
    if sent is None:
        return await _yourself(call, records, reader, text, say("Milepost has no way to {name}.", name=known.name))
    delivery.soon()
    _, at = sent
    when = say("{name} gets it at once, as a private message.", name=known.name)
    if at > now:
        moment = Moment(at=at, zone=reader.zone.key)
        when = say(
            "{name} gets it {at}, as a private message, when their quiet hours are over.", name=known.name, at=moment
        )
    return Message(
        title=say("Your word to {name} is on its way.", name=known.name),
        parts=(
            Text(text=when),
            Text(text=text),
            Text(text=say("It says that it is from you. Should it not get through, you are told, with your words.")),
        ),
    )


async def _yourself(call: Call, records: Records, reader: Reader, text: str, why: Phrase) -> Message:
    """What helps where Milepost may not write, or cannot; the words are not lost."""
    person = await records.read(members.person, reader.enrolment_id, call.place.platform) or reader.accounts[0]
    name = person.seen_by(call.person)
    return Message(
        title=why,
        parts=(Text(text=say("Nothing was sent. Write to {person} yourself; these are your words:", person=name)),
               Text(text=text)),
    )  # fmt: skip


async def _meant(records: Records, cohort: Cohort, typed: str) -> tuple[Reader, Heard]:
    """The member of that name, or whom a button names. Raises a Refusal for nobody, and for one of several."""
    wanted = typed.strip().casefold()
    everybody = await records.read(heard.of_cohort, cohort.id)
    named = [id_ for id_, each in everybody.items() if each.name.casefold() == wanted]
    found = [id_ for id_ in everybody if is_meant(typed, id_, cohort.key)] or named
    if len(found) > 1:
        raise Refusal("Several members are called {name}. Choose one from the list.", field="member", name=typed)
    reader = await records.read(reminders.reader, cohort, found[0]) if found else None
    if reader is None or not found:
        raise Refusal(
            "Nobody in {cohort} is called {name}. {line} lists who went quiet.",
            field="member", cohort=cohort.name, name=typed, line=as_typed("cohort quiet"),
        )  # fmt: skip
    return reader, everybody[found[0]]
