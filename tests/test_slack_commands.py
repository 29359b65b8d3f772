"""Commands on Slack: typed, suggested, pressed, paged, allowed or refused, in either language, and never too late."""

import asyncio
import json
import logging
import re
from typing import Annotated, Any

import pytest

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Item, Message
from bot.chat.wording import say
from bot.commands import all_commands
from bot.platforms.slack import answer
from bot.platforms.slack.render import render
from tests import slack_payloads as payloads
from tests.slack_limits import check
from tests.slack_server import Fault
from tests.slack_town import Office, read
from tests.slack_workspace import MAIN
from tests.test_every_command import LINES

COMMANDS = {each.name: each for each in all_commands()}
LONG = 60


class Gate:
    """What `slow` waits for."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.passed = 0


GATE = Gate()


@command()
async def slow(words: Annotated[str | None, Arg("In which words?")] = None) -> Message:
    """Take your time."""
    GATE.passed += 1
    await GATE.opened.wait()
    return Message(title=say("Here at last"))


@command()
async def long_() -> Message:
    """List more than a message holds."""
    items = tuple(Item(title=f"Thing {n}", text="word " * 80) for n in range(LONG))
    return Message(title=say("Many things"), parts=items)


@pytest.fixture
async def open_office(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A workspace with two more commands: one that takes its time, one that answers at length."""
    monkeypatch.setattr("bot.app.all_commands", lambda: [*COMMANDS.values(), slow, long_])
    monkeypatch.setattr(f"{__name__}.GATE", Gate())
    await office.restart()
    return office


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    """No acknowledgement waits for its answer."""
    for kind in answer.WITHIN:
        monkeypatch.setitem(answer.WITHIN, kind, 0)


@pytest.mark.parametrize("name", COMMANDS)
async def test_every_command_answers_privately_and_within_slacks_limits(study_office: Office, name: str) -> None:
    person = study_office.grace if COMMANDS[name].allow is Rank.FACILITATOR else study_office.alice
    await study_office.grace.slash("announce text:secret")
    line = re.sub(r"square:(\w+)", lambda found: f"<@U{found[1].upper()}|{found[1]}>", f"{name} {LINES[name]}")
    for locale in ("en-US", "ko-KR"):
        study_office.slack.people[person.user]["locale"] = locale
        study_office.platform.people.forget(person.user)
        said = await person.slash(line.replace("Quetzal", "Deep"))
        assert "went wrong" not in said
        assert "문제가 생겼" not in said
        reply = person.reply.payload
        assert reply["response_type"] == "ephemeral"
        assert check({name: each for name, each in reply.items() if name != "response_type"}) == []
        assert study_office.slack.responses == []


async def test_aliases_and_the_bare_command_work(study_office: Office) -> None:
    assert "Week 1 of" in await study_office.alice.slash()
    assert "backprop" in await study_office.alice.slash("backprop", command="/resource")
    assert "your check-in is in" in await study_office.alice.slash("I read", command="/checkin")


async def test_a_line_that_names_no_command_is_answered_kindly(study_office: Office) -> None:
    assert "There is no command called wek" in await study_office.alice.slash("wek")
    assert "Week 1 of" in await study_office.alice.press("week")


async def test_values_are_suggested_as_they_are_typed(study_office: Office) -> None:
    await study_office.alice.slash("?done")
    assert "git-basics" in await study_office.alice.suggested("task", "git")
    assert (await study_office.alice.suggested("task", "something of mine"))[-1] == "something of mine"


async def test_a_member_is_refused_what_is_for_facilitators(study_office: Office) -> None:
    assert "is for facilitators" in await study_office.alice.slash("cohort list")
    assert "Deep" in await study_office.grace.slash("cohort list")


async def test_who_is_listed_as_facilitator_is_one(study_office: Office) -> None:
    await study_office.restart(frozenset({("slack", "T1", "UALICE")}))
    assert "Deep" in await study_office.alice.slash("cohort list")


async def test_a_guest_may_learn(study_office: Office) -> None:
    guest = study_office.join("UGUEST", is_restricted=True, is_admin=True)
    assert "Welcome to Deep" in await guest.slash("join")
    assert "is for facilitators" in await guest.slash("cohort list")


async def test_rights_that_are_taken_away_are_gone_at_once(study_office: Office) -> None:
    changed = study_office.slack.people["UGRACE"]
    changed["is_owner"] = False
    await study_office.deliver(payloads.event("user_change", user={"id": "UGRACE", **changed}))
    await study_office.settle()
    assert "is for organisers" in await study_office.grace.start("name:Wide start:2027-01-04")


async def test_answers_are_in_the_language_and_zone_of_the_profile(office: Office) -> None:
    office.join("UGRACE", is_owner=True, locale="ko-KR", tz="Asia/Seoul")
    assert "여기서 할 수 있는 일" in await office.grace.slash("help")
    assert "Asia/Seoul" in await office.grace.start("name:Deep start:2027-01-04")


