"""A check-in and the post that shares it, in one transaction: either both are kept or neither."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat.message import Message
from bot.records import checkins, posts
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
