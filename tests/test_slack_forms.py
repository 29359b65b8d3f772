"""Forms, windows and buttons on Slack: opened, filled, refused at the field, pressed after a restart or an update."""

import asyncio
import logging
from typing import Annotated

import pytest

from bot.chat.command import Arg, command
from bot.chat.message import Message
from bot.chat.wording import say
from bot.commands import all_commands
from bot.platforms.slack import answer
from bot.platforms.slack.people import person_of
from bot.records import cohorts, facilitators
from tests import slack_payloads as payloads
from tests.slack_limits import check
from tests.slack_server import Fault
from tests.slack_town import Office, Shown, button, read, state, values
from tests.slack_workspace import MAIN, TEAM

COMMANDS = [*all_commands()]
OLDER = "This button is from an older version"


async def test_a_command_that_asks_opens_its_form_within_the_limits(study_office: Office) -> None:
    assert "What did you do this week?" in await study_office.alice.slash("checkin")
    assert set(values(study_office.alice.modal)) == {"did", "next", "blocked", "hours", "share"}
    assert check(study_office.alice.modal) == []


@pytest.mark.parametrize("name", [each.name for each in COMMANDS if each.fields])
async def test_every_form_opens_within_the_limits_in_both_languages(study_office: Office, name: str) -> None:
    for locale in ("en-US", "ko-KR"):
        study_office.slack.people["UGRACE"]["locale"] = locale
        study_office.platform.people.forget("UGRACE")
        await study_office.grace.slash("join cohort:Deep")
        await study_office.grace.slash(f"?{name}")
        assert check(study_office.grace.modal) == []
        assert study_office.grace.modal["callback_id"] == "form"


async def test_a_form_that_is_sent_shows_its_answer_in_its_place(study_office: Office) -> None:
    await study_office.alice.slash("checkin")
    await study_office.alice.send(did="read", hours="5", share="yes")
    assert "Thank you, your check-in is in." in read(study_office.alice.modal)
    assert "Deep sees it in" in read(study_office.alice.modal)


async def test_a_form_opens_filled_with_what_is_known(study_office: Office) -> None:
    await study_office.alice.slash("checkin did:read hours:5")
    await study_office.alice.slash("checkin")
    assert values(study_office.alice.modal)["did"] == "read"
    assert values(study_office.alice.modal)["hours"] == "5"


@pytest.mark.parametrize(
    ("line", "value", "shown"),
    [
        ("?announce cohort:c1", "c1", "Deep"),
        ("?announce cohort:all", "all", "All cohorts here"),
        ("?announce cohort:Nowhere", "Nowhere", "Nowhere"),
        ("?share resource resource:deep-learning-book", "deep-learning-book", "Deep Learning Book"),
    ],
)
async def test_a_form_calls_what_it_is_filled_with_by_its_name(
    study_office: Office, line: str, value: str, shown: str
) -> None:
    await study_office.grace.slash("join")
    await study_office.grace.slash(line)
    elements = (each.get("element", {}) for each in study_office.grace.modal["blocks"])
    [option] = [each["initial_option"] for each in elements if each.get("type") == "external_select"]
    assert (option["value"], option["text"]["text"]) == (value, shown)


async def test_a_form_that_lacks_one_value_opens_with_the_others(study_office: Office) -> None:
    await study_office.alice.slash("suggest title:Maths")
    assert values(study_office.alice.modal)["title"] == "Maths"


async def test_what_is_wrong_is_said_at_the_field_and_the_form_stays(study_office: Office) -> None:
    await study_office.grace.slash("cohort create")
    said = await study_office.grace.send(name="Other", timezone="Seul")
    assert said is not None
    assert said["response_action"] == "errors"
    assert said["errors"].keys() == {"timezone"}
    assert "Seul" in said["errors"]["timezone"]
    await study_office.grace.send(name="Other", timezone="Asia/Seoul")
    assert "at home here already" in read(study_office.grace.modal)


async def test_a_form_that_is_corrected_counts(study_office: Office) -> None:
    await study_office.alice.slash("checkin")
    said = await study_office.alice.send(did="read", hours="999")
    assert said is not None
    assert said["response_action"] == "errors"
    await study_office.alice.send(did="read", hours="9")
    assert "your check-in is in" in read(study_office.alice.modal)


