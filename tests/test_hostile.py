"""Whatever is typed, in every argument of every command: a reply or a refusal, never a crash, and shown as it is.

`HYPOTHESIS_PROFILE=storm pytest tests/test_hostile.py` tries 300 of each command instead of 50.
"""

import asyncio
import itertools
import json
import re
import shutil
from collections.abc import Collection, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat import line
from bot.chat.argument import legible
from bot.chat.command import Command, Parameter
from bot.chat.message import Facts, Form, Item, Picture, Reply, Text
from bot.chat.platform import Call, Person, Place
from bot.chat.wording import Markdown, Span, plain, spans
from bot.commands import all_commands
from bot.curriculum.load import Curricula
from bot.pictures.studio import Studio
from bot.platforms.playground.render import render, render_choice, render_form
from tests.town import Town, open_town, text_of

DRAW = Studio()
COMMANDS = {each.name: each for each in all_commands()}
OPEN, CLOSE = "⟦", "⟧"
"""Around every hostile text, so that it can be found again in what is shown."""
MENTIONS = ("<!channel>", "<!here|here>", "<@U123>", "@everyone", "@here", "<@&1>")
CODE = (
    "'; DROP TABLE members;--", '" OR 1=1 --', "{0.__class__}", "{text}", "{name}", "{{}}", "%s%n%(name)s", "../../etc",
    "${jndi:ldap://x}", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;&amp;", "\x1b[31m",
)  # fmt: skip
MARKUP = (
    "**", "**bold**", "*", "_", "`", "`code`", "```", "[x](javascript:alert(1))", "[x](https://example.org)",
    "[x]({url})", "# title", "> quote", "||spoiler||",
)  # fmt: skip
LETTERS = (
    "\0", "a\0b", "\ud800", "x\udfff", "\x07\x08", "\u202eright to left", "שלום עולם", "مرحبا", "🏳️‍🌈",
    "e\u0301\u0301\u0301", "\u200b\u2060\ufeff", "\r\n\t", "x" * 10_000, "가" * 3_000,
)  # fmt: skip
NUMBERS = ("9" * 400, "-1", "0", "1e400", "NaN", "٣", "0x10", "2**64", "18446744073709551616", "1_000")
DATES = ("0000-00-00", "0001-01-01", "1000-01-01", "9999-12-31", "2027-02-30", "2027-W01", "20270101")
TIMES = ("24:00", "-00:01", "99:99", "09:00Z", "9", "09:00:00.5", "T09:00")
LINES = ("/help", "?done", '"', "\\", "“", "task:x", "text:", "c1", "all")
NASTY = (*MENTIONS, *CODE, *MARKUP, *LETTERS, *NUMBERS, *DATES, *TIMES, *LINES)
ODD = {"whole": NUMBERS, "date": DATES, "time": TIMES}

hostile_texts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=40)).map(
    lambda text: f"{OPEN}{text}{CLOSE}"
)
odd_texts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=40))
GOOD = {
    "task": "outreach", "draft": "1", "resource": "deep-learning-book", "cohort": "c1", "number": "2", "amount": "3",
    "total": "5", "hours": "4", "start": "2027-02-01", "time": "18:30", "day": "friday", "pace": "min", "share": "yes",
    "kind": "book", "phase": "portfolio", "curriculum": "english-emails", "timezone": "Asia/Seoul",
    "link": "https://example.org/x", "post": "1",
}  # fmt: skip


def bad(parameter: Parameter) -> st.SearchStrategy[str]:
    """What nobody should give for the argument; for numbers and dates also what only looks like one."""
    apt = hostile_texts if parameter.kind == "text" else st.sampled_from(ODD.get(parameter.kind, NASTY))
    return st.one_of(apt, odd_texts)


def good(parameter: Parameter) -> st.SearchStrategy[str]:
    """What gets the command as far as it goes. A name is new each time, or it would be taken."""
    return st.just(GOOD[parameter.name]) if parameter.name in GOOD else st.uuids().map(str)


