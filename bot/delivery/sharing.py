"""What a member shares, put in the transaction that knows it to be so: a check-in that is kept, milestones reached."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat.message import Message
from bot.curriculum.model import Curriculum, Milestone
from bot.curriculum.tally import Tally
from bot.records import checkins, posts, progress
from bot.records.checkins import CheckIn
from bot.records.members import Enrolment
from bot.records.stale import member_changed


def check_in(
    connection: Connection, /, enrolment: Enrolment, week: str, now: datetime, shown: Callable[[CheckIn], Message],
    **answers: Any,
) -> tuple[CheckIn, bool]:  # fmt: skip
    """Keep the answers for the local week, and put what `shown` makes of them if they are to be shared.

    `answers` are those of `records.checkins.check_in`. Returns the check-in, and whether it replaced an earlier one;
    what was shared before is not shared again.
    """
    member_changed(connection, enrolment.member_id)
    kept, earlier = checkins.check_in(connection, enrolment.id, week, now, **answers)
    if kept.is_shared and not (earlier and earlier.is_shared):
        # With its time, since after a restore another check-in may get the same id.
        what = f"checkin-{kept.id}-{kept.at:%Y%m%dT%H%M%S%f}"
        posts.put_message(connection, enrolment.cohort, "share", what, now, shown(kept))
    return kept, earlier is not None


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
