"""What is true of every command, the next one too: whoever adds a command adds a line to LINES and is done here."""

import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Connection, select

from bot.chat.argument import read
from bot.chat.command import LONGEST_DESCRIPTION, LONGEST_LABEL, LONGEST_LINE, MOST_FIELDS, Rank
from bot.chat.message import Button, Form, Item, Message, Reply
from bot.chat.platform import Call, Person, Place
from bot.commands import all_commands
from bot.curriculum.load import Curricula
from bot.pictures.studio import Studio
from bot.platforms.playground.render import render, render_choice, render_form
from bot.platforms.slack import form as slack_form
from bot.platforms.slack import render as slack
from bot.records.tables import metadata
from tests.slack_golden import assert_slack_takes
from tests.town import Town, open_town, text_of

DRAW = Studio()
COMMANDS = {each.name: each for each in all_commands()}
LINES = {
    "announce": 'text:"Meet on **Friday**" cohort:Quetzal',
    "announcement begin": "template:3",
    "announcement cancel": "draft:1",
    "announcement confirm": "draft:4 people:40",
    "announcement correct": "announcement:2 text:corrected",
    "announcement edit": "draft:1 text:changed",
    "announcement keep": "draft:1 name:Usual",
    "announcement links": 'draft:1 first:"Slides https://example.org/slides"',
    "announcement list": "",
    "announcement picture": "draft:1 title:Friday",
    "announcement schedule": "draft:1 on:2027-02-01 time:09:00",
    "announcement send": "draft:1",
    "announcement show": "announcement:2",
    "announcement skip": "draft:5 on:2027-02-15",
    "announcement unskip": "draft:5 on:2027-02-08",
    "announcement withdraw": "announcement:2",
    "audit": "cohort:Quetzal",
    "blocked": "time",
    "checkin": "did:read next:write blocked:time hours:5 share:yes",
    "cohort apply": "change:shown",
    "cohort archive": "cohort:Quetzal",
    "season begin": "shown:shown",
    "cohort break": "start:2027-02-08 weeks:2 name:Holidays cohort:Quetzal",
    "cohort checkins": "cohort:Quetzal",
    "cohort clone": "cohort:Quetzal name:Next",
    "cohort checklist": "cohort:Quetzal",
    "cohort create": "name:Other start:2027-02-01",
    "cohort desk": "cohort:Quetzal remove:yes",
    "cohort edit": "day:friday cohort:Quetzal",
    "cohort export": "cohort:Quetzal",
    "cohort hold": "phase:getting-started cohort:Quetzal",
    "invite": 'text:"Come and **join** us" cohort:Quetzal',
    "cohort list": "",
    "cohort meeting": "day:friday cohort:Quetzal",
    "cohort pause": "cohort:Quetzal",
    "cohort place add": "cohort:Quetzal",
    "cohort place code": "cohort:Quetzal",
    "cohort place remove": "place:1",
    "cohort quiet": "cohort:Quetzal",
    "cohort reopen": "cohort:Quetzal",
    "cohort restore": "cohort:Quetzal",
    "cohort resume": "cohort:Quetzal",
    "cohort role": "role:<@&123> cohort:Quetzal",
    "cohort rules": "passes:3 cohort:Quetzal",
    "cohort shift": "weeks:1 cohort:Quetzal",
    "cohort status": "cohort:Quetzal",
    "cohort upgrade": "cohort:Quetzal",
    "cohort tick": "item:week state:done cohort:Quetzal",
    "waiting": "cohort:Quetzal",
    "done": "task:python-syntax",
    "facilitator add": "person:square:alice cohort:Quetzal",
    "facilitator lead": "person:square:grace week:next cohort:Quetzal",
    "facilitator list": "cohort:Quetzal",
    "facilitator remove": "person:square:grace cohort:Quetzal",
    "help": "command:done",
    "home": "",
    "invitation send": "shown:c1-0123456789ab",
    "invitation withdraw": "invitation:1",
    "join": "cohort:Quetzal",
    "leave": "cohort:Quetzal",
    "mydata export": "",
    "mydata forget": "",
    "links": "cohort:Quetzal",
    "mark link": "link:1 state:broken cohort:Quetzal",
    "next": "",
    "pace": "weeks:1",
    "pass": "weeks:1",
    "post again": "post:1",
    "post edit": 'post:c1.milestone.2 note:"Bring **snacks**"',
    "post move": "post:c1.checkin.1 on:2027-01-09 time:18:00",
    "post now": "post:c1.milestone.1",
    "post settle": "post:1",
    "post show": "post:c1.milestone.2",
    "post skip": "post:c1.milestone.2",
    "post unskip": "post:c1.milestone.2",
    "progress": "",
    "read": "announcement:2",
    "report link": 'resource:calculus-videos why:"It says 404"',
    "resource": "query:backprop",
    "roadmap": "",
    "schedule": "cohort:Quetzal",
    "set language": "timezone:Asia/Seoul",
    "set reminders": 'by:"by direct message" time:18:30',
    "set visibility": "streak:yes share:no",
    "settings": "",
    "share curriculum": "",
    "share milestone": "milestone:recode-least-squares-week",
    "share phase": "phase:getting-started",
    "share resource": "resource:deep-learning-book",
    "snooze": "",
    "stuck": "where:the-chain-rule",
    "suggest": "link:https://example.org/x title:Pictures",
    "undo": "",
    "week": "number:2",
    "write": 'member:Ada text:"How are you?" cohort:Quetzal',
}
SPEAKERS = {Rank.ANYONE: "stranger", Rank.MEMBER: "ada", Rank.FACILITATOR: "grace", Rank.ORGANISER: "grace"}
APOLOGY = "Something went wrong"