def arguments(made: Command) -> st.SearchStrategy[dict[str, str]]:
    """One bad argument among good ones, or any of them bad, or one that the command does not have."""
    if not made.parameters:
        return st.dictionaries(st.just("unknown"), odd_texts)
    among_good = [
        st.fixed_dictionaries(
            {each.name: bad(each) if each is attacked else good(each) for each in needed},
            optional={each.name: good(each) for each in made.parameters if each not in needed},
        )
        for attacked in made.parameters
        for needed in [[each for each in made.parameters if each.required or each is attacked]]
    ]
    anything = st.fixed_dictionaries({}, optional={each.name: bad(each) for each in made.parameters})
    return st.one_of(*among_good, anything, st.dictionaries(st.just("unknown"), odd_texts, min_size=1))


How = tuple[str, Literal["line", "form", "button"], bool, str]
ways: st.SearchStrategy[How] = st.tuples(
    st.sampled_from(["ada", "stranger"]),
    st.sampled_from(["line", "form", "button"]),
    st.integers(0, 4).map(lambda one_in_five: one_in_five == 4),
    st.sampled_from(["en", "ko", "xx", ""]),
)
"""Who says it, how, whether they ask for the form, and in which language."""


class Siege:
    """A town that is talked to from outside of its event loop, so that one town serves many examples."""

    def __init__(self, runner: asyncio.Runner, town: Town) -> None:
        self._runner = runner
        self._numbers = itertools.count()
        self.town = town
        self.typed = set[str]()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What comes of it."""
        return self._runner.get_loop().run_until_complete(work)

    def call(self, name: str, given: Mapping[str, str], how: How = ("ada", "line", False, "en")) -> Call:
        """The call of somebody who may do everything."""
        self.typed |= {squeezed(legible(each)) for each in (name, *given.values()) if each.startswith(OPEN)}
        number = next(self._numbers)
        who, via, asks, locale = how
        channel = f"c{number}" if name == "cohort create" else "main"  # else the place is taken after the first
        return Call(
            id=f"hostile-{number}", command=name, given=given, via=via, asks=asks, locale=locale, is_admin=True,
            person=Person(platform="square", id=who, name=who), zone="UTC",
            place=Place(platform="square", community="town", channel=channel, name="#main"),
        )  # fmt: skip

    def ready(self, name: str, given: Mapping[str, str]) -> Mapping[str, str]:
        """The arguments, after Ada has come back and the draft that is meant has been written."""
        if name == "leave":
            self.do(self.town.ask("ada: /join c1"))
        if given.get("draft") != GOOD["draft"]:
            return given
        preview = self.do(self.town.ask("grace: /announce text:draft cohort:c1"))
        return {**given, "draft": preview.buttons[0].line.rpartition(":")[2]}

    def post(self) -> None:
        """Have sent what is due."""
        posted = len(self.town.square.told)
        self.do(self.town.rooms.delivery.tick())
        for _, post in self.town.square.told[posted:]:
            holds(post.message, self.typed)


@pytest.fixture(scope="module")
def siege(migrated: Path, curricula: Curricula, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    folder = tmp_path_factory.mktemp("siege")
    shutil.copy(migrated, folder)
    with asyncio.Runner() as runner:
        made = Siege(runner, runner.run(open_town(folder, curricula=curricula)))
        made.do(made.town.start("grace: /cohort create Deep curriculum:deep-learning start:2027-01-04"))
        made.do(made.town.say("ada: /join"))
        yield made
        made.do(made.town.rooms.records.close())


@pytest.mark.parametrize("name", COMMANDS)
def test_whatever_is_given_is_answered_and_shown_as_it_is(siege: Siege, name: str) -> None:
    @given(given=arguments(COMMANDS[name]), how=ways)
    def storm(given: dict[str, str], how: How) -> None:
        call = siege.call(name, siege.ready(name, given), how)
        holds(siege.do(siege.town.rooms.desk.answer(call)), siege.typed)
        if siege.town.rooms.delivery.is_wanted:  # most put nothing, and to find that takes longer than to answer
            siege.post()

    storm()
    siege.post()


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, each) for name, made in COMMANDS.items() for each in made.parameters if each.kind in ODD],
    ids=lambda each: getattr(each, "name", each),
)
def test_every_odd_number_date_and_time_is_answered(siege: Siege, name: str, parameter: Parameter) -> None:
    for number, odd in enumerate(ODD[parameter.kind]):
        needed = {
            each.name: GOOD.get(each.name, f"odd {number}") for each in COMMANDS[name].parameters if each.required
        }
        given = siege.ready(name, {**needed, parameter.name: odd})
        holds(siege.do(siege.town.rooms.desk.answer(siege.call(name, given))), siege.typed)


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, each.name) for name, made in COMMANDS.items() for each in made.parameters if each.arg.suggest],
)
def test_whatever_is_half_typed_gets_suggestions_that_can_be_drawn(siege: Siege, name: str, parameter: str) -> None:
    @given(odd_texts)
    def storm(typed: str) -> None:
        made = siege.call(name, {})
        for each in siege.do(siege.town.rooms.desk.suggest(made, parameter, typed)):
            assert json.dumps(render_choice(each, "ko")).encode()

    storm()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_hostile_line_reaches_the_command_as_it_was_written(name: str) -> None:
    made = COMMANDS[name]
    names = {made.name: [each.name for each in made.parameters]}

    @settings(max_examples=settings().max_examples // 3)  # one law, which every command tries with its own names
    @given(st.dictionaries(st.sampled_from(names[name] or ["none"]), odd_texts))
    def storm(given: dict[str, str]) -> None:
        known = {each: value for each, value in given.items() if each in names[name]}
        found = line.read(line.write(name, known), names)
        assert found is not None
        assert found.given == known

    storm()


@given(odd_texts)
def test_an_unknown_command_is_named_as_it_was_typed(siege: Siege, typed: str) -> None:
    reply = siege.do(siege.town.rooms.desk.answer(siege.call(f"{OPEN}{typed}{CLOSE}", {})))
    holds(reply, siege.typed)
    assert "There is no command called" in text_of(reply)


# ---- what has to be true of anything that is shown ------------------------------------------------------------------


def holds(reply: Reply, typed: Collection[str]) -> None:
    """It is no crash, it can be kept and drawn in both languages, and what was ever typed stands in it literally."""
    assert "Something went wrong" not in text_of(reply)
    assert type(reply).model_validate_json(reply.model_dump_json()) == reply
    for locale in ("en", "ko"):
        drawn = render_form(reply, locale) if isinstance(reply, Form) else render(reply, locale, DRAW)
        assert json.dumps(drawn, ensure_ascii=False).encode()
        for span in all_spans(reply, locale):
            assert span.link is None or re.match(r"https?://", span.link)
            if OPEN in span.text:
                stands_as_typed(span, typed)


def stands_as_typed(span: Span, typed: Collection[str]) -> None:
    """A span holds the whole of a hostile text, or its beginning where it is shortened: nothing in it was read."""
    shown = squeezed(span.text[span.text.index(OPEN) :])
    assert span.link is None
    if shown.endswith("…"):
        assert any(each.startswith(shown[:-1].rstrip()) for each in typed), shown
    else:
        assert any(shown.startswith(each) for each in typed), shown


def squeezed(text: str) -> str:
    return " ".join(text.split())


def all_spans(reply: Reply, locale: str) -> list[Span]:
    """Every span that a reader sees, but for the small Markdown that facilitators may write."""
    wordings: list[Any] = [reply.title]
    if isinstance(reply, Form):
        wordings += [reply.text, *(each.error for each in reply.fields)]
    else:
        for part in reply.parts:
            match part:
                case Text():
                    wordings.append(part.text)
                case Facts():
                    wordings += [each for fact in part.facts for each in (fact.label, fact.value)]
                case Item():
                    wordings += [part.title, part.text]
                case Picture():
                    wordings.append(part.alt)
        wordings += [each.label for each in reply.buttons]
    said = [each for each in wordings if each is not None]
    assert all(plain(each, locale) is not None for each in said)
    return [span for each in said if not isinstance(each, Markdown) for span in spans(each, locale)]
