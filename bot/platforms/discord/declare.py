"""The commands as Discord declares them: pure, from the registry to the payload of one bulk overwrite.

The words of a name become group and subcommand. Names and descriptions are translated from the catalogues; what an
interaction brings back is always in English.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import discord

from bot.chat.command import LONGEST_TEXT, Command, CommandError, Kind, Parameter, Rank
from bot.chat.literal import cut
from bot.chat.wording import FALLBACK, languages, plain, say
from bot.platforms.discord.names import names_in

Json = dict[str, Any]

# https://discord.com/developers/docs/interactions/application-commands
MOST_COMMANDS = 100
MOST_OPTIONS = 25  # subcommands, too
LONGEST = 100  # descriptions, and names of choices
LARGEST = 8000  # names, descriptions and values of one top-level command, each at its longest translation

_CHAT_INPUT = 1
_SUBCOMMAND, _GROUP = 1, 2
_TYPES: Mapping[Kind, int] = {
    "text": 3, "whole": 4, "yes_no": 5, "choice": 3, "date": 3, "time": 3, "person": 6, "role": 8,
}  # fmt: skip
_IN_GUILDS, _IN_BOT_DMS = 0, 1
_INSTALLED_BY_GUILDS = 0

# Reading makes sense alone with the bot as well; everything else needs to know in which community it happens.
READABLE_IN_DMS = frozenset({"help", "next", "progress", "resource", "roadmap", "week"})
# Whom Discord shows a facilitators' command unless an admin decides otherwise. The Desk asks again at every call.
FACILITATORS_HAVE = discord.Permissions.manage_events.flag


def declare(commands: Iterable[Command]) -> list[Json]:
    """The body of `PUT /applications/{id}/commands` for these commands, in their order.

    Raises CommandError for what only all of them together can break: a group with two ranks, a name that is a command
    and a group, more than Discord holds.
    """
    roots: dict[str, list[Command]] = {}
    for each in commands:
        roots.setdefault(each.name.partition(" ")[0], []).append(each)
    if len(roots) > MOST_COMMANDS:
        raise CommandError(f"{len(roots)} top-level commands, of at most {MOST_COMMANDS} (Discord); put some in groups")
    return [_root(name, made) for name, made in roots.items()]


def fingerprint(payload: Sequence[Json]) -> str:
    """A name for the payload that changes exactly when something in it does; the order of keys does not count."""
    canonical = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def mark(application_id: object, payload: Sequence[Json]) -> str:
    """What is noted once the payload was declared to the application: it need not be again while this is the same."""
    return f"{application_id}:{fingerprint(payload)}"


def paths(payload: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The whole names of all commands in a payload of ours, or in Discord's answer: `done`, `cohort create`."""
    return frozenset(_paths(payload))


def size(node: Mapping[str, Any]) -> int:
    """What Discord counts towards LARGEST: characters of names, descriptions and values, each at its longest."""
    own = _longest(node, "name") + _longest(node, "description")
    choices = sum(_longest(each, "name") + len(str(each["value"])) for each in node.get("choices", ()))
    return own + choices + sum(size(each) for each in node.get("options", ()))


def _paths(nodes: Iterable[Mapping[str, Any]], above: str = "") -> Iterator[str]:
    for each in nodes:
        path = f"{above}{each['name']}"
        below = [option for option in each.get("options") or () if option["type"] in (_SUBCOMMAND, _GROUP)]
        if below:
            yield from _paths(below, f"{path} ")
        else:
            yield path


