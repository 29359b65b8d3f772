"""Backups as an operator meets them: on the command line, in the night, and in the doctor's findings."""

import asyncio
import logging
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import app, doctor
from bot.__main__ import REFUSALS, cli
from bot.records import backup
from bot.records.records import Records
from bot.settings import read_settings
from tests.town import Town


@pytest.fixture
def home(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database, `kept.db`, that the settings name."""
    (tmp_path / "kept.db").write_bytes(migrated.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'kept.db'}")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def refusal(*arguments: str) -> str:
    done = run(*arguments)
    assert isinstance(done.exception, REFUSALS)
    return str(done.exception)


def held(file: Path, table: str) -> int:
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
    finally:
        connection.close()


def test_a_backup_is_made_and_restored_by_command(home: Path) -> None:
    assert "holds the database as it was" in run("backup", "copy.db").output
    said = run("restore", "copy.db").output
    assert f"it holds what it did at {datetime.now(UTC):%Y-%m-%d}" in said
    (safe,) = home.glob("kept-before-restore-*.db")
    assert f"What it held until now is kept in {safe};" in said
    assert held(home / "kept.db", "restores") == 1
    assert held(safe, "restores") == 0


def test_a_backup_takes_no_other_files_place(home: Path) -> None:
    (home / "copy.db").write_text("a letter")
    assert "is there already" in refusal("backup", "copy.db")
    assert (home / "copy.db").read_text() == "a letter"


def test_that_a_dump_was_restored_is_noted_in_utc(home: Path) -> None:
    assert "counts as put back to 2026-11-22 03:00 UTC" in run("restored", "2026-11-22T12:00+09:00").output
    assert "counts as put back to 2026-11-22 03:00 UTC" in run("restored", "2026-11-22T03:00").output
    assert held(home / "kept.db", "restores") == 2


def test_a_time_that_is_none_or_still_to_come_is_refused(home: Path) -> None:
    assert refusal("restored", "yesterday") == "WHEN: yesterday: write it in UTC, such as 2026-11-22T03:00"
    assert refusal("restored", "2999-01-01") == (
        "WHEN: 2999-01-01: that is still to come; name the time when the backup was made"
    )
    assert held(home / "kept.db", "restores") == 0


def test_a_server_is_backed_up_with_its_own_tools(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://ada@host/name")
    for each in ("backup", "restore"):
        assert "milepost restored WHEN" in refusal(each, "copy.db")


def findings() -> list[str]:
    found = asyncio.run(doctor.examine(read_settings(), online=False))
    return [str(each) for each in found if each.where == "BACKUP_DIR"]


def test_the_doctor_names_a_folder_that_cannot_be_written_and_a_backup_that_is_old(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert findings() == []
    backup.make_nightly(home / "kept.db", home / "backups", datetime.now(UTC) - timedelta(days=3))
    assert "warning: BACKUP_DIR: The newest backup is of" in findings()[0]
    backup.make_nightly(home / "kept.db", home / "backups", datetime.now(UTC))
    assert findings() == []
    monkeypatch.setenv("BACKUP_DIR", str(home / "kept.db"))
    assert findings()[0].startswith(f"error: BACKUP_DIR: {home / 'kept.db'} cannot be written to")
    monkeypatch.setenv("BACKUP_DIR", "off")
    assert findings()[0].startswith("note: BACKUP_DIR: Milepost makes no backups.")


def test_the_doctor_finds_a_damaged_database(home: Path) -> None:
    with (home / "kept.db").open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * 4096)
    found = [str(each) for each in asyncio.run(doctor.examine(read_settings(), online=False))]
    assert any("is damaged" in each and "milepost restore FILE" in each for each in found)


@pytest.mark.parametrize(
    ("platforms", "setting", "folder"),
    [
        ("discord", None, "backups"),
        ("discord", "elsewhere", "elsewhere"),
        ("discord", "off", None),
        ("playground", None, None),
    ],
)
def test_where_nightly_backups_go(
    platforms: str, setting: str | None, folder: str | None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORMS", platforms)
    monkeypatch.setenv("DISCORD_TOKEN", "a.b.c")
    if setting:
        monkeypatch.setenv("BACKUP_DIR", setting if setting == "off" else str(home / setting))
    settings = read_settings()
    assert app._backups(settings, Records(settings.database_url)) == (home / folder if folder else None)


async def test_a_start_backs_up_what_has_no_backup_of_the_day(study_town: Town, tmp_path: Path) -> None:
    folder, source = tmp_path / "backups", backup.file_of(study_town.rooms.records)
    for now in (study_town.clock.now(), study_town.clock.now() + timedelta(hours=25)):
        study_town.clock.forward(now)
        async with app._ticking(study_town.rooms, study_town.clock, folder), asyncio.timeout(10):
            while now not in await asyncio.to_thread(backup.found_in, folder, source):
                pass
    assert len(list(folder.iterdir())) == 2


async def test_a_backup_that_cannot_be_made_is_one_line_in_the_log(
    study_town: Town, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    await app._back_up(study_town.rooms.records, tmp_path / "file", study_town.clock.now())
    (line,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert line.exc_info is None
    assert "BACKUP_DIR" in line.getMessage()
    assert line.getMessage().endswith("The older ones stay, and the next night tries again.")
