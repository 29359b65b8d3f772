"""`/cohort meeting`: a cohort's weekly meeting, which is among the community's events where there are any."""

from dataclasses import replace
from datetime import datetime, time
from typing import Annotated, Literal, get_args

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Fact, Facts, Message, paragraphs, press
from bot.chat.platform import Call, Clock, Missing
from bot.chat.wording import Moment, say, say_n
from bot.commands.cohort_create import Day
from bot.commands.study import WhichCohort, season_of
from bot.curriculum.load import Curricula
from bot.delivery.projecting import Projecting, meetings
from bot.records import audit, cohorts
from bot.records.cohorts import Cohort, Meeting
from bot.records.records import Records

DayOrOff = Literal[Day, "off"]
USUAL = Meeting(weekday=0, at=time(18), minutes=60)
SHORTEST, LONGEST = 15, 480  # minutes


@command(allow=Rank.FACILITATOR)
async def cohort_meeting(
    call: Call, records: Records, curricula: Curricula, clock: Clock, projecting: Projecting,
    day: Annotated[DayOrOff | None, Arg("On which day of the week?")] = None,
    time: Annotated[time | None, Arg("At which time?")] = None,
    minutes: Annotated[int | None, Arg("How many minutes?", min=SHORTEST, max=LONGEST)] = None,
    where: Annotated[str | None, Arg("Where? A channel, a room, a link", max=100)] = None,
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Set a cohort's weekly meeting, or see it."""
    found = await records.cohort(call, cohort)
    if (day, time, minutes, where) != (None, None, None, None):
        meeting = None if day == "off" else _changed(found, day, time, minutes, where)
        set_meeting = audit.kept(call, cohorts.set_meeting, clock.now(), found)
        await records.write(set_meeting, found.id, meeting, clock.now())
        projecting.soon()
        found = replace(found, meeting=meeting)
    if found.meeting is None:
        return Message(
            title=say("{cohort} has no weekly meeting.", cohort=found.name),
            parts=paragraphs(say("It is fine without one. If you set one, members see when the next one is.")),
            buttons=(press(say("Set a meeting"), "cohort meeting", {"cohort": found.key}, asks=True),),
        )
    next_at = next_meeting(found, curricula, clock.now())
    return _shown(found, found.meeting, next_at, is_event=projecting.offers(call.place.platform, "calendar"))


def _changed(cohort: Cohort, day: Day | None, at: time | None, minutes: int | None, where: str | None) -> Meeting:
    """The meeting with what was given; what was not stays as it was, or is as usual."""
    was = cohort.meeting
    if day is None and was is None:
        raise Missing("On which day does {cohort} meet?", field="day", cohort=cohort.name)
    was = was or USUAL
    return Meeting(
        weekday=was.weekday if day is None else get_args(Day).index(day),
        at=at or was.at,
        minutes=minutes or was.minutes,
        where=where or was.where,
    )


def next_meeting(cohort: Cohort, curricula: Curricula, now: datetime) -> datetime | None:
    """When the cohort meets next, or meets now; aware UTC. None after its season, and long before it."""
    return next(meetings(cohort, now, len(season_of(curricula, cohort))), None)


def meeting_fact(cohort: Cohort, next_at: datetime | None) -> Fact:
    """When the cohort meets next, for a list of facts."""
    when = say("none soon") if next_at is None else Moment(at=next_at, zone=cohort.zone.key)
    return Fact(label=say("Next meeting"), value=when)


def _shown(cohort: Cohort, meeting: Meeting, next_at: datetime | None, *, is_event: bool) -> Message:
    facts = [
        meeting_fact(cohort, next_at),
        Fact(label=say("How long"), value=say_n("{n} minute", "{n} minutes", meeting.minutes)),
    ]
    if meeting.where:
        facts.append(Fact(label=say("Where"), value=meeting.where))
    event = say("The events of this community show its beginning and the meetings of the next three weeks.")
    given = {"cohort": cohort.key}
    return Message(
        title=say("{cohort} meets every week.", cohort=cohort.name),
        parts=(Facts(facts=tuple(facts)), *paragraphs(event if is_event else None)),
        buttons=(
            press(say("Change it"), "cohort meeting", given, asks=True),
            press(say("No meeting any more"), "cohort meeting", {"day": "off", **given}, style="danger"),
        ),
    )
