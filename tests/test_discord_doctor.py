"""The doctor on Discord: what it makes of what it sees, and that it sees what is there."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.platform import Finding, Place
from bot.chat.wording import plain
from bot.commands import all_commands
from bot.platforms.discord import doctor
from bot.platforms.discord.declare import declare, mark, paths
from bot.platforms.discord.doctor import LinkedRole, Wanted, examine, findings
from bot.platforms.discord.permissions import PERMISSIONS, invite_url, missing
from bot.platforms.discord.snapshot import Application, Channel, Guild, Role, Snapshot, in_channel

COMMANDS = declare(all_commands())
ALL = sum(each.bit for each in PERMISSIONS)
ADMINISTRATOR = discord.Permissions(administrator=True).value
BOT, COHORT = Role("20", "Milepost", (2, -20)), Role("10", "Deep", (1, -10))
GENERAL = Channel("100", "general", discord.ChannelType.text.value, ALL)
FORUM = Channel("101", "weeks", discord.ChannelType.forum.value, ALL)
STUDY = Guild(
    "1", "Study", ALL, top=BOT, roles={"10": COHORT, "20": BOT}, channels={"100": GENERAL, "101": FORUM}
)  # fmt: skip
SEEN = Snapshot(Application("7", "Milepost"), paths(COMMANDS), {"1": STUDY})


def place(channel: str, community: str = "1") -> Place:
    return Place(platform="discord", community=community, channel=channel, name="#old-name")


HIDDEN = sorted(f"/{each['name']}" for each in COMMANDS if "default_member_permissions" in each)
WANTED = Wanted(COMMANDS, mark("7", COMMANDS), [place("100")], [LinkedRole("1", "10", "Deep")])


def with_guild(**changed: Any) -> Snapshot:
    return replace(SEEN, guilds={"1": replace(STUDY, **changed)})


def without(name: str) -> int:
    return ALL & ~discord.Permissions(**{name: True}).value


def the_only(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


# ---- Findings -------------------------------------------------------------------------------------------------------


def test_nothing_is_found_where_all_is_well() -> None:
    assert findings(SEEN, WANTED) == []


def test_commands_never_declared_are_declared_by_starting() -> None:
    found = the_only(findings(replace(SEEN, declared=frozenset()), replace(WANTED, synced=None)))
    assert str(found) == "warning: commands: None are declared yet. Start Milepost: it declares them."


def test_commands_of_another_version_are_told_by_their_mark() -> None:
    found = the_only(findings(SEEN, replace(WANTED, synced=mark("7", COMMANDS[1:]))))
    assert found.problem == "Discord has those of another version (the same names)."


def test_commands_replaced_by_another_program_are_named() -> None:
    declared = SEEN.declared - {"done"} | {"ping"}
    found = the_only(findings(replace(SEEN, declared=declared), WANTED))
    assert found.problem.endswith("replaced them: /done is missing, /ping is obsolete.")
    assert found.fix.startswith("Give that program an application of its own")


def test_interactions_sent_elsewhere_are_an_error() -> None:
    elsewhere = replace(SEEN, application=Application("7", "Milepost", endpoint="https://old.example/hook"))
    found = the_only(findings(elsewhere, WANTED))
    assert (found.level, "https://old.example/hook" in found.problem) == ("error", True)
    assert found.fix.endswith("applications/7/information: empty the Interactions Endpoint URL.")


def test_an_application_that_nobody_can_add_is_an_error() -> None:
    locked = replace(SEEN, application=Application("7", "Milepost", needs_code_grant=True))
    assert the_only(findings(locked, WANTED)).fix.endswith("switch Requires OAuth2 Code Grant off.")


def test_a_bot_in_no_server_is_given_the_link() -> None:
    found = the_only(findings(replace(SEEN, guilds={}, is_anywhere=False), Wanted(COMMANDS, WANTED.synced)))
    assert found.fix == f"Open {invite_url('7')}"


def test_a_cohort_in_a_server_without_the_bot_is_an_error() -> None:
    found = the_only(findings(replace(SEEN, guilds={"1": None}), WANTED))
    assert (found.level, found.where) == ("error", "server 1")
    assert invite_url("7") in found.fix


def test_a_channel_that_is_gone_is_named_as_it_was_called() -> None:
    found = the_only(findings(with_guild(channels={}), WANTED))
    assert (found.where, found.problem) == ("Study #old-name", "A cohort posts there, and the channel is gone.")
    assert found.fix == "Send /cohort place add in another channel: what comes next is posted there."


def test_a_channel_that_holds_no_threads_is_refused() -> None:
    voice = replace(GENERAL, type=discord.ChannelType.voice.value)
    found = the_only(findings(with_guild(channels={"100": voice}), WANTED))
    assert found.fix == "Send /cohort place add in a text channel, then /cohort place remove in this one."


def test_what_the_doctor_has_people_send_exists() -> None:
    sent = re.findall(r"/([a-z]+(?: [a-z]+){0,2}) in", Path(doctor.__file__).read_text("utf-8"))
    assert sent
    assert set(sent) <= paths(COMMANDS)


@pytest.mark.parametrize(
    ("permission", "cannot"),
    [
        ("view_channel", "Without View Channel, Milepost cannot see anything in #general."),
        ("send_messages", "Without Send Messages, Milepost cannot post milestones, reminders and announcements"),
        ("read_message_history", "Without Read Message History, Milepost cannot see whether a post"),
        ("create_public_threads", "Without Create Public Threads, Milepost cannot open a thread for each milestone"),
        ("send_messages_in_threads", "Without Send Messages in Threads, Milepost cannot write in the"),
    ],
)
def test_each_permission_of_a_channel_is_missed(permission: str, cannot: str) -> None:
    found = the_only(findings(with_guild(channels={"100": replace(GENERAL, granted=without(permission))}), WANTED))
    assert (found.level, found.where) == ("error", "Study #general")
    assert found.problem.startswith(cannot)
    assert found.fix.startswith("Edit Channel → Permissions → the bot's own role: allow ")


def test_two_cohorts_in_one_channel_are_one_finding() -> None:
    mute = with_guild(channels={"100": replace(GENERAL, granted=without("send_messages"))})
    the_only(findings(mute, replace(WANTED, places=[place("100"), place("100")])))


def test_a_forum_needs_no_thread_permission_and_says_what_it_costs() -> None:
    forum = with_guild(channels={"101": replace(FORUM, granted=without("create_public_threads"))})
    found = the_only(findings(forum, replace(WANTED, places=[place("101")])))
    assert (found.level, found.where) == ("note", "Study #weeks")
    assert "doubles" in found.problem


def test_events_that_cannot_be_made_are_a_warning() -> None:
    found = the_only(findings(with_guild(granted=without("create_events")), WANTED))
    assert found.level == "warning"
    assert (
        found.problem == "Without Create Events, Milepost cannot put kick-offs and meetings into the calendar in Study."
    )


def test_the_permission_for_roles_is_missed_only_where_a_role_is_linked() -> None:
    seen = with_guild(granted=without("manage_roles"))
    assert the_only(findings(seen, WANTED)).problem.startswith("Without Manage Roles, ")
    assert findings(seen, replace(WANTED, roles=[])) == []


def test_a_linked_role_above_the_bot_s_is_an_error() -> None:
    high = replace(COHORT, rank=(3, -10))
    found = the_only(findings(with_guild(roles={"10": high, "20": BOT}), WANTED))
    assert found.fix == "Server Settings → Roles: drag Milepost above Deep."


def test_of_two_roles_at_one_height_the_older_is_above() -> None:
    older, younger = replace(COHORT, rank=(2, -10)), replace(COHORT, rank=(2, -30))
    assert the_only(findings(with_guild(roles={"10": older}), WANTED)).level == "error"
    assert findings(with_guild(roles={"10": younger}), WANTED) == []


def test_a_linked_role_that_was_deleted_is_an_error() -> None:
    assert the_only(findings(with_guild(roles={}), WANTED)).problem == "The role of Deep was deleted."


@pytest.mark.parametrize("role", [replace(COHORT, is_managed=True), Role("1", "@everyone", (0, -1))])
def test_a_role_that_nobody_can_give_is_an_error(role: Role) -> None:
    wanted = replace(WANTED, roles=[LinkedRole("1", role.id, "Deep")])
    assert the_only(findings(with_guild(roles={role.id: role}), wanted)).fix.startswith("Make a role of your own")


def test_commands_that_an_admin_hid_are_noted() -> None:
    found = the_only(findings(with_guild(overridden=frozenset({"/cohort", "/announce"})), WANTED))
    assert (found.level, found.problem) == ("note", "An admin changed who sees /announce, /cohort.")


def test_listed_facilitators_are_noted_where_discord_hides_their_commands() -> None:
    listed = replace(WANTED, facilitators=["1"])
    found = the_only(findings(SEEN, listed))
    assert (found.level, found.where) == ("note", "Study")
    assert f"shows {', '.join(HIDDEN)} only" in found.problem
    assert "Manage Events" in found.problem
    assert found.fix.startswith("Server Settings → Integrations → the bot → the command: add their role")
    changed = findings(with_guild(overridden=frozenset(HIDDEN)), listed)
    assert "An admin changed" in the_only(changed).problem


def test_a_facilitator_who_is_listed_for_a_server_without_the_bot_is_noted() -> None:
    found = the_only(findings(replace(SEEN, guilds={"2": None}), Wanted(COMMANDS, WANTED.synced, facilitators=["2"])))
    assert (found.level, found.where) == ("warning", "FACILITATORS")
    assert found.problem == "It lists somebody of server 2, and the bot is not there."


def test_a_server_that_gave_no_commands_scope_is_warned_of() -> None:
    found = the_only(findings(with_guild(overridden=None), WANTED))
    assert "applications.commands" in found.problem
    assert invite_url("7") in found.fix


# ---- Permissions ----------------------------------------------------------------------------------------------------


def test_the_invitation_asks_for_exactly_what_is_in_use() -> None:
    assert invite_url("7") == (
        f"https://discord.com/oauth2/authorize?client_id=7&scope=bot+applications.commands&permissions={ALL}"
    )
    in_use = discord.Permissions(
        view_channel=True, send_messages=True, read_message_history=True, create_public_threads=True,
        send_messages_in_threads=True, manage_roles=True, create_events=True,
    )  # fmt: skip
    assert in_use.value == ALL


def test_permissions_are_called_what_discord_calls_them() -> None:
    for each in PERMISSIONS:
        name = plain(each.name).lower().replace(" ", "_")
        assert discord.Permissions(**{name: True}).value == each.bit


def test_an_administrator_lacks_nothing() -> None:
    assert missing(ADMINISTRATOR, "text") == missing(ADMINISTRATOR, "community") == []


BITS = st.integers(min_value=0, max_value=(1 << 52) - 1).map(lambda bits: bits & ~ADMINISTRATOR)


@given(at_large=BITS, allow=BITS, deny=BITS)
def test_the_member_s_own_overwrite_has_the_last_word(at_large: int, allow: int, deny: int) -> None:
    overwrites = [
        {"id": "bot", "allow": str(allow), "deny": "0"},
        {"id": "role", "allow": "0", "deny": str(deny)},
        {"id": "1", "allow": "0", "deny": str(deny)},
    ]
    granted = in_channel(at_large, overwrites, "1", {"1", "role"}, "bot")
    assert granted == (at_large & ~deny) | allow


@given(at_large=BITS, allow=BITS, deny=BITS)
def test_what_one_role_allows_another_cannot_deny(at_large: int, allow: int, deny: int) -> None:
    overwrites = [
        {"id": "a", "allow": str(allow), "deny": "0"},
        {"id": "b", "allow": "0", "deny": str(deny)},
        {"id": "not mine", "allow": "0", "deny": str(ALL)},
    ]
    assert in_channel(at_large, overwrites, "1", {"1", "a", "b"}, "bot") == (at_large & ~deny) | allow


def test_no_overwrite_binds_an_administrator() -> None:
    closed = [{"id": "1", "allow": "0", "deny": str(ALL)}]
    assert in_channel(ADMINISTRATOR, closed, "1", {"1"}, "bot") == ADMINISTRATOR


# ---- On the wire ----------------------------------------------------------------------------------------------------

ROLES = [
    {"id": "1", "name": "@everyone", "position": 0, "permissions": str(without("create_public_threads"))},
    {"id": "10", "name": "Deep", "position": 1, "permissions": "0"},
    {"id": "20", "name": "Milepost", "position": 2, "permissions": str(ALL), "managed": True},
]
CHANNELS = [
    {"id": "100", "name": "general", "type": 0, "permission_overwrites": []},
    {"id": "102", "name": "quiet", "type": 0, "permission_overwrites": [
        {"id": "1", "type": 0, "allow": "0", "deny": str(1 << 11)}]},
]  # fmt: skip
ANSWERS: dict[str, Any] = {
    "/users/@me": {"id": "70", "username": "milepost"},
    "/users/@me/guilds": [{"id": "1"}],
    "/applications/@me": {"id": "7", "name": "Milepost", "bot_require_code_grant": False},
    "/applications/7/commands": [{**each, "id": str(900 + n)} for n, each in enumerate(COMMANDS)],
    "/guilds/1": {"id": "1", "name": "Study", "roles": ROLES},
    "/guilds/1/channels": CHANNELS,
    "/guilds/1/members/70": {"roles": ["20"]},
    "/applications/7/guilds/1/commands/permissions": [{"id": "900", "permissions": []}],
}


def as_discord(answer: Any, status: int = 200) -> web.Response:
    """JSON under the bare content type, without which discord.py takes it for text."""
    return web.Response(body=json.dumps(answer).encode(), content_type="application/json", status=status)


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A server on loopback that knows one token and one guild, and only answers."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers["Authorization"] != "Bot good":
            return as_discord({"message": "401: Unauthorized", "code": 0}, status=401)
        if request.path not in ANSWERS:
            return as_discord({"message": "Unknown Guild", "code": 10004}, status=404)
        return as_discord(ANSWERS[request.path])

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    async with TestServer(application) as server:
        monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
        yield


@pytest.mark.usefixtures("wire")
async def test_what_is_wrong_on_the_wire_is_found() -> None:
    wanted = replace(WANTED, places=[place("100"), place("102"), place("9"), place("5", community="2")])
    assert [(each.level, each.where) for each in await examine("good", wanted)] == [
        ("note", "Study"),  # one command's permissions were changed
        ("error", "Study #quiet"),
        ("error", "Study #old-name"),
        ("error", "server 2"),
    ]


@pytest.mark.usefixtures("wire")
async def test_a_token_that_is_refused_is_one_finding() -> None:
    found = the_only(await examine("stale", WANTED))
    assert (found.where, found.problem) == ("DISCORD_TOKEN", "Discord refuses it.")


async def test_a_discord_that_cannot_be_reached_is_one_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:1")
    found = the_only(await examine("good", WANTED))
    assert found.where == "Discord"
    assert "127.0.0.1:1" in found.problem
