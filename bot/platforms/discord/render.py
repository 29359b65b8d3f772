"""Draws messages and posts for Discord as one container of components: pure, data in and data out.

Nearly every message fits and is drawn whole. One that does not is shown in pages if there is a line to ask for them
again, and is cut with a word on how much is missing if there is none.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from bot.chat.literal import cut, is_web_address, length
from bot.chat.message import Button, Facts, File, Item, Link, Message, Part, Picture, Post, Press, Same, Text
from bot.chat.wording import plain, say
from bot.platforms.discord import ids, limits
from bot.platforms.discord.limits import Finding, Size
from bot.platforms.discord.markdown import heading, markdown, more, one_line, shorten

Json = dict[str, Any]

IS_COMPONENTS_V2 = 1 << 15
ACCENT = 0x4F46E5
LONGEST_TITLE = 250  # characters; a title that leaves no room for what is below it is none
MOST_BUTTONS = 15  # below a message that does not fit, so that there is room for something above them
LEAST_CUT = 200  # characters and bytes: less than this of a part says nothing
_LINK = 5
_STYLES = {"primary": 1, "plain": 2, "danger": 4}


@dataclass(frozen=True, slots=True)
class _Block:
    """One part, drawn: its text, and the button beside it; or a picture's alt text, a file's name, and where it is."""

    kind: Literal["text", "facts", "item", "picture", "file"]
    text: str
    button: Json | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A message, drawn in full: title, blocks, a word below them, and rows of buttons."""

    title: str | None
    blocks: tuple[_Block, ...]
    note: str | None
    buttons: tuple[Json, ...]
    pager: tuple[Json, ...] = ()

    def components(self) -> list[Json]:
        """The message as components."""
        made = [_text(f"## {self.title}")] if self.title else []
        made += _stacked(self.blocks)
        made += [_text(self.note)] if self.note else []
        most = limits.MOST_IN_A_ROW
        rows = [self.buttons[at : at + most] for at in range(0, len(self.buttons), most)]
        made += [{"type": limits.ACTION_ROW, "components": list(row)} for row in [*rows, self.pager] if row]
        return [{"type": limits.CONTAINER, "accent_color": ACCENT, "components": made or [_text("…")]}]


def render(message: Message, locale: str, *, page: int = 1, line: str | None = None, key: str | None = None) -> Json:
    """The message in the language of `locale`, within all limits.

    `line` is what was asked for, so that *More* can ask again; without it, what does not fit is cut. `key` is that of a
    post, by which it can be found again.
    """
    drawing = _draw(message, locale, key)
    payload = _payload(drawing)
    if limits.check(payload):
        drawing = _mended(drawing, locale)
        payload = _payload(drawing)
        if limits.check(payload):
            is_paged = line is not None and ids.has_room_for_pages(line)
            drawing = _page(drawing, locale, page, line) if line and is_paged else _cut_off(drawing, locale)
            payload = _payload(drawing)
    if key is not None:
        container = payload["components"][0]
        container["id"], container["components"][0]["id"] = ids.key_ids(key)
    return payload


def render_post(post: Post) -> Json:
    """The post in the language of its cohort. It notifies those it says it does, and nobody else whatever is in it."""
    payload = render(post.message, post.locale, key=post.key)
    people = dict.fromkeys(each.id for each in post.notify if each.platform == "discord")
    if people:
        payload["allowed_mentions"]["users"] = list(people)[: limits.MOST_NOTIFIED]
    return payload


def check(message: Message, locale: str) -> list[Finding]:
    """What would be shortened, paged or lost: what Discord would not take of the message drawn in full."""
    return limits.check(_payload(_draw(message, locale)))


def _payload(drawing: _Drawing) -> Json:
    return {"flags": IS_COMPONENTS_V2, "components": drawing.components(), "allowed_mentions": {"parse": []}}


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
    return _Drawing(title=title, blocks=blocks, note=None, buttons=buttons)


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
            made[-1]["content"] += ("\n" if is_list else "\n\n") + block.text
        else:
            made.append(_text(block.text))
        before = block
    return made


