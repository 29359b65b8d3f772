"""Who did what to a cohort, when, and what was different afterwards.

An entry is written in the transaction of the change itself, by what `kept` or `noted` make of its verb.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, insert, select

from bot.chat.platform import Call
from bot.records import cohorts, facilitators
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.tables import accounts, audit
from bot.records.tables import cohorts as cohort_rows

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did: the command with its arguments, and what of the cohort was changed by it, as text by name.

    `name` is what the person was called then; it is empty for one who has been forgotten since.
    """

    id: int
    name: str
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
                connection, call, now, about,
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
            note(connection, call, now, cohort, before={}, after={})
        return result

    return audited


def note(
    connection: Connection, call: Call, now: datetime, cohort: Cohort,
    *, before: Mapping[str, str], after: Mapping[str, str],
) -> None:  # fmt: skip
    """Keep what the call did to the cohort."""
    note_all(connection, call, now, [cohort.id], before=before, after=after)


def note_all(
    connection: Connection, call: Call, now: datetime, cohort_ids: Iterable[int],
    *, before: Mapping[str, str], after: Mapping[str, str],
) -> None:  # fmt: skip
    """Keep what the call did, the same, to each of the cohorts; those that are no more are left out."""
    mine = (accounts.c.platform == call.person.platform) & (accounts.c.foreign_id == call.person.id)
    there = select(cohort_rows.c.id).where(cohort_rows.c.id.in_(list(cohort_ids))).order_by(cohort_rows.c.id)
    values = {
        "account_id": connection.execute(select(accounts.c.id).where(mine)).scalar(),
        "name": call.person.name[:200], "command": call.command, "given": dict(call.given),
        "before": dict(before), "after": dict(after), "at": now,
    }  # fmt: skip
    rows = [{**values, "cohort_id": each} for each in connection.execute(there).scalars()]
    if rows:
        connection.execute(insert(audit), rows)


def entries(connection: Connection, cohort_id: int, limit: int, before: int | None = None) -> list[Entry]:
    """The newest entries about the cohort, the newest first; only those older than the entry `before`, if given."""
    wanted = audit.c.cohort_id == cohort_id
    if before is not None:
        wanted &= audit.c.id < before
    rows = connection.execute(select(audit).where(wanted).order_by(audit.c.id.desc()).limit(limit))
    return [Entry(row.id, row.name, row.command, row.given, row.before, row.after, row.at) for row in rows]


def _state(connection: Connection, cohort: Cohort | None) -> dict[str, str]:
    """All that can be changed of a cohort, as text by name."""
    if cohort is None:
        return {}
    now = cohorts.get(connection, cohort.id)
    fields = {name: value for name, value in asdict(now).items() if name not in ("id", "community_id", "mark")}
    places = [f"{each.place.full_name}{_with(each)}" for each in cohorts.places(connection, cohort.id)]
    people = [each.person.name or each.person.id for each in facilitators.of_cohort(connection, cohort.id)]
    led = facilitators.led_by(connection, cohort.id)
    return {
        **{name: str(value) for name, value in fields.items()},
        "places": ", ".join(places), "facilitators": ", ".join(people), "leads": str(led),
    }  # fmt: skip


def _with(at: CohortPlace) -> str:
    role, lost = f" @{at.role}" if at.role else "", f" (lost: {at.lost_because})" if at.lost_because else ""
    return role + lost
