"""Writes wordings as the elements of Slack's rich text, in which nothing that anybody typed is read as structure.

Beside a button Slack has room for its older markup only, "mrkdwn", which knows no way to take `*` or `:smile:`
literally. So that is written where there is nothing to misread, and is not written otherwise.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from bot.chat.literal import addresses_in, cut, is_web_address, length
from bot.chat.wording import Mention, Moment, Span, Value, joined, moment_text, say_n, span_text, spans

Json = dict[str, Any]
Elements = list[Json]

DATE = "{date_short_pretty}, {time}"  # Slack's own tokens: "tomorrow, 9:00 AM", in the language of the client
NEWLINE: Json = {"type": "text", "text": "\n"}
_LEAST_CUT = 20  # characters: less than this of a text says nothing
_USER = re.compile(r"(?:[TE][A-Z0-9]+:)?(?P<user>[UW][A-Z0-9]+)")  # our ids of people name their workspace too
_CHANNEL = re.compile(r"[CG][A-Z0-9]+")
_IN_ADDRESS = "%/:=&?~#+!$,;'@()*[]"
_WORD = 40  # characters that are given up so that a cut falls between words

# What mrkdwn could read in a text: emphasis and code, an emoji, a quotation at the beginning of a line.
_STRUCTURE = re.compile(r"[*_~`]|:[\w+'-]+:|^\s*>", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: their language, the slash command that they type, and the ids of people who may be notified.

    None for `notified` stands for everybody: a private reply notifies nobody whom it mentions.
    """

    locale: str
    command: str = "/study"
    notified: frozenset[str] | None = None


def elements(wording: Value, reader: Reader) -> Elements:
    """The wording as elements: bold, code and links of ours, people, places and instants drawn by the reader's client,
    web addresses to follow, everything else literally.
    """
    return _written(spans(wording, reader.locale), reader)


def heading(wording: Value, reader: Reader, link: str | None = None) -> Elements:
    """The wording in bold on one line, all of it leading to the web address `link` if there is one."""
    made = [Span(each.text, True, each.code, each.link or link, each.thing) for each in spans(wording, reader.locale)]
    drawn = _written(made, reader)
    return [{**each, "text": " ".join(each["text"].split("\n"))} if "text" in each else each for each in drawn]


def plain_text(wording: Value, reader: Reader) -> str:
    """The wording where only plain text is shown: instants name their zone, links their address."""
    return "".join(span_text(_in_words(each, reader), reader.locale) for each in spans(wording, reader.locale))


