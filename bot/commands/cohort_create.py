"""`/cohort create`: a new cohort, at home in this place, with sensible defaults from one name."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from functools import cache
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import fuzz

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Choice, Fact, Facts, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, as_typed, say
from bot.commands.study import check_home
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum, Length
from bot.curriculum.plan import last_week, plan
from bot.delivery import schedule
from bot.delivery.calendar import Calendar
from bot.delivery.compose import season, step_title
from bot.delivery.outbox import Delivery
from bot.records import members
from bot.records.cohorts import Cohort
from bot.records.records import Records

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKS_SHOWN = 4
FARTHEST = timedelta(days=2 * 365)  # a start before or after it is a slip of the pen, or beyond what a date can hold


async def suggest_curricula(call: Call, typed: str, curricula: Curricula) -> Sequence[Choice]:
    """The curricula on offer."""
    return [Choice(value=each.id, label=each.title) for each in curricula]


async def suggest_zones(call: Call, typed: str) -> Sequence[Choice]:
    """Time zones like what was typed; without anything typed, the person's own first."""
    return [Choice(value=name, label=name) for name in _zones_like(typed.strip() or call.zone or "UTC")[:25]]


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
    check_home(call)
    chosen = _curriculum(curricula, curriculum)
    # A platform may report a zone that nobody lives in (Etc/UTC); that is not for the facilitator to mend.
    zone = read_zone(timezone) if timezone else ZoneInfo(_zone_named(call.zone or "") or "UTC")
    begin_on = _start(start, clock.now().astimezone(zone).date())
    length = pace or chosen.pace.length
    steps = plan(chosen, length)
    account_id, _ = await records.write(members.account, call.person, clock.now())
    made = await records.write(
        schedule.begin, call.place, clock.now(), curriculum=chosen.id, version=chosen.version,
        name=" ".join(name.split()), start_on=begin_on, zone=zone,
        weekday=get_args(Day).index(day), at=time, pace=length,
        held=[last_week(steps, each) for each in chosen.phases if each.open_ended],
        language=_language(call, chosen), created_by=account_id,
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
            Text(text=say("Check-ins are asked for on Fridays at 17:00, {zone}.", zone=made.zone.key)),
            Text(text=say("Next: tell people to press Join, or to type {line}.", line=as_typed("join"))),
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


def read_zone(typed: str) -> ZoneInfo:
    """The zone that people live in, whatever the case. Raises a Refusal with the nearest one."""
    found = _zone_named(typed)
    if found is None:
        guess = _zones_like(typed)[0]
        raise Refusal(
            "No time zone is called {typed}. Did you mean {guess}?", field="timezone", typed=typed, guess=guess
        )
    return ZoneInfo(found)


def _zone_named(typed: str) -> str | None:
    return _zones().get(_spelt(typed))


def _zones_like(typed: str) -> list[str]:
    """All zones, those that hold what was typed first, then by how much their city is like it: Seul is Asia/Seoul."""
    wanted = _spelt(typed)
    city = wanted.rpartition("/")[2][:64]

    def unlike(spelt: str) -> tuple[bool, float]:
        return wanted not in spelt, -fuzz.ratio(city, spelt.rpartition("/")[2])

    return [_zones()[spelt] for spelt in sorted(_zones(), key=unlike)]


def _spelt(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")


@cache
def _zones() -> dict[str, str]:
    """All zones people live in, by how they are looked up; read from the disk, so once."""
    lived_in = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return {_spelt(name): name for name in ("UTC", *lived_in)}
