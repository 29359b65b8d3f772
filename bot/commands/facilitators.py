"""What the commands about a cohort's facilitators share: who is meant, which week, and the buttons between them."""

from collections.abc import Mapping, Sequence

from bot.chat.argument import in_words
from bot.chat.message import Button, Choice, press
from bot.chat.platform import Call, Clock, Person, Place, Refusal
from bot.chat.wording import Phrase, say
from bot.delivery import looking_after
from bot.delivery.calendar import Calendar
from bot.records import cohorts
from bot.records.cohorts import Cohort
from bot.records.records import Records

WEEKS_SHOWN = 4
MOST_WEEKS = 53  # ahead
NEXT = "next"
_NEAR: Mapping[str, Phrase] = {"this": say("this week"), NEXT: say("next week")}


async def check_person(call: Call, records: Records, cohort: Cohort, person: Person) -> None:
    """Raises a Refusal, at the field `person`, for one who cannot look after the cohort, or could not be told of it."""
    if person.id in call.unfit:
        raise Refusal("{why} Choose somebody else.", field="person", why=call.unfit[person.id])
    places = [each.place for each in await records.read(cohorts.places, cohort.id)]
    if not any(_is_near(person, each) for each in places):
        raise Refusal(
            "{cohort} has no place where {person} is: nobody there could be told what concerns it.",
            field="person", cohort=cohort.name, person=person.seen_by(call.person),
        )  # fmt: skip


def _is_near(person: Person, place: Place) -> bool:
    """Whether the person is on the place's platform; where accounts belong to a community, also in that."""
    community, colon, _ = person.id.rpartition(":")
    return person.platform == place.platform and (not colon or community == place.community)


def is_same(one: Person, other: Person) -> bool:
    """Whether both are one account."""
    return (one.platform, one.id) == (other.platform, other.id)


def this_week(cohort: Cohort, clock: Clock) -> str:
    """The cohort's local week that is on, such as `2026-W50`."""
    return Calendar.of(cohort).period_at(clock.now())


def week_to_come(cohort: Cohort, clock: Clock, typed: str) -> str:
    """The cohort's local week that was named: `this`, `next`, or one such as `2026-W50`.

    Raises a Refusal for one that is over, that is too far ahead, or that there is not.
    """
    this, named = this_week(cohort, clock), typed.strip().lower()
    if named in _NEAR:
        return looking_after.weeks_from(this, 2)[list(_NEAR).index(named)]
    try:
        week = looking_after.weeks_from(named.upper(), 1)[0]
    except ValueError:
        raise Refusal(
            "There is no week {typed}. Write this, next, or a week such as {week}.",
            field="week", typed=typed, week=this,
        ) from None  # fmt: skip
    if week < this:
        raise Refusal("{week} is over. Choose this week or one to come.", field="week", week=week)
    if week not in looking_after.weeks_from(this, MOST_WEEKS):
        raise Refusal("{week} is more than a year ahead. Choose a nearer one.", field="week", week=week)
    return week


async def suggest_weeks(call: Call, typed: str) -> Sequence[Choice]:
    """This week and the next one."""
    return [Choice(value=each, label=words) for each, words in _NEAR.items() if each.startswith(typed.strip().lower())]


def everybody(cohort: Cohort) -> Button:
    """Shows who looks after the cohort."""
    return press(say("Facilitators"), "facilitator list", {"cohort": cohort.key})


def add(cohort: Cohort) -> Button:
    """Asks whom to add."""
    return press(say("Add somebody"), "facilitator add", {"cohort": cohort.key}, asks=True)


def remove(call: Call, cohort: Cohort, person: Person) -> Button:
    """Removes the person, or has whoever reads it step down."""
    given = {"person": _bare(person), "cohort": cohort.key}
    label = say("Step down") if is_same(call.person, person) else say("Remove")
    return press(label, "facilitator remove", given, style="danger")


def choose(cohort: Cohort, week: str) -> Button:
    """Asks who leads the cohort in the week."""
    given = {"week": week, "cohort": cohort.key}
    return press(say("Who leads?"), "facilitator lead", given, asks=True)


def take_on(call: Call, cohort: Cohort, week: str, label: Phrase) -> Button:
    """Has whoever reads it lead the cohort in the week."""
    given = {"week": week, "person": _bare(call.person), "cohort": cohort.key}
    return press(label, "facilitator lead", given)


def _bare(person: Person) -> str:
    """The person as a line names them by their id alone, for which a button has room."""
    return in_words(person.model_copy(update={"name": ""}))
