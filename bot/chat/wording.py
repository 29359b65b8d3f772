"""Words on their way to a reader: what we say, what a curriculum says, what a person typed.

Three kinds of text meet in a message, and each is safe in its own way:

* a `Phrase` is ours. Its English is the key of the translation, it may hold small Markdown (`**bold**`, `` `code` ``,
  `[label](https://…)`), and its values are put in at the edge, after the Markdown was read: a value is never structure;
* `Words` are a curriculum's: one text per language, shown literally;
* a plain `str` is somebody's text, shown literally.

`spans()` turns any of them into a flat row of `Span`s for one locale. Platforms draw spans and escape what is in them,
so a member who types `<!channel>` or `**x**` sees just that.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt

LOCALES = Path(__file__).parent.parent / "locales"
FALLBACK = "en"


class Data(BaseModel):
    """What is said and to whom: frozen, to JSON and back, with nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(Data):
    """One text in several languages, as a curriculum gives it. The first language is the fallback."""

    texts: Mapping[str, str] = Field(min_length=1)

    def in_(self, locale: str) -> str:
        """The text for `locale` (`ko-KR` reads `ko`), else the text in the first language."""
        return self.texts.get(locale) or self.texts.get(_language(locale)) or next(iter(self.texts.values()))

    def is_called(self, typed: str) -> bool:
        """Whether the text is what was typed, in some language and whatever the case."""
        return typed.strip().casefold() in map(str.casefold, self.texts.values())

    def holds(self, typed: str) -> bool:
        """Whether what was typed is in the text, in some language and whatever the case."""
        return any(typed.strip().casefold() in each.casefold() for each in self.texts.values())


class Mention(Data):
    """A person, a place, a role or everyone there, drawn by the platform that knows the id; a command or an argument of
    one, drawn as it is called there. `name` stands where the platform knows no better; a command's is the whole line to
    type.
    """

    what: Literal["person", "place", "role", "everyone", "command", "argument"]
    id: str
    name: str


class Moment(Data):
    """An instant (aware UTC), shown in the reader's zone; where only plain text is possible, in `zone`, named."""

    at: AwareDatetime
    zone: str = "UTC"


class Day(Data):
    """A local date, shown the way the reader's language writes one."""

    on: date


class Markdown(Data):
    """Small Markdown written by a facilitator: bold, code and https links are drawn, everything else is literal."""

    source: str


class Phrase(Data):
    """Something we say: an English sentence with named places for values. Made by `say()` and `say_n()`."""

    key: str
    plural: str | None = None
    n: int = 0
    values: Mapping[str, "Value"] = Field(default_factory=dict)


Wording = Annotated[Phrase | Words | Markdown | str, Field(union_mode="left_to_right")]
Value = Annotated[
    Phrase | Words | Markdown | Mention | Moment | Day | StrictBool | StrictInt | StrictFloat | str,
    Field(union_mode="left_to_right"),
]
Phrase.model_rebuild()


def say(phrase: str, /, **values: Any) -> Phrase:
    """A phrase with its values, translated and escaped only at the edge."""
    return Phrase.model_construct(key=phrase, plural=None, n=0, values=values)


def say_n(one: str, many: str, /, n: int, **values: Any) -> Phrase:
    """A phrase whose form depends on the count `n`, which is also its value `{n}`."""
    return Phrase.model_construct(key=one, plural=many, n=n, values={"n": n, **values})


def as_typed(command: str, *arguments: str) -> Mention:
    """A command line quoted in our words, which each platform draws as it is typed there.

    An argument is a value, or `name:` and a value: `as_typed("cohort create", "name:…")`.
    """
    return Mention(what="command", id=command, name=" ".join((f"/{command}", *arguments)))


def argument_name(name: str) -> Mention:
    """The name of an argument quoted in our words, which each platform draws as it is called there."""
    return Mention(what="argument", id=name, name=name)


def listed(values: Sequence["Value"], between: str = ", ") -> Phrase:
    """Several values as one, in order, with `between` them."""
    names = [f"v{n}" for n in range(len(values))]
    return say(between.join(f"{{{name}}}" for name in names), **dict(zip(names, values, strict=True)))


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style, or one thing (an instant, a mention) that the platform draws its own way."""

    text: str
    bold: bool = False
    code: bool = False
    link: str | None = None
    thing: Moment | Mention | None = None


def spans(wording: "Value", locale: str) -> list[Span]:
    """The wording as a flat row of spans, translated for `locale`."""
    return list(_spans(wording, locale))


def plain(wording: "Value", locale: str = FALLBACK) -> str:
    """The wording as plain text; instants carry their zone's name, links their address."""
    return "".join(span_text(span, locale) for span in _spans(wording, locale))


def span_text(span: Span, locale: str) -> str:
    """The span as plain text."""
    if isinstance(span.thing, Moment):
        return moment_text(span.thing, locale)
    return f"{span.text} ({span.link})" if span.link and span.link != span.text else span.text


def moment_text(moment: Moment, locale: str, zone: str | None = None) -> str:
    """An instant in `zone` (the moment's own if None), which is named: `Mon 7 Dec 2026, 09:00 (Asia/Seoul)`."""
    name = zone or moment.zone
    local = moment.at.astimezone(ZoneInfo(name))
    return f"{_day(local.date(), locale)}, {local:%H:%M} ({name})"


