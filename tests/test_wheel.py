"""Milepost installed from its wheel, far from the checkout, is whole."""

import asyncio
import socket
import sqlite3
import subprocess
import sys
from asyncio.subprocess import Process
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

CHECKOUT = Path(__file__).parents[1]
SHIPPED = ("curriculum", "migrations")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the wheel was installed into. Its dependencies are those of the tests, so no network is needed."""
    wheels = tmp_path_factory.mktemp("wheels")
    target = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels), str(CHECKOUT))
    [wheel] = wheels.glob("milepost-*.whl")
    run(sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--target", str(target), str(wheel))
    return target


def run(*words: str, cwd: Path | None = None, installed: Path | None = None) -> str:
    """Run a program, where given with the installed package ahead of the checkout; gives what it prints."""
    environment = {"PYTHONPATH": str(installed)} if installed else None
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def test_nothing_but_the_package_is_installed(installed: Path) -> None:
    assert {path.name for path in installed.iterdir() if path.suffix != ".dist-info"} == {"bot", "bin"}


def test_every_file_of_the_package_is_installed(installed: Path) -> None:
    inside = {path for path in files(installed / "bot") if path.parts[0] != "_shipped"}
    assert inside == files(CHECKOUT / "bot")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_file_beside_the_package_is_installed_inside_it(installed: Path, name: str) -> None:
    assert files(installed / "bot" / "_shipped" / name) == files(CHECKOUT / name)


@pytest.mark.parametrize("name", SHIPPED)
def test_an_installed_milepost_finds_what_it_ships_inside_itself(installed: Path, tmp_path: Path, name: str) -> None:
    ask = f"from bot.shipped import shipped; print(shipped({name!r}))"
    found = run(sys.executable, "-c", ask, cwd=tmp_path, installed=installed)
    assert Path(found.strip()) == installed / "bot" / "_shipped" / name


def test_the_installed_command_accepts_the_installed_curricula(installed: Path, tmp_path: Path) -> None:
    run(str(installed / "bin" / "milepost"), "check", cwd=tmp_path, installed=installed)


def test_the_installed_migrations_make_a_fresh_database(installed: Path, tmp_path: Path) -> None:
    run(str(installed / "bin" / "milepost"), "migrate", cwd=tmp_path, installed=installed)
    with closing(sqlite3.connect(tmp_path / "milepost.db")) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"members", "cohorts", "outbox"} <= tables


async def test_the_installed_command_serves_the_playground(installed: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {"PYTHONPATH": str(installed), "HTTP_PORT": str(port)}
    milepost = await asyncio.create_subprocess_exec(installed / "bin" / "milepost", cwd=tmp_path, env=environment)
    async with asyncio.timeout(90):
        page = await first_answer(milepost, f"http://127.0.0.1:{port}/")
        milepost.terminate()
        stopped = await milepost.wait()
    assert "<title>Milepost" in page
    assert stopped == 0


async def first_answer(program: Process, url: str) -> str:
    """What the address answers once the program listens there. Fails when the program ends before that."""
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        while program.returncode is None:
            try:
                async with session.get(url) as answer:
                    return await answer.text()
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.1)
    raise AssertionError(f"it ended with {program.returncode} before it answered")
