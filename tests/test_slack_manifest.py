"""The manifest of the Slack app: what Slack takes, and exactly what the code uses."""

import json
import logging
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft7Validator
from typer.testing import CliRunner

from bot.__main__ import cli, main
from bot.chat.command import Rank
from bot.chat.message import File, Message, Post, Text
from bot.chat.platform import Place
from bot.chat.wording import say
from bot.commands import all_commands
from bot.platforms.slack.doctor import examine
from bot.platforms.slack.files import handed_over
from bot.platforms.slack.http import PATH
from bot.platforms.slack.manifest import EVENTS, SCOPES, manifest, slash_commands, written
from bot.platforms.slack.people import person_of
from tests import slack_payloads as payloads
from tests.slack_golden import GOLDEN
from tests.slack_server import APP_TOKEN, BOT_TOKEN
from tests.slack_town import Office
from tests.slack_workspace import MAIN, TEAM

URL = "https://milepost.example.org"
SOCKET = manifest(all_commands(), command="/study", aliases=True)
HTTP = manifest(all_commands(), command="/study", aliases=True, url=URL)
SCOPELESS = {"apps.connections.open", "auth.test", "views.open", "views.publish", "views.update"}


def named(made: dict[str, Any]) -> list[str]:
    """The slash commands of a manifest."""
    return [each["command"] for each in made["features"]["slash_commands"]]


@pytest.mark.parametrize("made", [SOCKET, HTTP, manifest(all_commands(), command="/" + "x" * 31, aliases=False)])
def test_slack_takes_it(made: dict[str, Any]) -> None:
    Draft7Validator(json.loads((GOLDEN / "manifest.schema.json").read_text("utf-8"))).validate(made)


def test_what_is_pasted_reads_as_what_was_made() -> None:
    assert yaml.safe_load(written(HTTP)) == HTTP


def test_mentions_come_escaped_with_every_command() -> None:
    assert all(each["should_escape"] for each in SOCKET["features"]["slash_commands"])


def test_the_hint_has_what_a_member_can_do() -> None:
    hint = SOCKET["features"]["slash_commands"][0]["usage_hint"].split(" | ")
    assert {"week", "resource", "checkin"} <= {*hint}
    assert not {*hint} & {each.name for each in all_commands() if each.allow is Rank.FACILITATOR}


def test_an_alias_is_described_as_the_command_that_it_stands_for() -> None:
    resource, checkin = SOCKET["features"]["slash_commands"][1:]
    assert resource["usage_hint"] == "query [kind] [phase]"
    assert checkin == {"command": "/checkin", "description": "Say what you did this week.", "should_escape": True}


def test_aliases_can_be_left_out() -> None:
    assert named(SOCKET) == ["/study", "/resource", "/checkin"]
    assert named(manifest(all_commands(), command="/deep", aliases=False)) == ["/deep"]


def test_a_command_called_as_an_alias_is_there_once_and_takes_everything() -> None:
    assert slash_commands("/resource", aliases=True) == {"/resource": "", "/checkin": "checkin"}


def test_over_a_socket_no_address_is_needed() -> None:
    assert SOCKET["settings"]["socket_mode_enabled"]
    assert PATH not in written(SOCKET)


@pytest.mark.parametrize("url", [URL, f"{URL}/", f"{URL}{PATH}"])
def test_over_http_all_goes_to_one_address_choices_of_selects_too(url: str) -> None:
    made = manifest(all_commands(), command="/study", aliases=True, url=url)
    interactivity = made["settings"]["interactivity"]
    assert made == HTTP
    assert not made["settings"]["socket_mode_enabled"]
    assert {
        *(each["url"] for each in made["features"]["slash_commands"]), interactivity["request_url"],
        interactivity["message_menu_options_url"], made["settings"]["event_subscriptions"]["request_url"],
    } == {f"{URL}{PATH}"}  # fmt: skip


async def test_each_shortcut_opens_its_form(study_office: Office) -> None:
    alice = study_office.alice
    for each in SOCKET["features"]["shortcuts"]:
        if each["type"] == "global":
            assert "<What did you do this week?>" in await alice.shortcut(each["callback_id"])
        else:
            assert "<Where is it? (https://…)>" in await alice.message_shortcut(each["callback_id"], "see")


async def test_something_is_done_about_every_event(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot.platforms.slack")
    for each in (*EVENTS, "team_join"):
        user = {"id": "UALICE"} if each == "user_change" else "UALICE"
        await office.deliver(payloads.event(each, user=user, tab="home"))
    await office.settle()
    ignored = [each.args for each in caplog.records if each.msg.startswith("nothing is done about")]
    assert ignored == [("team_join",)]


async def test_the_scopes_are_those_of_the_methods_in_use(study_office: Office) -> None:
    """The workspace of the tests gives no method but with its scope; so none is missing, and here none is idle."""
    office, alice = study_office, study_office.alice
    await alice.open_home()
    await alice.slash("help")
    await alice.shortcut("checkin")
    await alice.send(did="read")
    await alice.press_in_window("What next?")
    await office.pass_time(hours=2)
    here = Place(platform="slack", community=TEAM, channel=MAIN, name="#main")
    week = Post(key="k", message=Message(parts=(Text(text=say("One moment …")),)), thread=say("Help"))
    posted = await office.platform.post(here, week)
    await office.platform.edit(posted, week)
    for place in (here, here.model_copy(update={"thread": posted.thread})):
        await office.platform.find(place, "k", office.clock.now())
    await office.platform.withdraw(posted)
    await office.platform.post(here.model_copy(update={"person": person_of(TEAM, "UALICE")}), week)
    await handed_over(office.platform.web, "UALICE", Message(parts=(File(name="a.zip", content=b"x"),)))
    await examine(BOT_TOKEN, APP_TOKEN, [here], office.slack.api)
    used = {each.method for each in office.slack.asked}
    assert used - SCOPELESS == {method for each in SCOPES for method in each.methods}
    assert used >= SCOPELESS


# ---- The command line -----------------------------------------------------------------------------------------------


def test_it_is_printed_for_the_settings_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_COMMAND", "deep")
    monkeypatch.setenv("SLACK_ALIASES", "no")
    printed = yaml.safe_load(CliRunner().invoke(cli, ["manifest"]).stdout)
    assert printed == manifest(all_commands(), command="/deep", aliases=False)


def test_it_is_printed_for_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "0123456789abcdef")
    assert yaml.safe_load(CliRunner().invoke(cli, ["manifest", "--url", URL]).stdout) == HTTP


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["manifest"], "--url: with SLACK_SIGNING_SECRET alone Slack delivers over HTTP; name your server"),
        (["manifest", "--url", "http://milepost.example.org"], "--url: http://milepost.example.org: Slack wants"),
        (["manifest", "--url", "https://x?y=1"], "--url: https://x?y=1: Slack wants"),
    ],
)
def test_an_address_that_slack_would_not_take_is_one_line(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "0123456789abcdef")
    monkeypatch.setattr("sys.argv", ["milepost", *arguments])
    with pytest.raises(SystemExit):
        main()
    shown = capsys.readouterr().err
    assert shown.startswith(said)
    assert shown.count("\n") == 1
