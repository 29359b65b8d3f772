"""Draws forms as Slack's modals, reads what was filled in, and offers suggestions: pure, data in and data out.

A field's block and its input carry its name. What a form does not ask for waits in its `private_metadata`, with the
command, as the line that was typed.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from bot.chat.argument import person_in
from bot.chat.command import LONGEST_TEXT
from bot.chat.line import write
from bot.chat.literal import as_label, cut, length
from bot.chat.message import Button, Choice, Form, Message, Question, Reply, Text, text
from bot.chat.wording import say
from bot.platforms.slack import limits
from bot.platforms.slack.people import NAME, user_of
from bot.platforms.slack.render import literal, render_view, rich_text
from bot.platforms.slack.text import Reader, elements, plain_text

Json = dict[str, Any]

FORM = "form"  # the callback of a modal that asks
MOST_AT_A_GLANCE = 5  # choices that are all shown; more of them fold away in a menu
LONGEST_NOTE = limits.LONGEST_METADATA - 400  # what is left is for who draws the form, to note where it was opened
TOO_LONG = "…"  # the value of an option that only tells something
_WHOLE = re.compile(r"-?\d{1,15}")
_ANSWERS = ("value", "selected_date", "selected_time", "selected_user")


def render_form(form: Form, locale: str, command: str = "/study") -> Json:
    """The form as a modal in the language of `locale`, or a modal that says why it cannot be asked.

    Errors stand above their fields; a form that was sent shows them at the fields instead, by `errors`. Where a field
    suggests, its `choices` say what the value in it is called.
    """
    reader = Reader(locale, command)
    note = json.dumps({"line": write(form.command, dict(form.given))}, ensure_ascii=False)
    if length(note) > LONGEST_NOTE:
        too_long = say(
            "What was typed is too long to go with a form. Write less, or send the form first and add to it."
        )
        return render_view(text(too_long), locale, command=command)
    title = plain_text(form.title, reader)
    is_short = length(title) <= limits.LONGEST_TITLE
    # A form without a question is sent to do what its title says.
    above = form.title if not is_short or not form.fields else None
    said = [each for each in (above, form.text) if each is not None]
    return {
        "type": "modal",
        "callback_id": FORM,
        "title": literal(title if is_short else cut(f"{command} {form.command}", limits.LONGEST_TITLE)),
        "submit": literal(cut(plain_text(say("Send"), reader), limits.LONGEST_TITLE)),
        "private_metadata": note,
        "blocks": [
            *(rich_text(elements(each, reader)) for each in said),
            *(block for each in form.fields for block in _blocks(each, reader)),
        ],
    }


def errors(form: Form, locale: str, command: str = "/study") -> dict[str, str]:
    """What is wrong with the fields of a form that was sent, by their names; empty where the form's text says it."""
    reader = Reader(locale, command)
    return {
        each.name: cut(plain_text(each.error, reader), limits.LONGEST_LABEL)
        for each in form.fields
        if each.error is not None
    }


def read_values(values: Mapping[str, Mapping[str, Json]]) -> dict[str, str]:
    """What the fields of a view hold, from the `values` of its state, as a command line writes it; "" for nothing."""
    return {name: _answer(state) for name, states in values.items() for state in states.values()}


def options(choices: Sequence[Choice], typed: str, locale: str) -> Json:
    """The answer to somebody who types into a field: what is suggested, and what they typed, which will do as well.

    Where no option can hold it, one that counts as nothing says how else it can be sent.
    """
    reader = Reader(locale)
    offered = {each.value: plain_text(each.label, reader) for each in choices}
    typed = typed.strip()
    if length(typed) > limits.LONGEST_CHOICE:
        offered[TOO_LONG] = plain_text(say("Too long for this list. Type it after the command instead."), reader)
    elif typed:
        offered.setdefault(typed, typed)
    drawn = [
        _option(value, label)
        for value, label in offered.items()
        if value.strip() and length(value) <= limits.LONGEST_CHOICE
    ]
    return {"options": drawn[: limits.MOST_OPTIONS]}


def _answer(state: Json) -> str:
    chosen = state.get("selected_option")
    found = chosen["value"] if chosen else next((state[name] for name in _ANSWERS if state.get(name)), "")
    return "" if chosen and found == TOO_LONG else str(found)


