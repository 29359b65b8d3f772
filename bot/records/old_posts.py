"""How long the outbox remembers what it has settled."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, exists, select, tuple_

from bot.records.database import Database
from bot.records.tables import outbox

REMEMBERED = timedelta(days=180)
PAGE = 500  # posts a transaction, so that whoever else writes waits for milliseconds

_newer = outbox.alias("newer")
_is_last_milestone = and_(
    outbox.c.kind == "milestone",
    outbox.c.state == "sent",
    ~exists().where(
        _newer.c.place_id == outbox.c.place_id,
        _newer.c.kind == "milestone",
        _newer.c.state == "sent",
        tuple_(_newer.c.due_at, _newer.c.id) > tuple_(outbox.c.due_at, outbox.c.id),
    ),
)


async def forget_old(database: Database, now: datetime) -> None:
    """Forget the posts that were due half a year ago and are settled, a page at a time."""
    while await database.write(forget_page, now):
        pass


def forget_page(connection: Connection, now: datetime) -> int:
    """Forget one page of old posts; returns how many.

    None of them can be put again for want of its key: a step that old is too late, and a command's post comes once.
    However old, these stay: what a facilitator has to decide, what is to be brought up to date, a place's newest
    milestone (others go into its thread), and every word to a facilitator, who by its key hears it but once.
    """
    is_settled = outbox.c.state.in_(["sent", "skipped", "failed"]) & (outbox.c.due_at < now - REMEMBERED)
    is_unused = (outbox.c.kind != "notice") & outbox.c.refresh_at.is_(None) & ~_is_last_milestone
    page = select(outbox.c.id).where(is_settled, is_unused).limit(PAGE)
    return connection.execute(delete(outbox).where(outbox.c.id.in_(page))).rowcount
