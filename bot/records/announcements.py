"""Announcements: what a facilitator writes, sees, sends, corrects and takes back; now, later or every week."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select, update

from bot.chat.platform import Call, Refusal
from bot.records import audit, live
from bot.records.cohorts import Cohort
from bot.records.references import refer, seal
from bot.records.rows import Listed, add_row, insert_new
from bot.records.tables import announcements, readings

State = Literal["draft", "scheduled", "template", "sent", "cancelled", "withdrawn", "ended"]
Notify = Literal["nobody", "cohort", "everyone"]
OPEN: tuple[State, ...] = ("draft", "scheduled")
SENT: tuple[State, ...] = ("sent",)
TEMPLATE: tuple[State, ...] = ("template",)
MOST_LISTED = 25
SHOWN = ("text", "cohort_ids", "notify", "card", "alt", "links", "asks")
"""What is shown of an announcement before it is sent: all that it says, and to whom."""
WRITTEN = (*SHOWN, "slot")
"""What forms ask for."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A local day and time in a zone; and, if it comes every week, until which local day, and on which it does not."""

    on: date
    at: time
    zone: ZoneInfo
    until_on: date | None = None
    skips: tuple[date, ...] = ()

    def __str__(self) -> str:
        """As the audit keeps it."""
        until = f" – {self.until_on}" if self.until_on else ""
        return f"{self.on} {self.at:%H:%M} {self.zone.key}{until}" + "".join(f", − {each}" for each in self.skips)

    def days(self) -> list[date]:
        """The local days on which it comes, in order."""
        weeks = 1 if self.until_on is None else (self.until_on - self.on).days // 7 + 1
        days = (self.on + timedelta(weeks=n) for n in range(weeks))
        return [each for each in days if each not in self.skips]


_SLOT = Listed(Slot)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A text for some cohorts of one community.

    Its `state`: a draft; scheduled for `send_at`, as its `slot` says; a template, with a `name`; sent, cancelled, or
    withdrawn from wherever it was; ended, of one that was repeated. `card` is what its picture says, `alt` what that is
    called; `links` are labels with addresses; if it `asks`, it has a button for those who have read it. Of everyone
    that it notifies, `people` is how many whoever confirmed that was told they are.
    """

    id: int
    community_id: int
    account_id: int
    text: str
    cohort_ids: tuple[int, ...]
    state: State
    created_at: datetime
    sent_at: datetime | None = None
    mark: str | None = None
    card: str | None = None
    alt: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    asks: bool = False
    notify: Notify = "nobody"
    people: int | None = None
    slot: Slot | None = None
    send_at: datetime | None = None
    name: str | None = None

    @property
    def key(self) -> str:
        """What its posts' keys hold: the id, and when it was made, as after a restore another may get the same id."""
        return self.mark or f"{self.id}-{self.created_at:%Y%m%dT%H%M%S%f}"

    @property
    def ref(self) -> str:
        """By what buttons name it."""
        return refer(self.id, self.key)

    @property
    def series(self) -> Slot | None:
        """The slot of one that is scheduled for every week."""
        return self.slot if self.state == "scheduled" and self.slot and self.slot.until_on else None

    def seal(self, *fields: str) -> str:
        """What tells it from what it was before one of these fields was changed, or has become since."""
        return seal(tuple(getattr(self, each) for each in WRITTEN if each in fields))


def draft(connection: Connection, call: Call, made: Announcement) -> Announcement:
    """Keep a draft, whose id is not known yet, or a template; nothing is sent."""
    kept = _insert(connection, made)
    changed = {"text": made.text} if made.name is None else {"name": made.name}
    audit.note(connection, call, made.created_at, *made.cohort_ids, after=changed)
    return kept


