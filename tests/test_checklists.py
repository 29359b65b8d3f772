"""The checklist of a season's start and end: what Milepost sees by itself, and what is ticked by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.app import wire
from bot.chat.message import Form, Item, Message, Post, Reply
from bot.chat.platform import DIRECT, Gone, Person, Place
from bot.chat.wording import plain
from bot.commands import all_commands
from bot.commands.cohort_checklist import WAYS
from bot.delivery.checklist import ITEMS
from bot.platforms.discord import render as discord
from bot.platforms.slack import render as slack
from bot.records import audit, cohorts, facilitators, links
from bot.records.links import Look
from tests.town import MONDAY, Town, text_of

EVE = Person(platform="square", id="eve", name="Eve")
SIGNS = {"✓": "done", "○": "open", "–": "not needed"}
BY_TITLE = {plain(each.title): name for name, each in ITEMS.items()}


@pytest.fixture
async def short(town: Town) -> Town:
    """A town with "Emails", four weeks from 1 February on, which Grace has just begun."""
    await town.start(
        "grace: /cohort create Emails curriculum:english-emails start:2027-02-01", expect="Emails is ready"
    )
    return town


async def listed(town: Town, part: str, speaker: str = "grace", cohort: str = "Emails") -> dict[str, tuple[str, str]]:
    """Every item of the list: its state, and what stands below it."""
    found: dict[str, tuple[str, str]] = {}
    for page in (1, 2):
        reply = await town.ask(f"{speaker}: /cohort checklist {cohort} part:{part} page:{page}")
        assert isinstance(reply, Message)
        for each in reply.parts:
            if isinstance(each, Item) and each.text is not None:
                sign, _, title = plain(each.title).partition(" ")
                found[BY_TITLE[title]] = (SIGNS[sign], plain(each.text))
    return found


async def state(town: Town, item: str, cohort: str = "Emails") -> str:
    """How the item stands."""
    return (await listed(town, ITEMS[item].part, cohort=cohort))[item][0]


def labels(reply: Reply, item: str) -> Sequence[str]:
    """The buttons of the item, in order."""
    assert isinstance(reply, Message)
    found: list[str] = []
    is_it = False
    for each in reply.parts:
        if isinstance(each, Item):
            is_it = plain(ITEMS[item].title) in plain(each.title) if each.text is not None else is_it
            found += [plain(each.button.label)] if is_it and each.button else []
    return found


# ---- what is on the list --------------------------------------------------------------------------------------------


def test_every_way_leads_to_a_command_for_the_cohort() -> None:
    commands = {each.name: each for each in all_commands()}
    for name, way in WAYS.items():
        assert name in ITEMS
        assert commands[way.command].parameter("cohort"), way.command


async def test_every_item_says_why_and_the_list_says_how_many_are_open(short: Town) -> None:
    said = await short.say("grace: /cohort checklist Emails", expect="9 items are open.")
    assert said.startswith("The start of Emails")
    found = await listed(short, "start")
    assert set(found) == {name for name, each in ITEMS.items() if each.part == "start"}
    assert all(plain(ITEMS[name].why) in below for name, (_, below) in found.items())


async def test_the_season_decides_which_list_is_on(short: Town) -> None:
    await short.say("grace: /cohort checklist Emails", expect="The start of Emails")
    await short.pass_time(weeks=5, hours=2)
    later = "for later: from Mon 15 Feb 2027, 09:00 (UTC) on"
    await short.say("grace: /cohort checklist Emails", expect=later)
    await short.pass_time(weeks=1)
    said = await short.say("grace: /cohort checklist Emails", expect="The end of Emails")
    assert "for later" not in said
    await short.pass_time(weeks=10)
    await short.say("grace: /cohort checklist Emails", expect="The end of Emails")


async def test_beyond_the_last_page_is_the_last_page(short: Town) -> None:
    last = await short.say("grace: /cohort checklist Emails page:2")
    assert await short.say("grace: /cohort checklist Emails page:99") == last


async def test_a_list_that_is_done_says_so(short: Town) -> None:
    for name, each in ITEMS.items():
        if each.part == "end":
            await short.say(f'grace: /cohort tick {name} state:"not needed"')
    await short.say("grace: /cohort checklist Emails part:end", expect="Everything is seen to.")


@pytest.mark.parametrize("part", ["start", "end"])
@pytest.mark.parametrize("locale", ["en", "ko"])
async def test_a_page_fits_into_one_message_everywhere(short: Town, part: str, locale: str) -> None:
    for page in (1, 2):
        reply = await short.ask(f"grace: /cohort checklist Emails part:{part} page:{page}")
        assert isinstance(reply, Message)
        as_post = Post(key="a", message=reply, locale=locale)
        assert not [*discord.losses(as_post), *slack.losses(as_post)]


# ---- what Milepost sees ---------------------------------------------------------------------------------------------


async def test_a_place_that_is_lost_is_open_until_posts_reach_it_again(short: Town) -> None:
    assert await state(short, "place") == "done"
    short.square.failures = [Gone("closed")]
    await short.say("ada: /join")
    await short.say("ada: /stuck where:everywhere")
    await short.pass_time(minutes=1)
    assert (await listed(short, "start"))["place"] == (
        "open", "All else is said there. · Posts do not reach #main (Square).",
    )  # fmt: skip
    await short.say("grace: /cohort reopen cohort:c1")
    assert await state(short, "place") == "done"


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ("role", "grace: /cohort role role:<@&123> cohort:Emails"),
        ("meeting", "grace: /cohort meeting day:monday cohort:Emails"),
        ("members", "ada: /join Emails"),
    ],
)
async def test_what_was_done_is_seen_at_once(short: Town, item: str, line: str) -> None:
    assert await state(short, item) == "open"
    await short.say(line)
    assert await state(short, item) == "done"


async def test_a_break_in_the_calendar_is_a_thought_of_holidays(short: Town) -> None:
    apply, *_ = await short.buttons("grace: /cohort break start:2027-02-08 weeks:1 cohort:Emails")
    assert await state(short, "breaks") == "open"
    await short.say(f"grace: {apply}")
    assert await state(short, "breaks") == "done"


async def test_two_look_after_it_and_one_of_them_leads_week_1(short: Town) -> None:
    found = await listed(short, "start")
    assert (found["facilitators"][0], found["lead"][0]) == ("open", "open")
    await short.rooms.records.write(facilitators.appoint, 1, EVE, short.clock.now())
    both = await short.rooms.records.read(facilitators.of_cohort, 1)
    await short.rooms.records.write(facilitators.lead, 1, "2027-W05", both[1].account_id)
    found = await listed(short, "start", speaker="eve")
    assert found["facilitators"] == ("done", "Whoever does it alone gets tired, or ill. · Grace, Eve")
    assert found["lead"] == ("done", "What comes up in that week is told to them. · Eve")
    await short.rooms.records.write(facilitators.dismiss, await short.rooms.records.read(cohorts.get, 1), EVE)
    assert await state(short, "lead") == "open"


async def test_links_are_seen_where_they_are_looked_at(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-02-01")
    curriculum = town.rooms.curricula.get("deep-learning")
    assert curriculum
    assert labels(await town.ask("grace: /cohort checklist page:2"), "links") == ["Links", "Done", "Not needed"]
    for each in dict.fromkeys(each.url for each in curriculum.resources if each.url):
        await town.rooms.records.write(links.looked, each, Look("opened"), MONDAY)
    assert await state(town, "links", "Deep") == "done"
    first = next(each for task in curriculum.tasks[:3] for each in task.resources)
    await town.say("ada: /join Deep")
    await town.say(f"ada: /report link {first}")
    assert (await listed(town, "start", cohort="Deep"))["links"] == (
        "open", "A dead link on the first day stops people. · Something is wrong with 1 link.",
    )  # fmt: skip
    url = next(each.url for each in curriculum.resources if each.id == first)
    link = (await town.rooms.records.read(links.known, [url or ""]))[url or ""]
    await town.say(f"grace: /mark link {link.id} state:fine")
    assert await state(town, "links", "Deep") == "done"


@pytest.mark.parametrize(
    ("made_at", "stands"), [(None, "open"), (MONDAY - timedelta(days=3), "open"), (MONDAY - timedelta(hours=5), "done")]
)
async def test_a_backup_of_last_night_is_seen_where_backups_are_made(
    short: Town, made_at: datetime | None, stands: str
) -> None:
    rooms = wire(
        short.rooms.records, short.rooms.curricula, {"square": short.square}, short.clock, newest_backup=lambda: made_at
    )
    assert await state(replace(short, rooms=rooms), "backup") == stands


async def test_where_others_make_backups_the_item_is_ticked_by_hand(short: Town) -> None:
    await short.say("grace: /cohort tick backup", expect="The start of Emails")
    assert await state(short, "backup") == "done"


async def test_the_last_check_in_is_done_once_everybody_answered_or_passed(short: Town) -> None:
    for who in ("ada", "ben"):
        await short.say(f"{who}: /join Emails")
    await short.pass_time(weeks=7, hours=2)
    assert (await listed(short, "end"))["answers"][1].endswith("Nobody is asked yet.")
    await short.pass_time(days=5)
    await short.say("ada: /checkin did:read")
    assert (await listed(short, "end"))["answers"] == (
        "open", "A line now is what they remember the season by. · 1 of 2 answered, or passed.",
    )  # fmt: skip
    await short.say("ben: /pass")
    assert await state(short, "answers") == "done"


async def test_a_last_word_counts_from_the_last_two_weeks_on(short: Town) -> None:
    await short.say("grace: /announce text:hello cohort:Emails")
    await short.say("grace: /announcement send draft:1")
    await short.pass_time(weeks=6, hours=2)
    assert await state(short, "farewell") == "open"
    await short.say("grace: /announce text:farewell cohort:Emails")
    assert await state(short, "farewell") == "open"
    await short.say("grace: /announcement send draft:2")
    assert await state(short, "farewell") == "done"
    await short.say("grace: /announcement withdraw announcement:2")
    assert await state(short, "farewell") == "open"


async def test_the_file_counts_once_it_is_taken_at_the_end(short: Town) -> None:
    await short.say("grace: /cohort export Emails")
    await short.pass_time(weeks=6, hours=2)
    assert await state(short, "export") == "open"
    await short.say("grace: /cohort export Emails")
    assert await state(short, "export") == "done"


async def test_the_end_of_the_cohort_is_seen_once_it_is_archived(short: Town) -> None:
    await short.pass_time(weeks=8)
    assert labels(await short.ask("grace: /cohort checklist"), "archive") == ["Archive it", "Not needed"]
    await short.say("grace: /cohort archive sure:yes", expect="[Checklist]")
    assert (await listed(short, "end"))["archive"] == (
        "done", "Its channel is free then, and nobody is asked any more. · It is archived.",
    )  # fmt: skip
    await short.say("grace: /cohort tick next cohort:Emails", expect="The end of Emails")
    await short.say("grace: /cohort export Emails", expect="The season of Emails")


async def test_each_way_asks_or_shows_what_its_button_says(short: Town) -> None:
    pages = ("part:start", "part:start page:2", "part:end")
    lines = [each for page in pages for each in await short.buttons(f"grace: /cohort checklist {page}")]
    for command in ("facilitator add", "facilitator lead", "invite", "cohort clone"):
        (pressed,) = [each for each in lines if each.startswith(f"?{command}")]
        assert isinstance(await short.ask(f"grace: {pressed}"), Form), pressed
    assert [each.partition("week:")[2] for each in lines if "facilitator lead" in each] == ["2027-W05"]
    (pressed,) = [each for each in lines if each.startswith("schedule")]
    await short.say(f"grace: /{pressed}", expect="What comes next in Emails")


# ---- what is ticked by hand -----------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_a_tick_keeps_who_and_when_and_is_taken_back_by_its_button(short: Town) -> None:
    await short.say("grace: /cohort tick week cohort:Emails")
    stands, below = (await listed(short, "start"))["week"]
    assert (stands, "Done: Grace, Mon 4 Jan 2027, 08:00 (UTC)" in below) == ("done", True)
    assert labels(await short.ask("grace: /cohort checklist page:2"), "week") == ["Take it back"]
    [back] = [each for each in await short.buttons("grace: /cohort checklist page:2") if "state:open" in each]
    await short.say(f"grace: {back}")
    assert await state(short, "week") == "open"


async def test_what_milepost_sees_is_not_ticked_by_hand_but_may_be_not_needed(short: Town) -> None:
    assert labels(await short.ask("grace: /cohort checklist"), "meeting") == ["Set a meeting", "Not needed"]
    await short.say("grace: /cohort tick meeting", expect="“A weekly meeting” is done once Milepost sees that it is")
    assert await state(short, "meeting") == "open"
    await short.say('grace: /cohort tick meeting state:"not needed"')
    stands, below = (await listed(short, "start"))["meeting"]
    assert (stands, "Not needed: Grace" in below) == ("not needed", True)
    await short.say("grace: /cohort meeting day:monday cohort:Emails")
    assert await state(short, "meeting") == "done"


async def test_a_second_press_changes_nothing_and_leaves_no_entry(short: Town) -> None:
    await short.rooms.records.write(facilitators.appoint, 1, EVE, short.clock.now())
    await short.say("grace: /cohort tick week")
    await short.pass_time(hours=1)
    await short.say("eve: /cohort tick week")
    assert "Done: Grace" in (await listed(short, "start"))["week"][1]
    entries = await short.rooms.records.read(audit.entries, 1, 10)
    assert [each.command for each in entries] == ["cohort tick", "season begin"]


async def test_everybody_who_looks_after_it_sees_the_same_list(short: Town) -> None:
    await short.rooms.records.write(facilitators.appoint, 1, EVE, short.clock.now())
    await short.say("grace: /cohort tick week")
    assert await listed(short, "start", speaker="eve") == await listed(short, "start")


@pytest.mark.both_stores
async def test_a_tick_stays_when_whoever_did_it_is_forgotten(short: Town) -> None:
    await short.rooms.records.write(facilitators.appoint, 1, EVE, short.clock.now())
    await short.say("eve: /cohort tick week")
    await short.say('eve: /mydata forget word:"forget me"', expect="You are forgotten.")
    stands, below = (await listed(short, "start"))["week"]
    assert (stands, "Done: somebody who has been forgotten since" in below) == ("done", True)


async def test_an_item_that_there_is_not_is_refused_with_those_that_there_are(short: Town) -> None:
    said = await short.say("grace: /cohort tick everything", expect="No item is called everything. Choose from")
    assert "A weekly meeting (meeting)" in said


async def test_an_item_may_be_named_by_its_title_in_ones_own_language(short: Town) -> None:
    await short.say('grace: /cohort tick "the first week\'s post, looked at"')
    assert await state(short, "week") == "done"
    await short.say('grace: /cohort tick "첫 주 글 살펴보기" state:open', locale="ko", expect="Emails의 시작")
    assert await state(short, "week") == "open"


async def test_where_there_are_no_roles_none_is_asked_for(short: Town) -> None:
    short.square.projects = frozenset()
    assert "role" not in await listed(short, "start")


# ---- from a direct message ------------------------------------------------------------------------------------------


async def test_in_a_direct_message_a_command_of_the_channel_is_named_and_not_pressed(short: Town) -> None:
    direct = Town(short.rooms, short.clock, short.square, community=DIRECT)
    place = Place(platform="square", community=DIRECT, channel="7")
    call = replace(direct.call("grace: /cohort checklist cohort:c1 part:start"), place=place, is_admin=False)
    reply = await short.rooms.desk.answer(call)
    assert labels(reply, "meeting") == ["Not needed"]
    assert "In the cohort's channel: /cohort meeting" in text_of(reply)
    tick = direct.call('grace: cohort tick item:meeting state:"not needed" cohort:c1', via="button")
    await short.rooms.desk.answer(replace(tick, place=place, is_admin=False))
    assert await state(short, "meeting") == "not needed"


async def test_the_status_of_a_season_that_is_over_leads_to_the_checklist_of_its_end(short: Town) -> None:
    assert "[Checklist]" not in await short.say("grace: /cohort status Emails")
    short.clock.forward(MONDAY + timedelta(weeks=9))
    assert "[Checklist] [What comes next]" in await short.say("grace: /cohort status Emails")
