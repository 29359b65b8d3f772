"""The order in which posts go out: the lanes, and the statements that find what is next in one.

They are built once each: that takes longer than to run one.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Update,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from bot.records.columns import Instant
from bot.records.posts import SCHEDULED, TO_MEMBERS, WITH_PLACE, Kind, State
from bot.records.tables import TO_ONE, outbox


@dataclass(frozen=True, slots=True)
class Lane:
    """Posts that go out side by side, at most `width` at once; at one place they keep their order."""

    name: str
    kinds: tuple[Kind, ...]
    width: int


PRIVATE = Lane("private", TO_ONE, 1)  # one by one: platforms take a burst of messages to people for spam
# A season's posts share a lane, since a prompt may not overtake the milestone that it belongs to; of those that may go
# out, a lane takes the first kind first.
LANES = (
    Lane("announcements", ("announcement",), 4),
    Lane("season", SCHEDULED, 4),
    Lane("words", ("share", "answer", "stuck", "welcome"), 2),
    # By itself: a channel that is not the cohort's holds up nothing of the cohort's.
    Lane("invitations", ("invitation",), 1),
    PRIVATE,
)
SAID: tuple[Kind, ...] = ("share", "answer", "stuck", "welcome", "invitation", "notice")  # due when it was put


_earlier = outbox.alias("earlier")


def overtakes_none(lane: Lane, post: FromClause = outbox) -> ColumnElement[bool]:
    """Posts of a lane keep their order at a place: week 2 waits while week 1 is being tried again."""
    return ~exists().where(
        _keeps_order(lane, post.c.kind),
        _earlier.c.place_id == post.c.place_id,
        _keeps_order(lane, _earlier.c.kind),
        _earlier.c.state.in_([_plain("pending"), _plain("sending")]),
        tuple_(_earlier.c.due_at, _earlier.c.id) < tuple_(post.c.due_at, post.c.id),
    )


def _keeps_order(lane: Lane, kind: ColumnElement[str]) -> ColumnElement[bool]:
    return kind.in_([_plain(each) for each in lane.kinds if each not in TO_MEMBERS])


def _plain(ours: Kind | State) -> ColumnElement[str]:
    """The word as it stands in the statement: to hand over a dozen at every use takes longer than to look for them."""
    return literal_column(f"'{ours}'")


_waiting, _beyond = outbox.alias("waiting"), outbox.alias("beyond")
_NOW = bindparam("now", type_=Instant)


def _ready(lane: Lane) -> list[Select[Any]]:
    """The lane's posts :on a platform that are ready :now, kind by kind; of each kind, the first :crowd alone.

    Those that were ready before the end of the crowd, and those at that instant, apart: SQLite finds where to stop in
    an index by a row's id only among rows that are equal otherwise.
    """
    found = []
    for kind in lane.kinds:
        end = (
            select(_beyond.c.ready_at, _beyond.c.id)
            .where(_beyond.c.platform == bindparam("on"), _beyond.c.kind == _plain(kind), _beyond.c.ready_at <= _NOW)
            .order_by(_beyond.c.ready_at, _beyond.c.id)
            .offset(bindparam("crowd"))
            .limit(1)
        )
        at, last = (end.with_only_columns(each).scalar_subquery() for each in (_beyond.c.ready_at, _beyond.c.id))
        there = select(_waiting.c.id).where(_waiting.c.platform == bindparam("on"), _waiting.c.kind == _plain(kind))
        found += [
            there.where(_waiting.c.ready_at < func.coalesce(at, bindparam("later", type_=Instant))),
            there.where(_waiting.c.ready_at == at, _waiting.c.id < last),
        ]
    return found


@cache
def waiting(lane: Lane) -> Select[Any]:
    """A row if any post of the lane waits :on a platform, for whatever. Mostly none does, and this asks least."""
    is_of_lane = outbox.c.kind.in_([_plain(each) for each in lane.kinds])
    there = (outbox.c.platform == bindparam("on")) & is_of_lane & outbox.c.ready_at.is_not(None)
    return select(outbox.c.id).where(there).limit(1)


@cache
def claimable(lane: Lane) -> Select[Any]:
    """The lane's next post :on a platform, of those that are ready :now, or whose lease is over later than :latest."""
    # As expressions, lest SQLite look for the few that are being sent among all that wait for later.
    there = (_waiting.c.platform + "") == bindparam("on")
    there &= (_waiting.c.kind + "").in_([_plain(each) for each in lane.kinds])
    ahead = there & (_waiting.c.state == _plain("sending")) & (_waiting.c.ready_at > bindparam("latest", type_=Instant))
    each_first = [
        each.where(overtakes_none(lane, _waiting))
        .order_by(_waiting.c.ready_at, _waiting.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
        for each in (*_ready(lane), select(_waiting.c.id).where(ahead))
    ]
    return WITH_PLACE.where(outbox.c.id == func.coalesce(*each_first))


@cache
def passed_over(lane: Lane) -> Update:
    """Moves the crowds out of the way :until then."""
    blocked = [each.where(~overtakes_none(lane, _waiting)).with_for_update(skip_locked=True) for each in _ready(lane)]
    crowd = or_(*(outbox.c.id.in_(each) for each in blocked))
    return update(outbox).where(crowd).values(ready_at=bindparam("until", type_=Instant))


@cache
def set_back(lane: Lane) -> Update:
    """Lets posts :on a platform go :now, if they are due, that wait until after :latest: a clock was set back."""
    kinds = [_plain(each) for each in lane.kinds if each not in TO_MEMBERS]
    # The state as an expression, lest SQLite look at all that wait.
    there = (outbox.c.platform == bindparam("on")) & outbox.c.kind.in_(kinds) & (outbox.c.state + "" == "pending")
    is_due = (outbox.c.due_at <= _NOW) | outbox.c.kind.in_(map(_plain, SAID))
    there &= outbox.c.ready_at > bindparam("latest", type_=Instant)
    return update(outbox).where(there, is_due).values(ready_at=_NOW)


@cache
def next_in_line(lane: Lane) -> Update:
    """Lets the lane's next post at :place go that was passed over, now that nothing is before it.

    It is written to even if it was not: in a SERIALIZABLE transaction, only so is noticed that it was meanwhile.
    """
    of_each = [
        select(outbox.c.id)
        .where(outbox.c.place_id == bindparam("place"), outbox.c.kind == kind, outbox.c.state == "pending")
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(1)
        .scalar_subquery()
        for kind in lane.kinds
        if kind not in TO_MEMBERS
    ]
    return update(outbox).where(outbox.c.id.in_(of_each), outbox.c.fence.is_(None)).values(ready_at=outbox.c.due_at)
