"""The doctor's word on Discord: what keeps Milepost from working there, each finding with its fix.

`findings` judges a snapshot and is pure; `examine` takes one first.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import aiohttp
import discord

from bot.chat.platform import Finding, Place, StartFailure
from bot.chat.wording import plain
from bot.platforms.discord.declare import Json, mark, paths
from bot.platforms.discord.permissions import MANAGE_ROLES, Where, invite_url, missing
from bot.platforms.discord.snapshot import Guild, Snapshot, look

LONGEST_LOOK = 90  # seconds
_TEXT_TYPES = (discord.ChannelType.text.value, discord.ChannelType.news.value)
_FORUM = discord.ChannelType.forum.value


@dataclass(frozen=True, slots=True)
class LinkedRole:
    """A role that a facilitator linked to a cohort: its members get it and lose it with the cohort."""

    community: str
    role: str
    cohort: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should be there: the payload of `declare`, the mark noted when one was last declared, places, roles.

    `facilitators` are the communities for which the operator listed some.
    """

    commands: Sequence[Json]
    synced: str | None = None
    places: Sequence[Place] = ()
    roles: Sequence[LinkedRole] = ()
    facilitators: Collection[str] = ()


async def examine(token: str, wanted: Wanted) -> list[Finding]:
    """Look, and judge. A token that is refused and a Discord that does not answer are findings, too."""
    try:
        async with asyncio.timeout(LONGEST_LOOK):
            return findings(await look(token, [*_homes(wanted), *wanted.facilitators]), wanted)
    except discord.LoginFailure:
        fix = "Copy it anew: discord.com/developers → your application → Bot → Reset Token."
        return [Finding("error", "DISCORD_TOKEN", "Discord refuses it.", fix)]
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        problem = f"It gave no answer ({str(error) or type(error).__name__})."
        fix = "Check this machine's network and discordstatus.com, then ask again."
        return [Finding("error", "Discord", problem, fix)]


async def invite_link(token: str) -> str:
    """The invitation to a server for the bot with this token. Raises StartFailure if Discord refuses the token."""
    try:
        seen = await look(token, [])
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        raise StartFailure(
            f"DISCORD_TOKEN: Discord does not say whose it is ({error}). Run doctor --online."
        ) from error
    return invite_url(seen.application.id)


def findings(seen: Snapshot, wanted: Wanted) -> list[Finding]:
    """Everything that is wrong, in the order in which it is best mended; empty if all is well."""
    return [
        *_of_application(seen),
        *_of_commands(seen, wanted),
        *(found for community, guild in seen.guilds.items() for found in _of_guild(community, guild, seen, wanted)),
    ]


def _homes(wanted: Wanted) -> list[str]:
    """The communities in which a cohort has something."""
    return [place.community for place in wanted.places] + [role.community for role in wanted.roles]


def _of_application(seen: Snapshot) -> Iterator[Finding]:
    application = seen.application
    where = f"application {application.name}"
    settings = f"discord.com/developers/applications/{application.id}"
    if application.endpoint:
        yield Finding(
            "error", where, f"Commands and presses are sent to {application.endpoint} and never reach Milepost.",
            f"{settings}/information: empty the Interactions Endpoint URL.",
        )  # fmt: skip
    if application.needs_code_grant:
        yield Finding(
            "error", where, "Nobody can add it to a server.", f"{settings}/bot: switch Requires OAuth2 Code Grant off."
        )
    if not seen.is_anywhere:
        yield Finding("warning", where, "It is in no server yet.", f"Open {invite_url(application.id)}")


def _of_commands(seen: Snapshot, wanted: Wanted) -> Iterator[Finding]:
    lost = sorted(paths(wanted.commands) - seen.declared)
    stale = sorted(seen.declared - paths(wanted.commands))
    listed = ", ".join([*(f"/{each} is missing" for each in lost), *(f"/{each} is obsolete" for each in stale)])
    if not seen.declared:
        yield Finding("warning", "commands", "None are declared yet.", "Start Milepost: it declares them.")
    elif wanted.synced != mark(seen.application.id, wanted.commands):
        yield Finding(
            "warning", "commands", f"Discord has those of another version ({listed or 'the same names'}).",
            "Start Milepost: it declares its own.",
        )  # fmt: skip
    elif listed:
        yield Finding(
            "error", "commands", f"Another program that uses this token replaced them: {listed}.",
            "Give that program an application of its own, then start Milepost anew.",
        )  # fmt: skip