async def test_a_long_list_is_turned_like_pages(open_office: Office) -> None:
    seen = [await open_office.alice.slash("long")]
    reply = open_office.alice.reply
    while "[More]" in seen[-1]:
        await open_office.alice.press("More")
        seen.append(read(reply.payload))
    assert len(seen) > 1
    assert all(f"Thing {n}\n" in "\n".join(seen) for n in range(LONG))
    await open_office.alice.press("Back")
    assert read(reply.payload) == seen[-2]


async def test_a_slow_command_is_acknowledged_and_answered_later(open_office: Office, at_once: None) -> None:
    assert await open_office.deliver(payloads.slash("UALICE", "slow", open_office.response_url())) is None
    assert open_office.slack.responses == []
    GATE.opened.set()
    await open_office.settle()
    [(_, said)] = open_office.slack.responses
    assert "Here at last" in read(said)
    assert said["response_type"] == "ephemeral"


async def test_what_is_delivered_again_gets_the_same_acknowledgement_and_runs_once(open_office: Office) -> None:
    GATE.opened.set()
    asked = payloads.slash("UALICE", "slow", open_office.response_url())
    first, second = await asyncio.gather(open_office.deliver(asked), open_office.deliver(asked))
    assert first == second == await open_office.deliver(asked)
    assert first is not None
    assert GATE.passed == 1


async def test_what_is_delivered_again_after_a_restart_counts_once(study_office: Office) -> None:
    asked = payloads.slash("UALICE", "done solve-kaggle-problems amount:3", study_office.response_url())
    await study_office.deliver(asked)
    await study_office.restart()
    await study_office.deliver(asked)
    assert "Taken back" in await study_office.alice.slash("undo")
    assert "There is nothing to take back" in await study_office.alice.slash("undo")


async def test_only_the_latest_acknowledgements_are_remembered(
    open_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "RECENT", 1)
    GATE.opened.set()
    asked = payloads.slash("UALICE", "slow", open_office.response_url())
    await open_office.deliver(asked)
    await open_office.alice.slash("help")
    await open_office.deliver(asked)
    assert GATE.passed == 2


@pytest.mark.parametrize(
    "fault", [Fault(status=404), Fault(status=429, headers={"Retry-After": "1"}), Fault(status=503), Fault(lost=True)]
)
async def test_an_answer_that_its_address_does_not_take_comes_by_direct_message(
    open_office: Office, at_once: None, fault: Fault
) -> None:
    await open_office.deliver(payloads.slash("UALICE", "slow", open_office.response_url()))
    open_office.slack.fail("respond", fault)
    GATE.opened.set()
    await open_office.settle()
    assert "Here at last" in read(open_office.slack.messages["DUALICE"][-1])


async def test_an_answer_that_reaches_nobody_is_one_line_in_the_log(
    open_office: Office, at_once: None, caplog: pytest.LogCaptureFixture
) -> None:
    await open_office.deliver(payloads.slash("UALICE", "slow", open_office.response_url()))
    open_office.slack.fail("respond", Fault(lost=True))
    open_office.slack.fail("chat.postMessage", Fault(lost=True))
    with caplog.at_level(logging.WARNING):
        GATE.opened.set()
        await open_office.settle()
    assert [each.getMessage() for each in caplog.records] == [
        "an answer to UALICE is lost: the answer was lost (ServerDisconnectedError)"
    ]


