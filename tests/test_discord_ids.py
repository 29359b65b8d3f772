"""Discord's ids: what a press needs is in them, and they never grow too long."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.command import LONGEST_LINE
from bot.chat.platform import Place
from bot.platforms.discord import ids
from bot.platforms.discord.ids import Pressed

HERE = Place(platform="discord", community="1", channel="2")
lines = st.text(max_size=LONGEST_LINE // 4).filter(lambda text: not text.startswith("!"))


@given(lines, st.integers(1, 99), st.integers(1, 999), st.text())
def test_every_id_gives_its_line_back(line: str, copy: int, page: int, key: str) -> None:
    assert ids.read(ids.line_id(line, copy)) == Pressed(line)
    assert ids.read(ids.keyed(ids.line_id(line, copy), key)) == Pressed(line)
    assert ids.read(ids.page_id(page, line)) == Pressed(line, page=page)


def test_the_longest_line_that_a_command_may_have_fits_with_every_mark() -> None:
    line = "x" * LONGEST_LINE
    made = [ids.line_id(line, 99), ids.keyed(ids.line_id(line, 99), "key"), ids.page_id(999, line)]
    assert ids.has_room_for_pages(line)
    assert max(len(each) for each in made) <= ids.LONGEST


@pytest.mark.parametrize("line", ["x" * 99, "가" * 33])
def test_a_line_too_long_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=f"{line}.* bytes; a custom id of Discord holds 100"):
        ids.line_id(line)
    assert not ids.has_room_for_pages(line)


def test_a_form_carries_what_it_does_not_ask_for() -> None:
    pressed = ids.read(ids.form_id("cohort create", {"name": "Spring class"}))
    assert pressed == Pressed('cohort create name:"Spring class"')


def test_a_form_can_be_opened_again_with_its_draft() -> None:
    assert ids.read(ids.line_id(ids.again("checkin"))) == Pressed("?checkin", again=True)


@pytest.mark.parametrize("custom_id", ["", "week", "v1:week", "p0:week", "p1000:week", "x:week"])
def test_an_id_that_is_not_ours_says_nothing(custom_id: str) -> None:
    assert ids.read(custom_id) is None


def test_a_post_is_found_by_its_button_or_by_two_component_ids_and_not_by_one() -> None:
    first, second = ids.key_ids("c1:milestone:step-1:2")
    found: list[dict[str, Any]] = [
        {"components": [{"id": first, "components": [{"id": second}]}]},
        {"components": [{"id": 1, "accessory": {"custom_id": ids.keyed("m:week", "c1:milestone:step-1:2")}}]},
        {"components": [{"id": first, "components": [{"id": 2}]}]},
        {"components": [{"custom_id": "m:week"}]},
        {"content": "k:"},
    ]
    assert [ids.carries(each, "c1:milestone:step-1:2") for each in found] == [True, True, False, False, False]


@given(st.text())
def test_component_ids_are_whole_and_positive_in_31_bits(key: str) -> None:
    assert all(0 < each < 2**31 for each in ids.key_ids(key))


def test_a_nonce_is_the_posts_and_the_places() -> None:
    elsewhere = HERE.model_copy(update={"thread": "3"})
    made = {ids.nonce("a", HERE), ids.nonce("b", HERE), ids.nonce("a", elsewhere), ids.nonce("a", HERE)}
    assert len(made) == 3
    assert {len(each) for each in made} == {ids.LONGEST_NONCE}
