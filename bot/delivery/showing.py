"""What somebody was shown and may have done by a button: kept for a day, since a button has no room for it."""

from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection

from bot.records import notes

VALID = timedelta(days=1)

Shown = TypeVar("Shown", bound=BaseModel)


def keep(connection: Connection, shelf: str, token: str, shown: BaseModel, now: datetime) -> None:
    """Keep it on that shelf by its token, in the place of what was there."""
    notes.put(connection, shelf, token, shown.model_dump_json(), now + VALID)


def kept(connection: Connection, shelf: str, token: str, what: type[Shown], now: datetime) -> Shown | None:
    """What was shown and kept by that token in the last day."""
    found = notes.get(connection, shelf, token, now)
    return None if found is None else what.model_validate_json(found)
