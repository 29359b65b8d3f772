"""What is said: a message of flat parts and a row of buttons, the form that asks, the post that nobody typed.

Frozen data, to JSON and back, with no platform in it. Each platform's `render(message, locale)` draws it.
"""

from collections.abc import Mapping
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field

from bot.chat.platform import Everyone, Person, Role
from bot.chat.wording import Data, Value, Wording


class Button(Data):
    """A command line already typed. Pressing it answers as if the reader had sent `line`.

    It fits in every platform's id, but for the one that opens a refused form: that holds all that was written.
    """

    kind: Literal["button"] = "button"
    label: Wording
    line: str
    style: Literal["plain", "primary", "danger"] = "plain"


class Link(Data):
    """A button that leads to a web page. Nothing is sent to us when it is pressed."""

    kind: Literal["link"] = "link"
    label: Wording
    url: str


Press = Annotated[Button | Link, Field(discriminator="kind")]


class Text(Data):
    """A paragraph."""

    kind: Literal["text"] = "text"
    text: Wording


class Fact(Data):
    """One label with its value."""

    label: Wording
    value: Value


class Facts(Data):
    """Labels with their values, in order."""

    kind: Literal["facts"] = "facts"
    facts: tuple[Fact, ...]


class Item(Data):
    """One thing of a list: a title, perhaps a line below it, a web address behind the title, one button beside it."""

    kind: Literal["item"] = "item"
    title: Wording
    text: Wording | None = None
    link: str | None = None
    button: Press | None = None


Drawable = Annotated[Value | tuple[Mapping[str, Value], ...], Field(union_mode="left_to_right")]
"""What a picture's template is filled with: a value, or the rows of something that it draws several times."""


class Picture(Data):
    """A drawing: the name of a template in `bot/pictures/` and what it is filled with, drawn at the edge.

    `alt` says what the picture says, for those who hear it and for where no picture can be shown. What it says is said
    by other parts of the message, too: a picture is never the only place for a fact.
    """

    kind: Literal["picture"] = "picture"
    template: str = Field(pattern=r"^[a-z_]+$")
    values: Mapping[str, Drawable]
    alt: Wording


LARGEST_FILE = 10 * 2**20
"""Bytes: what Discord takes of a bot where nobody pays for more, the least of all platforms
(discord.com/developers/docs/reference#uploading-files).
"""


class File(Data):
    """A file that the reader of a private reply may keep; a post has none. At most `LARGEST_FILE` bytes."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    kind: Literal["file"] = "file"
    name: str = Field(pattern=r"^[a-z0-9-]+\.[a-z0-9]+$")
    content: bytes = Field(max_length=LARGEST_FILE)


Part = Annotated[Text | Facts | Item | Picture | File, Field(discriminator="kind")]


class Message(Data):
    """A title, a flat list of parts, a row of buttons."""

    title: Wording | None = None
    parts: tuple[Part, ...] = ()
    buttons: tuple[Press, ...] = ()


class Post(Data):
    """A message that nobody typed: it has a key, says whom it notifies, and may open a thread of the given title.

    `key` is unique for ever and carried on the platform, so that a post can be found again after a crash.
    `locale` is the language of the cohort, since a post has many readers.
    """

    key: str
    message: Message
    locale: str = "en"
    notify: tuple[Person | Role | Everyone, ...] = ()
    thread: Wording | None = None


class Choice(Data):
    """One value that a field or a suggestion offers, with the words that stand for it."""

    value: str
    label: Wording


class Question(Data):
    """One question of a form. `value` is filled in as text, the way a command line writes it."""

    name: str
    label: Wording
    kind: Literal["text", "long", "whole", "yes_no", "choice", "date", "time", "role", "person"]
    required: bool
    value: str | None = None
    choices: tuple[Choice, ...] = ()
    suggests: bool = False
    min: float | None = None
    max: float | None = None
    error: Wording | None = None


class Form(Data):
    """A question for the arguments that a command still lacks. Sending it runs `command` with the fields' values.

    `given` are arguments that are known already and are sent along unseen.
    """

    command: str
    title: Wording
    text: Wording | None = None
    fields: tuple[Question, ...]
    given: tuple[tuple[str, str], ...] = ()

    @property
    def filled(self) -> dict[str, str]:
        """The arguments that sending it as it is would give."""
        return {**dict(self.given), **{each.name: each.value for each in self.fields if each.value is not None}}


Reply = Message | Form


T = TypeVar("T")


class Same(Generic[T]):
    """A value as the key of a cache, equal to itself alone: comparing two messages takes as long as drawing one."""

    def __init__(self, value: T) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def text(*wordings: Wording) -> Message:
    """A message that is only paragraphs."""
    return Message(parts=tuple(Text(text=wording) for wording in wordings))
