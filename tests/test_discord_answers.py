"""Answers on Discord when something is in the way: a locked database, a refusal of Discord's, an impatient finger."""

import asyncio
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import discord
import pytest
import simcord
from sqlalchemy import func, select

from bot.platforms.discord.answer import DEFERRED, DEFERRED_UPDATE, DRAFT_FOR, EPHEMERAL
from bot.records import notes
from bot.records.records import RecordsNotebook
from bot.records.tables import notes as table
from tests.discord_town import Guild, parts, read, values
from tests.test_discord_forms import refused_checkin

LONG = "I read **a lot** about backprop, and then wrote my own, and it learns. " * 3


def shown(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    assert result.response is not None
    return result.response


def refuse_next(guild: Guild, path: str) -> None:
    """Discord finds something wrong with the next answer."""
    response: Any = SimpleNamespace(status=400, reason="Bad Request")
    guild.fail_next(path, discord.HTTPException(response, {"code": 50035, "message": "Invalid Form Body"}))


async def stuck_after_leaving(guild: Guild) -> simcord.ResponseMessage:
    """The refusal of a call for help that Alice wrote while she was in the cohort, and sent when she was not."""
    form = await guild.alice.slash(guild.main, "stuck")
    await guild.alice.slash(guild.main, "leave")
    return shown(await guild.alice.submit_modal(form, {"where": LONG}))


# ---- What was written is not lost -----------------------------------------------------------------------------------


async def test_each_command_has_a_draft_of_its_own(study_guild: Guild) -> None:
    refused = shown(await refused_checkin(study_guild, LONG))
    await stuck_after_leaving(study_guild)
    await study_guild.alice.slash(study_guild.main, "join")
    again = await study_guild.alice.click(refused, label="Correct it")
    assert values(again.modal)["did"] == LONG.strip()


async def test_a_form_refused_as_a_whole_opens_again_as_it_was_filled(study_guild: Guild) -> None:
    refused = await stuck_after_leaving(study_guild)
    assert "/stuck is for members" in read(refused)
    still = shown(await study_guild.alice.click(refused, label="Open the form"))
    assert "/stuck is for members" in read(still)
    await study_guild.alice.slash(study_guild.main, "join")
    await study_guild.pass_time(seconds=10)
    again = await study_guild.alice.click(still, label="Open the form")
    assert values(again.modal)["where"] == LONG.strip()


async def test_a_long_command_that_was_refused_can_be_corrected(study_guild: Guild) -> None:
    refused = await study_guild.start(
        study_guild.grace, study_guild.server.create_text_channel("other"), name="Autumn in Seoul, early birds",
        curriculum="deep-learning", start="2027-02-01", timezone="Asia/Soul", day="friday", time="07:30", pace="max",
    )  # fmt: skip
    assert "Did you mean Asia/Seoul?" in read(refused.response)
    again = await study_guild.grace.click(shown(refused), label="Correct it")
    assert values(again.modal)["timezone"] == "Asia/Soul"
    answer = await study_guild.grace.submit_modal(
        again, {"name": "Autumn", "start": "2027-02-01", "timezone": "Asia/Seoul", "day": ["friday"]}
    )
    assert "<t:1801780200:f>" in read(answer.response)  # Friday 5 February 2027, 07:30 in Seoul


async def test_a_draft_is_forgotten_after_a_while(study_guild: Guild) -> None:
    refused = shown(await refused_checkin(study_guild, LONG))
    study_guild.clock.forward(study_guild.clock.now() + 2 * DRAFT_FOR)
    again = await study_guild.alice.click(refused, label="Correct it")
    assert values(again.modal)["did"] == ""
    await study_guild.records.write(notes.forget_old, study_guild.clock.now())
    count = select(func.count()).where(table.c.value.contains("backprop"))
    assert await study_guild.records.read(lambda connection: connection.execute(count).scalar()) == 0


# ---- Within three seconds, and once ---------------------------------------------------------------------------------


async def test_a_draft_that_takes_long_to_keep_is_acknowledged_in_time(
    study_guild: Guild, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = RecordsNotebook.put

    async def late(self: RecordsNotebook, key: str, value: str, until: datetime | None = None) -> None:
        await asyncio.sleep(60)  # somebody else writes; on the simulated Discord's clock, since it is so long
        await put(self, key, value, until)

    monkeypatch.setattr(RecordsNotebook, "put", late)
    refused = await refused_checkin(study_guild, LONG)
    assert study_guild.sent("POST", "/callback")[-1] == {"type": DEFERRED, "data": {"flags": EPHEMERAL}}
    await study_guild.env.advance_time(60)
    again = await study_guild.alice.click(shown(refused), label="Correct it")
    assert values(again.modal)["did"] == LONG.strip()


async def test_a_draft_that_takes_long_to_find_is_acknowledged_in_time(
    study_guild: Guild, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = shown(await refused_checkin(study_guild, LONG))
    get = RecordsNotebook.get

    async def late(self: RecordsNotebook, key: str) -> str | None:
        await asyncio.sleep(60)
        return await get(self, key)

    monkeypatch.setattr(RecordsNotebook, "get", late)
    pressed = await study_guild.alice.click(refused, label="Correct it")
    assert study_guild.sent("POST", "/callback")[-1]["type"] == DEFERRED_UPDATE
    assert pressed.acknowledged
    await study_guild.env.advance_time(60)
    monkeypatch.undo()
    again = await study_guild.alice.click(refused, label="Correct it")
    assert values(again.modal)["did"] == LONG.strip()


async def test_an_answer_that_discord_refuses_is_owned_up_to(
    study_guild: Guild, caplog: pytest.LogCaptureFixture
) -> None:
    refuse_next(study_guild, "/callback")
    answer = await study_guild.alice.slash(study_guild.main, "week")
    assert answer.ephemeral
    said = read(answer.response)
    assert "Something went wrong on our side" in said
    reference = said.rpartition(" ")[2].rstrip(".")
    assert any(reference in each.getMessage() and "Invalid Form Body" in each.getMessage() for each in caplog.records)


async def test_a_form_that_discord_refuses_is_owned_up_to(study_guild: Guild) -> None:
    refuse_next(study_guild, "/callback")
    answer = await study_guild.alice.slash(study_guild.main, "checkin")
    assert "Something went wrong on our side" in read(answer.response)


async def test_a_press_whose_answer_discord_refuses_is_owned_up_to_in_its_place(study_guild: Guild) -> None:
    week = shown(await study_guild.alice.slash(study_guild.main, "week"))
    refuse_next(study_guild, "/callback")
    pressed = await study_guild.alice.click(week, label="Week 2")
    assert shown(pressed).id == week.id
    assert "Something went wrong on our side" in read(pressed.response)


# ---- An impatient finger --------------------------------------------------------------------------------------------


async def test_the_second_press_of_a_double_click_gets_the_first_answer(study_guild: Guild) -> None:
    week = shown(await study_guild.alice.slash(study_guild.main, "week"))
    custom_id = next(each["custom_id"] for each in parts(week.components) if each.get("label") == "Done")
    first = read((await study_guild.press(study_guild.alice, custom_id, week)).response)
    assert "Done: " in first
    second = await study_guild.press(study_guild.alice, custom_id, week)
    assert read(second.response) == first


async def test_a_button_that_is_pressed_again_later_answers_anew(study_guild: Guild) -> None:
    week = shown(await study_guild.alice.slash(study_guild.main, "week"))
    custom_id = next(each["custom_id"] for each in parts(week.components) if each.get("label") == "Done")
    await study_guild.press(study_guild.alice, custom_id, week)
    await study_guild.pass_time(seconds=10)
    second = await study_guild.press(study_guild.alice, custom_id, week)
    assert "already" in read(second.response)


async def test_what_was_taken_back_in_between_is_done_again(study_guild: Guild) -> None:
    week = shown(await study_guild.alice.slash(study_guild.main, "week"))
    custom_id = next(each["custom_id"] for each in parts(week.components) if each.get("label") == "Done")
    await study_guild.press(study_guild.alice, custom_id, week)
    await study_guild.press(study_guild.alice, "m:undo", week)
    await study_guild.press(study_guild.alice, custom_id, week)
    undone = await study_guild.alice.slash(study_guild.main, "undo")
    assert "Taken back" in read(undone.response)


# ---- Where a cohort can be at home ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["voice", "stage"])
async def test_a_cohort_is_not_made_where_no_post_can_go(guild: Guild, kind: str) -> None:
    channel = getattr(guild.server, f"create_{kind}_channel")("talk")
    answer = await guild.start(guild.grace, channel, name="Loud")
    assert "No cohort can be at home here. Use a text or announcement channel" in read(answer.response)
    assert "no cohort" in read((await guild.grace.slash(guild.main, "cohort list")).response)


@pytest.mark.parametrize("kind", ["text", "news"])
async def test_a_cohort_is_made_where_posts_can_go(guild: Guild, kind: str) -> None:
    channel = getattr(guild.server, f"create_{kind}_channel")("talk")
    answer = await guild.start(guild.grace, channel, name="Quiet")
    assert "Quiet is ready." in read(answer.response)