def occur(connection: Connection, series: Announcement, on: date, now: datetime, cohort_ids: tuple[int, ...]) -> (
    Announcement
):  # fmt: skip
    """Make one occurrence of a repeated announcement, as sent, for those of its cohorts; its key names the day."""
    made = replace(
        series, cohort_ids=cohort_ids, state="sent", created_at=now, sent_at=now, mark=f"{series.key}-{on}", slot=None,
        send_at=None,
    )  # fmt: skip
    return _insert(connection, made)


def get(connection: Connection, announcement_id: int) -> Announcement:
    """The announcement with that id. Raises sqlalchemy's NoResultFound if there is none."""
    row = connection.execute(select(announcements).where(announcements.c.id == announcement_id)).one()
    return _announcement_of(row)


def find(connection: Connection, community_ids: Collection[int], announcement_id: int) -> Announcement | None:
    """The announcement, if it belongs to one of the communities."""
    its = announcements.c.community_id.in_(community_ids)
    row = connection.execute(select(announcements).where(announcements.c.id == announcement_id, its)).one_or_none()
    return None if row is None else _announcement_of(row)


def latest(
    connection: Connection, community_ids: Collection[int], states: Collection[State], among: Collection[int]
) -> list[Announcement]:
    """The communities' announcements in those states that go to no other cohorts than those, newest first."""
    rows = connection.execute(
        select(announcements.c.id, announcements.c.cohorts)
        .where(announcements.c.community_id.in_(community_ids), announcements.c.state.in_(states))
        .order_by(announcements.c.id.desc())
    )
    ids = list(islice((row.id for row in rows if set(among).issuperset(row.cohorts)), MOST_LISTED))
    found = select(announcements).where(announcements.c.id.in_(ids)).order_by(announcements.c.id.desc())
    return [_announcement_of(row) for row in connection.execute(found)]


def change(
    connection: Connection, call: Call, now: datetime, known: Announcement, states: Collection[State], /, **values: Any
) -> Announcement | None:
    """Set these fields of an announcement that is in one of the states, with an entry for each of its cohorts.

    Returns it as it is now; None if it is in no such state any more: a second press is nothing; and if somebody else
    has written one of these fields since it was `known`. Raises a Refusal, and nothing is changed, if it would go to
    everyone without anybody having confirmed that.
    """
    was = get(connection, known.id)
    if any(getattr(was, each) not in (getattr(known, each), values[each]) for each in WRITTEN if each in values):
        return None
    this = (announcements.c.id == known.id) & announcements.c.state.in_(states)
    if connection.execute(update(announcements).where(this).values(_columns(values))).rowcount == 0:
        return None
    became = get(connection, known.id)
    if became.state in ("scheduled", "sent") and became.notify == "everyone" and became.people is None:
        raise Refusal("This would notify everyone, which has to be confirmed first.")
    before, after = ({name: _legible(each, name) for name in values} for each in (was, became))
    changed = [name for name in values if before[name] != after[name]]
    audit.note(
        connection, call, now, *was.cohort_ids, *became.cohort_ids,
        before={name: before[name] for name in changed}, after={name: after[name] for name in changed},
    )  # fmt: skip
    return became


def correct(connection: Connection, call: Call, now: datetime, known: Announcement, text: str) -> Announcement | None:
    """Change what was sent, wherever it is by now, or will be. None as `change`."""
    corrected = change(connection, call, now, known, SENT, text=text)
    if corrected is not None:
        live.announcement_changed(connection, known.id, now)
    return corrected


def withdraw(connection: Connection, call: Call, now: datetime, known: Announcement) -> Announcement | None:
    """Have what was sent be nowhere any more. None if it is not sent, or was withdrawn before."""
    withdrawn = change(connection, call, now, known, SENT, state="withdrawn")
    if withdrawn is not None:
        live.take_back(connection, live.copies(connection, known.id), now)
    return withdrawn


