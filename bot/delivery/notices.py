"""Word to the facilitator who made a cohort, privately: what of its posts does not get through, and the way out."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from bot.chat.message import Message, Text
from bot.chat.platform import Place
from bot.chat.wording import Phrase, Wording, as_typed, say
from bot.records import cohorts, posts
from bot.records.cohorts import Cohort
from bot.records.posts import Due

log = logging.getLogger(__name__)


def lose(connection: Connection, due: Due, now: datetime, reason: str) -> bool:
    """Record, under the fence, that the post's place is lost, and tell who made the cohort, once for every loss.

    False if somebody else has taken the post over since.
    """
    cohort = cohorts.get(connection, due.cohort_id)
    was_lost = any(each.lost_because for each in cohorts.places(connection, cohort.id) if each.id == due.place_id)
    if not posts.settle_lost(connection, due, now, reason):
        return False
    if not was_lost:
        _tell(
            connection, cohort, due, f"lost-{due.id}-{due.attempt}", now,
            say("{cohort} gets no more posts in {place}", cohort=cohort.name, place=_mention(due.place)),
            reason,
            say("Once that is mended, {line} has a button to try again: what is not too late is posted then.",
                line=as_typed("cohort status")),
        )  # fmt: skip
    return True


def without_thread(connection: Connection, due: Due, now: datetime, reason: str) -> None:
    """Tell who made the cohort that posts go out there without the thread that belongs to them; once for a place."""
    cohort = cohorts.get(connection, due.cohort_id)
    _tell(
        connection, cohort, due, "thread", now,
        say("{cohort} gets its posts in {place}, without threads", cohort=cohort.name, place=_mention(due.place)),
        reason,
        say("The posts stay; once that is mended, the next milestone opens its thread."),
    )  # fmt: skip


def _tell(
    connection: Connection, cohort: Cohort, due: Due, what: str, now: datetime, title: Phrase, *paragraphs: Wording
) -> None:
    person = cohorts.made_by(connection, cohort.id)
    if person is None:
        log.warning("cohort %s: nobody is known whom to tell about its place %d", cohort.code, due.place_id)
        return
    message = Message(title=title, parts=tuple(Text(text=each) for each in paragraphs))
    payload = {"message": message.model_dump(mode="json"), "person": person.model_dump(mode="json")}
    key = f"{cohort.code}:notice:{what}:{due.place_id}"
    posts.put(connection, key, "notice", cohort.id, due.place_id, now, payload)


def _mention(place: Place) -> str:
    """The place by name: where it is lost, a mention would show as a channel that cannot be seen."""
    return place.name or place.channel