async def test_a_form_can_be_sent_after_a_restart(study_office: Office) -> None:
    await study_office.alice.slash("checkin")
    await study_office.restart()
    await study_office.alice.send(did="read")
    assert "your check-in is in" in read(study_office.alice.modal)


async def test_a_form_counts_in_the_channel_where_it_was_opened(office: Office) -> None:
    await office.grace.slash("?cohort create", channel="C2")
    await office.grace.send(name="Deep", start="2027-01-04")
    await office.grace.press_in_window("Start it")
    town = await office.records.town("slack", "T1")
    assert [*town.at_channel] == ["C2"]


async def test_a_form_that_is_sent_twice_counts_once(study_office: Office) -> None:
    await study_office.alice.slash("?done")
    view = study_office.alice.modal
    sent = payloads.sent("UALICE", view, state(view, {"task": "solve-kaggle-problems", "amount": "3"}))
    assert await study_office.deliver(sent) == await study_office.deliver(sent)
    study_office.alice.close_window()
    assert "Taken back" in await study_office.alice.slash("undo")
    assert "There is nothing to take back" in await study_office.alice.slash("undo")


async def test_values_of_a_form_are_suggested(study_office: Office) -> None:
    await study_office.alice.slash("?done")
    assert "git-basics" in await study_office.alice.suggested("task", "git")


async def test_nothing_is_suggested_to_those_who_may_not(study_office: Office) -> None:
    await study_office.grace.slash("?cohort status")
    assert len(await study_office.grace.suggested("cohort")) == 1
    view = study_office.grace.modal
    assert await study_office.deliver(payloads.typing("UALICE", view, "cohort", "")) == {"options": []}


async def test_a_press_on_a_private_reply_replaces_it(study_office: Office) -> None:
    await study_office.alice.slash("week")
    shown = study_office.alice.reply
    await study_office.alice.press("Week 2")
    assert study_office.alice.heard[-1] is shown
    assert "Week 2 of" in read(shown.payload)


async def test_a_press_on_a_post_answers_privately_and_leaves_the_post(study_office: Office) -> None:
    await study_office.pass_time(hours=2)
    post = study_office.post()
    before = read(post.payload)
    await study_office.alice.press("What next?", post)
    _, said = study_office.slack.responses[-1]
    assert (said["response_type"], said["replace_original"]) == ("ephemeral", False)
    assert read(post.payload) == before


async def test_a_press_in_a_thread_is_answered_there(study_office: Office) -> None:
    inside = Shown({**study_office.slack.write(MAIN), "thread_ts": "1.0", "blocks": []}, is_private=False)
    await study_office.alice.act({"type": "button", "action_id": "m1", "value": "next"}, inside)
    assert study_office.slack.responses[-1][1]["thread_ts"] == "1.0"


async def test_buttons_work_after_a_restart(study_office: Office) -> None:
    await study_office.pass_time(hours=2)
    await study_office.restart()
    assert "Done: " in await study_office.alice.press("Done", study_office.post())


async def test_a_button_that_is_pressed_twice_counts_once(study_office: Office) -> None:
    await study_office.pass_time(hours=2)
    done = button(study_office.post().payload, "Done")
    where = payloads.in_message({}, study_office.response_url(), is_ephemeral=False)
    pressed = payloads.pressed("UALICE", done, where)
    await study_office.deliver(pressed)
    await study_office.deliver(pressed)
    await study_office.settle()
    assert len(study_office.slack.responses) == 1


async def test_a_button_can_ask(study_office: Office) -> None:
    await study_office.pass_time(hours=2)
    await study_office.alice.press("Check in", study_office.post())
    await study_office.alice.send(did="read")
    assert "your check-in is in" in read(study_office.alice.modal)


async def test_a_button_in_a_window_is_answered_in_that_window(study_office: Office) -> None:
    await study_office.alice.slash("checkin")
    await study_office.alice.send(did="read")
    answered = study_office.alice.window
    assert "Next for you" in await study_office.alice.press_in_window("What next?")
    assert study_office.alice.window == answered
    assert study_office.slack.responses == []


