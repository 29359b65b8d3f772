"""The playground's drawing: messages and forms to plain data, texts never to structure."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.message import Button, Choice, Fact, Facts, Form, Item, Link, Message, Question, Text
from bot.chat.platform import Person, Place
from bot.chat.wording import Day, Markdown, Moment, Words, argument_name, as_typed, say, say_n
from bot.pictures.studio import Studio
from bot.platforms.playground.render import render, render_form

DRAW = Studio()
NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)
ADA = Person(platform="playground", id="ada", name="Ada")
LOUNGE = Place(platform="playground", community="demo", channel="lounge", name="#lounge")


def said(*wordings: object) -> list[dict[str, object]]:
    drawn = render(Message(parts=tuple(Text(text=each) for each in wordings)), "en", DRAW)  # type: ignore[arg-type]
    return [dict(span) for part in drawn["parts"] for span in part["text"]]


def test_bold_code_and_links_become_spans() -> None:
    assert said(say("**now** run `x` or [read](https://example.org/a)")) == [
        {"text": "now", "bold": True},
        {"text": " run "},
        {"text": "x", "code": True},
        {"text": " or "},
        {"text": "read", "link": "https://example.org/a"},
    ]


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_what_somebody_typed_stays_one_literal_span(text: str) -> None:
    assert said(text) == [{"text": text}]
    assert said(say("{text}", text=text)) == [{"text": text}]


def test_an_instant_keeps_its_iso_form_and_a_text_that_names_the_zone() -> None:
    [span] = said(say("{at}", at=Moment(at=NOON, zone="Asia/Seoul")))
    assert span["at"] == "2026-12-07T12:00:00+00:00"
    assert span["zone"] == "Asia/Seoul"
    assert "21:00 (Asia/Seoul)" in str(span["text"])


def test_mentions_say_whom_they_mean() -> None:
    assert said(say("{who} in {where}", who=ADA.mention(), where=LOUNGE.mention())) == [
        {"text": "Ada", "mention": "person", "id": "ada"},
        {"text": " in "},
        {"text": "#lounge", "mention": "place", "id": "lounge"},
    ]


def test_a_command_and_an_argument_are_shown_as_they_are_typed_on_the_page() -> None:
    line = say("{line} {name}", line=as_typed("cohort status"), name=argument_name("cohort"))
    drawn = render(Message(parts=(Text(text=line),)), "ko", DRAW)
    assert drawn["parts"][0]["text"] == [{"text": "/cohort status"}, {"text": " "}, {"text": "cohort"}]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//example.org", ""])
def test_only_web_addresses_become_links(url: str) -> None:
    drawn = render(Message(parts=(Item(title="x", link=url),), buttons=(Link(label="x", url=url),)), "en", DRAW)
    assert "link" not in drawn["parts"][0]
    assert drawn["buttons"] == [{"label": "x"}]


def test_every_part_and_button_is_drawn() -> None:
    mark = Button(label="Done", line="done a")
    message = Message(
        title=say("Week {n}", n=1),
        parts=(
            Facts(facts=(Fact(label="Tasks", value=3), Fact(label="Due", value=Day(on=NOON.date())))),
            Item(title="MNIST", text=say_n("{n} hour", "{n} hours", 2), link="http://a.example", button=mark),
        ),
        buttons=(Button(label="Go", line="week", style="primary"), Link(label="Read", url="https://example.org")),
    )
    assert render(message, "en", DRAW) == {
        "title": [{"text": "Week "}, {"text": "1"}],
        "parts": [
            {
                "kind": "facts",
                "facts": [
                    {"label": [{"text": "Tasks"}], "value": [{"text": "3"}]},
                    {"label": [{"text": "Due"}], "value": [{"text": "Mon 7 Dec 2026"}]},
                ],
            },
            {
                "kind": "item",
                "title": [{"text": "MNIST"}],
                "text": [{"text": "2"}, {"text": " hours"}],
                "link": "http://a.example",
                "button": {"label": "Done", "line": "done a", "style": "plain"},
            },
        ],
        "buttons": [
            {"label": "Go", "line": "week", "style": "primary"},
            {"label": "Read", "url": "https://example.org"},
        ],
    }


def test_a_picture_is_drawn_where_it_is_shown_and_has_its_alt_text() -> None:
    said = json.loads((Path(__file__).parent / "golden" / "messages" / "progress.json").read_text("utf-8"))
    message = Message.model_validate(said)
    [drawn] = [each for each in render(message, "ko", DRAW)["parts"] if each["kind"] == "picture"]
    assert drawn["svg"].startswith("<svg ")
    assert "시작하기" in drawn["svg"]
    assert drawn["alt"].startswith("Deep. 51주 중 14주차. 나의 주간 기록: 활동 9주")


def test_words_follow_the_reader() -> None:
    title = Words(texts={"en": "Backpropagation", "ko": "역전파"})
    assert render(Message(title=title), "ko-KR", DRAW)["title"] == [{"text": "역전파"}]


def test_a_form_is_drawn_with_what_is_known_and_what_is_wrong() -> None:
    mood = Question(
        name="mood",
        label=say("How is it going?"),
        kind="choice",
        required=True,
        value="fine",
        choices=(Choice(value="fine", label=say("fine")),),
        error=say("{mood} will not do.", mood="fine"),
    )
    form = Form(
        command="checkin",
        title=say("Check in"),
        text=Markdown(source="**Hm.**"),
        fields=(mood,),
        given=(("week", "2"),),
    )
    assert render_form(form, "en") == {
        "command": "checkin",
        "title": "Check in",
        "text": [{"text": "Hm.", "bold": True}],
        "fields": [
            {
                "name": "mood",
                "label": "How is it going?",
                "kind": "choice",
                "required": True,
                "value": "fine",
                "choices": [{"value": "fine", "label": "fine"}],
                "suggests": False,
                "min": None,
                "max": None,
                "error": "fine will not do.",
            }
        ],
        "given": {"week": "2"},
    }


def test_what_is_drawn_can_be_sent() -> None:
    message = Message(parts=(Text(text=say("{a} {b}", a=Moment(at=NOON), b=ADA.mention())),))
    assert json.loads(json.dumps(render(message, "ko", DRAW)))


PAGE = Path(__file__).parent.parent / "bot/platforms/playground/page"


@pytest.mark.parametrize("file", sorted(PAGE.iterdir()), ids=lambda file: file.name)
def test_the_page_takes_nothing_from_elsewhere_and_never_reads_text_as_markup(file: Path) -> None:
    source = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert "//" not in source.replace("// ", "").replace("?:\\/\\/", "").replace("}://${", "")
    for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style=", " onclick="):
        assert danger not in source
