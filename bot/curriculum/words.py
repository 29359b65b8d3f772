"""Text as the words one searches by: cut, folded, without small words, and stemmed, for English and Korean.

Other scripts are cut and folded only, so a curriculum in another language is found by whole words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from unicodedata import normalize

WORD_MAX = 40  # characters; the longest word of a real title is half as long, and repair is quadratic in it

_RUN = re.compile(r"[가-힣ᄀ-ᇿ]+|[^\W_가-힣ᄀ-ᇿ]+")  # "GAN으로" is two runs: the name and the particle behind it

# Endings that make a noun a verb (공부하는) count as particles.
_PARTICLES = """
은 는 이 가 을 를 에 의 와 과 도 만 로 나 랑 란 으로 에서 에게 한테 부터 까지 처럼 보다 이랑 이나 이란 으로는
에서는 에서도 에는 에도 로는 하고 하는 하기 하면 하려면 해서 하다 합니다 했던 된 되는
"""
_LONGEST_FIRST = tuple(sorted(_PARTICLES.split(), key=len, reverse=True))  # 에서는 goes as a whole

_SMALL_ENGLISH = """
a about an and any anyone are as at be been best by can could did do does for from get give good great has have help how
i if in into is it its like me my need of on or our please recommend show so some someone suggest tell than that the
their there these they this those to us want was we what when where which who why will with would you your
"""
_SMALL_KOREAN = """
어떻게 어떤 어디 어디서 어디에 어디에서 무엇 무엇을 무슨 뭐 뭘 누가 언제 왜 좀 더 것 거 게 수 때 제 저 내 나의
있는 있나요 있어요 있을까요 있을까 하나요 할까요 할까 하려고 해야 되나요 인가요 인가 싶어요 싶은 싶다 싶습니다
좋은 좋을까요 가장 추천 추천해 추천해줘 추천해주세요 알려줘 알려주세요 찾아줘 주세요 대한 대해 관한 위한 위해
및 배우고 배우나요 배우는 배울 배우기 방법 법
"""
_SMALL = frozenset((_SMALL_ENGLISH + _SMALL_KOREAN + _PARTICLES).split())

_VOWEL = re.compile(r"[aeiouy]")
_AS_INITIALS = "ᄀ ᄁ ᄀᄉ ᄂ ᄂᄌ ᄂᄒ ᄃ ᄅ ᄅᄀ ᄅᄆ ᄅᄇ ᄅᄉ ᄅᄐ ᄅᄑ ᄅᄒ ᄆ ᄇ ᄇᄉ ᄉ ᄊ ᄋ ᄌ ᄎ ᄏ ᄐ ᄑ ᄒ"
_FINALS = dict(zip(range(0x11A8, 0x11C3), _AS_INITIALS.split(), strict=True))
_DOUBLED = re.compile(r"([bdfgkmnprtv])\1\Z")  # running: runn; but call and class keep theirs


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was written, and the stem by which its forms meet (`Networks` and `networking`: `network`)."""

    written: str
    stem: str


def words(text: str, most: int | None = None) -> Iterator[Word]:
    """The words of `text` in order, without small words ("how", "the", "추천"); at most `most` of them."""
    return islice(_words(normalize("NFKC", text)), most)


def is_hangul(stem: str) -> bool:
    """Whether this stem is Korean; a stem is never mixed."""
    return "가" <= stem[0] <= "힣" or "ᄀ" <= stem[0] <= "ᇿ"


def letters(text: str) -> str:
    """`text` folded and spelt in single letters, Hangul in jamo as one types them: 통계 and 통게 differ in one of five.

    A final consonant is spelt like an initial one, since while typing 대수 one passes 댓.
    """
    return normalize("NFD", normalize("NFKC", text).casefold()).translate(_FINALS)


def _words(text: str) -> Iterator[Word]:
    for run in _RUN.findall(text):
        word = _word(run[:WORD_MAX])
        if word:
            yield word


@lru_cache(maxsize=4096)
def _word(written: str) -> Word | None:
    folded = written.casefold()
    if folded in _SMALL:
        return None
    stem = _korean_stem(folded) if is_hangul(folded) else _english_stem(folded)
    return Word(written, stem) if stem not in _SMALL else None


def _korean_stem(word: str) -> str:
    """The word without its particle, as long as two syllables are left: 통계를 is 통계, 강의 stays."""
    if not word.endswith(_LONGEST_FIRST):
        return word
    for particle in _LONGEST_FIRST:
        if word.endswith(particle) and len(word) - len(particle) >= 2:
            return word.removesuffix(particle)
    return word


def _english_stem(word: str) -> str:
    """A light stem: plural, -ing, -ed, -ization and the silent e. Forms must meet; the stem need not be a word."""
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for suffix in ("ing", "ed"):
        rest = word.removesuffix(suffix)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            word = _DOUBLED.sub(r"\1", rest)
            break
    if word.endswith("ization") and len(word) > 9:
        word = word.removesuffix("ation")
    return word[:-1] if word.endswith("e") and len(word) > 3 else word
