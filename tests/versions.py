"""Small curricula in several versions: a milestone a letter, of one week and one task unless said otherwise."""

from collections.abc import Mapping, Sequence

from bot.chat.wording import Words
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum, Milestone, Moved, Phase, Range, Retired, Task

ONE = Range(min=1, max=1)


def named(text: str) -> Words:
    """The text in English."""
    return Words(texts={"en": text})


def milestone(name: str, *tasks: str, weeks: int = 1) -> Milestone:
    """A milestone of so many weeks, with these tasks or with one that is called as it is."""
    made = tuple(Task(id=each, text=named(f"Do {each}")) for each in tasks or (name,))
    return Milestone(id=name, title=named(f"About {name}"), weeks=Range(min=weeks, max=weeks), tasks=made)


def boats(
    version: str, *phases: Sequence[Milestone | str], moved: Mapping[str, str] | None = None,
    retired: Sequence[str] = (), open_ended: Sequence[int] = (),
) -> Curriculum:  # fmt: skip
    """A version whose phases take exactly the weeks of their milestones; a name alone is a milestone of one week."""
    made = [[milestone(each) if isinstance(each, str) else each for each in phase] for phase in phases]
    return Curriculum(
        schema=1, id="boats", version=version, languages=("en",), title=named("Boats"),
        phases=tuple(
            Phase(
                id=f"p{n}", title=named(f"Phase {n}"), open_ended=n in open_ended, milestones=tuple(phase),
                weeks=Range(min=(long := sum(each.weeks.min for each in phase)), max=long),
            )
            for n, phase in enumerate(made)
        ),
        moved=Moved(tasks=dict(moved or {})), retired=Retired(tasks=tuple(retired)),
    )  # fmt: skip


def installed(made: Curriculum) -> Curricula:
    """What is on offer where that one file is installed."""
    return Curricula({made.id: made})
