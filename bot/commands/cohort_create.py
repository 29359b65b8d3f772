"""`/cohort create`: a new cohort, at home in this place, with sensible defaults from one name."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Choice, Fact, Facts, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, Phrase, as_typed, say
from bot.commands.study import check_home
from bot.commands.zones import lived_in, read_zone, suggest_zones
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum, Length
from bot.curriculum.plan import last_week, plan
from bot.delivery import schedule
from bot.delivery.calendar import DAYS, Calendar
from bot.delivery.compose import season, step_title
from bot.delivery.outbox import Delivery
from bot.records import audit
from bot.records.cohorts import FIVE, Cohort
from bot.records.records import Records

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKS_SHOWN = 4
FARTHEST = timedelta(days=2 * 365)  # a start before or after it is a slip of the pen, or beyond what a date can hold


async def suggest_curricula(call: Call, typed: str, curricula: Curricula) -> Sequence[Choice]:
    """The curricula on offer."""
    return [Choice(value=each.id, label=each.title) for each in curricula]


@command(allow=Rank.ORGANISER)
async def cohort_create(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    name: Annotated[str, Arg("What is it called?", max=80)],
    curriculum: Annotated[str | None, Arg("Which curriculum?", suggest=suggest_curricula)] = None,
    start: Annotated[date | None, Arg("From which day on? (today if empty)")] = None,
    timezone: Annotated[str | None, Arg("In which time zone?", max=64, suggest=suggest_zones)] = None,
    day: Annotated[Day, Arg("On which day of the week?")] = "monday",
    time: Annotated[time, Arg("At which time?")] = time(9),
    pace: Annotated[Length | None, Arg("How much time per phase?")] = None,
    checkin_day: Annotated[Day, Arg("On which day are check-ins asked for?")] = "friday",
    checkin_time: Annotated[time, Arg("At which time are check-ins asked for?")] = FIVE,
) -> Message:  # fmt: skip
    """Start a cohort here."""
    check_home(call)
    chosen = _curriculum(curricula, curriculum)
    # A platform may report a zone that nobody lives in (Etc/UTC); that is not for the facilitator to mend.
    zone = read_zone(timezone) if timezone else ZoneInfo(lived_in(call.zone or "") or "UTC")
    begin_on = _start(start, clock.now().astimezone(zone).date())
    length = pace or chosen.pace.length
    steps = plan(chosen, length)
    made = await records.write(
        audit.kept(call, schedule.begin, clock.now()), call.place, clock.now(), call.person,
        curriculum=chosen.id, version=chosen.version,
        name=" ".join(name.split()), start_on=begin_on, zone=zone,
        weekday=get_args(Day).index(day), at=time, pace=length,
        checkin_weekday=get_args(Day).index(checkin_day), checkin_at=checkin_time,
        held=[last_week(steps, each) for each in chosen.phases if each.open_ended],
        language=_language(call, chosen),
    )  # fmt: skip
    delivery.soon()
    return _card(made, chosen)


def _card(made: Cohort, chosen: Curriculum) -> Message:
    calendar, steps = Calendar.of(made), season(chosen, made)
    shown = [
        Fact(
            label=say("Week {n}: {title}", n=step.number, title=step_title(step)),
            value=Moment(at=due_at, zone=made.zone.key),
        )
        for step in steps[:WEEKS_SHOWN]
        if (due_at := calendar.due_at("milestone", step.number))
    ]
    if last_at := calendar.due_at("milestone", len(steps)):
        at = Moment(at=last_at, zone=made.zone.key)
        shown.append(Fact(label=say("Week {n}, the last", n=len(steps)), value=at))
    return Message(
        title=say("{cohort} is ready.", cohort=made.name),
        parts=(
            Text(
                text=say(
                    "It goes through **{title}** here, {weeks} weeks in all.", title=chosen.title, weeks=len(steps)
                )
            ),
            Facts(facts=tuple(shown)),
            Text(text=_asked(made)),
            Text(text=say("Next: tell people to press Join, or to type {line}.", line=as_typed("join"))),
        ),
        buttons=(Button(label=say("Join"), line="join"), Button(label=say("Status"), line="cohort status")),
    )


def _asked(made: Cohort) -> Phrase:
    day, at = DAYS[made.checkin_weekday], f"{made.checkin_at:%H:%M}"
    return say("Check-ins are asked for every week: {day} at {time}, {zone}.", day=day, time=at, zone=made.zone.key)


def _curriculum(curricula: Curricula, typed: str | None) -> Curriculum:
    if typed is None:
        return next(iter(curricula))
    wanted = typed.strip().casefold()
    for each in curricula:
        if wanted in (each.id, *(text.casefold() for text in each.title.texts.values())):
            return each
    ids = ", ".join(curricula.ids)
    raise Refusal("No curriculum is called {typed}. Choose from {ids}.", field="curriculum", typed=typed, ids=ids)


def _start(typed: date | None, today: date) -> date:
    first, last = today - FARTHEST, today + FARTHEST
    if typed is not None and not first <= typed <= last:
        raise Refusal(
            "A cohort can start from {first} to {last}, not on {start}.",
            field="start", first=first.isoformat(), last=last.isoformat(), start=typed.isoformat(),
        )  # fmt: skip
    return typed or today


def _language(call: Call, chosen: Curriculum) -> str:
    """The facilitator's language if the curriculum has it, `ko` also for `ko-KR`; else the curriculum's first."""
    spoken = (call.locale, call.locale.partition("-")[0])
    return next((each for each in spoken if each in chosen.languages), chosen.languages[0])
