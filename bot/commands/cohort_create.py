"""`/cohort create`: a new cohort, at home in this place, with sensible defaults from one name; it is shown first."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale

from bot.chat import line
from bot.chat.argument import in_words
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Choice, Fact, Facts, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, Phrase, as_typed, say, say_n
from bot.commands.study import check_home
from bot.commands.zones import lived_in, read_zone, suggest_zones
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum, Length
from bot.curriculum.plan import open_ends, plan
from bot.delivery import beginning
from bot.delivery.beginning import Late, Settings
from bot.delivery.calendar import Calendar, weekly
from bot.delivery.compose import step_title
from bot.delivery.versions import season
from bot.records.bends import FIVE, FRIDAY
from bot.records.cohorts import Cohort
from bot.records.records import Records

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONDAY, NINE = 0, time(9)  # when a cohort's milestones come, unless it chose another time
WEEKS_SHOWN = 4
FARTHEST = timedelta(days=2 * 365)  # a start before or after it is a slip of the pen, or beyond what a date can hold


async def suggest_curricula(call: Call, typed: str, curricula: Curricula) -> Sequence[Choice]:
    """The curricula on offer."""
    return [Choice(value=each.id, label=each.title) for each in curricula]


async def _as_shown(call: Call, records: Records, clock: Clock) -> Mapping[str, str]:
    """What was shown and is to be changed; for a new cohort, what holds unless it is said."""
    token = call.given.get("shown")
    if token is None:
        return {"day": get_args(Day)[MONDAY]}
    shown = await records.read(beginning.settings_shown, call, token, clock.now())
    return {
        "name": shown.name, "curriculum": shown.curriculum, "start": in_words(shown.start_on),
        "timezone": shown.zone, "day": get_args(Day)[shown.weekday],
    }  # fmt: skip


@command(allow=Rank.ORGANISER)
async def cohort_create(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    name: Annotated[str, Arg("What is it called?", max=80, fill=_as_shown)],
    curriculum: Annotated[
        str | None, Arg("Which curriculum?", suggest=suggest_curricula, fill=_as_shown)
    ] = None,
    start: Annotated[date | None, Arg("From which day on? (today if empty)", fill=_as_shown)] = None,
    timezone: Annotated[
        str | None, Arg("In which time zone?", max=64, suggest=suggest_zones, fill=_as_shown)
    ] = None,
    day: Annotated[Day | None, Arg("On which day of the week?", fill=_as_shown)] = None,
    time: Annotated[time | None, Arg("At which time?")] = None,
    pace: Annotated[Length | None, Arg("How much time per phase?")] = None,
    checkin_day: Annotated[Day | None, Arg("On which day are check-ins asked for?")] = None,
    checkin_time: Annotated[time | None, Arg("At which time are check-ins asked for?")] = None,
    shown: Annotated[str | None, Arg("Which preview is changed? Its button knows", max=40, pressed=True)] = None,
) -> Message:  # fmt: skip
    """Start a cohort here; you see its calendar first."""
    check_home(call)
    was = await records.read(beginning.settings_shown, call, shown, clock.now()) if shown else None
    usual = was or _usual(call, next(iter(curricula)))
    chosen = _curriculum(curricula, curriculum or usual.curriculum)
    zone = read_zone(timezone) if timezone else ZoneInfo(usual.zone)
    today = clock.now().astimezone(zone).date()
    settings = Settings(
        name=" ".join(name.split()), curriculum=chosen.id, version=chosen.version,
        start_on=was.start_on if was and start is None else first_day(start, today), zone=zone.key,
        weekday=get_args(Day).index(day) if day else usual.weekday, at=time or usual.at,
        pace=pace or (was.pace if was and was.curriculum == chosen.id else chosen.pace.length),
        checkin_weekday=get_args(Day).index(checkin_day) if checkin_day else usual.checkin_weekday,
        checkin_at=checkin_time or usual.checkin_at, language=_language(call, chosen),
    )  # fmt: skip
    return await preview(call, records, curricula, clock, settings, chosen)


async def preview(
    call: Call, records: Records, curricula: Curricula, clock: Clock, settings: Settings, chosen: Curriculum,
    *said: Text,
) -> Message:  # fmt: skip
    """What the cohort would be, with buttons that start it and change it; first what is `said`.

    Raises a Refusal if its name or this place is taken.
    """
    steps = plan(chosen, settings.pace)
    held = open_ends(chosen, steps)
    settings = settings.model_copy(update={"version": chosen.version, "held": tuple(held)})
    planned = await records.write(beginning.propose, call, settings, len(steps), clock.now())
    cohort = planned.cohort
    spoken = Locale.parse(cohort.language).display_name or cohort.language
    others = as_typed("cohort create", "name:…", "time:…", "pace:…", "checkin_day:…", "checkin_time:…")
    return Message(
        title=say("Preview: {cohort} is not started yet", cohort=cohort.name),
        parts=(
            *said,
            Facts(
                facts=(
                    Fact(label=say("Curriculum"), value=chosen.title),
                    Fact(label=say("Place"), value=call.place.mention()),
                    Fact(label=say("Language"), value=spoken),
                    Fact(label=say("Weeks"), value=len(steps)),
                    Fact(label=say("Milestones"), value=weekly(cohort.weekday, cohort.at, cohort.zone)),
                    Fact(label=say("Check-ins"), value=weekly(cohort.checkin_weekday, cohort.checkin_at, cohort.zone)),
                )
            ),
            dates(curricula, cohort),
            *(Text(text=each) for each in _late(planned.late, len(steps))),
            Text(text=say("**Change** asks for the most important; all else is said in one line: {line}", line=others)),
        ),
        buttons=_moves({"shown": planned.token}, is_over=planned.late.left_out == len(steps)),
    )  # fmt: skip


def _moves(given: Mapping[str, str], *, is_over: bool) -> tuple[Button, Button]:
    """Starts it, or changes it; that comes first where the season is over already, which hardly anybody means."""
    start, change = line.write("season begin", given), line.write("cohort create", given, asks=True)
    if is_over:
        return Button(label=say("Change"), line=change, style="primary"), Button(label=say("Start it"), line=start)
    return Button(label=say("Start it"), line=start, style="primary"), Button(label=say("Change"), line=change)


def dates(curricula: Curricula, cohort: Cohort) -> Facts:
    """The first milestones of the cohort's season, and the last."""
    calendar, steps = Calendar.of(cohort), season(curricula, cohort)
    shown = [
        Fact(
            label=say("Week {n}: {title}", n=step.number, title=step_title(step)),
            value=Moment(at=due_at, zone=cohort.zone.key),
        )
        for step in steps[:WEEKS_SHOWN]
        if (due_at := calendar.due_at("milestone", step.number))
    ]
    last_at = calendar.due_at("milestone", len(steps))
    if last_at and len(steps) > WEEKS_SHOWN:
        at = Moment(at=last_at, zone=cohort.zone.key)
        shown.append(Fact(label=say("Week {n}, the last", n=len(steps)), value=at))
    return Facts(facts=tuple(shown))


