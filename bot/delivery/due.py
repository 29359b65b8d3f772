"""Puts what is due into the outbox, a page of the schedule at a time.

A page is read together, planned, and written together in one short transaction: however much is due, it holds neither
memory nor whoever else wants to write.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat.platform import Place
from bot.delivery import announcing, digests, reminding
from bot.delivery.calendar import Calendar
from bot.delivery.schedule import LATEST, POSTPONED, SeasonLength, is_too_late
from bot.records import cohorts, due, posts
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.columns import instant_of, micros
from bot.records.due import DueRow
from bot.records.outage import attempted
from bot.records.posts import SCHEDULED, Coming, Kind

log = logging.getLogger(__name__)

PAGE = 500
AFTER: tuple[Kind, ...] = ("reminder", "digest")  # what comes after a week's prompt
MOST_REMEMBERED = 4096  # plans, about 2 KB each


@dataclass(frozen=True, slots=True)
class _Plan:
    """What of one kind is to be said by now and what comes next, for every cohort with such a calendar.

    `posts` are (slot, due_at, payload). Instants are microseconds, payloads JSON. `trouble` says what is left out or
    waits, and why.
    """

    posts: tuple[tuple[str, int, str], ...]
    next_step: int
    next_due_at: int | None
    trouble: str | None = None


class Putting:
    """Puts all that is due at `now`, page by page.

    Plans are remembered from page to page, since many cohorts have the same calendar; so one `Putting` is for one tick.
    It remembers nothing else: a server may have a transaction done again.
    """

    def __init__(self, now: datetime, season_length: SeasonLength) -> None:
        self._now = now
        self._season_length = season_length
        self._plans: dict[tuple[Any, ...], _Plan] = {}

    def page(self, connection: Connection, after: DueRow | None = None) -> DueRow | None:
        """Put a page into the outbox and move its rows on, in this transaction.

        Returns its last row, `after` which the next page begins; None if nothing is due there, or another process is at
        it: one at a time keeps each cohort's posts in order. Every row moves on: one that cannot be put waits for an
        hour, and neither stops the others nor comes again.
        """
        if not due.is_alone(connection):
            return None
        page = due.read_page(connection, micros(self._now), PAGE, after)
        if not page:
            return None
        self._put(connection, page)
        return page[-1]

    def _put(self, connection: Connection, page: Sequence[DueRow]) -> None:
        """Put the rows together; if that fails, each half by itself, until the one that cannot be put is alone."""
        error = attempted(connection, self._put_together, page)
        if error is None:
            return
        if len(page) > 1:
            middle = len(page) // 2
            self._put(connection, page[:middle])
            self._put(connection, page[middle:])
            return
        (row,) = page
        log.error("cohort c%d: its next %s cannot be put and waits", row.cohort_id, row.kind, exc_info=error)
        due.move_on(connection, [_move(row, self._wait(row.next_step))])

    def _put_together(self, connection: Connection, page: Sequence[DueRow]) -> None:
        until, found, moves = micros(self._now), list[dict[str, Any]](), []
        reminded, told = (list[tuple[int, str, datetime]]() for _ in range(2))
        for row, plan in zip(page, self._plans_for(connection, page), strict=True):
            key = cohorts.key_of(row.cohort_id, row.mark)
            found += _posts(row.cohort_id, key, row.kind, plan, row.places, until)
            reminded += _weeks("reminder", row.cohort_id, row.kind, plan)
            told += _weeks("digest", row.cohort_id, row.kind, plan)
            moves.append(_move(row, plan))
            _warn(row.cohort_id, plan)
        due.put(connection, found)
        reminding.put(connection, reminded, self._now, self._season_length)
        digests.put(connection, told, self._now)
        due.move_on(connection, moves)

    def _plans_for(self, connection: Connection, page: Sequence[DueRow]) -> list[_Plan]:
        """A plan for every row. Of the cohorts that share one, any will do to make it."""
        likes = [(row.kind, row.next_step, row.settings) for row in page]
        missing = {like: row for like, row in zip(likes, page, strict=True) if like not in self._plans}
        if len(self._plans) + len(missing) > MOST_REMEMBERED:
            self._plans.clear()
            missing = dict(zip(likes, page, strict=True))
        if missing:
            known = cohorts.get_all(connection, {row.cohort_id for row in missing.values()})
            for like, row in missing.items():
                self._plans[like] = self._plan(known[row.cohort_id], row.kind, row.next_step)
        return [self._plans[like] for like in likes]

    def _plan(self, cohort: Cohort, kind: Kind, step: int) -> _Plan:
        length = self._season_length(cohort)
        if length is None:
            return self._wait(step, f"its curriculum {cohort.curriculum} is not on offer; its {kind} waits")
        return _plan(Calendar.of(cohort), kind, step, length, self._now)

    def _wait(self, step: int, trouble: str | None = None) -> _Plan:
        return _Plan((), step, micros(self._now + POSTPONED), trouble)


def put_now(connection: Connection, cohort: Cohort, now: datetime, length: int) -> None:
    """Put what of one cohort is due, as is done for all in turn: before its calendar changes, the past is settled.

    `length` is how many steps its season has.
    """
    for coming in posts.coming(connection, cohort.id):
        plan = _plan(Calendar.of(cohort), coming.kind, coming.next_step, length, now)
        _put_plan(connection, cohort, coming.kind, plan, now, length)
        due.move_on(connection, [_move(coming, plan)])
        _warn(cohort.id, plan)


def put_questions(connection: Connection, cohort: Cohort, now: datetime, length: int) -> None:
    """Put reminder and digest of the prompt that stands, though they are not due yet: its week is about to vanish.

    So it is when the cohort moves on from a phase that was kept open; `cohort` is as it was before, and `length` how
    many steps its season has.
    """
    calendar = Calendar.of(cohort)
    slot = calendar.slot_at(now)
    for step in (slot - 1, slot):
        asked_at = calendar.due_at("checkin", step) if step > 0 and calendar.about(step) < step else None
        for kind in AFTER:
            due_at = calendar.due_at(kind, step) if asked_at else None
            if asked_at and due_at and asked_at <= now < due_at:
                plan = _Plan(((calendar.slot(kind, step), micros(due_at), _payload(calendar, step)),), step, None)
                _put_plan(connection, cohort, kind, plan, now, length)


def _put_plan(connection: Connection, cohort: Cohort, kind: Kind, plan: _Plan, now: datetime, length: int) -> None:
    if not plan.posts:
        return
    there = [_open(each) for each in cohorts.places(connection, cohort.id) if not each.lost_because]
    due.put(connection, _posts(cohort.id, cohort.key, kind, plan, there, micros(now)))
    reminding.put(connection, _weeks("reminder", cohort.id, kind, plan), now, lambda _: length)
    digests.put(connection, _weeks("digest", cohort.id, kind, plan), now)


def reopen(connection: Connection, cohort: Cohort, now: datetime, length: int) -> list[Place]:
    """Let posts go again to the places that the cohort has lost; what is not too late is put. Returns those places.

    `length` is how many steps its season has. What a person asked for is put again within the time of a milestone.
    """
    plans = {kind: _plan(Calendar.of(cohort), kind, 1, length, now) for kind in SCHEDULED}
    found = []
    for lost in cohorts.places(connection, cohort.id):
        if lost.lost_because is None:
            continue
        cohorts.reopen_place(connection, lost.id)
        posts.revive(connection, lost.id, lost.lost_because, now - LATEST["milestone"])
        for kind, plan in plans.items():
            due.put(connection, _posts(cohort.id, cohort.key, kind, plan, [_open(lost)], micros(now)))
        announcing.catch_up(connection, cohort, lost, now - LATEST["milestone"], now)
        found.append(lost.place)
    return found


def _plan(calendar: Calendar, kind: Kind, step: int, length: int, now: datetime) -> _Plan:
    """The steps of one kind from that one on that are due, but for those for which it is too late."""
    said, late = list[tuple[str, int, str]](), list[str]()
    found = calendar.fallen_due(kind, step, length, now)
    for each, due_at in found.steps:
        if is_too_late(kind, due_at, now):
            late.append(f"{kind} of step {each} left out, {now - due_at} too late")
        else:
            said.append((calendar.slot(kind, each), micros(due_at), _payload(calendar, each)))
    comes = micros(found.next_due_at) if found.next_due_at else None
    return _Plan(tuple(said), found.next_step, comes, "; ".join(late) or None)


def _payload(calendar: Calendar, step: int) -> str:
    return json.dumps({"step": calendar.about(step)})


_Open = tuple[int, str, int | None]
"""A place that posts can go to, with its platform, and since when it gets what falls due; None: from the beginning."""


def _open(place: CohortPlace) -> _Open:
    return place.id, place.place.platform, micros(place.joined_at) if place.joined_at else None


def _posts(
    cohort_id: int, cohort: str, kind: Kind, plan: _Plan, places: Sequence[_Open], until: int
) -> list[dict[str, Any]]:
    """The plan's posts for these places, but for what fell due before a place was there, however late it is put.

    One that came by a clock that was ahead of `until`, which is now, is there. `cohort` is what their keys begin with.
    """
    return [
        {
            "key": posts.key_of(cohort, kind, slot, place), "kind": kind, "place_id": place, "platform": platform,
            "cohort_id": cohort_id, "due_at": due_at, "payload": payload,
        }
        for slot, due_at, payload in plan.posts
        for place, platform, since in places
        if since is None or not due_at < since <= until
    ]  # fmt: skip


def _weeks(wanted: Kind, cohort_id: int, kind: Kind, plan: _Plan) -> list[tuple[int, str, datetime]]:
    """The weeks of a plan of the `wanted` kind, as `reminding.put` and `digests.put` take them; none of another."""
    return [(cohort_id, slot, instant_of(due_at)) for slot, due_at, _ in plan.posts] if kind == wanted else []


def _warn(cohort_id: int, plan: _Plan) -> None:
    if plan.trouble:
        log.warning("cohort c%d: %s", cohort_id, plan.trouble)


def _move(row: DueRow | Coming, plan: _Plan) -> dict[str, Any]:
    return {"of": row.cohort_id, "which": row.kind, "step": plan.next_step, "at": plan.next_due_at}
