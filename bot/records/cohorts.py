"""Communities, their cohorts, and the places where a cohort is at home."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from bot.chat.platform import Place, Refusal
from bot.records import homes, projections
from bot.records.bends import FIVE, FRIDAY, Amendment, Break, Turn
from bot.records.rows import Listed, add_row, channel_of
from bot.records.stale import everything_changed
from bot.records.tables import cohort_places, cohorts, communities, enrolments


@dataclass(frozen=True, slots=True)
class Meeting:
    """A weekly meeting on a local `weekday` (Monday is 0) at `at`, in the cohort's zone. `where` is anybody's words."""

    weekday: int
    at: time
    minutes: int
    where: str | None = None


def key_of(cohort_id: int, mark: str) -> str:
    """What the keys of a cohort's posts begin with: its code and its mark.

    Keys are unique for ever, and an id is not: after a restore a new cohort may get one that was in use before.
    """
    return f"c{cohort_id}-{mark}" if mark else f"c{cohort_id}"


@dataclass(frozen=True, slots=True)
class Former:
    """A version of its curriculum that a cohort followed: the season's steps before `end_step` were posted by it."""

    version: str
    end_step: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """A group that goes through one curriculum at a pinned version, after its `formers` until it was upgraded.

    Its steps come at `at` on the first local `weekday` (Monday is 0) on or after `start_on`, in the IANA zone `zone`,
    and weekly from then on; members are asked to check in on the first `checkin_weekday` after each, at `checkin_at`.
    That is true from the step on at which the last of its earlier `turns` ends, but for its `breaks`, in order; and of
    no step after the first of those that are `held`, or while it is paused; and its `amendments` are to single posts.
    `bot.delivery.calendar` reads all this; `revision` counts its changes. Its members may pass so many weeks: `passes`.
    `has_digest`: it is told of its own week. It takes `capacity` members, or as many as come.
    One that is archived has no places: nothing is posted, and nobody joins it.
    """

    id: int
    community_id: int
    name: str
    curriculum: str
    version: str
    start_on: date
    zone: ZoneInfo
    weekday: int
    at: time
    pace: str
    language: str
    meeting: Meeting | None = None
    mark: str = ""
    turns: tuple[Turn, ...] = ()
    breaks: tuple[Break, ...] = ()
    held: tuple[int, ...] = ()
    paused_at: datetime | None = None
    revision: int = 0
    checkin_weekday: int = FRIDAY
    checkin_at: time = FIVE
    passes: int = 2
    has_digest: bool = True
    formers: tuple[Former, ...] = ()
    archived_at: datetime | None = None
    amendments: tuple[Amendment, ...] = ()
    capacity: int | None = None

    @property
    def code(self) -> str:
        """A short name that never changes, for people."""
        return f"c{self.id}"

    @property
    def key(self) -> str:
        """What the keys of its posts begin with, and by which buttons name it: no other cohort ever has it."""
        return key_of(self.id, self.mark)


@dataclass(frozen=True, slots=True)
class CohortPlace:
    """A place that a cohort's posts go to. `lost_because` says why they no longer can.

    `role` is the platform's own id of the role that the cohort's members have in this place's community. `joined_at` is
    since when it is the cohort's, if not from the beginning.
    """

    id: int
    cohort_id: int
    place: Place
    lost_because: str | None
    role: str | None = None
    joined_at: datetime | None = None

    @property
    def what(self) -> str:
        """What tells it from any other place that may ever have its id."""
        return f"{self.cohort_id}:{self.place.platform}:{self.place.community}:{self.place.channel}"


_TURNS, _BREAKS, _AMENDMENTS, _FORMERS = Listed(Turn), Listed(Break), Listed(Amendment), Listed(Former)


def named(among: Sequence[Cohort], typed: str) -> Cohort | None:
    """The cohort whose code or name was typed, whatever the case, or whose key a button carries: names come last."""
    wanted = typed.strip().casefold()
    known = {each.name.casefold(): each for each in reversed(among)} | {each.code: each for each in among}
    known |= {each.key: each for each in among}
    return known.get(wanted)


def create(connection: Connection, place: Place, now: datetime, **settings: Any) -> Cohort:
    """Make a cohort, at home in the place. Raises a Refusal if the name or the place is taken."""
    home = check_free(connection, place, settings["name"])
    values = {**settings, "zone": settings["zone"].key, "community_id": home, "created_at": now, "mark": token_hex(4)}
    cohort_id = add_row(connection, cohorts, values)
    homes.add(connection, cohort_id, place, now)
    return get(connection, cohort_id)


