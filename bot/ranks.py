"""Who somebody is to the Desk: which rank they have in a community, and which language and zone."""

from dataclasses import replace

from bot.chat.command import Rank
from bot.chat.desk import Known, RankOf
from bot.chat.platform import DIRECT, Call
from bot.records.records import Records


def rank_in(records: Records, facilitators: frozenset[tuple[str, str, str]]) -> RankOf:
    """Who has which rank: admins and those the operator listed, a cohort's facilitators, members, anyone."""

    async def rank_of(call: Call) -> Rank:
        if call.is_admin or _is_listed(call, facilitators):
            return Rank.ORGANISER
        standing = await records.standing(call.person)
        town = await records.town(call.place.platform, call.place.community)
        # In direct messages they have to do with nothing but what concerns the cohorts that they look after.
        here = (each.id in standing.facilitates for each in (*town.open_cohorts, *town.archived))
        if standing.facilitates and (call.place.community == DIRECT or any(here)):
            return Rank.FACILITATOR
        return Rank.MEMBER if standing.enrolments else Rank.ANYONE

    return rank_of


def _is_listed(call: Call, facilitators: frozenset[tuple[str, str, str]]) -> bool:
    """Whether the operator listed the person as one who looks after this community."""
    platform, community = call.place.platform, call.place.community
    account = call.person.id.removeprefix(f"{community}:")  # an account on Slack is one in a workspace
    return (platform, community, account) in facilitators


def known_in(records: Records, facilitators: frozenset[tuple[str, str, str]]) -> Known:
    """What members chose in their settings, and the operator of them, comes before what their platform says of them."""

    async def known(call: Call) -> Call:
        chosen = (await records.standing(call.person)).preferences
        return replace(
            call, locale=chosen.language or call.locale, zone=chosen.zone or call.zone,
            is_admin=call.is_admin or _is_listed(call, facilitators),
        )  # fmt: skip

    return known