def has_word(connection: Connection, cohort: Cohort, since: datetime) -> bool:
    """Whether something was announced to the cohort since then, or is going to be."""
    sent = (announcements.c.state == "sent") & (announcements.c.sent_at >= since)
    these = (announcements.c.community_id == cohort.community_id) & sent
    was_said = any(
        cohort.id in each for each in connection.execute(select(announcements.c.cohorts).where(these)).scalars()
    )
    return was_said or bool(scheduled(connection, cohort))


def scheduled(connection: Connection, cohort: Cohort) -> list[datetime]:
    """When something is going to be announced to the cohort, the soonest first; of what is repeated, the next time."""
    rows = connection.execute(
        select(announcements.c.cohorts, announcements.c.send_at)
        .where(announcements.c.community_id == cohort.community_id, announcements.c.state == "scheduled")
        .order_by(announcements.c.send_at, announcements.c.id)
    )
    return [row.send_at for row in rows if cohort.id in row.cohorts]


def next_due(connection: Connection, now: datetime) -> Announcement | None:
    """The first of those that are scheduled for no later than now."""
    row = connection.execute(
        select(announcements)
        .where(announcements.c.state == "scheduled", announcements.c.send_at <= now)
        .order_by(announcements.c.send_at, announcements.c.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else _announcement_of(row)


def move_on(connection: Connection, due: Announcement, **values: Any) -> bool:
    """Set these fields of an announcement that was due. False if it was changed, or sent, by somebody else since."""
    this = (announcements.c.id == due.id) & (announcements.c.state == "scheduled")
    this &= announcements.c.send_at == due.send_at
    return connection.execute(update(announcements).where(this).values(_columns(values))).rowcount == 1


def asking(connection: Connection, announcement_id: int) -> Announcement | None:
    """The announcement with that id, if it is sent and asks whether it has been read."""
    this = (announcements.c.id == announcement_id) & (announcements.c.state == "sent") & announcements.c.asks
    row = connection.execute(select(announcements).where(this)).one_or_none()
    return None if row is None else _announcement_of(row)


def mark_read(connection: Connection, announcement_id: int, member_id: int, cohort_id: int, now: datetime) -> bool:
    """Note that the member, who is in that cohort, has read it. False if they said so before."""
    read = {"announcement_id": announcement_id, "member_id": member_id, "cohort_id": cohort_id, "at": now}
    once = insert_new(connection.dialect, readings, "announcement_id", "member_id")
    if connection.execute(once, read).rowcount == 0:
        return False
    live.announcement_changed(connection, announcement_id, now, cohort_id)
    return True


def read_by(connection: Connection, announcement_id: int, cohort_id: int | None = None) -> int:
    """How many members say that they have read it, of one cohort or of all."""
    these = readings.c.announcement_id == announcement_id
    if cohort_id is not None:
        these &= readings.c.cohort_id == cohort_id
    return int(connection.execute(select(func.count()).select_from(readings).where(these)).scalar_one())


def _legible(known: Announcement, field: str) -> str:
    """A field as the audit keeps it."""
    return ", ".join(map(" ".join, known.links)) if field == "links" else str(getattr(known, field))


def _insert(connection: Connection, made: Announcement) -> Announcement:
    values = _columns({name: getattr(made, name) for name in Announcement.__slots__ if name != "id"})
    return replace(made, id=add_row(connection, announcements, values))


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as the columns that keep them."""
    columns = {name: value for name, value in values.items() if name not in ("cohort_ids", "slot")}
    if "cohort_ids" in values:
        columns["cohorts"] = list(values["cohort_ids"])
    if "slot" in values:
        columns["slot"] = None if values["slot"] is None else _SLOT.kept(values["slot"])
    return columns


def _announcement_of(row: Row[Any]) -> Announcement:
    same = {name: getattr(row, name) for name in Announcement.__slots__ if name not in ("cohort_ids", "links", "slot")}
    links = tuple((label, url) for label, url in row.links)
    slot = None if row.slot is None else _SLOT.read(row.slot)
    return Announcement(**same, cohort_ids=tuple(row.cohorts), links=links, slot=slot)
