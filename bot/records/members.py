"""Members, their accounts and their enrolments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from bot.chat.platform import Person
from bot.records import live, projections
from bot.records.cohorts import Cohort, CohortPlace, cohort_of
from bot.records.preferences import NONE_CHOSEN, Preferences, preferences_of
from bot.records.progress import totals
from bot.records.rows import PERSON, add_row, is_account, is_in, name_of, person_of
from bot.records.stale import account_changed, member_changed
from bot.records.tables import accounts, checkins, cohorts, enrolments, facilitators, members, progress, waiting


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A member in a cohort. Their own plan is so many weeks `behind` it; ahead of it if that is negative.

    `seen_at` is when they last joined, did or answered something, or were welcomed back (`returned_at`) after silence.
    """

    id: int
    member_id: int
    cohort: Cohort
    joined_at: datetime
    behind: int
    seen_at: datetime
    returned_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What commands need to know of a person: who they are, which cohorts they are in, how far they have come, and what
    they chose for themselves.

    `done` holds the amount of each task that was ever worked on, per curriculum; `facilitates` the ids of the cohorts
    that they look after, whatever the community. A stranger has no `member_id`.
    """

    member_id: int | None
    account_id: int | None
    enrolments: tuple[Enrolment, ...]
    last_cohort_id: int | None
    done: Mapping[str, Mapping[str, int]]
    preferences: Preferences = NONE_CHOSEN
    facilitates: frozenset[int] = frozenset()

    def enrolled(self, cohort_id: int) -> Enrolment | None:
        """The enrolment in that cohort, or None."""
        return next((each for each in self.enrolments if each.cohort.id == cohort_id), None)


STRANGER = Standing(None, None, (), None, {})


def load_standing(connection: Connection, platform: str, foreign_id: str) -> Standing:
    """What is known of the account."""
    mine = select(accounts.c.id.label("account_id"), members).join(members, members.c.id == accounts.c.member_id)
    who = connection.execute(mine.where(is_account(platform, foreign_id))).one_or_none()
    if who is None:
        return STRANGER
    enrolled = _enrolments(connection, who.id)
    done = totals(connection, who.id)
    theirs = select(facilitators.c.cohort_id).where(facilitators.c.account_id == who.account_id)
    facilitates = frozenset(connection.execute(theirs).scalars())
    return Standing(who.id, who.account_id, enrolled, who.last_cohort_id, done, preferences_of(who), facilitates)


def _enrolments(connection: Connection, member_id: int) -> tuple[Enrolment, ...]:
    answered_at = select(func.max(checkins.c.at)).where(checkins.c.enrolment_id == enrolments.c.id).scalar_subquery()
    rows = connection.execute(
        select(
            cohorts, enrolments.c.id.label("enrolment_id"), enrolments.c.joined_at, enrolments.c.behind,
            enrolments.c.returned_at,
            answered_at.label("answered_at"),
        )
        .join(enrolments, enrolments.c.cohort_id == cohorts.c.id)
        .where(enrolments.c.member_id == member_id, enrolments.c.left_at.is_(None))
        .order_by(enrolments.c.joined_at)
    ).all()  # fmt: skip
    worked_at = connection.execute(select(func.max(progress.c.at)).where(progress.c.member_id == member_id)).scalar()
    found = []
    for row in rows:
        seen_at = max(each for each in (row.joined_at, worked_at, row.answered_at, row.returned_at) if each)
        found.append(
            Enrolment(row.enrolment_id, member_id, cohort_of(row), row.joined_at, row.behind, seen_at, row.returned_at)
        )
    return tuple(found)


def account(connection: Connection, person: Person, now: datetime) -> tuple[int, int]:
    """The ids of the account and its member; both are made on first sight, and the name is kept up to date."""
    found = connection.execute(select(accounts).where(is_account(person.platform, person.id))).one_or_none()
    name = person.name[:200]
    if found is not None:
        if name and found.name != name:
            connection.execute(update(accounts).where(accounts.c.id == found.id).values(name=name))
        return found.id, found.member_id
    account_changed(connection, person.platform, person.id)
    member_id = add_row(connection, members, {"created_at": now})
    its = {"member_id": member_id, "platform": person.platform, "foreign_id": person.id, "name": name}
    return add_row(connection, accounts, its), member_id


def choose(connection: Connection, person: Person, now: datetime, chosen: Mapping[str, Any]) -> None:
    """Set what the person chose of their `Preferences`, by name.

    Who asks for private reminders anew is taken at their word: they get through.
    """
    _, member_id = account(connection, person, now)
    values = {**chosen, **({"closed_because": None, "closed_at": None} if chosen.get("reminds") == "dm" else {})}
    if values:
        connection.execute(update(members).where(members.c.id == member_id).values(values))
        member_changed(connection, member_id)


def enrol(connection: Connection, person: Person, cohort_id: int, now: datetime) -> bool:
    """Enrol the person and make this the cohort they last used. False if they were enrolled already."""
    _, member_id = account(connection, person, now)
    connection.execute(update(members).where(members.c.id == member_id).values(last_cohort_id=cohort_id))
    return enrol_member(connection, member_id, cohort_id, now)


def enrol_member(connection: Connection, member_id: int, cohort_id: int, now: datetime) -> bool:
    """Enrol the member, who waits for a seat there no longer. False if they were enrolled already."""
    member_changed(connection, member_id)
    waits = (waiting.c.member_id == member_id) & (waiting.c.cohort_id == cohort_id)
    connection.execute(delete(waiting).where(waits))
    mine = (enrolments.c.member_id == member_id) & (enrolments.c.cohort_id == cohort_id)
    found = connection.execute(select(enrolments).where(mine)).one_or_none()
    if found is None:
        connection.execute(insert(enrolments).values(member_id=member_id, cohort_id=cohort_id, joined_at=now))
    elif found.left_at is not None:
        # Weeks without them are no silence of theirs.
        out = {"out_from": found.left_at, "out_until": now}
        connection.execute(update(enrolments).where(mine).values(left_at=None, missed_at=None, returned_at=now, **out))
    projections.members_changed(connection, cohort_id, now)
    live.cohort_changed(connection, cohort_id, now)
    return found is None or found.left_at is not None


def leave(connection: Connection, enrolment: Enrolment, now: datetime) -> None:
    """End the enrolment. What the member did stays theirs, and is there again if they come back."""
    member_changed(connection, enrolment.member_id)
    connection.execute(update(enrolments).where(enrolments.c.id == enrolment.id).values(left_at=now))
    projections.members_changed(connection, enrolment.cohort.id, now)
    live.cohort_changed(connection, enrolment.cohort.id, now)


def set_pace(connection: Connection, enrolment: Enrolment, behind: int) -> None:
    """Have the member's own plan be so many weeks behind the cohort; ahead of it if that is negative."""
    connection.execute(update(enrolments).where(enrolments.c.id == enrolment.id).values(behind=behind))
    member_changed(connection, enrolment.member_id)


