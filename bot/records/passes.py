"""Passes: local weeks that a member takes off. One that is answered all the same costs nothing."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.records.tables import passes


def of_enrolment(connection: Connection, enrolment_id: int) -> set[str]:
    """The weeks of the season that the member has passed, such as `2026-W50`."""
    return set(connection.execute(select(passes.c.period).where(passes.c.enrolment_id == enrolment_id)).scalars())


def use(connection: Connection, enrolment_id: int, periods: Iterable[str], most: int, now: datetime) -> set[str] | None:
    """Pass those weeks, each once however often it is asked for, and return all that are passed now.

    None, and nothing is passed, if that would make them more than `most`.
    """
    before = of_enrolment(connection, enrolment_id)
    new = [each for each in dict.fromkeys(periods) if each not in before]
    if new and len(before) + len(new) > most:
        return None
    for period in new:
        connection.execute(insert(passes).values(enrolment_id=enrolment_id, period=period, at=now))
    return before | set(new)


def give_back(connection: Connection, enrolment_id: int, periods: Collection[str]) -> None:
    """Have those weeks be passed no longer."""
    connection.execute(delete(passes).where(passes.c.enrolment_id == enrolment_id, passes.c.period.in_(periods)))
