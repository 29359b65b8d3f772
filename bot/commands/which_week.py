"""Which week a member's check-in is for, and what is asked about it."""

import re
from collections.abc import Sequence
from typing import Annotated

from bot.chat.command import Arg
from bot.chat.message import Choice
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Day, Phrase, Wording, say
from bot.commands.study import check_running
from bot.curriculum.load import Curricula
from bot.delivery import questions, versions
from bot.delivery.calendar import Calendar
from bot.records import checkins, posts
from bot.records.cohorts import Cohort
from bot.records.members import Enrolment
from bot.records.records import Records

_WEEK = re.compile(r"\d{4}-W\d{2}")
_WORDS = {"this": say("this week"), "last": say("last week")}


async def meant(call: Call, records: Records, clock: Clock) -> tuple[Enrolment, str]:
    """The enrolment and the local week that a call about check-ins means, by its arguments `cohort` and `week`."""
    enrolment = await records.enrolment(call, call.given.get("cohort"))
    return enrolment, await week_meant(records, clock, enrolment, call.given.get("week"))


async def week_meant(records: Records, clock: Clock, enrolment: Enrolment, typed: str | None = None) -> str:
    """The local week that was named: `this`, `last`, or one that members were asked about, such as `2026-W50`.

    Without one it is the oldest that is open and not answered; else the one that is on, whose answer is changed. A
    prompt that stands in the channel is what people answer, also where the calendar has since moved on from its week.
    Raises a Refusal for a week that nobody was asked about yet, and in a cohort that is archived.
    """
    cohort = enrolment.cohort
    check_running(cohort)
    if typed:
        return await week_of_cohort(records, clock, cohort, typed)
    open_weeks = Calendar.of(cohort).open_periods(clock.now())
    asked = await records.read(posts.last_asked, cohort.id)
    if asked is not None and asked > open_weeks[-1]:
        return asked
    answered = await records.read(checkins.periods, enrolment.id)
    return next((week for week in open_weeks if week not in answered), open_weeks[-1])


async def week_of_cohort(records: Records, clock: Clock, cohort: Cohort, typed: str | None) -> str:
    """The local week of the cohort that was named, else the newest one that its members were asked about.

    Raises a Refusal for a week that nobody was asked about yet.
    """
    calendar, now = Calendar.of(cohort), clock.now()
    asked = await records.read(posts.last_asked, cohort.id)
    if typed is None:
        return asked or calendar.period_at(now)
    return _named(calendar.asked_by(now) | ({asked} if asked else set()), calendar.period_at(now), typed.strip())


def _named(asked: frozenset[str], this: str, typed: str) -> str:
    if typed.lower() == "this":
        return this
    before = max((each for each in asked if each < this), default=None)
    if typed.lower() == "last":
        if before is None:
            raise Refusal("There is no week before this one.", field="week")
        return before
    if _WEEK.fullmatch(typed.upper()) and typed.upper() in asked:
        return typed.upper()
    raise Refusal(
        "Nobody was asked about a week {typed}. Write this, last, or a week such as {week}.",
        field="week", typed=typed, week=this,
    )  # fmt: skip


def week_before(cohort: Cohort, clock: Clock, week: str) -> str | None:
    """The local week that the cohort was asked about before that one."""
    return max((each for each in Calendar.of(cohort).asked_by(clock.now()) if each < week), default=None)


def name_of(cohort: Cohort, week: str) -> Phrase | str:
    """A local week as members know it: by its number in the season and the day of its prompt."""
    calendar = Calendar.of(cohort)
    step = calendar.asking(week)
    if step is None:
        return week
    return say("week {n}, {day}", n=calendar.about(step), day=Day(on=calendar.checkin_on(step)))


async def question(call: Call, records: Records, curricula: Curricula, clock: Clock) -> Wording:
    """What the week's check-in asks first."""
    enrolment, week = await meant(call, records, clock)
    return questions.asked(versions.followed(curricula, enrolment.cohort), enrolment.cohort, week)


async def suggest_weeks(call: Call, typed: str) -> Sequence[Choice]:
    """This week and the last one."""
    return [Choice(value=each, label=words) for each, words in _WORDS.items() if each.startswith(typed.strip().lower())]


WhichWeek = Annotated[str | None, Arg("Which week? this, last or 2027-W05", max=8, suggest=suggest_weeks)]
"""The argument that names a week of check-ins."""
