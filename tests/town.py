"""A town to test in: the real rooms on a real database, a clock in hand, and a platform that keeps what it is told.

Tests speak: `await town.say("ada: /join")` answers with what Ada would read. `town.posts` is what everybody sees.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import Rooms, wire
from bot.chat.desk import Desk
from bot.chat.message import Button, Facts, File, Form, Item, Picture, Post, Reply, Text
from bot.chat.platform import Call, Person, Place, Platform, Posted
from bot.chat.projection import Calendar, CohortMembers, Event, Projected
from bot.chat.wording import Phrase, plain
from bot.curriculum.load import Curricula, load_all
from bot.delivery.clock import StoppedClock
from bot.delivery.sending import Timing
from bot.records.records import Records
from bot.shipped import shipped

MONDAY = datetime(2027, 1, 4, 8, tzinfo=UTC)
"""An hour before the first milestone of a cohort that starts with the defaults in UTC."""
FACILITATOR = "grace"


@dataclass
class Square:
    """A platform that keeps what it is told to post, and can be told to fail."""

    name: str = "square"
    projects: frozenset[Projected] = frozenset({"members", "calendar"})
    connected: bool = True
    told: list[tuple[Place, Post]] = field(default_factory=list)
    taken_away: set[str] = field(default_factory=set)
    failures: list[Exception] = field(default_factory=list)
    fails_in: str | None = None
    forgets_to_answer: int = 0
    edits: int = 0
    lacks: list[Phrase] = field(default_factory=list)
    crowd: int = 40
    shown: list[CohortMembers | Calendar] = field(default_factory=list)
    obstacles: list[Exception] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    private: set[str] = field(default_factory=set)

    async def run(self, desk: Desk) -> None:
        """There is nobody to hear."""

    async def post(self, place: Place, post: Post) -> Posted:
        """Keep the post, unless a failure is waiting; `forgets_to_answer` posts are kept and then fail all the same."""
        self._trip(place)
        self.told.append((place, post))
        if self.forgets_to_answer:
            self.forgets_to_answer -= 1
            raise ConnectionResetError("the answer was lost")
        return Posted(place=place, id=str(len(self.told)))

    def _trip(self, place: Place) -> None:
        """Raise the failure that waits: for whatever comes first, or for what goes to the channel `fails_in`."""
        is_there = self.fails_in is None or (place.person is None and place.channel == self.fails_in)
        if self.failures and is_there:
            raise self.failures.pop(0)

    async def edit(self, posted: Posted, post: Post) -> None:
        """Put the post in the place of the older one, unless a failure is waiting."""
        self._trip(posted.place)
        self.edits += 1
        self.told[int(posted.id) - 1] = (posted.place, post)

    async def withdraw(self, posted: Posted) -> None:
        """Take the post away, unless a failure is waiting."""
        self._trip(posted.place)
        self.taken_away.add(posted.id)

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """Look for the key."""
        for number, (where, post) in enumerate(self.told, start=1):
            if post.key == key and where == place and str(number) not in self.taken_away:
                return Posted(place=place, id=str(number))
        return None

    def check(self, place: Place, post: Post) -> Sequence[Phrase]:
        """Nothing is lost but what a test says."""
        return self.lacks

    async def audience(self, places: Sequence[Place]) -> int:
        """As many as a test says, unless a failure is waiting."""
        if self.failures:
            raise self.failures.pop(0)
        return self.crowd

    async def is_private(self, place: Place) -> bool | None:
        """As a test says."""
        return place.channel in self.private

    async def project(self, state: CohortMembers | Calendar) -> None:
        """Show it, unless something is in the way."""
        if self.obstacles:
            raise self.obstacles.pop(0)
        self.shown.append(state)

    async def forget(self, person: Person) -> None:
        """Keep whom it was told to forget."""
        self.forgotten.append(person.id)

    def holders(self, role: str) -> list[str]:
        """Who has the role, in order of joining."""
        latest = next((each for each in reversed(self.shown) if isinstance(each, CohortMembers)), None)
        return [each.id for each in latest.members] if latest and latest.role == role else []

    @property
    def events(self) -> list[Event]:
        """The events that are announced, of the calendar that was shown last."""
        latest = next((each for each in reversed(self.shown) if isinstance(each, Calendar)), None)
        return list(latest.events) if latest else []


@dataclass(repr=False)  # asyncio.Runner writes out what a fixture returned, twice; with all curricula in it, in 25 ms
class Town:
    """The rooms, with a clock that moves when told and people who speak in lines."""

    rooms: Rooms
    clock: StoppedClock
    square: Square
    community: str = "town"
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    async def ask(
        self,
        spoken: str,
        *,
        via: str = "line",
        channel: str = "main",
        locale: str = "en",
        call_id: str = "",
        thread: str | None = None,
    ) -> Reply:
        """The reply to `ada: /week 2`. `grace` is a facilitator; everybody else is whoever they say they are."""
        made = self.call(spoken, via=via, channel=channel, locale=locale, call_id=call_id, thread=thread)
        return await self.rooms.desk.answer(made)

    def call(
        self, spoken: str, *, via: str = "line", channel: str = "main", locale: str = "en", call_id: str = "",
        thread: str | None = None, zone: str | None = "UTC",
    ) -> Call:  # fmt: skip
        """What the Desk is asked when somebody says that."""
        name, _, typed = spoken.partition(": ")
        line = self.rooms.desk.read_line(typed)
        assert line is not None, f"{typed!r} names no command"
        platform = self.square.name
        place = Place(
            platform=platform, community=self.community, channel=channel, name=f"#{channel}", thread=thread,
            is_private=channel in self.private,
        )  # fmt: skip
        return Call(
            id=call_id or f"call-{next(self._ids)}", command=line.command, given=line.given, asks=line.asks,
            via=via,  # type: ignore[arg-type]
            person=Person(platform=platform, id=name, name=name.capitalize()), locale=locale,
            place=place, is_admin=name == FACILITATOR, zone=zone,
        )  # fmt: skip

    async def buttons(self, spoken: str, *, locale: str = "en", channel: str = "main") -> list[str]:
        """The lines of the buttons under the reply, those beside its items among them."""
        reply = await self.ask(spoken, locale=locale, channel=channel)
        assert not isinstance(reply, Form)
        beside = [part.button for part in reply.parts if isinstance(part, Item)]
        return [each.line for each in (*beside, *reply.buttons) if isinstance(each, Button)]

    async def say(
        self, spoken: str, *, expect: str = "", locale: str = "en", channel: str = "main", thread: str | None = None
    ) -> str:
        """What the speaker reads in answer; it must hold `expect`."""
        heard = text_of(await self.ask(spoken, locale=locale, channel=channel, thread=thread), locale)
        assert expect in heard, f"expected {expect!r} in:\n{heard}"
        return heard

    @property
    def private(self) -> set[str]:
        """The channels that not everybody sees."""
        return self.square.private

    async def start(self, spoken: str, *, expect: str = "", locale: str = "en", channel: str = "main") -> str:
        """As `say`, of a cohort that is shown and then started; or of what keeps it from being shown."""
        shown = await self.ask(spoken, locale=locale, channel=channel)
        buttons = [] if isinstance(shown, Form) else [each for each in shown.buttons if isinstance(each, Button)]
        begin = next((each.line for each in buttons if each.line.startswith("season begin")), None)
        name = spoken.partition(": ")[0]
        reply = shown if begin is None else await self.ask(f"{name}: {begin}", locale=locale, channel=channel)
        heard = text_of(reply, locale)
        assert expect in heard, f"expected {expect!r} in:\n{heard}"
        return heard

    async def pass_time(self, **how_long: float) -> None:
        """Let time pass (`weeks=1`, `hours=3`), with everything that falls due on the way."""
        await self.rooms.delivery.play(self.clock, self.clock.now() + timedelta(**how_long))
        await self.rooms.projecting.tick()

    @property
    def posts(self) -> list[str]:
        """Every post that is there as text, in order, but for the reports to who looks after the cohort."""
        told = enumerate(self.square.told, start=1)
        there = (post for number, (_, post) in told if str(number) not in self.square.taken_away)
        return [text_of(post.message, post.locale) for post in there if ":report:" not in post.key]

    @property
    def keys(self) -> list[str]:
        """The keys of every post so far, in order, but for the reports to who looks after the cohort."""
        return [post.key for _, post in self.square.told if ":report:" not in post.key]


def text_of(reply: Reply, locale: str = "en") -> str:
    """A reply as plain text: title, parts, then [buttons]; a form as its title and `field = value` lines."""
    if isinstance(reply, Form):
        fields = [
            f"{each.name} = {each.value or ''}" + (f"  ! {plain(each.error, locale)}" if each.error else "")
            for each in reply.fields
        ]
        return "\n".join(
            [f"<{plain(reply.title, locale)}>", *([plain(reply.text, locale)] if reply.text else []), *fields]
        )
    lines = [plain(reply.title, locale)] if reply.title is not None else []
    for part in reply.parts:
        match part:
            case Text():
                lines.append(plain(part.text, locale))
            case Facts():
                lines += [f"{plain(each.label, locale)}: {plain(each.value, locale)}" for each in part.facts]
            case Item():
                button = f" [{plain(part.button.label, locale)}]" if part.button else ""
                lines.append(f"- {plain(part.title, locale)}{button}")
                lines += [f"  {plain(part.text, locale)}"] if part.text is not None else []
                lines += [f"  {part.link}"] if part.link else []
            case Picture():
                lines.append(f"<{plain(part.alt, locale)}>")
            case File():
                lines.append(f"<{part.name}>")
    lines += [" ".join(f"[{plain(each.label, locale)}]" for each in reply.buttons)] if reply.buttons else []
    return "\n".join(lines)


async def open_town(
    where: Path | str, *, curricula: Curricula | None = None, at: datetime = MONDAY, square: Square | None = None,
    timing: Timing | None = None, clock: StoppedClock | None = None,
) -> Town:  # fmt: skip
    """A town whose records are in the folder, or in the database of that URL; opening it twice is a restart."""
    url = where if isinstance(where, str) else f"sqlite+aiosqlite:///{where / 'town.db'}"
    records = Records(url, durable=False)
    await records.migrate(shipped("migrations"))
    clock, square = clock or StoppedClock(at), square or Square()
    platforms: dict[str, Platform] = {square.name: square}
    rooms = wire(records, curricula or load_all(shipped("curriculum")), platforms, clock, timing=timing)
    return Town(rooms, clock, square)
