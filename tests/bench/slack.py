"""What `/study resource` costs on Slack, beside a bare Bolt app that answers a fixed text: in both modes.

    python tests/bench/slack.py            (ROUNDS=5 for more of them)

How the two are measured, `beside` says.
"""

import sys
from contextlib import AbstractContextManager
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import beside
from tests.bench.beside import MEMBERS, MILEPOST, Bot, Call, Search

BARE = "bare Bolt"
MODULES = {MILEPOST: "bot", BARE: "tests.bench.bare_slack"}
MODES = {"socket": "Socket Mode", "http": "HTTP"}


def running(name: str) -> AbstractContextManager[Bot]:
    """The bot, connected to a workspace in both modes."""
    return beside.running(
        name, MODULES[name], "tests.bench.slack_loopback", {},
        PLATFORMS="slack", SLACK_BOT_TOKEN="xoxb-1-bench", SLACK_APP_TOKEN="xapp-1-bench",  # noqa: S106
        SLACK_SIGNING_SECRET="0123456789abcdef0123456789abcdef",  # noqa: S106
    )  # fmt: skip


def typed(text: str, person: int, mode: str = "socket") -> Call:
    """`/study`, typed by the person."""
    return {"text": text, "person": person, "mode": mode}


def searching(mode: str) -> Search:
    """`/study resource`, delivered in that mode."""
    return lambda query, person: typed(f"resource {query}", person, mode)


def open_cohort(milepost: Bot) -> None:
    """A cohort with its members, made the way people make one."""
    milepost.ask([typed('cohort create name:"Deep Learning"', 0)])
    milepost.ask([typed(f"season begin shown:{milepost.token()}", 0)])
    milepost.ask([typed("join", each) for each in range(MEMBERS)], in_flight=1)


def main() -> None:
    console = Console(width=110)
    with running(MILEPOST) as milepost, running(BARE) as bare:
        open_cohort(milepost)
        bots = (milepost, bare)
        for mode, called in MODES.items():
            search = searching(mode)
            beside.warm_up(bots, search)
            console.print(beside.processor_time(bots, search, f"/study resource, {called}"))
            console.print(beside.waiting(bots, search, f"slash command, {called},"))
    console.print(beside.load())


if __name__ == "__main__":
    main()
