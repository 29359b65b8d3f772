"""Discord's drawing: messages, posts and forms as components, within every limit, against golden files."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat.message import Button, Fact, Facts, Form, Item, Link, Message, Part, Picture, Post, Text, text
from bot.chat.platform import Person, Place
from bot.chat.wording import Moment, plain, say
from bot.curriculum.load import Curricula
from bot.curriculum.model import Length
from bot.curriculum.plan import plan
from bot.curriculum.tally import Tally
from bot.delivery.compose import week_message
from bot.platforms.discord import ids, limits
from bot.platforms.discord.form import render_form
from bot.platforms.discord.render import losses, render, render_post
from bot.records.links import Mark, Marks
from tests.discord_golden import SAID, Drawn, assert_discord_takes, assert_golden
from tests.discord_limits import walk

NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)
ADA = Person(platform="discord", id="81384788765712384", name="Ada")
BEN = Person(platform="discord", id="80351110224678912", name="Ben")
HOSTILE = "@everyone <@&1> <#2> **x** [free](https://evil.example) `<t:0>` \\ :smile: https://a.example/x_y\n# h\n1. l"


def texts(drawn: Drawn) -> list[str]:
    return [each["content"] for _, each in walk(drawn["components"]) if each["type"] == limits.TEXT_DISPLAY]


def buttons(drawn: Drawn) -> dict[str, str]:
    found = [each for _, each in walk(drawn["components"]) if each["type"] == limits.BUTTON]
    return {each["label"]: each.get("custom_id") or each["url"] for each in found}


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
        assert_discord_takes(drawn)
        yield drawn
        more = buttons(drawn).get("More")
        pressed = ids.read(more) if more else None
        number = pressed.page if pressed else None


# ---- Golden files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["en", "ko"])
@pytest.mark.parametrize("name", sorted(SAID))
def test_what_is_said_in_a_season_is_drawn_as_it_was(name: str, locale: str) -> None:
    match SAID[name]:
        case Post() as post:
            drawn = render_post(post.model_copy(update={"locale": locale}))
        case Form() as form:
            drawn = render_form(form, locale, ids.form_id(form.command, dict(form.given)))
        case Message() as message:
            drawn = render(message, locale, line="week")
    assert_golden(f"{name}-{locale}", drawn)


def test_a_reminder_notifies_whom_it_names_and_nobody_else() -> None:
    message = text(say("{a} and {b}, how did your week go?", a=ADA.mention(), b=BEN.mention()), HOSTILE)
    slack = Person(platform="slack", id="U1", name="Cy")
    drawn = render_post(Post(key="c1:reminder:2026-W50:1", message=message, notify=(ADA, BEN, ADA, slack)))
    assert drawn["allowed_mentions"] == {"parse": [], "users": [ADA.id, BEN.id]}
    assert_golden("reminder", drawn)


def test_hostile_text_shows_as_it_was_typed() -> None:
    place = Place(platform="discord", community="1", channel="290926798626357999", name="#lounge")
    message = Message(
        title=HOSTILE,
        parts=(
            Text(text=say("**{text}** and `{text}`", text=HOSTILE)),
            Facts(facts=(Fact(label=HOSTILE, value=HOSTILE), Fact(label="In", value=place.mention()))),
            Item(title=HOSTILE, text=HOSTILE, link="https://a.example/(x)", button=Button(label=HOSTILE, line="week")),
        ),
        buttons=(Link(label=HOSTILE, url="https://a.example"),),
    )
    drawn = render(message, "en")
    assert drawn["allowed_mentions"] == {"parse": []}
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
                assert_discord_takes(each)
                assert not [text for text in texts(each) if text.startswith("-# ")], "something was put off or cut"


# ---- Messages --------------------------------------------------------------------------------------------------------


def test_an_instant_is_drawn_in_the_readers_zone() -> None:
    drawn = render(text(say("From {at}", at=Moment(at=NOON, zone="Asia/Seoul"))), "ko")
    assert texts(drawn) == ["From <t:1796644800:f>"]


def test_items_without_buttons_share_one_text() -> None:
    items = tuple(Item(title=f"Item {n}", text="x", link="https://a.example") for n in range(30))
    drawn = render(Message(parts=items), "en")
    assert limits.size(drawn["components"]).components == 2
    assert texts(drawn)[0].startswith("**[Item 0](https://a.example)**\nx\n**[Item 1]")


def test_two_buttons_with_one_line_get_ids_of_their_own() -> None:
    drawn = render(Message(parts=(Text(text="x"),), buttons=tuple(Button(label=x, line="next") for x in "ab")), "en")
    assert buttons(drawn) == {"a": "m:next", "b": "m2:next"}
    assert {pressed.line for each in buttons(drawn).values() if (pressed := ids.read(each))} == {"next"}


def test_more_than_five_buttons_take_another_row() -> None:
    drawn = render(Message(buttons=tuple(Button(label=str(n), line=f"week {n}") for n in range(7))), "en")
    rows = [each["components"] for _, each in walk(drawn["components"]) if each["type"] == limits.ACTION_ROW]
    assert [len(row) for row in rows] == [5, 2]


def test_a_link_that_leads_nowhere_is_left_out() -> None:
    links = [Link(label=url, url=url) for url in ("javascript:alert(1)", "https://", f"https://a.example/{'x' * 512}")]
    drawn = render(Message(parts=(Item(title="x", link="javascript:x", button=links[0]),), buttons=tuple(links)), "en")
    assert buttons(drawn) == {}
    assert texts(drawn) == ["**x**"]


@pytest.mark.parametrize("message", [Message(), text(" \n"), Message(title=" ", parts=(Item(title=""),))])
def test_even_nothing_can_be_sent(message: Message) -> None:
    assert_discord_takes(render(message, "en"))


def test_a_post_carries_its_key_in_two_components_and_in_its_first_button() -> None:
    drawn = render(a_list(3), "en", key="c42:milestone:step-3:1")
    assert ids.carries(drawn, "c42:milestone:step-3:1")
    assert not ids.carries(drawn, "c42:milestone:step-4:1")
    assert buttons(drawn)["Next"].startswith("k:")
    without_buttons = json.loads(json.dumps(drawn).replace("custom_id", "was"))
    assert ids.carries(without_buttons, "c42:milestone:step-3:1")


# ---- Too much for one message ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "letter", "length"), [(30, "x", 10), (20, "x", 700), (20, "가", 700), (3, "*", 3000)]
)
def test_pages_show_every_item_once_and_in_order(count: int, letter: str, length: int) -> None:
    shown = list(pages(a_list(count, letter, length)))
    drawn = [label for page in shown for label in buttons(page) if label.startswith("Do ")]
    assert drawn == [f"Do {n}" for n in range(count)]
    assert [texts(page)[-1] for page in shown] == [f"-# Page {n + 1} of {len(shown)}" for n in range(len(shown))]
    assert all("Next" in buttons(page) for page in shown)


def test_the_first_page_has_no_way_back_and_the_last_none_forward() -> None:
    shown = [buttons(page) for page in pages(a_list(60))]
    assert len(shown) > 2
    assert ["Back" in each for each in shown] == [False, *[True] * (len(shown) - 1)]
    assert ["More" in each for each in shown] == [*[True] * (len(shown) - 1), False]
    assert shown[1]["Back"] == "p1:cohort list"


def test_a_page_that_is_gone_shows_the_last_one() -> None:
    assert render(a_list(60), "en", page=99, line="week") == list(pages(a_list(60), "week"))[-1]


def test_a_line_too_long_for_an_id_is_cut_instead_of_paged() -> None:
    drawn = render(a_list(60), "en", line=f"resource {'x' * 100}")
    assert texts(drawn)[-1].startswith("… (")
    assert "More" not in buttons(drawn)


@pytest.mark.parametrize("letter", ["x", "가", "🎉", "*", "@"])
def test_an_announcement_too_long_for_a_post_is_cut_and_says_so(letter: str) -> None:
    drawn = render_post(Post(key="a", message=Message(title="News", parts=(Text(text=letter * 5000),))))
    assert_discord_takes(drawn)
    assert texts(drawn)[-1].endswith("more characters)")


def test_the_longest_korean_announcement_fits_whole() -> None:
    announced = Message(title="새 소식", parts=(Text(text="가" * 3000),))
    assert losses(Post(key="a", message=announced, locale="ko")) == []
    assert texts(render(announced, "ko")) == ["## 새 소식", "가" * 3000]


def test_a_post_cuts_the_part_that_does_not_fit_before_it_leaves_out_others() -> None:
    facts = tuple(Fact(label=label, value="*" * 1200) for label in ("Did", "Next", "In the way"))
    drawn = render_post(Post(key="a", message=Message(parts=(Facts(facts=facts),))))
    [shown, missing] = texts(drawn)
    assert "**Next**" in shown
    assert "more characters)" in shown
    assert missing == "… (1 more)"


def test_more_buttons_than_fit_leave_room_for_what_they_are_about() -> None:
    message = text("What next?").model_copy(
        update={"buttons": tuple(Button(label=x, line=x) for x in map(str, range(40)))}
    )
    drawn = render(message, "en")
    assert_discord_takes(drawn)
    assert texts(drawn) == ["What next?"]
    assert list(buttons(drawn)) == [str(n) for n in range(15)]


def lost(part: Part) -> list[str]:
    return [plain(each) for each in losses(Post(key="a", message=Message(title="News", parts=(part,))))]


def test_what_would_be_shortened_is_said_beforehand() -> None:
    assert lost(Text(text="x" * 5000)) == ["It is too long for Discord, and is shortened."]
    assert lost(Item(title="x", button=Button(label="y" * 81, line="next"))) == lost(Text(text="x" * 5000))
    assert lost(Item(title="x", button=Link(label="y", url="ftp://z"))) == [
        "A link is left out, since Discord does not take it."
    ]
    assert lost(Item(title="x", button=Link(label="y" * 80, url="https://a.example"))) == []


words = st.text(max_size=40) | st.sampled_from([HOSTILE, "가" * 1500, "*" * 2500, "🎉" * 3000, " "])
presses = st.one_of(
    st.builds(Button, label=words, line=st.sampled_from(["next", "week number:2", "x" * 90])),
    st.builds(
        Link, label=words, url=st.sampled_from(["https://a.example", "nowhere", "https://a.example/" + "x" * 600])
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
    parts=st.lists(parts, max_size=25).map(tuple),
    buttons=st.lists(presses, max_size=30).map(tuple),
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(messages, st.integers(1, 9), st.sampled_from([None, "week", "x" * 90]), st.sampled_from([None, "a key"]))
def test_whatever_is_said_fits(message: Message, page: int, line: str | None, key: str | None) -> None:
    drawn = render(message, "ko", page=page, line=line, key=key)
    assert_discord_takes(drawn)
    assert key is None or ids.carries(drawn, key)
    if losses(Post(key="a", message=message, locale="ko")) == []:
        assert drawn == render(message, "ko", key=key)
