"""`/pass`: a week off, or time away until a day; both break nothing."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import dropwhile, islice
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Fact, Facts, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Day, as_typed, listed, say, say_n
from bot.commands.pace import MOST, move_button
from bot.commands.study import Study, check_running, streak, study, study_of, suggest_own_cohorts
from bot.commands.time_off import back_button, back_line, left_fact, today
from bot.commands.which_week import week_meant
from bot.curriculum.load import Curricula
from bot.delivery.calendar import period
from bot.delivery.versions import followed
from bot.delivery.weeks import WEEK, ahead, monday_of
from bot.records import absences, checkins, passes
from bot.records.records import Records

LONGEST = timedelta(days=366)


@command(allow=Rank.MEMBER)
async def pass_(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    weeks: Annotated[int | None, Arg("How many weeks off?", min=1, max=MOST)] = None,
    until: Annotated[date | None, Arg("Or: away until which day?")] = None,
    week: Annotated[str | None, Arg("From which week on, such as 2027-W03?", max=8)] = None,
    cancel: Annotated[bool, Arg("Take your time off back?")] = False,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_own_cohorts)] = None,
) -> Message:  # fmt: skip
    """Take a week off, or be away until a day. It breaks nothing."""
    mine = await study(call, records, curricula, cohort)
    check_running(mine.cohort)
    if cancel:
        return await _take_back(records, clock, mine)
    if until is not None:
        if weeks or week:
            raise Refusal("Take weeks off, or be away until a day: one of the two.", field="until")
        return await _go_away(call, records, curricula, clock, mine, until)
    return await _pass_weeks(records, clock, mine, week, weeks or 1)


def _coming(mine: Study, clock: Clock) -> list[str]:
    """The weeks that may still be answered, as far ahead as anybody can pass."""
    return list(islice(ahead(mine.calendar, len(mine.steps), clock.now()), 2 * MOST))


# ---- weeks, which are counted ---------------------------------------------------------------------------------------


async def _pass_weeks(records: Records, clock: Clock, mine: Study, first: str | None, number: int) -> Message:
    answered = await records.read(checkins.periods, mine.enrolment.id)
    coming = _coming(mine, clock)
    first = _named(first, coming, mine, clock) if first else await _meant(records, clock, mine, coming, answered)
    if first in answered:
        return _answered_already(mine, first, coming)
    off = [each for each in dropwhile(lambda week: week != first, coming) if each not in answered][:number]
    used = await records.write(passes.use, mine.enrolment.id, off, mine.cohort.passes, clock.now())
    if used is None:
        left = mine.cohort.passes - len(await records.read(passes.of_enrolment, mine.enrolment.id))
        raise Refusal(
            "That takes more passes than the {n} you have left this season. {line} is time away that takes none.",
            field="weeks", n=max(0, left), line=as_typed("pass", "until:…"),
        )  # fmt: skip
    days = listed([Day(on=monday_of(each)) for each in off])
    weeks_off = Fact(label=say_n("Week off", "Weeks off", len(off)), value=days)
    return Message(
        title=say_n("Enjoy your week off.", "Enjoy your {n} weeks off.", len(off)),
        parts=(
            Facts(facts=(weeks_off, left_fact(mine.enrolment, len(used)))),
            Text(text=say("Nothing is asked of you for that time.")),
            *await _is_safe(records, clock, mine),
        ),
        buttons=(Button(label=say("Take it back"), line=back_line(mine.cohort)), move_button(mine, len(off))),
    )


async def _meant(records: Records, clock: Clock, mine: Study, coming: Sequence[str], answered: set[str]) -> str:
    """The week that a check-in would be for; in a break, or when the season begins later, the next that is asked."""
    if not coming:
        raise Refusal("Nothing is asked in {cohort} any more, or not before it goes on.", cohort=mine.cohort.name)
    meant = await week_meant(records, clock, mine.enrolment)
    is_over = meant in answered and meant < period(today(clock, mine.enrolment, mine.preferences))
    if meant not in coming or is_over:
        return next((each for each in coming if each not in answered), coming[0])
    return meant


def _named(week: str, coming: Sequence[str], mine: Study, clock: Clock) -> str:
    if week.upper() in mine.calendar.asked_by(clock.now()).difference(coming):
        raise Refusal(
            "The week of {day} is over, and nothing is asked about it any more. {line} takes off the one that is on.",
            field="week", day=Day(on=monday_of(week.upper())), line=as_typed("pass"),
        )  # fmt: skip
    if week.upper() not in coming:
        raise Refusal(
            "{week} is not a week that {cohort} is or will be asked about. {line} takes off the one that is on.",
            field="week", week=week, cohort=mine.cohort.name, line=as_typed("pass"),
        )  # fmt: skip
    return week.upper()


def _answered_already(mine: Study, week: str, coming: Sequence[str]) -> Message:
    """A kind no: the week counts anyway. The one after it may have been meant."""
    following = next((each for each in coming if each > week), None)
    given = {"week": following or "", "cohort": mine.cohort.key}
    later = Button(label=say("Pass the week after"), line=line.write("pass", given))
    return Message(
        title=say("The week of {day} is answered already, so it needs no pass.", day=Day(on=monday_of(week))),
        parts=(Text(text=say("It counts, and your passes stay as they are.")),),
        buttons=(later,) if following else (),
    )


# ---- time away, which is not ----------------------------------------------------------------------------------------


async def _go_away(
    call: Call, records: Records, curricula: Curricula, clock: Clock, mine: Study, until: date
) -> Message:  # fmt: skip
    now_on = today(clock, mine.enrolment, mine.preferences)
    if not now_on <= until <= now_on + LONGEST:
        raise Refusal(
            "Choose a day from {first} to {last}.",
            field="until", first=Day(on=now_on), last=Day(on=now_on + LONGEST),
        )  # fmt: skip
    await records.write(absences.go_away, mine.enrolment.member_id, now_on, until)
    standing = await records.standing(call.person)
    freed = [
        await _give_back(records, clock, study_of(curricula, each, standing), now_on, until)
        for each in standing.enrolments
        if followed(curricula, each.cohort)
    ]
    answered = await records.read(checkins.periods, mine.enrolment.id)
    missed = [each for each in _within(mine, clock, now_on, until) if each not in answered]
    back = say_n("{n} pass for that time is yours again.", "{n} passes for that time are yours again.", sum(freed))
    return Message(
        title=say("Enjoy your time away."),
        parts=(
            Text(text=say("Until {day} nothing is asked of you in any cohort. It ends by itself.", day=Day(on=until))),
            *([Text(text=back)] if any(freed) else []),
            *await _is_safe(records, clock, mine),
        ),
        buttons=(back_button(mine.cohort), *([move_button(mine, len(missed))] if missed else [])),
    )


def _within(mine: Study, clock: Clock, first_on: date, last_on: date) -> list[str]:
    """The weeks that may still be answered of which some day is one of these."""
    return [each for each in _coming(mine, clock) if first_on - WEEK < monday_of(each) <= last_on]


async def _give_back(records: Records, clock: Clock, mine: Study, first_on: date, last_on: date) -> int:
    """Have no week cost a pass in which the member is away anyway. How many did."""
    used = await records.read(passes.of_enrolment, mine.enrolment.id)
    freed = used.intersection(_within(mine, clock, first_on, last_on))
    if freed:
        await records.write(passes.give_back, mine.enrolment.id, freed)
    return len(freed)


async def _is_safe(records: Records, clock: Clock, mine: Study) -> list[Text]:
    kept = await streak(records, clock, mine)
    if not kept or not kept.weeks:
        return []
    return [Text(text=say_n("Your streak of {n} week is safe.", "Your streak of {n} weeks is safe.", kept.weeks))]


async def _take_back(records: Records, clock: Clock, mine: Study) -> Message:
    now_on = today(clock, mine.enrolment, mine.preferences)
    off = await records.read(absences.on, mine.enrolment.member_id, now_on)
    if off:
        await records.write(absences.come_back, mine.enrolment.member_id, now_on)
    used = await records.read(passes.of_enrolment, mine.enrolment.id)
    free = used.intersection(_coming(mine, clock))
    if free:
        await records.write(passes.give_back, mine.enrolment.id, free)
    return Message(
        title=say("You are back.") if off or free else say("You have no time off to take back."),
        parts=(Facts(facts=(left_fact(mine.enrolment, len(used - free)),)),),
        buttons=(Button(label=say("What next?"), line="next"), Button(label=say("Check in"), line="checkin")),
    )
