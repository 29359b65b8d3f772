"""A season that goes on by a newer version: what is posted stays, nothing comes twice, and no task is lost."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.curriculum.model import Curriculum
from bot.curriculum.plan import Step
from bot.curriculum.upgrade import difference, season, weeks
from tests.versions import boats, milestone


def told(steps: Sequence[Step]) -> list[str]:
    """Each week as the tasks that it brings."""
    return ["+".join(task.id for task in step.tasks) for step in steps]


def posted(before: Curriculum, end_step: int, now: Curriculum) -> list[str]:
    """Each week as it is posted, or will be."""
    return told([each.step for each in weeks(((before, end_step),), now, None)])


ABCD = boats("1.0.0", "abcd")


def test_a_week_that_is_added_ahead_is_posted_in_its_turn() -> None:
    assert posted(ABCD, 3, boats("1.1.0", "abcxd")) == ["a", "b", "c", "x", "d"]


def test_a_week_that_is_added_before_the_posted_ones_moves_no_number_and_repeats_nothing() -> None:
    newer = boats("1.1.0", "axbcd")
    assert posted(ABCD, 3, newer) == ["a", "b", "c", "d"]
    assert told(season(((ABCD, 3),), newer, None)) == ["a", "b+x", "c", "d"], "it is read with the newest posted week"


def test_a_week_that_is_added_right_after_the_posted_ones_comes_next() -> None:
    assert posted(ABCD, 3, boats("1.1.0", "abxcd")) == ["a", "b", "x", "c", "d"]


def test_a_posted_week_stays_when_its_milestone_is_taken_out() -> None:
    newer = boats("1.1.0", "acd", retired=["b"])
    assert posted(ABCD, 3, newer) == ["a", "b", "c", "d"]
    steps = season(((ABCD, 3),), newer, None)
    assert told(steps) == ["a", "", "c", "d"]
    assert steps[1].milestones == ABCD.milestones[1:2]


def test_a_season_gets_shorter_by_what_is_ahead_alone() -> None:
    assert posted(ABCD, 3, boats("2.0.0", "ab", retired=["c", "d"])) == ["a", "b"]
    assert posted(ABCD, 4, boats("2.0.0", "ad", retired=["b", "c"])) == ["a", "b", "c", "d"]


def test_what_was_posted_is_not_posted_again_where_it_has_moved_to() -> None:
    assert posted(ABCD, 3, boats("1.1.0", "acdb")) == ["a", "b", "c", "d"]
    assert posted(ABCD, 3, boats("1.1.0", "dabc")) == ["a", "b", "d", "c"], "and what was not is, wherever it is now"


def test_a_task_that_moved_to_a_milestone_ahead_is_not_posted_again() -> None:
    assert posted(ABCD, 3, boats("1.1.0", ["a", milestone("b", "new"), milestone("c", "b", "c"), "d"])) == [
        "a", "b", "c", "d",
    ]  # fmt: skip


def test_a_milestone_of_several_weeks_goes_on_where_it_was() -> None:
    before = boats("1.0.0", [milestone("a", "a1", "a2", "a3", weeks=3), "b"])
    assert posted(before, 2, boats("1.1.0", [milestone("a", "a1", "new", "a2", weeks=2), "b"])) == ["a1", "new+a2", "b"]


def test_a_renamed_task_reads_as_what_it_is_now() -> None:
    newer = boats("1.1.0", [milestone("a", "a-new"), *"bcd"], moved={"a": "a-new"})
    assert told(season(((ABCD, 2),), newer, None)) == ["a-new", "b", "c", "d"]
    assert posted(ABCD, 2, newer) == ["a", "b", "c", "d"]


def test_a_posted_week_tells_of_as_many_weeks_as_it_was_posted_with() -> None:
    found = weeks(((ABCD, 2),), boats("1.1.0", "abcdef"), None)
    assert [each.of for each in found] == [4, 6, 6, 6, 6, 6]
    assert [each.by.version for each in found][:2] == ["1.0.0", "1.1.0"]


def test_two_upgrades_follow_one_another() -> None:
    second = boats("1.1.0", "axbcd")
    third = boats("1.2.0", "axbycd")
    found = weeks(((ABCD, 2), (second, 4)), third, None)
    assert told([each.step for each in found]) == ["a", "x", "b", "y", "c", "d"]
    assert [each.step.number for each in found] == [1, 2, 3, 4, 5, 6]


def test_the_difference_tells_what_is_meant_from_what_is_lost() -> None:
    newer = boats("2.0.0", [milestone("a", "a-new"), "x"], moved={"a": "a-new", "c": "gone"}, retired=["gone"])
    found = difference(ABCD, newer)
    assert [[each.id for each in tasks] for tasks in (found.added, found.renamed, found.retired, found.lost)] == [
        ["x"], ["a"], ["c"], ["b", "d"],
    ]  # fmt: skip


NAMES = "abcdefgh"
made = st.lists(st.sampled_from(NAMES), min_size=1, max_size=8, unique=True)


@given(made, st.lists(st.tuples(made, st.integers(1, 3)), min_size=1, max_size=3))
def test_whatever_changes_posted_weeks_stay_and_every_task_is_in_the_season_once(
    first: list[str], upgrades: list[tuple[list[str], int]]
) -> None:
    now, formers, end_step = boats("1.0.0", first), list[tuple[Curriculum, int]](), 1
    found = weeks((), now, None)
    for number, (names, more) in enumerate(upgrades, start=1):
        end_step = min(end_step + more, len(found) + 1)
        formers.append((now, end_step))
        now = boats(f"1.{number}.0", names)
        after = weeks(tuple(formers), now, None)
        assert after[: end_step - 1] == found[: end_step - 1]
        tasks = told([each.step for each in after])
        assert len(tasks) == len(set(tasks)), "nothing is posted twice"
        reads = [task.id for step in season(tuple(formers), now, None) for task in step.tasks]
        assert sorted(reads) == sorted(names)
        found = after
