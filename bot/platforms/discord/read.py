"""Reads an interaction into a Call. Everything it needs came with the interaction: nothing is fetched."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import discord

from bot.chat.argument import in_words, people_in, person_in
from bot.chat.desk import Desk
from bot.chat.platform import DIRECT, Call, Person, Place
from bot.chat.wording import Phrase, say
from bot.platforms.discord import ids
from bot.platforms.discord.declare import FACILITATORS_HAVE

NAME = "discord"
_SUBCOMMANDS = (1, 2)  # types of an option that only leads further down
_HOLD_POSTS = (discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum)
_USER = re.compile(r"<@!?(?P<mentioned>[1-9][0-9]{0,19})>|[1-9][0-9]{0,19}")


@dataclass(frozen=True, slots=True)
class Heard:
    """An interaction, read: the call, which page of its reply is wanted, and how it may be answered.

    `replaces`: the press was on a private reply, which the answer replaces. `after_form`: a modal was sent, and
    another one cannot follow it. `again`: the form is to hold what it held when it was refused. `typing` is the
    argument that wants suggestions, with what was typed so far. `pressed` is the private reply that holds the pressed
    button, and the button's id.
    """

    call: Call
    page: int = 1
    replaces: bool = False
    after_form: bool = False
    again: bool = False
    typing: tuple[str, str] | None = None
    pressed: tuple[int, str] | None = None


def read(interaction: discord.Interaction[Any], desk: Desk) -> Heard | None:
    """The interaction as the Desk understands it; None for one that is not ours: a button of another version."""
    data: Mapping[str, Any] = interaction.data or {}
    replaces = interaction.message is not None and interaction.message.flags.ephemeral
    match interaction.type:
        case discord.InteractionType.application_command | discord.InteractionType.autocomplete:
            name, options = _down(data)
            given = {each["name"]: in_words(each["value"]) for each in options}
            typing = next(((each["name"], str(each["value"])) for each in options if each.get("focused")), None)
            return Heard(_call(interaction, desk, name, given, "line"), typing=typing)
        case discord.InteractionType.component:
            pressed = ids.read(data["custom_id"])
            line = desk.read_line(pressed.line) if pressed else None
            if pressed is None or line is None:
                return None
            call = _call(interaction, desk, line.command, line.given, "button", asks=line.asks)
            on = (interaction.message.id, data["custom_id"]) if interaction.message and replaces else None
            return Heard(call, page=pressed.page, replaces=replaces, again=pressed.again, pressed=on)
        case discord.InteractionType.modal_submit:
            sent = ids.read(data["custom_id"])
            line = desk.read_line(sent.line) if sent else None
            if line is None:
                return None
            given = {**line.given, **dict(_fields(data["components"]))}
            call = _call(interaction, desk, line.command, given, "form")
            return Heard(call, replaces=replaces, after_form=True)
    return None


def _down(data: Mapping[str, Any]) -> tuple[str, list[Mapping[str, Any]]]:
    """The whole name of a command with its subcommands, and the options at the end."""
    name, options = data["name"], data.get("options", [])
    while options and options[0]["type"] in _SUBCOMMANDS:
        name = f"{name} {options[0]['name']}"
        options = options[0].get("options", [])
    return name, options


def _unseen(told: Mapping[str, Any], named: Iterable[str]) -> dict[str, Phrase]:
    """Whom of them Discord shows no command of facilitators, unless an admin has decided otherwise."""
    # A member that comes along has their permissions in the channel:
    # https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-resolved-data-structure
    lets = FACILITATORS_HAVE | discord.Permissions.administrator.flag
    return {
        person.id: say(
            "Discord shows {person} no command of facilitators without **Manage Events**. Give them a role that has "
            "it, or add them to the commands in Server Settings → Integrations.", person=person.mention(),
        )
        for person in filter(None, map(person_in, named))
        if not int(told.get("members", {}).get(person.id, {}).get("permissions", lets)) & lets
    }  # fmt: skip


def _fields(components: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The fields of a modal: each is a label with one input, which has a value or the values that were chosen."""
    for each in components:
        field = each.get("component")
        if field is None:
            continue
        if "values" in field:
            yield field["custom_id"], ",".join(field["values"])
        elif "value" in field:
            yield field["custom_id"], in_words(field["value"] or "")


def _call(
    interaction: discord.Interaction[Any], desk: Desk, command: str, given: Mapping[str, str], via: Any,
    *, asks: bool = False,
) -> Call:  # fmt: skip
    user, may = interaction.user, interaction.permissions
    data: Mapping[str, Any] = interaction.data or {}
    told: Mapping[str, Any] = data.get("resolved") or {}
    made = desk.commands.get(command)
    named = people_in(made, given, lambda typed: _person(told, typed)) if made else {}
    return Call(
        id=f"discord-{interaction.id}",
        command=command,
        person=Person(platform=NAME, id=str(user.id), name=user.display_name),
        place=_place(interaction),
        given={**given, **named},
        via=via,
        asks=asks,
        locale=str(interaction.locale),
        is_admin=interaction.guild_id is not None and (may.administrator or may.manage_guild),
        instead=_instead(interaction.channel),
        unfit=_unfit(told, named.values()),
        unseen=_unseen(told, named.values()),
    )


def _person(told: Mapping[str, Any], typed: str) -> Person | None:
    """Who is mentioned or chosen, or goes by that id, with the name that came along."""
    found = _USER.fullmatch(typed)
    if found is None:
        return None
    user_id = found["mentioned"] or found[0]
    user = told.get("users", {}).get(user_id, {})
    nick = told.get("members", {}).get(user_id, {}).get("nick")
    return Person(platform=NAME, id=user_id, name=nick or user.get("global_name") or user.get("username") or "")


def _unfit(told: Mapping[str, Any], named: Iterable[str]) -> dict[str, Phrase]:
    """Who of them is a bot, or not in the server: Discord tells of members only who is there."""
    unfit = {}
    for person in filter(None, map(person_in, named)):
        user = told.get("users", {}).get(person.id)
        if user is not None and user.get("bot"):
            unfit[person.id] = say("{person} is a bot.", person=person.mention())
        elif user is not None and person.id not in told.get("members", {}):
            unfit[person.id] = say("{person} is not in this server.", person=person.mention())
    return unfit


def _instead(channel: object) -> Phrase | None:
    """Where posts could go if not here. Of a thread, the channel that it belongs to counts, if that is known."""
    home = channel.parent if isinstance(channel, discord.Thread) else channel
    if home is None or getattr(home, "type", None) in _HOLD_POSTS:
        return None
    return say("Use a text or announcement channel of a server, or a post in a forum.")


def _place(interaction: discord.Interaction[Any]) -> Place:
    """The channel; in a thread, the channel it belongs to and the thread. Direct messages are one community."""
    channel = interaction.channel
    home = (channel.parent or channel) if isinstance(channel, discord.Thread) else channel
    name = f"#{getattr(home, 'name', '') or 'direct message'}"
    community = str(interaction.guild_id) if interaction.guild_id else DIRECT
    inside = channel if isinstance(channel, discord.Thread) else None
    return Place(
        platform=NAME,
        community=community,
        channel=str(inside.parent_id if inside else interaction.channel_id),
        thread=str(inside.id) if inside else None,
        name=name,
        is_private=is_private(home),
    )


def is_private(channel: object) -> bool | None:
    """Whether the channel hides itself from the server's members at large; None if the gateway has not told of it."""
    if not isinstance(channel, discord.abc.GuildChannel) or channel.guild.get_channel(channel.id) is None:
        return None
    return channel.overwrites_for(channel.guild.default_role).view_channel is False
