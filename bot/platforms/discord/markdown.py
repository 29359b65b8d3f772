"""Writes wordings in Discord's Markdown, so that structure is ours alone and every value shows as it was typed.

Discord's client shows what follows a backslash as it is, unless that is a letter, a digit or a space; that also takes
mentions, emoji and timestamps apart. It does not do so inside code, nor, as far as is known, while it looks for the end
of a link's label, so these two are fenced in their own ways below.
"""

import re
from dataclasses import replace
from itertools import groupby
from urllib.parse import quote

from bot.chat.literal import addresses_in, is_web_address, length
from bot.chat.wording import Mention, Moment, Phrase, Span, Value, joined, moment_text, say_n, span_text, spans
from bot.platforms.discord.names import names_in

# `:` begins an address or, closed by another, an emoji. `#` also ends a heading, and is lost there.
_STRUCTURE = re.compile(r"[\\*_~|`\[\]<@#]|:(?=//|[\w+-]+:)")
_LINE_START = re.compile(r"^([^\S\n]*)(?:(?=[>-])|(\d+)(?=\.(?:\s|\Z)))", re.MULTILINE)
_CLICKABLE = re.compile(r"[^\\*`|\[\]]+")  # what is left of an address where Discord finds no structure in it
_EVEN_BRACKETS = re.compile(r"(?:[^\[\]]|\[[^\[\]]*\])*")
_IN_ADDRESS = "%/:=&?~#+!$,;'@"
_MENTIONS = {"person": "@", "place": "#", "role": "@&"}
_EVERYONE = "@everyone"
_SNOWFLAKE = re.compile(r"[1-9][0-9]{0,19}")

# What is never cut apart: an escaped character, a mention or a timestamp or an address, code, a link; and bold's mark.
_ATOM = re.compile(
    r"\\.|<[^<>\s]+>|(?P<fence>`+).+?(?<!`)(?P=fence)(?!`)|\[(?:\\.|[^\]\\])*\]\([^()\s]*\)|\*\*|.", re.DOTALL
)
_BOLD = "**"
_WORD = 40  # characters that are given up so that a cut falls between words


def markdown(wording: Value, locale: str) -> str:
    """The wording as Discord shows it: bold, code and links of ours, people, places and instants drawn by the reader's
    client, everything else literally.
    """
    return _written(spans(wording, locale), locale)


def heading(wording: Value, locale: str, link: str | None = None) -> str:
    """The wording in bold on one line, all of it leading to the web address `link` if there is one."""
    made = [Span(each.text, True, each.code, each.link or link, each.thing) for each in spans(wording, locale)]
    return " ".join(_written(made, locale).split("\n"))


def one_line(wording: Value, locale: str) -> str:
    """The wording on one line."""
    return " ".join(markdown(wording, locale).split("\n"))


def unmarked(wording: Value, locale: str) -> str:
    """The wording as plain text, for where Discord reads no Markdown."""
    return "".join(span_text(_in_words(each, locale), locale) for each in spans(wording, locale))


def shorten(text: str, characters: int, size: int, locale: str) -> str:
    """Markdown written here, cut to so many characters and UTF-8 bytes, with a word on how much is missing.

    It is cut between words where one ends nearby, and never inside of what Discord draws as one thing.
    """
    if length(text) <= characters and len(text.encode()) <= size:
        return text
    atoms = [found[0] for found in _ATOM.finditer(text)]
    seen = [_seen(each) for each in atoms]
    note = markdown(_characters_more(sum(seen)), locale)
    characters -= length(_BOLD + note)
    size -= len((_BOLD + note).encode())
    kept = 0
    for atom in atoms:
        characters -= length(atom)
        size -= len(atom.encode())
        if characters < 0 or size < 0:
            break
        kept += 1
    word = next((at for at in range(kept, max(kept - _WORD, 0), -1) if atoms[at].isspace()), kept)
    shown = atoms[:word]
    closed = _BOLD if shown.count(_BOLD) % 2 else ""
    return "".join(shown).rstrip() + closed + markdown(_characters_more(sum(seen[word:])), locale)