def notice(lines: Iterable[Elements], most: int) -> str:
    """The lines in at most so many characters, for a notification and a screen reader. Slack looks for mentions in it,
    between angle brackets: it finds those that were drawn, and no others.
    """
    said, room = "", most
    for each in (each for line in lines for each in [*line, NEWLINE]):
        words = each.get("text") or each.get("fallback") or each.get("url", "")
        shown = _mention(each) or escaped(words)
        size = length(shown)
        if size > room:
            # What is escaped grows by four characters at most. It is cut before, so that no escape is cut.
            grown = 4 * sum(map(words[:room].count, "&<>"))
            return said + escaped(cut(words, max(room - grown, room // 5))) if words and room >= _LEAST_CUT else said
        said += shown
        room -= size
    return said.strip()


def escaped(text: str) -> str:
    """The text for where Slack looks for mentions and links between angle brackets: it finds none."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def is_blank(drawn: Elements) -> bool:
    """Whether a reader sees nothing of them."""
    return all("text" in each and not each["text"].strip() for each in drawn)


def mrkdwn(title: Elements, below: Elements) -> str | None:
    """A bold line and what stands below it as mrkdwn; None if that could show anything but what the elements do."""
    top, rest = _markup(title, bold=True), _markup(below)
    if top is None or rest is None or top != top.strip():
        return None
    return "\n".join(each for each in (top and f"*{top}*", rest) if each)


def weight(drawn: object) -> int:
    """The UTF-8 bytes of something drawn, written as compact JSON."""
    return len(json.dumps(drawn, ensure_ascii=False, separators=(",", ":")).encode())


def shorten(drawn: Elements, most: int, reader: Reader) -> Elements:
    """The elements cut to that weight, with a word on how much is missing.

    A text is cut between words where one ends nearby; what Slack draws as one thing is there or not.
    """
    if weight(drawn) <= most:
        return drawn
    seen = sum(map(_seen, drawn))
    room = most - weight([_missing(seen, reader)])
    kept: Elements = []
    for each in drawn:
        room -= weight(each) + len(",")
        if room >= 0:
            kept.append(each)
            continue
        if each["type"] == "text" and (beginning := _beginning(each["text"], weight(each["text"]) + room)):
            kept.append({**each, "text": beginning})
        break
    return [*kept, _missing(seen - sum(map(_seen, kept)), reader)]


def _beginning(text: str, most: int) -> str:
    """As much of the text as weighs at most so much."""
    at = bisect_right(range(len(text) + 1), most, key=lambda n: weight(text[:n])) - 1
    word = next((n for n in range(at, max(at - _WORD, 0), -1) if text[n].isspace()), at)
    return text[: max(word, 0)].rstrip()


def _missing(characters: int, reader: Reader) -> Json:
    said = say_n("… ({n} more character)", "… ({n} more characters)", characters)
    return {"type": "text", "text": plain_text(said, reader)}


def _seen(drawn: Json) -> int:
    """How many characters of it a reader sees; a mention or an instant counts as one."""
    return len(drawn["text"]) if "text" in drawn else 1


def _written(made: Sequence[Span], reader: Reader) -> Elements:
    in_words = (_in_words(each, reader) if _is_words(each, reader) else each for each in made)
    return [drawn for span in joined(in_words) for drawn in _drawn(span, reader)]


def _is_words(span: Span, reader: Reader) -> bool:
    """Whether what it stands for is not drawn: inside of code or a link, unknown to Slack, or not to be notified."""
    match span:
        case Span(code=False, link=None, thing=Mention(what="person", id=person)):
            return not _USER.fullmatch(person) or (reader.notified is not None and person not in reader.notified)
        case Span(code=False, link=None, thing=Mention(what="place", id=channel)):
            return not _CHANNEL.fullmatch(channel)
        case Span(code=False, link=None, thing=Mention(what="everyone", id=everyone)):
            return reader.notified is None or everyone not in reader.notified
        case Span(code=False, link=None, thing=Moment()):
            return False
    return span.thing is not None


def _in_words(span: Span, reader: Reader) -> Span:
    match span.thing:
        case None:
            return span
        case Moment() as moment:
            return replace(span, text=moment_text(moment, reader.locale), thing=None)
        case Mention(what="command", name=name):
            return replace(span, text=f"{reader.command} {name.removeprefix('/')}", code=True, thing=None)
        case Mention(what="person", name=name):
            return replace(span, text=f"@{name.removeprefix('@')}", thing=None)
    return replace(span, thing=None)


def _drawn(span: Span, reader: Reader) -> Iterator[Json]:
    styles = [name for name, is_on in (("bold", span.bold), ("code", span.code)) if is_on]
    style: Json = {"style": dict.fromkeys(styles, True)} if styles else {}
    match span:
        case Span(thing=Moment(at=at) as moment):
            fallback = moment_text(moment, reader.locale)
            yield {"type": "date", "timestamp": int(at.timestamp()), "format": DATE, "fallback": fallback, **style}
        case Span(thing=Mention(what="everyone")):
            yield {"type": "broadcast", "range": "channel", **style}
        case Span(thing=Mention(what="place", id=channel)):
            yield {"type": "channel", "channel_id": channel, **style}
        case Span(thing=Mention(id=person)) if found := _USER.fullmatch(person):
            yield {"type": "user", "user_id": found["user"], **style}
        case Span(link=str(link), text=text) if is_web_address(link):
            yield _link(link, text, style)
        case Span(code=True, text=text):
            yield {"type": "text", "text": text, **style}
        case _:
            for piece, is_address in addresses_in(span.text):
                yield _link(piece, piece, style) if is_address else {"type": "text", "text": piece, **style}


def _link(address: str, text: str, style: Json) -> Json:
    """A link; Slack shows the address where no other text is given."""
    url = quote(address, safe=_IN_ADDRESS)
    return {"type": "link", "url": url, **({} if text == url else {"text": text}), **style}


def _markup(drawn: Elements, *, bold: bool = False) -> str | None:
    pieces = []
    for each in drawn:
        text = each.get("text", "")
        if each.get("style", {}) != ({"bold": True} if bold else {}) or _STRUCTURE.search(text):
            return None
        match each["type"]:
            case "text":
                pieces.append(escaped(text))
            case "link":
                if "|" in text or "\n" in text:
                    return None
                address = each["url"].replace("&", "&amp;")
                pieces.append(f"<{address}|{escaped(text)}>" if text else f"<{address}>")
            case "date":
                pieces.append(f"<!date^{each['timestamp']}^{each['format']}|{escaped(each['fallback'])}>")
            case _:
                pieces.append(_mention(each))
    return "".join(pieces)


def _mention(drawn: Json) -> str:
    """A person, a place or everyone as Slack's markup has it; nothing for anything else."""
    match drawn["type"]:
        case "user":
            return f"<@{drawn['user_id']}>"
        case "channel":
            return f"<#{drawn['channel_id']}>"
        case "broadcast":
            return f"<!{drawn['range']}>"
    return ""
