"""What `/resource` costs on Discord, beside a bare discord.py bot that answers a fixed text.

    python tests/bench/discord.py            (ROUNDS=5 for more of them)

How the two are measured, `beside` says.
"""

import sys
from contextlib import AbstractContextManager
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import beside
from tests.bench.beside import MEMBERS, MILEPOST, Bot, Call

BARE = "bare discord.py"
MODULES = {MILEPOST: "bot", BARE: "tests.bench.bare_discord"}


def running(name: str, *, guilds: int = 1, members: int = 1, told: int = 1) -> AbstractContextManager[Bot]:
    """The bot, logged in to guilds of so many members, of whom it is told so many."""
    shown = {"guilds": guilds, "members": members, "told": told}
    return beside.running(
        name, MODULES[name], "tests.bench.discord_loopback", shown,
        PLATFORMS="discord", DISCORD_TOKEN="a.b.c",  # noqa: S106
    )  # fmt: skip


def search(query: str, person: int) -> Call:
    """`/resource`, typed by the person."""
    return {"name": "resource", "options": [{"name": "query", "type": 3, "value": query}], "person": person}


def open_cohort(milepost: Bot) -> None:
    """A cohort with its members, made the way people make one."""
    name = {"name": "name", "type": 3, "value": "Deep Learning"}
    create = {"name": "create", "type": 1, "options": [name]}
    milepost.ask([{"name": "cohort", "options": [create], "person": 0, "is_admin": True}])
    shown = {"name": "shown", "type": 3, "value": milepost.token()}
    begin = {"name": "begin", "type": 1, "options": [shown]}
    milepost.ask([{"name": "cohort", "options": [begin], "person": 0, "is_admin": True}])
    milepost.ask([{"name": "join", "options": [], "person": each} for each in range(MEMBERS)], in_flight=1)


def memory() -> Table:
    made = beside.table(
        "Resident memory after login, MB (20 channels and 15 roles a guild)",
        "bot", "1 guild", "1,000 guilds, 100,000 members", "ratio", "all members told", "ratio",
    )  # fmt: skip
    for name in (MILEPOST, BARE):
        held = []
        for guilds, members, told in ((1, 100, 1), (1_000, 100, 1), (1_000, 100, 100)):
            with running(name, guilds=guilds, members=members, told=told) as bot:
                held.append(bot.megabytes)
        one, many, all_told = held
        made.add_row(name, f"{one:.1f}", f"{many:.1f}", f"{many / one:.2f}", f"{all_told:.1f}", f"{all_told / one:.2f}")
    return made


def main() -> None:
    console = Console(width=110)
    with running(MILEPOST) as milepost, running(BARE) as bare:
        open_cohort(milepost)
        bots = (milepost, bare)
        beside.warm_up(bots, search)
        console.print(beside.processor_time(bots, search, "/resource"))
        console.print(beside.waiting(bots, search, "interaction"))
    console.print(memory())
    console.print(beside.load())


if __name__ == "__main__":
    main()
