"""Pictures: what is put in stays text, keeps to its room and is said in words, and nothing is drawn twice."""

import os
from pathlib import Path
from unicodedata import category
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.chat.message import Message, Picture
from bot.chat.wording import Value, plain, say
from bot.pictures.studio import KEPT, Studio, fit
from tests.discord_golden import SAID
from tests.town import Town

GOLDEN = Path(__file__).parent / "golden" / "pictures"
SVG = "{http://www.w3.org/2000/svg}"
MARKUP = ("</text><script>x</script>", "<!--", "&#0;", "]]>", '" onload="x', "{{ x }}", "{% x %}", "url(#x)")


def progress() -> Picture:
    """What a member saw after some weeks."""
    said = SAID["progress"]
    assert isinstance(said, Message)
    [picture] = [each for each in said.parts if isinstance(each, Picture)]
    return picture


def filled(text: str) -> Picture:
    """The same with this text wherever somebody else's words go."""
    phases = progress().values["phases"]
    assert isinstance(phases, tuple)
    rows: tuple[dict[str, Value], ...] = tuple({**each, "title": text} for each in phases)
    return progress().model_copy(update={"values": {**progress().values, "cohort": text, "phases": rows}})


def elements(svg: str) -> list[ElementTree.Element]:
    """Everything that is drawn, in order."""
    return list(ElementTree.fromstring(svg).iter())  # noqa: S314 - our own


# ---- the drawing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_progress_is_drawn_as_it_was(locale: str) -> None:
    file, drawn = GOLDEN / f"progress-{locale}.svg", Studio().svg(progress(), locale) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(drawn, "utf-8")
    assert drawn == file.read_text("utf-8")


@given(st.text(max_size=60) | st.sampled_from(MARKUP))
def test_whatever_is_put_in_stays_text(typed: str) -> None:
    harmless, made = (elements(Studio().svg(filled(each), "en")) for each in ("x", typed))
    assert [(each.tag, each.attrib) for each in made] == [(each.tag, each.attrib) for each in harmless]
    shown = [each.text or "" for each in made if each.tag == f"{SVG}text"]
    assert all(category(letter)[0] != "C" for text in shown for letter in text)


def test_a_text_is_shown_as_it_was_typed() -> None:
    typed = "<b>R&D</b> {name} '가나다'"
    assert typed in [each.text for each in elements(Studio().svg(filled(typed), "en"))]


def test_the_ground_is_opaque() -> None:
    drawing, ground, *_ = elements(Studio().svg(progress(), "en"))
    assert drawing.attrib["viewBox"] == f"0 0 {ground.attrib['width']} {ground.attrib['height']}"
    assert ground.attrib["fill"] == "#ffffff"
    assert not {"fill-opacity", "opacity", "rx", "x", "y"} & ground.attrib.keys()


def test_every_text_keeps_to_its_room() -> None:
    for each in ("W" * 200, "가" * 200, "wi " * 90):
        assert fit(each, 100, 20) == each[: len(fit(each, 100, 20)) - 1].rstrip() + "…"
        assert 2 < len(fit(each, 100, 20)) <= 9
    assert fit("Deep", 100, 20) == "Deep"


def test_a_picture_says_in_words_what_it_shows() -> None:
    with pytest.raises(ValidationError, match="alt"):
        Picture.model_validate({"template": "progress", "values": {}})
    with pytest.raises(ValidationError, match="template"):
        Picture(template="../settings", values={}, alt="x")


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_the_alt_text_of_progress_has_every_word_of_the_picture(locale: str) -> None:
    alt = plain(progress().alt, locale)
    rest = {plain(say("you are here"), locale), plain(progress().values["where"], locale)}  # type: ignore[arg-type]
    for each in elements(Studio().svg(progress(), locale)):
        words = (each.text or "").rpartition(" · ")[2]
        assert words.strip() in alt or words in rest


async def test_a_picture_comes_back_from_json_as_it_was(study_town: Town) -> None:
    reply = await study_town.ask("ada: /progress")
    assert Message.model_validate_json(reply.model_dump_json()) == reply


# ---- the PNG ---------------------------------------------------------------------------------------------------------


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
    await counted.png(filled("x"), "en")
    assert counted.presses == 3


async def test_no_more_than_so_many_are_kept_and_the_oldest_goes_first() -> None:
    counted = Counted()
    for number in range(KEPT):
        await counted.png(filled(f"n{number}"), "en")
    await counted.png(filled("n0"), "en")
    await counted.png(filled("one more"), "en")
    assert counted.presses == KEPT + 1
    await counted.png(filled("n0"), "en")
    assert counted.presses == KEPT + 1
    await counted.png(filled("n1"), "en")
    assert counted.presses == KEPT + 2