def _mended(drawing: _Drawing, locale: str) -> _Drawing:
    """With labels cut, a title of a title's length, and no links that lead nowhere."""
    blocks = [
        replace(
            each,
            text=cut(each.text, limits.LONGEST_ALT) if each.file else each.text,
            button=_within(each.button) if each.button else None,
        )
        for each in drawing.blocks
    ]
    return replace(
        drawing,
        title=shorten(drawing.title, LONGEST_TITLE, LONGEST_TITLE * 3, locale) if drawing.title else None,
        blocks=tuple(each for each in blocks if each.text or each.button),
        buttons=tuple(each for button in drawing.buttons if (each := _within(button))),
    )


def _within(button: Json) -> Json | None:
    url = button.get("url")
    if url is not None and not (is_web_address(url) and length(url) <= limits.LONGEST_URL):
        return None
    return {**button, "label": cut(button["label"], limits.LONGEST_BUTTON) or "…"}


def _page(drawing: _Drawing, locale: str, wanted: int, line: str) -> _Drawing:
    """One page of the message, with buttons to the others."""
    frame = _frame(drawing, _numbered(99, 99, locale), _pager(2, 3, line, locale))
    pages = _pages(drawing.blocks, _room_in(frame), locale)
    page = min(max(wanted, 1), len(pages))
    return replace(
        frame,
        blocks=tuple(pages[page - 1]),
        note=_numbered(page, len(pages), locale),
        pager=_pager(page, len(pages), line, locale),
    )


def _cut_off(drawing: _Drawing, locale: str) -> _Drawing:
    """As much as there is room for, and how many parts are missing."""
    frame = _frame(drawing, markdown(more(len(drawing.blocks)), locale))
    room = _room_in(frame)
    shown = _pages(drawing.blocks, room, locale)[0]
    left = room - limits.size(_stacked(shown)) - Size(characters=2, bytes=2)
    if len(shown) < len(drawing.blocks) and min(left.characters, left.bytes) >= LEAST_CUT:
        beginning = _shortened(drawing.blocks[len(shown)], left, locale)
        shown += [beginning] if _fits([*shown, beginning], room) else []
    missing = len(drawing.blocks) - len(shown)
    return replace(frame, blocks=tuple(shown), note=markdown(more(missing), locale) if missing else None)


def _frame(drawing: _Drawing, note: str, pager: tuple[Json, ...] = ()) -> _Drawing:
    """What stands around the blocks."""
    return replace(drawing, blocks=(), note=note, buttons=drawing.buttons[:MOST_BUTTONS], pager=pager)


def _room_in(frame: _Drawing) -> Size:
    return limits.MOST - limits.size(frame.components())


def _pages(blocks: Sequence[_Block], room: Size, locale: str) -> list[list[_Block]]:
    """The blocks in order, as many on each page as there is room for; one too large for a page of its own is cut."""
    pages: list[list[_Block]] = [[]]
    for block in blocks:
        if pages[-1] and not _fits([*pages[-1], block], room):
            pages.append([])
        pages[-1].append(block if _fits([block], room) else _shortened(block, room, locale))
    return pages


def _fits(blocks: Sequence[_Block], room: Size) -> bool:
    return limits.size(_stacked(blocks)).fits(room)


def _shortened(block: _Block, room: Size, locale: str) -> _Block:
    return replace(block, text=shorten(block.text, room.characters, room.bytes - limits.BYTES_A_TEXT, locale))


def _numbered(page: int, pages: int, locale: str) -> str:
    return "-# " + markdown(say("Page {n} of {pages}", n=page, pages=pages), locale)


def _pager(page: int, pages: int, line: str, locale: str) -> tuple[Json, ...]:
    turns = [*([(say("Back"), page - 1)] if page > 1 else []), *([(say("More"), page + 1)] if page < pages else [])]
    return tuple(
        {
            "type": limits.BUTTON,
            "style": _STYLES["plain"],
            "label": plain(label, locale),
            "custom_id": ids.page_id(number, line),
        }
        for label, number in turns
    )
