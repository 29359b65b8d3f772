"""Draws messages and posts for Slack as classic blocks: pure, data in and data out.

Nearly every message fits and is drawn whole. One that does not is shown in pages if there is a line to ask for them
again, and is cut with a word on how much is missing if there is none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from typing import Any, Literal

from bot.chat.literal import cut, is_web_address, length
from bot.chat.message import Button, Facts, File, Item, Link, Message, Part, Picture, Post, Press, Same, Text
from bot.chat.wording import Phrase, say
from bot.platforms.slack import limits
from bot.platforms.slack.limits import Finding, Size
from bot.platforms.slack.text import (
    NEWLINE,
    Elements,
    Reader,
    elements,
    heading,
    is_blank,
    mrkdwn,
    notice,
    plain_text,
    shorten,
)

Json = dict[str, Any]

POST = "milepost_post"  # the type of the metadata in which a post carries its key
SHOWN = "shown"  # the callback of a modal that only shows a message
NAME = "Milepost"
MOST_BUTTONS = 15  # below a message that does not fit, so that there is room for something above them
LEAST_CUT = 400  # bytes: less than this of a part says nothing
_SPACE: Json = {"type": "text", "text": " "}


@dataclass(frozen=True, slots=True)
class _Block:
    """One part, drawn: its elements, the button that belongs to it, and what stands beside that if it can be said.

    Not to be changed: a part that is said to many is drawn once.

    Of a picture there is its alt text alone: Slack takes none but from a public address, or as a file that stays in the
    workspace and may not be ready when the message is.
    """

    kind: Literal["text", "fact", "item", "picture"]
    elements: Elements
    button: Json | None = None
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A message, drawn in full: title, blocks, a word below them, and rows of buttons."""

    title: str | None
    blocks: tuple[_Block, ...]
    note: str | None
    buttons: tuple[Json, ...]
    pager: tuple[Json, ...] = ()

    def as_blocks(self) -> list[Json]:
        """The message as blocks."""
        made: list[Json] = [{"type": "header", "text": literal(self.title)}] if self.title else []
        made += _stacked(self.blocks)
        made += [{"type": "context", "elements": [literal(self.note)]}] if self.note else []
        most = limits.MOST_IN_A_ROW
        rows = [self.buttons[at : at + most] for at in range(0, len(self.buttons), most)]
        made += [_row(row) for row in [*rows, self.pager] if row]
        return made or [rich_text([{"type": "text", "text": "…"}])]


def render(message: Message, locale: str, *, page: int = 1, line: str | None = None, command: str = "/study") -> Json:
    """The message in the language of `locale`, within all limits; `command` is the slash command that lines begin with.

    `line` is what was asked for, so that *More* can ask again; without it, what does not fit is cut. Who is mentioned
    is drawn as a mention: send it to one reader only.
    """
    reader = Reader(locale, command)
    drawing = _draw(message, reader)
    return {"text": _notice(drawing), "blocks": _fitted(drawing, limits.MESSAGE, reader, page, line)}


