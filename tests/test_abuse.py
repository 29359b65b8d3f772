"""What others get out of a facilitator's buttons and forms, forged from what they may have seen: a refusal.

Everything that Grace can press or fill in is collected while she goes through all that a facilitator has; then it is
pressed and sent, word for word, by those who must not.
"""

import logging
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, select

from bot.chat import line
from bot.chat.command import Rank
from bot.chat.message import Form, Reply
from bot.chat.platform import Person
from bot.platforms.discord import ids
from bot.records import audit, facilitators
from bot.records.cohorts import named
from bot.records.tables import metadata
from tests import discord_town, slack_town
from tests.both_towns import Both
from tests.slack_limits import walk
from tests.slack_town import Shown
from tests.test_every_command import APOLOGY, COMMANDS, LINES, buttons
from tests.town import Town, text_of

REFUSED = re.compile(r"/[a-z ]+ is for (facilitators: those of a cohort|organisers: the admins)")
FACILITATORS = [name for name, made in COMMANDS.items() if made.allow >= Rank.FACILITATOR]
EVE = Person(platform="square", id="eve", name="Eve")
TIDINGS = frozenset({"notes"})
"""Tables that keep what a platform told, whoever spoke."""


def everything(connection: Connection) -> dict[str, list[tuple[str, ...]]]:
    """Every row of every table."""
    kept = [each for each in metadata.sorted_tables if each.name not in TIDINGS]
    return {each.name: sorted(tuple(map(repr, row)) for row in connection.execute(select(each))) for each in kept}


def ways(each: str) -> tuple[str, str]:
    """The line as it runs and as it asks for its form."""
    return f"/{each.removeprefix('?')}", f"/?{each.removeprefix('?')}"


def lines_of(reply: Reply) -> Iterator[str]:
    """What can be pressed in the reply, or sent from the form that it is, as lines."""
    if isinstance(reply, Form):
        filled = {each.name: each.value for each in reply.fields if each.value}
        yield line.write(reply.command, {**dict(reply.given), **filled})
    yield from (each.line for each in buttons(reply))


async def collected(town: Town) -> list[str]:
    """Every line that only facilitators may run, of all that Grace comes across, two presses deep."""
    seen = dict.fromkeys(f"{name} {LINES[name]}" for name in FACILITATORS)
    for depth in range(2):
        for each in list(seen):
            for spoken in ways(each):
                reply = await town.ask(f"grace: {spoken}", via="button" if depth else "line")
                assert APOLOGY not in text_of(reply), spoken
                seen |= dict.fromkeys(lines_of(reply))
    commands = {each: town.rooms.desk.read_line(each) for each in seen}
    return [each for each, read in commands.items() if read and read.command in FACILITATORS]


async def forge(town: Town, who: str, forged: list[str]) -> list[tuple[str, str]]:
    """Have that person press, send and type each of them; what they read, by what they did."""
    heard = []
    for runs, asks in map(ways, forged):
        for did, via in ((runs, "button"), (runs, "form"), (runs, "line"), (asks, "button")):
            heard.append((f"{did} ({via})", text_of(await town.ask(f"{who}: {did}", via=via))))
    return heard


@pytest.mark.parametrize("who", ["ada", "a stranger"])
async def test_what_members_forge_is_refused_and_logged_and_changes_nothing(
    quetzal: Town, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    forged = await collected(quetzal)
    assert {quetzal.rooms.desk.read_line(each).command for each in forged} == set(FACILITATORS)  # type: ignore[union-attr]
    before = await quetzal.rooms.records.read(everything)
    with caplog.at_level(logging.INFO, "bot.chat.desk"):
        heard = await forge(quetzal, who, forged)
    assert [did for did, said in heard if not REFUSED.match(said)] == []
    assert await quetzal.rooms.records.read(everything) == before
    logged = [each.getMessage() for each in caplog.records if each.getMessage().startswith("refused /")]
    assert len(logged) == len(heard)
    assert all(f"to square:{who} in town" in each for each in logged)


async def test_what_the_facilitator_of_another_cohort_forges_changes_nothing_of_this_one(quetzal: Town) -> None:
    await quetzal.start("grace: /cohort create Second", channel="second")
    second = named((await quetzal.rooms.records.town("square", "town")).cohorts, "Second")
    assert second
    await quetzal.rooms.records.write(facilitators.appoint, second.id, EVE, quetzal.clock.now())
    forged = await collected(quetzal)
    await quetzal.pass_time(minutes=5)  # for what Grace has sent
    before, told = await quetzal.rooms.records.read(audit.entries, 1, 1000), quetzal.keys
    for did, said in await forge(quetzal, "eve", forged):
        assert APOLOGY not in said, did
    assert await quetzal.rooms.records.read(audit.entries, 1, 1000) == before
    await quetzal.pass_time(minutes=5)
    assert [each for each in quetzal.keys if each not in told and each.startswith("c1")] == []


async def test_what_the_admin_of_another_community_forges_changes_nothing(quetzal: Town) -> None:
    forged = await collected(quetzal)
    abroad = Town(quetzal.rooms, quetzal.clock, quetzal.square, community="abroad")
    before = await quetzal.rooms.records.read(everything)
    for did, said in await forge(abroad, "grace", [each for each in forged if "cohort create" not in each]):
        assert APOLOGY not in said, did
        assert "secret" not in said, did
    assert await quetzal.rooms.records.read(everything) == before


# ---- The same over the real clients: what is pressed and sent comes from a member, under a facilitator's ids -----

SHOWN = ("cohort status", "cohort list", "announcement list", "links")
SENT = {
    "announce": {"text": "Hear, hear"}, "cohort create": {"name": "Mine"}, "cohort shift": {"weeks": "1"},
    "cohort break": {"start": "2027-02-01"},
}  # fmt: skip


async def test_a_member_of_a_server_forges_what_is_pressed_and_sent(both: Both) -> None:
    guild = both.guild
    before = await guild.records.read(everything)
    for each in SHOWN:
        shown = (await guild.grace.slash(guild.main, each)).response
        assert shown is not None
        for custom_id in [part["custom_id"] for part in discord_town.parts(shown.components) if "custom_id" in part]:
            pressed = await guild.press(guild.alice, custom_id, shown)
            assert REFUSED.match(discord_town.read(pressed.response)), custom_id
    for each, filled in SENT.items():
        sent = await guild.send_form(guild.alice, ids.line_id(each), filled)
        assert REFUSED.match(discord_town.read(sent.response)), each
    assert await guild.records.read(everything) == before


async def test_a_member_of_a_workspace_forges_what_is_pressed_and_sent(both: Both) -> None:
    office = both.office
    before = await office.records.read(everything)
    for each in SHOWN:
        await office.grace.slash(each)
        shown = office.grace.reply.payload
        for pressed in [part for _, part in walk(shown["blocks"]) if part.get("type") == "button"]:
            on = Shown(shown)  # on her own screen, where the answer takes its place
            await both.mary.act(dict(pressed), on)
            said = both.mary.modal if both.mary.window else on.payload
            assert REFUSED.search(slack_town.read(said)), pressed
            both.mary.close_window()
    for each, filled in SENT.items():
        await office.grace.slash(each)
        both.mary.window = office.grace.window
        both.mary.heard.clear()
        await both.mary.send(**filled)
        assert REFUSED.search(both.mary._latest()), each
        office.grace.close_window()
    assert await office.records.read(everything) == before
