"""Shows on each platform what only it has: a cohort's members as a role, its calendar as events.

What is shown is always all of it, as it is now, so that trying again after any failure is safe, and many changes are
shown at once.
"""

import asyncio
import logging
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.chat.platform import Busy, Clock, Gone, Hindered, Platform, Rejected, Unknown
from bot.chat.projection import Calendar, CohortMembers, Event, Projected
from bot.chat.wording import as_typed, say
from bot.curriculum.load import Curricula
from bot.delivery import calendar
from bot.delivery.calendar import next_weekly, period
from bot.delivery.schedule import SeasonLength
from bot.delivery.turns import Turns
from bot.delivery.versions import season_length
from bot.records import cohorts, members, projections
from bot.records.cohorts import Cohort
from bot.records.outage import NotSaved
from bot.records.projections import Wanted
from bot.records.records import Records

log = logging.getLogger(__name__)

AHEAD = timedelta(weeks=3)  # how far the calendar is shown
KICK_OFF = timedelta(hours=1)
LONGEST = timedelta(minutes=5)  # a thousand roles take longer; what was done counts, and the rest is done next
RETRY = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
SHORTEST_WAIT = 1.0  # seconds


class Projecting:
    """Shows what was marked to be shown, on the platforms that run here."""

    def __init__(self, records: Records, curricula: Curricula, platforms: Mapping[str, Platform], clock: Clock) -> None:
        self._records = records
        self._season_length = partial(season_length, curricula)
        self._platforms = platforms
        self._clock = clock
        self._turns = Turns("showing what changed", self._show_all)

    def offers(self, platform: str, what: Projected) -> bool:
        """Whether that platform has something of its own to show it with."""
        return platform in self._platforms and what in self._platforms[platform].projects

    def soon(self) -> None:
        """Something may have been marked; look without waiting for the next tick."""
        self._turns.wanted.set()

    async def run(self) -> None:
        """Work whenever `soon` was called, until cancelled. Posts go their own way and need not wait for a big role."""
        await self._turns.run()

    async def nightly(self) -> None:
        """Have everything shown afresh: what an outage or a person's hand has put out of step falls into step."""
        await self._records.write(projections.everything, self._clock.now())
        self.soon()

    async def tick(self) -> None:
        """Show what was marked. What goes wrong with one is recorded and leaves the others alone."""
        await self._turns.take()

    async def _show_all(self) -> bool:
        has_shown = False
        while await self._show_next():
            has_shown = True
        return has_shown

    async def _show_next(self) -> bool:
        wanted = await self._records.read(projections.due, self._clock.now(), tuple(self._platforms))
        if wanted is None:
            return False
        try:
            await self._show(wanted)
        except Busy as busy:
            await self._wait(wanted, timedelta(seconds=max(busy.retry_after, SHORTEST_WAIT)))
        except (Rejected, Gone) as failure:
            await self._hindered(wanted, failure)
        except Unknown as failure:
            log.warning("%s of c%d: %s; tried again", wanted.what, wanted.cohort_id, failure)
            await self._wait(wanted, _backoff(wanted))
        except NotSaved:
            raise
        except Exception:
            reference = secrets.token_hex(3)
            log.exception("%s of c%d cannot be shown, reference %s", wanted.what, wanted.cohort_id, reference)
            await self._wait(wanted, _backoff(wanted))
        return True

    async def _show(self, wanted: Wanted) -> None:
        platform = self._platforms[wanted.place.platform]
        if wanted.what in platform.projects:
            state = await self._records.read(snapshot, wanted, self._clock.now(), self._season_length)
            try:
                async with asyncio.timeout(LONGEST.total_seconds()):
                    await platform.project(state)
            except TimeoutError as error:
                raise Unknown(f"not done within {LONGEST}") from error
        await self._records.write(projections.settle, wanted, None)

    async def _hindered(self, wanted: Wanted, failure: Rejected | Gone) -> None:
        """Keep what is in the way for the facilitators, and leave it until something changes or the night comes."""
        # A reason in the platform's own words has no translation, and stands in the phrase as it is.
        words = failure.words if isinstance(failure, Hindered) else say("{reason}", reason=str(failure))
        if await self._records.write(projections.settle, wanted, words):
            log.error("%s of c%d in %s: %s", wanted.what, wanted.cohort_id, wanted.place.mention().name, failure)

    async def _wait(self, wanted: Wanted, how_long: timedelta) -> None:
        await self._records.write(projections.retry, wanted, self._clock.now() + how_long)


def _backoff(wanted: Wanted) -> timedelta:
    return min(RETRY * (1 << min(wanted.attempt, 10)), LONGEST_WAIT)


def snapshot(
    connection: Connection, wanted: Wanted, now: datetime, season_length: SeasonLength
) -> CohortMembers | Calendar:
    """What is to be shown, as it is in the records now."""
    cohort = cohorts.get(connection, wanted.cohort_id)
    place = wanted.place
    if wanted.what == "members":
        people = tuple(person for _, person in members.people(connection, cohort.id, place.platform))
        return CohortMembers(place=place, cohort=cohort.code, role=wanted.role, members=people, round=wanted.round)
    coming = () if wanted.has_left else _events(cohort, wanted, now, season_length(cohort))
    events = tuple(each for each in coming if each.ends_at > now)
    return Calendar(place=place, cohort=cohort.code, locale=cohort.language, events=events, as_of=now)


def _events(cohort: Cohort, wanted: Wanted, now: datetime, weeks: int | None) -> Iterator[Event]:
    key, where = f"{cohort.code}:{{}}:{wanted.place_id}", wanted.place.mention().name
    begins_at = calendar.Calendar.of(cohort).planned_at("milestone", 1)
    if begins_at and begins_at < now + AHEAD:
        yield Event(
            key=key.format("kick-off"),
            title=say("{cohort} begins", cohort=cohort.name),
            text=say("The first milestone is posted then. {line} gets you in.", line=as_typed("join")),
            starts_at=begins_at, ends_at=begins_at + KICK_OFF, where=where,
        )  # fmt: skip
    if cohort.meeting:
        for starts_at in meetings(cohort, now, weeks):
            day = starts_at.astimezone(cohort.zone).date()
            yield Event(
                key=key.format(f"meeting:{period(day)}"),
                title=say("{cohort} meets", cohort=cohort.name),
                text=say("The weekly meeting of {cohort}.", cohort=cohort.name),
                starts_at=starts_at, ends_at=starts_at + timedelta(minutes=cohort.meeting.minutes),
                where=cohort.meeting.where or where,
            )  # fmt: skip


def meetings(cohort: Cohort, now: datetime, weeks: int | None) -> Iterator[datetime]:
    """When the cohort meets in the weeks after `now`, with a meeting that is going on; within its season of `weeks`.

    Aware UTC. None is a season whose end is not known. On days off, and while it is paused, it does not meet.
    """
    meeting = cohort.meeting
    if meeting is None or cohort.paused_at:
        return
    dates = calendar.Calendar.of(cohort)
    ends_at = now + AHEAD
    if weeks is not None and dates.held_at is None:
        ends_at = min(ends_at, dates.milestone_at(weeks + 1))
    first = max((now - timedelta(minutes=meeting.minutes)).astimezone(cohort.zone).date(), dates.milestone_on(1))
    at = next_weekly(first - timedelta(days=1), meeting.weekday, meeting.at, cohort.zone)
    while at < ends_at:
        day = at.astimezone(cohort.zone).date()
        if at + timedelta(minutes=meeting.minutes) > now and not dates.is_off(day):
            yield at
        at = next_weekly(day, meeting.weekday, meeting.at, cohort.zone)
