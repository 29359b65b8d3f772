"""One run: twelve posts for two places, sent by three processes through an hour of mischief, and what came of them."""

import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot.chat.message import Message, Text
from bot.chat.platform import Place
from bot.records import cohorts, homes, posts
from bot.records.cohorts import Cohort
from bot.records.posts import Kind
from bot.records.tables import outbox
from tests.sim.database import LEASE
from tests.sim.street import Fate
from tests.sim.world import LONGEST_IDLE, LONGEST_START, NAME, START, TICK, Chances, World, heard

PROCESSES, PLACES, EACH = 3, 2, 3
KINDS: tuple[Kind, ...] = ("milestone", "announcement")
BUSY_TIME = 600  # seconds over which the posts fall due
CALM = 12 * 3600.0  # seconds within which every post has an end, once nothing goes wrong any more
HELLO = {"message": Message(parts=(Text(text="Hello"),)).model_dump(mode="json")}
ENDS = ("sent", "failed", "unknown", "skipped")


@dataclass(frozen=True)
class Verdict:
    """What was wrong in the end, in words; nothing if it was a good run."""

    seed: int
    duplicated: tuple[str, ...]
    unfinished: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether the promise was kept."""
        return not (self.duplicated or self.unfinished or self.wrong)


def open_cohort(connection: Connection, places: int = PLACES) -> Cohort:
    """A cohort with so many places, their ids counted from 1. It follows no curriculum: all that it says is written."""
    here = [Place(platform=NAME, community="town", channel=f"place-{each}") for each in range(1, places + 1)]
    cohort = cohorts.create(
        connection, here[0], START, name="Deep", curriculum="none", version="1", start_on=date(2027, 1, 4),
        zone=ZoneInfo("UTC"), weekday=0, at=time(9), pace="regular", language="en",
    )  # fmt: skip
    for each in here[1:]:
        homes.add(connection, cohort.id, each, START)
    return cohort


def _put_season(connection: Connection) -> None:
    cohort = open_cohort(connection)
    for place in range(1, PLACES + 1):
        for kind in KINDS:
            for n in range(1, EACH + 1):
                posts.put(connection, f"{kind}:{n}:{place}", kind, cohort.id, place, START, HELLO)


def _mischief(world: World) -> Chances:
    """Another mixture for every seed: what hides in one is found in another."""

    def some(most: float) -> float:
        return world.random.choice((0.0, most / 3, most))

    fates: dict[Fate, float] = {"slow": 0.3, "busy": 0.3, "lost": 0.3, "late": 0.5}
    fates |= {"answer lost": 0.4, "failed after": 0.3}
    return Chances(
        {"answered": 1.0, **{fate: some(most) for fate, most in fates.items()}},
        zombie=some(0.3), blind=some(0.2), crash=some(0.02), freeze=some(0.03), jump=some(0.02),
    )  # fmt: skip


def simulate(seed: int, told: list[str] | None = None) -> Verdict:
    """Run the seed. `told` is filled with what happened, line by line."""
    world = World(seed, PROCESSES, _put_season, told)
    chance = world.random
    world.platform.nonce_window = chance.choice((None, chance.uniform(120, 300)))
    dues = [timedelta(seconds=chance.randint(0, BUSY_TIME)) for _ in range(PLACES * len(KINDS) * EACH)]
    world.set_due([START + each for each in dues])
    with heard(world):
        world.chances = _mischief(world)
        world.run(chance.uniform(0.5, 6) * BUSY_TIME)
        # The last stroke comes in the middle of whatever they do. Of the frozen, all but one wake up in the calm.
        world.chances = Chances()
        world.jump(chance.choice((0, -60, 3600, -3600)))
        for process in world.processes:
            if process.number == 0 or process.frozen_until <= world.time:
                world.restart(process)
        held = world.transact(_claims)
        world.run(LEASE.total_seconds() + LONGEST_IDLE + LONGEST_START + 2 * TICK)
        stuck = held & world.transact(_claims)
        world.run(CALM)
        world.end()
    return _judge(world, seed, [f"{key} stays claimed, and nobody works on it" for key, _ in stuck])


def _claims(connection: Connection) -> set[tuple[str, str]]:
    rows = connection.execute(select(outbox.c.key, outbox.c.fence).where(outbox.c.state == "sending"))
    return {(row.key, row.fence) for row in rows}


def _judge(world: World, seed: int, wrong: list[str]) -> Verdict:
    rows = world.transact(lambda connection: connection.execute(select(outbox).order_by(outbox.c.due_at)).all())
    seen = world.platform.seen
    wrong += world.troubles
    wrong += [f"{row.key} is sent, and not to be seen" for row in rows if row.state == "sent" and not seen[row.key]]
    wrong += [f"{row.key} is {row.state}: {row.reason}" for row in rows if row.state in ENDS and row.state != "sent"]
    return Verdict(
        seed,
        tuple(key for key, times in seen.items() if times > 1),
        tuple(row.key for row in rows if row.state not in ENDS),
        (*wrong, *out_of_order(world, {row.key: (row.due_at, row.id) for row in rows})),
    )


def out_of_order(world: World, rank: Mapping[str, tuple[datetime, int]]) -> list[str]:
    """Where a place saw posts of one kind in another order than that of their `rank`; who has none does not count."""
    first: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in world.platform.messages:
        keys = first[each.place.channel, each.key.partition(":")[0]]
        if each.key in rank and each.key not in keys:
            keys.append(each.key)
    return [
        f"{channel} saw its {kind}s as {', '.join(keys)}"
        for (channel, kind), keys in first.items()
        if keys != sorted(keys, key=rank.__getitem__)
    ]


if __name__ == "__main__":
    said: list[str] = []
    print(simulate(int(sys.argv[1]), said), *said, sep="\n")
