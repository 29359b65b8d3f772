"""Pacing: the examples that the rule was made for, and the laws that hold for every curriculum."""

from collections.abc import Sequence
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.wording import Words
from bot.curriculum.model import Curriculum, Length, Milestone, Pace, Phase, Range, Task
from bot.curriculum.plan import Step, plan, spread

NAME = Words(texts={"en": "A name"})
GETTING_STARTED = [Range(min=1, max=1), Range(min=1, max=2), Range(min=4, max=5)]


def milestone(name: str, weeks: Range, hours: Sequence[float], optional: Sequence[bool] = ()) -> Milestone:
    flags = [*optional, *[False] * len(hours)]
    tasks = [Task(id=f"{name}-t{n}", text=NAME, hours=h, optional=flags[n]) for n, h in enumerate(hours)]
    return Milestone(id=name, title=NAME, weeks=weeks, tasks=tuple(tasks))


def curriculum(*phases: tuple[Range, Sequence[Milestone]], length: Length = "middle") -> Curriculum:
    return Curriculum(
        schema=1,
        id="made-up",
        version="1.0.0",
        languages=("en",),
        title=NAME,
        pace=Pace(length=length),
        phases=tuple(
            Phase(id=f"p{n}", title=NAME, weeks=weeks, milestones=tuple(milestones))
            for n, (weeks, milestones) in enumerate(phases)
        ),
    )


def one_milestone(weeks: int, *hours: float, optional: Sequence[bool] = ()) -> list[list[float]]:
    """The hours of each week's tasks when a single milestone fills a phase of `weeks`."""
    whole = Range(min=weeks, max=weeks)
    made = curriculum((whole, [milestone("only", whole, hours, optional)]))
    return [[task.hours for task in step.tasks] for step in plan(made)]


@pytest.mark.parametrize(
    ("weeks", "expected"), [(3, [1, 1, 1]), (6, [1, 1, 4]), (9, [1, 2, 6]), (13, [2, 3, 8]), (1, [1, 0, 0])]
)
def test_getting_started_spreads_in_proportion(weeks: int, expected: list[int]) -> None:
    assert spread(weeks, GETTING_STARTED) == expected


def test_the_shortest_neighbours_share_a_week_when_there_are_too_few() -> None:
    assert spread(2, GETTING_STARTED) == [1, 0, 1]


def test_of_equal_milestones_the_earlier_one_gets_the_odd_week() -> None:
    assert spread(5, [Range(min=1, max=1)] * 3) == [2, 2, 1]


def test_equal_milestones_share_in_pairs() -> None:
    assert spread(3, [Range(min=1, max=1)] * 6) == [1, 0, 1, 0, 1, 0]


def test_a_shared_week_names_both_milestones_and_all_their_tasks() -> None:
    one = Range(min=1, max=1)
    first, *_ = plan(curriculum((one, [milestone("a", one, [2]), milestone("b", one, [3, 4])])))
    assert [found.id for found in first.milestones] == ["a", "b"]
    assert [task.hours for task in first.tasks] == [2, 3, 4]
    assert (first.part, first.parts) == (1, 1)


def test_a_long_milestone_says_which_of_its_weeks_this_is() -> None:
    three = Range(min=3, max=3)
    steps = plan(curriculum((three, [milestone("long", three, [1, 1, 1])])))
    assert [(step.part, step.parts) for step in steps] == [(1, 3), (2, 3), (3, 3)]


def test_tasks_are_spread_by_hours_and_not_by_number() -> None:
    assert one_milestone(2, 2, 2, 2, 6) == [[2, 2, 2], [6]]


def test_every_week_gets_a_task_even_when_one_task_is_most_of_the_work() -> None:
    assert one_milestone(3, 90, 1, 1) == [[90], [1], [1]]


def test_tasks_too_few_for_the_weeks_begin_when_their_hours_come_up() -> None:
    assert one_milestone(6, 2, 2, 2) == [[2], [], [2], [], [2], []]


def test_an_optional_task_does_not_push_the_others_back() -> None:
    assert one_milestone(2, 100, 5, 5, optional=[True]) == [[100, 5], [5]]


def test_a_milestone_of_optional_tasks_alone_is_spread_too() -> None:
    assert one_milestone(2, 5, 5, optional=[True, True]) == [[5], [5]]


