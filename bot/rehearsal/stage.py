"""The stage: a platform that is nowhere. It keeps what is posted, and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.chat.desk import Desk
from bot.chat.message import Button, Facts, Item, Link, Message, Picture, Post, Text
from bot.chat.platform import Clock, Person, Place, Posted
from bot.chat.projection import Calendar, CohortMembers, Projected
from bot.chat.wording import Mention, Phrase, Value, plain, spans


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as everybody saw it, and when (aware UTC)."""

    at: datetime
    place: Place
    post: Post

    @property
    def kind(self) -> str:
        """What it is, as a post's kind in the records: milestone, checkin, share... Keys are `cohort-mark:kind:...`."""
        return self.post.key.split(":")[1]

    @property
    def cohort(self) -> str:
        """The code of the cohort that it is for."""
        return self.post.key.split(":")[0].partition("-")[0]

    @property
    def where(self) -> str:
        """The name of the place, or of the one person to whom it goes."""
        return self.place.person.name if self.place.person else self.place.name

    @property
    def week(self) -> str:
        """The local week that it asks about, or whatever else its key names."""
        return self.post.key.split(":")[2]

    @property
    def text(self) -> str:
        """All of it as plain text, in the cohort's language."""
        return "\n".join(_lines(self.post.message, self.post.locale))

    @property
    def named(self) -> frozenset[str]:
        """The ids of everybody whom it notifies or mentions, and of the one to whom alone it goes."""
        things = (span.thing for each in _wordings(self.post.message) for span in spans(each, self.post.locale))
        mentioned = {each.id for each in things if isinstance(each, Mention) and each.what == "person"}
        alone = {self.place.person.id} if self.place.person else set()
        notified = {each.id for each in self.post.notify if isinstance(each, Person)}
        return frozenset(mentioned | alone | notified)


def in_order(shown: Iterable[Shown]) -> tuple[Shown, ...]:
    """The oldest first, and the same in every rehearsal: what is sent at one instant comes in whatever order."""
    return tuple(sorted(shown, key=lambda each: (each.at, each.cohort, each.where, each.kind, each.week)))


class Stage:
    """Keeps posts in the order in which they came, and never fails."""

    name = "stage"
    projects: frozenset[Projected] = frozenset()
    connected: bool = True

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shown: dict[str, Shown] = {}

    @property
    def shown(self) -> tuple[Shown, ...]:
        """What can be seen there now, the oldest first."""
        return tuple(self._shown.values())

    async def run(self, desk: Desk) -> None:
        """There is nobody to hear: the members of a rehearsal speak to the Desk themselves."""

    async def post(self, place: Place, post: Post) -> Posted:
        """Show the post."""
        posted = Posted(place=place, id=f"{len(self._shown) + 1}")
        self._shown[posted.id] = Shown(self._clock.now(), place, post)
        return posted

    async def edit(self, posted: Posted, post: Post) -> None:
        """Show what the post says now."""
        self._shown[posted.id] = replace(self._shown[posted.id], post=post)

    async def withdraw(self, posted: Posted) -> None:
        """Empty the post; ids stay as they were."""
        await self.edit(posted, self._shown[posted.id].post.model_copy(update={"message": Message()}))

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """The post with that key in the place."""
        for number, each in self._shown.items():
            if each.post.key == key and each.place == place and each.at >= since:
                return Posted(place=place, id=number)
        return None

    def check(self, place: Place, post: Post) -> Sequence[Phrase]:
        """There is room for everything."""
        return ()

    async def audience(self, places: Sequence[Place]) -> int:
        """Nobody is there but the members."""
        return 0

    async def is_private(self, place: Place) -> bool | None:
        """Everybody sees everything."""
        return False

    async def project(self, state: CohortMembers | Calendar) -> None:
        """There is nothing here to show it with."""

    async def forget(self, person: Person) -> None:
        """Nobody asks to be forgotten in a rehearsal."""


def _wordings(message: Message) -> list[Value]:
    found: list[Value] = [] if message.title is None else [message.title]
    for part in message.parts:
        match part:
            case Text():
                found.append(part.text)
            case Facts():
                found += [value for each in part.facts for value in (each.label, each.value)]
            case Item():
                found += [each for each in (part.title, part.text) if each is not None]
            case Picture():
                found.append(part.alt)
    return found


def _lines(message: Message, locale: str) -> list[str]:
    lines = [] if message.title is None else [plain(message.title, locale)]
    for part in message.parts:
        match part:
            case Text():
                lines.append(plain(part.text, locale))
            case Facts():
                lines += [f"{plain(each.label, locale)}: {plain(each.value, locale)}" for each in part.facts]
            case Item():
                lines.append(f"- {plain(part.title, locale)}{_pressable(part.button, locale)}")
                lines += [f"  {each}" for each in (plain(part.text or "", locale), part.link) if each]
            case Picture():
                lines.append(plain(part.alt, locale))
    if message.buttons:
        lines.append("".join(_pressable(each, locale) for each in message.buttons).strip())
    return lines


def _pressable(button: Button | Link | None, locale: str) -> str:
    return "" if button is None else f" [{plain(button.label, locale)}]"
