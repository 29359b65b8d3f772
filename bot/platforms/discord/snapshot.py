"""What there is on Discord, read over HTTP for the doctor: no gateway connection, nothing changed.

Only servers in which a cohort is at home are read, so a bot in a thousand servers is looked at in seconds.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord.http import HTTPClient, Route

from bot.platforms.discord.declare import paths

PATIENCE = 60  # seconds for Discord to take a request that it asked to repeat later


@dataclass(frozen=True, slots=True)
class Application:
    """The application behind the token. `endpoint` is where interactions go instead of to the gateway, if anywhere."""

    id: str
    name: str
    endpoint: str | None = None
    needs_code_grant: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a server. `rank` orders roles as the server's settings do, the highest last."""

    id: str
    name: str
    rank: tuple[int, int]
    is_managed: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel with Discord's number for its type, and the bit set of what the bot may do in it."""

    id: str
    name: str
    type: int
    granted: int


@dataclass(frozen=True, slots=True)
class Guild:
    """A server that the bot is in: what it may do there at large, its highest role, and what was changed about it.

    `overridden` are the commands whose visibility an admin changed; None if Discord would not say.
    """

    id: str
    name: str
    granted: int
    top: Role
    roles: Mapping[str, Role]
    channels: Mapping[str, Channel]
    overridden: frozenset[str] | None = frozenset()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was seen. `guilds` has each wanted community; None for one that the bot is not in."""

    application: Application
    declared: frozenset[str]
    guilds: Mapping[str, Guild | None]
    is_anywhere: bool = True


async def look(token: str, communities: Iterable[str]) -> Snapshot:
    """Read what there is, with the servers of these ids.

    Raises what discord.py and aiohttp raise; LoginFailure is a token that is refused.
    """
    http = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=PATIENCE)
    try:
        bot = str((await http.static_login(token.strip()))["id"])
        raw = await http.request(Route("GET", "/applications/@me"))
        application = Application(
            id=str(raw["id"]), name=raw["name"], endpoint=raw.get("interactions_endpoint_url"),
            needs_code_grant=raw.get("bot_require_code_grant", False),
        )  # fmt: skip
        declared = await http.get_global_commands(int(application.id))
        names = {str(each["id"]): f"/{each['name']}" for each in declared} | {application.id: "all commands"}
        guilds = {each: await _guild(http, each, application.id, bot, names) for each in dict.fromkeys(communities)}
        return Snapshot(application, paths(declared), guilds, is_anywhere=bool(await http.get_guilds(limit=1)))
    finally:
        await http.close()


async def _guild(
    http: HTTPClient, community: str, application: str, bot: str, names: Mapping[str, str]
) -> Guild | None:
    try:
        guild: Mapping[str, Any] = await http.get_guild(community, with_counts=False)
        channels: Sequence[Mapping[str, Any]] = await http.get_all_guild_channels(community)
        member = await http.get_member(community, bot)
    except (discord.Forbidden, discord.NotFound):
        return None
    roles = {str(each["id"]): read_role(each) for each in guild["roles"]}
    bits = {str(each["id"]): int(each["permissions"]) for each in guild["roles"]}
    held = (roles.keys() & {str(each) for each in member["roles"]}) | {community}
    at_large = in_guild(bits, held)
    return Guild(
        id=community,
        name=guild["name"],
        granted=at_large,
        top=max((roles[each] for each in held), key=lambda role: role.rank),
        roles=roles,
        channels={
            str(each["id"]): Channel(
                str(each["id"]), each["name"], each["type"],
                in_channel(at_large, each.get("permission_overwrites", ()), community, held, bot),
            )
            for each in channels
        },
        overridden=await _overridden(http, community, application, names),
    )  # fmt: skip


async def _overridden(
    http: HTTPClient, community: str, application: str, names: Mapping[str, str]
) -> frozenset[str] | None:
    try:
        changed = await http.get_guild_application_command_permissions(application, community)
    except discord.Forbidden:
        return None
    return frozenset(names[str(each["id"])] for each in changed if str(each["id"]) in names)


def read_role(raw: Mapping[str, Any]) -> Role:
    """The role that Discord describes so."""
    # Of two roles at one position, the older counts as the higher.
    return Role(str(raw["id"]), raw["name"], (raw["position"], -int(raw["id"])), raw.get("managed", False))


def in_guild(bits: Mapping[str, int], held: set[str]) -> int:
    """The bit set of a member who holds these roles, @everyone among them, given the bits of all roles."""
    granted = 0
    for each in held:
        granted |= bits[each]
    return granted


def in_channel(
    granted: int, overwrites: Sequence[Mapping[str, Any]], everyone: str, held: set[str], member: str
) -> int:
    """The bit set in a channel, by the rule of discord.com/developers/docs/topics/permissions.

    Overwrites count in three steps, each over the one before: @everyone's, those of the other roles together, the
    member's own. An administrator has everything whatever they say.
    """
    if granted & discord.Permissions.administrator.flag:
        return granted
    for of in ({everyone}, held - {everyone}, {member}):
        mine = [each for each in overwrites if str(each["id"]) in of]
        for each in mine:
            granted &= ~int(each["deny"])
        for each in mine:
            granted |= int(each["allow"])
    return granted
