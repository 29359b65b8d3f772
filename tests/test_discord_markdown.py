"""Discord's Markdown: what somebody typed shows as it was typed, and is never structure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.chat.literal import length
from bot.chat.platform import Person, Place
from bot.chat.wording import Markdown, Mention, Moment, argument_name, as_typed, say
from bot.platforms.discord.markdown import heading, markdown, shorten

NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)
ADA = Person(platform="discord", id="81384788765712384", name="Ada")
LOUNGE = Place(platform="discord", community="1", channel="290926798626357999", name="#lounge")

# How Discord's client reads: the first rule that fits here, else one character of text. The end of a link's label is
# looked for without regard to backslashes, and bold without regard to code, which is as unkind as a client could be.
RULES = [
    ("block", re.compile(r"(?<![^\n])[^\S\n]*(?:#{1,3}\s|-# |>>> |> |[-*+] |\d+\. )")),
    ("text", re.compile(r"\\(?P<text>[^0-9A-Za-z\s])")),
    ("address", re.compile(r"<(?P<text>[^: >]+:/[^ >]+)>")),
    ("thing", re.compile(r"<(?:@[!&]?|#|id:|a?:\w+:|/[\w ]+:|t:)[\w:-]+>|<\+?[\w.-]+(?:@[\w.]+)?>|@everyone|@here")),
    ("bare", re.compile(r"(?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s]")),
    ("link", re.compile(r"\[(?P<text>(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?(?P<to>[^\s\\)]*)>?\s*\)")),
    ("emoji", re.compile(r":[\w+-]+:")),
    ("bold", re.compile(r"\*\*(?P<text>(?:\\.|[^\\])+?)\*\*(?!\*)", re.DOTALL)),
    ("block", re.compile(r"```.+?```", re.DOTALL)),
    ("code", re.compile(r"(?P<fence>`+)(?P<text>.*?[^`])(?P=fence)(?!`)", re.DOTALL)),
    ("style", re.compile(r"(?P<mark>\*|__|_|~~|\|\|)(?:\\.|[^\\])+?(?P=mark)", re.DOTALL)),
]
NESTED = ("bold", "link")

HOSTILE = [
    "@everyone", "@here", "<@81384788765712384>", "<@&1>", "<#2>", "<t:0:R>", "<:cat:3>", "<a:dog:4>", "</week:5>",
    "<id:customize>", ":smile:", "[x](https://evil.example)", "](https://evil.example)", "https://a.example/x_y(z)",
    "http://evil", "steam://run", "<https://evil.example>", "# a", "-# a", "> a", ">>> a", "- a", "* a", "1. a", "#",
    "**", "*", "__", "_", "~~", "||", "`", "``", "```", "\\", "[", "]", "(", ")", ":", "//", " ", "\n", "\r\n",
    "한글", "é", "🎉", "a", "snake_case", "`</x:1>`", "¯\\_(ツ)_/¯", "!", "-", "1.", "<", ">", "@", "a@b.example",
    "**x**",
]  # fmt: skip
typed = st.one_of(st.lists(st.sampled_from(HOSTILE), max_size=12).map("".join), st.text(max_size=60))


def read(source: str) -> list[tuple[str, str]]:
    """What is shown, as (kind, text); a link's label is followed by ("to", address)."""
    shown: list[tuple[str, str]] = []
    for kind, text in _read(source):
        if shown and shown[-1][0] == kind == "text":
            shown[-1] = (kind, shown[-1][1] + text)
        else:
            shown.append((kind, text))
    return shown


