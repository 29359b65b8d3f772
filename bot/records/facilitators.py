"""Who looks after a cohort, and who of them leads it in which week."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.chat.platform import Person, Refusal
from bot.chat.wording import as_typed
from bot.records import handovers
from bot.records.cohorts import Cohort
from bot.records.members import account
from bot.records.rows import PERSON, person_of, put_row
from bot.records.stale import account_changed
from bot.records.tables import accounts, facilitators, leads


@dataclass(frozen=True, slots=True)
class Facilitator:
    """One who looks after a cohort, since an instant."""

    account_id: int
    person: Person
    since_at: datetime


def of_cohort(connection: Connection, cohort_id: int) -> list[Facilitator]:
    """Those who look after the cohort, the longest serving first."""
    found = connection.execute(
        select(facilitators.c.account_id, facilitators.c.since_at, *PERSON)
        .join(accounts)
        .where(facilitators.c.cohort_id == cohort_id)
        .order_by(facilitators.c.since_at, facilitators.c.account_id)
    )
    return [Facilitator(row.account_id, person_of(row), row.since_at) for row in found]


def appoint(connection: Connection, cohort_id: int, person: Person, now: datetime) -> bool:
    """Have the person look after the cohort. False if they do already."""
    account_id, _ = account(connection, person, now)
    if any(each.account_id == account_id for each in of_cohort(connection, cohort_id)):
        return False
    connection.execute(insert(facilitators).values(cohort_id=cohort_id, account_id=account_id, since_at=now))
    account_changed(connection, person.platform, person.id)
    return True


def dismiss(connection: Connection, cohort: Cohort, person: Person) -> bool:
    """Have the person look after the cohort, and lead it, no longer. False if they do not anyway.

    Raises a Refusal, and nothing is changed, for the only one who does: somebody has to be told what goes wrong.
    """
    known = of_cohort(connection, cohort.id)
    found = next((each for each in known if _is(each.person, person)), None)
    if found is None:
        return False
    if len(known) == 1:
        raise Refusal(
            "{person} is the only one who looks after {cohort}. Add somebody first: {line}",
            field="person", person=found.person.name or found.person.id, cohort=cohort.name,
            line=as_typed("facilitator add"),
        )  # fmt: skip
    handovers.look_again(connection, cohort.id)
    for table in (facilitators, leads):
        theirs = (table.c.cohort_id == cohort.id) & (table.c.account_id == found.account_id)
        connection.execute(delete(table).where(theirs))
    account_changed(connection, person.platform, person.id)
    return True


def find(connection: Connection, cohort: Cohort, person: Person) -> Facilitator:
    """The person as one who looks after the cohort. Raises a Refusal for one who does not."""
    found = next((each for each in of_cohort(connection, cohort.id) if _is(each.person, person)), None)
    if found is None:
        raise Refusal(
            "{person} does not look after {cohort}. Have them do so first: {line}",
            field="person", person=person.name or person.id, cohort=cohort.name, line=as_typed("facilitator add"),
        )  # fmt: skip
    return found


def lead(connection: Connection, cohort_id: int, period: str, account_id: int | None) -> None:
    """Have that account lead the cohort in the local week, such as `2026-W50`; None for nobody in particular."""
    handovers.look_again(connection, cohort_id)
    if account_id is None:
        connection.execute(delete(leads).where(leads.c.cohort_id == cohort_id, leads.c.period == period))
    else:
        put_row(connection, leads, {"cohort_id": cohort_id, "period": period}, {"account_id": account_id})


def led_by(connection: Connection, cohort_id: int) -> dict[str, int]:
    """Which account leads the cohort in which local week."""
    led = connection.execute(select(leads.c.period, leads.c.account_id).where(leads.c.cohort_id == cohort_id))
    return {row.period: row.account_id for row in led}


def _is(one: Person, other: Person) -> bool:
    return (one.platform, one.id) == (other.platform, other.id)
