"""Draws messages and posts for Slack as classic blocks: pure, data in and data out.

Nearly every message fits and is drawn whole. One that does not is shown in pages if there is a line to ask for them
again, and is cut with a word on how much is missing if there is none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from typing import Any, Literal

from bot.chat.drawing import Drawing
from bot.chat.literal import as_label, cut, is_web_address, length
from bot.chat.message import Button, Facts, File, Item, Link, Message, Part, Picture, Post, Press, Same, Text
from bot.chat.platform import Everyone, Person
from bot.chat.wording import Phrase, say
from bot.platforms.slack import limits
from bot.platforms.slack.limits import Size
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
    weight,
)

Json = dict[str, Any]

POST = "milepost_post"  # the type of the metadata in which a post carries its key
SHOWN = "shown"  # the callback of a modal that only shows a message
NAME = "Milepost"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing(Drawing[_Block]):
    reader: Reader
    most: Size = limits.MESSAGE

    def as_blocks(self) -> list[Json]:
        """The message as blocks."""
        made: list[Json] = [{"type": "header", "text": literal(self.title)}] if self.title else []
        made += _stacked(self.blocks)
        made += [{"type": "context", "elements": [literal(self.note)]}] if self.note else []
        made += map(_row, self.rows)
        return made or [rich_text([{"type": "text", "text": "…"}])]

    def fits(self) -> bool:
        return limits.size(self.as_blocks()).fits(self.most)

    def shortened(self, block: _Block) -> _Block | None:
        room = self.most.bytes - weight(self.as_blocks())
        if room < LEAST_CUT:
            return None
        around = weight(_stacked([replace(block, elements=[], beside=None)]))
        return replace(block, elements=shorten(block.elements, room - around, self.reader), beside=None)

    def words(self, said: Phrase) -> str:
        return plain_text(said, self.reader)

    def turn(self, label: Phrase, page: int, line: str) -> Json:
        shown = {"type": "button", "text": literal(self.words(label))}
        return {**shown, "action_id": f"p{page}", "value": _page_value(page, line)}


def render(message: Message, locale: str, *, page: int = 1, line: str | None = None, command: str = "/study") -> Json:
    """The message in the language of `locale`, within all limits; `command` is the slash command that lines begin with.

    `line` is what was asked for, so that *More* can ask again; without it, what does not fit is cut. Who is mentioned
    is drawn as a mention: send it to one reader only.
    """
    drawing = _draw(message, Reader(locale, command))
    return {"text": _notice(drawing), "blocks": _fitted(drawing, page, line)}


def render_post(post: Post, command: str = "/study") -> Json:
    """The post in the language of its cohort. It mentions those whom it notifies; anybody else is named in words."""
    drawing = _drawn(post, command)
    return {
        "text": _notice(drawing),
        "blocks": _fitted(drawing),
        "metadata": {"event_type": POST, "event_payload": {"key": post.key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _drawn(post: Post, command: str) -> _Drawing:
    """The post, drawn in full. Slack has no roles to notify."""
    people = (each.id for each in post.notify if isinstance(each, Person) and each.platform == "slack")
    everyone = (each.id for each in post.notify if isinstance(each, Everyone))
    return _draw(post.message, Reader(post.locale, command, frozenset([*people, *everyone])))


def render_view(
    message: Message, locale: str, *, page: int = 1, line: str | None = None, command: str = "/study"
) -> Json:
    """The message as a modal that only shows it. A title too long for the modal's own stands below that."""
    drawing = replace(_draw(message, Reader(locale, command)), most=limits.VIEW)
    title = drawing.title
    if title and length(title) <= limits.LONGEST_TITLE:
        drawing = replace(drawing, title=None)
    else:
        title = NAME
    return {"type": "modal", "callback_id": SHOWN, "title": literal(title), "blocks": _fitted(drawing, page, line)}


def render_home(message: Message, locale: str, command: str = "/study") -> Json:
    """The message as the Home tab of the app."""
    return {"type": "home", "blocks": _fitted(replace(_draw(message, Reader(locale, command)), most=limits.VIEW))}


def losses(post: Post, command: str = "/study") -> list[Phrase]:
    """What of the post would be shortened or lost, and the pictures that Slack is not shown, in words for whoever wrote
    it.
    """
    drawing = _drawn(post, command)
    linked = _without_dead_links(drawing)
    mended = _mended(drawing)
    said = [] if mended == linked and mended.fits() else [say("It is too long for Slack, and is shortened.")]
    if linked != drawing:
        said.append(say("A link is left out, since Slack does not take it."))
    if any(isinstance(each, Picture) for each in post.message.parts):
        said.append(say("The picture is not shown; its description stands in its place."))
    return said


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
    buttons = tuple(_told_apart(_button(each, reader), numbers) for each in message.buttons)
    return _Drawing(title, blocks, buttons, reader=reader)


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


def _fitted(drawing: _Drawing, page: int = 1, line: str | None = None) -> list[Json]:
    """The drawing as blocks, within limits."""
    is_paged = line is not None and length(_page_value(99, line)) <= limits.LONGEST_LINE
    return _mended(drawing).fitted(page, line if is_paged else None).as_blocks()


def _without_dead_links(drawing: _Drawing) -> _Drawing:
    """The drawing with no buttons that lead nowhere."""
    return _pressed(drawing, lambda button: button if _leads(button) else None)


def _leads(button: Json) -> bool:
    url = button.get("url")
    return url is None or (is_web_address(url) and length(url) <= limits.LONGEST_URL)


def _mended(drawing: _Drawing) -> _Drawing:
    """With no buttons that lead nowhere or carry more than they can, and a title and labels as long as they may be."""
    title = cut(drawing.title, limits.LONGEST_HEADER) if drawing.title else None
    return _pressed(replace(_without_dead_links(drawing), title=title), _labelled)


def _labelled(button: Json) -> Json | None:
    if length(button.get("value", "")) > limits.LONGEST_LINE:
        return None
    return {**button, "text": literal(as_label(button["text"]["text"], limits.LONGEST_BUTTON))}


def _pressed(drawing: _Drawing, change: Callable[[Json], Json | None]) -> _Drawing:
    """The drawing with every button changed so, or taken out for None."""
    blocks = [each if each.button is None else replace(each, button=change(each.button)) for each in drawing.blocks]
    return replace(
        drawing,
        blocks=tuple(each for each in blocks if each.button or not is_blank(each.elements)),
        buttons=tuple(filter(None, map(change, drawing.buttons))),
    )


def _page_value(page: int, line: str) -> str:
    """What a button says that shows another page of what the line answers."""
    return f"{page}|{line}"
