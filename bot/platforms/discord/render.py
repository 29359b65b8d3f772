"""Draws messages and posts for Discord as one container of components: pure, data in and data out.

Nearly every message fits and is drawn whole. One that does not is shown in pages if there is a line to ask for them
again, and is cut with a word on how much is missing if there is none.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from bot.chat.drawing import Drawing
from bot.chat.literal import as_label, is_web_address, length
from bot.chat.message import Button, Facts, File, Item, Link, Message, Part, Picture, Post, Press, Same, Text
from bot.chat.platform import Everyone, Person, Role
from bot.chat.wording import Phrase, plain, say
from bot.platforms.discord import ids, limits
from bot.platforms.discord.markdown import heading, markdown, one_line, shorten

Json = dict[str, Any]

IS_COMPONENTS_V2 = 1 << 15
ACCENT = 0x4F46E5
LONGEST_TITLE = 250  # characters; a title that leaves no room for what is below it is none
LEAST_CUT = 200  # characters and bytes: less than this of a part says nothing
_LINK = 5
_APART = "\n\n"  # between two texts in one
_STYLES = {"primary": 1, "plain": 2, "danger": 4}


@dataclass(frozen=True, slots=True)
class _Block:
    """One part, drawn: its text, and the button beside it; or a picture's alt text, a file's name, and where it is."""

    kind: Literal["text", "facts", "item", "picture", "file"]
    text: str
    button: Json | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing(Drawing[_Block]):
    locale: str

    def components(self) -> list[Json]:
        """The message as components."""
        made = [_text(f"## {self.title}")] if self.title else []
        made += _stacked(self.blocks)
        made += [_text(f"-# {self.note}" if self.pager else self.note)] if self.note else []
        made += [{"type": limits.ACTION_ROW, "components": list(row)} for row in self.rows]
        return [{"type": limits.CONTAINER, "accent_color": ACCENT, "components": made or [_text("…")]}]

    def fits(self) -> bool:
        return limits.size(self.components()).fits(limits.MOST)

    def shortened(self, block: _Block) -> _Block | None:
        room = limits.MOST - limits.size(self.components())
        characters, size = room.characters - len(_APART), room.bytes - len(_APART) - limits.BYTES_A_TEXT
        if min(characters, size) < LEAST_CUT:
            return None
        return replace(block, text=shorten(block.text, characters, size, self.locale))

    def words(self, said: Phrase) -> str:
        return markdown(said, self.locale)

    def turn(self, label: Phrase, page: int, line: str) -> Json:
        shown = {"style": _STYLES["plain"], "label": plain(label, self.locale)}
        return {"type": limits.BUTTON, **shown, "custom_id": ids.page_id(page, line)}


def render(message: Message, locale: str, *, page: int = 1, line: str | None = None, key: str | None = None) -> Json:
    """The message in the language of `locale`, within all limits.

    `line` is what was asked for, so that *More* can ask again; without it, what does not fit is cut. `key` is that of a
    post, by which it can be found again.
    """
    drawing = _mended(_draw(message, locale, key))
    if not drawing.fits():
        title = shorten(drawing.title, LONGEST_TITLE, LONGEST_TITLE * 3, locale) if drawing.title else None
        is_paged = line is not None and ids.has_room_for_pages(line)
        drawing = replace(drawing, title=title).fitted(page, line if is_paged else None)
    [container] = components = drawing.components()
    if key is not None:
        container["id"], container["components"][0]["id"] = ids.key_ids(key)
    return {"flags": IS_COMPONENTS_V2, "components": components, "allowed_mentions": {"parse": []}}


def render_post(post: Post) -> Json:
    """The post in the language of its cohort. It notifies those it says it does, and nobody else whatever is in it."""
    payload = render(post.message, post.locale, key=post.key)
    people = dict.fromkeys(each.id for each in post.notify if isinstance(each, Person) and each.platform == "discord")
    roles = [each.id for each in post.notify if isinstance(each, Role)]
    allowed = payload["allowed_mentions"]
    if people:
        allowed["users"] = list(people)[: limits.MOST_NOTIFIED]
    if roles:
        allowed["roles"] = roles
    if any(isinstance(each, Everyone) for each in post.notify):
        allowed["parse"] = ["everyone"]
    return payload


def losses(post: Post) -> list[Phrase]:
    """What of the post would be shortened or lost, in words for whoever wrote it."""
    drawing = _draw(post.message, post.locale)
    linked = _without_dead_links(drawing)
    mended = _mended(drawing)
    said = [] if mended == linked and mended.fits() else [say("It is too long for Discord, and is shortened.")]
    return [*said, *([say("A link is left out, since Discord does not take it.")] if linked != drawing else [])]


def _draw(message: Message, locale: str, key: str | None = None) -> _Drawing:
    """Everything, as if there were no limits."""
    lines: Counter[str] = Counter()
    files = iter(pictures(message))
    blocks = tuple(block for part in message.parts for block in _blocks(part, locale, lines, files))
    buttons = tuple(_button(each, locale, lines) for each in message.buttons)
    carriers = [each for each in (*buttons, *(block.button for block in blocks)) if each and "custom_id" in each]
    if key is not None and carriers:
        carriers[0]["custom_id"] = ids.keyed(carriers[0]["custom_id"], key)
    title = one_line(message.title, locale).strip() if message.title is not None else None
    return _Drawing(title, blocks, buttons, locale=locale)


def pictures(message: Message) -> dict[str, Picture]:
    """The message's pictures, by the names of the files in which it expects them."""
    found = (each for each in message.parts if isinstance(each, Picture))
    return {f"picture-{number}.png": each for number, each in enumerate(found, 1)}


