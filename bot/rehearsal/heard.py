"""What a member reads in a reply to them: the weeks it names and the streak it tells. The words, not the records."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.chat.message import Fact, Facts, Message, Reply, Text
from bot.chat.wording import Day, Phrase, Value
from bot.delivery.calendar import period

_ABOUT = ("For", "Week off")  # the labels of weeks that were answered or passed
_STREAK = ("That is {n} week in a row.", "Your streak of {n} week is safe.")
_COUNTED = ("Done: {task}", "Counted: {task}")


@dataclass(frozen=True, slots=True)
class Heard:
    """The local weeks that were answered or passed, the streak, and whether work was counted."""

    weeks: frozenset[str] = frozenset()
    streak: int | None = None
    is_counted: bool = False


def heard(reply: Reply) -> Heard:
    """What the reply tells; of a form or of any other message, nothing."""
    if not isinstance(reply, Message):
        return Heard()
    facts = (fact for part in reply.parts if isinstance(part, Facts) for fact in part.facts)
    texts = (part.text for part in reply.parts if isinstance(part, Text))
    streaks = (each.n for each in texts if isinstance(each, Phrase) and each.key in _STREAK)
    is_counted = isinstance(reply.title, Phrase) and reply.title.key in _COUNTED
    return Heard(frozenset(week for fact in facts for week in _weeks(fact)), next(streaks, None), is_counted)


def _weeks(fact: Fact) -> Iterator[str]:
    if isinstance(fact.label, Phrase) and fact.label.key in _ABOUT:
        yield from (period(day.on) for day in _days(fact.value))


def _days(value: Value) -> Iterator[Day]:
    match value:
        case Day():
            yield value
        case Phrase():
            for each in value.values.values():
                yield from _days(each)
