"""`/resource`: the resources of a curriculum that fit a few words, ranked from memory, each with its reasons.

A weighted BM25 over titles, aliases, tags and descriptions, in every language at once. Two things make it dependable
for people who type fast: a word that no resource has is repaired to the nearest one that some resource has (Hangul
letter by letter), and the score says how much of the question was met, so what is off the topic finds nothing.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import log
from typing import Literal, get_args

from rapidfuzz import process
from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import WRatio

from bot.curriculum.model import Curriculum, Kind, Resource
from bot.curriculum.words import is_hangul, letters, words

KINDS: tuple[Kind, ...] = get_args(Kind)
Place = Literal["title", "alias", "tag", "kind", "about"]

_QUERY_MAX = 1_000  # characters, and words: enough for any question, and a bound on what a hostile one costs
_QUERY_WORDS_MAX = 32
_TYPED_MAX = 80  # characters of a half-typed title

# Best place first: the first that holds a word is the one that is told as the reason.
_WEIGHTS: Mapping[Place, float] = {"title": 4, "alias": 4, "tag": 2, "kind": 2, "about": 1}
_SATURATION = 1.2  # BM25's k1: how soon more of the same word stops counting
_ENOUGH = 0.26  # the part of a question that must be met; less is a coincidence
_KIND_BOOST = 1.35  # "a video about …": videos first, but a better book still comes through

_BEGINNING = 0.75  # what a word is worth of which only a beginning is known: 다시 in 다시보기
_REPAIR_MIN = 4  # letters; shorter words are all alike
_ALIKE = 0.72  # one slip in 4 to 7 letters, two in 8 to 10; two in six is another word (visa, visual; 연장, 영상)
_VERY_ALIKE = 0.81  # if the first letter, which people rarely miss, is another: 주식 (0.80) is not 수식
_SUGGEST_ALIKE = 70  # of 100

_KIND_WORDS: Mapping[Kind, str] = {
    "book": "book textbook ebook 책 교재 도서",
    "course": "course lecture class mooc 강의 강좌 수업 코스",
    "video": "video youtube playlist watch 영상 동영상 비디오 유튜브",
    "tool": "tool app software 도구 앱 툴",
    "practice": "practice exercise competition dataset 연습 실습 대회 데이터셋",
    "code": "code repo repository github 코드 저장소 깃허브",
    "blog": "blog 블로그",
    "thread": "thread tweet 스레드 트윗",
    "forum": "forum community slack chat 포럼 커뮤니티 게시판 슬랙",
    "write-up": "writeup article 후기 기사",
    "strategy": "strategy advice 전략 조언",
}
_KIND_OF: Mapping[str, Kind] = {word.stem: kind for kind, text in _KIND_WORDS.items() for word in words(text)}


@dataclass(frozen=True, slots=True)
class Reason:
    """The word that was asked, the word that answers it and where it stands. `repaired`: a typo lies between them."""

    asked: str
    found: str
    place: Place
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A resource that fits, how well (about 0 to 1, only to compare), and why: one reason per word it answers."""

    resource: Resource
    score: float
    because: tuple[Reason, ...] = ()


@dataclass(slots=True)
class _Holding:
    """What one resource has of one term: weighted count, and the best place with the word as it is written there."""

    place: Place
    written: str
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class _Met:
    """The terms that a word meets, and how well: 1 as it is, less if only its beginning is known or it was repaired."""

    terms: Sequence[str]
    closeness: float = 1.0
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """One word of a question: how much it tells, and what it earns each resource that has it (by position), and why."""

    weight: float
    kind: Kind | None
    gains: Mapping[int, float]
    holdings: Mapping[int, _Holding]
    repaired: bool


