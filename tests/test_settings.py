"""Settings: read once, and what is wrong is one line that names it."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, read_settings
from bot.shipped import shipped

NAMES = [name.upper() for name in Settings.model_fields]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine, and no `.env` but the test's own."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def refusal() -> str:
    with pytest.raises(SettingsError) as raised:
        read_settings()
    return str(raised.value)


def test_without_any_setting_there_is_a_playground_on_this_machine() -> None:
    found = read_settings()
    assert (found.http_host, found.http_port) == ("127.0.0.1", 8080)
    assert found.database_url == "sqlite+aiosqlite:///milepost.db"
    assert found.curriculum_dir == shipped("curriculum")
    assert found.facilitators == frozenset()
    assert (found.log_format, found.log_level) == ("text", "INFO")


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=8081\nLOG_FORMAT=json\n")
    monkeypatch.setenv("HTTP_PORT", "8082")
    assert (read_settings().http_port, read_settings().log_format) == (8082, "json")


def test_an_empty_setting_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "")
    monkeypatch.setenv("DATABASE_URL", "")
    assert (read_settings().http_port, read_settings().database_url) == (8080, "sqlite+aiosqlite:///milepost.db")


def test_what_others_keep_in_the_file_is_theirs(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OTHER_PROGRAM=1\n")
    assert read_settings().http_port == 8080


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HTTP_PORT", "eighty", "HTTP_PORT: eighty: Input should be a valid integer"),
        ("HTTP_PORT", "70000", "HTTP_PORT: 70000: Input should be less than or equal to 65535"),
        ("PLATFORMS", "irc", "PLATFORMS: "),
        ("HTTP_HOST", "192.0.2.1", "HTTP_HOST: 192.0.2.1: the playground needs no password, so it is served on this"),
        ("HTTP_HOST", "example.org", "HTTP_HOST: example.org: the playground needs no password"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT: xml: Input should be 'text' or 'json'"),
        ("CURRICULUM_DIR", "/nope", "CURRICULUM_DIR: /nope: is not a folder; name the one that holds your curricula"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: LOUD: Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("SLACK_COMMAND", "/study", "SLACK_COMMAND: /study: write 1 to 31 of a-z, 0-9, _ and -, without the slash"),
        ("SLACK_COMMAND", "Study", "SLACK_COMMAND: Study: write 1 to 31 of"),
        ("SLACK_COMMAND", "s" * 32, f"SLACK_COMMAND: {'s' * 32}: write 1 to 31 of"),
        ("SLACK_COMMAND", "status", "SLACK_COMMAND: status: Slack keeps /status for itself; choose another name"),
        ("SLACK_ALIASES", "some", "SLACK_ALIASES: some: Input should be a valid boolean"),
        (
            "SLACK_BOT_TOKEN",
            "xapp-1",
            "SLACK_BOT_TOKEN: this is SLACK_APP_TOKEN, since it begins with xapp-; put it there",
        ),
        (
            "SLACK_APP_TOKEN",
            "xoxb-1",
            "SLACK_APP_TOKEN: this is SLACK_BOT_TOKEN, since it begins with xoxb-; put it there",
        ),
        ("SLACK_SIGNING_SECRET", "xapp-1", "SLACK_SIGNING_SECRET: this is SLACK_APP_TOKEN"),
        (
            "SLACK_BOT_TOKEN",
            "xoxp-1",
            "SLACK_BOT_TOKEN: it begins with xoxb-; copy it from your app's OAuth",
        ),
        ("LINK_CHECK", "nightly", "LINK_CHECK: nightly: Input should be a valid boolean"),
        (
            "LINK_CHECK_ABOUT",
            "a\tb",
            "LINK_CHECK_ABOUT: a\ufffdb: is no web address; write one that begins with https://",
        ),
        ("FACILITATORS", "discord:1", "FACILITATORS: discord:1: discord:1 is not platform:community:user"),
        ("FACILITATORS", "a:b:c, d::f", "FACILITATORS: a:b:c, d::f: d::f is not platform:community:user"),
    ],
)
def test_a_malformed_setting_is_one_line(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert refusal().startswith(said)
    assert "\n" not in refusal()


def test_links_are_looked_at_only_if_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().link_check is False
    monkeypatch.setenv("LINK_CHECK", "yes")
    assert read_settings().link_check is True


def test_every_malformed_setting_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "eighty")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    assert [each.split(":")[0] for each in refusal().splitlines()] == ["HTTP_PORT", "LOG_FORMAT"]


def test_a_value_cannot_break_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "80\n\x1b[31mall is well")
    assert "\n" not in refusal()
    assert "\x1b" not in refusal()


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"HTTP_PORT=\xff\xfe\n")
    assert refusal().startswith(".env: ")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_the_playground_may_be_anywhere_on_this_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_HOST", host)
    assert read_settings().http_host == host


def test_facilitators_are_listed_with_commas_or_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACILITATORS", "discord:1:2, slack:T1:U2\n discord:1:2")
    assert read_settings().facilitators == {("discord", "1", "2"), ("slack", "T1", "U2")}


def test_a_log_level_may_be_written_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert read_settings().log_level == "DEBUG"


def test_slack_needs_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATFORMS", "slack")
    assert refusal().startswith("SLACK_BOT_TOKEN: Slack does not run without it;")


@pytest.mark.parametrize("others", [{}, {"DISCORD_TOKEN": "1"}])
@pytest.mark.parametrize(("name", "value"), [("SLACK_APP_TOKEN", "xapp-1"), ("SLACK_SIGNING_SECRET", "0123abcd")])
def test_a_forgotten_token_of_slack_is_no_playground(
    name: str, value: str, others: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting, key in {name: value, **others}.items():
        monkeypatch.setenv(setting, key)
    assert refusal().startswith("SLACK_BOT_TOKEN: Slack does not run without it; copy it from your app's OAuth")


def test_the_playground_runs_beside_a_key_if_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("PLATFORMS", "playground")
    assert read_settings().platforms == ("playground",)


def test_slack_needs_a_way_to_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    assert refusal().startswith("SLACK_APP_TOKEN, SLACK_SIGNING_SECRET: Slack needs one of them: ")
    assert "\n" not in refusal()


@pytest.mark.parametrize(("name", "value"), [("SLACK_APP_TOKEN", "xapp-1"), ("SLACK_SIGNING_SECRET", "0123abcd")])
def test_slack_runs_where_it_has_its_token_and_a_way_to_be_heard(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv(name, value)
    found = read_settings()
    assert found.platforms == ("slack",)
    assert (found.slack_command, found.slack_aliases) == ("study", True)


def test_both_platforms_run_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"DISCORD_TOKEN": "1", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}.items():
        monkeypatch.setenv(name, value)
    assert read_settings().platforms == ("discord", "slack")
    monkeypatch.setenv("PLATFORMS", "slack,discord")
    assert read_settings().platforms == ("slack", "discord")


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"])
@pytest.mark.parametrize("stray", [" ", "\n", "\r\n", "\t", "\u200b", "é"])
def test_a_key_with_a_stray_character_is_one_line_without_it(
    name: str, stray: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"}.get(name, "")
    monkeypatch.setenv(name, f"{begins}very{stray}secret")
    said = f"{name}: it holds a space, a line break or another stray character; copy it anew"
    assert refusal() == said


def test_no_key_of_slack_is_repeated_in_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xapp-very-secret")
    monkeypatch.setenv("SLACK_APP_TOKEN", "very-secret")
    assert len(refusal().splitlines()) == 2
    assert "secret" not in refusal().lower()
