"""What a member shares, in the transaction that knows it to be so: a check-in and what follows, milestones reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat.message import Fact, Facts, Message, Post
from bot.chat.wording import say
from bot.curriculum.model import Curriculum, Milestone
from bot.curriculum.tally import Tally
from bot.delivery import notices
from bot.delivery.notices import Told
from bot.records import checkins, cohorts, live, members, posts, progress
from bot.records.checkins import CheckIn
from bot.records.claims import Due
from bot.records.cohorts import Cohort
from bot.records.members import Enrolment
from bot.records.stale import member_changed


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a check-in: what it replaced, and whether a facilitator was told what is in the way, if it is."""

    checkin: CheckIn
    earlier: CheckIn | None
    told: Told | None


def check_in(
    connection: Connection, /, enrolment: Enrolment, week: str, now: datetime,
    *, did: str | None, next: str | None, blocked: str | None, hours: int | None, is_shared: bool | None,
) -> Kept:  # fmt: skip
    """Keep the answers for the local week. What is shared is posted, changed where it stands, or taken back.

    Without `is_shared` it stays as it was, and a new one is as the member set it. What is in the way is for
    facilitators alone: of nothing else there is nothing to share.
    """
    member_changed(connection, enrolment.member_id)
    earlier = checkins.of_week(connection, enrolment.id, week)
    if is_shared is None:
        is_shared = earlier.is_shared if earlier else members.shares(connection, enrolment.member_id)
    kept, _ = checkins.check_in(
        connection, enrolment.id, week, now, did=did or "", next=next, blocked=blocked, hours=hours,
        is_shared=is_shared and bool(did or next or hours is not None),
    )  # fmt: skip
    _show(connection, enrolment.cohort, kept, earlier, now)
    told = notices.blocked(connection, enrolment, kept, now) if kept.blocked else None
    return Kept(kept, earlier, told)


def say_blocked(connection: Connection, /, enrolment: Enrolment, week: str, now: datetime, blocked: str) -> Kept:
    """As `check_in`, of nothing but what is in the way; what else was answered for the week stays."""
    was = checkins.of_week(connection, enrolment.id, week)
    rest: dict[str, Any] = {"did": None, "next": None, "hours": None, "is_shared": False}
    if was:
        rest = {"did": was.did, "next": was.next, "hours": was.hours, "is_shared": was.is_shared}
    return check_in(connection, enrolment, week, now, blocked=blocked, **rest)


def _show(connection: Connection, cohort: Cohort, kept: CheckIn, earlier: CheckIn | None, now: datetime) -> None:
    """Have the posts follow the check-in. Its key holds when it was shared, since it may be taken back and shared anew;
    and after a restore another check-in may have the same id.
    """
    mine = f"{cohort.key}:answer:{kept.period}-e{kept.enrolment_id}-"
    before = earlier is not None and earlier.is_shared
    if kept.is_shared and not before:
        what = f"{kept.period}-e{kept.enrolment_id}-{now:%Y%m%dT%H%M%S%f}"
        for each in cohorts.places(connection, cohort.id):
            if each.lost_because is None:
                key = posts.key_of(cohort.key, "answer", what, each.id)
                posts.put(connection, key, "answer", cohort.id, each.id, now, {"checkin": kept.id})
    elif before:
        there = posts.beginning(connection, cohort.id, mine)
        (live.say_anew if kept.is_shared else live.take_back)(connection, there, now)


def shown(connection: Connection, due: Due, cohort: Cohort) -> Post | None:
    """The post that shares a check-in, as it is now; None if it is not to be seen any more."""
    kept = checkins.find(connection, due.payload["checkin"])
    if kept is None or not kept.is_shared:
        return None
    person = members.person(connection, kept.enrolment_id, due.place.platform)
    if person is None:
        return None
    name = person.mention() if person.platform == due.place.platform else person.name
    message = Message(title=say("{person} checked in", person=name), parts=(Facts(facts=facts(kept)),))
    return Post(key=due.key, message=message, locale=cohort.language)


def facts(kept: CheckIn) -> tuple[Fact, ...]:
    """What of a check-in a cohort may see."""
    found = [Fact(label=say("Did"), value=kept.did)] if kept.did else []
    if kept.next:
        found.append(Fact(label=say("Next"), value=kept.next))
    if kept.hours is not None:
        found.append(Fact(label=say("Hours"), value=kept.hours))
    return tuple(found)


def share_reached(
    connection: Connection, enrolment: Enrolment, curriculum: Curriculum, milestones: Sequence[Milestone],
    what: str, now: datetime, message: Message,
) -> int | None:  # fmt: skip
    """Put what says that the member has reached all of these milestones; `what` names it in the key.

    None if they are not reached, as after a task was taken back. Otherwise for how many places it was put; none if it
    was shared before.
    """
    logged = progress.totals(connection, enrolment.member_id).get(curriculum.id, {})
    if not all(map(Tally.read(curriculum, logged).is_reached, milestones)):
        return None
    return posts.put_message(connection, enrolment.cohort, "share", what, now, message)
