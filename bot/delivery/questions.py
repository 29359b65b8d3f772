"""What a week's check-in asks: the curriculum's own questions in turn, or a few of ours."""

from bot.chat.wording import Phrase, Wording, say
from bot.curriculum.model import Curriculum
from bot.delivery.calendar import Calendar
from bot.records.cohorts import Cohort

OURS: tuple[Phrase, ...] = (
    say("What did you do this week?"),
    say("What clicked for you this week?"),
    say("What was harder than you thought?"),
    say("What would you show a friend from this week?"),
)
"""At most 45 characters in every language: they are the label of a form's field, too."""


def asked(curriculum: Curriculum | None, cohort: Cohort, week: str) -> Wording:
    """What the cohort is asked about that local week; another question each week, so that answers stay fresh."""
    step = Calendar.of(cohort).asking(week) or 1
    own = [each.text for each in curriculum.questions] if curriculum else []
    texts: list[Wording] = [*own] or [*OURS]
    return texts[(step - 1) % len(texts)]