def _late(late: Late, weeks: int) -> list[Phrase]:
    """What happens at once, and what never does, since its time is over already."""
    said = []
    if late.left_out:
        said.append(
            say_n(
                "⚠ {n} week began more than two weeks ago: it is not posted.",
                "⚠ {n} weeks began more than two weeks ago: they are not posted.", late.left_out,
            )
        )  # fmt: skip
    if late.at_once:
        first, last = late.at_once[0], late.at_once[-1]
        one = say("⚠ Week {n} is posted at once: its time is over.", n=first)
        several = say("⚠ Weeks {first} to {last} are posted at once: their time is over.", first=first, last=last)
        said.append(one if first == last else several)
    if late.asks:
        said.append(say("⚠ Members are asked to check in at once, too."))
    if late.left_out == weeks:
        said.append(say("⚠ The whole season is over already. Did you mean another year?"))
    return said


def _usual(call: Call, chosen: Curriculum) -> Settings:
    """What a cohort is unless somebody says otherwise."""
    # A platform may report a zone that nobody lives in (Etc/UTC); that is not for the facilitator to mend.
    zone = lived_in(call.zone or "") or "UTC"
    return Settings(
        name="", curriculum=chosen.id, version=chosen.version, start_on=date.min, zone=zone,
        weekday=MONDAY, at=NINE, pace=chosen.pace.length, checkin_weekday=FRIDAY, checkin_at=FIVE,
        language=chosen.languages[0],
    )  # fmt: skip


def _curriculum(curricula: Curricula, typed: str) -> Curriculum:
    for each in curricula:
        if each.id == typed.strip().casefold() or each.title.is_called(typed):
            return each
    ids = ", ".join(curricula.ids)
    raise Refusal("No curriculum is called {typed}. Choose from {ids}.", field="curriculum", typed=typed, ids=ids)


def first_day(typed: date | None, today: date) -> date:
    """The day from which on a cohort starts; `today` if none was typed. Raises a Refusal for a slip of the pen."""
    first, last = today - FARTHEST, today + FARTHEST
    if typed is not None and not first <= typed <= last:
        raise Refusal(
            "A cohort can start from {first} to {last}, not on {start}.",
            field="start", first=first.isoformat(), last=last.isoformat(), start=typed.isoformat(),
        )  # fmt: skip
    return today if typed is None else typed


def _language(call: Call, chosen: Curriculum) -> str:
    """The facilitator's language if the curriculum has it, `ko` also for `ko-KR`; else the curriculum's first."""
    spoken = (call.locale, call.locale.partition("-")[0])
    return next((each for each in spoken if each in chosen.languages), chosen.languages[0])