def _seen(atom: str) -> int:
    """How many characters of it a reader sees."""
    label = atom[1 : atom.rindex("](")] if atom.startswith("[") else atom
    return 0 if atom == _BOLD else len(re.sub(r"\\(.)|<[^<>]+>", "x", label.strip("`")))


def _characters_more(n: int) -> Phrase:
    return say_n("… ({n} more character)", "… ({n} more characters)", n)


def _written(made: list[Span], locale: str) -> str:
    """Inside of code or a link nothing is drawn: a thing becomes its words. A command does so anywhere: Discord's own
    mention of one shows its English name to every reader.
    """
    pieces: list[str] = []
    is_bold = False
    in_words = (_in_words(each, locale) if each.code or each.link or _is_name(each) else each for each in made)
    for span in joined(in_words):
        # Bold looks for its end in code too, so code is written outside of it.
        wants_bold = span.bold and not span.code
        pieces += [_BOLD] if wants_bold != is_bold else []
        pieces.append(_run(span))
        is_bold = wants_bold
    pieces += [_BOLD] if is_bold else []
    return "".join(pieces)


def _literal_start(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2] or ''}\\"


def _is_name(span: Span) -> bool:
    return isinstance(span.thing, Mention) and span.thing.what not in (*_MENTIONS, "everyone")


def _in_words(span: Span, locale: str) -> Span:
    match span.thing:
        case None:
            return span
        case Moment() as moment:
            text = moment_text(moment, locale)
        case Mention(what="command" | "argument") as quoted:
            text = names_in(locale).quote(quoted)
        case _:
            text = span.text
    return replace(span, text=text, thing=None)


def _run(span: Span) -> str:
    match span:
        case Span(thing=Moment(at=at)):
            return f"<t:{int(at.timestamp())}:f>"
        case Span(thing=Mention(what="everyone")):
            return _EVERYONE
        case Span(thing=Mention(what=what, id=known)) if _SNOWFLAKE.fullmatch(known):
            return f"<{_MENTIONS[what]}{known}>"
        case Span(link=str(link), text=text) if is_web_address(link):
            return _link(" ".join(text.split("\n")), quote(link, safe=_IN_ADDRESS))
        case Span(code=True, text=text):
            return _code(" ".join(text.split("\n")))
    return _literal(span.text)


def _literal(text: str) -> str:
    """Text as it was typed. A web address can be followed, but unfolds no preview."""
    pieces = []
    for is_link, group in groupby(addresses_in(text), key=lambda each: each[1] and bool(_CLICKABLE.fullmatch(each[0]))):
        joined = "".join(piece for piece, _ in group)
        pieces.append(f"<{joined}>" if is_link else _escaped(joined))
    return "".join(pieces)


def _escaped(text: str) -> str:
    """The text with a backslash before all that Discord could read as structure. What is inside bold or a link is read
    afresh, so the beginning of any piece counts as the beginning of a line.
    """
    return _LINE_START.sub(_literal_start, _STRUCTURE.sub(r"\\\g<0>", text))


def _code(text: str) -> str:
    """Code between one or two backticks, whichever do not end it early; three would begin a block."""
    runs = {len(run) for run in re.findall("`+", text)}
    fence = next(("`" * width for width in (1, 2) if width not in runs), None)
    if fence is None:
        return _escaped(text)
    before = " " if text.lstrip(" ").startswith("`") else ""
    after = " " if text.rstrip(" ").endswith("`") else ""
    return f"{fence}{before}{text}{after}{fence}"


def _link(label: str, address: str) -> str:
    """A label that leads somewhere. One that Discord could end early, or takes for an address, stands beside it."""
    if label == address:
        return f"<{address}>"
    if not label.strip() or "://" in label or not _EVEN_BRACKETS.fullmatch(label):
        return f"{_escaped(label)} <{address}>".lstrip()
    return f"[{_escaped(label)}]({address})"
