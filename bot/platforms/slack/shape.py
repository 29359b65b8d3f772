"""What a delivery must look like to be read at all: as Slack's samples do, as far as Milepost looks into them."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError

Id = Annotated[str, Field(pattern=r"^[!-~]*$")]
"""What Slack makes up, and what gets into the records; what people type may have half a character in it."""


class _Known(BaseModel):
    id: Id
    name: str | None = None
    username: str | None = None


class _Note(BaseModel):
    line: str = ""
    place: tuple[Id, Id | None, str] | None = None


def _noted(written: str) -> str:
    """What a window of ours remembers. One of another version may remember anything else."""
    try:
        note = json.loads(written or "{}")
    except ValueError:
        return written
    if isinstance(note, dict):
        _Note.model_validate(note)
    return written


class _State(BaseModel):
    values: dict[str, dict[str, dict[str, Any]]] = {}


class _View(_Known):
    type: str
    private_metadata: Annotated[str, AfterValidator(_noted)] | None = None
    state: _State = _State()


class _InThread(BaseModel):
    thread_ts: Id | None = None


class _Delivery(BaseModel):
    trigger_id: Id | None = None
    event_id: Id | None = None
    response_url: Id = ""
    authorizations: list[dict[str, Any]] | None = None
    team: _Known | None = None
    user: _Known | None = None
    view: _View | None = None


class _Interaction(_Delivery):
    user: _Known
    channel: _Known = _Known(id="")
    container: _InThread = _InThread()
    message: _InThread = _InThread()


class _Command(_Delivery):
    command: str
    text: str = ""
    user_id: Id
    user_name: str = ""
    channel_id: Id
    channel_name: str = ""


class _Action(BaseModel):
    action_id: str
    value: str = ""


class _Press(_Interaction):
    actions: Annotated[list[_Action], Field(min_length=1)]


class _Sent(_Interaction):
    view: _View


class _Typing(_Interaction):
    view: _View
    block_id: str
    value: str


class _Shortcut(_Interaction):
    callback_id: str


class _MessageShortcut(_Shortcut):
    message: _InThread


class _HomeOpened(BaseModel):
    type: Literal["app_home_opened"]
    user: Id


class _UserChanged(BaseModel):
    type: Literal["user_change"]
    user: _Known


class _OtherEvent(BaseModel):
    type: str


class _Happened(_Delivery):
    event: dict[str, Any]


_EVENTS: Mapping[object, type[BaseModel]] = {"app_home_opened": _HomeOpened, "user_change": _UserChanged}
_KINDS: Mapping[object, type[_Delivery]] = {
    "block_actions": _Press, "view_submission": _Sent, "block_suggestion": _Typing, "shortcut": _Shortcut,
    "message_action": _MessageShortcut,
}  # fmt: skip


def oddity(body: Mapping[str, Any]) -> str | None:
    """Why nobody can read it: where it is odd, and how; None for what can be read."""
    try:
        if "event" in body:
            event = _Happened.model_validate(body).event
            _EVENTS.get(event.get("type"), _OtherEvent).model_validate(event)
        else:
            kind = body.get("type")
            _KINDS.get(kind, _Command if kind is None and "command" in body else _Delivery).model_validate(body)
    except (ValidationError, TypeError) as error:  # the latter for a type that is a list or an object
        return _told(error)
    return None


def _told(error: ValidationError | TypeError) -> str:
    """The first thing that is wrong, without what was sent."""
    if isinstance(error, TypeError):
        return "type: not a text"
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
