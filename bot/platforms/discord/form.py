"""Draws forms as Discord's modals: pure, data in and data out."""

from typing import Any

from bot.chat.argument import person_in
from bot.chat.command import LONGEST_TEXT
from bot.chat.literal import cut, length
from bot.chat.message import Form, Question
from bot.chat.wording import plain, say
from bot.platforms.discord import limits
from bot.platforms.discord.markdown import markdown, shorten, unmarked

Json = dict[str, Any]

_SHORT, _PARAGRAPH = 1, 2
_PLACEHOLDERS = {"date": "YYYY-MM-DD", "time": "HH:MM"}
MOST_AT_A_GLANCE = 5  # choices that are all shown; more of them fold away in a menu


def render_form(form: Form, locale: str, custom_id: str) -> Json:
    """The form as a modal in the language of `locale`.

    A modal has no place for errors: a field's stands below its label, the form's own above the fields or, where five
    fields leave no room for it, below the first label.
    """
    fields = [_label(each, locale) for each in form.fields[: limits.MOST_LABELS]]
    if form.text is not None and len(fields) < limits.MOST_LABELS:
        said = shorten(markdown(form.text, locale), limits.LONGEST_INPUT, limits.LONGEST_INPUT, locale)
        fields.insert(0, {"type": limits.TEXT_DISPLAY, "content": said})
    elif form.text is not None:
        fields[0]["description"] = cut(unmarked(form.text, locale), limits.LONGEST_HINT)
    return {"custom_id": custom_id, "title": cut(plain(form.title, locale), limits.LONGEST_TITLE), "components": fields}


def _label(question: Question, locale: str) -> Json:
    drawn: Json = {
        "type": limits.LABEL,
        "label": cut(plain(question.label, locale), limits.LONGEST_TITLE),
        "component": {**_field(question, locale), "custom_id": question.name},
    }
    if question.error is not None:
        drawn["description"] = cut(unmarked(question.error, locale), limits.LONGEST_HINT)
    return drawn


def _field(question: Question, locale: str) -> Json:
    match question.kind:
        case "yes_no" if question.value in ("yes", "no"):
            # A box is always answered, so it stands where an answer is known; without one, both are offered below.
            return {"type": limits.CHECKBOX, "default": question.value == "yes"}
        case "yes_no":
            return _choices(question, [("yes", plain(say("yes"), locale)), ("no", plain(say("no"), locale))])
        case "choice":
            return _choices(question, [(each.value, plain(each.label, locale)) for each in question.choices])
        case "role":
            role = (question.value or "").removeprefix("<@&").removesuffix(">")
            return _listed(question, limits.ROLE_SELECT, "role", role)
        case "person":
            person = person_in(question.value or "")
            return _listed(question, limits.USER_SELECT, "user", person.id if person else "")
    return _input(question)


def _choices(question: Question, choices: list[tuple[str, str]]) -> Json:
    """All of them where they are few and one has to be chosen; else a menu, in which a choice can be taken back."""
    options: list[Json] = []
    for value, label in choices:
        option: Json = {"label": cut(label, limits.LONGEST_HINT), "value": value}
        if question.value is not None and question.value.lower() == value.lower():
            option["default"] = True
        options.append(option)
    is_chosen = question.required or any("default" in each for each in options)
    if 2 <= len(options) <= MOST_AT_A_GLANCE and is_chosen:
        return {"type": limits.RADIO_GROUP, "required": question.required, "options": options}
    least = 1 if question.required else 0
    return {
        "type": limits.STRING_SELECT, "required": question.required, "min_values": least, "max_values": 1,
        "options": options,
    }  # fmt: skip


def _listed(question: Question, select: int, kind: str, known: str) -> Json:
    """A menu of what the server has of that kind; what was given and is no id of one cannot be shown in it."""
    chosen = {"default_values": [{"id": known, "type": kind}]} if known.isascii() and known.isdecimal() else {}
    least = 1 if question.required else 0
    return {"type": select, "required": question.required, "min_values": least, "max_values": 1, **chosen}


def _input(question: Question) -> Json:
    is_text = question.kind in ("text", "long")
    drawn: Json = {
        "type": limits.TEXT_INPUT,
        "style": _PARAGRAPH if question.kind == "long" else _SHORT,
        "required": question.required,
    }
    value = cut(question.value or "", limits.LONGEST_INPUT)
    if value:
        drawn["value"] = value
    if is_text:
        # What is filled in may be longer, and is refused in words: cut here, its end would be lost.
        most = int(question.max or LONGEST_TEXT)
        drawn["max_length"] = min(max(most, length(value)), limits.LONGEST_INPUT)
    elif question.kind == "whole" and question.min is not None and question.max is not None:
        drawn["placeholder"] = f"{question.min:g} … {question.max:g}"
    elif question.kind in _PLACEHOLDERS:
        drawn["placeholder"] = _PLACEHOLDERS[question.kind]
    return drawn
