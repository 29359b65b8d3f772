"""What `/resource` finds: the rules, on a small shelf. How well they do on real questions: `test_search_queries.py`."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.curriculum.model import Curriculum
from bot.curriculum.search import KINDS, Match, Reason, Search
from bot.curriculum.words import letters, words


def _both(en: str, ko: str) -> dict[str, Any]:
    return {"texts": {"en": en, "ko": ko}}


def _shelf(*resources: dict[str, Any]) -> Curriculum:
    task = {"id": "read", "text": _both("Read", "읽기")}
    milestone = {"id": "first", "title": _both("First", "첫 주"), "weeks": 1, "tasks": [task]}
    phases = [{"id": at, "title": _both(at, at), "weeks": 1, "milestones": [milestone]} for at in ("start", "theory")]
    head = {"schema": 1, "id": "shelf", "version": "1.0.0", "languages": ["en", "ko"], "title": _both("Shelf", "책장")}
    return Curriculum.model_validate(
        {**head, "phases": phases, "resources": [{"kind": "tool", **one} for one in resources]}
    )


SHELF = _shelf(
    {
        "id": "big-book",
        "title": _both("The Big Book of Networks", "신경망 대백과"),
        "kind": "book",
        "phase": "theory",
        "tags": ["algebra"],
        "aliases": {"en": ["big book"], "ko": ["이론"]},
        "about": _both("Theory, with a chapter on gradients.", "기울기를 다루는 이론서."),
    },
    {
        "id": "recoding",
        "title": _both("Networks From Scratch", "밑바닥부터 만드는 신경망"),
        "kind": "code",
        "phase": "theory",
        "tags": ["gradients", "numpy"],
        "aliases": {"en": ["backprop", "backpropagation"], "ko": ["역전파", "경사하강법"]},
        "about": _both("Recode the classic algorithms.", "고전 알고리즘을 다시 구현한다."),
    },
    {
        "id": "algebra-films",
        "title": _both("Algebra in Pictures", "그림으로 보는 선형대수"),
        "kind": "video",
        "phase": "theory",
        "tags": ["vectors"],
        "aliases": {"en": ["3b1b"], "ko": ["벡터"]},
    },
    {
        "id": "pandas",
        "title": _both("Pandas", "판다스"),
        "kind": "tool",
        "phase": "start",
        "tags": ["tables"],
        "aliases": {"en": ["dataframe"], "ko": ["표 데이터", "통계"]},
    },
    {"id": "chat", "title": _both("Chat Room", "대화방"), "kind": "forum", "tags": ["questions"]},
)


SEARCH = Search(SHELF)


def _ids(matches: Sequence[Match]) -> list[str]:
    return [match.resource.id for match in matches]


# ---- What is found --------------------------------------------------------------------------------------------------


def test_an_alias_finds_its_resource() -> None:
    assert _ids(SEARCH.find("backprop")) == ["recoding"]


def test_a_title_counts_more_than_a_tag_and_a_tag_more_than_a_description() -> None:
    search = Search(
        _shelf(
            {"id": "described", "title": _both("A", "가"), "about": _both("On vectors.", "벡터")},
            {"id": "tagged", "title": _both("A longer one", "나"), "tags": ["vectors"]},
            {"id": "titled", "title": _both("The longest: vectors", "다")},
        )
    )
    assert _ids(search.find("vectors")) == ["titled", "tagged", "described"]


def test_forms_of_an_english_word_meet() -> None:
    assert _ids(SEARCH.find("recoding an algorithm")) == ["recoding"]


def test_a_korean_word_is_found_with_its_particle() -> None:
    assert SEARCH.find("역전파를 어떻게 배우나요?")[0].score == SEARCH.find("역전파")[0].score


def test_a_korean_beginning_is_enough_either_way() -> None:
    assert _ids(SEARCH.find("경사")) == ["recoding"]
    assert _ids(SEARCH.find("판다스라이브러리")) == ["pandas"]


def test_of_equals_the_shorter_title_comes_first() -> None:
    assert _ids(SEARCH.find("networks"))[:2] == ["recoding", "big-book"]
    assert _ids(SEARCH.find("신경망"))[:2] == ["recoding", "big-book"]


def test_of_equals_a_marked_one_comes_after_an_unmarked_one_with_a_longer_title() -> None:
    twins = _shelf(
        {"id": "short", "title": _both("Tensors", "텐서"), "tags": ["maths"]},
        {"id": "long", "title": _both("Tensors", "텐서와 그 밖의 것"), "tags": ["maths"]},
    )
    assert [each.resource.id for each in Search(twins).find("tensors")] == ["short", "long"]
    assert [each.resource.id for each in Search(twins).find("tensors", marked={"short"})] == ["long", "short"]
    assert [each.resource.id for each in Search(twins).find("", kind="tool", marked={"short"})] == ["long", "short"]


def test_a_marked_one_that_fits_better_stays_first() -> None:
    best = Search(SHELF).find("backprop networks")[0].resource.id
    assert Search(SHELF).find("backprop networks", marked={best})[0].resource.id == best


def test_no_more_than_the_limit_is_found() -> None:
    assert len(SEARCH.find("networks", limit=1)) == 1


def test_a_curriculum_without_resources_finds_nothing() -> None:
    empty = Search(_shelf())
    assert empty.find("anything") == []
    assert empty.suggest("a") == []


# ---- Repair ---------------------------------------------------------------------------------------------------------


def test_a_misspelt_word_is_repaired_and_the_reason_says_so() -> None:
    match, *_ = SEARCH.find("backrop")
    assert match.resource.id == "recoding"
    assert match.because == (Reason("backrop", "backprop", "alias", repaired=True),)


def test_hangul_is_repaired_letter_by_letter() -> None:
    match, *_ = SEARCH.find("통게")
    assert match.because == (Reason("통게", "통계", "alias", repaired=True),)


def test_a_slip_in_the_first_letter_is_repaired_in_any_script() -> None:
    assert _ids(SEARCH.find("영사하강법")) == ["recoding"]
    assert _ids(
        Search(_shelf({"id": "cloud", "title": _both("Éclaircissements", "해설")})).find("aclaircissement")
    ) == ["cloud"]


def test_a_slip_beats_a_known_beginning() -> None:
    two = Search(
        _shelf(
            {"id": "line", "title": _both("Lines", "선형")},
            {"id": "algebra", "title": _both("Algebra", "선형대수")},
        )
    )
    assert _ids(two.find("선형데수")) == ["algebra"]
    assert _ids(two.find("선형이란무엇")) == ["line"]


def test_a_letter_that_fell_out_of_its_syllable_is_repaired() -> None:
    assert _ids(SEARCH.find("역저ㄴ파")) == ["recoding"]


def test_two_slips_in_a_short_word_make_another_word() -> None:
    search = Search(_shelf({"id": "films", "title": _both("Visual", "영상")}))
    assert _ids(search.find("visuel")) == ["films"]
    assert search.find("visa") == []
    assert _ids(search.find("영성")) == ["films"]
    assert search.find("연장") == []


def test_a_well_spelt_word_beats_a_repaired_one() -> None:
    assert SEARCH.find("pandas")[0].score > SEARCH.find("pandsa")[0].score > 0


def test_a_short_word_is_never_repaired() -> None:
    assert SEARCH.find("book")
    assert SEARCH.find("bok") == []


# ---- Nothing found --------------------------------------------------------------------------------------------------


def test_a_question_about_something_else_finds_nothing() -> None:
    assert SEARCH.find("best ramen in town") == []
    assert SEARCH.find("오늘 날씨") == []


def test_one_small_word_in_common_is_not_enough() -> None:
    assert SEARCH.find("a chapter on grilling vegetables for winter evenings") == []


def test_a_kind_alone_does_not_answer_a_question_about_something_else() -> None:
    series = {
        "id": "series",
        "title": _both("Video Series", "영상 모음"),
        "kind": "video",
        "aliases": {"en": ["videos"]},
    }
    search = Search(_shelf(series, *({"id": f"other-{n}", "title": _both("Other", "다른 것")} for n in range(9))))
    assert _ids(search.find("video")) == ["series"]
    assert search.find("cooking video") == []


def test_a_kind_still_counts_when_the_subject_is_known() -> None:
    assert "chat" in _ids(SEARCH.find("networks community"))


def test_words_without_content_find_nothing() -> None:
    assert SEARCH.find("how do I") == []
    assert SEARCH.find("어떻게") == []


# ---- Kinds and phases -----------------------------------------------------------------------------------------------


def test_a_kind_named_in_the_query_is_preferred() -> None:
    assert _ids(SEARCH.find("networks book")) == ["big-book", "recoding"]
    assert _ids(SEARCH.find("신경망 책")) == ["big-book", "recoding"]


def test_a_kind_that_most_resources_have_still_prefers_them() -> None:
    novel = {"id": "novel", "title": _both("Novel", "소설"), "kind": "book", "about": _both("With vectors.", "벡터")}
    others = ({"id": f"book-{n}", "title": _both("Other", "다른 책"), "kind": "book"} for n in range(3))
    search = Search(_shelf({"id": "app", "title": _both("Vectors", "벡터")}, novel, *others))
    assert _ids(search.find("vectors"))[0] == "app"
    assert _ids(search.find("vectors book"))[0] == "novel"


def test_a_kind_alone_finds_all_of_that_kind() -> None:
    assert _ids(SEARCH.find("영상")) == ["algebra-films"]


def test_the_kind_option_keeps_nothing_else() -> None:
    assert _ids(SEARCH.find("networks", kind="book")) == ["big-book"]


def test_the_phase_option_keeps_nothing_else() -> None:
    assert _ids(SEARCH.find("networks", phase="theory")) == ["recoding", "big-book"]
    assert SEARCH.find("networks", phase="start") == []
    assert SEARCH.find("networks", phase="nowhere") == []


@pytest.mark.parametrize("query", ["", "   ", "!?", "the"])
def test_a_query_without_words_lists_what_the_filters_leave_in_order(query: str) -> None:
    assert _ids(SEARCH.find(query, phase="theory")) == ["big-book", "recoding", "algebra-films"]
    assert _ids(SEARCH.find(query, kind="forum")) == ["chat"]
    assert SEARCH.find(query) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_resource_can_be_asked_for(kind: str) -> None:
    one = Search(_shelf({"id": "one", "title": _both("One", "하나"), "kind": kind}))
    assert _ids(one.find("one", kind=kind)) == ["one"]
    assert one.find("", kind=kind)[0].resource.kind == kind


def test_a_kind_that_no_resource_can_have_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'film'; the kinds are book, course, video"):
        SEARCH.find("algebra", kind="film")


# ---- Reasons --------------------------------------------------------------------------------------------------------


def test_each_word_that_was_met_is_a_reason_in_the_order_asked() -> None:
    match, *_ = SEARCH.find("Gradient of backprop with ramen")
    assert match.because == (Reason("Gradient", "gradients", "tag"), Reason("backprop", "backprop", "alias"))


@given(st.lists(st.sampled_from(["networks", "Gradient", "backrop", "역전파를", "통게", "book", "video", "ramen"])))
def test_a_reason_names_a_word_of_the_question_and_a_word_of_the_place(asked: list[str]) -> None:
    for match in SEARCH.find(" ".join(asked)):
        resource = match.resource
        places = {
            "title": list(resource.title.texts.values()),
            "alias": [alias for aliases in resource.aliases.values() for alias in aliases],
            "tag": list(resource.tags),
            "about": list(resource.about.texts.values()) if resource.about else [],
        }
        assert match.because
        for reason in match.because:
            assert reason.asked in asked
            if reason.place != "kind":
                assert reason.found in {word.written for text in places[reason.place] for word in words(text)}


# ---- Suggestions ----------------------------------------------------------------------------------------------------


def _suggested(typed: str, limit: int = 25) -> list[str]:
    return [resource.id for resource in SEARCH.suggest(typed, limit)]


def test_nothing_typed_suggests_the_first_resources() -> None:
    assert _suggested("", 2) == ["big-book", "recoding"]


def test_a_title_that_begins_so_is_suggested_before_one_that_contains_it() -> None:
    assert _suggested("net")[:2] == ["recoding", "big-book"]
    assert _suggested("big")[0] == "big-book"


def test_a_half_typed_syllable_already_suggests() -> None:
    assert _suggested("역저")[0] == "recoding"
    assert _suggested("신겨")[0] == "big-book"
    assert letters("판다스").startswith(letters("판닷"))


def test_beginnings_of_words_suggest() -> None:
    assert _suggested("bo net")[0] == "big-book"


def test_a_slip_of_the_finger_still_suggests() -> None:
    assert "algebra-films" in _suggested("algerba in pic")


def test_a_resource_is_suggested_once() -> None:
    suggested = _suggested("b")
    assert len(suggested) == len(set(suggested))


# ---- Hostile text ---------------------------------------------------------------------------------------------------

_HOSTILE = [
    "a" * 10_000,
    "역전퍄 " * 2_500,
    "ﷺ" * 10_000,
    "🤖" * 10_000,
    "\u202eporpkcab\u202c",
    "\x00backprop\x00",
    "!?…,;\"'()[]{}" * 700,
    "'; DROP TABLE resources; --",
    "{0.__class__} %s <!channel> @everyone",
    "\u0300" * 10_000,
    "ᄀ" * 10_000,
    "\ud800",
    " ".join(f"wrod{n}x" for n in range(2_000)),
    " ".join("갂" * 60 + chr(0xAC00 + n) for n in range(150)),
]


@pytest.mark.parametrize("query", _HOSTILE, ids=[f"{text[:8]!a}" for text in _HOSTILE])
def test_hostile_text_is_answered(query: str) -> None:
    found = SEARCH.find(query)
    assert _ids(found) in ([], ["recoding"])
    assert len(SEARCH.suggest(query)) <= len(SHELF.resources)


@settings(max_examples=200)
@given(st.text(max_size=300), st.sampled_from([None, *KINDS]), st.sampled_from([None, "start", "nowhere"]))
def test_no_text_can_break_the_search(query: str, kind: str | None, phase: str | None) -> None:
    for match in SEARCH.find(query, kind=kind, phase=phase):
        assert match.score >= 0.26
        assert kind in (None, match.resource.kind)
        assert phase in (None, match.resource.phase)
    assert len(SEARCH.suggest(query, 3)) <= 3


@given(st.text(max_size=300))
def test_words_are_found_again_from_how_they_were_written(text: str) -> None:
    for word in words(text):
        assert [again.stem for again in words(word.written)] == [word.stem]