every_command = pytest.mark.parametrize("name", COMMANDS)
LANGUAGES = ("en", "ko")
in_one_town = pytest.mark.asyncio(loop_scope="module")
"""What a test is marked with that only looks: all of them share `lasting`, since to open a town takes longer."""


def typed(name: str) -> str:
    """The command with good arguments, as the lowest rank that may run it would type it."""
    return f"{SPEAKERS[COMMANDS[name].allow]}: /{name} {LINES[name]}"


def the_call(town: Town, spoken: str, locale: str = "en") -> Call:
    """The call that a spoken line is."""
    who, _, rest = spoken.partition(": ")
    line = town.rooms.desk.read_line(rest)
    assert line is not None
    place = Place(platform="square", community=town.community, channel="main")
    person = Person(platform="square", id=who, name=who.capitalize())
    return Call(
        id="suggest", command=line.command, given=line.given, person=person, place=place, locale=locale,
        is_admin=who == "grace",
    )  # fmt: skip


def buttons(reply: Reply) -> list[Button]:
    """Every button of a reply, also those of its items."""
    if isinstance(reply, Form):
        return []
    pressed = [*reply.buttons, *(each.button for each in reply.parts if isinstance(each, Item))]
    return [each for each in pressed if isinstance(each, Button)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lasting(settled: Path, curricula: Curricula, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """The town of "Quetzal", to look at. Whatever is changed there fails the last test of those that do."""
    folder = tmp_path_factory.mktemp("lasting")
    shutil.copy(settled, folder)
    town = await open_town(folder, curricula=curricula)
    before = await town.rooms.records.read(everything_of_quetzal)
    yield town
    assert await town.rooms.records.read(everything_of_quetzal) == before
    await town.rooms.records.close()


def test_every_command_has_its_line_here() -> None:
    assert sorted(LINES) == sorted(COMMANDS)


@every_command
def test_it_is_described_within_the_limits(name: str) -> None:
    made = COMMANDS[name]
    assert 0 < len(made.description) <= LONGEST_DESCRIPTION
    assert made.description.endswith(".")
    assert all(0 < len(each.arg.label) <= LONGEST_LABEL for each in made.parameters)
    assert len(made.fields) <= MOST_FIELDS


def test_a_group_is_for_facilitators_or_for_members() -> None:
    ranks: dict[str, set[Rank]] = {}
    for name, made in COMMANDS.items():
        if " " in name:
            ranks.setdefault(name.partition(" ")[0], set()).add(made.allow)
    assert all(len(each) == 1 or min(each) >= Rank.FACILITATOR for each in ranks.values()), ranks


@every_command
async def test_it_answers_in_a_message_that_can_be_kept_and_drawn(quetzal: Town, name: str) -> None:
    reply = await quetzal.ask(typed(name))
    assert isinstance(reply, Message)
    assert APOLOGY not in text_of(reply)
    assert Message.model_validate_json(reply.model_dump_json()) == reply
    for locale in LANGUAGES:
        assert json.dumps(render(reply, locale, DRAW))
        for drawn in (slack.render(reply, locale), slack.render_view(reply, locale), slack.render_home(reply, locale)):
            assert_slack_takes(drawn)
        assert not re.search(r"\{\w+\}", text_of(reply, locale)), "a place that no value was put into"


@in_one_town
@every_command
async def test_its_form_asks_for_what_is_needed_and_can_be_drawn(lasting: Town, name: str) -> None:
    reply = await lasting.ask(f"{SPEAKERS[COMMANDS[name].allow]}: /?{name}")
    assert isinstance(reply, Form)
    assert len(reply.fields) <= MOST_FIELDS
    needed = [each.name for each in COMMANDS[name].parameters if each.required]
    assert [each.name for each in reply.fields if each.required] == needed
    assert Form.model_validate_json(reply.model_dump_json()) == reply
    for locale in LANGUAGES:
        assert json.dumps(render_form(reply, locale))
        assert_slack_takes(slack_form.render_form(reply, locale))


@every_command
async def test_every_button_is_a_line_that_leads_somewhere(quetzal: Town, name: str) -> None:
    await leads_somewhere(quetzal, await quetzal.ask(typed(name)), SPEAKERS[COMMANDS[name].allow])


async def test_every_button_of_a_post_leads_somewhere(quetzal: Town) -> None:
    await quetzal.pass_time(weeks=1)
    assert {key.split(":")[1] for key in quetzal.keys} == {"milestone", "checkin", "reminder", "digest"}
    for _, post in list(quetzal.square.told):
        await leads_somewhere(quetzal, post.message, "ada")


async def leads_somewhere(town: Town, reply: Reply, by: str) -> None:
    for button in buttons(reply):
        assert len(button.line.encode()) <= LONGEST_LINE
        line = town.rooms.desk.read_line(button.line)
        assert line is not None, f"{button.line!r} names no command"
        made = town.rooms.desk.commands[line.command]
        for given, value in line.given.items():
            parameter = made.parameter(given)
            assert parameter is not None, f"{button.line!r}: /{made.name} takes no {given}"
            read(parameter, value)
        pressed = await town.ask(f"{by}: {button.line}", via="button")
        assert APOLOGY not in text_of(pressed), button.line


@in_one_town
@pytest.mark.parametrize("name", [name for name, made in COMMANDS.items() if made.allow > Rank.ANYONE])
async def test_lower_ranks_are_told_who_may(lasting: Town, name: str) -> None:
    lower = [who for rank, who in SPEAKERS.items() if rank < min(COMMANDS[name].allow, Rank.FACILITATOR)]
    for who in lower:
        for spoken in (f"{who}: /{name} {LINES[name]}", f"{who}: /?{name}"):
            for via in ("line", "form", "button"):
                said = text_of(await lasting.ask(spoken, via=via))
                assert re.match(f"/{name} is for (members of a cohort|facilitators: those|organisers: the)", said)


@in_one_town
@every_command
async def test_suggestions_are_drawn_and_only_for_those_who_may(lasting: Town, name: str) -> None:
    made = COMMANDS[name]
    for each in made.parameters:
        call = the_call(lasting, f"{SPEAKERS[made.allow]}: /{name}")
        found = await lasting.rooms.desk.suggest(call, each.name, "")
        assert bool(found) == (each.arg.suggest is not None)
        assert all(render_choice(one, locale)["label"] for one in found for locale in LANGUAGES)
        if made.allow > Rank.ANYONE:
            assert not await lasting.rooms.desk.suggest(the_call(lasting, f"stranger: /{name}"), each.name, "")


# ---- tenants: from another community, nothing of this one can be seen or changed ------------------------------------

QUETZALS = {
    "communities": "id", "cohorts": "id", "cohort_places": "cohort_id", "enrolments": "cohort_id",
    "schedule": "cohort_id", "outbox": "cohort_id", "announcements": "community_id", "checkins": "enrolment_id",
    "progress": "member_id", "place_codes": "cohort_id", "passes": "enrolment_id", "absences": "member_id",
    "link_reports": "cohort_id", "link_marks": "community_id", "ticks": "cohort_id", "handovers": "cohort_id",
}  # fmt: skip
"""The column that says whose a row is. Everything of Quetzal was made first, so its ids are all 1."""


def everything_of_quetzal(connection: Connection) -> dict[str, list[tuple[str, ...]]]:
    """Every row of every table that belongs to Quetzal or to somebody in it."""
    found = {}
    for name, column in QUETZALS.items():
        table = metadata.tables[name]
        found[name] = [tuple(map(repr, row)) for row in connection.execute(select(table).where(table.c[column] == 1))]
    return found


@pytest.fixture
async def abroad(quetzal: Town) -> Town:
    """Another community on the same platform and in the same database, with a cohort and a facilitator of its own."""
    return await founded_beside(quetzal)


async def founded_beside(quetzal: Town) -> Town:
    made = Town(quetzal.rooms, quetzal.clock, quetzal.square, community="abroad")
    await made.start("grace: /cohort create Abroad", channel="elsewhere", expect="Abroad is ready.")
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lasting_abroad(lasting: Town) -> Town:
    """As `abroad`, beside the town that lasts."""
    return await founded_beside(lasting)


@every_command
async def test_a_foreign_facilitator_sees_and_changes_nothing(abroad: Town, name: str) -> None:
    before = await abroad.rooms.records.read(everything_of_quetzal)
    for spoken in (f"/{name} {LINES[name]}", f"/?{name} {LINES[name]}", f"/{name}"):
        said = await abroad.say(f"grace: {spoken}")
        echo = said.replace("called Quetzal", "").replace("cohort = Quetzal", "")
        by_code = await abroad.say(f"grace: {spoken.replace('Quetzal', 'c1')}")
        assert not [word for word in ("Quetzal", "secret", APOLOGY) if word in echo + by_code]
    await abroad.rooms.delivery.tick()
    assert await abroad.rooms.records.read(everything_of_quetzal) == before
    assert all(before[table] for table in ("cohorts", "cohort_places", "enrolments", "announcements", "schedule"))


async def test_a_name_that_is_taken_here_is_free_abroad(quetzal: Town, abroad: Town) -> None:
    await abroad.start("grace: /cohort create Quetzal", expect="Quetzal is ready.")
    await abroad.say("grace: /cohort status Quetzal", expect="Members: 0")
    await quetzal.say("grace: /cohort status Quetzal", expect="Members: 1")


@in_one_town
@every_command
async def test_nothing_is_suggested_to_a_foreign_facilitator(lasting_abroad: Town, name: str) -> None:
    for each in COMMANDS[name].parameters:
        call = the_call(lasting_abroad, f"grace: /{name}")
        found = await lasting_abroad.rooms.desk.suggest(call, each.name, "")
        assert not [one for one in found if one.value == "c1" or "Quetzal" in str(one) or "secret" in str(one)]
