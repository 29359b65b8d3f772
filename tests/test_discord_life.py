"""The life of the connection to Discord: how it begins, is lost and had back, and how it ends."""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import discord
import pytest
from discord.backoff import ExponentialBackoff
from discord.gateway import DiscordWebSocket
from discord.webhook.async_ import async_context
from simcord import interactions
from simcord.backend import Backend
from simcord.enums import InteractionType
from simcord.http import FakeHTTPClient, FakeWebhookAdapter

from bot.chat.command import Arg, command
from bot.chat.desk import Desk
from bot.chat.message import Message
from bot.chat.platform import Busy, Clock, Place, StartFailure
from bot.chat.wording import say
from bot.commands import all_commands
from bot.delivery.clock import RunningClock, StoppedClock
from bot.pictures.studio import Studio
from bot.platforms.discord import connect
from bot.platforms.discord.client import Hearing
from bot.platforms.discord.connect import Discord
from bot.records.records import Records, RecordsNotebook
from tests.discord_town import Guild, read
from tests.test_discord_posts import PLAIN

Gateway = Callable[[discord.Client], Awaitable[None]]
HERE = Place(platform="discord", community="1", channel="2")


@command()
async def think(hundredths: Annotated[int, Arg("How long?")]) -> Message:
    """Think first."""
    await asyncio.sleep(hundredths / 100)
    return Message(title=say("Here it is"))


