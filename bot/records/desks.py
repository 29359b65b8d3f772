"""Desks: the channel where those who look after a cohort are told of its weeks. It is no place of the cohort's."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select

from bot.chat.platform import DIRECT, Place, Refusal
from bot.records import homes
from bot.records.rows import channel_of, put_row
from bot.records.tables import cohorts, communities, desks


def of_cohorts(connection: Connection, cohort_ids: Collection[int]) -> dict[int, Place]:
    """The desks of those cohorts that have one, by cohort."""
    found = connection.execute(
        select(desks, communities.c.platform, communities.c.foreign_id)
        .join(communities)
        .where(desks.c.cohort_id.in_(cohort_ids))
    )
    return {row.cohort_id: channel_of(row) for row in found}


def of(connection: Connection, cohort_id: int) -> Place | None:
    """The cohort's desk, if it has one."""
    return of_cohorts(connection, [cohort_id]).get(cohort_id)


def choose(connection: Connection, cohort_id: int, place: Place) -> bool:
    """Make the place the cohort's desk, in place of an earlier one. False if it is that already.

    Raises a Refusal where everybody reads along, or the platform does not tell who does, or members of a cohort do.
    """
    if place.community == DIRECT:
        raise Refusal("A desk is a channel. Go to one that is for facilitators alone, and use the command there.")
    if not place.is_private:
        raise Refusal(
            "Everybody here may be able to read this channel, and a digest says who went quiet and what is in "
            "somebody's way. Make the channel private, or use the command in one that is."
        )
    community_id = homes.community(connection, place.platform, place.community)
    if (name := homes.at_home(connection, community_id, place.channel)) is not None:
        raise Refusal(
            "{cohort} is at home here, so its members read this channel. Use the command in one that is for "
            "facilitators alone.", cohort=name,
        )  # fmt: skip
    before = of(connection, cohort_id)
    values = {"community_id": community_id, "channel": place.channel, "name": place.name or place.channel}
    put_row(connection, desks, {"cohort_id": cohort_id}, values)
    return before is None or not before.is_at(place)


def hand_on(connection: Connection, cohort_id: int, next_id: int) -> bool:
    """Make the cohort's desk that of its next season, too. False if it has none, or one in another community."""
    both = (desks.c.community_id == cohorts.c.community_id) & (cohorts.c.id == next_id)
    kept = select(cohorts.c.id, desks.c.community_id, desks.c.channel, desks.c.name).join_from(desks, cohorts, both)
    columns = ["cohort_id", "community_id", "channel", "name"]
    made = insert(desks).from_select(columns, kept.where(desks.c.cohort_id == cohort_id))
    return connection.execute(made).rowcount > 0


def take_away(connection: Connection, cohort_id: int) -> bool:
    """Have the cohort be without a desk. False if it is anyway."""
    return connection.execute(delete(desks).where(desks.c.cohort_id == cohort_id)).rowcount > 0
