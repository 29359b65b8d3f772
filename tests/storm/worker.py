"""The process that is killed: the product's records, delivery and platforms, with the real SDKs, and nothing else.

It connects to no gateway and no socket, since only posts are under fire. What it passes, it tells its parent.
"""

import asyncio
import logging
import os
import signal
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing.connection import Connection as Pipe

from discord.http import Route
from sqlalchemy.exc import DBAPIError

from bot.curriculum.load import Curricula, load_all
from bot.delivery import refreshing, sending
from bot.delivery.clock import RunningClock
from bot.delivery.outbox import Delivery
from bot.delivery.sending import Timing
from bot.pictures.studio import Studio
from bot.platforms.discord import rest
from bot.platforms.discord.connect import Discord
from bot.platforms.slack import posting
from bot.platforms.slack.connect import Slack
from bot.records import soonest
from bot.records.records import Records, RecordsNotebook
from bot.shipped import shipped
from tests.slack_server import BOT_TOKEN, SIGNING_SECRET
from tests.storm.points import Pass, WatchedRecords, watch_requests

AT_LEAST, AT_MOST = 0.3, 1.0  # seconds between looks at what is due
READY = "ready"  # what is told once the platforms are there
Moment = tuple[str, int]
"""A point by its name, and the how-maniest time that it is passed."""


@dataclass(frozen=True)
class Orders:
    """What a worker works on, at which pace, and the point at which it dies or freezes.

    `lease` and `settle` are seconds, in the place of the product's 60 and 45.
    """

    database: str
    discord: str
    slack: str
    platforms: tuple[str, ...] = (Discord.name, Slack.name)
    lease: float = 60.0
    settle: float = 0.5
    dies_at: Moment | None = None
    freezes_at: Moment | None = None
    log: str = os.devnull


@cache
def curricula() -> Curricula:
    """What is taught, read once for all the processes that are forked after it."""
    return load_all(shipped("curriculum"))


def work(orders: Orders, parent: Pipe) -> None:
    """Be the process: send until nothing is left to send, and tell the parent of every point that is passed."""
    logging.basicConfig(filename=orders.log, level=logging.WARNING, format="%(asctime)s %(process)d %(message)s")
    passed = Counter[str]()

    def passing(name: str) -> None:
        parent.send(name)
        passed[name] += 1
        if (name, passed[name]) == orders.freezes_at:
            os.kill(os.getpid(), signal.SIGSTOP)
        if (name, passed[name]) == orders.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    watch_requests(passing)
    asyncio.run(send_all(orders, passing))


def _hurry() -> None:
    """Keep to no rate limits, which the platforms on loopback do not have, and shorten what `Timing` does not."""
    sending.SHORTEST_WAIT = 0.05
    refreshing.RETRY = timedelta(seconds=0.5)
    posting.BETWEEN_POSTS = posting.BETWEEN_ANY = 0.0
    rest.MOST_A_SECOND = 10_000


async def send_all(orders: Orders, passing: Pass) -> None:
    """Send until nothing is left."""
    _hurry()
    Route.BASE = orders.discord
    records, clock = WatchedRecords(orders.database, passing), RunningClock()
    notebooks = {name: RecordsNotebook(records, clock, name) for name in orders.platforms}
    platforms: dict[str, Discord | Slack] = {}
    if Discord.name in notebooks:
        platforms[Discord.name] = Discord("token", notebooks[Discord.name], clock, Studio())
    if Slack.name in notebooks:
        platforms[Slack.name] = Slack(
            BOT_TOKEN, notebooks[Slack.name], clock, signing_secret=SIGNING_SECRET, url=orders.slack
        )
    carrying = [asyncio.create_task(each.carry()) for each in platforms.values()]
    while not all(each.connected for each in platforms.values()):
        await asyncio.wait(carrying, timeout=0.005, return_when=asyncio.FIRST_COMPLETED)
    timing = Timing(timedelta(seconds=orders.lease), timedelta(seconds=orders.settle))
    delivery = Delivery(records, curricula(), platforms, clock, timing)
    working = asyncio.create_task(delivery.run())
    passing(READY)
    while (due_at := await _next(records, tuple(platforms))) is not None:
        delivery.soon()
        seconds = (due_at - clock.now()).total_seconds()
        await asyncio.wait([working], timeout=min(max(seconds, AT_LEAST), AT_MOST))
    for each in (working, *carrying):
        each.cancel()
    await asyncio.wait([working, *carrying])
    await records.close()


async def _next(records: Records, platforms: tuple[str, ...]) -> datetime | None:
    """When there is something to do; None if nothing is left."""
    try:
        return await records.read(soonest.next_due_at, platforms)
    except (OSError, DBAPIError):  # the database's server is away; the delivery looks again, and so do we
        return datetime.now(UTC)