def _blocks(part: Part, locale: str, lines: Counter[str], files: Iterator[str]) -> list[_Block]:
    if isinstance(part, Picture):
        return [_Block("picture", plain(part.alt, locale).strip() or "…", file=next(files))]
    if isinstance(part, File):
        return [_Block("file", part.name, file=part.name)]
    button = _button(part.button, locale, lines) if isinstance(part, Item) and part.button else None
    made = [_Block(part.kind, text, button) for text in _texts(Same(part), locale)]
    return [each for each in made if each.text.strip() or each.button]


@lru_cache(maxsize=1024)
def _texts(same: Same[Text | Facts | Item], locale: str) -> Sequence[str]:
    """The texts of a part. One that a command gives to many has them drawn once."""
    match same.value:
        case Text(text=text):
            return [markdown(text, locale)]
        case Facts(facts=facts):
            return [f"{heading(each.label, locale)} {markdown(each.value, locale)}" for each in facts]
        case Item(title=title, text=text, link=link):
            below = markdown(text, locale) if text is not None else ""
            return ["\n".join(each for each in (heading(title, locale, link), below) if each.strip())]


def _button(press: Press, locale: str, lines: Counter[str]) -> Json:
    """The button. Two that run the same line get ids of their own."""
    drawn: Json = {"type": limits.BUTTON, "label": _label(Same(press), locale)}
    match press:
        case Button():
            lines[press.line] += 1
            return {**drawn, "style": _STYLES[press.style], "custom_id": ids.line_id(press.line, lines[press.line])}
        case Link():
            return {**drawn, "style": _LINK, "url": press.url}


@lru_cache(maxsize=1024)
def _label(press: Same[Press], locale: str) -> str:
    return plain(press.value.label, locale)


def _text(content: str) -> Json:
    return {"type": limits.TEXT_DISPLAY, "content": content}


def _stacked(blocks: Sequence[_Block]) -> list[Json]:
    """Blocks as components: neighbours in one text, items with a button in a section, a line where a list is over."""
    made: list[Json] = []
    before: _Block | None = None
    for block in blocks:
        if before and before.kind == "item" and block.kind != "item":
            made.append({"type": limits.SEPARATOR})
        if block.file:
            attachment = {"url": f"attachment://{block.file}"}
            if block.kind == "file":
                made.append({"type": limits.FILE, "file": attachment})
            else:
                item = {"media": attachment, "description": block.text}
                made.append({"type": limits.MEDIA_GALLERY, "items": [item]})
        elif block.button:
            made.append({"type": limits.SECTION, "components": [_text(block.text or "…")], "accessory": block.button})
        elif before and made[-1]["type"] == limits.TEXT_DISPLAY:
            is_list = before.kind == block.kind != "text"
            made[-1]["content"] += ("\n" if is_list else _APART) + block.text
        else:
            made.append(_text(block.text))
        before = block
    return made


def _without_dead_links(drawing: _Drawing) -> _Drawing:
    """The drawing with no buttons that lead nowhere."""
    blocks = [
        each if each.button is None or _leads(each.button) else replace(each, button=None) for each in drawing.blocks
    ]
    return replace(
        drawing,
        blocks=tuple(each for each in blocks if each.text or each.button),
        buttons=tuple(filter(_leads, drawing.buttons)),
    )


def _leads(button: Json) -> bool:
    url = button.get("url")
    return url is None or (is_web_address(url) and length(url) <= limits.LONGEST_URL)


def _mended(drawing: _Drawing) -> _Drawing:
    """With no buttons that lead nowhere, and all labels and alt texts as long as they may be."""
    linked = _without_dead_links(drawing)
    blocks = [
        replace(
            each,
            text=as_label(each.text, limits.LONGEST_ALT) if each.file else each.text,
            button=_labelled(each.button) if each.button else None,
        )
        for each in linked.blocks
    ]
    return replace(linked, blocks=tuple(blocks), buttons=tuple(map(_labelled, linked.buttons)))


def _labelled(button: Json) -> Json:
    return {**button, "label": as_label(button["label"], limits.LONGEST_BUTTON)}
