"""The versions of curricula that are on offer, and older ones for as long as a cohort follows them.

What a version holds is content to the records; `bot.delivery.versions` reads it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from bot.records.stale import everything_changed
from bot.records.tables import cohorts, curricula

Version = tuple[str, str]
"""A curriculum's id, and one of its versions."""


def keep(
    connection: Connection, on_offer: Mapping[Version, Mapping[str, Any]], known: Collection[Version]
) -> dict[Version, Mapping[str, Any]]:
    """Keep the content of the versions on offer, and forget those that are neither on offer nor followed.

    A cohort whose version was never kept has followed whatever was on offer, and follows that now. Returns the older
    versions that cohorts follow, but for those that are `known`.
    """
    kept = {(row.curriculum, row.version): row.content for row in connection.execute(select(curricula))}
    for (curriculum, version), content in on_offer.items():
        this = (curricula.c.curriculum == curriculum) & (curricula.c.version == version)
        if (curriculum, version) not in kept:
            connection.execute(insert(curricula).values(curriculum=curriculum, version=version, content=content))
        elif kept[curriculum, version] != content:
            connection.execute(update(curricula).where(this).values(content=content))
    _adopt(connection, on_offer, kept.keys() | on_offer.keys())
    followed = set[Version]()
    for row in connection.execute(select(cohorts.c.curriculum, cohorts.c.version, cohorts.c.formers)):
        followed |= {(row.curriculum, version) for version in (row.version, *(former for former, _ in row.formers))}
    if gone := kept.keys() - followed - on_offer.keys():
        these = tuple_(curricula.c.curriculum, curricula.c.version).in_(gone)
        connection.execute(delete(curricula).where(these))
    return {each: kept[each] for each in kept.keys() & followed - on_offer.keys() - set(known)}


def versions(connection: Connection) -> set[Version]:
    """The versions whose content is kept."""
    rows = connection.execute(select(curricula.c.curriculum, curricula.c.version))
    return {(row.curriculum, row.version) for row in rows}


def _adopt(connection: Connection, on_offer: Collection[Version], kept: Collection[Version]) -> None:
    """Have every cohort whose version is nowhere to be found follow the one on offer."""
    for curriculum, version in on_offer:
        there = [each for of, each in kept if of == curriculum]
        lost = (cohorts.c.curriculum == curriculum) & cohorts.c.version.not_in(there)
        if connection.execute(update(cohorts).where(lost).values(version=version)).rowcount:
            everything_changed(connection)
