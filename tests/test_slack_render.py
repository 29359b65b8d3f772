"""Slack's drawing: messages, posts, modals and the Home tab as blocks, within every limit, against golden files."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat.message import Button, Fact, Facts, Form, Item, Link, Message, Part, Picture, Post, Text, text
from bot.chat.platform import Person, Place
from bot.chat.wording import Moment, as_typed, plain, say
from bot.curriculum.load import Curricula
from bot.curriculum.model import Length
from bot.curriculum.plan import plan
from bot.curriculum.tally import Tally
from bot.delivery.compose import week_message
from bot.platforms.slack import limits
from bot.platforms.slack.form import render_form
from bot.platforms.slack.render import losses, render, render_home, render_post, render_view
from bot.records.links import Mark, Marks
from tests.discord_golden import SAID
from tests.slack_golden import Drawn, assert_golden, assert_slack_takes
from tests.slack_limits import check, walk

NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)
ADA = Person(platform="slack", id="T0ACME:U0ADA", name="Ada")
BEN = Person(platform="slack", id="T0ACME:U0BEN", name="Ben")
HOSTILE = "<!channel> <@U0EVE> *x* _y_ `z` :smile: <http://evil.example|free> &lt; https://a.example/x?y=1&z\n> q"


def of_type(drawn: Drawn, kind: str) -> list[Any]:
    return [each for _, each in walk(drawn["blocks"]) if each.get("type") == kind]


def texts(drawn: Drawn) -> list[str]:
    """What each block says, in plain words."""
    said = []
    for block in drawn["blocks"]:
        leaves = [each for _, each in walk(block) if isinstance(each.get("text"), str)]
        said += ["".join(each["text"] for each in leaves)] if block["type"] not in ("actions", "divider") else []
    return said


def buttons(drawn: Drawn) -> dict[str, str]:
    return {each["text"]["text"]: each.get("value") or each["url"] for each in of_type(drawn, "button")}


def a_list(count: int, letter: str = "x", length: int = 200) -> Message:
    return Message(
        title="A list",
        parts=tuple(
            Item(title=f"Item {n}", text=letter * length, button=Button(label=f"Do {n}", line=f"done {n}"))
            for n in range(count)
        ),
        buttons=(Button(label="Next", line="next"),),
    )


def pages(message: Message, line: str = "cohort list") -> Iterator[Drawn]:
    """Every page, as somebody presses More until there is none."""
    number: int | None = 1
    while number is not None:
        drawn = render(message, "en", page=number, line=line)
        assert_slack_takes(drawn)
        yield drawn
        page, _, again = buttons(drawn).get("More", "").partition("|")
        assert again in ("", line)
        number = int(page) if page else None


# ---- Golden files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["en", "ko"])
@pytest.mark.parametrize("name", sorted(SAID))
def test_what_is_said_in_a_season_is_drawn_as_it_was(name: str, locale: str) -> None:
    match SAID[name]:
        case Post() as post:
            drawn = render_post(post.model_copy(update={"locale": locale}))
        case Form() as form:
            drawn = render_form(form, locale)
        case Message() as message:
            drawn = render(message, locale, line="week")
            assert_golden(f"{name}-home-{locale}", render_home(message, locale))
            assert_golden(f"{name}-modal-{locale}", render_view(message, locale, line="week"))
    assert_golden(f"{name}-{locale}", drawn)


def test_a_reminder_mentions_whom_it_notifies_and_nobody_else() -> None:
    names = say(
        "{a}, {b}, {c}: how did your week go? {d}", a=ADA.mention(), b=BEN.mention(), c=ADA.mention(), d=HOSTILE
    )
    discord = Person(platform="discord", id="81384788765712384", name="Cy")
    drawn = render_post(Post(key="c1:reminder:2026-W50:1", message=text(names), notify=(ADA, discord)))
    assert [each["user_id"] for each in of_type(drawn, "user")] == ["U0ADA", "U0ADA"]
    assert "@Ben" in texts(drawn)[0]
    assert not of_type(drawn, "broadcast")
    assert_golden("reminder", drawn)


def test_hostile_text_shows_as_it_was_typed() -> None:
    place = Place(platform="slack", community="T0ACME", channel="C0LOUNGE", name="#lounge")
    message = Message(
        title=HOSTILE,
        parts=(
            Text(text=say("**{text}** and `{text}`", text=HOSTILE)),
            Facts(facts=(Fact(label=HOSTILE, value=HOSTILE), Fact(label="In", value=place.mention()))),
            Item(title=HOSTILE, text=HOSTILE, link="https://a.example/(x)", button=Button(label=HOSTILE, line="week")),
            Item(title="<!here> & co.", text="&lt;", button=Button(label="Go", line="week")),
        ),
        buttons=(Link(label=HOSTILE, url="https://a.example"),),
    )
    drawn = render(message, "en")
    assert not set("<>") & set(drawn["text"].replace("<#C0LOUNGE>", ""))
    assert [each["text"] for each in of_type(drawn, "mrkdwn")] == ["*&lt;!here&gt; &amp; co.*\n&amp;lt;"]
    assert all(each["emoji"] is False for each in of_type(drawn, "plain_text"))
    assert_golden("hostile", drawn)


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_every_week_of_every_season_fits_into_one_message_be_all_links_dead(curricula: Curricula, locale: str) -> None:
    for curriculum, length in itertools.product(curricula, get_args(Length)):
        steps = plan(curriculum, length)
        urls = [each.url for each in curriculum.resources if each.url]
        marks = Marks(dict.fromkeys(urls, Mark(date(2026, 12, 30), is_decided=False)))
        for step in steps:
            public = week_message(curriculum, step, len(steps), marks, live=say("🎉 All have finished this week."))
            private = week_message(curriculum, step, len(steps), marks, Tally.read(curriculum, {}))
            drawn = [render_post(Post(key="x", message=public, locale=locale)), render(private, locale, line="week")]
            for each in drawn:
                assert check(each) == []
                assert not of_type(each, "context"), "something was put off or cut"


# ---- Messages --------------------------------------------------------------------------------------------------------


def test_an_instant_is_drawn_in_the_readers_zone_and_named_in_the_notification() -> None:
    drawn = render(text(say("From {at}", at=Moment(at=NOON, zone="Asia/Seoul"))), "en")
    assert [each["timestamp"] for each in of_type(drawn, "date")] == [1796644800]
    assert drawn["text"] == "From Mon 7 Dec 2026, 21:00 (Asia/Seoul)"


def test_a_notification_shows_the_title_and_the_lines_below_it() -> None:
    parts = (Text(text="Hello."), Facts(facts=(Fact(label="Day", value="Monday"),)), Item(title="Read", text="2 h"))
    assert render(Message(title="Week 1", parts=parts), "en")["text"] == "Week 1\nHello.\nDay Monday\nRead\n2 h"
    assert len(render(text("<" * 6000), "en")["text"]) <= limits.LONGEST_TEXT


def test_items_without_buttons_share_one_text() -> None:
    items = tuple(Item(title=f"Item {n}", text="x", link="https://a.example") for n in range(30))
    drawn = render(Message(parts=items), "en")
    assert [each["type"] for each in drawn["blocks"]] == ["rich_text"]
    assert texts(drawn)[0].startswith("Item 0\nx\nItem 1\nx\n")


def test_a_button_stands_beside_its_item_and_below_one_that_mrkdwn_could_misread() -> None:
    press = Button(label="Done", line="done task:a")
    drawn = render(Message(parts=(Item(title="Read it", button=press), Item(title="Call f_x_()", button=press))), "en")
    assert [each["type"] for each in drawn["blocks"]] == ["section", "rich_text", "actions"]
    assert [each["accessibility_label"] for each in of_type(drawn, "button")] == ["Done: Read it", "Done: Call f_x_()"]


def test_a_button_says_its_line_and_its_style() -> None:
    presses = (
        Button(label="a", line="next", style="primary"),
        Button(label="b", line="next"),
        Link(label="c", url="https://c.example"),
    )
    drawn = render(Message(parts=(Text(text="x"),), buttons=presses), "en")
    assert buttons(drawn) == {"a": "next", "b": "next", "c": "https://c.example"}
    assert [each["action_id"] for each in of_type(drawn, "button")] == ["m1", "m2", "l3"]
    assert [each.get("style") for each in of_type(drawn, "button")] == ["primary", None, None]


def test_more_than_five_buttons_take_another_row() -> None:
    drawn = render(Message(buttons=tuple(Button(label=str(n), line=f"week {n}") for n in range(7))), "en")
    assert [len(each["elements"]) for each in of_type(drawn, "actions")] == [5, 2]


def test_a_link_that_leads_nowhere_is_left_out() -> None:
    links = [Link(label=url, url=url) for url in ("javascript:alert(1)", "https://", f"https://a.example/{'x' * 3000}")]
    drawn = render(Message(parts=(Item(title="x", link="javascript:x", button=links[0]),), buttons=tuple(links)), "en")
    assert_slack_takes(drawn)
    assert buttons(drawn) == {}
    assert texts(drawn) == ["x"]


@pytest.mark.parametrize("message", [Message(), text(" \n"), Message(title=" ", parts=(Item(title=""),))])
def test_even_nothing_can_be_sent(message: Message) -> None:
    for drawn in (render(message, "en"), render_view(message, "en"), render_home(message, "en")):
        assert_slack_takes(drawn)


def test_a_post_carries_its_key_and_unfolds_no_links() -> None:
    drawn = render_post(Post(key="c42:milestone:step-3:1", message=a_list(3)))
    assert drawn["metadata"] == {"event_type": "milepost_post", "event_payload": {"key": "c42:milestone:step-3:1"}}
    assert (drawn["unfurl_links"], drawn["unfurl_media"]) == (False, False)


def test_a_modals_title_is_the_messages_where_it_is_short_enough() -> None:
    short = render_view(Message(title="Your progress", parts=(Text(text="x"),)), "en")
    assert (short["title"]["text"], texts(short)) == ("Your progress", ["x"])
    long = render_view(Message(title="All that you have done so far", parts=(Text(text="x"),)), "en")
    assert (long["title"]["text"], texts(long)) == ("Milepost", ["All that you have done so far", "x"])


def test_commands_are_told_as_they_are_typed_here() -> None:
    message = text(say("Try {it}.", it=as_typed("join")))
    drawn = [render(message, "en", command="/lernen"), render_home(message, "en", "/lernen")]
    drawn += [render_view(message, "en", command="/lernen"), render_post(Post(key="x", message=message), "/lernen")]
    assert [texts(each) for each in drawn] == [["Try /lernen join."]] * 4


# ---- Too much for one message ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "letter", "length"), [(60, "x", 10), (30, "x", 700), (20, "가", 700), (9, "*", 3000), (9, "&", 2900)]
)
def test_pages_show_every_item_once_and_in_order(count: int, letter: str, length: int) -> None:
    shown = list(pages(a_list(count, letter, length)))
    drawn = [label for page in shown for label in buttons(page) if label.startswith("Do ")]
    assert drawn == [f"Do {n}" for n in range(count)]
    assert [texts(page)[-1] for page in shown] == [f"Page {n + 1} of {len(shown)}" for n in range(len(shown))]
    assert all("Next" in buttons(page) for page in shown)


def test_the_first_page_has_no_way_back_and_the_last_none_forward() -> None:
    shown = [buttons(page) for page in pages(a_list(80))]
    assert len(shown) > 2
    assert ["Back" in each for each in shown] == [False, *[True] * (len(shown) - 1)]
    assert ["More" in each for each in shown] == [*[True] * (len(shown) - 1), False]
    assert shown[1]["Back"] == "1|cohort list"


def test_a_page_that_is_gone_shows_the_last_one() -> None:
    assert render(a_list(60), "en", page=99, line="week") == list(pages(a_list(60), "week"))[-1]


def test_a_line_too_long_for_a_button_is_cut_instead_of_paged() -> None:
    drawn = render(a_list(60), "en", line=f"resource {'x' * 2000}")
    assert texts(drawn)[-1].startswith("… (")
    assert "More" not in buttons(drawn)


@pytest.mark.parametrize("letter", ["x", "가", "🎉", "*", "&", '"', "\n", "https://a.example/x "])
def test_an_announcement_too_long_for_a_post_is_cut_and_says_so(letter: str) -> None:
    drawn = render_post(Post(key="a", message=Message(title="News", parts=(Text(text=f"x{letter * 13_000}x"),))))
    assert_slack_takes(drawn)
    assert drawn["blocks"][1]["elements"][0]["elements"][-1]["text"].endswith("more characters)")


def test_the_longest_korean_announcement_fits_whole() -> None:
    announced = Message(title="새 소식", parts=(Text(text="가" * 3000),))
    assert losses(Post(key="a", message=announced, locale="ko")) == []
    assert texts(render(announced, "ko")) == ["새 소식", "가" * 3000]


def test_a_post_cuts_the_part_that_does_not_fit_before_it_leaves_out_others() -> None:
    facts = tuple(Fact(label=label, value="*" * 5000) for label in ("Did", "Next", "In the way", "Hours"))
    [shown, missing] = texts(render_post(Post(key="a", message=Message(parts=(Facts(facts=facts),)))))
    assert "In the way" in shown
    assert shown.endswith("more characters)")
    assert missing == "… (1 more)"


def test_more_buttons_than_fit_leave_room_for_what_they_are_about() -> None:
    many = tuple(Button(label=x, line=x * 500) for x in map(str, range(40)))
    drawn = render(text("What next?").model_copy(update={"buttons": many}), "en")
    assert_slack_takes(drawn)
    assert texts(drawn) == ["What next?"]
    assert list(buttons(drawn)) == [str(n) for n in range(15)]


def lost(part: Part, title: str = "News") -> list[str]:
    return [plain(each) for each in losses(Post(key="a", message=Message(title=title, parts=(part,))))]


def test_what_would_be_shortened_is_said_beforehand() -> None:
    too_long = ["It is too long for Slack, and is shortened."]
    assert lost(Text(text="x" * 13_000)) == too_long
    assert lost(Text(text="x"), title="t" * 151) == too_long
    assert lost(Item(title="x", button=Button(label="y" * 76, line="next"))) == too_long
    assert lost(Item(title="x", button=Link(label="y", url="ftp://z"))) == [
        "A link is left out, since Slack does not take it."
    ]
    assert lost(Item(title="x", button=Link(label="y" * 75, url="https://a.example"))) == []


def test_a_picture_is_told_by_its_alt_text() -> None:
    picture = Picture(template="progress", values={}, alt="2 of 3 bars are full, <!channel>")
    drawn = render(Message(title="How it goes", parts=(picture, Text(text="2 of 3"))), "en")
    assert_slack_takes(drawn)
    [context] = of_type(drawn, "context")
    assert context["elements"] == [{"type": "plain_text", "text": "2 of 3 bars are full, <!channel>", "emoji": False}]
    assert drawn["text"] == "How it goes\n2 of 3"


words = st.text(max_size=40) | st.sampled_from([HOSTILE, "가" * 3000, "*" * 2500, "🎉" * 4000, "x " * 8000, " "])
presses = st.one_of(
    st.builds(Button, label=words, line=st.sampled_from(["next", "week number:2", "x" * 90, "x" * 2001])),
    st.builds(
        Link, label=words, url=st.sampled_from(["https://a.example", "nowhere", "https://a.example/" + "x" * 3000])
    ),
)
parts = st.one_of(
    st.builds(Text, text=words),
    st.builds(Facts, facts=st.lists(st.builds(Fact, label=words, value=words), max_size=5).map(tuple)),
    st.builds(Item, title=words, text=st.none() | words, link=st.none() | words, button=st.none() | presses),
    st.builds(Picture, template=st.just("progress"), values=st.just({}), alt=words),
)
messages = st.builds(
    Message,
    title=st.none() | words,
    parts=st.lists(parts, max_size=60).map(tuple),
    buttons=st.lists(presses, max_size=30).map(tuple),
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(messages, st.integers(1, 9), st.sampled_from([None, "week", "x" * 2000]))
def test_whatever_is_said_fits(message: Message, page: int, line: str | None) -> None:
    drawn = render(message, "ko", page=page, line=line)
    shown = [drawn, render_view(message, "ko", page=page, line=line), render_home(message, "ko")]
    shown.append(render_post(Post(key="x", message=message)))
    for each in shown:
        assert_slack_takes(each)
        assert not of_type(each, "user") + of_type(each, "channel"), "what somebody typed became a mention"
        assert len(json.dumps(each)) <= limits.HEAVIEST_VIEW
    pictured = any(isinstance(each, Picture) for each in message.parts)
    if len(losses(Post(key="x", message=message, locale="ko"))) == pictured:
        assert drawn == render(message, "ko")
