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
        ("FACILITATORS", "discord:1", "FACILITATORS: discord:1: discord:1 is not platform:community:user"),
        ("FACILITATORS", "a:b:c, d::f", "FACILITATORS: a:b:c, d::f: d::f is not platform:community:user"),
    ],
)
def test_a_malformed_setting_is_one_line(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert refusal().startswith(said)
    assert "\n" not in refusal()


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