async def test_a_form_can_follow_in_a_window(study_office: Office) -> None:
    await study_office.alice.slash("checkin")
    await study_office.alice.send(did="read")
    await study_office.alice.press_in_window("Change it")
    assert values(study_office.alice.modal)["did"] == "read"
    await study_office.alice.send(did="read more")
    assert "read more" in read(study_office.alice.modal)
    assert len(study_office.slack.sent("views.open")) == 1


async def test_a_button_that_no_version_knows_is_answered_kindly(study_office: Office) -> None:
    await study_office.alice.slash("week")
    assert OLDER in await study_office.alice.act(
        {"type": "button", "action_id": "m1", "value": "vanished id:3"}, study_office.alice.reply
    )


async def test_a_link_button_is_acknowledged_and_does_nothing(study_office: Office) -> None:
    where = payloads.in_message({}, study_office.response_url(), is_ephemeral=True)
    link = {"type": "button", "action_id": "l1", "url": "https://example.org"}
    assert await study_office.deliver(payloads.pressed("UALICE", link, where)) is None
    await study_office.settle()
    assert study_office.slack.responses == []


async def test_a_press_is_authorised_anew(study_office: Office) -> None:
    await study_office.alice.slash("week")
    said = await study_office.alice.act(
        {"type": "button", "action_id": "m1", "value": "cohort create name:Mine"}, study_office.alice.reply
    )
    assert "is for organisers" in said


async def test_a_form_is_authorised_when_it_is_sent(study_office: Office) -> None:
    await study_office.grace.slash("?cohort create")
    view = study_office.grace.modal
    said = await study_office.deliver(payloads.sent("UALICE", view, state(view, {"name": "Mine"})))
    assert said is not None
    assert "is for organisers" in read(said["view"])


async def test_a_form_is_in_the_language_of_the_person(study_office: Office) -> None:
    office = study_office
    office.slack.people["UALICE"]["locale"] = "ko-KR"
    office.platform.people.forget("UALICE")
    assert "이번 주" in await office.alice.slash("checkin")
    said = await office.alice.send(did="읽었어요", hours="999")
    assert said is not None
    assert "999" in said["errors"]["hours"]
    assert "can be" not in said["errors"]["hours"]


async def test_a_form_whose_window_is_too_late_is_told_with_a_button(study_office: Office) -> None:
    study_office.slack.fail("views.open", Fault(error="expired_trigger_id"))
    url = study_office.response_url()
    await study_office.deliver(payloads.slash("UALICE", 'suggest title:"more, and more"', url))
    await study_office.settle()
    [(_, said)] = study_office.slack.responses
    assert "did not open the form" in read(said)
    await study_office.alice.press("Open the form", Shown(said))
    assert values(study_office.alice.modal)["title"] == "more, and more"


async def test_what_cannot_be_shown_in_a_window_comes_by_direct_message(study_office: Office) -> None:
    await study_office.alice.open_home()
    study_office.slack.fail("views.open", Fault(error="expired_trigger_id"))
    next_ = button(study_office.alice.home, "What next?")
    await study_office.deliver(payloads.pressed("UALICE", next_, payloads.in_view(study_office.alice.home)))
    await study_office.settle()
    assert "Next for you" in read(study_office.slack.messages["DUALICE"][-1])


async def test_the_global_shortcut_checks_in(study_office: Office) -> None:
    assert "What did you do this week?" in await study_office.alice.shortcut("checkin")
    await study_office.alice.send(did="read")
    assert "your check-in is in" in read(study_office.alice.modal)


async def test_a_shortcut_tells_a_stranger_in_a_window_how_to_get_in(study_office: Office) -> None:
    eve = study_office.join("UEVE")
    assert "is for members of a cohort" in await eve.shortcut("checkin")


async def test_a_message_can_be_suggested_as_a_resource(study_office: Office) -> None:
    await study_office.alice.message_shortcut("suggest", "Read <https://example.org/a|A guide>, it is short")
    filled = values(study_office.alice.modal)
    assert (filled["link"], filled["title"]) == ("https://example.org/a", "A guide")
    await study_office.alice.send()
    assert "your suggestion is in" in read(study_office.alice.modal)


