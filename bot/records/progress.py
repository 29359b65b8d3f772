"""The log of what members did. It only grows: taking something back is one more entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from bot.records.tables import progress


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log: by how much of which task, done when."""

    id: int
    task: str
    amount: int


def totals(connection: Connection, member_id: int) -> Mapping[str, Mapping[str, int]]:
    """How much of each task the member has done, per curriculum. Tasks that were taken back to nothing are left out."""
    amount = func.sum(progress.c.amount)
    rows = connection.execute(
        select(progress.c.curriculum, progress.c.task, amount.label("amount"))
        .where(progress.c.member_id == member_id)
        .group_by(progress.c.curriculum, progress.c.task)
        .having(amount > 0)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.curriculum, {})[row.task] = int(row.amount)
    return found


def total(connection: Connection, member_id: int, curriculum: str, task: str) -> int:
    """How much of the task the member has done."""
    mine = (progress.c.member_id == member_id) & (progress.c.curriculum == curriculum) & (progress.c.task == task)
    return int(connection.execute(select(func.coalesce(func.sum(progress.c.amount), 0)).where(mine)).scalar_one())


def is_recorded(connection: Connection, call_id: str) -> bool:
    """Whether this call has counted already."""
    return connection.execute(select(progress.c.id).where(progress.c.call_id == call_id)).scalar() is not None


def record(
    connection: Connection, member_id: int, curriculum: str, version: str, task: str, amount: int,
    *, at: datetime, source: str, call_id: str, link: str | None = None, undoes: int | None = None,
) -> None:  # fmt: skip
    """Add an entry. `amount` is a difference, negative when something is taken back."""
    connection.execute(
        insert(progress).values(
            member_id=member_id, curriculum=curriculum, version=version, task=task, amount=amount, at=at,
            source=source, call_id=call_id, link=link, undoes=undoes,
        )
    )  # fmt: skip


def last_entry(connection: Connection, member_id: int, curriculum: str) -> Entry | None:
    """The member's newest entry that was not taken back and takes nothing back itself."""
    undone = select(progress.c.undoes).where(progress.c.undoes.is_not(None))
    row = connection.execute(
        select(progress.c.id, progress.c.task, progress.c.amount)
        .where(progress.c.member_id == member_id, progress.c.curriculum == curriculum)
        .where(progress.c.undoes.is_(None), progress.c.id.not_in(undone))
        .order_by(progress.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Entry(row.id, row.task, row.amount)


def active_at(connection: Connection, member_id: int, curriculum: str) -> list[datetime]:
    """The instants at which the member recorded something that still counts."""
    undone = select(progress.c.undoes).where(progress.c.undoes.is_not(None))
    rows = connection.execute(
        select(progress.c.at)
        .where(progress.c.member_id == member_id, progress.c.curriculum == curriculum)
        .where(progress.c.undoes.is_(None), progress.c.id.not_in(undone))
    )
    return [row.at for row in rows]
