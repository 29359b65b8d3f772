"""Pictures: what is put in stays text, keeps to its room and is said in words, and nothing is drawn twice."""

import os
from io import BytesIO
from pathlib import Path
from unicodedata import category
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pydantic import ValidationError

from bot.chat.message import Drawable, Message, Picture
from bot.chat.wording import Value, Words, plain, say
from bot.pictures.studio import KEPT, Studio, fit, folded
from tests.gallery import GALLERY, KINDS
from tests.town import Town

GOLDEN = Path(__file__).parent / "golden" / "pictures"
SVG = "{http://www.w3.org/2000/svg}"
MARKUP = ("</text><script>x</script>", "<!--", "&#0;", "]]>", '" onload="x', "{{ x }}", "{% x %}", "url(#x)")
TOLERANCE = 24  # of 255, for the mean of four by four pixels: edges may be drawn a little differently by another resvg

every_kind = pytest.mark.parametrize("name", KINDS)
both_languages = pytest.mark.parametrize("locale", ["en", "ko"])


def progress() -> Picture:
    """What a member saw after some weeks."""
    return GALLERY["progress"]


def filled(picture: Picture, text: str) -> Picture:
    """The same with this text wherever somebody else's words go."""

    def value(name: str, given: Value) -> Value:
        return text if isinstance(given, Words) or name in ("cohort", "name") else given

    def drawable(name: str, given: Drawable) -> Drawable:
        if isinstance(given, tuple):
            return tuple({key: value(key, each) for key, each in row.items()} for row in given)
        return value(name, given)

    return picture.model_copy(update={"values": {name: drawable(name, each) for name, each in picture.values.items()}})


def elements(svg: str) -> list[ElementTree.Element]:
    """Everything that is drawn, in order."""
    return list(ElementTree.fromstring(svg).iter())  # noqa: S314 - our own


# ---- the drawing ----------------------------------------------------------------------------------------------------


@every_kind
@both_languages
async def test_it_is_drawn_as_it_was(name: str, locale: str, studio: Studio) -> None:
    """`UPDATE_GOLDEN=1 pytest tests/test_pictures.py` draws them anew; look at them before you keep them."""
    file, png = GOLDEN / f"{name}-{locale}.png", await studio.png(GALLERY[name], locale)
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_bytes(png)
    drawn, kept = (Image.open(each).convert("RGB") for each in (BytesIO(png), file))
    assert drawn.size == kept.size
    differences = ImageChops.difference(drawn.reduce(4), kept.reduce(4)).getextrema()
    assert max(most for _, most in differences) <= TOLERANCE  # type: ignore[misc]


@every_kind
@given(st.text(max_size=60) | st.sampled_from(MARKUP))
def test_whatever_is_put_in_stays_text(name: str, typed: str) -> None:
    made = elements(Studio().svg(filled(GALLERY[name], typed), "en"))
    assert {each.tag.removeprefix(SVG) for each in made} <= {"svg", "rect", "text", "circle", "path", "g"}
    assert not [each.attrib for each in made if any(key.startswith("on") or "href" in key for key in each.attrib)]
    shown = [each.text or "" for each in made if each.tag == f"{SVG}text"]
    assert all(category(letter)[0] != "C" for text in shown for letter in text)


@every_kind
def test_a_text_is_shown_as_it_was_typed(name: str) -> None:
    typed = "<b>R&D</b> {n} '가'"
    assert typed in [each.text for each in elements(Studio().svg(filled(GALLERY[name], typed), "en"))]


@pytest.mark.parametrize("name", GALLERY)
@both_languages
def test_the_ground_is_opaque_and_everything_is_on_it(name: str, locale: str) -> None:
    drawing, ground, *rest = elements(Studio().svg(GALLERY[name], locale))
    assert drawing.attrib["viewBox"] == f"0 0 {ground.attrib['width']} {ground.attrib['height']}"
    assert not {"fill-opacity", "opacity", "rx", "x", "y"} & ground.attrib.keys()
    high = int(ground.attrib["height"])
    for each in rest:
        if each.tag == f"{SVG}text":
            assert 0 <= float(each.attrib["x"]) <= 360
            assert 0 < float(each.attrib["y"]) < high - 8
        if each.tag == f"{SVG}rect" and "transform" not in each.attrib:
            x, y, w, h = (float(each.attrib.get(key, "0")) for key in ("x", "y", "width", "height"))
            assert min(x, y, w, h) >= 0
            assert x + w <= 360.01
            assert y + h <= high


def test_every_text_keeps_to_its_room() -> None:
    for each in ("W" * 200, "가" * 200, "wi " * 90):
        assert fit(each, 100, 20) == each[: len(fit(each, 100, 20)) - 1].rstrip() + "…"
        assert 2 < len(fit(each, 100, 20)) <= 9
    assert fit("Deep", 100, 20) == "Deep"


def test_a_long_title_is_folded_between_words_if_it_can_be() -> None:
    assert folded("Deep", 100, 20, 2) == ["Deep"]
    assert folded("Python and git", 100, 20, 2) == ["Python", "and git"]
    assert folded("Python and git and more", 100, 20, 2) == ["Python", "and git…"]
    assert folded("가" * 9, 100, 20, 3) == ["가" * 4, "가" * 5]


def test_a_picture_says_in_words_what_it_shows() -> None:
    with pytest.raises(ValidationError, match="alt"):
        Picture.model_validate({"template": "progress", "values": {}})
    with pytest.raises(ValidationError, match="template"):
        Picture(template="../settings", values={}, alt="x")


@every_kind
@both_languages
def test_the_alt_text_has_every_word_of_the_picture(name: str, locale: str) -> None:
    alt = plain(GALLERY[name].alt, locale)
    labels = {plain(each, locale) for each in (say("Where members are"),)}
    for each in elements(Studio().svg(GALLERY[name], locale)):
        words = (each.text or "").strip().rstrip("…")
        assert words in alt or words in labels


async def test_a_picture_comes_back_from_json_as_it_was(study_town: Town) -> None:
    for line in ("ada: /progress", "ada: /roadmap", "grace: /cohort status"):
        reply = await study_town.ask(line)
        assert isinstance(reply, Message)
        assert any(isinstance(each, Picture) for each in reply.parts)
        assert Message.model_validate_json(reply.model_dump_json()) == reply


# ---- the PNG --------------------------------------------------------------------------------------------------------


class Counted(Studio):
    """A studio that counts what it has made, and makes it at once."""

    def __init__(self) -> None:
        super().__init__()
        self.presses = 0

    async def _pressed(self, name: str, svg: str) -> bytes:
        self.presses += 1
        return svg.encode()


async def test_what_looks_the_same_is_made_once() -> None:
    counted = Counted()
    again = Picture.model_validate_json(progress().model_dump_json())
    assert await counted.png(progress(), "en") == await counted.png(again, "en")
    assert counted.presses == 1
    await counted.png(progress(), "ko")
    await counted.png(filled(progress(), "x"), "en")
    assert counted.presses == 3


async def test_no_more_than_so_many_are_kept_and_the_oldest_goes_first() -> None:
    counted = Counted()
    for number in range(KEPT):
        await counted.png(filled(progress(), f"n{number}"), "en")
    await counted.png(filled(progress(), "n0"), "en")
    await counted.png(filled(progress(), "one more"), "en")
    assert counted.presses == KEPT + 1
    await counted.png(filled(progress(), "n0"), "en")
    assert counted.presses == KEPT + 1
    await counted.png(filled(progress(), "n1"), "en")
    assert counted.presses == KEPT + 2