def check_free(connection: Connection, place: Place, name: str) -> int:
    """The id of the place's community. Raises a Refusal if a cohort has that name there, or cannot be in the place."""
    home = homes.check_free(connection, place)
    check_name(connection, home, name)
    return home


def check_name(connection: Connection, community_id: int, name: str) -> None:
    """Raises a Refusal if a cohort of the community is called so already, archived ones among them."""
    taken = connection.execute(select(cohorts.c.name).where(cohorts.c.community_id == community_id)).scalars()
    if name.casefold() in (each.casefold() for each in taken):  # SQLite's lower() knows only a to z
        raise Refusal("There is a cohort called {name} already. Choose another name.", field="name", name=name)


def redeem(connection: Connection, code: str, place: Place, now: datetime) -> Cohort:
    """Make the place one of the cohort's that the code was issued for, and return that cohort; see `homes.redeem`."""
    return get(connection, homes.redeem(connection, code, place, now))


def get(connection: Connection, cohort_id: int) -> Cohort:
    """The cohort with that id. Raises sqlalchemy's NoResultFound if there is none."""
    return cohort_of(connection.execute(select(cohorts).where(cohorts.c.id == cohort_id)).one())


def get_all(connection: Connection, cohort_ids: Collection[int]) -> dict[int, Cohort]:
    """The cohorts with those ids, by id, in order of age."""
    rows = connection.execute(select(cohorts).where(cohorts.c.id.in_(cohort_ids)).order_by(cohorts.c.id))
    return {row.id: cohort_of(row) for row in rows}


def places(connection: Connection, cohort_id: int) -> list[CohortPlace]:
    """The cohort's places, those that are lost among them."""
    return _places(connection, cohort_places.c.cohort_id == cohort_id)


def places_of(connection: Connection, cohort_ids: Collection[int]) -> dict[int, list[CohortPlace]]:
    """The places of those cohorts, by cohort, those that are lost among them."""
    found: dict[int, list[CohortPlace]] = {}
    for each in _places(connection, cohort_places.c.cohort_id.in_(cohort_ids)):
        found.setdefault(each.cohort_id, []).append(each)
    return found


def place_at(connection: Connection, place_id: int) -> CohortPlace | None:
    """The place with that id, if it is still one of its cohort's."""
    return next(iter(_places(connection, cohort_places.c.id == place_id)), None)


def _places(connection: Connection, which: ColumnElement[bool]) -> list[CohortPlace]:
    rows = connection.execute(
        select(cohort_places, communities.c.platform, communities.c.foreign_id)
        .join(communities)
        .where(which, cohort_places.c.left_at.is_(None))
        .order_by(cohort_places.c.id)
    )
    return [
        CohortPlace(row.id, row.cohort_id, channel_of(row), row.lost_because, row.role, row.joined_at) for row in rows
    ]


def all_cohorts(connection: Connection) -> list[Cohort]:
    """Every cohort of every community; for the operator alone."""
    return [cohort_of(row) for row in connection.execute(select(cohorts).order_by(cohorts.c.id))]


def page(connection: Connection, after: int, limit: int) -> list[Cohort]:
    """The next cohorts after that id, of every community, in order of their ids."""
    rows = connection.execute(select(cohorts).where(cohorts.c.id > after).order_by(cohorts.c.id).limit(limit))
    return [cohort_of(row) for row in rows]


def lose_place(connection: Connection, place_id: int, reason: str) -> str:
    """Remember that posts can no longer go there, and why. Returns what holds: the first reason, of several."""
    this = cohort_places.c.id == place_id
    connection.execute(
        update(cohort_places).where(this, cohort_places.c.lost_because.is_(None)).values(lost_because=reason)
    )
    return str(connection.execute(select(cohort_places.c.lost_because).where(this)).scalar_one())