def _root(name: str, made: Sequence[Command]) -> Json:
    ranks = sorted({each.allow for each in made})
    if len(ranks) > 1 and ranks[0] < Rank.FACILITATOR:
        names = ", ".join(f"/{each.name} ({each.allow.name.lower()})" for each in made)
        raise CommandError(f"/{name}: Discord hides a group as a whole, so it is for facilitators or not: {names}")
    declared: Json = {
        "type": _CHAT_INPUT,
        **_node(name, made),
        "contexts": [_IN_GUILDS, _IN_BOT_DMS] if name in READABLE_IN_DMS else [_IN_GUILDS],
        "integration_types": [_INSTALLED_BY_GUILDS],
    }
    if ranks[0] >= Rank.FACILITATOR:
        declared["default_member_permissions"] = FACILITATORS_HAVE
    if size(declared) > LARGEST:
        raise CommandError(f"/{name}: {size(declared)} characters in all, of at most {LARGEST} (Discord); shorten it")
    return declared


def _node(path: str, made: Sequence[Command]) -> Json:
    """The command of that whole name, or the group of those below it."""
    name = _named("/", *path.split(" "))
    alone = next((each for each in made if each.name == path), None)
    if alone and len(made) > 1:
        raise CommandError(f"/{path} has subcommands, so it cannot be a command itself (Discord); give it another name")
    if alone:
        options = [_option(alone, each) for each in alone.offered]
        return {**name, **_described(alone.description), "options": options}
    branches: dict[str, list[Command]] = {}
    for each in made:
        branches.setdefault(each.name[len(path) + 1 :].partition(" ")[0], []).append(each)
    if len(branches) > MOST_OPTIONS:
        raise CommandError(
            f"/{path}: {len(branches)} subcommands, of at most {MOST_OPTIONS} (Discord); split the group"
        )
    options = [_branch(f"{path} {word}", below) for word, below in branches.items()]
    described = f"{path}: {', '.join(branches)}"  # never shown by Discord, but required
    described = described if len(described) <= LONGEST else f"{described[: LONGEST - 1]}…"
    return {**name, "description": described, "options": options}


def _branch(path: str, made: Sequence[Command]) -> Json:
    is_group = all(each.name != path for each in made)
    return {"type": _GROUP if is_group else _SUBCOMMAND, **_node(path, made)}


def _option(made: Command, each: Parameter) -> Json:
    option: Json = {"type": _TYPES[each.kind], **_named(":", each.name), **_described(each.arg.label)}
    # What opens its form by itself can be sent without anything: the form asks for what is required.
    if each.required and not made.ask:
        option["required"] = True
    if each.arg.suggest:
        option["autocomplete"] = True
    if each.choices:
        option["choices"] = [{**_worded("name", choice), "value": choice} for choice in each.choices]
    if each.kind == "text":
        option["max_length"] = int(each.arg.max or LONGEST_TEXT)
    if each.kind == "whole":
        bounds = {"min_value": each.arg.min, "max_value": each.arg.max}
        option |= {name: int(bound) for name, bound in bounds.items() if bound is not None}
    return option


def _named(*path: str) -> Json:
    called = {locale: names_in(locale).called.get(path) for locale in _locales()}
    translated = {locale: name for locale, name in called.items() if name not in (None, path[-1])}
    return {"name": path[-1], **({"name_localizations": translated} if translated else {})}


def _described(words: str) -> Json:
    return _worded("description", words)


def _worded(key: str, words: str) -> Json:
    """The English, and the translations that differ from it, for each of Discord's locales that we have words in."""
    english = _said(words, FALLBACK)
    others = {locale: _said(words, locale) for locale in _locales()}
    translated = {locale: text for locale, text in others.items() if text != english}
    return {key: english, **({f"{key}_localizations": translated} if translated else {})}


@cache
def _locales() -> tuple[str, ...]:
    """Discord's locales that we have words in; it has thirty, and a start would put every word into each of them."""
    return tuple(each.value for each in discord.Locale if each.value.partition("-")[0] in languages())


@cache
def _said(words: str, locale: str) -> str:
    """Those words of a command's own in that locale: the same whenever commands are declared anew.

    They are cut, since a translation that came out too long must not keep all commands from Discord.
    """
    return cut(plain(say(words), locale), LONGEST)


def _longest(node: Mapping[str, Any], key: str) -> int:
    translated = node.get(f"{key}_localizations") or {}
    return max(map(len, [node[key], *translated.values()]))
