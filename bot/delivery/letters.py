"""Letters: a kind word that a facilitator writes to a member, carried privately by Milepost, once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat import line
from bot.chat.message import Button, Message, Post, Text
from bot.chat.platform import Failure, Person, Refusal, Rejected
from bot.chat.wording import Phrase, Value, listed, say
from bot.delivery import notices, reminding
from bot.delivery.calendar import period
from bot.delivery.hours import awake_at
from bot.delivery.reminding import NotYet
from bot.records import cohorts, heard, posts, reminders
from bot.records.claims import Due
from bot.records.cohorts import Cohort
from bot.records.members import way_to
from bot.records.references import refer
from bot.records.reminders import Reader


def button(cohort: Cohort, enrolment_id: int, name: str) -> Button:
    """The button that begins a letter to the member."""
    given = {"member": refer(enrolment_id, cohort.key), "cohort": cohort.key}
    return Button(label=say("Write to {name}", name=name), line=line.write("write", given, asks=True))


def draft(name: str, by: str, cohort: str, *, last: Value | None, blocked: str | None, step: Value | None) -> Phrase:
    """What a facilitator may say to a member who went quiet, to be changed: no reproach, one small step, a way out.

    `last` is what the member did last, `blocked` what they said is in their way, and `step` one small thing that comes
    next, if they are known.
    """
    lines = [say("Hello {name}, this is {by} from {cohort}. How are you?", name=name, by=by, cohort=cohort)]
    if last:
        lines.append(say("The last thing that I saw of yours was “{last}”, and it counts as ever.", last=last))
    if blocked:
        lines.append(say("You wrote that this is in your way: “{words}”. Can we look at it together?", words=blocked))
    elif step:
        lines.append(say("Nothing has to be caught up on. A small step from here: {step}.", step=step))
    lines.append(
        say("And if now is not the time, that is fine. The buttons below take a break for you, or let you leave.")
    )
    return listed(lines, "\n\n")


def send(
    connection: Connection, cohort: Cohort, reader: Reader, words: str, by: Person, now: datetime
) -> tuple[Person, datetime] | None:
    """Put the letter, which waits for the end of the member's quiet hours. Returns who gets it, and when.

    The same words by the same person are the same letter, put once. None if there is no way to the member. Raises a
    Refusal where they have been written to in this local week: two letters in a week are a nuisance.
    """
    places = cohorts.places(connection, cohort.id)
    ways = [(each, way) for each in reader.accounts if (way := way_to(each, places))]
    if not ways:
        return None
    person, way = ways[0]
    ready_at = awake_at(now, reader.chosen, reader.zone)
    week = period(now.astimezone(cohort.zone).date())
    mine = f"{cohort.key}:letter:{week}-e{reader.enrolment_id}-"
    payload = {
        "message": _message(cohort, by, person, words).model_dump(mode="json"), "words": words,
        "enrolment": reader.enrolment_id, "person": person.model_dump(mode="json"), "by": by.model_dump(mode="json"),
    }  # fmt: skip
    sent = heard.letters(connection, cohort.id).get(reader.enrolment_id)
    if sent and sent.key.startswith(mine) and posts.payload(connection, sent.key) == payload:
        return person, max(sent.at, ready_at)
    # Each that came back makes room for another; two who write at once would have the same number.
    key = f"{mine}{len(posts.beginning(connection, cohort.id, mine))}"
    is_first = not (sent and sent.key.startswith(mine))
    if not is_first or not posts.put(connection, key, "letter", cohort.id, way.id, now, payload, ready_at=ready_at):
        raise Refusal(
            "{name} was written to this week already. Give it a few days: your words are not sent.", name=person.name
        )
    return person, ready_at


def privately(connection: Connection, due: Due, cohort: Cohort, now: datetime) -> Post:
    """The letter, in its reader's language.

    Raises NotYet in their quiet hours, and Rejected for who has left since: its writer gets the words back.
    """
    reader = reminders.reader(connection, cohort, due.payload["enrolment"])
    if reader is None:
        name = Person.model_validate(due.payload["person"]).name
        raise Rejected(f"{name} has left {cohort.name} since")
    until = awake_at(now, reader.chosen, reader.zone)
    if until > now:
        raise NotYet(until)
    message = Message.model_validate(due.payload["message"])
    return Post(key=due.key, message=message, locale=reader.chosen.language or cohort.language)


def bring_back(connection: Connection, due: Due, now: datetime, reason: Failure | str) -> bool:
    """Record, under the fence, that the letter did not get through, and give its writer their words back.

    False if somebody else has the post by now.
    """
    if not reminding.give_up(connection, due, due.payload["enrolment"], now, reason):
        return False
    _return(connection, cohorts.get(connection, due.cohort_id), due.key, due.payload, now, str(reason))
    return True


def bring_back_all(connection: Connection, cohort: Cohort, now: datetime) -> None:
    """Give the writers of letters that still wait their words back; the cohort is about to be archived."""
    for key, payload in heard.letters_waiting(connection, cohort.id):
        _return(connection, cohort, key, payload, now, f"{cohort.name} is archived")


def _return(
    connection: Connection, cohort: Cohort, key: str, payload: Mapping[str, Any], now: datetime, reason: str
) -> None:
    by, person = (Person.model_validate(payload[each]) for each in ("by", "person"))
    name, what = person.seen_by(by), key.rpartition("letter:")[2]
    words = Message(
        title=say("{person} did not get what you wrote.", person=name),
        parts=(
            Text(text=reason),
            Text(text=say("Write to {person} yourself, if you know a way; these were your words:", person=name)),
            Text(text=payload["words"]),
        ),
    )
    notices.tell(connection, cohort, by, f"letter-{what}", now, words, by=person)


def _message(cohort: Cohort, by: Person, to: Person, words: str) -> Message:
    name = by.seen_by(to)
    return Message(
        title=say("{person}, who looks after {cohort}, wrote to you:", person=name, cohort=cohort.name),
        parts=(
            Text(text=words),
            Text(text=say("Milepost only carries this, and nobody reads answers here. Write to {person} directly.",
                          person=name)),
        ),
        buttons=reminding.ways_on(cohort),
    )  # fmt: skip