def people(connection: Connection, cohort_id: int, platform: str) -> list[tuple[int, Person]]:
    """The enrolment and the account on that platform of everybody in the cohort, in order of joining."""
    rows = connection.execute(
        select(enrolments.c.id, *PERSON)
        .join(accounts, accounts.c.member_id == enrolments.c.member_id)
        .where(is_in(cohort_id), accounts.c.platform == platform)
        .order_by(enrolments.c.id)
    )
    return [(row.id, person_of(row)) for row in rows]


def came_and_went(
    connection: Connection, cohort_id: int, since: datetime, until: datetime
) -> tuple[list[str], list[str]]:
    """The names of those who joined the cohort, or came back to it, after `since` and by `until`; and who left it."""
    name = func.coalesce(name_of(enrolments.c.member_id), "?")
    mine = select(name).where(enrolments.c.cohort_id == cohort_id).order_by(enrolments.c.id)
    in_time = [(each > since) & (each <= until) for each in (enrolments.c.joined_at, enrolments.c.out_until)]
    came = mine.where(enrolments.c.left_at.is_(None), or_(*in_time))
    went = mine.where(enrolments.c.left_at > since, enrolments.c.left_at <= until)
    return list(connection.execute(came).scalars()), list(connection.execute(went).scalars())


def person(connection: Connection, enrolment_id: int, platform: str) -> Person | None:
    """The account on that platform of the member in the enrolment, else their oldest one."""
    rows = connection.execute(
        select(*PERSON)
        .join(enrolments, enrolments.c.member_id == accounts.c.member_id)
        .where(enrolments.c.id == enrolment_id)
        .order_by(accounts.c.platform != platform, accounts.c.id)
    )
    row = rows.first()
    return None if row is None else person_of(row)


def way_to(person: Person, places: Sequence[CohortPlace]) -> CohortPlace | None:
    """The place by which the account is reached: of its own community if its id names one, else the first of its
    platform.
    """
    there = [each for each in places if each.place.platform == person.platform]
    own = (each for each in there if person.id.startswith(f"{each.place.community}:"))
    return next(own, there[0] if there else None)


def shares(connection: Connection, member_id: int) -> bool:
    """Whether the member's check-ins are shared unless they say otherwise."""
    return bool(connection.execute(select(members.c.shares).where(members.c.id == member_id)).scalar_one())