def render_post(post: Post, command: str = "/study") -> Json:
    """The post in the language of its cohort. It mentions those whom it notifies; anybody else is named in words."""
    notified = frozenset(each.id for each in post.notify if each.platform == "slack")
    reader = Reader(post.locale, command, notified)
    drawing = _draw(post.message, reader)
    return {
        "text": _notice(drawing),
        "blocks": _fitted(drawing, limits.MESSAGE, reader),
        "metadata": {"event_type": POST, "event_payload": {"key": post.key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }


def render_view(
    message: Message, locale: str, *, page: int = 1, line: str | None = None, command: str = "/study"
) -> Json:
    """The message as a modal that only shows it. A title too long for the modal's own stands below that."""
    reader = Reader(locale, command)
    drawing = _draw(message, reader)
    is_short = drawing.title is not None and length(drawing.title) <= limits.LONGEST_TITLE
    title = drawing.title if drawing.title and is_short else NAME
    blocks = _fitted(replace(drawing, title=None) if is_short else drawing, limits.VIEW, reader, page, line)
    return {"type": "modal", "callback_id": SHOWN, "title": literal(title), "blocks": blocks}


def render_home(message: Message, locale: str, command: str = "/study") -> Json:
    """The message as the Home tab of the app."""
    reader = Reader(locale, command)
    return {"type": "home", "blocks": _fitted(_draw(message, reader), limits.VIEW, reader)}


def check(message: Message, locale: str) -> list[Finding]:
    """What would be shortened, paged or lost: what Slack would not take of the message drawn in full."""
    drawing = _draw(message, Reader(locale))
    return limits.check({"text": _notice(drawing), "blocks": drawing.as_blocks()})


def literal(text: str) -> Json:
    """Plain text as an object of Slack's, in which `:smile:` stays what was typed."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _notice(drawing: _Drawing) -> str:
    """What a notification shows: the title and the lines below it, which say what a picture says."""
    title: list[Elements] = [[{"type": "text", "text": drawing.title}]] if drawing.title else []
    lines = (each.elements for each in drawing.blocks if each.kind != "picture")
    return notice([*title, *lines], limits.LONGEST_TEXT) or NAME


def _draw(message: Message, reader: Reader) -> _Drawing:
    """Everything, as if there were no limits."""
    numbers = count(1)
    drawn = [block for part in message.parts for block in _blocks(Same(part), reader)]
    blocks = tuple(replace(each, button=_told_apart(each.button, numbers)) if each.button else each for each in drawn)
    title = " ".join(plain_text(message.title, reader).split()) if message.title is not None else None
    return _Drawing(
        title=title,
        blocks=blocks,
        note=None,
        buttons=tuple(_told_apart(_button(each, reader), numbers) for each in message.buttons),
    )


@lru_cache(maxsize=1024)
def _blocks(part: Same[Part], reader: Reader) -> Sequence[_Block]:
    match part.value:
        case Text(text=text):
            made = [_Block("text", elements(text, reader))]
        case Facts(facts=facts):
            pairs = [(heading(each.label, reader), elements(each.value, reader)) for each in facts]
            made = [_Block("fact", [*label, _SPACE, *value]) for label, value in pairs]
        case Item() as item:
            made = [_item(item, reader)]
        case Picture(alt=alt):
            said = cut(plain_text(alt, reader), limits.LONGEST_SECTION)
            made = [_Block("picture", [{"type": "text", "text": said}])]
        case File(name=name):
            made = [_Block("text", [{"type": "text", "text": name}])]
    return [each for each in made if each.button or not is_blank(each.elements)]


def _item(part: Item, reader: Reader) -> _Block:
    title = heading(part.title, reader, part.link)
    below = elements(part.text, reader) if part.text is not None else []
    lines = [each for each in (title, below) if not is_blank(each)]
    drawn = [*lines[0], *([NEWLINE, *lines[1]] if len(lines) > 1 else [])] if lines else []
    if part.button is None:
        return _Block("item", drawn)
    button = _button(part.button, reader)
    if lines:
        # Buttons of a list look alike; one who hears them is told which is which.
        said = f"{button['text']['text']}: {plain_text(part.title, reader)}"
        button["accessibility_label"] = cut(" ".join(said.split()), limits.LONGEST_BUTTON)
    beside = mrkdwn(title, below) if lines else None
    return _Block("item", drawn, button, beside if beside and length(beside) <= limits.LONGEST_SECTION else None)


def _button(press: Press, reader: Reader) -> Json:
    """The button, still without its number."""
    drawn: Json = {"type": "button", "text": literal(plain_text(press.label, reader))}
    match press:
        case Button(style="plain"):
            return {**drawn, "action_id": "m", "value": press.line}
        case Button():
            return {**drawn, "action_id": "m", "value": press.line, "style": press.style}
        case Link():
            return {**drawn, "action_id": "l", "url": press.url}


def _told_apart(button: Json, numbers: Iterator[int]) -> Json:
    """The button with its number, which tells it from the others of the message."""
    return {**button, "action_id": f"{button['action_id']}{next(numbers)}"}


def rich_text(drawn: Elements) -> Json:
    """The elements as a block."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": drawn}]}


def _row(buttons: Sequence[Json]) -> Json:
    return {"type": "actions", "elements": list(buttons)}


def _stacked(blocks: Sequence[_Block]) -> list[Json]:
    """The parts as blocks: neighbours of a list in one text, a button beside what it is for, a line below a list."""
    made: list[Json] = []
    before: _Block | None = None
    for block in blocks:
        if before and before.kind == "item" and block.kind != "item":
            made.append({"type": "divider"})
        if block.kind == "picture":
            said = "".join(each["text"] for each in block.elements)
            made.append({"type": "context", "elements": [literal(said or "…")]})
        elif block.button and block.beside:
            text = {"type": "mrkdwn", "text": block.beside, "verbatim": True}
            made.append({"type": "section", "text": text, "accessory": block.button})
        elif block.button:
            made += [] if is_blank(block.elements) else [rich_text(block.elements)]
            made.append(_row([block.button]))
        elif before and before.kind == block.kind != "text" and not before.button:
            [section] = made[-1]["elements"]
            made[-1] = rich_text([*section["elements"], NEWLINE, *block.elements])
        else:
            made.append(rich_text(block.elements))
        before = block
    return made


