"""The real thing in a process of its own: started, asked, stopped, killed and started again."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from bot.shipped import shipped

Start = Callable[[], "subprocess.Popen[str]"]
MARK = re.compile("c1-[0-9a-f]{8}:")
SECONDS = 60  # a machine may be slow to start Python; nothing here waits that long for its own sake


@pytest.fixture
def port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    """Starts `python -m bot` on the test's own database and port; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin() -> "subprocess.Popen[str]":
        kept = {name: value for name, value in os.environ.items() if "TOKEN" not in name}
        ours = {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'kept.db'}", "HTTP_PORT": str(port)}
        path = {"PYTHONPATH": str(shipped("migrations").parent)}
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "bot"],
                cwd=tmp_path, env=kept | ours | path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        return started[-1]

    yield begin
    for each in started:
        each.kill()
        each.communicate()


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
    except (URLError, ConnectionError):
        return 0, ""


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < until, "it did not come to be in time"
        time.sleep(0.05)


def posts(folder: Path) -> list[tuple[str, str]]:
    """Key, without the cohort's random mark, and state of every post in the outbox."""
    file = folder / "kept.db"
    if not file.exists():
        return []
    connection = sqlite3.connect(file, timeout=5)
    try:
        found = connection.execute("SELECT key, state FROM outbox ORDER BY id").fetchall()
        return [(MARK.sub("c1:", key), state) for key, state in found]
    except sqlite3.OperationalError:
        return []  # not migrated yet
    finally:
        connection.close()


def shown(folder: Path) -> int:
    """How often the first milestone stands on the playground's page."""
    connection = sqlite3.connect(folder / "kept.db", timeout=5)
    try:
        notes = connection.execute("SELECT value FROM notes WHERE platform = 'playground'").fetchall()
    finally:
        connection.close()
    return sum(MARK.sub("c1:", value).count('"key":"c1:milestone:step-1:1"') for (value,) in notes)


def versions(folder: Path) -> list[str]:
    """Of which curricula the version on offer is kept, for the cohorts that follow it."""
    connection = sqlite3.connect(folder / "kept.db", timeout=5)
    try:
        return [name for (name,) in connection.execute("SELECT curriculum FROM curricula ORDER BY curriculum")]
    finally:
        connection.close()


def test_it_starts_answers_and_stops_when_told(start: Start, port: int, tmp_path: Path) -> None:
    running = start()
    wait_until(lambda: ask(port, "/readyz")[0] == 200)
    assert ask(port, "/healthz") == (200, "alive\n")
    wait_until(lambda: posts(tmp_path) == [("c1:milestone:step-1:1", "sent")])
    assert 'milepost_posts{state="sent"} 1.0' in ask(port, "/metrics")[1]
    assert "<html" in ask(port, "/")[1]
    assert versions(tmp_path) == ["deep-learning", "english-emails"]

    told_at = time.monotonic()
    running.send_signal(signal.SIGTERM)
    _, said = running.communicate(timeout=SECONDS)
    assert time.monotonic() - told_at < 10
    assert running.returncode == 0
    assert "Traceback" not in said

    again = start()
    wait_until(lambda: ask(port, "/readyz")[0] == 200)
    assert posts(tmp_path) == [("c1:milestone:step-1:1", "sent")]
    assert shown(tmp_path) == 1
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=SECONDS)
    assert again.returncode == 0


def test_a_port_that_is_taken_is_one_line(start: Start, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        stopped = start()
        _, said = stopped.communicate(timeout=SECONDS)
    assert stopped.returncode == 1
    assert said.startswith(f"HTTP_HOST, HTTP_PORT: cannot listen on 127.0.0.1:{port} (")
    assert said.count("\n") == 1


def test_killed_again_and_again_it_still_posts_the_first_milestone_once(
    start: Start, port: int, tmp_path: Path
) -> None:
    for seen in ("the post", "the answer"):
        running = start()
        wait_until(
            {
                "the post": lambda: bool(posts(tmp_path)),
                "the answer": lambda: ask(port, "/healthz")[0] == 200,
            }[seen]
        )
        running.kill()
        running.communicate()
    # Whoever was killed between posting and recording left a lease that another sender would wait for.
    with sqlite3.connect(tmp_path / "kept.db") as connection:
        connection.execute("UPDATE outbox SET ready_at = 0 WHERE state = 'sending'")
    connection.close()
    start()
    wait_until(lambda: posts(tmp_path) == [("c1:milestone:step-1:1", "sent")])
    assert shown(tmp_path) == 1
