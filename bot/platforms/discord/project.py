"""What Discord alone has: a cohort's members as a role, its calendar as scheduled events.

Roles need no list of members, which only a privileged intent would give: whom we gave a role is noted, and the note is
ahead of Discord when a role is given and behind it when one is taken, so that whoever may hold it is always in it.
Events need no note: each carries its key, and is looked for before it is made.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import discord
from discord.http import Route

from bot.chat.platform import Gone, Hindered, Notebook, Place, Rejected
from bot.chat.projection import Calendar, CohortMembers, Event
from bot.chat.wording import Phrase, plain, say
from bot.platforms.discord.markdown import markdown
from bot.platforms.discord.permissions import CREATE_EVENTS, MANAGE_ROLES, Permission, missing, power
from bot.platforms.discord.rest import Ask, code
from bot.platforms.discord.snapshot import Role, in_guild, read_role

Json = Mapping[str, Any]
Given = dict[str, dict[str, int]]
"""Per role, whom we gave it and in which round; `GIVING` for those who may have it, or not."""

GIVING = 0
UNKNOWN_MEMBER, UNKNOWN_ROLE, UNKNOWN_USER, UNKNOWN_EVENT = 10007, 10011, 10013, 10070
NO_ACCESS, NO_PERMISSION = 50001, 50013
EXTERNAL, GUILD_ONLY, SCHEDULED = 3, 2, 1
# https://discord.com/developers/docs/resources/guild-scheduled-event
LONGEST_NAME, LONGEST_LOCATION = 100, 100


# ---- Members: a role ------------------------------------------------------------------------------------------------


async def show_members(ask: Ask, notebook: Notebook, bot: str, state: CohortMembers) -> None:
    """Give the role to the members who lack it, and take every role of ours from whoever is not to have it.

    `bot` is our own user's id. Raises Hindered for what an admin of the server can put right.
    """
    roles = Roles(ask, notebook, bot, state)
    given = await roles.read()
    if state.role is not None:
        wanted = {each.id for each in state.members}
        held = given.setdefault(state.role, {})
        await roles.take(given, state.role, [each for each in held if each not in wanted])
        await roles.give(given, state.role, [each.id for each in state.members if held.get(each.id) != state.round])
    for role in [each for each in given if each != state.role]:
        await roles.take(given, role, list(given[role]))


class Roles:
    """Gives and takes the roles of one cohort at one place, and notes each step."""

    def __init__(self, ask: Ask, notebook: Notebook, bot: str, state: CohortMembers) -> None:
        self._ask = ask
        self._notebook = notebook
        self._bot = bot
        self._state = state
        self._note = f"role:{state.place.community}:{state.place.channel}:{state.cohort}"

    async def read(self) -> Given:
        """Whom we gave which role."""
        noted: Given = json.loads(await self._notebook.get(self._note) or "{}")
        return noted

    async def _write(self, given: Given) -> None:
        kept = {role: holders for role, holders in given.items() if holders}
        if kept:
            await self._notebook.put(self._note, json.dumps(kept, separators=(",", ":")))
        else:
            await self._notebook.delete(self._note)

    async def give(self, given: Given, role: str, people: list[str]) -> None:
        """Give the role to these people. Somebody who is not in the server is left out until the next round."""
        held = given[role]
        if held and not people:
            return
        await self._check(role)
        if not people:  # whoever has just linked a role learns now what will be in the way, not from the first to join
            await self._check_powers(role)
        for person in people:
            held.setdefault(person, GIVING)
        await self._write(given)  # before the first is given: whoever leaves after a crash must be known to have it
        for person in people:
            await self._change("PUT", role, person)
            held[person] = self._state.round
            await self._write(given)

    async def take(self, given: Given, role: str, people: list[str]) -> None:
        """Take the role from these people."""
        given[role] |= dict.fromkeys(people, GIVING)
        if people:
            await self._write(given)  # before the first is taken: after a crash nobody must be thought to have it still
        for person in people:
            await self._change("DELETE", role, person)
            del given[role][person]
            await self._write(given)

    async def _change(self, method: str, role: str, person: str) -> None:
        """Doing it again changes nothing. Whoever is not in the server has no role, and a deleted role no holder."""
        place = self._state.place
        route = Route(
            method, "/guilds/{guild_id}/members/{user_id}/roles/{role_id}",
            guild_id=place.community, user_id=person, role_id=role,
        )  # fmt: skip
        try:
            await self._ask(route, place)
        except (Rejected, Gone) as failure:
            said = code(failure)
            if said in (UNKNOWN_MEMBER, UNKNOWN_USER) or (said == UNKNOWN_ROLE and method == "DELETE"):
                return
            if said == UNKNOWN_ROLE:
                raise Hindered(_deleted()) from failure
            if said == NO_PERMISSION:
                await self._check_powers(role)
            raise

    async def _check(self, role: str) -> None:
        """Raises Hindered for a role that is not to be given to whoever types `/join`, or that nobody can give."""
        raw = await self._raw_roles()
        if role not in raw:
            raise Hindered(_deleted())
        found = read_role(raw[role])
        if role == self._state.place.community or found.is_managed:
            raise Hindered(
                say("Discord lets nobody give the role {role} by hand. Make a role of your own and link that.",
                    role=found.name)
            )  # fmt: skip
        allowed = power(int(raw[role]["permissions"]))
        if allowed:
            raise Hindered(
                say(
                    "The role {role} allows **{permission}**, and anybody may join a cohort. Server Settings → Roles: "
                    "take that from the role, or link another one.", role=found.name, permission=allowed,
                )
            )  # fmt: skip

    async def _raw_roles(self) -> dict[str, Json]:
        place = self._state.place
        listed = await self._ask(Route("GET", "/guilds/{guild_id}/roles", guild_id=place.community), place)
        return {str(each["id"]): each for each in listed}

    async def _check_powers(self, role: str) -> None:
        """Raises Hindered if Discord does not let us give and take the role: the permission, or the order of roles."""
        place = self._state.place
        raw = await self._raw_roles()
        route = Route("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=place.community, user_id=self._bot)
        held = {place.community, *(str(each) for each in (await self._ask(route, place))["roles"])} & raw.keys()
        granted = in_guild({each: int(raw[each]["permissions"]) for each in raw}, held)
        if MANAGE_ROLES in missing(granted, "community"):
            raise Hindered(lacking(MANAGE_ROLES))
        top: Role = max((read_role(raw[each]) for each in held), key=lambda each: each.rank)
        if role in raw and read_role(raw[role]).rank >= top.rank:
            raise Hindered(
                say(
                    "The role {role} is not below Milepost's own. "
                    "Server Settings → Roles: drag **{top}** above **{role}**.",
                    role=raw[role]["name"], top=top.name,
                )
            )  # fmt: skip


def _deleted() -> Phrase:
    return say("The linked role was deleted. Link another one.")


# ---- Calendar: scheduled events -------------------------------------------------------------------------------------


async def show_calendar(ask: Ask, bot: str, state: Calendar) -> None:
    """Make the server's scheduled events of this cohort those of its calendar; others' events are left alone.

    Where the making of an event was not answered, it is found by its key the next time; a double that came of it all
    the same is deleted then. Raises Hindered if the permission is missing.
    """
    try:
        await _arrange(ask, bot, state)
    except (Rejected, Gone) as failure:
        if code(failure) in (NO_PERMISSION, NO_ACCESS):
            raise Hindered(lacking(CREATE_EVENTS)) from failure
        raise


async def _arrange(ask: Ask, bot: str, state: Calendar) -> None:
    path = "/guilds/{guild_id}/scheduled-events"
    guild = state.place.community
    owner = _short_hash(f"{state.cohort}:{state.place.channel}")
    mine: dict[str, Json] = {}
    extra: list[Json] = []
    listed = await ask(Route("GET", path, guild_id=guild), state.place)
    for event in sorted(listed, key=lambda each: int(each["id"])):
        mark = ((event.get("description") or "").splitlines() or [""])[-1]
        if str(event.get("creator_id")) == bot and mark.startswith(f"milepost:{owner}-"):
            if mark in mine:
                extra.append(event)
            else:
                mine[mark] = event
    for wanted in state.events:
        payload = as_payload(wanted, state.locale, owner)
        known = mine.pop(payload["description"].splitlines()[-1], None)
        if known is None:
            if wanted.starts_at > state.as_of:  # Discord announces nothing that has begun
                await ask(Route("POST", path, guild_id=guild), state.place, payload)
        elif known["status"] == SCHEDULED and not _says(known, payload):
            await ask(_one(guild, known, "PATCH"), state.place, payload)
    for event in (*extra, *mine.values()):
        if event["status"] == SCHEDULED:
            await _delete(ask, guild, event, state.place)


async def _delete(ask: Ask, guild: str, event: Json, place: Place) -> None:
    try:
        await ask(_one(guild, event, "DELETE"), place)
    except Rejected as refused:
        if code(refused) != UNKNOWN_EVENT:
            raise


def _one(guild: str, event: Json, method: str) -> Route:
    return Route(
        method, "/guilds/{guild_id}/scheduled-events/{event_id}", guild_id=guild, event_id=event["id"]
    )  # fmt: skip


def as_payload(event: Event, locale: str, owner: str) -> dict[str, Any]:
    """The event as Discord takes it. The last line of its description is its key, by which it is found again."""
    mark = f"milepost:{owner}-{_short_hash(event.key)}"
    return {
        "name": plain(event.title, locale)[:LONGEST_NAME],
        "description": f"{markdown(event.text, locale)}\n\n{mark}",
        "scheduled_start_time": event.starts_at.isoformat(),
        "scheduled_end_time": event.ends_at.isoformat(),
        "privacy_level": GUILD_ONLY,
        "entity_type": EXTERNAL,
        "entity_metadata": {"location": event.where[:LONGEST_LOCATION]},
    }


def _says(known: Json, payload: Json) -> bool:
    """Whether the event is as it should be; Discord writes instants in a way of its own."""
    times = ("scheduled_start_time", "scheduled_end_time")
    return (
        all(known.get(name) == payload[name] for name in ("name", "description"))
        and all(_instant(known.get(name)) == _instant(payload[name]) for name in times)
        and (known.get("entity_metadata") or {}).get("location") == payload["entity_metadata"]["location"]
    )


def _instant(written: str | None) -> datetime | None:
    return discord.utils.parse_time(written)


def _short_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


# ---- Both -----------------------------------------------------------------------------------------------------------


def lacking(permission: Permission) -> Phrase:
    """What does not work without the permission, and how to grant it."""
    return say("{problem} {fix}", problem=permission.problem(say("this server")), fix=permission.fix())