def _fitted(drawing: _Drawing, most: Size, reader: Reader, page: int = 1, line: str | None = None) -> list[Json]:
    """The drawing as blocks, within limits: whole, else one page of it, else its beginning."""
    mended = _mended(drawing)
    blocks = mended.as_blocks()
    if limits.size(blocks).fits(most):
        return blocks
    is_paged = line is not None and length(page_value(99, line)) <= limits.LONGEST_LINE
    shown = _page(mended, most, reader, page, line) if line and is_paged else _cut_off(mended, most, reader)
    return shown.as_blocks()


def _mended(drawing: _Drawing) -> _Drawing:
    """With labels cut, a title of a title's length, and no buttons that lead nowhere."""
    blocks = map(_mended_block, drawing.blocks)
    return replace(
        drawing,
        title=cut(drawing.title, limits.LONGEST_HEADER) if drawing.title else None,
        blocks=tuple(each for each in blocks if each.button or not is_blank(each.elements)),
        buttons=tuple(each for button in drawing.buttons if (each := _within(button))),
    )


def _mended_block(block: _Block) -> _Block:
    button = _within(block.button) if block.button else None
    return block if button is block.button else replace(block, button=button)


def _within(button: Json) -> Json | None:
    url = button.get("url")
    if url is not None and not (is_web_address(url) and length(url) <= limits.LONGEST_URL):
        return None
    if length(button.get("value", "")) > limits.LONGEST_LINE:
        return None
    label = cut(button["text"]["text"], limits.LONGEST_BUTTON) or "…"
    return button if label == button["text"]["text"] else {**button, "text": literal(label)}


def _page(drawing: _Drawing, most: Size, reader: Reader, wanted: int, line: str) -> _Drawing:
    """One page of the message, with buttons to the others."""
    frame = _frame(drawing, _numbered(99, 99), reader, _pager(2, 3, line, reader))
    pages = _pages(drawing.blocks, most - limits.size(frame.as_blocks()), reader)
    page = min(max(wanted, 1), len(pages))
    return replace(
        frame,
        blocks=tuple(pages[page - 1]),
        note=plain_text(_numbered(page, len(pages)), reader),
        pager=_pager(page, len(pages), line, reader),
    )


def _cut_off(drawing: _Drawing, most: Size, reader: Reader) -> _Drawing:
    """As much as there is room for, and how many parts are missing."""
    frame = _frame(drawing, _more(len(drawing.blocks)), reader)
    room = most - limits.size(frame.as_blocks())
    shown = _pages(drawing.blocks, room, reader)[0]
    left = room - limits.size(_stacked(shown))
    if len(shown) < len(drawing.blocks) and left.bytes >= LEAST_CUT:
        beginning = _shortened(drawing.blocks[len(shown)], left, reader)
        shown += [beginning] if _fits([*shown, beginning], room) else []
    missing = len(drawing.blocks) - len(shown)
    return replace(frame, blocks=tuple(shown), note=plain_text(_more(missing), reader) if missing else None)


def _frame(drawing: _Drawing, note: Phrase, reader: Reader, pager: tuple[Json, ...] = ()) -> _Drawing:
    """What stands around the blocks."""
    buttons = drawing.buttons[:MOST_BUTTONS]
    return replace(drawing, blocks=(), note=plain_text(note, reader), buttons=buttons, pager=pager)


def _pages(blocks: Sequence[_Block], room: Size, reader: Reader) -> list[list[_Block]]:
    """The blocks in order, as many on each page as there is room for; one too large for a page of its own is cut."""
    pages: list[list[_Block]] = [[]]
    for block in blocks:
        if pages[-1] and not _fits([*pages[-1], block], room):
            pages.append([])
        pages[-1].append(block if _fits([block], room) else _shortened(block, room, reader))
    return pages


def _fits(blocks: Sequence[_Block], room: Size) -> bool:
    return limits.size(_stacked(blocks)).fits(room)


def _shortened(block: _Block, room: Size, reader: Reader) -> _Block:
    around = limits.size(_stacked([replace(block, elements=[], beside=None)]))
    return replace(block, elements=shorten(block.elements, (room - around).bytes, reader), beside=None)


def _more(n: int) -> Phrase:
    """Stands for `n` parts that found no room."""
    return say("… ({n} more)", n=n)


def _numbered(page: int, pages: int) -> Phrase:
    return say("Page {n} of {pages}", n=page, pages=pages)


def page_value(page: int, line: str) -> str:
    """What a button says that shows another page of what the line answers."""
    return f"{page}|{line}"


def _pager(page: int, pages: int, line: str, reader: Reader) -> tuple[Json, ...]:
    turns = [*([(say("Back"), page - 1)] if page > 1 else []), *([(say("More"), page + 1)] if page < pages else [])]
    return tuple(
        {
            "type": "button",
            "text": literal(plain_text(label, reader)),
            "action_id": f"p{at}",
            "value": page_value(number, line),
        }
        for at, (label, number) in enumerate(turns, 1)
    )
