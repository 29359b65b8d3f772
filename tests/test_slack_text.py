"""Slack's texts: what somebody typed shows as it was typed, and is never structure."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.chat.platform import Person, Place
from bot.chat.wording import Markdown, Mention, Moment, Value, as_typed, say
from bot.platforms.slack.text import (
    Elements,
    Reader,
    elements,
    escaped,
    heading,
    mrkdwn,
    notice,
    plain_text,
    shorten,
    weight,
)

NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)
MOMENT = Moment(at=NOON, zone="Asia/Seoul")
ADA = Person(platform="slack", id="T0ACME:U0ADA", name="Ada")
LOUNGE = Place(platform="slack", community="T0ACME", channel="C0LOUNGE", name="#lounge")
READER = Reader("en")

HOSTILE = [
    "<!channel>", "<!here|x>", "<@U0ADA>", "<#C0LOUNGE>", "<!subteam^S1>", "<!date^0^{date}|x>", "<http://x.example|y>",
    "&lt;!channel&gt;", "&amp;", "&", "*", "*x*", "_", "_x_", "~", "~x~", "`", "`x`", "```", ":smile:", ":+1:", ">",
    "> q", ">>> q", "@channel", "@here", "#general", "|", "https://a.example/x_y(z)?a=1&b=2", "http://x|y", " ", "\n",
    "\r\n", "snake_case", "한글", "é", "🎉", "a", "- a", "1. a", "09:00", ":", "http://", "\u200b", "\\", "<", "^",
    "{date}",
]  # fmt: skip
typed = st.one_of(st.lists(st.sampled_from(HOSTILE), max_size=12).map("".join), st.text(max_size=60))

# How Slack's client could read mrkdwn at its unkindest: emphasis needs no boundaries, and nothing takes a mark apart.
MARKUP = re.compile(
    r"<(?P<thing>[@#!][^>]*)>|<(?P<to>[^>|]*)(?:\|(?P<label>[^>]*))?>"
    r"|\*(?P<bold>[^*\n]+)\*|(?P<mark>[_~`])[^\n]*?(?P=mark)|(?P<emoji>:[\w+'-]+:)|(?P<quote>^(?:&gt;)+)",
    re.MULTILINE,
)


def lines(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)


def shown(drawn: Elements) -> str:
    """What a reader sees of texts and links."""
    return "".join(str(each.get("text", each.get("url"))) for each in drawn)


def decoded(markup: str) -> str:
    return markup.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def read(markup: str) -> tuple[str, list[str]]:
    """What is shown of mrkdwn, and which structure it has."""
    found: list[str] = []

    def show(match: re.Match[str]) -> str:
        kind = match.lastgroup if match["to"] is None else "link"
        found.append(str(kind))
        if kind == "bold":
            return MARKUP.sub(show, match["bold"])
        return str(match["label"] or match["to"]) if kind == "link" else match[0]

    return decoded(MARKUP.sub(show, markup)), found


@given(typed)
@example("see https://a.example/x_y(z), and <@U0ADA> *b* :smile: &lt;\n> q")
def test_what_somebody_typed_shows_as_it_was_typed(text: str) -> None:
    drawn = elements(say("{text}", text=text), READER)
    assert shown(drawn) == lines(text)
    assert all(set(each) <= {"type", "text", "url"} for each in drawn)
    assert all(each["type"] == "link" for each in drawn if "url" in each)
    assert {each["type"] for each in drawn} <= {"text", "link"}


@given(typed, typed)
def test_neighbouring_values_make_no_structure_together(one: str, other: str) -> None:
    drawn = elements(say("{one}{other}", one=one, other=other), READER)
    assert shown(drawn) == lines(one + other)
    assert {each["type"] for each in drawn} <= {"text", "link"}


@given(typed)
def test_a_value_in_bold_or_code_has_that_style_and_no_other(text: str) -> None:
    drawn = elements(say("**{text}** and `{text}`", text=text), READER)
    bold = [each for each in drawn if each.get("style") == {"bold": True}]
    code = [each for each in drawn if each.get("style") == {"code": True}]
    assert (shown(bold), shown(code)) == (lines(text), lines(text))
    assert shown([each for each in drawn if "style" not in each]) == " and "


@given(typed, typed)
@example("C0DE & more", "a < b\nhttps://a.example/?a=1&b=2")
@example("Do it", "> no quotation")
def test_mrkdwn_is_written_only_where_it_shows_the_same(title: str, below: str) -> None:
    top, rest = heading(title, READER, "https://good.example/a"), elements(below, READER)
    written = mrkdwn(top, rest)
    if written is not None:
        seen, structure = read(written)
        assert seen == "\n".join(each for each in (shown(top), shown(rest)) if each)
        assert set(structure) <= {"bold", "link"}
        assert structure.count("bold") <= 1
        assert {match["to"] for match in MARKUP.finditer(written) if match["to"]} <= {
            escaped(each["url"]) for each in [*top, *rest] if "url" in each
        }


@given(st.lists(typed, max_size=4), st.integers(20, 120))
def test_a_notification_mentions_nobody_but_whom_the_message_does(texts: list[str], most: int) -> None:
    drawn = [elements(say("{text}", text=text), READER) for text in texts]
    said = notice(drawn, 2000)
    assert not re.search("[<>]", said)
    assert decoded(said) == "\n".join(map(lines, texts)).strip()
    assert len(notice(drawn, most)) <= most
    assert not re.search("&(?!amp;|lt;|gt;)", notice(drawn, most))
    assert notice([elements(ADA.mention(), READER), *drawn], 2000).startswith("<@U0ADA>")


@given(typed, st.integers(200, 500))
def test_a_cut_text_is_a_beginning_with_a_word_on_how_much_is_missing(text: str, most: int) -> None:
    told = say(
        "**{text}** {at} `{text}`: {text} {who} [go](https://a.example)", text=text, at=MOMENT, who=ADA.mention()
    )
    whole = elements(told, READER)
    drawn = shorten(whole, most, READER)
    assert weight(drawn) <= most
    if drawn != whole:
        kept, missing = drawn[:-1], drawn[-1]
        assert re.fullmatch(r"… \([\d,]+ more characters?\)", missing["text"])
        assert kept[:-1] == whole[: len(kept) - 1 if kept else 0]
        if kept:
            last, was = kept[-1], whole[len(kept) - 1]
            assert last == was or (last["type"] == was["type"] == "text" and was["text"].startswith(last["text"]))


def test_a_text_is_cut_between_words() -> None:
    drawn = shorten(elements("word " * 100, READER), 120, READER)
    assert shown(drawn).startswith("word word word")
    assert drawn[0]["text"].endswith("word")


DATE = {
    "type": "date", "timestamp": 1796644800, "format": "{date_short_pretty}, {time}",
    "fallback": "Mon 7 Dec 2026, 21:00 (Asia/Seoul)",
}  # fmt: skip


@pytest.mark.parametrize(
    ("wording", "drawn"),
    [
        (MOMENT, [DATE]),
        (say("**{at}**", at=MOMENT), [{**DATE, "style": {"bold": True}}]),
        (say("`{at}`", at=MOMENT), [{"type": "text", "text": DATE["fallback"], "style": {"code": True}}]),
        (ADA.mention(), [{"type": "user", "user_id": "U0ADA"}]),
        (Person(platform="discord", id="81384788765712384", name="Ben").mention(), [{"type": "text", "text": "@Ben"}]),
        (LOUNGE.mention(), [{"type": "channel", "channel_id": "C0LOUNGE"}]),
        (Place(platform="slack", community="T0ACME", channel="D0ADA", name="direct message").mention(),
         [{"type": "text", "text": "direct message"}]),
        (Mention(what="role", id="5", name="Deep"), [{"type": "text", "text": "Deep"}]),
        (as_typed("cohort status"), [{"type": "text", "text": "/study cohort status", "style": {"code": True}}]),
        (say("**{n}주차**가", n=1),
         [{"type": "text", "text": "1주차", "style": {"bold": True}}, {"type": "text", "text": "가"}]),
        (say("[{label}]({url})", label="read_me", url="https://a.example"),
         [{"type": "link", "url": "https://a.example", "text": "read_me"}]),
        (say("[{label}]({url})", label="read_me", url="javascript:x"), [{"type": "text", "text": "read_me"}]),
        (Markdown(source="[a](https://a.example) *b* (https://c.example)."),
         [{"type": "link", "url": "https://a.example", "text": "a"}, {"type": "text", "text": " *b* ("},
          {"type": "link", "url": "https://c.example"}, {"type": "text", "text": ")."}]),
        ("http://x|y", [{"type": "text", "text": "http://x|y"}]),
        ("https://ko.example/를", [{"type": "link", "url": "https://ko.example/"}, {"type": "text", "text": "를"}]),
    ],
)  # fmt: skip
def test_drawn(wording: Value, drawn: list[dict[str, Any]]) -> None:
    assert elements(wording, READER) == drawn


def test_a_post_names_in_words_whom_it_does_not_notify() -> None:
    quiet = Reader("en", notified=frozenset())
    assert elements(ADA.mention(), quiet) == [{"type": "text", "text": "@Ada"}]
    assert elements(ADA.mention(), Reader("en", notified=frozenset([ADA.id])))[0]["type"] == "user"


def test_a_command_begins_with_the_slash_command_of_the_workspace() -> None:
    assert plain_text(say("Try {it}.", it=as_typed("join")), Reader("en", command="/lernen")) == "Try /lernen join."


def test_beside_a_button_things_are_drawn_too() -> None:
    below = elements(say("{who} in {where}, {at}", who=ADA.mention(), where=LOUNGE.mention(), at=MOMENT), READER)
    assert mrkdwn(heading("A & B", READER, "https://a.example/?a=1&b=2"), below) == (
        "*<https://a.example/?a=1&amp;b=2|A &amp; B>*\n<@U0ADA> in <#C0LOUNGE>, "
        "<!date^1796644800^{date_short_pretty}, {time}|Mon 7 Dec 2026, 21:00 (Asia/Seoul)>"
    )


@pytest.mark.parametrize("text", ["a *b*", "snake_case_", ":smile:", "~x~", "`x`", "> x", " > x", "12:30:05"])
def test_mrkdwn_is_not_written_where_it_could_show_something_else(text: str) -> None:
    assert mrkdwn(heading("x", READER), elements(f"a\n{text}", READER)) is None
    assert mrkdwn(heading(text, READER), []) is None