@pytest.mark.parametrize(("length", "weeks"), [("min", 8), ("middle", 9), ("max", 9)])
def test_a_phase_takes_its_least_its_middle_rounded_half_up_or_its_most(length: Length, weeks: int) -> None:
    assert len(plan(curriculum((Range(min=8, max=9), [milestone("m", GETTING_STARTED[0], [1] * 9)])), length)) == weeks


def test_without_a_length_the_curriculum_says_it() -> None:
    made = curriculum((Range(min=2, max=5), [milestone("m", GETTING_STARTED[0], [1] * 9)]), length="max")
    assert len(plan(made)) == 5


ranges = st.tuples(st.integers(1, 30), st.integers(0, 30)).map(lambda pair: Range(min=pair[0], max=sum(pair)))
hours = st.floats(0.25, 100)
lengths: st.SearchStrategy[Length] = st.sampled_from(["min", "middle", "max"])


@st.composite
def curricula(draw: st.DrawFn) -> Curriculum:
    phases = []
    for p in range(draw(st.integers(1, 4))):
        milestones = [
            milestone(f"p{p}-m{m}", draw(ranges), draw(st.lists(hours, min_size=1, max_size=6)), draw(_flags))
            for m in range(draw(st.integers(1, 6)))
        ]
        phases.append((draw(ranges), milestones))
    return curriculum(*phases)


_flags = st.lists(st.booleans(), max_size=6)


@given(st.integers(1, 120), st.lists(ranges, min_size=1, max_size=20))
def test_spread_gives_out_exactly_the_weeks_there_are(weeks: int, of: list[Range]) -> None:
    given_out = spread(weeks, of)
    assert (len(given_out), sum(given_out)) == (len(of), weeks)


@given(st.integers(1, 120), st.lists(ranges, min_size=1, max_size=20))
def test_everybody_gets_a_week_as_long_as_there_are_enough(weeks: int, of: list[Range]) -> None:
    given_out = spread(weeks, of)
    assert given_out[0] >= 1
    assert min(given_out) >= 1 if weeks >= len(of) else set(given_out) <= {0, 1}


@given(st.integers(1, 120), st.lists(ranges, min_size=1, max_size=20))
def test_more_weeks_never_take_one_away_from_a_longer_milestone_for_a_shorter_one(weeks: int, of: list[Range]) -> None:
    given_out = spread(max(weeks, len(of)), of)
    for a, b in zip(range(len(of)), range(1, len(of)), strict=False):
        if of[a].middle > of[b].middle:
            assert given_out[a] >= given_out[b]


@given(curricula(), lengths)
def test_a_plan_has_every_task_exactly_once_and_in_order(made: Curriculum, length: Length) -> None:
    assert tuple(task for step in plan(made, length) for task in step.tasks) == made.tasks


@given(curricula(), lengths)
def test_steps_are_numbered_from_one_without_a_gap(made: Curriculum, length: Length) -> None:
    steps = plan(made, length)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))


@given(curricula(), lengths)
def test_every_phase_takes_its_weeks_and_every_milestone_its_turn(made: Curriculum, length: Length) -> None:
    steps = plan(made, length)
    for phase in made.phases:
        own = [step for step in steps if step.phase.id == phase.id]
        exact = {"min": phase.weeks.min, "middle": int(phase.weeks.middle + 0.5), "max": phase.weeks.max}[length]
        assert len(own) == exact
        turns = [milestones for milestones, _ in groupby(own, key=lambda step: step.milestones)]
        assert [found for together in turns for found in together] == list(phase.milestones)


def _weeks_of(steps: Sequence[Step]) -> list[list[Step]]:
    return [list(weeks) for _, weeks in groupby(steps, key=lambda step: step.milestones)]


@given(curricula(), lengths)
def test_no_week_is_empty_while_its_milestone_has_tasks_enough(made: Curriculum, length: Length) -> None:
    for weeks in _weeks_of(plan(made, length)):
        tasks = sum(len(step.tasks) for step in weeks)
        assert weeks[0].tasks
        assert sum(bool(step.tasks) for step in weeks) == min(tasks, len(weeks))


def test_a_plan_is_made_once() -> None:
    made = curriculum((Range(min=4, max=8), [milestone("only", Range(min=4, max=8), [2, 3, 4])]))
    assert plan(made, "max") is plan(made, "max")
