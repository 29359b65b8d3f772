"""Who is in the play: members of a few temperaments, and a facilitator. They press what they read, and fill in forms.

What one of them does hangs on the seed, their own name and what they read, never on what others do or on real time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

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
    those to check in before the prompt, on it, and on the reminder. Who is reminded and does not check in may pass the
    week or snooze (`passes`, `snoozes`). Each week, `rests` is the chance to pass it at once, `travels` that to go away
    for some days, `fades` that to fall silent, and `returns` that to come back from it.
    """

    name: str
    joins: int = 0
    works: float = 0.5
    early: float = 0.0
    prompted: float = 0.5
    reminded: float = 0.3
    passes: float = 0.1
    snoozes: float = 0.1
    rests: float = 0.06
    travels: float = 0.06
    fades: float = 0.0
    returns: float = 0.0
    curious: float = 0.15
    shares: float = 0.05


TEMPERAMENTS = (
    Temperament("steady", works=0.8, prompted=0.8, reminded=0.4, passes=0.4),
    Temperament("keen", works=0.95, early=0.6, prompted=0.95, curious=0.35, shares=0.2),
    Temperament("needs a nudge", works=0.5, prompted=0.15, reminded=0.6, snoozes=0.3),
    Temperament("quiet", works=0.4, prompted=0.02, reminded=0.03),
    Temperament("fading", works=0.7, prompted=0.8, reminded=0.5, fades=0.15, returns=0.2),
    Temperament("latecomer", joins=3, works=0.6, prompted=0.7, reminded=0.5),
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a member chooses for themselves, whatever their temperament: where they live, and how they are reminded.

    `zone` is None for somebody who chooses none, so that the cohort's holds; `reminders` are what they tell
    `/set reminders`, first when they join and then every few weeks.
    """

    zone: str | None
    reminders: tuple[Mapping[str, str], ...]


ZONES = (
    None, "Pacific/Pago_Pago", "Pacific/Kiritimati", "America/Los_Angeles", "Asia/Seoul", "Europe/Berlin",
    "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "America/Santiago", "Africa/Cairo",
)  # fmt: skip
"""From UTC-11 to UTC+14, with parts of an hour and with clocks that change."""
REMINDERS: tuple[tuple[Mapping[str, str], ...], ...] = (
    (),
    ({"by": "by direct message"},),
    ({"by": "by direct message", "time": "07:30", "quiet_from": "20:00", "quiet_until": "07:00"},),
    (
        {"by": "by direct message", "time": "12:00", "quiet_from": "09:00", "quiet_until": "17:00"},
        {"by": "in the thread"},
    ),
    ({"by": "by direct message"}, {"by": "not at all"}),
)
CHANGES_AFTER = timedelta(weeks=4)
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


class Member:
    """A member of one temperament, with choices of their own."""

    is_facilitator = False

    def __init__(self, name: str, temperament: Temperament, choices: Choices, locale: str, seed: int) -> None:
        self.person = Person(platform=Stage.name, id=name.lower().replace(" ", "-"), name=name)
        self.locale = locale
        self.zone = choices.zone
        self._is = temperament
        self._chooses = choices
        self._is_silent = False
        self._is_off_until: datetime | None = None
        self._fate = Random(f"{seed}:{name}")  # noqa: S311 - a play, no secret

    def enters(self, script: Script) -> list[Act]:
        """Join, in the week that is theirs, and choose what is to hold for them."""
        first = script.opens_at + timedelta(weeks=min(self._is.joins, script.weeks))
        joins_at = self._later(first, 0.5, 40)
        acts = [Act(joins_at, "join", via="line")]
        if self._chooses.zone:
            lives = line.write("set language", {"timezone": self._chooses.zone})
            acts.append(Act(joins_at + timedelta(minutes=1), lives, via="line"))
        for number, given in enumerate(self._chooses.reminders):
            chosen_at = joins_at + timedelta(minutes=2) + number * CHANGES_AFTER
            acts.append(Act(chosen_at, line.write("set reminders", given), via="line"))
        return acts

    def reads(self, shown: Shown) -> list[Act]:
        """Press what a post offers, or do not."""
        if self._is_silent:
            return self._comes_back(shown)
        if self._is_off_until is not None and shown.at < self._is_off_until:
            return []
        match shown.kind:
            case "milestone":
                return list(self._begins_week(shown))
            case "checkin" if self._would(self._is.prompted):
                return self._press(shown.post.message.buttons[:1], shown.at, 0.2, 46)
            case "reminder" | "nudge" | "snooze" if self.person.id in shown.named:
                return self._is_reminded(shown)
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

    def _is_reminded(self, shown: Shown) -> list[Act]:
        """Check in, pass the week or snooze, which are the buttons of a reminder in their order; or do nothing."""
        chances = (self._is.reminded, self._is.passes, self._is.snoozes, 1.0)
        chosen = self._fate.choices(range(len(chances)), _of_those_left(chances))[0]
        return self._press(shown.post.message.buttons[chosen : chosen + 1], shown.at, 0.2, 6)

    def _comes_back(self, shown: Shown) -> list[Act]:
        if shown.kind not in ("milestone", "missed") or not self._would(self._is.returns):
            return []
        self._is_silent = False
        return [Act(self._later(shown.at, 1, 80), "next", via="line")]

    def _begins_week(self, shown: Shown) -> Iterator[Act]:
        if self._would(self._is.fades):
            self._is_silent = True
            if self._would(0.5):
                yield Act(self._later(shown.at, 1, 80), "leave", via="line")
            return
        if self._would(self._is.rests):
            yield self._takes_off(shown, 6, {})
            return
        if self._would(self._is.travels):
            days = self._fate.randint(2, 16)
            until = (shown.at.astimezone(ZoneInfo(self.zone or "UTC")) + timedelta(days=days)).date()
            yield self._takes_off(shown, days, {"until": until.isoformat()})
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

    def _takes_off(self, shown: Shown, days: int, given: Mapping[str, str]) -> Act:
        """Pass, and do nothing for so many days."""
        self._is_off_until = shown.at + timedelta(days=days)
        return Act(self._later(shown.at, 1, 3), line.write("pass", given), via="line")

    def _press(self, buttons: tuple[object, ...], at: datetime, soonest: float, latest: float) -> list[Act]:
        return [Act(self._later(at, soonest, latest), each.line) for each in buttons if isinstance(each, Button)]

    def _later(self, at: datetime, soonest: float, latest: float) -> datetime:
        """Some time between so many hours from then."""
        return at + timedelta(seconds=int(3600 * self._fate.uniform(soonest, latest)))

    def _would(self, chance: float) -> bool:
        return self._fate.random() < chance

    def _filled(self, form: Form) -> str:
        values = {each.name: value for each in form.fields if (value := self._value(each))}
        return line.write(form.command, {**dict(form.given), **values})

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


BEGIN = "season begin"


class Facilitator:
    """Sets the cohort up, looks after it once a week, and announces something halfway."""

    is_facilitator = True
    locale = "en"
    zone: str | None = None

    def __init__(self) -> None:
        self.person = Person(platform=Stage.name, id="grace", name="Grace")

    def enters(self, script: Script) -> list[Act]:
        """Create the cohort, with everything said that a form would ask, plan its break, and announce something."""
        given = {
            "name": "Rehearsal", "curriculum": script.curriculum.id, "start": script.start_on.isoformat(),
            "timezone": script.zone.key, "day": f"{script.milestone_on:%A}".lower(), "time": f"{script.at:%H:%M}",
        }  # fmt: skip
        halfway = script.opens_at + timedelta(days=7 * script.weeks // 2 + 3)
        news = {"text": "We are **halfway**. Come to the call on Thursday and show what you made."}
        acts = [
            Act(script.opens_at, line.write("cohort create", given), via="line"),
            Act(halfway, line.write("announce", news), via="line"),
        ]
        if script.break_week is not None:
            off = line.write("cohort break", {"start": script.monday(script.break_week).isoformat()})
            acts.append(Act(script.opens_at + timedelta(minutes=10), off, via="line"))
        return acts

    def reads(self, shown: Shown) -> list[Act]:
        """See who is still there when the week's last question has gone out."""
        if shown.kind != "reminder":
            return []
        return [Act(shown.at + timedelta(hours=2), "cohort status", via="line")]

    def hears(self, reply: Reply, at: datetime) -> list[Act]:
        """Start at once, and send or do after a while, what was previewed."""
        buttons = [] if isinstance(reply, Form) else [each for each in reply.buttons if isinstance(each, Button)]
        if start := next((each for each in buttons if each.line.startswith(BEGIN)), None):
            return [Act(at, start.line)]
        ready = [each for each in buttons if each.line.startswith(("announcement send", "cohort apply"))]
        return [Act(at + timedelta(minutes=5), each.line) for each in ready[:1]]


Player = Member | Facilitator
"""Somebody in the play."""


def _of_those_left(chances: tuple[float, ...]) -> list[float]:
    """What each is likely to be, where each is the chance of those who did nothing of what comes before it."""
    left, weights = 1.0, []
    for each in chances:
        weights.append(left * each)
        left *= 1 - each
    return weights


def cast(script: Script) -> list[Member]:
    """As many members as the script asks for: temperaments, zones and reminders each in turn, every fourth Korean."""
    made = []
    for number, temperament in enumerate(islice(cycle(TEMPERAMENTS), script.members)):
        again = number // len(NAMES)
        name = NAMES[number % len(NAMES)] + (f" {again + 1}" if again else "")
        choices = Choices(ZONES[number % len(ZONES)], REMINDERS[number % len(REMINDERS)])
        made.append(Member(name, temperament, choices, "ko" if number % 4 == 1 else "en", script.seed))
    return made
