"""Milepost and a bare bot, side by side.

Both are processes of their own, each with a platform of its own on loopback, and are asked in turns. Milepost is the
real `python -m bot`, with a cohort and sixty members in its database. The ratios count; seconds and megabytes are this
machine's, with whatever else it does meanwhile. Nothing here decides a test.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from rich.table import Table

from tests.search_queries import QUESTIONS

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("ROUNDS", "3"))
RATE, SECONDS, TURNS, BURST = 50, 20, 10, 500
COUNT, WARM_UP, IN_FLIGHT = 2_000, 500, 64
MEMBERS = 60
LATE = 3  # seconds; later than this, the platform shows the person that the bot failed
QUIET = 0.01  # seconds of processor time in a second: less, and a bot has done what it does after login
MOST_LOOKS = 10  # for an answer that was promised, one a second

MILEPOST = "Milepost"
MIXED = list(dict.fromkeys(each.text for each in QUESTIONS))[:200] * (COUNT // 200)

Call = dict[str, Any]
Search = Callable[[str, int], Call]
"""The call with which a member, by number, looks for something."""


def new_questions(number: int) -> list[str]:
    """Beginnings and ends of two questions each, with a word in it that no other question has."""
    chosen = Random(number)
    pairs = [(chosen.choice(MIXED).split(), chosen.choice(MIXED).split()) for _ in range(COUNT)]
    halves = [" ".join([*one[: (len(one) + 1) // 2], *other[len(other) // 2 :]]) for one, other in pairs]
    return [f"{each} {number}x{at}" for at, each in enumerate(halves)]


QUERIES: dict[str, Callable[[int], list[str]]] = {
    "one, again and again": lambda _: ["neural networks"] * COUNT,
    "200 different ones": lambda _: MIXED,
    "never asked before": new_questions,
}
"""What is asked in each round. No question of the last kind comes twice; other words do, as they do among people."""


@dataclass
class Bot:
    """A bot under test, connected to a platform of its own."""

    name: str
    pid: int
    port: int

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far, of all its threads. This is how Linux numbers the clock of a process."""
        return time.clock_gettime((~self.pid << 3) | 2)

    @property
    def megabytes(self) -> float:
        """What it holds in memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def ask(self, calls: Sequence[Call], **how: float) -> dict[str, Any]:
        """Have the calls sent; each must be answered with a message, or the promise of one."""
        told: dict[str, Any] = _request(self.port, "POST", "/ask", {"calls": calls, **how})
        if told["replied"] + told["promised"] < len(calls):
            raise SystemExit(f"{self.name} answered {told['replied']} of {len(calls)} calls with a message")
        return told

    def token(self) -> str:
        """What the cohort that was shown by the latest answer is started with; one that was promised is waited for."""
        for _ in range(MOST_LOOKS):
            told = json.dumps(_request(self.port, "GET", "/told"))
            if found := re.search(r"season begin shown:(\w+)", told):
                return found[1]
            time.sleep(1)
        raise SystemExit(f"{self.name} showed no cohort that could be started")

    def settle(self) -> None:
        """Wait until it has nothing left to do."""
        before = self.cpu
        while True:
            time.sleep(1)
            if self.cpu - before < QUIET:
                return
            before = self.cpu


def _request(port: int, method: str, path: str, body: object = None) -> Any:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request(method, path, json.dumps(body))
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 400:
        raise SystemExit(f"the loopback failed: {text.decode()}")
    return json.loads(text) if text else None


@contextlib.contextmanager
def running(name: str, module: str, loopback: str, shown: Mapping[str, int], **settings: str) -> Iterator[Bot]:
    """The bot, a module, logged in to its platform, another module, which shows it so much."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        settings |= {"HTTP_PORT": str(_free_port()), "LOG_LEVEL": "ERROR"}
        platform = stack.enter_context(_process(settings, loopback, stdout=subprocess.PIPE))
        assert platform.stdout is not None
        port = int(platform.stdout.readline())
        _request(port, "POST", "/shown", shown)
        settings |= {"LOOPBACK_PORT": str(port), "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bench.db"}
        bot = stack.enter_context(_process(settings, "tests.bench.redirected", module))
        made = Bot(name, bot.pid, port)
        while not _request(port, "GET", "/connected"):
            if bot.poll() is not None:
                raise SystemExit(f"{name} ended with {bot.returncode}")
            time.sleep(0.1)
        made.settle()
        yield made