class Gate:
    """What `slow` waits for."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()


GATE = Gate()


@command(ask=True)
async def slow(words: Annotated[str, Arg("In which words?")]) -> Message:
    """Take your time."""
    await GATE.opened.wait()
    return Message(title=say("Here at last"))


async def test_a_form_whose_answer_takes_long_says_so_and_shows_it_then(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.all_commands", lambda: [*COMMANDS, slow])
    monkeypatch.setattr(f"{__name__}.GATE", Gate())
    await office.restart()
    await office.alice.slash("slow")
    view = office.alice.modal
    monkeypatch.setitem(answer.WITHIN, "view_submission", 0)
    said = await office.deliver(payloads.sent("UALICE", view, state(view, {"words": "few"})))
    assert said is not None
    assert "One moment" in read(said["view"])
    GATE.opened.set()
    await office.settle()
    assert "Here at last" in read(office.alice.modal)


async def looks_after_nothing(office: Office) -> None:
    """Have Grace be an admin of the workspace and no more."""
    records = office.rooms.records
    (grace,) = await records.read(facilitators.of_cohort, 1)
    await records.write(facilitators.appoint, 1, person_of(TEAM, "UBOB"), office.clock.now())
    assert await records.write(facilitators.dismiss, await records.read(cohorts.get, 1), grace.person)


async def test_a_person_is_mentioned_in_a_line_or_chosen_in_a_form(study_office: Office) -> None:
    grace = study_office.grace
    assert "@Alice looks after Deep now." in await grace.slash("facilitator add <@UALICE|alice>")
    study_office.join("UBOB")
    await grace.press("Facilitators")
    await grace.press("Add somebody")
    await grace.send(person="UBOB")
    assert "@Bob looks after Deep now." in read(grace.modal)
    known = await study_office.rooms.records.read(facilitators.of_cohort, 1)
    assert [(each.person.id, each.person.name) for each in known] == [
        ("T1:UGRACE", "Grace"), ("T1:UALICE", "Alice"), ("T1:UBOB", "Bob"),
    ]  # fmt: skip


async def test_a_bot_and_who_left_the_workspace_take_nothing_on(study_office: Office) -> None:
    study_office.join("UROBOT", is_bot=True)
    study_office.join("UGONE", deleted=True)
    study_office.join("USLACKBOT")
    assert "is a bot. Choose somebody else." in await study_office.grace.slash("facilitator add <@UROBOT>")
    assert "is not in this workspace." in await study_office.grace.slash("facilitator add <@UGONE>")
    assert "is a bot. Choose somebody else." in await study_office.grace.slash("facilitator add <@USLACKBOT>")
    assert "is not in this workspace." in await study_office.grace.slash("facilitator add <@UNOBODY>")


async def test_a_facilitators_form_opens_without_a_profile_and_holds_what_was_typed_alone(
    study_office: Office,
) -> None:
    await looks_after_nothing(study_office)
    await study_office.grace.slash("announce text:secret")
    study_office.slack.fail("users.info", Fault(error="fatal_error"))
    study_office.platform.people.forget("UGRACE")
    await study_office.grace.slash("announcement edit draft:1")
    assert values(study_office.grace.modal)["text"] == ""
    await study_office.grace.send(text="changed")
    assert "nothing is sent yet" in read(study_office.grace.modal)


async def test_a_facilitators_form_that_is_sent_without_a_profile_is_kept_and_can_be_sent_again(
    study_office: Office,
) -> None:
    await looks_after_nothing(study_office)
    await study_office.grace.slash("?announce")
    study_office.slack.fail("users.info", Fault(error="fatal_error"))
    study_office.platform.people.forget("UGRACE")
    await study_office.grace.send(text="hello")
    assert "Slack did not say who you are." in read(study_office.grace.modal)
    assert values(study_office.grace.modal)["text"] == "hello"
    await study_office.grace.send()
    assert "nothing is sent yet" in read(study_office.grace.modal)


async def test_a_profile_that_does_not_come_does_not_hold_up_a_form(
    study_office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(answer, "PROFILE_WITHIN", 0.01)
    study_office.slack.fail("users.info", Fault(hangs=True))
    study_office.platform.people.forget("UGRACE")
    with caplog.at_level(logging.WARNING):
        await study_office.grace.slash("?cohort create")
    assert "Slack did not tell the profile of UGRACE" in caplog.text
    assert study_office.grace.modal["callback_id"] == "form"
