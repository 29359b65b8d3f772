"""The permissions that Milepost asks for on Discord, what each is for, and the link that asks for exactly these."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import discord
from discord import Permissions as Can

from bot.chat.message import Post
from bot.chat.platform import Everyone, Role
from bot.chat.wording import Phrase, Value, say

Where = Literal["text", "forum", "community"]
SCOPES = ("bot", "applications.commands")


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
MANAGE_ROLES = Permission(
    say("Manage Roles"), Can.manage_roles.flag, say("give members the role of their cohort"), _COMMUNITY
)
CREATE_EVENTS = Permission(
    say("Create Events"), Can.create_events.flag, say("put kick-offs and meetings into the calendar"), _COMMUNITY
)
PERMISSIONS = (
    Permission(say("View Channel"), Can.view_channel.flag, say("see anything"), _CHANNELS),
    Permission(say("Send Messages"), Can.send_messages.flag,
               say("post milestones, reminders and announcements"), _CHANNELS),
    Permission(say("Read Message History"), Can.read_message_history.flag,
               say("see whether a post whose answer was lost is there"), _CHANNELS),
    Permission(say("Create Public Threads"), Can.create_public_threads.flag,
               say("open a thread for each milestone"), _TEXT),
    Permission(say("Send Messages in Threads"), Can.send_messages_in_threads.flag,
               say("write in the milestones' threads"), _CHANNELS),
    MANAGE_ROLES,
    CREATE_EVENTS,
)  # fmt: skip

# What no role may carry that whoever joins a cohort is given: with these one rules over others.
_POWERS = (
    (say("Administrator"), Can.administrator.flag),
    (say("Manage Server"), Can.manage_guild.flag),
    (say("Manage Roles"), Can.manage_roles.flag),
    (say("Manage Channels"), Can.manage_channels.flag),
    (say("Manage Webhooks"), Can.manage_webhooks.flag),
    (say("Manage Messages"), Can.manage_messages.flag),
    (say("Manage Threads"), Can.manage_threads.flag),
    (say("Kick Members"), Can.kick_members.flag),
    (say("Ban Members"), Can.ban_members.flag),
    (say("Timeout Members"), Can.moderate_members.flag),
    (say("Mention @everyone"), Can.mention_everyone.flag),
)


def missing(granted: int, where: Where) -> list[Permission]:
    """What Milepost lacks there, given Discord's bit set of what it has."""
    if granted & Can.administrator.flag:
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
    wanted = Can(sum(each.bit for each in PERMISSIONS))
    return discord.utils.oauth_url(application_id, permissions=wanted, scopes=SCOPES)
