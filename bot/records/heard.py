"""What a cohort's members let be heard last, what they asked for, and which words were sent to them since."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.records.progress import worked
from bot.records.rows import is_in, name_of
from bot.records.tables import checkins, enrolments, outbox

ON_THE_WAY = ("pending", "sending", "sent", "unknown")


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a member did: they worked on the task, or said in a check-in what they did (no task then)."""

    at: datetime
    task: str | None
    said: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """What a member said is in their way, and when."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a facilitator wrote to a member by way of Milepost: when it came, or will, and the key of its post."""

    at: datetime
    by: str
    key: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The last that was heard of a member, by `name` as people call them, and what was written to them.

    `blocked` is what they said is in their way, unless they checked in without such words since. `missed_at` is when
    Milepost told them of itself that they are missed, since which they were not back.
    """

    name: str
    joined_at: datetime
    last: Deed | None = None
    blocked: Blocked | None = None
    letter: Letter | None = None
    missed_at: datetime | None = None

    @property
    def is_unanswered(self) -> bool:
        """Whether they asked for help, and nobody has written to them by way of Milepost since."""
        return self.blocked is not None and (self.letter is None or self.letter.at < self.blocked.at)


def of_cohort(connection: Connection, cohort_id: int) -> Mapping[int, Heard]:
    """That of everybody in the cohort, by enrolment."""
    mine = is_in(cohort_id)
    deeds: defaultdict[int, list[Deed]] = defaultdict(list)
    for row in connection.execute(worked().where(mine)):
        deeds[row.id].append(Deed(row.at, row.task, ""))
    blocked: dict[int, Blocked | None] = {}
    wrote = select(enrolments.c.id, checkins.c.did, checkins.c.blocked, checkins.c.at).join(checkins)
    for said in connection.execute(wrote.where(mine).order_by(checkins.c.period)):
        deeds[said.id].append(Deed(said.at, None, said.did))
        blocked[said.id] = Blocked(said.at, said.blocked) if said.blocked else None
    wrote_to = letters(connection, cohort_id)
    name = name_of(enrolments.c.member_id).label("name")
    whose = select(enrolments.c.id, enrolments.c.joined_at, enrolments.c.missed_at, name).where(mine)
    return {
        each.id: Heard(
            each.name or "?",
            each.joined_at,
            max(deeds[each.id], key=lambda deed: deed.at, default=None),
            blocked.get(each.id),
            wrote_to.get(each.id),
            each.missed_at,
        )
        for each in connection.execute(whose)
    }


def letters(connection: Connection, cohort_id: int) -> dict[int, Letter]:
    """The last letter to each member, by enrolment, of those that did not come back."""
    rows = connection.execute(
        select(outbox.c.key, outbox.c.payload, outbox.c.due_at, outbox.c.posted_at)
        .where(outbox.c.cohort_id == cohort_id, outbox.c.kind == "letter", outbox.c.state.in_(ON_THE_WAY))
        .order_by(outbox.c.due_at, outbox.c.id)
    )
    return {
        row.payload["enrolment"]: Letter(row.posted_at or row.due_at, row.payload["by"]["name"], row.key)
        for row in rows
        if "enrolment" in row.payload  # else its writer was forgotten
    }


def letters_waiting(connection: Connection, cohort_id: int) -> list[tuple[str, Mapping[str, Any]]]:
    """The letters to members that are still to be sent, with their keys: what each post is made from."""
    rows = connection.execute(
        select(outbox.c.key, outbox.c.payload)
        .where(outbox.c.cohort_id == cohort_id, outbox.c.kind == "letter", outbox.c.state == "pending")
        .where(outbox.c.taken_back_at.is_(None))
        .order_by(outbox.c.id)
    )
    return [(row.key, row.payload) for row in rows]
