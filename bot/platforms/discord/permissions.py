"""The permissions that Milepost asks for on Discord, what each is for, and the link that asks for exactly these."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import discord

from bot.chat.message import Post
from bot.chat.platform import Everyone, Role
from bot.chat.wording import Phrase, Value, say

Where = Literal["text", "forum", "community"]
SCOPES = ("bot", "applications.commands")
_ADMINISTRATOR = discord.Permissions(administrator=True).value


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission: its name in Discord's settings, its bit, what it lets Milepost do, and where that is needed."""

    name: Phrase
    bit: int
    why: Phrase
    where: frozenset[Where]

    def problem(self, place: Value) -> Phrase:
        """What does not work without it there, for a facilitator to read."""
        return say(
            "Without **{permission}**, Milepost cannot {why} in {place}.",
            permission=self.name, why=self.why, place=place,
        )  # fmt: skip

    def fix(self) -> Phrase:
        """How to grant it."""
        if "community" in self.where:
            return say("Server Settings → Roles → the bot's own role: allow **{permission}**.", permission=self.name)
        return say("Edit Channel → Permissions → the bot's own role: allow **{permission}**.", permission=self.name)


_CHANNELS: frozenset[Where] = frozenset({"text", "forum"})
_TEXT: frozenset[Where] = frozenset({"text"})
_COMMUNITY: frozenset[Where] = frozenset({"community"})

# https://discord.com/developers/docs/topics/permissions. Embed Links is not here: it governs embeds, and our messages
# are components. Manage Events is not: Create Events covers the events that one has made oneself.
PERMISSIONS = (
    Permission(say("View Channel"), 1 << 10, say("see anything"), _CHANNELS),
    Permission(say("Send Messages"), 1 << 11, say("post milestones, reminders and announcements"), _CHANNELS),
    Permission(
        say("Read Message History"), 1 << 16, say("see whether a post whose answer was lost is there"), _CHANNELS
    ),
    Permission(say("Create Public Threads"), 1 << 35, say("open a thread for each milestone"), _TEXT),
    Permission(say("Send Messages in Threads"), 1 << 38, say("write in the milestones' threads"), _CHANNELS),
    Permission(say("Manage Roles"), 1 << 28, say("give members the role of their cohort"), _COMMUNITY),
    Permission(say("Create Events"), 1 << 44, say("put kick-offs and meetings into the calendar"), _COMMUNITY),
)
MANAGE_ROLES = next(each for each in PERMISSIONS if each.bit == discord.Permissions(manage_roles=True).value)
CREATE_EVENTS = next(each for each in PERMISSIONS if each.bit == discord.Permissions(create_events=True).value)

# What no role may carry that whoever joins a cohort is given: with these one rules over others.
_POWERS = (
    (say("Administrator"), _ADMINISTRATOR),
    (say("Manage Server"), 1 << 5),
    (say("Manage Roles"), 1 << 28),
    (say("Manage Channels"), 1 << 4),
    (say("Manage Webhooks"), 1 << 29),
    (say("Manage Messages"), 1 << 13),
    (say("Manage Threads"), 1 << 34),
    (say("Kick Members"), 1 << 1),
    (say("Ban Members"), 1 << 2),
    (say("Timeout Members"), 1 << 40),
    (say("Mention @everyone"), 1 << 17),
)


def missing(granted: int, where: Where) -> list[Permission]:
    """What Milepost lacks there, given Discord's bit set of what it has."""
    if granted & _ADMINISTRATOR:
        return []
    return [each for each in PERMISSIONS if where in each.where and not granted & each.bit]


def unheard(channel: discord.abc.GuildChannel, post: Post) -> Iterator[Phrase]:
    """Whom the post names and does not notify there: that takes a permission which Milepost does not ask for."""
    if channel.permissions_for(channel.guild.me).mention_everyone:
        return
    for each in post.notify:
        role = channel.guild.get_role(int(each.id)) if isinstance(each, Role) else None
        if role is not None and not role.mentionable:
            yield say(
                "The role {role} is not notified: in Server Settings → Roles, let anyone mention it.", role=role.name
            )
        if isinstance(each, Everyone):
            yield say("Nobody is notified: Milepost lacks Mention @everyone there.")


def power(granted: int) -> Phrase | None:
    """The first permission among these by which one rules over others, or None."""
    return next((name for name, bit in _POWERS if granted & bit), None)


def invite_url(application_id: str) -> str:
    """The link by which an admin adds Milepost to a server, asking for exactly the permissions above."""
    wanted = discord.Permissions(sum(each.bit for each in PERMISSIONS))
    return discord.utils.oauth_url(application_id, permissions=wanted, scopes=SCOPES)
