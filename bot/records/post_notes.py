"""What facilitators say in single posts of a season, beside what the curriculum says: kept with the step."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, select

from bot.records.posts import Kind
from bot.records.rows import put_row
from bot.records.stale import everything_changed
from bot.records.tables import post_notes


@dataclass(frozen=True, slots=True)
class PostNote:
    """A `note` at the top of a post, in small Markdown, and what a milestone's week is called there: its `title`."""

    title: str | None = None
    note: str | None = None


NOTHING = PostNote()
"""What is said in most posts."""
Notes = Mapping[tuple[Kind, int], PostNote]
"""What is said in a cohort's posts, by kind and step."""


def get(connection: Connection, cohort_id: int, kind: Kind, step: int) -> PostNote:
    """What is said in the step's post of that kind."""
    row = connection.execute(select(post_notes).where(_this(cohort_id, kind, step))).one_or_none()
    return NOTHING if row is None else PostNote(row.title, row.note)


def of_cohort(connection: Connection, cohort_id: int) -> Notes:
    """What is said in the cohort's posts."""
    rows = connection.execute(select(post_notes).where(post_notes.c.cohort_id == cohort_id))
    return {(row.kind, row.step): PostNote(row.title, row.note) for row in rows}


def put(connection: Connection, cohort_id: int, kind: Kind, step: int, said: PostNote) -> bool:
    """Have it say this from now on. False if it does already."""
    if get(connection, cohort_id, kind, step) == said:
        return False
    if said == PostNote():
        connection.execute(delete(post_notes).where(_this(cohort_id, kind, step)))
    else:
        this = {"cohort_id": cohort_id, "kind": kind, "step": step}
        put_row(connection, post_notes, this, {"title": said.title, "note": said.note})
    everything_changed(connection)
    return True


def forget_questions(connection: Connection, cohort_id: int, *, after: int) -> None:
    """Say nothing in prompts and reminders after that step: they are others, once it is kept open or not any more."""
    mine = (post_notes.c.cohort_id == cohort_id) & (post_notes.c.kind != "milestone") & (post_notes.c.step > after)
    connection.execute(delete(post_notes).where(mine))


def _this(cohort_id: int, kind: Kind, step: int) -> ColumnElement[bool]:
    return (post_notes.c.cohort_id == cohort_id) & (post_notes.c.kind == kind) & (post_notes.c.step == step)