def _read(source: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(source):
        found = next(((kind, found) for kind, rule in RULES if (found := rule.match(source, at))), None)
        if found is None:
            yield "text", source[at]
            at += 1
            continue
        kind, match = found
        text = match.groupdict().get("text") or ("" if kind == "text" else match[0])
        if kind == "code":
            text = re.sub(r"^ (?= *`)|(?<=`) (?= *$)|(?<=` ) $", "", text) if "`" in text else text
        if kind in NESTED:
            yield from ((inner if inner != "text" else kind, each) for inner, each in read(text))
            yield from [("to", match["to"])] if kind == "link" else []
        else:
            yield kind, text
        at = match.end()


def words(source: str, *, without: str = "to") -> str:
    return "".join(text for kind, text in read(source) if kind != without)


def lines(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)


@given(typed)
@example("see https://a.example/x_y(z), and <@1> **b** `c`\n- [d](https://evil.example)\n1. @everyone")
def test_what_somebody_typed_shows_as_it_was_typed(text: str) -> None:
    shown = read(markdown(say("{text}", text=text), "en"))
    assert {kind for kind, _ in shown} <= {"text", "address"}
    assert "".join(each for _, each in shown) == lines(text)


@given(typed, typed)
def test_neighbouring_values_make_no_structure_together(one: str, other: str) -> None:
    shown = read(markdown(say("{one}{other}", one=one, other=other), "en"))
    assert {kind for kind, _ in shown} <= {"text", "address"}
    assert "".join(each for _, each in shown) == lines(one + other)


@given(typed)
def test_a_value_in_bold_is_bold_and_nothing_else(text: str) -> None:
    shown = read(markdown(say("**{text}**!", text=text), "en"))
    assert {kind for kind, _ in shown[:-1]} <= {"bold", "address"}
    assert "".join(each for _, each in shown) == lines(text) + "!"


@given(typed)
def test_a_value_in_code_stays_in_code_or_shows_literally(text: str) -> None:
    shown = read(markdown(say("`{text}`", text=text), "en"))
    assert {kind for kind, _ in shown} <= {"code", "text"}
    assert "".join(each for _, each in shown) == lines(text).replace("\n", " ")


@given(typed, typed)
def test_a_titles_link_leads_where_it_should_and_no_value_leads_elsewhere(title: str, after: str) -> None:
    source = heading(title, "en", "https://good.example/(a)*[b]") + "\n" + markdown(after, "en")
    good = "https://good.example/%28a%29%2A%5Bb%5D"
    assert {text for kind, text in read(source) if kind == "to"} <= {good}
    assert not {kind for kind, _ in read(source)} & {"thing", "emoji", "bare", "block", "style"}
    assert all(text == good or text in title + after for kind, text in read(source) if kind == "address")


@given(typed, st.integers(60, 120), st.integers(80, 200))
def test_a_cut_text_is_a_beginning_with_a_word_on_how_much_is_missing(text: str, most: int, size: int) -> None:
    source = markdown(say("**{text}** `{text}`: {text} [go](https://a.example)", text=text), "en")
    cut = shorten(source, most, size, "en")
    assert length(cut) <= most
    assert len(cut.encode()) <= size
    if cut != source:
        beginning, said, missing = words(cut).rpartition("… (")
        assert words(source).startswith(beginning)
        assert said
        assert re.fullmatch(r"[\d,]+ more characters?\)", missing)
        assert {kind for kind, _ in read(cut)} <= {"text", "bold", "code", "address", "link", "to"}


@pytest.mark.parametrize(
    ("wording", "shown"),
    [
        (say("{at}", at=Moment(at=NOON, zone="Asia/Seoul")), "<t:1796644800:f>"),
        (say("{who} in {where}", who=ADA.mention(), where=LOUNGE.mention()),
         "<@81384788765712384> in <#290926798626357999>"),
        (say("{who}", who=Mention(what="role", id="5", name="Deep")), "<@&5>"),
        (say("{who}", who=Mention(what="person", id="U2147483697", name="@here")), "\\@here"),
        (say("`/week {n}`", n=2), "`/week 2`"),
        (say("`{code}`", code="a`b"), "``a`b``"),
        (say("`{code}`", code="`"), "`` ` ``"),
        (say("**Now {line} it**", line=say("`/week`")), "**Now **`/week`** it**"),
        (say("[{label}]({url})", label="read_me", url="https://a.example/b c"), "read\\_me"),
        (Markdown(source="[a](https://a.example) **b** https://c.example."),
         "[a](https://a.example) **b** <https://c.example>."),
        ("C#\n# no heading\n-# small", "C\\#\n\\# no heading\n\\-\\# small"),
        ("1. first, 2. second, 1.5 h, 2027-01-04 09:00", "1\\. first, 2. second, 1.5 h, 2027-01-04 09:00"),
        ("https://ko.example/가 와 https://ko.example/를", "<https://ko.example/>가 와 <https://ko.example/>를"),
    ],
)  # fmt: skip
def test_written(wording: str, shown: str) -> None:
    assert markdown(wording, "en") == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (as_typed("join"), "/참여"),
        (as_typed("cohort status"), "/기수 현황"),
        (as_typed("help", "cohort create"), "/도움말 cohort create"),
        (as_typed("resource", "query:next", "kind:…"), "/자료 검색어:next 종류:…"),
        (as_typed("a command of an older version"), "/a command of an older version"),
        (argument_name("hours"), "시간"),
        (argument_name("of_an_older_version"), "of\\_an\\_older\\_version"),
    ],
)
def test_a_command_is_written_as_its_reader_finds_it(line: Mention, shown: str) -> None:
    assert markdown(say("{line}.", line=line), "ko") == f"{shown}."
    assert markdown(say("`{line}`", line=line), "ko") == f"`{shown.replace(chr(92), '')}`"
    assert markdown(say("{line}", line=line), "fr") == markdown(line.name, "fr")


def test_a_label_that_discord_could_end_early_stands_beside_its_address() -> None:
    assert heading("a] (b", "en", "https://a.example") == "**a\\] (b <https://a.example>**"
    assert heading("[D] a", "en", "https://a.example") == "**[\\[D\\] a](https://a.example)**"


def test_a_link_is_never_cut() -> None:
    source = markdown(say("Read [the whole book](https://book.example/a/long/address) now, all of it"), "en")
    assert shorten(source, 60, 500, "en") == "Read… (30 more characters)"
