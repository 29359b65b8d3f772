"""A chat platform in memory, and the way there, on which requests and answers are lost."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from bot.chat.desk import Desk
from bot.chat.message import Post
from bot.chat.platform import Busy, Person, Place, Posted, Unknown, Unsearchable
from bot.chat.projection import Calendar, CohortMembers, Projected
from bot.chat.wording import Phrase

if TYPE_CHECKING:
    from tests.sim.world import Process

Fate = Literal["answered", "slow", "busy", "lost", "late", "answer lost", "failed after"]
"""What becomes of a request: `late` takes effect when its sender has given up, the last two once and unsaid."""
FATES: tuple[Fate, ...] = get_args(Fate)
JOURNEY = 24.0
"""Seconds after the sender's last look at its claim by which a request has taken effect, or never does.

It is what the promise rests on: the settle time, less the third of the lease that an attempt may take.
"""
HANGS = 1e6  # seconds: longer than any run


@dataclass
class Message:
    """One message that people see."""

    place: Place
    key: str
    at: datetime
    id: str


@dataclass
class Platform:
    """What people see. With a `nonce_window`, in seconds, a message sent twice within it is created once."""

    nonce_window: float | None
    messages: list[Message] = field(default_factory=list)

    def create(self, place: Place, key: str, at: datetime) -> Message:
        """Take the message, by the platform's own clock."""
        if self.nonce_window is not None:
            for each in reversed(self.messages):
                if (at - each.at).total_seconds() > self.nonce_window:
                    break
                if (each.place, each.key) == (place, key):
                    return each
        made = Message(place, key, at, str(len(self.messages) + 1))
        self.messages.append(made)
        return made

    @property
    def seen(self) -> Counter[str]:
        """How often each key is to be seen."""
        return Counter(each.key for each in self.messages)


class Connection:
    """One process's way to the platform, as the sender knows platforms."""

    projects: frozenset[Projected] = frozenset()
    connected = True

    def __init__(self, name: str, process: "Process") -> None:
        self.name = name
        self._process = process
        self._world = process.world

    async def run(self, desk: Desk) -> None:
        """Nobody says anything."""
        raise NotImplementedError

    async def post(self, place: Place, post: Post) -> Posted:
        """One request, as fate has it."""
        world, answer = self._world, asyncio.sleep
        fate = world.fate()
        world.tell(self._process, f"posts {post.key}: {fate}")
        if fate == "busy":
            await self._process.point(0.05, 2)
            raise Busy(world.random.uniform(0.5, 30), world.random.choice(("route", "platform")))
        if fate == "lost":
            await answer(world.random.choice((0.1, 9.0, HANGS)))
            raise Unknown("the connection was reset")
        # A process may be frozen between its last look at its claim and the write; the journey begins with the look.
        frozen = self._process.freeze_for(10) if world.happens(world.chances.zombie) else 0.0
        longest = {"late": JOURNEY - frozen, "slow": 12.0}.get(fate, 2.0)
        travel = frozen + world.random.uniform(longest / 2 if fate == "late" else 0.02, longest)
        landed: list[Message] = []
        world.at(travel, lambda: landed.append(world.platform.create(place, post.key, world.true_now())))
        if fate == "late":
            await answer(world.random.choice((0.5, 9.0, HANGS)))
            raise Unknown("the connection was reset")
        await self._process.point(travel + 0.01, travel + 1)
        if fate != "answered" and fate != "slow":
            raise Unknown("the answer was lost" if fate == "answer lost" else "answered 502")
        return Posted(place=place, id=landed[0].id)

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """Look through what was created after `since` by the platform's clock."""
        world = self._world
        await self._process.point(0.05, 1)
        if world.blinded:
            world.blinded -= 1
            raise Unsearchable("the history may not be read")
        if world.happens(world.chances.blind):
            raise world.random.choice((Busy(3, "route"), Unknown("answered 503")))
        found = [each for each in world.platform.messages if (each.place, each.key) == (place, key) and each.at > since]
        world.tell(self._process, f"looks for {key}: {'there' if found else 'not there'}")
        await self._process.point(0.05, 1)
        return Posted(place=place, id=found[0].id) if found else None

    async def edit(self, posted: Posted, post: Post) -> None:
        """Nobody minds what it says now."""
        await self._process.point(0.05, 1)

    async def withdraw(self, posted: Posted) -> None:
        """Nothing is taken back."""
        raise NotImplementedError

    def check(self, place: Place, post: Post) -> Sequence[Phrase]:
        """Nobody looks at posts beforehand."""
        raise NotImplementedError

    async def audience(self, places: Sequence[Place]) -> int:
        """Nobody counts."""
        raise NotImplementedError

    async def is_private(self, place: Place) -> bool | None:
        """Nobody asks."""
        raise NotImplementedError

    async def project(self, state: CohortMembers | Calendar) -> None:
        """There is nothing beside posts."""
        raise NotImplementedError

    async def forget(self, person: Person) -> None:
        """Nobody is forgotten."""
        raise NotImplementedError
