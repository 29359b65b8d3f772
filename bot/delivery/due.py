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

from bot.delivery.calendar import Calendar
from bot.delivery.schedule import POSTPONED, SeasonLength, is_too_late
from bot.records import cohorts, due, posts
from bot.records.cohorts import Cohort
from bot.records.columns import micros
from bot.records.due import DueRow
from bot.records.outage import why
from bot.records.posts import Kind

log = logging.getLogger(__name__)

PAGE = 500
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
        try:
            with connection.begin_nested():
                self._put_together(connection, page)
            return
        except Exception as error:
            if why(error):
                raise  # SQLite has undone the whole transaction, and what would be written now, nothing could undo
            if len(page) == 1:
                (row,) = page
                log.exception("cohort c%d: its next %s cannot be put and waits", row.cohort_id, row.kind)
                due.move_on(connection, [_move(row, self._wait(row.next_step))])
                return
        middle = len(page) // 2
        self._put(connection, page[:middle])
        self._put(connection, page[middle:])

    def _put_together(self, connection: Connection, page: Sequence[DueRow]) -> None:
        self._plan_for(connection, page)
        found, moves = [], []
        for row in page:
            plan = self._plans[_like(row)]
            cohort = cohorts.key_of(row.cohort_id, row.mark)
            for slot, due_at, payload in plan.posts:
                found += [
                    {
                        "key": posts.key_of(cohort, row.kind, slot, place), "kind": row.kind, "place_id": place,
                        "platform": platform, "cohort_id": row.cohort_id, "due_at": due_at, "payload": payload,
                    }
                    for place, platform in row.places
                ]  # fmt: skip
            moves.append(_move(row, plan))
            if plan.trouble:
                log.warning("cohort c%d: %s", row.cohort_id, plan.trouble)
        due.put(connection, found)
        due.move_on(connection, moves)

    def _plan_for(self, connection: Connection, page: Sequence[DueRow]) -> None:
        """Have a plan for every row. Of the cohorts that share one, any will do to make it."""
        missing = {like: row for row in page if (like := _like(row)) not in self._plans}
        if len(self._plans) + len(missing) > MOST_REMEMBERED:
            self._plans.clear()
            missing = {_like(row): row for row in page}
        if missing:
            known = cohorts.get_all(connection, {row.cohort_id for row in missing.values()})
            for like, row in missing.items():
                self._plans[like] = self._plan(known[row.cohort_id], row.kind, row.next_step)

    def _plan(self, cohort: Cohort, kind: Kind, step: int) -> _Plan:
        """The steps of one kind that are due, but for those for which it is too late."""
        length = self._season_length(cohort)
        if length is None:
            return self._wait(step, f"its curriculum {cohort.curriculum} is not on offer; its {kind} waits")
        calendar, said, late = Calendar.of(cohort), list[tuple[str, int, str]](), list[str]()
        due = calendar.fallen_due(kind, step, length, self._now)
        for each, due_at in due.steps:
            if is_too_late(kind, due_at, self._now):
                late.append(f"{kind} of step {each} left out, {self._now - due_at} too late")
            else:
                said.append((calendar.slot(kind, each), micros(due_at), json.dumps({"step": calendar.about(each)})))
        comes = micros(due.next_due_at) if due.next_due_at else None
        return _Plan(tuple(said), due.next_step, comes, "; ".join(late) or None)

    def _wait(self, step: int, trouble: str | None = None) -> _Plan:
        return _Plan((), step, micros(self._now + POSTPONED), trouble)


def _like(row: DueRow) -> tuple[Any, ...]:
    """What rows have in common that have one plan."""
    return row.kind, row.next_step, row.settings


def _move(row: DueRow, plan: _Plan) -> dict[str, Any]:
    return {"of": row.cohort_id, "which": row.kind, "step": plan.next_step, "at": plan.next_due_at}
