"""What a verb changed, so that what was remembered of it is dropped once the transaction is kept.

Verbs mark their connection; `Records.write` reads the marks after the commit. A mark is an account, as platform and id,
`LINKS` or `EVERYTHING`.
"""

from sqlalchemy import Connection, select

from bot.records.tables import accounts

EVERYTHING = ("", "")
LINKS = ("", "links")
_MARKS = "milepost_stale"


def account_changed(connection: Connection, platform: str, foreign_id: str) -> None:
    """What is remembered of this person no longer holds."""
    connection.info.setdefault(_MARKS, set()).add((platform, foreign_id))


def member_changed(connection: Connection, member_id: int) -> None:
    """What is remembered of any of the member's accounts no longer holds."""
    mine = select(accounts.c.platform, accounts.c.foreign_id).where(accounts.c.member_id == member_id)
    for row in connection.execute(mine):
        account_changed(connection, row.platform, row.foreign_id)


def everything_changed(connection: Connection) -> None:
    """Cohorts, their places or what is said in their posts changed; nothing that is remembered may hold any longer."""
    connection.info.setdefault(_MARKS, set()).add(EVERYTHING)


def links_changed(connection: Connection) -> None:
    """Of other links than before readers are to be warned."""
    connection.info.setdefault(_MARKS, set()).add(LINKS)


def take_marks(connection: Connection) -> set[tuple[str, str]]:
    """The marks since the last time, which are wiped off."""
    marks: set[tuple[str, str]] = connection.info.pop(_MARKS, set())
    return marks
