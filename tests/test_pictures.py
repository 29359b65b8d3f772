"""Pictures: what is put in stays text, both languages are drawn right on any machine, and nothing is drawn twice."""

import asyncio
import os
import struct
from pathlib import Path
from typing import Any
from unicodedata import category
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.chat.message import Message, Picture
from bot.chat.platform import NotDrawn
from bot.chat.wording import Value, plain, say
from bot.pictures import studio
from bot.pictures.studio import KEPT, Studio, fit, press
from tests.discord_golden import SAID
from tests.town import Town

GOLDEN = Path(__file__).parent / "golden" / "pictures"
SVG = "{http://www.w3.org/2000/svg}"
PRIVATE = "\ue000\ue001"  # characters that no font of ours has
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


def drawn_as_text(word: str, family: str = "Noto Sans, Noto Sans CJK TC") -> str:
    return f'<svg xmlns="{SVG[1:-1]}" width="80" height="40"><text y="30" font-family="{family}">{word}</text></svg>'


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


# ---- the PNG --------------------------------------------------------------------------------------------------------


async def test_a_png_has_twice_the_pixels() -> None:
    svg = Studio().svg(progress(), "ko")
    png = await press(svg)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = struct.unpack(">II", png[16:24])
    assert (wide, high) == tuple(2 * int(elements(svg)[0].attrib[each]) for each in ("width", "height"))


async def test_hangul_and_latin_are_drawn_and_no_boxes() -> None:
    words = ("가", "나", "시작하기", "Ada", "Ädä", "Ада", PRIVATE[0], PRIVATE[1])
    *drawn, box, other_box = [await press(drawn_as_text(each)) for each in words]
    assert box == other_box
    assert len({box, *drawn}) == len(drawn) + 1


async def test_fonts_of_the_system_are_not_used() -> None:
    ours = await press(drawn_as_text("Ada", "No Such Font"))
    assert [await press(drawn_as_text("Ada", each)) for each in ("DejaVu Sans", "Liberation Serif")] == [ours, ours]


async def test_what_cannot_be_drawn_is_said() -> None:
    with pytest.raises(NotDrawn, match="does not have a root node"):
        await press("<svg")


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


async def test_a_picture_that_takes_long_is_given_up_and_its_process_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "press.py").write_text("import time\ntime.sleep(600)\n")
    drawing = Studio()
    monkeypatch.setattr(studio, "HERE", tmp_path)
    monkeypatch.setattr(studio, "WITHIN", 0.1)
    started = []
    start = asyncio.create_subprocess_exec

    async def kept(*command: str, **more: Any) -> asyncio.subprocess.Process:
        started.append(await start(*command, **more))
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", kept)
    with pytest.raises(NotDrawn, match=r"progress took more than 0\.1 s"):
        await drawing.png(progress(), "en")
    assert all(each.returncode is not None for each in started)


async def test_while_pictures_are_made_nobody_waits() -> None:
    svg = Studio().svg(progress(), "ko")
    making = asyncio.create_task(press(svg))
    turns = 0
    while not making.done():
        turns += 1
        await asyncio.sleep(0)
    assert (await making).startswith(b"\x89PNG")
    assert turns > 10