def _day(day: date, locale: str) -> str:
    language = _known(locale)
    return format_date(day, format="EEE d MMM y" if language == FALLBACK else "full", locale=language)


def _spans(wording: Any, locale: str) -> Iterator[Span]:
    match wording:
        case str():
            yield Span(wording)
        case Phrase():
            for span, pieces in _template(wording.key, wording.plural, wording.n, _language(locale)):
                yield from _filled(span, pieces, wording.values, locale)
        case Words():
            yield Span(wording.in_(locale))
        case Markdown():
            yield from _parsed(wording.source, _MARKDOWN)
        case Moment():
            yield Span(moment_text(wording, locale), thing=wording)
        case Mention():
            yield Span(wording.name, thing=wording)
        case Day():
            yield Span(_day(wording.on, locale))
        case bool():
            yield from _spans(say("yes") if wording else say("no"), locale)
        case int() | float():
            yield Span(format_decimal(wording, locale=_known(locale)))
        case _:
            raise TypeError(f"{wording!r} cannot be put into words; wrap an instant in Moment and a local date in Day")


_BOLD_OR_CODE = r"\*\*(?P<bold>\S(?:.*?\S)?)\*\*|`(?P<code>[^`\n]+)`"
_MARKDOWN = re.compile(_BOLD_OR_CODE + r"|\[(?P<label>[^\[\]\n]+)\]\((?P<url>https?://[^\s()]+)\)")
# In our own phrases the address of a link may be a value, too.
_MARKUP = re.compile(_BOLD_OR_CODE + r"|\[(?P<label>[^\[\]\n]+)\]\((?P<url>https?://[^\s()]+|\{\w+\})\)")
_PLACE = re.compile(r"\{(\w+)\}")
_WEB = re.compile(r"https?://[^\s()<>]+\Z")


def _parsed(source: str, markup: re.Pattern[str]) -> Iterator[Span]:
    """Small Markdown as spans. What is not well formed stays as it was typed."""
    start = 0
    for found in markup.finditer(source):
        if found.start() > start:
            yield Span(source[start : found.start()])
        start = found.end()
        if found["bold"]:
            yield Span(found["bold"], bold=True)
        elif found["code"]:
            yield Span(found["code"], code=True)
        else:
            yield Span(found["label"], link=found["url"])
    if start < len(source):
        yield Span(source[start:])


@lru_cache(maxsize=2048)
def _template(key: str, plural: str | None, n: int, language: str) -> Sequence[tuple[Span, Sequence[str]]]:
    """A phrase of ours in that language, taken apart once: its spans, each with what stands before, between and after
    the names of its values, which are every second piece.
    """
    return [(span, _PLACE.split(span.text)) for span in _parsed(_translated(key, plural, n, language), _MARKUP)]


def _filled(span: Span, pieces: Sequence[str], values: Mapping[str, Any], locale: str) -> Iterator[Span]:
    """The span with its `{name}`s replaced; what a value brings keeps the style it is put into."""
    link = _PLACE.sub(lambda m: str(values.get(m[1], "")), span.link) if span.link else None
    if link is not None and not _WEB.match(link):
        link = None
    is_plain = not (span.bold or span.code or link)
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            if piece:
                yield Span(piece, span.bold, span.code, link)
        elif piece not in values:
            yield Span(f"{{{piece}}}", span.bold, span.code, link)
        elif is_plain:
            yield from _spans(values[piece], locale)
        else:
            for inner in _spans(values[piece], locale):
                bold, code = inner.bold or span.bold, inner.code or span.code
                yield Span(inner.text, bold, code, inner.link or link, inner.thing)


_LINE_END = re.compile(r"\r\n?")


def joined(made: Iterable[Span]) -> Iterator[Span]:
    """Neighbours in one style as one span, their lines ended in one way; a thing stays by itself."""
    for key, group in groupby(made, key=lambda each: (each.bold, each.code, each.link, each.thing)):
        members = list(group)
        if key[-1] is not None:
            yield from members
        elif text := _LINE_END.sub("\n", "".join(each.text for each in members)):
            yield members[0] if text == members[0].text else replace(members[0], text=text)


def _language(locale: str) -> str:
    return locale.replace("_", "-").partition("-")[0].lower()


def languages() -> tuple[str, ...]:
    """The languages replies can be given in: English, and each that has a catalogue."""
    return (FALLBACK, *sorted(path.parent.name for path in LOCALES.glob("*/milepost.po")))


def _known(locale: str) -> str:
    """The language of `locale` if we have words in it, else English: dates follow the words around them."""
    return _language(locale) if _language(locale) in _known_languages() else FALLBACK


@cache
def _known_languages() -> frozenset[str]:
    return frozenset(languages())


def catalogue(locale: str) -> Catalog:
    """The phrases as the .po file for `locale` holds them; none for a language that has no file."""
    path = LOCALES / _language(locale) / "milepost.po"
    if not path.is_file():
        return Catalog()
    with path.open("rb") as source:
        return read_po(source, locale=path.parent.name)


@cache
def _translations(language: str) -> NullTranslations:
    """The catalogue compiled straight from its .po file, so that translators need no compile step."""
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


def _translated(key: str, plural: str | None, n: int, language: str) -> str:
    translations = _translations(language)
    if plural is not None:
        return str(translations.ungettext(key, plural, n))
    return str(translations.ugettext(key)) if key else ""
