"""App Home: published when it is opened and after each own action, one after the other, the latest wins."""

import asyncio
import logging

import pytest

from bot.platforms.slack import home
from tests import slack_payloads as payloads
from tests.slack_server import Fault
from tests.slack_town import Office, read


def opened(user: str, tab: str = "home") -> payloads.Json:
    """Somebody opens the app."""
    return payloads.event("app_home_opened", user=user, channel=f"D{user}", tab=tab)


def published(office: Office) -> int:
    """How many Homes were published so far."""
    return len(office.slack.sent("views.publish"))


async def test_home_shows_the_week_in_the_language_of_the_person(study_office: Office) -> None:
    assert "Week 1 of" in await study_office.alice.open_home()
    study_office.slack.people["UALICE"]["locale"] = "ko-KR"
    await study_office.deliver(payloads.event("user_change", user={"id": "UALICE"}))
    await study_office.settle()
    assert "1주차" in await study_office.alice.open_home()


async def test_somebody_new_joins_from_home(study_office: Office) -> None:
    bob = study_office.join("UBOB")
    assert "[Join]" in await bob.open_home()
    assert "Welcome to Deep" in await bob.press_at_home("Join")
    assert "Week 1 of" in read(bob.home)


async def test_what_is_done_elsewhere_shows_at_home(study_office: Office) -> None:
    assert "0 of 23" in await study_office.alice.open_home()
    await study_office.alice.slash("done python-syntax")
    assert "1 of 23" in read(study_office.alice.home)


async def test_a_task_is_done_at_home(study_office: Office) -> None:
    await study_office.alice.open_home()
    before = read(study_office.alice.home).count("[Done]")
    assert "Done: " in await study_office.alice.press_at_home("Done")
    assert read(study_office.alice.home).count("[Done]") == before - 1


async def test_who_never_opened_home_has_none(study_office: Office) -> None:
    await study_office.alice.slash("done python-syntax")
    await study_office.deliver(opened("UALICE", tab="messages"))
    await study_office.settle()
    assert published(study_office) == 0


async def test_who_opened_home_once_has_it_kept_up_to_date_after_a_restart(study_office: Office) -> None:
    await study_office.alice.open_home()
    await study_office.restart()
    await study_office.alice.slash("done python-syntax")
    assert published(study_office) == 2


async def test_a_home_that_shows_it_all_already_is_not_published_again(study_office: Office) -> None:
    await study_office.alice.open_home()
    await study_office.alice.slash("resource backprop")
    assert published(study_office) == 1


async def test_homes_are_published_one_after_the_other_and_the_latest_wins(study_office: Office) -> None:
    await study_office.alice.open_home()
    lines = [f"done {task}" for task in ("python-syntax", "command-line-basics")]
    asked = [payloads.slash("UALICE", each, study_office.response_url()) for each in lines]
    await asyncio.gather(*(study_office.deliver(each) for each in asked))
    await study_office.settle()
    assert "2 of 23" in read(study_office.alice.home)


async def test_a_home_that_slack_does_not_take_is_tried_with_the_next_action(
    study_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await study_office.alice.open_home()
    study_office.slack.fail("views.publish", Fault(status=503))
    with caplog.at_level(logging.WARNING, home.__name__):
        await study_office.alice.slash("done python-syntax")
    assert "the Home of UALICE stays as it was" in caplog.text
    await study_office.alice.slash("next")
    assert "1 of 23" in read(study_office.alice.home)


async def test_only_so_many_homes_are_kept_in_mind(study_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "MOST", 1)
    await study_office.alice.open_home()
    await study_office.grace.open_home()
    await study_office.alice.slash("done python-syntax")
    assert "1 of 23" in read(study_office.alice.home)
