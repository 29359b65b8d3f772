"""What a facilitator changes leaves an entry in the audit, whatever the command; what they only look at leaves none."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, func, select

from bot.chat.command import Rank
from bot.chat.message import Message, Reply
from bot.chat.platform import Hindered
from bot.chat.wording import say
from bot.records import cohorts
from bot.records.tables import audit, metadata
from tests.test_every_command import COMMANDS, LINES, buttons
from tests.town import Town, text_of

THEIRS = [name for name, made in COMMANDS.items() if made.allow >= Rank.FACILITATOR]
ONLY_LOOK = {
    "announcement list", "announcement show", "audit", "cohort checkins", "cohort checklist", "cohort list",
    "cohort quiet", "cohort status", "facilitator list", "links", "post show", "schedule", "waiting",
}  # fmt: skip
TAKES_ALONG = {"cohort export"}
"""What only looks, and is noted all the same."""
BEFORE: dict[str, Sequence[str]] = {
    "cohort desk": ("cohort desk cohort:Quetzal",),
    "cohort restore": ("cohort archive cohort:Quetzal sure:yes",),
    "invitation withdraw": ("invite cohort:Quetzal",),
    "post unskip": (f"post skip {LINES['post unskip']}",),
    "cohort resume": ("cohort pause cohort:Quetzal",),
    "cohort place remove": ("cohort place add cohort:Quetzal",),
    "facilitator remove": ("facilitator add person:square:eve cohort:Quetzal",),
}
"""What has to be done before a line changes anything."""
NOTHING_NEWER = {"cohort upgrade"}
"""Here is no newer version to go to; what it leaves is said in test_cohort_upgrade."""
SHOWN_BY = {
    "cohort apply": "cohort shift weeks:1 cohort:Quetzal",
    "invitation send": "invite cohort:Quetzal",
    "invitation withdraw": "invite cohort:Quetzal",
    "season begin": "cohort create name:Other start:2027-02-01",
}
"""The lines below whose replies there are buttons for what only a button knows."""
ELSEWHERE = "annex"  # a cohort is at home in the main channel
APART = {"audit", "notes", "accounts", "members"}
"""Tables that say nothing of what was done to a cohort: a note is what a preview showed, an account somebody's name."""


def everything(connection: Connection) -> dict[str, list[str]]:
    """Every row of every table but those, as text."""
    return {
        name: [repr(tuple(row)) for row in connection.execute(select(table))]
        for name, table in metadata.tables.items()
        if name not in APART
    }


def entries(connection: Connection) -> int:
    """How many entries there are."""
    return connection.execute(select(func.count()).select_from(audit)).scalar_one()


async def done(town: Town, line: str, via: str = "line") -> tuple[Reply, bool, int]:
    """The reply to Grace, whether that changed anything, and how many entries came of it."""
    records = town.rooms.records
    before, kept = await records.read(everything), await records.read(entries)
    reply = await town.ask(f"grace: {line}", via=via, channel=ELSEWHERE)
    return reply, await records.read(everything) != before, await records.read(entries) - kept


async def applied(town: Town, reply: Reply, name: str = "") -> tuple[Reply, bool, int]:
    """What was shown first, done by its button: that of the command itself, or of the one that does such things."""
    does = (name, "cohort apply", "season begin", "invitation send")
    lines = [each.line for command in does if command for each in buttons(reply) if each.line.startswith(f"{command} ")]
    return await done(town, lines[0], "button")


async def no_button_changes_anything_without_one(town: Town, reply: Reply) -> None:
    """Whatever button of theirs is pressed below the reply."""
    assert isinstance(reply, Message)
    for button in buttons(reply):
        line = town.rooms.desk.read_line(button.line)
        assert line is not None
        if line.command in THEIRS:
            pressed, is_changed, came = await done(town, button.line, "button")
            assert came or not is_changed, f"{button.line}: {text_of(pressed)}"


@pytest.fixture
async def ready(quetzal: Town, request: pytest.FixtureRequest) -> Town:
    """The town, in which something can be done with the command of the test."""
    name = request.node.callspec.params["name"]
    if name == "cohort reopen":
        await quetzal.rooms.records.write(cohorts.lose_place, 1, "It was deleted.")
    if name == "cohort desk":
        quetzal.private.add(ELSEWHERE)
    for line in BEFORE.get(name, ()):
        reply, is_changed, _ = await done(quetzal, line)
        assert is_changed or (await applied(quetzal, reply))[1], text_of(reply)
    return quetzal


@pytest.mark.parametrize("name", [each for each in THEIRS if each not in ONLY_LOOK | NOTHING_NEWER])
async def test_what_changes_something_leaves_an_entry(ready: Town, name: str) -> None:
    reply, is_changed, came = await done(ready, SHOWN_BY.get(name, f"{name} {LINES[name]}"))
    if not is_changed and not came:
        reply, is_changed, came = await applied(ready, reply, name)
    assert (is_changed, came) == (name not in TAKES_ALONG, 1), text_of(reply)
    await no_button_changes_anything_without_one(ready, reply)


@pytest.mark.parametrize("name", sorted(ONLY_LOOK))
async def test_what_only_looks_changes_nothing_and_leaves_none(quetzal: Town, name: str) -> None:
    reply, is_changed, came = await done(quetzal, f"{name} {LINES[name]}")
    assert (is_changed, came) == (False, 0)
    await no_button_changes_anything_without_one(quetzal, reply)


async def test_trying_again_what_only_the_role_lacked_leaves_one_too(quetzal: Town) -> None:
    quetzal.square.obstacles = [Hindered(say("The role is too high."))]
    await quetzal.say("grace: /cohort role role:<@&123> cohort:Quetzal")
    await quetzal.rooms.projecting.tick()
    _, is_changed, came = await done(quetzal, "cohort reopen cohort:Quetzal")
    assert (is_changed, came) == (True, 1)


async def test_a_cohort_that_is_let_in_by_a_code_keeps_where_and_no_more(quetzal: Town) -> None:
    code = (await quetzal.say("grace: /cohort place code cohort:Quetzal")).partition("Code: ")[2].split()[0]
    abroad = Town(quetzal.rooms, quetzal.clock, quetzal.square, community="abroad")
    await abroad.say(f"grace: /cohort place add code:{code}", channel="hall", expect="Quetzal is at home here, too.")
    await quetzal.say("grace: /audit cohort:Quetzal", expect="places: #hall (Square)\n")