class _Vocabulary:
    """All terms of an index, arranged for finding the ones that a word may mean."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._terms = sorted(terms)
        self._known = frozenset(self._terms)
        self._spelt = {letters(term): term for term in self._terms}
        self._by_initial: dict[str, list[str]] = {}
        for spelling in self._spelt:
            self._by_initial.setdefault(spelling[0], []).append(spelling)
        # Whatever its first letter, a spelling can only be very like one of about its length.
        longest = max(map(len, self._spelt), default=0)
        self._about_as_long = {
            length: [each for each in self._spelt if _VERY_ALIKE <= len(each) / length <= 1 / _VERY_ALIKE]
            for length in range(_REPAIR_MIN, int(longest / _VERY_ALIKE) + 1)
        }

    def meet(self, stem: str) -> _Met:
        """The terms for a stem: itself, else one so alike that it is a slip, else its beginning, else one alike."""
        same = self._same(stem)
        if same:
            return _Met(same)
        near, alike = self._nearest(stem)
        # Squared, so that a short repaired word beside one that nobody knows (minecraft server) is not enough.
        slip = _Met([self._spelt[near]], alike**2, repaired=True) if near else _Met([])
        if alike >= _VERY_ALIKE:
            return slip
        shorter = [stem[:end] for end in range(2, len(stem)) if stem[:end] in self._known] if is_hangul(stem) else []
        return _Met(shorter, _BEGINNING) if shorter else slip

    def _same(self, stem: str) -> Sequence[str]:
        """The term itself; Korean is inflected at its end, so there also all that it begins (경사: 경사하강법)."""
        if not is_hangul(stem) or len(stem) < 2:
            return [stem] if stem in self._known else []
        first = bisect_left(self._terms, stem)
        last = bisect_left(self._terms, stem + "\uffff")
        return self._terms[first:last]

    def _nearest(self, stem: str) -> tuple[str, float]:
        """The spelling most like a stem, with how alike they are; empty if none is alike enough to be meant."""
        spelling = letters(stem)
        if len(spelling) < _REPAIR_MIN or any(letter.isdigit() for letter in spelling):
            return "", 0
        same_initial = self._by_initial.get(spelling[0], ())
        as_long = self._about_as_long.get(len(spelling), ())
        for others, enough in ((same_initial, _ALIKE), (as_long, _VERY_ALIKE)):
            best = process.extractOne(spelling, others, scorer=OSA.normalized_similarity, score_cutoff=enough)
            if best:
                return best[0], best[1]
        return "", 0


class Search:
    """The resources of one curriculum, indexed once (about 30 ms for 45 of them) and never changed."""

    def __init__(self, curriculum: Curriculum) -> None:
        self._resources = curriculum.resources
        self._terms: dict[str, dict[int, _Holding]] = {}
        for position, resource in enumerate(self._resources):
            for place, text in _texts(resource):
                for word in words(text):
                    holding = self._terms.setdefault(word.stem, {}).setdefault(position, _Holding(place, word.written))
                    holding.amount += _WEIGHTS[place]
        self._vocabulary = _Vocabulary(self._terms)
        self._title_lengths = [len(next(iter(each.title.texts.values()))) for each in self._resources]
        self._look_up = lru_cache(maxsize=1024)(self._weighed)  # new questions are made of old words
        self._names = [(letters(name), i) for i, resource in enumerate(self._resources) for name in _names(resource)]

    def find(
        self, query: str, *, kind: str | None = None, phase: str | None = None, limit: int = 5,
        marked: Collection[str] = (),
    ) -> list[Match]:  # fmt: skip
        """The best matches for `query`, best first; none if too little of it is met by any resource.

        `kind` and `phase` (an id) keep only such resources. With one of them, a query without words lists what there is
        in the order of the curriculum; without, it finds nothing. Of equals, those whose ids are `marked` come last.
        Raises ValueError for a kind no resource can have.
        """
        if kind is not None and kind not in KINDS:
            raise ValueError(f"no kind of resource is called {kind!r}; the kinds are {', '.join(KINDS)}")
        question = {word.stem: word.written for word in words(query[:_QUERY_MAX], _QUERY_WORDS_MAX)}
        if not question and kind is None and phase is None:
            return []
        if question:
            matches = self._ranked(question, marked)
        else:
            matches = (Match(each, 1) for each in sorted(self._resources, key=lambda each: each.id in marked))
        fitting = (
            match for match in matches if kind in (None, match.resource.kind) and phase in (None, match.resource.phase)
        )
        return list(islice(fitting, limit))

    def suggest(self, typed: str, limit: int = 25) -> list[Resource]:
        """Resources that `typed` may become: a title or alias that begins so, then a word in one, then what is alike.

        Nothing typed yet: the first resources. A Korean syllable may be half typed (선혀 on the way to 선형대수).
        """
        start = letters(typed[:_TYPED_MAX].strip())
        if not start:
            return list(self._resources[:limit])
        starts = [f" {word}" for word in start.split()]
        beginning = [position for name, position in self._names if name.startswith(start)]
        inside = [position for name, position in self._names if all(word in f" {name}" for word in starts)]
        order = dict.fromkeys([*beginning, *inside, *self._alike(start)])
        return [self._resources[position] for position in order][:limit]

    def _alike(self, start: str) -> Iterator[int]:
        """Positions of resources with a name like `start`, the likest first; much shorter names are like anything."""
        if len(start) >= _REPAIR_MIN:
            names = [name if len(name) > len(start) / 2 else None for name, _ in self._names]
            for _, _, index in process.extract(start, names, scorer=WRatio, score_cutoff=_SUGGEST_ALIKE, limit=None):
                yield self._names[index][1]

    def _ranked(self, question: Mapping[str, str], marked: Collection[str]) -> Iterator[Match]:
        """Every resource that meets enough of the question (stems, as written). Of equals, the unmarked, then the
        shorter title.
        """
        asked = [(written, self._look_up(stem)) for stem, written in question.items()]
        subject = [word for _, word in asked if word.kind is None] or [word for _, word in asked]
        if not any(word.gains for word in subject):
            return  # a kind alone is no answer to "cooking video"
        total = sum(word.weight for _, word in asked)
        kinds = {word.kind for _, word in asked}
        gains: dict[int, float] = {}
        for _, word in asked:
            for position, gain in word.gains.items():
                gains[position] = gains.get(position, 0) + gain
        scores = {
            position: gain / total * (_KIND_BOOST if self._resources[position].kind in kinds else 1)
            for position, gain in gains.items()
            if gain / total >= _ENOUGH
        }

        def rank(position: int) -> tuple[float, bool, int]:
            return -scores[position], self._resources[position].id in marked, self._title_lengths[position]

        for position in sorted(scores, key=rank):
            because = (
                Reason(written, word.holdings[position].written, word.holdings[position].place, word.repaired)
                for written, word in asked
                if position in word.holdings
            )
            yield Match(self._resources[position], scores[position], tuple(because))

    def _weighed(self, stem: str) -> _Asked:
        """One word of a question. A word that no resource has weighs most, and earns nobody anything."""
        met = self._vocabulary.meet(stem)
        best: dict[int, _Holding] = {}
        for position, holding in (held for term in met.terms for held in self._terms[term].items()):
            if position not in best or holding.amount > best[position].amount:
                best[position] = holding
        weight = self._rarity(len(best))
        gains = {
            position: weight * met.closeness * holding.amount / (holding.amount + _SATURATION)
            for position, holding in best.items()
        }
        return _Asked(weight, _KIND_OF.get(stem), gains, best, met.repaired)

    def _rarity(self, holders: int) -> float:
        """BM25's idf: what a word tells that this many resources have."""
        return log(1 + (len(self._resources) - holders + 0.5) / (holders + 0.5))


def _texts(resource: Resource) -> Iterator[tuple[Place, str]]:
    """What a resource is found by, best place first."""
    for title in resource.title.texts.values():
        yield "title", title
    for aliases in resource.aliases.values():
        for alias in aliases:
            yield "alias", alias
    for tag in resource.tags:
        yield "tag", tag
    yield "kind", _KIND_WORDS[resource.kind]
    if resource.about:
        for about in resource.about.texts.values():
            yield "about", about


def _names(resource: Resource) -> Iterator[str]:
    yield from resource.title.texts.values()
    for aliases in resource.aliases.values():
        yield from aliases
