"""Letters: a kind word that a facilitator writes to a member, carried privately by Milepost, once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat import line
from bot.chat.message import Button, Message, Post, Text
from bot.chat.platform import Closed, Failure, Person, Refusal
from bot.chat.wording import Mention, Phrase, Value, listed, say
from bot.delivery import notices
from bot.delivery.calendar import period
from bot.delivery.hours import awake_at
from bot.records import claims, cohorts, heard, posts, preferences, reminders
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


def privately(connection: Connection, due: Due, cohort: Cohort) -> Post | None:
    """The letter, in its reader's language; None if they have left since."""
    reader = reminders.reader(connection, cohort, due.payload["enrolment"])
    if reader is None:
        return None
    message = Message.model_validate(due.payload["message"])
    return Post(key=due.key, message=message, locale=reader.chosen.language or cohort.language)


def bring_back(connection: Connection, due: Due, now: datetime, reason: Failure | str) -> bool:
    """Record, under the fence, that the letter did not get through, and give its writer their words back.

    Whoever takes no private messages is sent none from now on. False if somebody else has the post by now.
    """
    if not claims.settle(connection, due, "skipped", now, reason=str(reason)):
        return False
    if isinstance(reason, Closed):
        preferences.close(connection, due.payload["enrolment"], now, str(reason))
    by, person = (Person.model_validate(due.payload[each]) for each in ("by", "person"))
    notices.returned(
        connection, cohorts.get(connection, due.cohort_id), due.key.rpartition("letter:")[2], now,
        to=by, about=person, words=due.payload["words"], reason=str(reason),
    )  # fmt: skip
    return True


def _message(cohort: Cohort, by: Person, to: Person, words: str) -> Message:
    name: Mention | str = by.mention() if by.platform == to.platform else f"{by.name} ({by.platform.capitalize()})"
    there: dict[str, Any] = {"cohort": cohort.key}
    return Message(
        title=say("{person}, who looks after {cohort}, wrote to you:", person=name, cohort=cohort.name),
        parts=(
            Text(text=words),
            Text(text=say("Milepost only carries this, and nobody reads answers here. Write to {person} directly.",
                          person=name)),
        ),
        buttons=(
            Button(label=say("Start again here"), line=line.write("next", there), style="primary"),
            Button(label=say("Take a break"), line=line.write("pass", there)),
            Button(label=say("Leave"), line=line.write("leave", there)),
        ),
    )  # fmt: skip
