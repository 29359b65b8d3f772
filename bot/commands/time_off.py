"""A member's time off, as several commands tell of it: until when they are away, and the passes they have left."""

from datetime import date

from bot.chat import line
from bot.chat.message import Button, Fact
from bot.chat.platform import Clock
from bot.chat.wording import Day, Phrase, say
from bot.records import absences, passes
from bot.records.absences import Absence, study_day
from bot.records.cohorts import Cohort
from bot.records.members import Enrolment
from bot.records.preferences import Preferences
from bot.records.records import Records


def back_line(cohort: Cohort) -> str:
    """The line that takes a member's time off in the cohort back."""
    return line.write("pass", {"cancel": "yes", "cohort": cohort.key})


def today(clock: Clock, enrolment: Enrolment, chosen: Preferences) -> date:
    """The member's local day, which goes on until 04:00; by the cohort's zone for who chose none."""
    return study_day(clock.now(), chosen.zone_in(enrolment.cohort.zone))


async def absence(records: Records, clock: Clock, enrolment: Enrolment, chosen: Preferences) -> Absence | None:
    """The time for which the member is away just now, if they are."""
    return await records.read(absences.on, enrolment.member_id, today(clock, enrolment, chosen))


def until(off: Absence) -> Phrase:
    """Until when somebody is away."""
    return say("until {day}", day=Day(on=off.last_on))


def back_button(cohort: Cohort) -> Button:
    """Ends the time away."""
    return Button(label=say("I am back"), line=back_line(cohort))


async def passes_fact(records: Records, enrolment: Enrolment) -> Fact:
    """How many weeks the member may still pass."""
    used = await records.read(passes.of_enrolment, enrolment.id)
    return left_fact(enrolment, len(used))


def left_fact(enrolment: Enrolment, used: int) -> Fact:
    """How many weeks are left to pass after so many."""
    most = enrolment.cohort.passes
    return Fact(label=say("Passes left"), value=say("{n} of {whole}", n=max(0, most - used), whole=most))
