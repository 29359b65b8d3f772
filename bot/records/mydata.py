"""What is kept about one person, wherever it is kept: to be handed to them, and to be forgotten.

Every table is named here, once: among those that hold something of a member, or among those that are nobody's.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, Text, cast, or_, select

from bot.chat.message import Message
from bot.chat.platform import Person
from bot.records.rows import is_account, person_of
from bot.records.tables import (
    absences,
    accounts,
    announcements,
    audit,
    checkins,
    cohort_places,
    cohorts,
    communities,
    curricula,
    desks,
    enrolments,
    facilitators,
    handovers,
    leads,
    link_marks,
    link_reports,
    links,
    members,
    notes,
    outbox,
    passes,
    place_codes,
    post_notes,
    progress,
    projections,
    readings,
    restores,
    schedule,
    ticks,
    waiting,
)

NOBODYS: tuple[Table, ...] = (
    communities, cohorts, cohort_places, place_codes, desks, schedule, post_notes, handovers, projections, restores,
    links, link_marks, curricula,
)  # fmt: skip
"""Tables that hold what belongs to a community, and nothing of any one of its people."""

Kept = Mapping[str, list[dict[str, Any]]]
"""Rows by what they are; each value is what JSON has, or an instant, a date, a time, or the message that was said."""

_NAMES = (cohorts.c.name.label("cohort"), cohorts.c.curriculum)
_UNTOLD = {"last_cohort_id", "mark"}  # numbers of ours, which say nothing outside


@dataclass(frozen=True, slots=True)
class Known:
    """Who somebody is in the records: all of their `people`, one a platform. A stranger has no `member_id`.

    `blocked_in` are the local weeks, such as `2026-W50`, in which they said what was in their way.
    """

    member_id: int | None
    account_ids: tuple[int, ...]
    people: tuple[Person, ...]
    enrolment_ids: frozenset[int] = frozenset()
    checkin_ids: frozenset[int] = frozenset()
    blocked_in: frozenset[str] = frozenset()

    def is_named_in(self, said: object) -> bool:
        """Whether something that was kept as JSON names them: as a person, a mention of one, or by their own rows."""
        if isinstance(said, list):
            return any(map(self.is_named_in, said))
        return isinstance(said, dict) and (self._is(said) or any(map(self.is_named_in, said.values())))

    def _is(self, said: Mapping[str, Any]) -> bool:
        if said.get("checkin") in self.checkin_ids or said.get("only") in self.enrolment_ids:
            return True
        if said.get("report") in self.blocked_in:  # it quotes them
            return True
        platforms = (each.platform for each in self.people if each.id == said.get("id"))
        return any(said.get("what") == "person" or said.get("platform") == each for each in platforms)


def known(connection: Connection, person: Person) -> Known:
    """Who the person is, with the accounts that they have elsewhere."""
    its = select(accounts.c.member_id).where(is_account(person.platform, person.id))
    member_id = connection.execute(its).scalar()
    rows = connection.execute(select(accounts).where(accounts.c.member_id == member_id).order_by(accounts.c.id)).all()
    people = tuple(map(person_of, rows))
    enrolled = select(enrolments.c.id).where(enrolments.c.member_id == member_id)
    wrote = select(checkins.c.id).where(checkins.c.enrolment_id.in_(enrolled))
    blocked = select(checkins.c.period).where(checkins.c.enrolment_id.in_(enrolled), checkins.c.blocked.is_not(None))
    return Known(
        member_id, tuple(row.id for row in rows), people or (person,),
        frozenset(connection.execute(enrolled).scalars()), frozenset(connection.execute(wrote).scalars()),
        frozenset(connection.execute(blocked).scalars()),
    )  # fmt: skip


def tables(who: Known) -> Mapping[Table, Select[Any]]:
    """By table, the rows that are theirs alone, in the order in which they were made."""
    member_id, account_ids = who.member_id, who.account_ids
    of_enrolment = enrolments.c.member_id == member_id
    return {
        members: select(members).where(members.c.id == member_id),
        accounts: select(accounts).where(accounts.c.member_id == member_id).order_by(accounts.c.id),
        enrolments: _by_cohort(enrolments).where(of_enrolment).order_by(enrolments.c.id),
        progress: select(progress).where(progress.c.member_id == member_id).order_by(progress.c.id),
        checkins: _by_enrolment(checkins).where(of_enrolment).order_by(checkins.c.id),
        waiting: _by_cohort(waiting).where(waiting.c.member_id == member_id).order_by(waiting.c.id),
        passes: _by_enrolment(passes).where(of_enrolment).order_by(passes.c.at),
        absences: select(absences).where(absences.c.member_id == member_id).order_by(absences.c.id),
        announcements: (
            select(announcements).where(announcements.c.account_id.in_(account_ids)).order_by(announcements.c.id)
        ),
        readings: _by_cohort(readings).where(readings.c.member_id == member_id).order_by(readings.c.announcement_id),
        facilitators: (
            _by_cohort(facilitators).where(facilitators.c.account_id.in_(account_ids)).order_by(cohorts.c.id)
        ),
        leads: _by_cohort(leads).where(leads.c.account_id.in_(account_ids)).order_by(leads.c.period, cohorts.c.id),
        ticks: _by_cohort(ticks).where(ticks.c.account_id.in_(account_ids)).order_by(ticks.c.at, ticks.c.item),
        audit: (  # what was different afterwards is the cohort's, and may name others
            select(audit.c.command, audit.c.given, audit.c.at, *_NAMES)
            .join(cohorts)
            .where(audit.c.account_id.in_(account_ids))
            .order_by(audit.c.id)
        ),
        link_reports: (
            select(link_reports, links.c.url)
            .join(links)
            .where(link_reports.c.member_id == member_id)
            .order_by(link_reports.c.id)
        ),
        notes: select(notes).where(_is_about(who)).order_by(notes.c.platform, notes.c.key),
        outbox: select(outbox, cohort_places.c.name).join(cohort_places).where(_may_name(who)).order_by(outbox.c.id),
    }


def collect(connection: Connection, person: Person) -> Kept:
    """Everything that is kept about the person, and nothing about others; all empty for one who is unknown."""
    who = known(connection, person)
    found = {
        "profile" if table is members else table.name: [_told(table, row) for row in connection.execute(rows)]
        for table, rows in tables(who).items()
        if table not in (notes, outbox)
    }
    found["notes"] = [
        # Of a list, such as that of whom a role was given, they are told that they are on it, and not who else is.
        {"platform": row.platform, "key": row.key, "value": row.value if is_key_of(who, row.key) else None}
        for row in connection.execute(tables(who)[notes])
    ]
    posts = list(naming(connection, who))
    found["posts"] = [_post(row) for row in posts if not is_to(who, row)]
    found["messages"] = [_post(row, who) for row in posts if is_to(who, row)]
    return found


def naming(connection: Connection, who: Known) -> Iterator[Row[Any]]:
    """The posts in the outbox that name them, or are for them."""
    return (row for row in connection.execute(tables(who)[outbox]) if who.is_named_in(row.payload))


def is_to(who: Known, post: Row[Any]) -> bool:
    """Whether the post is a private message to them."""
    return who.is_named_in(post.payload.get("person"))


def _by_enrolment(table: Table) -> Select[Any]:
    theirs = table.join(enrolments).join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
    return select(table, *_NAMES).select_from(theirs)


def _by_cohort(table: Table) -> Select[Any]:
    return select(table, *_NAMES).join(cohorts, cohorts.c.id == table.c.cohort_id)


def _is_about(who: Known) -> ColumnElement[bool]:
    """Notes that have their id in the key, between colons, as `Notebook` asks for; and lists with them on it."""
    found = []
    for each in who.people:
        own = _own_id(each)
        key = ":" + notes.c.key + ":"
        is_listed = notes.c.value.contains(f"{json.dumps(own)}:", autoescape=True)
        found.append((notes.c.platform == each.platform) & (key.contains(f":{own}:", autoescape=True) | is_listed))
    return or_(*found)


def is_key_of(who: Known, key: str) -> bool:
    """Whether a note with this key is about them alone."""
    return any(_own_id(each) in key.split(":") for each in who.people)


def _own_id(person: Person) -> str:
    """The id by which the platform calls them: without the workspace, which an account on Slack begins with."""
    return person.id.rpartition(":")[2]


def _may_name(who: Known) -> ColumnElement[bool]:
    said = cast(outbox.c.payload, Text)
    theirs = select(enrolments.c.cohort_id).where(enrolments.c.id.in_(who.enrolment_ids))
    by_row = outbox.c.kind.in_(["answer", "reminder", "report", "welcome"]) & outbox.c.cohort_id.in_(theirs)
    return or_(by_row, *(said.contains(json.dumps(each.id), autoescape=True) for each in who.people))


def _told(table: Table, row: Row[Any]) -> dict[str, Any]:
    """The row without what only ties it to others; what names those is in it instead."""
    ties = {each.name for each in table.c if each.foreign_keys and each.name != "undoes"} | _UNTOLD
    return {name: value for name, value in row._mapping.items() if name not in ties}


def _post(row: Row[Any], reader: Known | None = None) -> dict[str, Any]:
    """A post; of a notice in which somebody else says something to the `reader`, not what it says."""
    by = row.payload.get("by") if row.kind == "notice" else None
    is_anothers = reader is not None and by is not None and not reader.is_named_in(by)
    message = row.payload.get("message")
    said = Message.model_validate(message) if message and not is_anothers else None
    return {
        "kind": row.kind, "place": row.name, "state": row.state, "due_at": row.due_at, "posted_at": row.posted_at,
        "message": said,
    }  # fmt: skip
