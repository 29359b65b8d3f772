"""`/cohort create`: a new cohort, at home in this place, with sensible defaults from one name."""

from collections.abc import Sequence
from datetime import date, time
from functools import cache
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import process

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Choice, Fact, Facts, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, say
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum
from bot.curriculum.plan import Length
from bot.delivery import schedule
from bot.delivery.compose import season, step_title
from bot.delivery.outbox import Delivery
from bot.delivery.schedule import Calendar
from bot.records.cohorts import Cohort
from bot.records.records import Records

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKS_SHOWN = 4


async def suggest_curricula(call: Call, typed: str, curricula: Curricula) -> Sequence[Choice]:
    """The curricula on offer."""
    return [Choice(value=each.id, label=each.title) for each in curricula]


async def suggest_zones(call: Call, typed: str) -> Sequence[Choice]:
    """Time zones like what was typed; without anything typed, the person's own first."""
    wanted = typed.strip() or call.zone or "UTC"
    return [Choice(value=name, label=name) for name, _, _ in process.extract(wanted, _zones(), limit=25)]


@command(allow=Rank.FACILITATOR)
async def cohort_create(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    name: Annotated[str, Arg("What is it called?", max=80)],
    curriculum: Annotated[str | None, Arg("Which curriculum?", suggest=suggest_curricula)] = None,
    start: Annotated[date | None, Arg("From which day on? (today if empty)")] = None,
    timezone: Annotated[str | None, Arg("In which time zone?", max=64, suggest=suggest_zones)] = None,
    day: Annotated[Day, Arg("On which day of the week?")] = "monday",
    time: Annotated[time, Arg("At which time?")] = time(9),
    pace: Annotated[Length | None, Arg("How much time per phase?")] = None,
) -> Message:  # fmt: skip
    """Start a cohort here."""
    chosen = _curriculum(curricula, curriculum)
    zone = _zone(timezone or call.zone or "UTC")
    made = await records.write(
        schedule.begin, call.place, clock.now(), curriculum=chosen.id, version=chosen.version,
        name=" ".join(name.split()), start_on=start or clock.now().astimezone(zone).date(), zone=zone,
        weekday=get_args(Day).index(day), at=time, pace=pace or chosen.pace.length,
        language=call.locale if call.locale in chosen.languages else chosen.languages[0],
    )  # fmt: skip
    delivery.soon()
    return _card(made, chosen)


def _card(made: Cohort, chosen: Curriculum) -> Message:
    calendar, steps = Calendar.of(made), season(chosen, made)
    shown = [
        Fact(
            label=say("Week {n}: {title}", n=step.number, title=step_title(step)),
            value=Moment(at=calendar.milestone_at(step.number), zone=made.zone.key),
        )
        for step in steps[:WEEKS_SHOWN]
    ]
    last = Fact(
        label=say("Week {n}, the last", n=len(steps)),
        value=Moment(at=calendar.milestone_at(len(steps)), zone=made.zone.key),
    )
    return Message(
        title=say("{cohort} is ready.", cohort=made.name),
        parts=(
            Text(
                text=say(
                    "It goes through **{title}** here, {weeks} weeks in all.", title=chosen.title, weeks=len(steps)
                )
            ),
            Facts(facts=(*shown, last)),
            Text(text=say("Check-ins are asked for on Fridays at 17:00, {zone}.", zone=made.zone.key)),
            Text(text=say("Next: tell people to press Join, or to type {line}.", line="/join")),
        ),
        buttons=(Button(label=say("Join"), line="join"), Button(label=say("Status"), line="cohort status")),
    )


def _curriculum(curricula: Curricula, typed: str | None) -> Curriculum:
    if typed is None:
        return next(iter(curricula))
    wanted = typed.strip().casefold()
    for each in curricula:
        if wanted in (each.id, *(text.casefold() for text in each.title.texts.values())):
            return each
    ids = ", ".join(curricula.ids)
    raise Refusal("No curriculum is called {typed}. There is {ids}.", field="curriculum", typed=typed, ids=ids)


def _zone(typed: str) -> ZoneInfo:
    known = {name.casefold(): name for name in _zones()}
    found = known.get(typed.strip().casefold().replace(" ", "_"))
    if found is not None:
        return ZoneInfo(found)
    guess = process.extractOne(typed, _zones())[0]
    raise Refusal("No time zone is called {typed}. Did you mean {guess}?", field="timezone", typed=typed, guess=guess)


@cache
def _zones() -> tuple[str, ...]:
    """All zones people live in; the first argument of a look-up, so built once."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))
