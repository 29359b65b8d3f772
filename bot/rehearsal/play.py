"""The play: moves the clock from one thing that happens to the next, and keeps what was shown and done."""

import asyncio
import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import wire
from bot.chat.platform import Call, Place
from bot.curriculum.load import Curricula
from bot.delivery.clock import StoppedClock
from bot.records import posts, soonest
from bot.records.records import Records
from bot.rehearsal.cast import BEGIN, Act, Facilitator, Player, cast
from bot.rehearsal.heard import Heard, heard
from bot.rehearsal.script import RehearsalError, Script
from bot.rehearsal.stage import Shown, Stage, in_order
from bot.shipped import shipped

SQUARE = Place(platform=Stage.name, community="rehearsal", channel="study", name="#study")

BURST = timedelta(seconds=5)  # as the app's tick, which is its slowest

Watch = Callable[[int], None]
"""Told now and then which week of the season is on."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A line that somebody sent (at an instant, aware UTC), and how the Desk took it: as its `Observe` says.

    `given` are its arguments, `heard` is what the reply told them.
    """

    at: datetime
    person: str
    command: str
    outcome: str
    given: Mapping[str, str] = field(default_factory=dict)
    heard: Heard = Heard()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Season:
    """What came of a script. `outbox` counts its posts by their state in the end; `waiting` for an hour after it."""

    script: Script
    shown: tuple[Shown, ...]
    deeds: tuple[Deed, ...]
    outbox: Mapping[str, int]


def rehearse(script: Script, curricula: Curricula, watch: Watch) -> Season:
    """Play the script from the first line to the end of its last week, in a scratch database."""
    return asyncio.run(_in_scratch(script, curricula, watch))


async def _in_scratch(script: Script, curricula: Curricula, watch: Watch) -> Season:
    with TemporaryDirectory(prefix="milepost-rehearsal-") as folder:
        records = Records(f"sqlite+aiosqlite:///{Path(folder) / 'season.db'}", durable=False)
        try:
            await records.migrate(shipped("migrations"))
            return await _Play(script, curricula, records).run(watch)
        finally:
            await records.close()


class _Play:
    def __init__(self, script: Script, curricula: Curricula, records: Records) -> None:
        self._script = script
        self._records = records
        self._clock = StoppedClock(script.opens_at)
        self._stage = Stage(self._clock)
        self._rooms = wire(records, curricula, {Stage.name: self._stage}, self._clock, observe=self._observed)
        self._players: list[Player] = [Facilitator(), *cast(script)]
        self._coming: list[tuple[datetime, int, Player, Act]] = []
        self._numbers = count(1)
        self._outcome = ""
        self._here: set[str] = set()
        self._deeds: list[Deed] = []

    async def run(self, watch: Watch) -> Season:
        """Everything that happens, in order of time; a post that is due comes before what people do at that instant."""
        for player in self._players:
            self._intend(player, player.enters(self._script))
        end = self._script.ends_at
        next_due = await self._next_due() or end
        while True:
            next_act = self._coming[0][0] if self._coming else end
            if min(next_due, next_act) >= end:
                break
            watch(self._script.week_of(min(next_due, next_act)))
            if next_due <= next_act:
                self._clock.forward(next_due)
            else:
                _, _, player, act = heapq.heappop(self._coming)
                self._clock.forward(act.at)
                await self._perform(player, act)
            if next_due <= next_act or (self._rooms.delivery.is_wanted and self._is_calm()):
                await self._deliver()
                next_due = await self._next_due() or end
        return Season(self._script, in_order(self._stage.shown), tuple(self._deeds), await self._states(end))

    async def _states(self, end: datetime) -> Mapping[str, int]:
        counts = await self._records.read(posts.counts)
        waiting = await self._records.read(posts.waiting, end)
        return {**counts, "pending": counts.get("pending", 0) - waiting, "waiting": waiting}

    def _is_calm(self) -> bool:
        """Whether nobody does anything right away; a burst of acts is followed by one delivery."""
        return not self._coming or self._coming[0][0] > self._clock.now() + BURST

    async def _next_due(self) -> datetime | None:
        return await self._records.read(soonest.next_due_at, (Stage.name,))

    async def _deliver(self) -> None:
        """What is due by now, and what those who are here want to do about it."""
        before = len(self._stage.shown)
        await self._rooms.delivery.tick()
        for shown in in_order(self._stage.shown[before:]):
            for player in self._players:
                if self._sees(player, shown):
                    self._intend(player, player.reads(shown))

    def _sees(self, player: Player, shown: Shown) -> bool:
        """Whether they can read it: a private message is for one of them."""
        if shown.place.person is not None:
            return shown.place.person == player.person
        return player.is_facilitator or player.person.id in self._here

    async def _perform(self, player: Player, act: Act) -> None:
        """Send the line to the Desk as that person, and let them hear the reply."""
        typed = self._rooms.desk.read_line(act.line)
        if typed is None:
            raise ValueError(f"{act.line!r} was offered to {player.person.name} and names no command")
        reply = await self._rooms.desk.answer(
            Call(
                id=f"act-{next(self._numbers)}", command=typed.command, given=typed.given, asks=typed.asks, via=act.via,
                person=player.person, place=SQUARE, locale=player.locale,
                zone=player.zone or self._script.zone.key, is_admin=player.is_facilitator,
            )
        )  # fmt: skip
        deed = Deed(self._clock.now(), player.person.id, typed.command, self._outcome, typed.given, heard(reply))
        self._deeds.append(deed)
        if typed.command in ("cohort create", BEGIN) and self._outcome != "answered":
            raise RehearsalError(f"the facilitator could not create the cohort: {act.line} was {self._outcome}")
        if self._outcome == "answered" and typed.command == "join":
            self._here.add(player.person.id)
        if self._outcome == "answered" and typed.command == "leave":
            self._here.discard(player.person.id)
        self._intend(player, player.hears(reply, self._clock.now()))

    def _intend(self, player: Player, acts: list[Act]) -> None:
        for act in acts:
            heapq.heappush(self._coming, (act.at, next(self._numbers), player, act))

    def _observed(self, command: str, outcome: str, seconds: float) -> None:
        """The Desk says how it took what was just sent."""
        self._outcome = outcome
