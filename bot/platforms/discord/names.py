"""What commands and their options are called on Discord, in the languages that have a catalogue.

A catalogue has whole commands as they are typed, word for word (`/cohort create` is `/기수 만들기`), and options with
their colon (`query:` is `검색어:`). What Discord would refuse stays English, and `python -m bot check` says so. What is
declared and what replies quote are read here alike, so that a reader finds in the picker what a reply says.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from babel.messages.catalog import Catalog

from bot.chat.wording import Mention, catalogue

Path = tuple[str, ...]
"""A name with what is above it: ("/", "cohort", "create"), or (":", "query")."""

_KEY = re.compile(r"/[a-z0-9_]+(?: [a-z0-9_]+){0,2}|[a-z0-9_]+:")
_OPTION = re.compile(r"(?<= )[a-z0-9_]+(?=:)")
# https://discord.com/developers/docs/interactions/application-commands: letters and digits of every script (\w), and
# of Thai and Devanagari also the signs that are neither.
_NAME = re.compile(r"[-'\w\u0e31-\u0e3a\u0e47-\u0e4e\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963]{1,32}")


@dataclass(frozen=True, slots=True)
class Names:
    """One language's names: what commands, groups and options are `called`, and why a phrase's is `refused`."""

    called: Mapping[Path, str]
    refused: Mapping[str, str]

    def quote(self, quoted: Mention) -> str:
        """The command line or the argument's name that the mention quotes, as Discord shows it in this language."""
        if quoted.what == "argument":
            return self._option(quoted.id)
        words = ("/", *quoted.id.split(" "))
        command = " ".join(self.called.get(words[: n + 1], words[n]) for n in range(1, len(words)))
        arguments = quoted.name.removeprefix(f"/{quoted.id}")
        return f"/{command}" + _OPTION.sub(lambda found: self._option(found[0]), arguments)

    def _option(self, name: str) -> str:
        return self.called.get((":", name), name)


@lru_cache(maxsize=64)
def names_in(locale: str) -> Names:
    """What readers with that locale find in their picker, where it is not English."""
    return read_names(catalogue(locale))


def read_names(spoken: Catalog) -> Names:
    """The names that a catalogue gives.

    Discord takes them whatever else is wrong: a name that two could have, be it in English, is nobody's, nor is that
    of a group which is called differently in two of its commands.
    """
    refused: dict[str, str] = {}
    phrases: dict[Path, list[str]] = defaultdict(list)  # that say the name
    offered: dict[Path, set[str]] = defaultdict(set)
    for phrase, translation in _said(spoken):
        path, words = _path(phrase), _path(translation)
        reason = _unfit(path, words) if translation else None
        if reason:
            refused[phrase] = reason
        for n in range(2, len(path) + 1):
            phrases[path[:n]].append(phrase)
            offered[path[:n]] |= {words[n - 1]} if translation and not reason else set()
    holders: dict[Path, set[Path]] = defaultdict(set)
    for path, candidates in offered.items():
        for word in {path[-1], *candidates}:
            holders[*path[:-1], word].add(path)
    called: dict[Path, str] = {}
    for path, candidates in offered.items():
        rivals = {each for word in candidates for each in holders[*path[:-1], word]} - {path}
        if len(candidates) == 1 and not rivals:
            (called[path],) = candidates
        elif candidates:
            names = " and ".join(sorted(candidates))
            clash = f", which {min(rivals)[-1]} is called, too" if rivals else ", of which a group can have one"
            refused |= dict.fromkeys(phrases[path], f"calls {path[-1]} {names}{clash}")
    return Names(called, refused)


def _said(spoken: Catalog) -> Iterator[tuple[str, str]]:
    """The phrases that are names, with their translations; a guess is none."""
    for each in spoken:
        if isinstance(each.id, str) and _KEY.fullmatch(each.id):
            yield each.id, "" if each.fuzzy else str(each.string)


def _path(phrase: str) -> Path:
    return (":", phrase.removesuffix(":")) if phrase.endswith(":") else (phrase[:1], *phrase[1:].split(" "))


def _unfit(path: Path, words: Path) -> str | None:
    """What Discord has against the words as a translation of the path, or None."""
    if (words[0], len(words)) != (path[0], len(path)):
        shape = "name:" if path[0] == ":" else " ".join(["/word", *["word"] * (len(path) - 2)])
        return f"is to be translated word for word, in the form {shape}"
    bad = next((word for word in words[1:] if not _NAME.fullmatch(word) or word != word.lower()), None)
    return None if bad is None else f"“{bad}” is no name to Discord, which takes 1 to 32 small letters, digits, - and _"
