"""Forms and buttons on Discord: opened, filled, refused and opened again; pressed after a restart or an update."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
import simcord

from bot.records import facilitators
from bot.records.backup import file_of
from tests.discord_limits import check
from tests.discord_town import Guild, parts, read, values

OLDER = "This button is from an older version"


async def refused_checkin(guild: Guild, did: str = "read **a lot**") -> simcord.InteractionResult:
    """A check-in that Alice filled in with hours that are none."""
    form = await guild.alice.slash(guild.main, "checkin")
    return await guild.alice.submit_modal(form, {"did": did, "hours": "many"})


async def test_a_command_that_asks_opens_its_form_within_the_limits(study_guild: Guild) -> None:
    answer = await study_guild.alice.slash(study_guild.main, "checkin")
    assert set(values(answer.modal)) == {"did", "next", "blocked", "hours", "share"}
    assert answer.modal is not None
    assert check(answer.modal) == []


async def test_a_form_that_is_sent_is_answered_privately(study_guild: Guild) -> None:
    form = await study_guild.alice.slash(study_guild.main, "checkin")
    answer = await study_guild.alice.submit_modal(form, {"did": "read", "hours": "5", "share": True})
    assert answer.response is not None
    assert answer.response.ephemeral
    assert "Thank you, your check-in is in." in read(answer.response)
    assert "Deep sees it in" in read(answer.response)


async def test_a_form_opens_filled_with_what_is_known(study_guild: Guild) -> None:
    await study_guild.alice.slash(study_guild.main, "checkin", did="read", hours=5)
    form = await study_guild.alice.slash(study_guild.main, "checkin")
    assert values(form.modal)["did"] == "read"
    assert values(form.modal)["hours"] == "5"


async def test_a_form_that_lacks_one_value_opens_with_the_others(study_guild: Guild) -> None:
    form = await study_guild.alice.slash(study_guild.main, "suggest", title="Maths")
    assert values(form.modal)["title"] == "Maths"


async def test_a_refused_form_says_what_is_wrong_and_opens_again_as_it_was_filled(study_guild: Guild) -> None:
    refused = await refused_checkin(study_guild)
    assert refused.response is not None
    assert refused.response.ephemeral
    assert "many" in read(refused.response)
    again = await study_guild.alice.click(refused.response, label="Correct it")
    assert values(again.modal)["did"] == "read **a lot**"
    assert values(again.modal)["hours"] == "many"
    answer = await study_guild.alice.submit_modal(again, {"did": "read **a lot**", "hours": "4"})
    assert "your check-in is in" in read(answer.response)


async def test_a_refused_form_opens_again_after_a_restart(study_guild: Guild) -> None:
    refused = await refused_checkin(study_guild)
    assert refused.response is not None
    await study_guild.restart()
    again = await study_guild.alice.click(refused.response, label="Correct it")
    assert values(again.modal)["did"] == "read **a lot**"


async def test_a_form_that_was_open_during_a_restart_can_still_be_sent(study_guild: Guild) -> None:
    form = await study_guild.alice.slash(study_guild.main, "checkin")
    await study_guild.restart()
    answer = await study_guild.alice.submit_modal(form, {"did": "read"})
    assert "your check-in is in" in read(answer.response)


async def test_a_form_refused_twice_is_answered_in_the_place_of_the_first_refusal(study_guild: Guild) -> None:
    refused = await refused_checkin(study_guild)
    assert refused.response is not None
    again = await study_guild.alice.click(refused.response, label="Correct it")
    twice = await study_guild.alice.submit_modal(again, {"did": "read", "hours": "several"})
    assert twice.response is not None
    assert twice.response.id == refused.response.id
    assert "several" in read(refused.response)


async def test_a_refused_draft_is_nobody_elses(study_guild: Guild) -> None:
    bob = study_guild.join("bob")
    await bob.slash(study_guild.main, "join")
    await refused_checkin(study_guild)
    form = await bob.slash(study_guild.main, "checkin")
    refused = await bob.submit_modal(form, {"did": "mine", "hours": "x"})
    assert refused.response is not None
    again = await bob.click(refused.response, label="Correct it")
    assert values(again.modal)["did"] == "mine"


async def test_a_press_on_a_private_reply_replaces_it(study_guild: Guild) -> None:
    shown = await study_guild.alice.slash(study_guild.main, "week")
    assert shown.response is not None
    pressed = await study_guild.alice.click(shown.response, label="Week 2")
    assert pressed.response is not None
    assert pressed.response.id == shown.response.id
    assert "Week 2 of" in read(shown.response)
    assert pressed.followups == []


async def test_a_press_on_a_post_answers_privately_and_leaves_the_post(study_guild: Guild) -> None:
    await study_guild.pass_time(hours=2)
    before = read(study_guild.posts[0])
    pressed = await study_guild.alice.click(study_guild.posts[0], label="What next?")
    assert pressed.response is not None
    assert pressed.response.ephemeral
    assert pressed.response.id != study_guild.posts[0].id
    assert read(study_guild.posts[0]) == before


async def test_buttons_work_after_a_restart(study_guild: Guild) -> None:
    await study_guild.pass_time(hours=2)
    await study_guild.restart()
    first_task = next(each for each in parts(study_guild.posts[0].components) if each.get("label") == "Done")
    done = await study_guild.alice.click(study_guild.posts[0], custom_id=first_task["custom_id"])
    assert "Done: " in read(done.response)


async def test_a_button_can_ask(study_guild: Guild) -> None:
    await study_guild.pass_time(hours=2)
    form = await study_guild.alice.click(study_guild.posts[0], label="Check in")
    answer = await study_guild.alice.submit_modal(form, {"did": "read"})
    assert answer.response is not None
    assert answer.response.ephemeral
    assert answer.response.id != study_guild.posts[0].id


async def test_a_button_that_no_version_knows_is_answered_kindly(study_guild: Guild) -> None:
    shown = await study_guild.alice.slash(study_guild.main, "week")
    assert shown.response is not None
    for custom_id in ("m:vanished id:3", "🦖", "v0.week"):
        pressed = await study_guild.press(study_guild.alice, custom_id, shown.response)
        assert pressed.acknowledged
        assert pressed.ephemeral
        assert OLDER in read(pressed.response)


async def test_a_press_is_authorised_anew(study_guild: Guild) -> None:
    shown = await study_guild.alice.slash(study_guild.main, "week")
    assert shown.response is not None
    pressed = await study_guild.press(study_guild.alice, "m:cohort create name:Mine", shown.response)
    assert "/cohort create is for organisers" in read(pressed.response)


async def test_a_form_and_what_is_wrong_with_it_are_in_the_language_of_the_person(study_guild: Guild) -> None:
    study_guild.locale = "ko"
    form = await study_guild.alice.slash(study_guild.main, "checkin")
    assert form.modal is not None
    assert "이번 주" in form.modal["components"][0]["label"]
    refused = await study_guild.alice.submit_modal(form, {"did": "읽었어요", "hours": "x"})
    assert "고치기" in read(refused.response)


async def test_an_announcement_goes_from_its_form_over_the_preview_to_everybody(study_guild: Guild) -> None:
    form = await study_guild.grace.slash(study_guild.main, "announce")
    preview = await study_guild.grace.submit_modal(form, {"text": "Meet on **Friday** @everyone"})
    assert preview.response is not None
    assert "nothing is sent yet" in read(preview.response)
    assert study_guild.posts == []
    await study_guild.grace.click(preview.response, label="Send now")
    await study_guild.rooms.delivery.tick()
    assert "Meet on **Friday**" in read(study_guild.posts[0])
    assert study_guild.sent("POST", "/messages")[-1]["allowed_mentions"] == {"parse": []}


async def test_a_role_is_chosen_in_the_picker_or_in_a_menu_of_the_form(study_guild: Guild) -> None:
    learners, readers = (study_guild.server.create_role(each) for each in ("learners", "readers"))
    linked = await study_guild.grace.slash(study_guild.main, "cohort role", role=learners)
    assert f"get the role <@&{learners.id}>" in read(linked.response)
    shown = await study_guild.grace.slash(study_guild.main, "cohort role")
    assert shown.response is not None
    form = await study_guild.grace.click(shown.response, label="Link a role")
    changed = await study_guild.grace.submit_modal(form, {"role": [readers], "cohort": "Deep"})
    assert f"get the role <@&{readers.id}>" in read(changed.response)


async def test_a_person_is_chosen_in_the_picker_or_in_a_menu_of_the_form(study_guild: Guild) -> None:
    bob = study_guild.join("bob")
    added = await study_guild.grace.slash(study_guild.main, "facilitator add", person=study_guild.alice)
    assert f"<@{study_guild.alice.id}> looks after Deep now." in read(added.response)
    assert added.response is not None
    listed = await study_guild.grace.click(added.response, label="Facilitators")
    assert listed.response is not None
    form = await study_guild.grace.click(listed.response, label="Add somebody")
    changed = await study_guild.grace.submit_modal(form, {"person": [bob]})
    assert f"<@{bob.id}> looks after Deep now." in read(changed.response)
    known = await study_guild.records.read(facilitators.of_cohort, 1)
    assert [each.person.name for each in known] == ["grace", "alice", "bob"]


@pytest.mark.parametrize(("permissions", "is_said"), [(0, True), (1 << 33, False), (1 << 3, False)])
async def test_whom_discord_shows_no_command_of_facilitators_is_said(
    study_guild: Guild, monkeypatch: pytest.MonkeyPatch, permissions: int, is_said: bool
) -> None:
    backend = study_guild.env.backend
    emit = backend.emit

    def with_permissions(event: str, payload: dict[str, Any]) -> None:
        """As Discord sends it: a member that comes along has their permissions in the channel."""
        for each in payload["data"].get("resolved", {}).get("members", {}).values():
            each["permissions"] = str(permissions)
        emit(event, payload)

    monkeypatch.setattr(backend, "emit", with_permissions)
    added = await study_guild.grace.slash(study_guild.main, "facilitator add", person=study_guild.alice)
    assert ("no command of facilitators without **Manage Events**" in read(added.response)) == is_said


async def test_a_bot_and_who_is_not_in_the_server_take_nothing_on(study_guild: Guild) -> None:
    robot = study_guild.server.add_member(study_guild.env.create_user("robot", bot=True))
    refused = await study_guild.grace.slash(study_guild.main, "facilitator add", person=robot)
    assert "is a bot. Choose somebody else." in read(refused.response)
    gone = study_guild.env.create_user("gone")
    refused = await study_guild.grace.slash(study_guild.main, "facilitator add", person=gone)
    assert "is not in this server. Choose somebody else." in read(refused.response)


async def test_the_role_of_everybody_cannot_be_linked(study_guild: Guild) -> None:
    everyone = study_guild.server.default_role
    refused = await study_guild.grace.slash(study_guild.main, "cohort role", role=everyone)
    assert "Everybody here has that role" in read(refused.response)


async def test_a_form_that_cannot_be_saved_is_answered_all_the_same(study_guild: Guild) -> None:
    await study_guild.records.write(lambda c: c.exec_driver_sql("PRAGMA busy_timeout=10"))
    form = await study_guild.alice.slash(study_guild.main, "checkin")
    with closing(sqlite3.connect(file_of(study_guild.records), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await study_guild.alice.submit_modal(form, {"did": "read " * 40})
        other.execute("ROLLBACK")
    assert answer.response is not None
    assert "That could not be saved just now" in read(answer.response)
