"""Texts in several languages: folded from sibling keys (`title`, `title.ko`), and checked for length and gaps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.curriculum.tree import Finding, Place, Tree

TEXTS = frozenset({"title", "about", "text", "when", "caution", "unit", "note", "duration"})
LISTS = frozenset({"aliases", "steps"})

# Characters, so that a card with a title, its text and a button fits on every platform.
LENGTHS = {"title": 100, "text": 200, "when": 200, "steps": 200, "aliases": 80, "unit": 40, "duration": 60}
LENGTH_ELSE = 300
ENOUGH_TRANSLATED = 0.5  # below this, a language is only begun, and one note says so


def fallback_language(data: dict[str, Any]) -> str:
    """The language of every text that names none: the first one listed."""
    return next(iter(_listed(data)), "en")


def _listed(data: dict[str, Any]) -> list[str]:
    listed = data.get("languages")
    return [code for code in listed if isinstance(code, str)] if isinstance(listed, list) else []


class Folded:
    """The tree with translations folded into the field they belong to, as the model takes it.

    `title`, `title.ko` become `title: {texts: {en, ko}}`; `aliases`, `aliases.ko` become `aliases: {en, ko}`; `steps`
    become one text per step. Where each place came from is kept, so that a finding points at what was written.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        """Fold `data`, a tree's; the result is in `data`."""
        self._origin: dict[Place, Place] = {}
        self._fallback = fallback_language(data)
        self.data = self._fold(data, (), ())

    def written(self, folded: Place) -> Place:
        """Where in the file stands what is at `folded` here, or the nearest place around it."""
        while folded not in self._origin:
            folded = folded[:-1]
        return self._origin[folded]

    def _fold(self, value: Any, to: Place, source: Place) -> Any:
        """`value`, written at `source`, as it stands at `to` in the folded data."""
        self._origin[to] = source
        match value:
            case list():
                return [self._fold(item, (*to, n), (*source, n)) for n, item in enumerate(value)]
            case dict() if source[:1] != ("moved",):  # its keys are ids
                return self._fold_keys(value, to, source)
            case dict():
                return {key: self._fold(item, (*to, key), (*source, key)) for key, item in value.items()}
            case str():
                return value.strip()
            case _:
                return value

    def _fold_keys(self, value: dict[str, Any], to: Place, source: Place) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        translated: dict[str, dict[str, Any]] = {}
        for key, item in value.items():
            name, _, language = key.partition(".")
            if name not in TEXTS | LISTS:
                plain[key] = self._fold(item, (*to, key), (*source, key))
                continue
            self._origin[(*to, name)] = (*source, name if name in value else key)
            inner: Place = (*to, name) if name in LISTS else (*to, name, "texts")
            code = language or self._fallback
            translated.setdefault(name, {})[code] = self._fold(item, (*inner, code), (*source, key))
        for name, by_language in translated.items():
            ordered = dict(sorted(by_language.items(), key=lambda pair: pair[0] != self._fallback))
            match name:
                case "aliases":
                    plain[name] = ordered
                case "steps":
                    plain[name] = self._steps(ordered, (*to, name))
                case _:
                    plain[name] = {"texts": ordered}
        return plain

    def _steps(self, lists: dict[str, Any], to: Place) -> Any:
        """One mapping of texts per step; what is no list at all stays for the model to refuse."""
        steps = lists.get(self._fallback)
        if not isinstance(steps, list):
            return steps
        whole = {language: items for language, items in lists.items() if isinstance(items, list)}
        for language, items in whole.items():
            for n in range(len(items)):
                self._origin[(*to, n, "texts", language)] = self._origin[(*to, language, n)]
        return [
            {"texts": {language: items[n] for language, items in whole.items() if n < len(items)}}
            for n in range(len(steps))
        ]


def check(tree: Tree) -> list[Finding]:
    """What is wrong with the texts: too long, empty, in a language nobody listed, or not translated. Never raises."""
    texts = list(_texts(tree.data, (), fallback_language(tree.data)))
    findings = [finding for text in texts for finding in _readable(tree, text)]
    listed = _listed(tree.data)
    if not listed:
        return findings
    findings += [finding for text in texts for finding in _in_known_languages(tree, text, listed)]
    complete = [text for text in texts if text.name != "aliases" and listed[0] in text.keys]
    for language in listed[1:]:
        done = sum(language in text.keys for text in complete)
        if done < len(complete) * ENOUGH_TRANSLATED:
            message = f"{language}: {done} of {len(complete)} texts are translated; the others are shown in {listed[0]}"
            findings.append(tree.finding(("languages",), message, "note"))
            continue
        for text in complete:
            if language not in text.keys:
                message = f"not translated; add {text.name}.{language}"
                findings.append(tree.finding((*text.place, text.name), message, "warning"))
        findings += _without_aliases(tree, language, f"aliases.{language}")
    return findings + _without_aliases(tree, listed[0], "aliases")


@dataclass(frozen=True)
class _Text:
    """A translatable text: the group of keys it stands in, its name, and the key of each language."""

    place: Place
    name: str
    keys: dict[str, str]
    values: dict[str, Any]


def _texts(value: Any, place: Place, fallback: str) -> Iterator[_Text]:
    match value:
        case list():
            for n, item in enumerate(value):
                yield from _texts(item, (*place, n), fallback)
        case dict() if place != ("moved",):
            found: dict[str, _Text] = {}
            for key, item in value.items():
                name, _, language = key.partition(".")
                if name in TEXTS | LISTS:
                    text = found.setdefault(name, _Text(place, name, {}, {}))
                    text.keys.setdefault(language or fallback, key)
                    text.values[key] = item
                else:
                    yield from _texts(item, (*place, key), fallback)
            yield from found.values()


def _readable(tree: Tree, text: _Text) -> Iterator[Finding]:
    limit = LENGTHS.get(text.name, LENGTH_ELSE)
    for key, value in text.values.items():
        place: Place = (*text.place, key)
        items = {(*place, n): item for n, item in enumerate(value)} if isinstance(value, list) else {place: value}
        for where, item in items.items():
            if not isinstance(item, str):
                continue
            length = len(item.strip())
            if not length:
                yield tree.finding(where, "this text is empty; write one, or take it out")
            elif length > limit:
                yield tree.finding(where, f"{length} characters are too many for chat; shorten it to {limit}")


def _in_known_languages(tree: Tree, text: _Text, listed: list[str]) -> Iterator[Finding]:
    original = text.values.get(text.name)
    for key, value in text.values.items():
        if key == text.name:
            continue
        place, language = (*text.place, key), key.partition(".")[2]
        if language == listed[0]:
            yield tree.finding(place, f"{language} is the first language; call this {text.name}")
        elif language not in listed:
            known = ", ".join(listed)
            yield tree.finding(place, f"{language or 'nothing'} is not one of the languages ({known}); add it there")
        elif text.name not in text.values and text.name != "aliases":
            yield tree.finding(place, f"this translates a {text.name} that is not there; add {text.name}")
        elif text.name == "steps" and isinstance(original, list) and _length(value) != len(original):
            yield tree.finding(place, f"translate each of the {len(original)} steps, as a list in the same order")


def _length(value: object) -> int | None:
    return len(value) if isinstance(value, list) else None


def _without_aliases(tree: Tree, language: str, key: str) -> list[Finding]:
    resources = tree.data.get("resources")
    return [
        tree.finding(
            ("resources", n), f"no aliases in {language}, so a search seldom finds it; add {key}: [...]", "warning"
        )
        for n, resource in enumerate(resources if isinstance(resources, list) else [])
        if isinstance(resource, dict) and not resource.get(key)
    ]
