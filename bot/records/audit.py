"""Who did what to a cohort, when, and what was different afterwards.

An entry is written in the transaction of the change itself, by what `kept` or `noted` make of its verb.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Row, Text, cast, insert, or_, select, update

from bot.chat.platform import Call, Person
from bot.records import cohorts, facilitators
from bot.records.bends import Amendment, Break
from bot.records.cohorts import Cohort, CohortPlace, Meeting
from bot.records.members import account
from bot.records.tables import accounts, audit
from bot.records.tables import cohorts as cohort_rows

WORDS = ("text", "name", "card", "alt", "links", "title", "note")
"""What of an announcement, and of a post of a season, are its writer's own words."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did: the command with its arguments, and what of the cohort was changed by it, as text by name.

    `by` has the name that the person had then; it is None for one who has been forgotten since.
    """

    id: int
    by: Person | None
    command: str
    given: Mapping[str, str]
    before: Mapping[str, str]
    after: Mapping[str, str]
    at: datetime


def kept(
    call: Call, verb: Callable[Concatenate[Connection, P], T], now: datetime, cohort: Cohort | None = None
) -> Callable[Concatenate[Connection, P], T]:
    """The verb, leaving an entry of what it changed of the cohort; of the one that it returns, if none is given."""

    @wraps(verb)
    def audited(connection: Connection, /, *args: P.args, **kwargs: P.kwargs) -> T:
        before = _state(connection, cohort)
        result = verb(connection, *args, **kwargs)
        about = cohort or (result if isinstance(result, Cohort) else None)
        after = _state(connection, about)
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        if about and changed:
            note(
                connection, call, now, about.id,
                before={name: before[name] for name in changed if name in before},
                after={name: after[name] for name in changed if name in after},
            )  # fmt: skip
        return result

    return audited


def noted(
    call: Call, verb: Callable[Concatenate[Connection, P], T], now: datetime, cohort: Cohort
) -> Callable[Concatenate[Connection, P], T]:
    """The verb, leaving an entry wherever it says that it did something: what it changed is not the cohort's."""

    @wraps(verb)
    def audited(connection: Connection, /, *args: P.args, **kwargs: P.kwargs) -> T:
        result = verb(connection, *args, **kwargs)
        if result:
            note(connection, call, now, cohort.id)
        return result

    return audited


