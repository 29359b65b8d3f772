"""A community as its members see it: which cohorts there are, and where."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.records.cohorts import Cohort, cohort_of
from bot.records.rows import is_community
from bot.records.tables import cohort_places, cohorts, communities


@dataclass(frozen=True, slots=True)
class Town:
    """A community as its members see it: its own cohorts in order of age, those that are `archived` apart, those of
    other communities that have a place here, and which one is at home in which channel; `private` are those channels
    that not everybody sees.
    """

    community_id: int | None
    cohorts: tuple[Cohort, ...]
    archived: tuple[Cohort, ...]
    at_channel: Mapping[str, Cohort]
    private: frozenset[str]
    guests: tuple[Cohort, ...]

    @property
    def open_cohorts(self) -> tuple[Cohort, ...]:
        """Those that people here may be in."""
        return (*self.cohorts, *self.guests)

    def hides(self, cohort: Cohort) -> bool:
        """Whether not everybody here is to hear of the cohort: all of its places here are private."""
        channels = [channel for channel, each in self.at_channel.items() if each.id == cohort.id]
        return bool(channels) and self.private.issuperset(channels)


def load_town(connection: Connection, platform: str, foreign_id: str) -> Town:
    """Everything a command needs to know of the community. One that was never seen has no cohorts."""
    known = select(communities.c.id).where(is_community(platform, foreign_id))
    community_id = connection.execute(known).scalar()
    theirs = select(cohorts).where(cohorts.c.community_id == community_id).order_by(cohorts.c.id)
    own = [cohort_of(row) for row in connection.execute(theirs)]
    running, archived = (tuple(each for each in own if bool(each.archived_at) is ended) for ended in (False, True))
    at = connection.execute(
        select(cohorts, cohort_places.c.channel, cohort_places.c.is_private)
        .join(cohort_places, cohort_places.c.cohort_id == cohorts.c.id)
        .where(cohort_places.c.community_id == community_id, cohort_places.c.left_at.is_(None))
        .order_by(cohorts.c.id)
    ).all()
    at_channel = {row.channel: cohort_of(row) for row in at}
    private = frozenset(row.channel for row in at if row.is_private)
    guests = dict.fromkeys(each for each in at_channel.values() if each.community_id != community_id)
    return Town(community_id, running, archived, at_channel, private, tuple(guests))
