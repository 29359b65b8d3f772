"""How well `/resource` does on the first curriculum: shares of the questions in `search_queries.py`; all titles."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.curriculum.load import load_all
from bot.curriculum.model import Resource
from bot.curriculum.search import Search
from bot.curriculum.words import is_hangul, words
from tests.search_queries import QUESTIONS, Question

CURRICULUM = next(iter(load_all(Path(__file__).parents[1] / "curriculum" / "deep-learning")))
LIBRARY = Search(CURRICULUM)


def _ids(asked: Question) -> list[str]:
    return [match.resource.id for match in LIBRARY.find(asked.text, kind=asked.kind, phase=asked.phase)]


def _misses(questions: Sequence[Question]) -> list[str]:
    found = {asked: _ids(asked) for asked in questions}
    return [
        f"{asked.text!r}: found {' '.join(found[asked]) or 'nothing'}, not {asked.answers or 'nothing'}"
        for asked in questions
        if not asked.is_met(found[asked])
    ]


def _assert_share(met: float, questions: Sequence[Question]) -> None:
    misses = _misses(questions)
    share = 1 - len(misses) / len(questions)
    assert share >= met, f"{share:.1%} of {len(questions)}; missed:\n" + "\n".join(misses)


def test_19_of_20_questions_are_answered_within_three() -> None:
    _assert_share(0.95, [asked for asked in QUESTIONS if not asked.is_off_topic])


def test_19_of_20_korean_questions_are_answered_within_three() -> None:
    _assert_share(0.95, [asked for asked in QUESTIONS if not asked.is_off_topic and _is_korean(asked.text)])


def test_9_of_10_questions_off_the_topic_find_nothing() -> None:
    _assert_share(0.90, [asked for asked in QUESTIONS if asked.is_off_topic])


def test_the_set_is_large_enough_and_half_korean() -> None:
    on_topic = [asked for asked in QUESTIONS if not asked.is_off_topic]
    assert len(on_topic) >= 90
    assert len(QUESTIONS) - len(on_topic) >= 20
    assert 0.4 <= sum(_is_korean(asked.text) for asked in on_topic) / len(on_topic) <= 0.6


def test_every_acceptable_answer_is_a_resource_that_passes_the_filters() -> None:
    for asked in QUESTIONS:
        for answer in asked.answers.split():
            resource = CURRICULUM.resource(answer)
            assert resource, f"{asked.text!r}: no resource is called {answer}"
            assert asked.kind in (None, resource.kind), asked
            assert asked.phase in (None, resource.phase), asked


def _is_korean(text: str) -> bool:
    return any(is_hangul(word.stem) for word in words(text))


_TITLES = [(resource, title) for resource in CURRICULUM.resources for title in resource.title.texts.values()]


@pytest.mark.parametrize(("resource", "title"), _TITLES, ids=[title for _, title in _TITLES])
def test_a_whole_title_finds_its_resource_first(resource: Resource, title: str) -> None:
    assert LIBRARY.find(title)[0].resource == resource
    assert LIBRARY.suggest(title)[0] == resource
