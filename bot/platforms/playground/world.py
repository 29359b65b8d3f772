"""The playground's world: one made-up community, its channels, and the personas one can act as."""

from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from bot.chat.platform import Call, Person, Place

NAME = "playground"
COMMUNITY = "demo"


@dataclass(frozen=True, slots=True)
class Persona:
    """A fictional person to act as. `zone` is an IANA name, `locale` the language they read."""

    id: str
    name: str
    role: Literal["member", "facilitator"]
    locale: str
    zone: str

    @property
    def person(self) -> Person:
        """The persona as an account of this platform."""
        return Person(platform=NAME, id=self.id, name=self.name)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of the demo community, and the sentence shown under its name."""

    id: str
    topic: str

    @property
    def place(self) -> Place:
        """Where posts to this channel go."""
        return Place(platform=NAME, community=COMMUNITY, channel=self.id, name=f"#{self.id}")


CHANNELS = {
    each.id: each
    for each in (
        Channel("deep-learning", "The demo cohort lives here: milestones, check-ins, announcements."),
        Channel("second-class", "A quiet channel, free for a cohort of your own."),
        Channel("lounge", "No cohort here. See what Milepost says when it has to ask which one."),
    )
}

PERSONAS = {
    each.id: each
    for each in (
        Persona("ada", "Ada", "member", "en", "Europe/London"),
        Persona("minjun", "Minjun", "member", "ko", "Asia/Seoul"),
        Persona("grace", "Grace", "facilitator", "en", "America/New_York"),
    )
}


def find(typed: str) -> Person | None:
    """The persona of that name, in whatever case, with or without an @, or whom a button names; None for nobody."""
    wanted = typed.removeprefix("@").removeprefix(f"{NAME}:").casefold()
    return next((each.person for each in PERSONAS.values() if wanted in (each.id, each.name.casefold())), None)


def call(persona: Persona, channel: Channel, command: str, **more: object) -> Call:
    """A call by this persona in this channel, with an id of its own; `more` is whatever else the call holds."""
    return Call(
        id=uuid4().hex,
        command=command,
        person=persona.person,
        place=channel.place,
        locale=persona.locale,
        zone=persona.zone,
        is_admin=persona.role == "facilitator",
        **more,  # type: ignore[arg-type]
    )