@contextlib.contextmanager
def _process(
    settings: Mapping[str, str], module: str, *arguments: str, stdout: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stdout=stdout, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def searches(search: Search, queries: Sequence[str]) -> list[Call]:
    """Members who look for something, in turns."""
    return [search(query, number % MEMBERS) for number, query in enumerate(queries)]


def warm_up(bots: Sequence[Bot], search: Search) -> None:
    """Have every member known, and everything that is built once built."""
    for bot in bots:
        bot.ask(searches(search, MIXED[:WARM_UP]), in_flight=IN_FLIGHT)


def _cost(bot: Bot, search: Search, queries: Sequence[str]) -> float:
    """Microseconds of processor time per search."""
    before = bot.cpu
    told = bot.ask(searches(search, queries), in_flight=IN_FLIGHT)
    if told["promised"] > len(queries) / 100:
        raise SystemExit(f"{bot.name} promised {told['promised']} of {len(queries)} replies; their cost is not seen")
    return (bot.cpu - before) / len(queries) * 1e6


def table(title: str, *headings: str) -> Table:
    """An empty table."""
    made = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        made.add_column(heading, justify="right" if number else "left")
    return made


def processor_time(bots: Sequence[Bot], search: Search, what: str) -> Table:
    """What a search costs Milepost, and what the bare bot, the second one, in rounds in turns."""
    made = table(
        f"Processor time per {what}: {IN_FLIGHT} in flight, {COUNT:,} a round, {ROUNDS} rounds in turns",
        "queries", *(f"{bot.name} µs" for bot in bots), "ratio", "least to most",
    )  # fmt: skip
    for label, queries_of in QUERIES.items():
        rounds = [[_cost(bot, search, queries_of(number)) for bot in bots] for number in range(ROUNDS)]
        ratios = [ours / bare for ours, bare in rounds]
        mine, theirs = (median(each[at] for each in rounds) for at in (0, 1))
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        made.add_row(label, f"{mine:.0f}", f"{theirs:.0f}", f"{median(ratios):.2f}", spread)
    return made


def waiting(bots: Sequence[Bot], search: Search, what: str) -> Table:
    """How long people wait for a bot to answer, at an even rate and when all ask at once."""
    made = table(
        f"From {what} to first response: {RATE} a second for {SECONDS} s, then {BURST} at once",
        "bot", "p50 ms", "p99 ms", "slowest ms", "burst p50 ms", "burst slowest ms", "promised", f"over {LATE} s",
    )  # fmt: skip
    steadily: dict[str, list[float]] = {bot.name: [] for bot in bots}
    for _ in range(TURNS):  # short ones, so that whatever else the machine does meets both bots
        for bot in bots:
            calls = searches(search, MIXED[: RATE * SECONDS // TURNS])
            steadily[bot.name] += bot.ask(calls, per_second=RATE)["seconds"]
    for bot in bots:
        steady = steadily[bot.name]
        told = bot.ask(searches(search, MIXED[:BURST]))
        burst = told["seconds"]
        shares = quantiles(steady, n=100)
        figures = [shares[49], shares[98], max(steady), median(burst), max(burst)]
        counts = [told["promised"], sum(each > LATE for each in burst)]
        made.add_row(bot.name, *(f"{each * 1000:.1f}" for each in figures), *map(str, counts))
    return made


def load() -> str:
    """What else the machine did."""
    return f"Load while measuring: {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors (5-minute average)."
