"""Who is in the play: members of a few temperaments, and a facilitator. They press what they read, and fill in forms.

What one of them does hangs on the seed, their own name and what they read, never on what others do or on real time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from random import Random
from typing import Literal, Protocol

from bot.chat import line
from bot.chat.message import Button, Form, Item, Question, Reply
from bot.chat.platform import Person
from bot.rehearsal.script import Script
from bot.rehearsal.stage import Shown, Stage


@dataclass(frozen=True, slots=True)
class Act:
    """A line that somebody will send at that instant (aware UTC), typed, by a button, or as a form that was filled."""

    at: datetime
    line: str
    via: Literal["line", "form", "button"] = "button"


@dataclass(frozen=True, slots=True)
class Temperament:
    """How somebody takes part; all but the name and `joins` are chances from 0 to 1.

    `joins` is the week in which they come, `works` their chance to do a task; `early`, `prompted` and `reminded` are
    those to check in before the prompt, on it, and on the reminder; `fades` is that to fall silent for good, each week.
    """

    name: str
    joins: int = 0
    works: float = 0.5
    early: float = 0.0
    prompted: float = 0.5
    reminded: float = 0.3
    fades: float = 0.0
    curious: float = 0.15
    shares: float = 0.05


TEMPERAMENTS = (
    Temperament("steady", works=0.8, prompted=0.9, reminded=0.7),
    Temperament("keen", works=0.95, early=0.6, prompted=0.95, curious=0.35, shares=0.2),
    Temperament("needs a nudge", works=0.5, prompted=0.15, reminded=0.8),
    Temperament("quiet", works=0.4, prompted=0.02, reminded=0.03),
    Temperament("fading", works=0.7, prompted=0.8, reminded=0.5, fades=0.15),
    Temperament("latecomer", joins=3, works=0.6, prompted=0.7, reminded=0.5),
)
NAMES = (
    "Ada", "Minjun", "Noor", "Lucía", "Tobias", "Seoyeon", "Kofi", "Ingrid", "Rafael", "Yuki", "Amara", "Jiho",
    "Elif", "Mateo", "Hana", "Olek", "Priya", "Sunho", "Chloé", "Farid", "Nia", "Doyun", "Ida", "Tomás",
    "Wren", "Yejin", "Samir", "Petra", "Kwame", "Mei",
)  # fmt: skip
DEEDS = (
    "Read the chapter and tried its examples.", "Watched two lectures and took notes.", "Got the first model to train.",
    "Half of what I had planned.", "이번 주에는 강의 두 개를 들었습니다.", "Not much: a busy week at work.",
)  # fmt: skip
QUESTIONS = (
    "backpropagation",
    "where is a dataset",
    "역전파",
    "linear algebra",
    "how do I read papers",
    "loss function",
)
SLIP = 0.1  # the chance that a form is closed again, half filled


class Player(Protocol):
    """Somebody in the play."""

    person: Person
    locale: str
    is_facilitator: bool

    def enters(self, script: Script) -> list[Act]:
        """What they do of their own accord."""

    def reads(self, shown: Shown) -> list[Act]:
        """What they do about a post."""

    def hears(self, reply: Reply, at: datetime) -> list[Act]:
        """What they do about a reply to them."""


class Member:
    """A member of one temperament."""

    is_facilitator = False

    def __init__(self, name: str, temperament: Temperament, locale: str, seed: int) -> None:
        self.person = Person(platform=Stage.name, id=name.lower().replace(" ", "-"), name=name)
        self.locale = locale
        self._is = temperament
        self._is_silent = False
        self._fate = Random(f"{seed}:{name}")  # noqa: S311 - a play, no secret

    def enters(self, script: Script) -> list[Act]:
        """Join, in the week that is theirs."""
        first = script.opens_at + timedelta(weeks=min(self._is.joins, script.weeks))
        return [Act(self._later(first, 0.5, 40), "join", via="line")]

    def reads(self, shown: Shown) -> list[Act]:
        """Press what a post offers, or do not."""
        if self._is_silent:
            return []
        match shown.kind:
            case "milestone":
                return list(self._begins_week(shown))
            case "checkin" if self._would(self._is.prompted):
                return self._press(shown.post.message.buttons[:1], shown.at, 0.2, 46)
            case "reminder" if self.person in shown.post.notify and self._would(self._is.reminded):
                return self._press(shown.post.message.buttons[:1], shown.at, 0.2, 6)
            case _:
                return []

    def hears(self, reply: Reply, at: datetime) -> list[Act]:
        """Fill in a form, or look further."""
        if isinstance(reply, Form):
            return [] if self._would(SLIP) else [Act(self._later(at, 0.02, 0.2), self._filled(reply), via="form")]
        offered = tuple(each for each in reply.buttons if isinstance(each, Button))
        if offered and self._would(self._is.curious):
            return self._press((self._fate.choice(offered),), at, 0.02, 0.5)
        return []

    def _begins_week(self, shown: Shown) -> Iterator[Act]:
        if self._would(self._is.fades):
            self._is_silent = True
            if self._would(0.5):
                yield Act(self._later(shown.at, 1, 80), "leave", via="line")
            return
        sitting = self._later(shown.at, 1, 130)  # people tick off what they did one after the other
        for each in shown.post.message.parts:
            if isinstance(each, Item) and isinstance(each.button, Button) and self._would(self._is.works):
                yield Act(sitting, each.button.line)
                sitting += timedelta(seconds=2)
        if self._would(self._is.curious):
            asked = line.write("resource", {"query": self._fate.choice(QUESTIONS)})
            yield Act(self._later(shown.at, 1, 100), asked, via="line")
        if self._would(self._is.early):
            yield from self._press(shown.post.message.buttons[:1], shown.at, 24, 96)

    def _press(self, buttons: tuple[object, ...], at: datetime, soonest: float, latest: float) -> list[Act]:
        return [Act(self._later(at, soonest, latest), each.line) for each in buttons if isinstance(each, Button)]

    def _later(self, at: datetime, soonest: float, latest: float) -> datetime:
        """Some time between so many hours from then."""
        return at + timedelta(seconds=int(3600 * self._fate.uniform(soonest, latest)))

    def _would(self, chance: float) -> bool:
        return self._fate.random() < chance

    def _filled(self, form: Form) -> str:
        values = {each.name: self._value(each) for each in form.fields}
        return line.write(
            form.command, {**dict(form.given), **{name: value for name, value in values.items() if value}}
        )

    def _value(self, question: Question) -> str:
        if question.kind == "yes_no":
            return "yes" if self._would(self._is.shares) else "no"
        if question.value and question.error is None:
            return question.value
        if not question.required and question.error is None and self._would(0.5):
            return ""
        match question.kind:
            case "whole":
                least = int(question.min or 0)
                return str(self._fate.randint(least, min(least + 11, int(question.max or least + 11))))
            case "choice":
                return self._fate.choice(question.choices).value if question.choices else ""
            case "long":
                return self._fate.choice(DEEDS)
            case _ if question.name == "link":
                return f"https://example.org/{self.person.id}/{self._fate.randrange(1000)}"
            case _:
                return ""


class Facilitator:
    """Sets the cohort up, looks after it once a week, and announces something halfway."""

    is_facilitator = True
    locale = "en"

    def __init__(self) -> None:
        self.person = Person(platform=Stage.name, id="grace", name="Grace")

    def enters(self, script: Script) -> list[Act]:
        """Create the cohort, with everything said that a form would ask, and announce something halfway."""
        given = {
            "name": "Rehearsal", "curriculum": script.curriculum.id, "start": script.start_on.isoformat(),
            "timezone": script.zone.key, "day": f"{script.milestone_on:%A}".lower(), "time": f"{script.at:%H:%M}",
        }  # fmt: skip
        halfway = script.opens_at + timedelta(days=7 * script.weeks // 2 + 3)
        news = {"text": "We are **halfway**. Come to the call on Thursday and show what you made."}
        return [
            Act(script.opens_at, line.write("cohort create", given), via="line"),
            Act(halfway, line.write("announce", news), via="line"),
        ]

    def reads(self, shown: Shown) -> list[Act]:
        """See who is still there when the week's last question has gone out."""
        if shown.kind != "reminder":
            return []
        return [Act(shown.at + timedelta(hours=2), "cohort status", via="line")]

    def hears(self, reply: Reply, at: datetime) -> list[Act]:
        """Send what was previewed."""
        ready = [] if isinstance(reply, Form) else [each for each in reply.buttons if _sends(each)]
        return [Act(at + timedelta(minutes=5), each.line) for each in ready if isinstance(each, Button)]


def _sends(button: object) -> bool:
    return isinstance(button, Button) and button.line.startswith("announcement send")


def cast(script: Script) -> list[Member]:
    """As many members as the script asks for: all temperaments in turn, every fourth of them reading Korean."""
    made = []
    for number, temperament in enumerate(islice(cycle(TEMPERAMENTS), script.members)):
        again = number // len(NAMES)
        name = NAMES[number % len(NAMES)] + (f" {again + 1}" if again else "")
        made.append(Member(name, temperament, "ko" if number % 4 == 1 else "en", script.seed))
    return made