def _blocks(question: Question, reader: Reader) -> list[Json]:
    field: Json = {
        "type": "input",
        "block_id": question.name,
        "label": literal(cut(plain_text(question.label, reader), limits.LONGEST_LABEL)),
        "optional": not question.required,
        "element": {**_input(question, reader), "action_id": question.name},
    }
    if question.error is None:
        return [field]
    return [rich_text([{"type": "text", "text": "⚠ "}, *elements(question.error, reader)]), field]


def _input(question: Question, reader: Reader) -> Json:
    value = (question.value or "").strip()
    if question.suggests and length(value) <= limits.LONGEST_CHOICE:
        label = next((plain_text(each.label, reader) for each in question.choices if each.value == value), value)
        known = {"initial_option": _option(value, label)} if value else {}
        return {"type": "external_select", "min_query_length": 0, **known}
    match question.kind:
        case "yes_no":
            return _choices(question, [("yes", plain_text(say("yes"), reader)), ("no", plain_text(say("no"), reader))])
        case "choice":
            return _choices(question, [(each.value, plain_text(each.label, reader)) for each in question.choices])
        case "whole":
            return _whole(question, value)
        case "date":
            return {"type": "datepicker", **_known("initial_date", _date(value))}
        case "time":
            return {"type": "timepicker", **_known("initial_time", _time(value))}
        case "person":
            return {"type": "users_select", **_known("initial_user", _user(value))}
    # What is filled in may be longer than is taken, and is refused in words: cut here, its end would be lost.
    value = cut(value, limits.LONGEST_INPUT)
    most = min(max(int(question.max or LONGEST_TEXT), length(value)), limits.LONGEST_INPUT)
    is_long = question.kind == "long"
    return {"type": "plain_text_input", "multiline": is_long, "max_length": most, **_known("initial_value", value)}


def _choices(question: Question, choices: Sequence[tuple[str, str]]) -> Json:
    """All of them where they are few, with none chosen before somebody does; else a menu."""
    drawn = [_option(value, label) for value, label in choices]
    chosen = next((each for each in drawn if each["value"].lower() == (question.value or "").lower()), None)
    kind = "radio_buttons" if len(drawn) <= MOST_AT_A_GLANCE else "static_select"
    return {"type": kind, "options": drawn, **({"initial_option": chosen} if chosen else {})}


def _whole(question: Question, value: str) -> Json:
    """A value that the field would not take is left out: what is wrong with it is said above."""
    least, most = question.min, question.max
    bounds = {name: f"{each:.0f}" for name, each in (("min_value", least), ("max_value", most)) if each is not None}
    is_taken = bool(_WHOLE.fullmatch(value)) and not (
        (least is not None and int(value) < least) or (most is not None and int(value) > most)
    )
    return {"type": "number_input", "is_decimal_allowed": False, **bounds, **_known("initial_value", value * is_taken)}


def _date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return ""  # a picker cannot show it; what is wrong with it is said above


def _time(value: str) -> str:
    try:
        return f"{time.fromisoformat(value.zfill(5)):%H:%M}"
    except ValueError:
        return ""  # a picker cannot show it; what is wrong with it is said above


def _user(value: str) -> str:
    """The id by which a menu of the workspace's people shows the person; nothing for one of another platform."""
    person = person_in(value)
    return user_of(person) if person and person.platform == NAME else ""


def _known(name: str, value: str) -> Json:
    return {name: value} if value else {}


def _option(value: str, label: str) -> Json:
    return {"text": literal(as_label(label, limits.LONGEST_OPTION)), "value": value}


def only_typed(reply: Reply, given: Mapping[str, str]) -> Reply:
    """The form with nothing in it but what was typed: who may read what it is filled with is not known yet."""
    if not isinstance(reply, Form):
        return reply
    fields = tuple(each.model_copy(update={"value": given.get(each.name)}) for each in reply.fields)
    return reply.model_copy(update={"fields": fields})


def reopen(form: Form) -> Message:
    """What is said where a form did not open, with a button that opens it as it was filled."""
    again = write(form.command, form.filled, asks=True)
    if len(again) > limits.LONGEST_LINE:
        again = write(form.command, {}, asks=True)
    return Message(
        parts=(Text(text=say("Slack did not open the form in time.")),),
        buttons=(Button(label=say("Open the form"), line=again),),
    )
