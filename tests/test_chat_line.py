"""Command lines: taken apart as people type them, and written so that they are taken apart the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import line
from bot.chat.argument import in_words, person_in
from bot.chat.line import Line
from bot.chat.platform import Person

COMMANDS = {
    "next": [],
    "done": ["task", "amount"],
    "checkin": ["did", "next", "hours"],
    "cohort create": ["name", "start"],
    "cohort place add": ["cohort", "code"],
}


def arguments(typed: str) -> dict[str, str]:
    """What a line gives the command it names."""
    found = line.read(typed, COMMANDS)
    assert found is not None, f"{typed!r} names no command"
    return dict(found.given)


def test_a_line_is_a_command_and_its_arguments() -> None:
    assert line.read("/done outreach amount:3", COMMANDS) == Line("done", {"task": "outreach", "amount": "3"})


def test_a_slash_is_not_needed() -> None:
    assert line.read("next", COMMANDS) == line.read("/next", COMMANDS) == Line("next", {})


def test_a_name_of_several_words_is_read_whole() -> None:
    assert line.read("cohort place add Spring", COMMANDS) == Line("cohort place add", {"cohort": "Spring"})


def test_the_case_of_a_command_and_the_space_in_it_do_not_matter() -> None:
    assert line.read("  /Cohort   CREATE  Spring ", COMMANDS) == Line("cohort create", {"name": "Spring"})


def test_the_case_of_an_arguments_name_does_not_matter() -> None:
    assert arguments("done Task:outreach AMOUNT:3") == {"task": "outreach", "amount": "3"}


@pytest.mark.parametrize("typed", ["", "/", "?", "hello there", "cohort", "cohort delete Spring", "donee outreach"])
def test_what_names_no_command_is_no_line(typed: str) -> None:
    assert line.read(typed, COMMANDS) is None


def test_a_question_mark_opens_the_form_with_what_is_given() -> None:
    assert line.read("/?done task:outreach", COMMANDS) == Line("done", {"task": "outreach"}, asks=True)


def test_bare_words_are_the_first_argument() -> None:
    assert arguments("cohort create Spring class start:2026-12-07") == {"name": "Spring class", "start": "2026-12-07"}


def test_bare_words_may_stand_after_a_named_argument() -> None:
    assert arguments("cohort create start:2026-12-07 Spring class") == {"name": "Spring class", "start": "2026-12-07"}


def test_no_word_is_lost_where_quotes_were_forgotten() -> None:
    assert arguments("checkin did:I read two papers next:write it up hours:3") == {
        "did": "I read two papers", "next": "write it up", "hours": "3",
    }  # fmt: skip


def test_words_before_the_first_argument_are_part_of_it() -> None:
    assert arguments("checkin finally did:read") == {"did": "finally read"}


def test_a_value_in_quotes_keeps_its_spaces() -> None:
    assert arguments('checkin did:"two  papers" hours:3') == {"did": "two  papers", "hours": "3"}


def test_the_curly_quotes_of_phones_are_quotes() -> None:
    assert arguments("checkin did:“two papers” hours:3") == {"did": "two papers", "hours": "3"}


def test_a_backslash_keeps_a_quote_in_quotes() -> None:
    assert arguments(r'checkin did:"read \"Attention\" \\ twice"') == {"did": r'read "Attention" \ twice'}


def test_a_quote_that_is_never_closed_is_only_a_character() -> None:
    assert arguments('done "outreach') == {"task": '"outreach'}


@pytest.mark.parametrize(
    "typed", ["https://example.org/a:b", "what is p-value: a definition", "12:30 works", ":", "::"]
)
def test_a_colon_names_an_argument_only_if_the_command_has_it(typed: str) -> None:
    assert arguments(f"done {typed}") == {"task": typed}


def test_a_name_without_a_value_is_an_empty_value() -> None:
    assert arguments("done task: amount:3") == {"task": "", "amount": "3"}


def test_a_command_without_arguments_needs_none_of_the_words_after_it() -> None:
    assert line.read("next please", COMMANDS) == Line("next", {})


@given(
    given=st.dictionaries(st.sampled_from(COMMANDS["checkin"]), st.text(st.characters(), max_size=60)),
    asks=st.booleans(),
)
def test_what_is_written_is_read_back_the_same(given: dict[str, str], asks: bool) -> None:
    assert line.read(line.write("checkin", given, asks), COMMANDS) == Line("checkin", given, asks)


@given(st.text(st.characters(), max_size=200))
def test_whatever_is_typed_is_read(typed: str) -> None:
    found = line.read(typed, COMMANDS)
    assert found is None or set(found.given) <= set(COMMANDS[found.command])
    done = line.read(f"done {typed}", COMMANDS)
    assert done is not None
    assert (done.command, set(done.given) <= {"task", "amount"}) == ("done", True)


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1))
def test_every_word_that_is_typed_reaches_the_command(words: list[str]) -> None:
    typed = " ".join(words)
    assert " ".join(arguments(f"checkin did:{typed}").values()) == typed


@given(name=st.text(max_size=40), id_=st.sampled_from(["500", "T1:UADA", "eve"]))
def test_a_person_in_a_line_is_that_person_whatever_they_are_called(name: str, id_: str) -> None:
    person = Person(platform="slack", id=id_, name=name)
    typed = line.write("done", {"task": in_words(person), "amount": "1"})
    assert person_in(arguments(typed)["task"]) == person
