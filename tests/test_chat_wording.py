"""Words on their way to a reader: what is ours is structure, what somebody typed never is."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.wording import Day, Markdown, Mention, Moment, Span, Words, as_typed, listed, plain, say, say_n, spans

NOON = Moment(at=datetime(2027, 1, 4, 12, tzinfo=UTC), zone="Asia/Seoul")
ADA = Mention(what="person", id="7", name="Ada")


def test_a_phrase_is_said_with_its_values() -> None:
    assert plain(say("{done} of {n} done", done=3, n=5)) == "3 of 5 done"


def test_a_place_without_a_value_stays_as_it_is_written() -> None:
    assert plain(say("{done} of {n} done", done=3)) == "3 of {n} done"


def test_a_value_takes_on_the_style_of_its_place() -> None:
    phrase = say("**{title}** `{line}` [{name}](https://example.org)", title="T", line="/week", name="N")
    assert spans(phrase, "en") == [
        Span("T", bold=True), Span(" "), Span("/week", code=True), Span(" "), Span("N", link="https://example.org"),
    ]  # fmt: skip


def test_the_address_of_a_link_may_be_a_value() -> None:
    assert spans(say("[here]({url})", url="https://example.org/a?b=c"), "en") == [
        Span("here", link="https://example.org/a?b=c")
    ]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a.b/ c", "data:text/html,x", "", "HTTPS:/x"])
def test_a_value_that_is_no_web_address_makes_no_link(url: str) -> None:
    assert spans(say("[here]({url})", url=url), "en") == [Span("here")]


@given(st.text(min_size=1))
def test_what_somebody_typed_is_one_literal_span(typed: str) -> None:
    assert spans(typed, "en") == [Span(typed)]
    assert spans(say("{typed}", typed=typed), "ko") == [Span(typed)]
    assert spans(say("**{typed}**", typed=typed), "en") == [Span(typed, bold=True)]


@given(st.text(min_size=1))
def test_the_words_of_a_curriculum_are_literal(typed: str) -> None:
    assert spans(Words(texts={"en": typed}), "en") == [Span(typed)]


@pytest.mark.parametrize("typed", ["{name}", "{0.__class__}", "{name.__class__}", "{{name}}", "%(name)s", "%s"])
def test_a_value_is_never_filled_in_itself(typed: str) -> None:
    assert plain(say("{typed} and {name}", typed=typed, name="secret")) == f"{typed} and secret"


def test_small_markdown_draws_bold_code_and_web_links() -> None:
    assert spans(Markdown(source="**a** `b` [c](https://example.org)"), "en") == [
        Span("a", bold=True), Span(" "), Span("b", code=True), Span(" "), Span("c", link="https://example.org"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    [
        "**", "****", "** a **", "**a", "`a", "``", "[a]", "[a](b)", "[x](javascript:alert(1))", "[x]({text})",
        "{text}", "<b>a</b>", "<!channel>", "@everyone", "# a", "_a_", "[a](https://b c)",
    ],
)  # fmt: skip
def test_small_markdown_leaves_everything_else_as_it_was_typed(typed: str) -> None:
    assert spans(Markdown(source=typed), "en") == [Span(typed)]


def test_markdown_that_is_a_value_is_drawn_but_never_filled_in() -> None:
    assert plain(say("{body} {name}", body=Markdown(source="**{name}**"), name="Ada")) == "{name} Ada"


def test_words_are_given_in_the_readers_language() -> None:
    assert Words(texts={"en": "book", "ko": "책"}).in_("ko") == "책"


@pytest.mark.parametrize("locale", ["ko-KR", "ko_KR", "KO"])
def test_a_region_reads_its_language(locale: str) -> None:
    assert Words(texts={"en": "book", "ko": "책"}).in_(locale) == "책"


def test_words_fall_back_to_their_first_language() -> None:
    assert Words(texts={"ko": "책", "fr": "livre"}).in_("de") == "책"


@pytest.mark.parametrize(("n", "expected"), [(0, "0 weeks"), (1, "1 week"), (2, "2 weeks"), (1200, "1,200 weeks")])
def test_a_count_decides_the_form(n: int, expected: str) -> None:
    assert plain(say_n("{n} week", "{n} weeks", n)) == expected


def test_yes_and_no_are_words() -> None:
    assert plain(say("{a} {b}", a=True, b=False)) == "yes no"


def test_an_instant_is_told_in_its_zone_which_is_named() -> None:
    assert plain(NOON) == "Mon 4 Jan 2027, 21:00 (Asia/Seoul)"


def test_an_instant_stays_a_thing_for_platforms_that_draw_it_themselves() -> None:
    assert [span.thing for span in spans(say("at {when}", when=NOON), "en")] == [None, NOON]


def test_a_day_has_no_time_and_no_zone() -> None:
    assert plain(Day(on=date(2027, 1, 4))) == "Mon 4 Jan 2027"


def test_a_mention_stays_a_thing_and_has_a_name() -> None:
    assert spans(say("{who}", who=ADA), "en") == [Span("Ada", thing=ADA)]


def test_a_command_stays_a_thing_and_has_the_line_to_type() -> None:
    line = as_typed("cohort create", "name:…")
    assert spans(say("`{line}`", line=line), "ko") == [Span("/cohort create name:…", code=True, thing=line)]
    assert line.id == "cohort create"


def test_a_command_in_plain_text_is_as_it_is_typed_in_any_language() -> None:
    assert plain(say("{line}", line=as_typed("help", "cohort create")), "ko") == "/help cohort create"


def test_a_list_keeps_its_order_and_what_its_values_are() -> None:
    assert plain(listed([ADA, 3, say("**x**")], " · ")) == "Ada · 3 · x"


def test_an_empty_list_says_nothing() -> None:
    assert plain(listed([])) == ""


def test_a_link_shows_its_address_in_plain_text() -> None:
    assert plain(say("[here](https://example.org)")) == "here (https://example.org)"


def test_an_instant_that_is_not_wrapped_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="wrap an instant in Moment"):
        plain(say("{at}", at=NOON.at))
