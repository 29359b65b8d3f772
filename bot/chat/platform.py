"""The port: what Milepost needs from a chat platform, and what a platform is handed in return.

A platform reads what people do into a `Call`, gives it to the Desk, and draws the answer. It also carries posts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from bot.chat.wording import Data, Mention, Phrase, plain, say

if TYPE_CHECKING:
    from bot.chat.desk import Desk
    from bot.chat.message import Picture, Post
    from bot.chat.projection import Calendar, CohortMembers, Projected


DIRECT = "direct"
"""The community of direct messages, on a platform where they belong to none."""


class Person(Data):
    """An account on a platform. `id` is the platform's own and unique on it, `name` is what people call it now."""

    platform: str
    id: str
    name: str = ""

    def mention(self) -> Mention:
        """The person as a value of a phrase."""
        return Mention(what="person", id=self.id, name=self.name or self.id)

    def seen_by(self, reader: "Person") -> "Mention | str":
        """The person as a value of a phrase for that reader: on another platform, their mention says nothing."""
        if self.platform == reader.platform:
            return self.mention()
        return f"{self.name or self.id} ({self.platform.capitalize()})"

    def once(self, what: str) -> str:
        """What a key holds for something that the person may do once: `what`, and a hash in the place of their id.

        A key may be there for longer than the person is known.
        """
        return f"{what}-{sha256(f'{what}:{self.platform}:{self.id}'.encode()).hexdigest()[:16]}"


class Place(Data):
    """Where a post goes: a channel of a community, perhaps one thread in it; or one person, about that channel.

    `is_private`: not everybody in the community sees the channel. None is for what the platform does not tell.
    """

    platform: str
    community: str
    channel: str
    thread: str | None = None
    name: str = ""
    person: Person | None = None
    is_private: bool | None = None

    def mention(self) -> Mention:
        """The place as a value of a phrase."""
        return Mention(what="place", id=self.channel, name=self.name or self.channel)

    def is_at(self, other: "Place") -> bool:
        """Whether both are in the same channel."""
        mine = (self.platform, self.community, self.channel)
        return mine == (other.platform, other.community, other.channel)

    def seen_from(self, other: "Place") -> "Mention | str":
        """The place as a value of a phrase for readers in `other`: to another community, its mention says nothing."""
        if (self.platform, self.community) == (other.platform, other.community):
            return self.mention()
        return self.full_name

    @property
    def full_name(self) -> str:
        """Its name with that of its platform, for readers elsewhere."""
        return f"{self.name or self.channel} ({self.platform.capitalize()})"


class Role(Data):
    """A role that members of a community can hold, by the platform's own id."""

    id: str

    def mention(self) -> Mention:
        """The role as a value of a phrase."""
        return Mention(what="role", id=self.id, name=self.id)


class Everyone(Data):
    """All people who see a post where it goes, whoever they are."""

    id: Literal["everyone"] = "everyone"

    def mention(self) -> Mention:
        """Them all as a value of a phrase."""
        return Mention(what="everyone", id=self.id, name="@everyone")


