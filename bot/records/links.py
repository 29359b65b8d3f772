"""The curriculum's links: what came of looking at them, what members reported, what facilitators decided.

What the nightly look finds holds for everybody. Reports and decisions are a community's own: a facilitator reads and
settles those of their own cohorts, and what they decide is shown there alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from bot.chat.platform import Call
from bot.records import audit
from bot.records.cohorts import Cohort
from bot.records.rows import add_row, put_row
from bot.records.stale import links_changed
from bot.records.tables import cohorts, communities, link_marks, link_reports, links

DEAD_FROM = 3  # failures in a row: one bad night, or two, is a server being moved

Outcome = Literal["opened", "failed", "unknown"]
Reason = Literal["status", "name", "answer", "tls", "slow", "redirects", "address", "offline"]


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one look at a link: it `opened`, it `failed`, or that is `unknown`; `status` is HTTP's.

    Failed is what a reader in a browser would run into as well: a page that is not there (404, 410 and the like), a
    `name` that does not exist, no `answer`, bad `tls`, an answer too `slow`, `redirects` without end.
    Unknown is what may tell robots from readers: 401, 403, 405, 407, 408, 425, 429, 451 and 5xx, with which many sites
    turn away whoever is no browser; an `address` that is not looked at, since it is private or on an odd port; and a
    failure to connect on a night when nothing answered, since this machine was `offline` then.
    """

    outcome: Outcome
    reason: Reason | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An address and what is known of it. `look` is the last one, at `checked_at`; both None if there was none yet.

    It failed `failures` times in a row, last at `failed_at`; `since` is when that began or, without failures, since
    when it opens. A look that says nothing neither counts nor ends anything.
    """

    id: int
    url: str
    checked_at: datetime | None
    look: Look | None
    failures: int
    since: datetime | None
    failed_at: datetime | None

    @property
    def is_dead(self) -> bool:
        """Whether it failed often enough in a row to be called so."""
        return self.failures >= DEAD_FROM


@dataclass(frozen=True, slots=True)
class Decision:
    """What a community's facilitators said of a link, and when."""

    is_broken: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """The warning beside a link: by the last look, or by a facilitator; `on` is the day in UTC."""

    on: date
    is_decided: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """A link of which something is to be said: as it is known, what was decided, and how many members report it.

    Reports that came before the decision are dealt with and do not count.
    """

    link: Link
    decision: Decision | None = None
    reports: int = 0

    @property
    def mark(self) -> Mark | None:
        """The warning: facilitators call it broken, or it is dead and was not called fine since it began to fail."""
        if self.decision and self.decision.is_broken:
            return Mark(self.decision.at.date(), is_decided=True)
        is_excused = self.decision and self.link.since and self.link.since <= self.decision.at
        if not self.link.is_dead or self.link.failed_at is None or is_excused:
            return None
        return Mark(self.link.failed_at.date(), is_decided=False)

    @property
    def is_wrong(self) -> bool:
        """Whether somebody should look at it: readers are warned, a member reports it, or it has begun to fail."""
        return bool(self.mark or self.reports or (self.link.failures and self.decision is None))

    @property
    def is_unknown(self) -> bool:
        """Whether the last look said nothing."""
        return self.link.look is not None and self.link.look.outcome == "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """The links, by address, of which the readers in a community are warned. Equal to itself alone: a key of caches."""

    by_url: Mapping[str, Mark] = field(default_factory=dict)

    def of(self, url: str | None) -> Mark | None:
        """What is to be said of this address, or None."""
        return self.by_url.get(url) if url else None


def load_marks(connection: Connection, community_id: int | None) -> Marks:
    """Which links the readers in that community are warned of."""
    found = troubles(connection, community_id)
    return Marks({each.link.url: mark for each in found if (mark := each.mark)})


def troubles(connection: Connection, community_id: int | None) -> list[Trouble]:
    """The links that failed or could not be looked at the last time, and those reported or decided about there.

    None is for a community that was never seen, which has neither reports nor decisions.
    """
    mine = and_(link_marks.c.link_id == links.c.id, link_marks.c.community_id == community_id)
    home = select(cohorts.c.id).where(cohorts.c.community_id == community_id)
    is_open = or_(link_marks.c.at.is_(None), link_reports.c.at > link_marks.c.at)
    counted = (
        select(func.count())
        .where(link_reports.c.link_id == links.c.id, link_reports.c.cohort_id.in_(home), is_open)
        .correlate(links, link_marks)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(links, link_marks.c.is_broken, link_marks.c.at, counted.label("reports"))
        .select_from(links.outerjoin(link_marks, mine))
        .order_by(links.c.id)
    )
    found = [
        Trouble(_link(row), None if row.at is None else Decision(row.is_broken, row.at), row.reports) for row in rows
    ]
    return [each for each in found if each.reports or each.decision or each.link.failures or each.is_unknown]


def everywhere(connection: Connection) -> list[Trouble]:
    """As `troubles`, for the operator: what any community calls broken, and the reports of all."""
    merged: dict[int, Trouble] = {}
    for community_id in (None, *connection.execute(select(communities.c.id)).scalars()):
        for each in troubles(connection, community_id):
            before = merged.get(each.link.id, Trouble(each.link))
            decision = each.decision if each.decision and each.decision.is_broken else before.decision
            merged[each.link.id] = Trouble(each.link, decision, before.reports + each.reports)
    return [each for each in merged.values() if each.reports or each.mark or each.link.failures or each.is_unknown]


def known(connection: Connection, urls: Collection[str]) -> dict[str, Link]:
    """What is known of those addresses."""
    rows = connection.execute(select(links).where(links.c.url.in_(urls)))
    return {row.url: _link(row) for row in rows}


def get(connection: Connection, link_id: int) -> Link | None:
    """The link with that id, or None."""
    row = connection.execute(select(links).where(links.c.id == link_id)).one_or_none()
    return None if row is None else _link(row)


def looked(connection: Connection, url: str, look: Look, now: datetime) -> None:
    """Keep what came of a look at the address."""
    before = _link_at(connection, url)
    values: dict[str, Any] = {
        "checked_at": now, "outcome": look.outcome, "reason": look.reason, "status": look.status,
    }  # fmt: skip
    if look.outcome == "failed":
        since = before.since if before.failures else now
        values |= {"failures": before.failures + 1, "since": since, "failed_at": now}
    elif look.outcome == "opened":
        values |= {"failures": 0, "since": now if before.failures else before.since or now, "failed_at": None}
    connection.execute(update(links).where(links.c.id == before.id).values(**values))
    after = _link_at(connection, url)
    if (before.is_dead, before.failed_at) != (after.is_dead, after.failed_at) and (before.is_dead or after.is_dead):
        links_changed(connection)


def report(
    connection: Connection, url: str, member_id: int, cohort: Cohort, curriculum: str, resource: str, why: str | None,
    now: datetime,
) -> Trouble:  # fmt: skip
    """Keep that the member found the link broken, in place of what they said of it before.

    Returns it as the cohort's community sees it.
    """
    link = _link_at(connection, url)
    said = {"cohort_id": cohort.id, "curriculum": curriculum, "resource": resource, "why": why, "at": now}
    put_row(connection, link_reports, {"link_id": link.id, "member_id": member_id}, said)
    return next(each for each in troubles(connection, cohort.community_id) if each.link.id == link.id)


def decide(
    connection: Connection, call: Call, link_id: int, community_id: int, is_broken: bool, now: datetime
) -> None:  # fmt: skip
    """Keep what the community's facilitators say of the link, which settles what members reported there until now.

    Each of the community's cohorts gets an audit entry; none does if they said so already, and nothing was reported
    since.
    """
    before = next((each for each in troubles(connection, community_id) if each.link.id == link_id), None)
    this = {"community_id": community_id, "link_id": link_id}
    put_row(connection, link_marks, this, {"is_broken": is_broken, "at": now})
    links_changed(connection)
    if before and before.decision and before.decision.is_broken == is_broken and not before.reports:
        return
    theirs = select(cohorts.c.id).where(cohorts.c.community_id == community_id, cohorts.c.archived_at.is_(None))
    audit.note(connection, call, now, *connection.execute(theirs).scalars())


def _link_at(connection: Connection, url: str) -> Link:
    """The link with that address, which is made known on first sight."""
    row = connection.execute(select(links).where(links.c.url == url)).one_or_none()
    if row is not None:
        return _link(row)
    return Link(add_row(connection, links, {"url": url}), url, None, None, 0, None, None)


def _link(row: Row[Any]) -> Link:
    look = None if row.outcome is None else Look(row.outcome, row.reason, row.status)
    return Link(row.id, row.url, row.checked_at, look, row.failures, row.since, row.failed_at)
