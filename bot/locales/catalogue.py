"""A language's catalogue: brought in step with the code, and checked."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

from bot.chat.wording import LOCALES, Markdown, spans
from bot.curriculum.tree import Finding
from bot.locales.phrases import Key, collect, places, without_places
from bot.platforms.discord.names import read_names

_HEADER = """\
# {language}. `make words` keeps the phrases in step with the code; only what follows msgstr is written by hand.
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
_WIDTH = 120
_STALE = "the code does not say this any more; `make words` takes it out"
_MISSING = "is not in the catalogue; `make words` adds it, then translate it"


def files() -> list[Path]:
    """The catalogues there are, by language."""
    return sorted(LOCALES.glob("*/milepost.po"))


def update(file: Path, said: Mapping[Key, list[str]]) -> str:
    """The text of the catalogue with exactly the phrases that are said.

    Translations are kept. A phrase that is new but much like an old one takes its translation over, marked fuzzy: it is
    not used before somebody has looked at it. No dates, people or line numbers, so a change shows nothing but itself.
    Raises PoFileError or UnicodeDecodeError for a file that is no catalogue.
    """
    catalogue = _read(file)
    template = Catalog()
    for key, where in said.items():
        template.add(key.texts if key.many else key.one, locations=[(each, 1) for each in where])
    catalogue.update(template, update_header_comment=False)
    catalogue.obsolete.clear()
    written = BytesIO()
    write_po(written, catalogue, width=_WIDTH, omit_header=True, include_lineno=False)
    language = Locale.parse(file.parent.name).english_name
    header = _HEADER.format(language=language, code=file.parent.name, plurals=catalogue.plural_forms)
    return header + written.getvalue().decode().strip() + "\n"


def check(file: Path, said: Mapping[Key, list[str]]) -> list[Finding]:
    """What is missing, stale or broken in the catalogue, by line; what is missing altogether comes last."""
    try:
        catalogue = _read(file)
    except (PoFileError, UnicodeDecodeError) as error:
        return [Finding(str(file), getattr(error, "lineno", 0), "", f"cannot be read as gettext's .po ({error})")]
    held = {_key(each): each for each in catalogue if each.id}
    unfit = {Key(phrase): [reason] for phrase, reason in read_names(catalogue).refused.items()}
    findings = [
        Finding(str(file), each.lineno or 0, _quoted(key), message)
        for key, each in held.items()
        for message in ([*_wrong(key, each, catalogue.num_plurals), *unfit.get(key, ())] if key in said else [_STALE])
    ]
    return [*findings, *(Finding(str(file), 0, _quoted(key), _MISSING) for key in said if key not in held)]


def check_catalogues() -> list[Finding]:
    """What is wrong in any language."""
    said = collect()
    return [found for file in files() for found in check(file, said)]


def _read(file: Path) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=file.parent.name, abort_invalid=True)


def _wrong(key: Key, message: Message, forms: int) -> Iterator[str]:
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if not all(texts) or len(texts) != (forms if key.many else 1):
        yield "is not translated; write its msgstr"
        return
    if message.fuzzy:
        yield "is translated by guess; mend its msgstr and delete the line `#, fuzzy`"
        return
    wanted = places(key.texts[-1])
    for text in texts:
        if lost := sorted(wanted - places(text)):
            yield f"the translation lacks {{{lost[0]}}}; put it in as it is in English"
        if extra := sorted(places(text) - wanted):
            yield f"the translation has {{{extra[0]}}}, which nothing fills; take it out, or spell it as in English"
        if "{" in (left := without_places(text)) or "}" in left:
            yield "the translation has a brace that is no place for a value; write each place as {name}"
        if mark := _unpaired(text):
            yield f"the translation has {mark} without its pair, which would show as it stands"


def _unpaired(text: str) -> str | None:
    """The mark of small Markdown that is left over when the text is read as its readers' platforms will read it."""
    left = "".join(span.text for span in spans(Markdown(source=text), "en") if not span.code)
    return next((mark for mark in ("**", "`", "](") if mark in left), None)


def _key(message: Message) -> Key:
    return Key(message.id) if isinstance(message.id, str) else Key(*message.id)


def _quoted(key: Key) -> str:
    return f'"{key.one}"'
