"""A file about oneself, and being forgotten, as people meet both on Discord, on Slack and in the playground."""

import io
import json
import logging
import zipfile

import pytest
from sqlalchemy import Connection, select

from bot.chat.message import File, Message, Text
from bot.chat.platform import Person
from bot.platforms.discord import limits
from bot.platforms.discord.files import attached, fields, with_files
from bot.platforms.discord.render import render
from bot.platforms.playground.render import render as render_for_page
from bot.platforms.slack.files import handed_over
from bot.records.tables import metadata, notes
from tests.discord_golden import assert_discord_takes
from tests.discord_town import Guild, parts, values
from tests.discord_town import read as read_on_discord
from tests.easel import Easel
from tests.playground_pages import Server
from tests.slack_server import Fault
from tests.slack_town import Office
from tests.slack_town import read as read_on_slack
from tests.slack_workspace import MAIN, TEAM

NAME = "milepost-mydata.zip"
SENT = Message(title="Yours", parts=(File(name=NAME, content=b"PK\xff"), Text(text="below")))
DM = "DUALICE"


def everything(content: bytes) -> dict[str, list[dict[str, object]]]:
    """What a file about somebody holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        kept: dict[str, list[dict[str, object]]] = json.loads(packed.read("everything.json"))
    return kept


def held(connection: Connection) -> str:
    """All that is in the tables, as text."""
    return "\n".join(str(tuple(row)) for each in metadata.sorted_tables for row in connection.execute(select(each)))


# ---- Discord --------------------------------------------------------------------------------------------------------


async def test_a_file_stands_in_the_message_that_goes_with_it() -> None:
    message, files = await with_files(SENT, "en", Easel())
    drawn = attached(render(message, "en"), files)
    assert_discord_takes(drawn)
    [container] = drawn["components"]
    assert container["components"][1] == {"type": limits.FILE, "file": {"url": f"attachment://{NAME}"}}
    [_, sent] = fields(drawn, files)
    assert (sent["filename"], sent["value"], sent["content_type"]) == (NAME, b"PK\xff", "application/zip")


async def test_on_discord_the_private_answer_has_the_file(study_guild: Guild) -> None:
    answer = await study_guild.alice.slash(study_guild.main, "mydata export")
    assert answer.response is not None
    assert answer.response.ephemeral
    [file] = answer.response.attachments
    [account] = everything(await file.read())["accounts"]
    assert account["foreign_id"] == str(study_guild.alice.id)


async def test_on_discord_the_file_takes_the_place_of_the_question(study_guild: Guild) -> None:
    asked = await study_guild.alice.slash(study_guild.main, "mydata forget")
    assert asked.response is not None
    pressed = await study_guild.alice.click(asked.response, label="Get it as a file first")
    assert pressed.response is not None
    [file] = pressed.response.attachments
    assert everything(await file.read())["enrolments"]
    assert [each["type"] for each in parts(pressed.response.components)].count(limits.FILE) == 1


async def test_on_discord_one_is_forgotten_by_a_form(study_guild: Guild, caplog: pytest.LogCaptureFixture) -> None:
    guild, alice = study_guild, study_guild.alice
    me = str(alice.id)
    await alice.slash(guild.main, "stuck", where="at gradients")
    await guild.pass_time(minutes=5)
    assert [me in json.dumps([each.to_dict() for each in post.components]) for post in guild.posts] == [True]
    await guild.records.write(guild_note, f"draft:{me}:done")
    asked = await alice.slash(guild.main, "mydata forget")
    assert asked.response is not None
    form = await alice.click(asked.response, label="Remove everything about me …")
    assert values(form.modal) == {"word": ""}
    done = await alice.submit_modal(form, {"word": "forget me"})
    assert "You are forgotten." in read_on_discord(done.response)
    caplog.clear()
    caplog.set_level(logging.INFO)
    await guild.pass_time(minutes=5)
    assert guild.posts == []
    assert me not in await guild.records.read(held)
    await guild.restart()
    await guild.pass_time(weeks=1)
    assert len(guild.posts) == 1, "the milestone, in whose thread is what belongs to its week"
    assert me not in caplog.text
    again = await alice.slash(guild.main, "mydata export")
    assert "Nothing is kept about you." in read_on_discord(again.response)


def guild_note(connection: Connection, key: str) -> None:
    """Keep a draft of the platform's under that key."""
    connection.execute(notes.insert().values(platform="discord", key=key, value="done x"))