class Http(FakeHTTPClient):
    """Discord's web side, with a note of when it was left."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend, asyncio.get_running_loop())
        self.refusals: list[Exception] = []
        self.done: list[str] = []

    async def static_login(self, token: str) -> Any:
        """Who we are, unless a refusal is waiting."""
        if self.refusals:
            raise self.refusals.pop(0)
        return await super().static_login(token)

    async def request(self, route: Any, **more: Any) -> Any:
        """Answer, and note what was asked."""
        self.done.append(route.url.rpartition("/")[2])
        return await super().request(route, **more)

    async def close(self) -> None:
        """Note that it was left."""
        self.done.append("close")


class Answers(FakeWebhookAdapter):
    """Where answers to interactions go."""

    def __init__(self, http: Http) -> None:
        super().__init__(http.backend)
        self._done = http.done

    async def request(self, route: Any, *session: Any, **more: Any) -> Any:
        """Take it, and note what it was."""
        self._done.append(route.url.rpartition("/")[2])
        return await super().request(route, *session, **more)


class Wire(Discord):
    """The platform on a simulated web side; each connection meets the next of the gateways."""

    def __init__(self, records: Records, *gateways: Gateway, patience: float = 60, clock: Clock | None = None) -> None:
        clock = clock or RunningClock()
        super().__init__("token", RecordsNotebook(records, clock, "discord"), clock, Studio(), patience=patience)
        self.http = Http(Backend())
        self.gateways = list(gateways)
        self.clients: list[discord.Client] = []
        self._connected = asyncio.Event()

    async def begun(self, connections: int) -> None:
        """Return once there have been so many connections."""
        while len(self.clients) < connections:
            self._connected.clear()
            await self._connected.wait()

    def client(self, desk: Desk) -> Any:
        """The real client, with its two wires laid to us."""
        made = super().client(desk)
        made.http = made._connection.http = self.http
        gateway = self.gateways.pop(0) if self.gateways else well

        async def connected(*, reconnect: bool = True) -> None:
            self.clients.append(made)
            self._connected.set()
            await gateway(made)

        made.connect = connected  # type: ignore[method-assign]
        return made

    async def think(self, hundredths: int) -> None:
        """Somebody asks for something that takes so long."""
        backend, client = self.http.backend, self.clients[-1]
        server = backend.create_guild("Study")
        channel = backend.create_channel(server.id, "main")
        user = backend.make_user("alice")
        backend.add_member(server.id, user.id)
        options = [{"name": "hundredths", "type": 4, "value": hundredths}]
        _, payload = interactions.base_payload(
            backend, type=InteractionType.APPLICATION_COMMAND, channel_id=channel.id, guild_id=server.id,
            user_id=user.id, data={"id": "1", "name": "think", "type": 1, "options": options},
        )  # fmt: skip
        interaction: Any = discord.Interaction(data=payload, state=client._connection)  # type: ignore[arg-type]
        async_context.set(Answers(self.http))  # type: ignore[arg-type]
        client.dispatch("interaction", interaction)
        await asyncio.sleep(0)


async def well(client: discord.Client) -> None:
    """A session begins and goes on."""
    client.dispatch("connect")
    await asyncio.Event().wait()


async def deaf(client: discord.Client) -> None:
    """No session ever begins."""
    await asyncio.Event().wait()


async def lost(client: discord.Client) -> None:
    """A session begins, is lost, and resuming it fails again and again."""
    client.dispatch("connect")
    while True:
        await asyncio.sleep(0.01)
        client.dispatch("disconnect")


async def lost_and_had_back(client: discord.Client) -> None:
    """A session is lost and resumed in time."""
    client.dispatch("connect")
    client.dispatch("disconnect")
    await asyncio.sleep(0.02)
    client.dispatch("resumed")
    await asyncio.Event().wait()


@pytest.fixture
async def records(migrated: Path, tmp_path: Path) -> AsyncIterator[Records]:
    """An empty database."""
    made = Records(f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path)}", durable=False)
    yield made
    await made.close()


@pytest.fixture
def desk() -> Desk:
    """A desk with one command."""

    async def anyone(call: object) -> Any:
        return think.allow

    return Desk([think], [], anyone)


@contextlib.asynccontextmanager
async def running(wire: Wire, desk: Desk, connections: int = 1) -> AsyncIterator["asyncio.Task[None]"]:
    """The platform at work, once it has had so many connections; stopped in the end."""
    task = asyncio.create_task(wire.run(desk))
    begun = asyncio.create_task(wire.begun(connections))
    await asyncio.wait({task, begun}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
    assert begun.done(), "it did not connect"
    yield task
    task.cancel()
    await asyncio.wait({task})


async def test_a_wrong_token_is_one_line_that_names_it(records: Records, desk: Desk) -> None:
    wire = Wire(records)
    wire.http.refusals.append(discord.LoginFailure("Improper token has been passed."))
    with pytest.raises(StartFailure, match=r"^DISCORD_TOKEN: Discord refuses it\. .*Bot page\.$"):
        await wire.run(desk)


async def test_a_token_that_is_changed_meanwhile_is_the_same_line(records: Records, desk: Desk) -> None:
    async def thrown_out(client: discord.Client) -> None:
        raise discord.ConnectionClosed(type("Socket", (), {"close_code": 4004})(), shard_id=None)

    with pytest.raises(StartFailure, match=r"^DISCORD_TOKEN: "):
        await Wire(records, thrown_out).run(desk)


async def test_intents_that_the_portal_does_not_grant_are_one_line(records: Records, desk: Desk) -> None:
    async def refused(client: discord.Client) -> None:
        raise discord.PrivilegedIntentsRequired(None)

    with pytest.raises(StartFailure, match="privileged intents"):
        await Wire(records, refused).run(desk)


async def test_a_discord_that_cannot_be_reached_at_the_start_is_tried_again(
    records: Records, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "FIRST_PAUSE", 0.01)
    wire = Wire(records)
    wire.http.refusals += [OSError("no route to host"), ConnectionResetError()]
    async with running(wire, desk) as task:
        assert not task.done()
        assert len(wire.clients) == 1


async def test_a_gateway_that_does_not_answer_the_first_time_is_tried_again(
    records: Records, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*args: object, **more: object) -> object:
        raise aiohttp.ClientConnectionError("503")

    async def discord_own(client: discord.Client) -> None:
        monkeypatch.setattr(DiscordWebSocket, "from_client", refuse)
        monkeypatch.setattr(ExponentialBackoff, "delay", lambda _: 0)
        await Hearing.connect(client)  # type: ignore[arg-type]

    monkeypatch.setattr(connect, "FIRST_PAUSE", 0.01)
    async with running(Wire(records, discord_own), desk, connections=2) as task:
        assert not task.done()


@pytest.mark.parametrize("gateway", [deaf, lost])
async def test_a_client_that_has_gone_deaf_gives_way_to_a_fresh_one(
    records: Records, desk: Desk, gateway: Gateway
) -> None:
    wire = Wire(records, gateway, patience=0.1)
    async with running(wire, desk, connections=2):
        assert wire.clients[0].is_closed()
        assert not wire.clients[1].is_closed()


@pytest.mark.parametrize(("gateway", "is_heard"), [(well, True), (lost_and_had_back, True), (lost, False)])
async def test_it_is_connected_while_it_has_a_session(
    records: Records, desk: Desk, gateway: Gateway, is_heard: bool
) -> None:
    wire = Wire(records, gateway)
    assert not wire.connected
    async with running(wire, desk):
        await asyncio.sleep(0.1)
        assert wire.connected is is_heard
    assert not wire.connected


async def test_posts_wait_until_the_gateway_has_said_what_there_is(records: Records, desk: Desk) -> None:
    wire = Wire(records, deaf)
    async with running(wire, desk):
        assert not wire.connected
        with pytest.raises(Busy):
            await wire.post(HERE, PLAIN)


@pytest.mark.parametrize(("lasted", "pauses"), [(1, ["1 s", "2 s", "4 s"]), (3600, ["1 s"] * 3)])
async def test_a_session_that_went_well_for_long_is_not_counted_as_another_failure(
    records: Records, desk: Desk, caplog: pytest.LogCaptureFixture, lasted: float, pauses: list[str]
) -> None:
    clock = StoppedClock(datetime(2027, 1, 4, tzinfo=UTC))

    async def broken(client: discord.Client) -> None:
        client.dispatch("connect")
        await clock.sleep(lasted)
        raise OSError("broken")

    wire = Wire(records, broken, broken, broken, clock=clock)
    async with running(wire, desk, connections=4):
        said = [each.message.rpartition(" in ")[2] for each in caplog.records if "cannot be reached" in each.msg]
    assert said == pauses


async def test_nobody_is_told_of_what_only_voice_needs(
    records: Records, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for flag in ("warn_nacl", "warn_dave"):
        monkeypatch.setattr(discord.VoiceClient, flag, True)
    Wire(records).client(desk)
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("gateway", [well, lost_and_had_back])
async def test_a_client_with_a_session_stays(records: Records, desk: Desk, gateway: Gateway) -> None:
    wire = Wire(records, gateway, patience=0.1)
    async with running(wire, desk):
        await asyncio.sleep(0.3)
        assert len(wire.clients) == 1


async def test_an_answer_in_flight_is_given_before_the_connection_is_closed(records: Records, desk: Desk) -> None:
    wire = Wire(records)
    async with running(wire, desk):
        await wire.think(20)
    assert wire.http.done[-2:] == ["callback", "close"]


async def test_an_answer_that_takes_too_long_is_lost_with_one_line(
    records: Records, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connect, "DRAIN", 0.05)
    wire = Wire(records)
    async with running(wire, desk):
        await wire.think(20)
    assert wire.http.done[-1] == "close"
    await asyncio.sleep(0.3)
    assert wire.http.done[-1] == "close"
    loud = [each.message for each in caplog.records if each.levelno >= logging.WARNING]
    assert [each for each in loud if "took" not in each] == ["1 answers were not ready within 0.05 s and are lost"]


async def test_posts_wait_once_it_has_ended(records: Records, desk: Desk) -> None:
    wire = Wire(records)
    async with running(wire, desk):
        pass
    with pytest.raises(Busy):
        await wire.post(HERE, PLAIN)


def declared(guild: Guild) -> int:
    """How often the commands were declared so far."""
    return len(guild.sent("PUT", "/commands"))


async def test_commands_are_declared_once_and_not_at_every_start(guild: Guild) -> None:
    assert declared(guild) == 1
    await guild.restart()
    assert declared(guild) == 1


async def test_commands_are_declared_again_when_they_changed(guild: Guild, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = [each for each in all_commands() if each.name != "undo"]
    monkeypatch.setattr("bot.app.all_commands", lambda: fewer)
    await guild.restart()
    assert declared(guild) == 2


async def test_commands_are_declared_again_when_another_program_replaced_them(guild: Guild) -> None:
    guild.env.backend.register_commands(None, [{"name": "ping", "description": "Pong"}])
    await guild.restart()
    assert declared(guild) == 2


async def test_commands_that_discord_does_not_take_leave_the_older_ones_at_work(study_guild: Guild) -> None:
    await study_guild.notebook.delete(connect.SYNCED)
    study_guild.env.inject_error("PUT", "*/commands", status=400, code=30034, message="Too many today")
    await study_guild.restart()
    answer = await study_guild.alice.slash(study_guild.main, "week")
    assert "Week 1 of" in read(answer.response)
    assert await study_guild.notebook.get(connect.SYNCED) is None