class Posted(Data):
    """A post as the platform knows it: where it is and under which id, and the thread that it opened.

    `trouble` says why it could not open one that it was to open, for a facilitator to read.
    """

    place: Place
    id: str
    thread: str | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One thing a person did: typed a command, sent a form, pressed a button.

    `id` is the platform's own for this interaction and counts once. `given` holds arguments as text, the way a command
    line writes them; a platform with typed arguments writes them so. `asks` opens the form even if nothing is missing.
    `is_admin` is what the platform itself says of the person in this community, or the operator in its place; `locale`
    is the person's language.
    `instead` says, in the platform's words, where posts could go if they cannot go to this place. `unfit` says of
    people whom `given` names, by their ids, why they can take nothing on: so far as it tells, they are bots, or gone.
    `unseen` says of them what has to be done before they are shown what is for facilitators.
    """

    id: str
    command: str
    person: Person
    place: Place
    given: Mapping[str, str] = field(default_factory=dict)
    via: Literal["line", "form", "button"] = "line"
    asks: bool = False
    locale: str = "en"
    zone: str | None = None
    is_admin: bool = False
    instead: Phrase | None = None
    unfit: Mapping[str, Phrase] = field(default_factory=dict)
    unseen: Mapping[str, Phrase] = field(default_factory=dict)


class Failure(Exception):  # noqa: N818 - the four below are what went wrong, in the design's words
    """A post did not go out as asked; the subclass says what that means for the next attempt."""


class Busy(Failure):
    """Certainly not created; may be tried again `retry_after` seconds from now."""

    def __init__(self, retry_after: float, scope: Literal["route", "lane", "platform"]) -> None:
        super().__init__(f"busy ({scope}) for {retry_after:g} s")
        self.retry_after = retry_after
        self.scope = scope


class Rejected(Failure):
    """The platform refuses this message; another message may still go to the same place."""


class Deleted(Rejected):
    """The message is not there any more, and nobody sees what is written below it."""


class Closed(Rejected):
    """The person takes no private messages from Milepost."""


class Gone(Failure):
    """The place is lost to us: deleted, or closed to the bot."""


class Unknown(Failure):
    """It may or may not have happened; look for the key before trying again."""


class Unsearchable(Unknown):
    """It may or may not be there, and looking for it is not possible at that place, now or a little later."""


class Hindered(Rejected):
    """A projection that somebody there has to make possible; `words` say what is in the way, and the way out."""

    def __init__(self, words: Phrase) -> None:
        super().__init__(plain(words))
        self.words = words


class StartFailure(Exception):  # noqa: N818 - one line for the operator, not a stack to read
    """A platform cannot start; one clear line that names the setting and the way out."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the doctor found: wrong (`error`: something does not work, `warning`: some of it) or worth knowing (`note`).

    It is for the operator, in English as the settings are.
    """

    level: Literal["error", "warning", "note"]
    where: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.level}: {self.where}: {self.problem} {self.fix}"


class Platform(Protocol):
    """One chat platform. `projects` is what it has something of its own for: a role for members, events for dates."""

    name: str
    projects: "frozenset[Projected]"

    @property
    def connected(self) -> bool:
        """Whether it hears people now."""

    async def run(self, desk: "Desk") -> None:
        """Connect, read and answer until cancelled."""

    async def post(self, place: Place, post: "Post") -> Posted:
        """Put the post there, once; opens the thread it asks for. Raises one of the four failures."""

    async def edit(self, posted: Posted, post: "Post") -> None:
        """Have it say what `post` says now, in its place; nobody is notified. Raises one of the four failures."""

    async def withdraw(self, posted: Posted) -> None:
        """Take a post back. A post that is gone already counts as taken back."""

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """The post with this key, put there after `since` (aware UTC), or None.

        Raises Unsearchable where it cannot look, and what `post` raises where it cannot at the moment.
        """

    def check(self, place: Place, post: "Post") -> Sequence[Phrase]:
        """What of the post would be shortened or lost there, whom it notifies among it; nothing if it is all there."""

    async def audience(self, places: Sequence[Place]) -> int:
        """How many people a post in those places could reach at most. Raises one of the four failures."""

    async def is_private(self, place: Place) -> bool | None:
        """Whether not everybody in the community sees the channel now; None where the platform does not tell.

        Raises one of the four failures.
        """

    async def project(self, state: "CohortMembers | Calendar") -> None:
        """Have the platform show this and nothing older; doing it again changes nothing. Asked for what it projects.

        Raises one of the four failures; Hindered where somebody there can help.
        """

    async def forget(self, person: Person) -> None:
        """Remember nothing of the person, and show them what a stranger sees: they are not known any more."""


class Notebook(Protocol):
    """A platform's own small notes, kept with the records and apart from those of other platforms.

    A note about one person has in its key, between colons, the id by which the platform calls them: `draft:42:done`. It
    is handed to them with all else that is kept about them, and forgotten with them.

    To keep or forget one raises a Refusal if nothing can be saved now.
    """

    async def get(self, key: str) -> str | None:
        """The note, or None."""

    async def put(self, key: str, value: str, until: datetime | None = None) -> None:
        """Keep the note, in place of an older one; it is forgotten after `until` (aware UTC), if that is given."""

    async def delete(self, key: str) -> None:
        """Forget the note, if there is one."""


@runtime_checkable
class Clock(Protocol):
    """What time it is. The playground's and the rehearsal's can be moved."""

    def now(self) -> datetime:
        """This instant, aware UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards, for measuring how long something took."""

    async def sleep(self, seconds: float) -> None:
        """Wait that long by this clock."""


class NotDrawn(Exception):  # noqa: N818 - like the failures above, in the design's words
    """A picture could not be drawn, or not in time; the text says why, for the log. Its alt text takes its place."""


class Draw(Protocol):
    """Draws pictures in the language of a locale."""

    def svg(self, picture: "Picture", locale: str) -> str:
        """The picture as SVG."""

    async def png(self, picture: "Picture", locale: str) -> bytes:
        """The picture as PNG, in twice as many pixels. Raises NotDrawn."""


class TimeMachine(Protocol):
    """A clock that can be moved forward, with everything that falls due on the way."""

    def now(self) -> datetime:
        """This instant on the moved clock, aware UTC."""

    async def set_off(self, by: timedelta) -> None:
        """Keep where the clock is to be moved to; from then on `arrive` gets there, after a crash too."""

    async def arrive(self) -> None:
        """Move forward to there; returns when all that fell due has been posted, in order."""


class Refusal(Exception):  # noqa: N818 - no error: the person is told what to do instead
    """Expected: the person is told, privately, what is wrong and what to do. `field` names the argument at fault."""

    def __init__(self, phrase: str, /, field: str | None = None, **values: object) -> None:
        super().__init__(phrase)
        self.phrase = say(phrase, **values)
        self.field = field


class Missing(Refusal):
    """One more value is needed for this: the form opens at that field, filled with what is known."""