def note(
    connection: Connection, call: Call, now: datetime, *cohort_ids: int,
    before: Mapping[str, str] | None = None, after: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Keep what the call did, the same, to each of the cohorts; those that are no more are left out."""
    account_id, _ = account(connection, call.person, now)  # by which their name is found, and forgotten
    there = select(cohort_rows.c.id).where(cohort_rows.c.id.in_(cohort_ids)).order_by(cohort_rows.c.id)
    values = {
        "account_id": account_id,
        "name": call.person.name[:200], "command": call.command, "given": dict(call.given),
        "before": dict(before or {}), "after": dict(after or {}), "at": now,
    }  # fmt: skip
    rows = [{**values, "cohort_id": each} for each in connection.execute(there).scalars()]
    if rows:
        connection.execute(insert(audit), rows)


def entries(connection: Connection, cohort_id: int, limit: int, before: int | None = None) -> list[Entry]:
    """The newest entries about the cohort, the newest first; only those older than the entry `before`, if given."""
    wanted = audit.c.cohort_id == cohort_id
    if before is not None:
        wanted &= audit.c.id < before
    rows = connection.execute(
        select(audit, accounts.c.platform, accounts.c.foreign_id, accounts.c.name.label("called_now"))
        .outerjoin(accounts, accounts.c.id == audit.c.account_id)
        .where(wanted)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    return [Entry(row.id, _by(row), row.command, row.given, row.before, row.after, row.at) for row in rows]


def _by(row: Row[Any]) -> Person | None:
    if row.foreign_id is None:
        return None
    return Person(platform=row.platform, id=row.foreign_id, name=row.name or row.called_now)


def did(connection: Connection, cohort_id: int, command: str, since: datetime) -> bool:
    """Whether somebody gave that command for the cohort since then, and it did something."""
    such = (audit.c.cohort_id == cohort_id) & (audit.c.command == command) & (audit.c.at >= since)
    return connection.execute(select(audit.c.id).where(such).limit(1)).scalar() is not None


def forget(connection: Connection, account_ids: Sequence[int], people: Sequence[Person]) -> None:
    """Keep what these accounts did to cohorts, but not by whom, nor in which words, and name their people nowhere.

    Of a list of people that names them, nothing is kept.
    """
    said = [cast(each, Text) for each in (audit.c.given, audit.c.before, audit.c.after)]
    ids = [each.id.rpartition(":")[2] for each in people]  # as they are mentioned: without the workspace
    named = [each.contains(json.dumps(own)[1:-1], autoescape=True) for each in said for own in ids]
    rows = connection.execute(select(audit).where(or_(audit.c.account_id.in_(account_ids), *named))).all()
    for row in rows:
        is_theirs = row.account_id in account_ids
        gone = WORDS if is_theirs else ()
        left: dict[str, Any] = {
            "given": {} if is_theirs else _without(row.given, ids),
            "before": _without(row.before, ids, gone), "after": _without(row.after, ids, gone),
        }  # fmt: skip
        if is_theirs:
            left |= {"account_id": None, "name": ""}
        connection.execute(update(audit).where(audit.c.id == row.id).values(left))


def _without(said: Mapping[str, str], ids: Sequence[str], gone: Sequence[str] = ()) -> dict[str, str]:
    """What was said, but for those names and for values with one of the ids in them."""
    return {name: value for name, value in said.items() if name not in gone and not any(own in value for own in ids)}


def _state(connection: Connection, cohort: Cohort | None) -> dict[str, str]:
    """All that can be changed of a cohort, as text by name. How often its calendar was changed says nothing more."""
    if cohort is None:
        return {}
    now = cohorts.get(connection, cohort.id)
    apart = ("id", "community_id", "mark", "revision", "turns", "breaks", "held", "meeting", "formers", "amendments")
    fields = {name: value for name, value in asdict(now).items() if name not in apart}
    places = [f"{each.place.full_name}{_with(each)}" for each in cohorts.places(connection, cohort.id)]
    known = {each.account_id: named(each.person) for each in facilitators.of_cohort(connection, cohort.id)}
    led = facilitators.led_by(connection, cohort.id)
    return {
        **{name: str(value) for name, value in fields.items()},
        "turns": str(len(now.turns)), "breaks": ", ".join(map(_rest, now.breaks)),
        "amendments": ", ".join(map(_amended, now.amendments)),
        "held": ", ".join(map(str, now.held)), "meeting": "" if now.meeting is None else _meeting(now.meeting),
        "places": ", ".join(places), "facilitators": ", ".join(known.values()),
        "leads": ", ".join(f"{period}: {known[each]}" for period, each in sorted(led.items()) if each in known),
    }  # fmt: skip


def named(person: Person) -> str:
    """The person with their id, by which they are found and forgotten also after they changed their name."""
    return f"{person.name} ({person.platform}:{person.id})"


def _rest(each: Break) -> str:
    """The days of a break; a pause is a break without a name."""
    return f"{each.first_on} – {each.last_on}" + (f" ({each.name})" if each.name else "")


def _amended(each: Amendment) -> str:
    """What was done to one post, which is named as commands name it."""
    left_out = " left out" if each.is_skipped else ""
    moved = f" on {each.moved_to[0]} {each.moved_to[1]:%H:%M}" if each.moved_to else ""
    return f"{each.kind} {each.step}{moved}{left_out}"


def _meeting(each: Meeting) -> str:
    """The number of the weekday, Monday being 0, comes first."""
    return f"{each.weekday} {each.at:%H:%M}, {each.minutes} min" + (f", {each.where}" if each.where else "")


def _with(at: CohortPlace) -> str:
    role, lost = f" @{at.role}" if at.role else "", f" (lost: {at.lost_because})" if at.lost_because else ""
    return role + lost