# ---- Slack ----------------------------------------------------------------------------------------------------------


async def test_on_slack_the_file_goes_into_the_direct_messages(study_office: Office) -> None:
    said = await study_office.alice.slash("mydata export")
    assert f"{NAME} is among your direct messages from Milepost, where only you see it." in said
    [message] = study_office.slack.messages[DM]
    [file] = message["files"]
    assert file["title"] == NAME
    [account] = everything(study_office.slack.files[file["id"]])["accounts"]
    assert account["foreign_id"] == f"{TEAM}:UALICE"
    assert study_office.slack.messages[MAIN] == []


async def test_on_slack_without_the_scope_the_way_out_is_said(
    study_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    study_office.slack.scopes.remove("files:write")
    said = await study_office.alice.slash("mydata export")
    assert "has not allowed Milepost to send files (files:write)" in said
    assert "install its app anew, with what milepost manifest prints" in said
    assert "Milepost lacks Slack's scope files:write for files.getUploadURLExternal." in caplog.text
    assert study_office.slack.files == {}


@pytest.mark.parametrize(
    ("method", "fault", "said"),
    [
        ("files.getUploadURLExternal", Fault(status=429), "Slack did not take"),
        ("upload", Fault(status=500), "Slack did not say."),
        ("upload", Fault(status=400), "Slack did not take"),
        ("files.completeUploadExternal", Fault(lost=True, is_done=True), "Look among your direct messages"),
        ("files.completeUploadExternal", Fault(error="file_uploads_disabled"), "Slack did not take"),
    ],
)
async def test_on_slack_a_file_that_did_not_get_through_is_not_passed_over(
    study_office: Office, method: str, fault: Fault, said: str
) -> None:
    study_office.slack.fail(method, fault)
    shown = await handed_over(study_office.platform.web, "UALICE", SENT)
    assert said in str(shown.parts[0])
    assert shown.parts[1] == SENT.parts[1]
    assert "is among your direct messages" in await study_office.alice.slash("mydata export")


async def test_on_slack_one_is_forgotten_by_a_form(study_office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office, alice = study_office, study_office.alice
    await alice.open_home()
    await alice.slash("stuck where:gradients")
    await office.pass_time(minutes=5)
    assert len(office.slack.messages[MAIN]) == 1
    assert "This week" in read_on_slack(alice.home)
    await alice.slash("mydata forget")
    await alice.press("Remove everything about me …")
    await alice.send(word="yes")
    assert "UALICE" in await office.records.read(held)
    await alice.send(word="forget me")
    assert "You are forgotten." in read_on_slack(alice.modal)
    caplog.clear()
    caplog.set_level(logging.INFO)
    await office.pass_time(minutes=5)
    assert office.slack.messages[MAIN] == []
    assert "UALICE" not in await office.records.read(held)
    assert "[Join]" in read_on_slack(alice.home)
    assert office.platform.people.known("UALICE") is None
    await office.restart()
    await office.pass_time(weeks=1)
    assert "UALICE" not in caplog.text
    alice.close_window()
    assert await alice.slash("mydata export") == "Nothing is kept about you."


# ---- The playground -------------------------------------------------------------------------------------------------


def test_a_page_gets_the_file_as_an_address_of_its_own() -> None:
    drawn = render_for_page(SENT, "en", Easel())
    assert drawn["parts"][0] == {"kind": "file", "name": NAME, "data": "data:application/zip;base64,UEv/"}


async def test_the_playground_drops_what_was_said_to_a_forgotten_persona(server: Server) -> None:
    ada, ben = await server.page("ada"), await server.page("minjun")
    await ada.say("/join")
    await ben.say("/join")
    kept = len((await ben.enter("minjun"))["entries"])
    await server.playground.forget(Person(platform="playground", id="ada"))
    assert (await ada.enter())["entries"] == []
    assert len((await ben.enter("minjun"))["entries"]) == kept
    await server.restart()
    assert (await (await server.page("ada")).enter())["entries"] == []
