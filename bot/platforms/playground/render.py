"""Draws messages and forms for the page: pure, data in and data out.

The page puts every text in as text, so nothing is escaped here. An instant keeps its ISO form, because only the page
knows whose zone it is shown in.
"""

import mimetypes
import re
from base64 import b64encode
from typing import Any

from bot.chat.argument import person_in
from bot.chat.message import Button, Choice, Facts, File, Form, Item, Link, Message, Part, Picture, Question, Text
from bot.chat.platform import Draw
from bot.chat.wording import Mention, Moment, Span, Value, moment_text, plain, spans
from bot.platforms.playground.world import PERSONAS

_WEB = re.compile(r"https?://", re.IGNORECASE)

Json = dict[str, Any]


def render(message: Message, locale: str, draw: Draw) -> Json:
    """The message in the language of `locale`; `draw` draws its pictures."""
    return {
        "title": line(message.title, locale) if message.title is not None else None,
        "parts": [_part(each, locale, draw) for each in message.parts],
        "buttons": [_press(each, locale) for each in message.buttons],
    }


def render_form(form: Form, locale: str) -> Json:
    """The form in the language of `locale`."""
    return {
        "command": form.command,
        "title": plain(form.title, locale),
        "text": line(form.text, locale) if form.text is not None else None,
        "fields": [_question(each, locale) for each in form.fields],
        "given": dict(form.given),
    }


def render_choice(choice: Choice, locale: str) -> Json:
    """The choice in the language of `locale`."""
    return {"value": choice.value, "label": plain(choice.label, locale)}


def line(wording: Value, locale: str) -> list[Json]:
    """The wording as texts in one style each. One with `at` is an instant, one with `mention` a person, a place …"""
    return [_span(each, locale) for each in spans(wording, locale)]


def _span(span: Span, locale: str) -> Json:
    drawn: Json = {"text": span.text}
    if span.bold:
        drawn["bold"] = True
    if span.code:
        drawn["code"] = True
    if span.link and _WEB.match(span.link):
        drawn["link"] = span.link
    match span.thing:
        case Moment() as moment:
            drawn |= {"text": moment_text(moment, locale), "at": moment.at.isoformat(), "zone": moment.zone}
        case Mention(what="person" | "place" | "role" | "everyone") as mention:
            drawn |= {"mention": mention.what, "id": mention.id}
    return drawn


def _part(part: Part, locale: str, draw: Draw) -> Json:
    match part:
        case Picture():
            return {"kind": "picture", "svg": draw.svg(part, locale), "alt": plain(part.alt, locale)}
        case File(name=name, content=content):
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return {"kind": "file", "name": name, "data": f"data:{kind};base64,{b64encode(content).decode()}"}
        case Text():
            return {"kind": "text", "text": line(part.text, locale)}
        case Facts():
            shown = [{"label": line(each.label, locale), "value": line(each.value, locale)} for each in part.facts]
            return {"kind": "facts", "facts": shown}
        case Item():
            drawn: Json = {"kind": "item", "title": line(part.title, locale)}
            if part.text is not None:
                drawn["text"] = line(part.text, locale)
            if part.link and _WEB.match(part.link):
                drawn["link"] = part.link
            if part.button:
                drawn["button"] = _press(part.button, locale)
            return drawn


def _press(press: Button | Link, locale: str) -> Json:
    drawn: Json = {"label": plain(press.label, locale)}
    match press:
        case Button():
            drawn |= {"line": press.line, "style": press.style}
        case Link() if _WEB.match(press.url):
            drawn["url"] = press.url
    return drawn


def people() -> list[Json]:
    """Everybody there is, to be chosen."""
    return [{"value": each.name, "label": each.name} for each in PERSONAS.values()]


def _question(question: Question, locale: str) -> Json:
    if question.kind == "person":
        person = person_in(question.value or "")
        named = question.model_copy(update={"kind": "choice", "value": person.name if person else question.value})
        return {**_question(named, locale), "choices": people()}
    return {
        "name": question.name,
        "label": plain(question.label, locale),
        "kind": question.kind,
        "required": question.required,
        "value": question.value,
        "choices": [render_choice(each, locale) for each in question.choices],
        "suggests": question.suggests,
        "min": question.min,
        "max": question.max,
        "error": plain(question.error, locale) if question.error is not None else None,
    }
