"""How long it takes to announce something to 200 cohorts, half on Discord and half on Slack, on both real clients.

    python tests/bench/announce.py [COHORTS]        (200, unless you say how many; half a minute)

First until everything is queued, durably, as the facilitator waits for it: the preview, and *Send now*. Then until it
is there, on two platforms on loopback which refuse with a 429 whatever is above their limits: of a bot's requests 50 a
second on Discord and 5 in 5 s in a channel, and on Slack a message a second in a channel and 525 a minute in all.
"""

import asyncio
import sys
import tempfile
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.pop(0)  # beside this file, discord is another one
sys.path.insert(0, str(Path(__file__).parents[2]))

from aiohttp import web
from discord.http import Route
from sqlalchemy import Connection, update

from bot.app import wire
from bot.chat.message import Message
from bot.chat.platform import Call, Person, Place, Platform
from bot.curriculum.load import load_all
from bot.delivery.clock import RunningClock
from bot.pictures.studio import Studio
from bot.platforms.discord.connect import Discord
from bot.platforms.slack.connect import Slack
from bot.records import cohorts
from bot.records.records import Records, RecordsNotebook
from bot.records.tables import cohorts as cohort_rows
from bot.shipped import shipped
from tests.bench.discord_loopback import GUILD, server
from tests.bench.loopback import in_json
from tests.slack_server import SIGNING_SECRET
from tests.slack_workspace import BOT, BOT_USER, TEAM

GRACE = Person(platform="discord", id="1", name="Grace")


class Window:
    """Takes so many in so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self._seconds = seconds
        self._taken: deque[float] = deque(maxlen=most)

    def takes(self) -> bool:
        """Whether one more is within the limit."""
        now = time.monotonic()
        if len(self._taken) == self._taken.maxlen and now - self._taken[0] < self._seconds:
            return False
        self._taken.append(now)
        return True


class Platforms:
    """Both of them, on loopback."""

    def __init__(self) -> None:
        self.there = {"discord": 0, "slack": 0}
        self.refused = {"discord": 0, "slack": 0}
        self._any = {"discord": Window(50, 1), "slack": Window(525, 60)}
        self._in = dict[tuple[str, str], Window]()
        self._numbers = count(10**18)
        self._guild = server(GUILD, members=1, told=1)

    def application(self) -> web.Application:
        """All addresses."""
        made = web.Application()
        made.router.add_route("*", "/discord/{rest:.*}", self._discord)
        made.router.add_route("*", "/slack/{method}", self._slack)
        return made

    def _takes(self, name: str, channel: str) -> bool:
        its_own = self._in.setdefault((name, channel), Window(5, 5) if name == "discord" else Window(1, 0.95))
        is_taken = self._any[name].takes() and its_own.takes()
        (self.there if is_taken else self.refused)[name] += 1
        return is_taken

    async def _discord(self, request: web.Request) -> web.Response:
        match request.method, request.match_info["rest"].split("/"):
            case "GET", ["users", "@me"]:
                return in_json({"id": "9", "username": "milepost", "discriminator": "0", "avatar": None, "bot": True})
            case "GET", ["guilds", _]:
                return in_json(self._guild)
            case "GET", ["guilds", _, "channels"]:
                return in_json(self._guild["channels"])
            case "GET", ["guilds", _, "members", _]:
                return in_json(self._guild["members"][0])
            case "POST", ["channels", channel, "messages"]:
                if self._takes("discord", channel):
                    return in_json({"id": str(next(self._numbers)), "channel_id": channel})
                refused = in_json({"message": "You are being rate limited.", "retry_after": 1.0, "global": False})
                refused.headers["Via"] = "1.1 google"
                refused.set_status(429)
                return refused
        raise web.HTTPNotFound

    async def _slack(self, request: web.Request) -> web.Response:
        if request.match_info["method"] != "chat.postMessage":
            return in_json({"ok": True, "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT})
        channel = (await request.json())["channel"]
        if self._takes("slack", channel):
            number = next(self._numbers)
            return in_json({"ok": True, "channel": channel, "ts": f"{number // 10**6}.{number % 10**6:06d}"})
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})


async def bench(folder: Path, size: int) -> None:
    """Announce it, and say how long it took."""
    made = Platforms()
    runner = web.AppRunner(made.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    Route.BASE = f"{url}/discord"
    clock, records = RunningClock(), Records(f"sqlite+aiosqlite:///{folder / 'bench.db'}")
    await records.migrate(shipped("migrations"))
    discord = Discord("token", RecordsNotebook(records, clock, "discord"), clock, Studio())
    notebook = RecordsNotebook(records, clock, "slack")
    slack = Slack("xoxb-1", notebook, clock, signing_secret=SIGNING_SECRET, url=f"{url}/slack/")
    platforms: dict[str, Platform] = {"discord": discord, "slack": slack}
    rooms = wire(records, load_all(shipped("curriculum")), platforms, clock)
    at_work = [asyncio.create_task(each.carry()) for each in (discord, slack)]
    while not (discord.connected and slack.connected):
        await asyncio.wait(at_work, timeout=0.01)
    await records.write(_people, size)
    number = count()

    async def say(typed: str) -> float:
        line = rooms.desk.read_line(typed)
        assert line is not None
        place = Place(platform="discord", community=str(GUILD), channel="1", name="#1")
        began = time.perf_counter()
        reply = await rooms.desk.answer(Call(
            id=f"{next(number)}", command=line.command, given=line.given, person=GRACE, place=place, is_admin=True,
        ))  # fmt: skip
        assert isinstance(reply, Message), reply
        return time.perf_counter() - began

    preview = await say('announce text:"We meet on **Friday**" cohort:all')
    queued = await say("announcement send draft:1")
    print(f"{size} cohorts: previewed in {preview:.2f} s, queued in {queued:.2f} s")
    sending = asyncio.create_task(rooms.delivery.run())
    began = time.monotonic()
    while sum(made.there.values()) < size:
        rooms.delivery.soon()
        await asyncio.wait([sending], timeout=0.1)
    for name, there in made.there.items():
        print(f"{name}: {there} posts, {made.refused[name]} refused as too fast")
    print(f"all there {time.monotonic() - began:.1f} s later")
    for each in (sending, *at_work):
        each.cancel()
        with suppress(asyncio.CancelledError):
            await each
    await records.close()
    await runner.cleanup()


def _people(connection: Connection, size: int) -> None:
    """Cohorts of one community, every second of them at home in a channel on Slack, by a code."""
    for n in range(1, size + 1):
        home = Place(platform="discord", community=str(GUILD), channel=str(n), name=f"#{n}")
        if n % 2 == 0:
            home = Place(platform="slack", community=TEAM, channel=f"C{n}", name=f"#{n}")
        made = cohorts.create(
            connection, home, datetime.now(UTC), name=f"Cohort {n}", curriculum="deep-learning", version="1",
            start_on=date(2099, 1, 5), zone=ZoneInfo("UTC"), weekday=0, at=time_of_day(9), pace="full",
            language="en",
        )  # fmt: skip
        connection.execute(update(cohort_rows).where(cohort_rows.c.id == made.id).values(community_id=1))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(bench(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 200))
