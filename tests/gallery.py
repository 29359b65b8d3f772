"""Pictures to look at and to measure: made as the commands make them, of seasons at their extremes.

    python -m tests.gallery FOLDER

draws every one in English and Korean into the folder.
"""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.chat.message import Picture
from bot.chat.platform import Person
from bot.chat.wording import Words, say
from bot.commands.progress import progress_picture, week_of
from bot.commands.reached import Reached, celebrated
from bot.commands.roadmap import roadmap_picture
from bot.commands.study import Study
from bot.commands.weeks import Square, State
from bot.curriculum.load import load_all
from bot.curriculum.model import Curriculum
from bot.curriculum.plan import plan
from bot.curriculum.tally import Tally, needed
from bot.delivery.advance import Advance, advance_parts
from bot.delivery.calendar import Calendar
from bot.delivery.weeks import Streak
from bot.pictures.studio import Studio
from bot.records.cohorts import Cohort
from bot.records.members import Enrolment
from bot.records.preferences import NONE_CHOSEN
from bot.shipped import shipped

START = datetime(2027, 1, 4, 9, tzinfo=UTC)
LONG = Words(
    texts={
        "en": "An unusually long title about gradient descent, back-propagation and everything after it",
        "ko": "경사 하강법과 오차 역전파, 그리고 그다음에 이어지는 모든 것을 다루는 유난히 긴 제목",
    }
)
[DEEP] = [each for each in load_all(shipped("curriculum")) if each.id == "deep-learning"]


def study(curriculum: Curriculum, done: float, name: str = "Deep") -> Study:
    """A member who has done that part of every milestone's tasks, from the first on."""
    cohort = Cohort(
        1, 1, name, curriculum.id, curriculum.version, START.date(), ZoneInfo("UTC"), 0, time(9), "min", "en"
    )
    tasks = curriculum.tasks[: round(done * len(curriculum.tasks))]
    tally = Tally(curriculum, {each.id: needed(each) for each in tasks})
    enrolment = Enrolment(1, 1, cohort, START, behind=0, seen_at=START, returned_at=None)
    return Study(enrolment, curriculum, plan(curriculum, "min"), Calendar.of(cohort), tally, NONE_CHOSEN)


def weeks(number: int, over: int) -> tuple[Square, ...]:
    """Weeks of every kind."""
    states: list[State] = ["active", "active", "active", "quiet", "active", "passed", "active", "off", "off", "active"]
    kinds = [states[n % len(states)] for n in range(over)]
    gone = [Square(state, (n * 7) % 6 + 1 if state == "active" else 0) for n, state in enumerate(kinds)]
    ahead = [Square("ahead") for _ in range(number - over)]
    if gone:
        gone[-1] = replace(gone[-1], is_now=True)
    return (*gone, *ahead)


def with_long_titles(curriculum: Curriculum) -> Curriculum:
    phases = tuple(each.model_copy(update={"title": LONG, "duration": LONG}) for each in curriculum.phases)
    return curriculum.model_copy(update={"title": LONG, "phases": phases})


def one_phase(curriculum: Curriculum) -> Curriculum:
    """All milestones in one phase."""
    [first, *_] = curriculum.phases
    return curriculum.model_copy(update={"phases": (first.model_copy(update={"milestones": curriculum.milestones}),)})


def cohort(curriculum: Curriculum, members: int, number: int) -> Picture:
    """A cohort whose members are spread over the curriculum, after so many weeks."""
    tallies = [study(curriculum, n / members * 0.6).tally for n in range(members)]
    found = Advance(
        tallies, tuple(n * 7 % (members + 1) for n in range(number)), tuple(n * 11 % 37 for n in range(number))
    )
    where = say("Week {n} of {weeks}", n=number, weeks=51)
    [picture, _] = advance_parts(found, study(curriculum, 0).cohort, curriculum, where)
    assert isinstance(picture, Picture)
    return picture


def card(reached: Reached, name: str) -> Picture:
    [picture, _] = celebrated(reached, Person(platform="square", id="ada", name=name))
    assert isinstance(picture, Picture)
    return picture


def _gallery() -> Mapping[str, Picture]:
    some, nothing, everything = study(DEEP, 0.3), study(DEEP, 0), study(DEEP, 1)
    long = study(with_long_titles(DEEP), 0.4, "우리는 딥러닝을 처음부터 끝까지 함께 공부하는 모임입니다")
    end = len(some.steps)
    return {
        "progress": progress_picture(some, 14, weeks(end, 14), Streak(3, is_open=False)),
        "progress-begin": progress_picture(nothing, 0, weeks(40, 0), Streak(0, is_open=False)),
        "progress-end": progress_picture(everything, end, weeks(40, 40), Streak(12, is_open=False)),
        "progress-long": progress_picture(long, 25, weeks(90, 25), Streak(7, is_open=False)),
        "progress-51": progress_picture(study(one_phase(DEEP), 0.5), 5, weeks(12, 5), Streak(2, is_open=False)),
        "roadmap": roadmap_picture(DEEP, some.steps, some, week_of(some, 14), step=14),
        "roadmap-stranger": roadmap_picture(DEEP, some.steps, None, say("Roadmap")),
        "roadmap-end": roadmap_picture(DEEP, some.steps, everything, week_of(some, end), step=end),
        "roadmap-long": roadmap_picture(long.curriculum, long.steps, long, week_of(long, 25), step=25),
        "cohort": cohort(DEEP, 12, 14),
        "cohort-begin": cohort(DEEP, 1, 0),
        "cohort-40": cohort(with_long_titles(DEEP), 40, 40),
        "card-milestone": card(Reached.milestone(DEEP.milestones[0]), "Ada"),
        "card-milestone-long": card(
            Reached("milestone", "x", LONG, ()), "남궁민수 (Minsu Namgoong), 별명이 아주 긴 사람"
        ),
        "card-phase": card(Reached.phase(DEEP.phases[0]), "Ada"),
        "card-phase-long": card(Reached("phase", "x", LONG, ()), "남궁민수"),
        "card-curriculum": card(Reached.curriculum(DEEP), "Ada"),
        "card-curriculum-long": card(Reached("curriculum", "x", LONG, ()), "남궁민수"),
    }


GALLERY = _gallery()
KINDS = ("progress", "roadmap", "cohort", "card-milestone", "card-phase", "card-curriculum")
"""One of each template."""


async def hang(folder: Path) -> None:
    studio = Studio()
    for name, picture in GALLERY.items():
        for locale in ("en", "ko"):
            (folder / f"{name}-{locale}.png").write_bytes(await studio.png(picture, locale))
    await studio.close()


if __name__ == "__main__":
    asyncio.run(hang(Path(sys.argv[1])))