@pytest.fixture
def out_of_ink(study_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first message cannot be drawn."""
    messages = iter([RuntimeError("out of ink")])

    def fail(*given: Any, **more: Any) -> Any:
        for error in messages:
            raise error
        return render(*given, **more)

    monkeypatch.setattr(answer, "render", fail)


def reference(caplog: pytest.LogCaptureFixture) -> str:
    """By which the log knows the one failure."""
    [line] = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert line.startswith("an answer failed, reference ")
    return line.rpartition(" ")[2]


@pytest.mark.usefixtures("out_of_ink")
async def test_what_cannot_be_drawn_is_told_with_its_reference(
    study_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    said = await study_office.alice.slash("week")
    assert f"Please tell a facilitator the reference {reference(caplog)}." in said
    assert "out of ink" in caplog.text


@pytest.mark.usefixtures("out_of_ink", "at_once")
async def test_what_fails_after_its_acknowledgement_is_told_too(
    study_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    said = await study_office.alice.slash("week")
    assert f"Please tell a facilitator the reference {reference(caplog)}." in said


async def test_what_cannot_be_read_is_told_with_its_reference(
    study_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    asked = payloads.slash("UALICE", "week", study_office.response_url())
    del asked["channel_id"]
    said = await study_office.platform.answering.answer(asked)
    assert said is not None
    assert f"the reference {reference(caplog)}." in read(json.loads(said))


async def test_what_nobody_waits_for_is_acknowledged_when_it_fails(
    study_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    assert await study_office.platform.answering.answer(payloads.event("user_change", user={})) is None
    assert reference(caplog)


async def test_who_types_in_another_workspace_is_told_so_and_nothing_is_done(
    study_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    asked = payloads.slash("UGRACE", "week", study_office.response_url()) | {"team_id": "T0OTHER"}
    said = await study_office.deliver(asked)
    assert said is not None
    assert "belongs to another workspace" in read(said)
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == [
        "what comes from another workspace than T1 is dropped: /study"
    ]


async def test_who_presses_or_sends_in_another_workspace_is_told_so(study_office: Office) -> None:
    other = {"team": {"id": "T0OTHER", "domain": "other"}}
    url = study_office.response_url()
    where = payloads.in_message({}, url, is_ephemeral=False)
    button = {"type": "button", "action_id": "m1", "value": "leave"}
    assert await study_office.deliver(payloads.pressed("UALICE", button, where) | other) is None
    await study_office.settle()
    [(_, said)] = study_office.slack.responses
    assert "belongs to another workspace" in read(said)
    view = {"id": "V1", "type": "modal", "private_metadata": '{"line": "leave"}'}
    answered = await study_office.deliver(payloads.sent("UALICE", view, {}) | other)
    assert answered is not None
    assert "belongs to another workspace" in read(answered["view"])
    assert "Week 1 of" in await study_office.alice.slash("week")


async def test_another_workspace_may_take_its_app_away(study_office: Office, caplog: pytest.LogCaptureFixture) -> None:
    gone = payloads.event("app_uninstalled") | {"authorizations": [], "context_team_id": None, "team_id": "T0OTHER"}
    assert await study_office.deliver(gone) is None
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == [
        "what comes from another workspace than T1 is dropped: app_uninstalled"
    ]


async def test_a_stranger_in_a_shared_channel_may_press(study_office: Office) -> None:
    where = payloads.in_message({}, study_office.response_url(), is_ephemeral=False)
    button = {"type": "button", "action_id": "m1", "value": "help"}
    pressed = payloads.pressed("UALICE", button, where)
    pressed["user"]["team_id"] = "T0OTHER"
    await study_office.deliver(pressed)
    await study_office.settle()
    [(_, said)] = study_office.slack.responses
    assert "belongs to another workspace" not in read(said)


async def test_an_admin_whom_slack_does_not_name_may_try_again_at_once(study_office: Office) -> None:
    boss = study_office.join("UBOSS", is_owner=True)
    study_office.slack.fail("users.info", Fault(error="fatal_error"))
    assert "Slack did not say who you are. Please try again in a moment." in await boss.slash("cohort list")
    assert "Deep" in await boss.slash("cohort list")


@pytest.mark.parametrize("kind", ["interactive_message", "view_closed", "dialog_submission", "🦖"])
async def test_what_is_unknown_is_acknowledged(
    study_office: Office, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, answer.__name__):
        assert await study_office.deliver({"type": kind, "user": {"id": "UALICE"}, "team": {"id": "T1"}}) is None
        assert await study_office.deliver(payloads.event(kind, channel=MAIN)) is None
        await study_office.settle()
    assert kind in caplog.text


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
async def test_an_app_that_is_taken_away_is_an_error_in_the_log(
    study_office: Office, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    await study_office.deliver(payloads.event(kind))
    await study_office.settle()
    [line] = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert line.startswith("SLACK_BOT_TOKEN: ")


async def test_answers_in_flight_at_a_stop_are_given(open_office: Office, at_once: None) -> None:
    await open_office.deliver(payloads.slash("UALICE", "slow", open_office.response_url()))
    stopping = asyncio.create_task(open_office.platform.answering.drain(5))
    await asyncio.sleep(0)
    GATE.opened.set()
    await stopping
    assert len(open_office.slack.responses) == 1


async def test_a_stop_does_not_wait_for_ever(
    open_office: Office, at_once: None, caplog: pytest.LogCaptureFixture
) -> None:
    await open_office.deliver(payloads.slash("UALICE", "slow", open_office.response_url()))
    await open_office.platform.answering.drain(0.01)
    assert "1 answers were not given within 0.01 s and are lost" in caplog.text


@pytest.mark.parametrize("name", ["<!channel>", "*bold* _x_ `y`", "<@UGRACE|x>", "&lt;b&gt;", "🦜" * 30])
async def test_a_hostile_name_is_shown_as_it_is(study_office: Office, name: str) -> None:
    eve = study_office.join("UEVE", profile={"display_name": name})
    await eve.slash("join")
    await eve.slash("checkin did:read share:yes")
    await study_office.rooms.delivery.tick()
    shown = study_office.post().payload
    assert check({"text": shown["text"], "blocks": shown["blocks"]}) == []
    assert name in read(shown)
    assert "<!channel>" not in shown["text"]


async def test_commands_work_in_a_direct_message(study_office: Office) -> None:
    assert "Next for you" in await study_office.alice.slash("next", channel="D1")


async def test_no_cohort_is_founded_where_no_post_can_go(office: Office) -> None:
    said = await office.grace.start("name:Deep start:2027-01-04", channel="D1")
    assert "No cohort can be at home here. Use a public or private channel of this workspace." in said