def _of_guild(community: str, guild: Guild | None, seen: Snapshot, wanted: Wanted) -> Iterator[Finding]:
    if guild is None and community not in _homes(wanted):
        yield Finding(
            "warning", "FACILITATORS", f"It lists somebody of server {community}, and the bot is not there.",
            f"Open {invite_url(seen.application.id)} or take the entry out.",
        )  # fmt: skip
        return
    if guild is None:
        yield Finding(
            "error", f"server {community}", "A cohort is at home there, and the bot is not in that server.",
            f"Open {invite_url(seen.application.id)} or send /cohort place add in a channel of another one.",
        )  # fmt: skip
        return
    yield from _of_visibility(guild, seen)
    if community in wanted.facilitators:
        yield from _of_facilitators(guild, wanted)
    for lack in missing(guild.granted, "community"):
        if lack is not MANAGE_ROLES:
            yield Finding("warning", guild.name, plain(lack.problem(guild.name)), plain(lack.fix()))
    for place in {each.channel: each for each in wanted.places if each.community == community}.values():
        yield from _of_place(place, guild)
    for role in wanted.roles:
        if role.community == community:
            yield from _of_role(role, guild)


def _of_visibility(guild: Guild, seen: Snapshot) -> Iterator[Finding]:
    if guild.overridden is None:
        yield Finding(
            "warning", guild.name, "Its members may see no commands: the bot was added without applications.commands.",
            f"Open {invite_url(seen.application.id)} and add it again; nothing is lost.",
        )  # fmt: skip
    elif guild.overridden:
        names = ", ".join(sorted(guild.overridden))
        yield Finding(
            "note", guild.name, f"An admin changed who sees {names}.",
            "Server Settings → Integrations → the bot shows it. Facilitators' commands are theirs alone in any case.",
        )  # fmt: skip


def _of_facilitators(guild: Guild, wanted: Wanted) -> Iterator[Finding]:
    shown_to_few = {f"/{each['name']}" for each in wanted.commands if "default_member_permissions" in each}
    if hidden := sorted(shown_to_few - (guild.overridden or set())):
        yield Finding(
            "note", guild.name,
            f"FACILITATORS lists people there, and Discord shows {', '.join(hidden)} only to those with Manage Events.",
            "Server Settings → Integrations → the bot → the command: add their role, or each of them.",
        )  # fmt: skip


def _of_place(place: Place, guild: Guild) -> Iterator[Finding]:
    channel = guild.channels.get(place.channel)
    if channel is None:
        yield Finding(
            "error", f"{guild.name} {place.mention().name}", "A cohort posts there, and the channel is gone.",
            "Send /cohort place add in another channel: what comes next is posted there.",
        )  # fmt: skip
        return
    where = f"{guild.name} #{channel.name}"
    if channel.type not in (*_TEXT_TYPES, _FORUM):
        yield Finding(
            "error", where, "A cohort posts there, and it is no text, announcement or forum channel.",
            "Send /cohort place add in a text channel, then /cohort place remove in this one.",
        )  # fmt: skip
        return
    kind: Where = "forum" if channel.type == _FORUM else "text"
    for lack in missing(channel.granted, kind):
        yield Finding("error", where, plain(lack.problem(f"#{channel.name}")), plain(lack.fix()))
    if kind == "forum":
        yield Finding(
            "note", where, "Discord has no guard against doubles in forums as it has in text channels.",
            "Should an answer of Discord's be lost there, Milepost looks for the post before it tries again.",
        )  # fmt: skip


def _of_role(linked: LinkedRole, guild: Guild) -> Iterator[Finding]:
    role = guild.roles.get(linked.role)
    if role is None:
        fix = "Link another one with /cohort role in that server."
        yield Finding("error", guild.name, f"The role of {linked.cohort} was deleted.", fix)
        return
    where = f"{guild.name} @{role.name}"
    if role.id == guild.id or role.is_managed:
        yield Finding(
            "error", where, f"It is the role of {linked.cohort}, and Discord lets nobody give it by hand.",
            "Make a role of your own and link that with /cohort role in that server.",
        )  # fmt: skip
        return
    if MANAGE_ROLES in missing(guild.granted, "community"):
        yield Finding("error", where, plain(MANAGE_ROLES.problem(guild.name)), plain(MANAGE_ROLES.fix()))
    if role.rank >= guild.top.rank:
        yield Finding(
            "error", where, f"Milepost cannot give it to {linked.cohort}: its own highest role is not above it.",
            f"Server Settings → Roles: drag {guild.top.name} above {role.name}.",
        )  # fmt: skip