def link_role(connection: Connection, place: CohortPlace, role: str | None, now: datetime) -> None:
    """Have the cohort's members hold the role in the place's community; None has it taken back from all of them.

    Raises a Refusal if another cohort of the community has it: who left that one would lose it in this one.
    """
    here = select(cohort_places.c.community_id).where(cohort_places.c.id == place.id).scalar_subquery()
    others = (cohort_places.c.community_id == here) & (cohort_places.c.id != place.id)
    others &= cohort_places.c.left_at.is_(None)
    taken = connection.execute(
        select(cohorts.c.name)
        .join(cohort_places, cohort_places.c.cohort_id == cohorts.c.id)
        .where(others, cohort_places.c.role == role)
    ).scalar()
    if role is not None and taken is not None:
        raise Refusal("That is the role of {cohort} already. Choose another one.", field="role", cohort=taken)
    connection.execute(update(cohort_places).where(cohort_places.c.id == place.id).values(role=role))
    projections.want(connection, place.id, "members", now)


def set_meeting(connection: Connection, cohort_id: int, meeting: Meeting | None, now: datetime) -> None:
    """Give the cohort a weekly meeting, in place of an earlier one; None for no meeting any more."""
    values = {"weekday": None, "at": None, "minutes": None, "where": None} if meeting is None else asdict(meeting)
    columns = {f"meeting_{name}": value for name, value in values.items()}
    connection.execute(update(cohorts).where(cohorts.c.id == cohort_id).values(**columns))
    projections.calendar_changed(connection, cohort_id, now)
    everything_changed(connection)


def set_rules(connection: Connection, cohort: Cohort) -> None:
    """Keep the cohort's rules as they are given. What was passed before stays passed."""
    rules = {"passes": cohort.passes, "has_digest": cohort.has_digest}
    connection.execute(update(cohorts).where(cohorts.c.id == cohort.id).values(rules))
    everything_changed(connection)


def bend(connection: Connection, cohort: Cohort, now: datetime) -> Cohort:
    """Keep the cohort's calendar as it is given, with the versions that it follows and whether it is archived.

    Returns it with its new revision. Raises a Refusal, and nothing is kept, if any of it was changed since the cohort
    was read.
    """
    this = (cohorts.c.id == cohort.id) & (cohorts.c.revision == cohort.revision)
    values = {
        "start_on": cohort.start_on, "weekday": cohort.weekday, "at": cohort.at, "zone": cohort.zone.key,
        "checkin_weekday": cohort.checkin_weekday, "checkin_at": cohort.checkin_at, "held": list(cohort.held),
        "turns": list(map(_TURNS.kept, cohort.turns)), "breaks": list(map(_BREAKS.kept, cohort.breaks)),
        "amendments": list(map(_AMENDMENTS.kept, cohort.amendments)), "paused_at": cohort.paused_at,
        "version": cohort.version, "formers": list(map(_FORMERS.kept, cohort.formers)),
        "archived_at": cohort.archived_at, "revision": cohort.revision + 1,
    }  # fmt: skip
    if connection.execute(update(cohorts).where(this).values(**values)).rowcount == 0:
        raise Refusal("The dates of {cohort} were changed at this very moment. Please try again.", cohort=cohort.name)
    projections.calendar_changed(connection, cohort.id, now)
    everything_changed(connection)
    return replace(cohort, revision=cohort.revision + 1)


def reopen_place(connection: Connection, place_id: int) -> None:
    """Let posts go there again."""
    connection.execute(update(cohort_places).where(cohort_places.c.id == place_id).values(lost_because=None))


def size(connection: Connection, *cohort_ids: int) -> int:
    """How many people are enrolled now; who is in several of the cohorts counts once."""
    now_in = enrolments.c.cohort_id.in_(cohort_ids) & enrolments.c.left_at.is_(None)
    return int(connection.execute(select(func.count(enrolments.c.member_id.distinct())).where(now_in)).scalar_one())


def cohort_of(row: Row[Any]) -> Cohort:
    """The cohort in a row that holds all of the table's columns."""
    meets = row.meeting_at is not None
    return Cohort(
        row.id, row.community_id, row.name, row.curriculum, row.version, row.start_on, ZoneInfo(row.zone), row.weekday,
        row.at, row.pace, row.language,
        Meeting(row.meeting_weekday, row.meeting_at, row.meeting_minutes, row.meeting_where) if meets else None,
        row.mark, tuple(map(_TURNS.read, row.turns)), tuple(map(_BREAKS.read, row.breaks)), tuple(row.held),
        row.paused_at, row.revision, row.checkin_weekday, row.checkin_at, row.passes, row.has_digest,
        tuple(map(_FORMERS.read, row.formers)), row.archived_at, tuple(map(_AMENDMENTS.read, row.amendments)),
        row.capacity,
    )  # fmt: skip
