"""The nightly look: each link once a night, three bad nights in a row, and a machine that is cut off itself."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot import app
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum
from bot.links.night import Checking
from bot.records import links
from bot.records.links import Link, Look
from tests.town import MONDAY, Town
from tests.web import Net, answers, open_net

FAILED = Look("failed", "status", 404)
THERE, GONE = "http://there.example/", "http://gone.example/"


def linked(*urls: str) -> Curricula:
    """One small curriculum with a resource for each address."""
    task = {"id": "read", "text": {"texts": {"en": "Read"}}}
    milestone = {"id": "week", "title": {"texts": {"en": "Week"}}, "weeks": 1, "tasks": [task]}
    title = {"texts": {"en": "Something"}}
    resources = [{"id": f"r{n}", "title": title, "url": url, "kind": "book"} for n, url in enumerate(urls)]
    phase = {"id": "all", "title": title, "weeks": 1, "milestones": [milestone]}
    made = {"schema": 1, "id": "small", "version": "1.0.0", "languages": ["en"], "title": title, "phases": [phase]}
    return Curricula({"small": Curriculum.model_validate({**made, "resources": resources})})


@pytest.fixture
async def net() -> AsyncIterator[Net]:
    async with open_net() as made:
        made.sites["there.example"] = answers()
        made.sites["gone.example"] = answers(404)
        yield made


def checking(town: Town, net: Net, *urls: str) -> Checking:
    return Checking(town.rooms.records, linked(*urls), town.clock, net.look_with())


async def known(town: Town, url: str) -> Link:
    return (await town.rooms.records.read(links.known, [url]))[url]


async def looked(town: Town, url: str, *looks: Look) -> Link:
    """What is known of the link after it was looked at on as many nights."""
    for each in looks:
        await town.rooms.records.write(links.looked, url, each, town.clock.now())
        town.clock.forward(town.clock.now() + timedelta(days=1))
    return await known(town, url)


async def test_links_of_older_versions_that_cohorts_follow_are_looked_at_too(town: Town, net: Net) -> None:
    offered, followed = linked(THERE), linked(GONE)
    offered.older["small", "0.9.0"] = next(iter(followed))
    assert await Checking(town.rooms.records, offered, town.clock, net.look_with()).check(MONDAY) == 2


async def test_a_link_is_looked_at_once_a_night(town: Town, net: Net) -> None:
    work, night = checking(town, net, THERE, GONE), app._night_of(town.clock.now())
    assert await work.check(night) == 2
    assert await work.check(night) == 0
    assert sorted(net.asked) == ["GET gone.example/", "HEAD gone.example/", "HEAD there.example/"]
    town.clock.forward(town.clock.now() + timedelta(days=1))
    assert await work.check(app._night_of(town.clock.now())) == 2


async def test_what_a_restart_broke_off_is_done_afterwards_and_nothing_twice(town: Town, net: Net) -> None:
    night = app._night_of(town.clock.now())
    assert await checking(town, net, THERE).check(night) == 1
    assert await checking(town, net, THERE, GONE).check(night) == 1
    assert net.asked.count("HEAD there.example/") == 1


async def test_an_address_in_two_places_is_asked_for_once(town: Town, net: Net) -> None:
    assert await checking(town, net, THERE, THERE).check(MONDAY) == 1


async def test_who_is_told_to_stop_while_a_site_is_silent_stops(town: Town, net: Net) -> None:
    is_asked = asyncio.Event()

    async def site(request: object) -> None:
        is_asked.set()
        await asyncio.Event().wait()

    net.sites["silent.example"] = site  # type: ignore[assignment]
    work = checking(town, net, "http://silent.example/")
    running = asyncio.create_task(work.run())
    work.soon(MONDAY)
    async with asyncio.timeout(30):
        await is_asked.wait()
        running.cancel()
        await asyncio.wait([running])
    assert running.cancelled()
    assert await town.rooms.records.read(links.known, ["http://silent.example/"]) == {}


async def test_the_night_job_has_the_links_looked_at(town: Town, net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "TIDY", 0.02)
    work = checking(town, net, THERE)
    running = asyncio.create_task(work.run())
    async with app._ticking(town.rooms, town.clock, links=work), asyncio.timeout(30):
        while not await town.rooms.records.read(links.known, [THERE]):
            pass
    running.cancel()
    assert (await known(town, THERE)).look == Look("opened")


async def test_only_who_leads_looks(town: Town, net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    is_asked = asyncio.Event()

    class Follower:
        @property
        def leads(self) -> bool:
            is_asked.set()
            return False

    work, told = checking(town, net, THERE), list[datetime]()
    monkeypatch.setattr(app, "TIDY", 0.02)
    monkeypatch.setattr(work, "soon", told.append)
    monkeypatch.setattr(town.rooms.records, "together", Follower())
    async with app._ticking(town.rooms, town.clock, links=work), asyncio.timeout(30):
        for _ in range(3):
            is_asked.clear()
            await is_asked.wait()
    assert told == []


@pytest.mark.parametrize(("hour", "began"), [(2, 3), (3, 4), (8, 4)])
def test_a_night_begins_at_three_and_lasts_until_the_next(hour: int, began: int) -> None:
    assert app._night_of(MONDAY.replace(hour=hour, minute=59)) == MONDAY.replace(day=began, hour=3)


@pytest.mark.both_stores
async def test_three_nights_in_a_row_make_a_link_dead_and_one_good_one_ends_that(town: Town) -> None:
    assert not (await looked(town, GONE, FAILED, FAILED)).is_dead
    assert (await looked(town, GONE, FAILED)).is_dead
    back = await looked(town, GONE, Look("opened"))
    assert (back.is_dead, back.failures) == (False, 0)
    assert (await looked(town, GONE, FAILED, FAILED)).failures == 2


async def test_since_when_it_fails_is_the_first_of_the_nights_in_a_row(town: Town) -> None:
    found = await looked(town, GONE, Look("opened"), FAILED, FAILED)
    assert found.since == MONDAY + timedelta(days=1)
    assert found.failed_at == found.checked_at == MONDAY + timedelta(days=2)


async def test_a_night_that_says_nothing_neither_counts_nor_ends_anything(town: Town) -> None:
    turned_away = Look("unknown", "status", 403)
    assert (await looked(town, GONE, FAILED, turned_away, FAILED, turned_away)).failures == 2
    assert (await looked(town, GONE, FAILED)).is_dead


async def test_no_link_suffers_for_a_machine_that_is_cut_off(town: Town, net: Net) -> None:
    net.names.ports = {}
    urls = (THERE, GONE, "http://10.0.0.1/")
    await checking(town, net, *urls).check(MONDAY)
    found = await town.rooms.records.read(links.known, urls)
    assert [found[each].look for each in urls] == [
        Look("unknown", "offline"), Look("unknown", "offline"), Look("unknown", "address"),
    ]  # fmt: skip


@pytest.mark.parametrize("first", [True, False])
async def test_a_name_that_is_gone_has_failed_if_any_other_site_answers(town: Town, net: Net, first: bool) -> None:
    lost = "http://lost.example/"
    await checking(town, net, *((lost, GONE) if first else (GONE, lost))).check(MONDAY)
    assert (await known(town, lost)).look == Look("failed", "name")
