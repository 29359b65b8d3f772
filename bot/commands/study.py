"""What several commands read first: the curriculum that is meant, the member's season, and how far they have come."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from bot.chat.message import Choice, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Day, Moment, Phrase, as_typed, listed, say
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum, Milestone, Phase, Resource, Task
from bot.curriculum.plan import Step
from bot.curriculum.search import Search
from bot.curriculum.tally import Tally
from bot.delivery import versions, weeks
from bot.delivery.calendar import Calendar
from bot.delivery.weeks import Streak, Week
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.links import Marks
from bot.records.members import Enrolment, Standing
from bot.records.preferences import Preferences
from bot.records.records import Records

_WEB = re.compile(r"https?://[^\s<>]{3,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Study:
    """A member's way through their cohort's season."""

    enrolment: Enrolment
    curriculum: Curriculum
    steps: tuple[Step, ...]
    calendar: Calendar
    tally: Tally
    preferences: Preferences

    @property
    def cohort(self) -> Cohort:
        """The cohort that is meant."""
        return self.enrolment.cohort

    def begins(self, step: int) -> Moment | Phrase:
        """When that step of the member's plan begins."""
        begins_at = self.calendar.planned_at("milestone", max(1, step + self.enrolment.behind))
        return Moment(at=begins_at, zone=self.cohort.zone.key) if begins_at else say("on a day to be told")

    def when(self, step: int, now: datetime) -> Phrase:
        """Since when, or from when on, that step is the cohort's; or the member's, who goes at their own pace."""
        begins, name = self.begins(step), say("Your plan") if self.enrolment.behind else self.cohort.name
        bent = bends(self.cohort, now)
        if isinstance(begins, Moment) and begins.at <= now:
            since = say("{cohort}, since {at}", cohort=name, at=begins)
            return say("{since}; {how}", since=since, how=bent) if bent and step == self.step_at(now) else since
        if isinstance(begins, Moment):
            return say("{cohort}, from {at}", cohort=name, at=begins)
        return say("{cohort}: {how}", cohort=name, how=bent or begins)

    def step_at(self, now: datetime) -> int:
        """The step of the member's plan that is on, or the last one; 0 before the season."""
        cohorts = self.calendar.step_at(now)
        return min(max(1, cohorts - self.enrolment.behind), len(self.steps)) if cohorts else 0

    def apart(self, now: datetime) -> Phrase | None:
        """Where the member's own plan is and where the cohort is; None while they are in step."""
        if not self.enrolment.behind:
            return None
        cohorts = min(self.calendar.step_at(now), len(self.steps))
        if cohorts == 0:
            return say("Your plan begins {at}.", at=self.begins(1))
        return say(
            "Your plan: week {n}; {cohort} is at week {step}.",
            n=self.step_at(now), cohort=self.cohort.name, step=cohorts,
        )  # fmt: skip

    def told_apart(self, now: datetime) -> list[Text]:
        """`apart` as a part of a message, if there is something to tell."""
        return [Text(text=apart)] if (apart := self.apart(now)) else []

    def streak_in(self, found: Sequence[Week]) -> Streak | None:
        """How many of these weeks in a row were active; None for who wants to see no streak."""
        return weeks.streak(found) if self.preferences.shows_streak else None

    def next_tasks(self, now: datetime, limit: int) -> list[Task]:
        """What to do next: as `Tally.next_tasks`; for who was away for long, first what is on since they came back.

        That is the plan of somebody who starts again here: without optional tasks, and without what was before.
        """
        step = self.step_at(now)
        if self.enrolment.returned_at is not None:
            since = max(1, min(self.step_at(self.enrolment.returned_at), step))
            ahead = self.tally.next_tasks(self.steps[since - 1 :], step - since + 1, len(self.curriculum.tasks))
            if again := [each for each in ahead if not each.optional]:
                return again[:limit]
        return self.tally.next_tasks(self.steps, step, limit)


def bends(cohort: Cohort, now: datetime) -> Phrase | None:
    """Why the cohort's season does not simply go on week after week just now, if it does not."""
    calendar = Calendar.of(cohort)
    if cohort.archived_at:
        return say("archived since {day}", day=Day(on=cohort.archived_at.astimezone(cohort.zone).date()))
    if cohort.paused_at:
        return say("paused since {day}", day=Day(on=cohort.paused_at.astimezone(cohort.zone).date()))
    if off := calendar.break_at(now):
        if off.is_pause:
            return say("paused until {day}", day=Day(on=off.last_on))
        if off.name:
            return say("{name} until {day}", name=off.name, day=Day(on=off.last_on))
        return say("break until {day}", day=Day(on=off.last_on))
    if calendar.held_at is not None and calendar.slot_at(now) >= calendar.held_at:
        return say("stays in its phase until everybody is ready")
    return None


def check_running(cohort: Cohort) -> None:
    """Raises a Refusal for a cohort that is archived: nothing is asked and nothing is posted there any more."""
    if cohort.archived_at:
        raise Refusal(
            "The season of {cohort} is over for good: nothing is asked or posted there any more. What you did is kept: "
            "{line}.", cohort=cohort.name, line=as_typed("progress"),
        )  # fmt: skip


def check_reachable(call: Call, at: CohortPlace) -> None:
    """Raises a Refusal for a place of a cohort that posts do not reach."""
    if at.lost_because:
        place = at.place.seen_from(call.place)
        raise Refusal("Posts do not reach {place}: {reason}", place=place, reason=at.lost_because)


def check_home(call: Call) -> None:
    """Raises a Refusal where no cohort can be at home, since no post can go there."""
    if call.instead is not None:
        raise Refusal("No cohort can be at home here. {instead}", instead=call.instead)


async def study(call: Call, records: Records, curricula: Curricula, typed: str | None = None) -> Study:
    """The season that a member's command means, in the cohort that was named if one was.

    Raises a Refusal for somebody who is in no cohort, or not in that one.
    """
    enrolment = await records.enrolment(call, typed)
    return study_of(curricula, enrolment, await records.standing(call.person))


def study_of(curricula: Curricula, enrolment: Enrolment, standing: Standing) -> Study:
    """The season of one of the member's enrolments. Raises a Refusal if its curriculum is not on offer any more."""
    cohort = enrolment.cohort
    curriculum, steps = followed(curricula, cohort), season_of(curricula, cohort)
    tally = Tally.read(curriculum, standing.done.get(curriculum.id, {}))
    return Study(enrolment, curriculum, steps, Calendar.of(cohort), tally, standing.preferences)


def followed(curricula: Curricula, cohort: Cohort) -> Curriculum:
    """The curriculum, at the version that the cohort follows. Raises a Refusal if it is not on offer any more."""
    found = versions.followed(curricula, cohort)
    if found is None:
        raise Refusal(
            "{cohort} follows {curriculum}, which is not installed here any more. Please tell a facilitator.",
            cohort=cohort.name, curriculum=cohort.curriculum,
        )  # fmt: skip
    return found


def season_of(curricula: Curricula, cohort: Cohort) -> tuple[Step, ...]:
    """The weeks of the cohort's season. Raises a Refusal as `followed`."""
    followed(curricula, cohort)
    return versions.season(curricula, cohort)


async def curriculum_here(call: Call, records: Records, curricula: Curricula) -> Curriculum:
    """The curriculum that a question means: the member's, else the one of the cohort here, else the first on offer."""
    enrolment = await records.enrolment_if_any(call)
    if enrolment is not None:
        return followed(curricula, enrolment.cohort)
    here = await records.here(call) or next(iter(await records.open_cohorts(call)), None)
    return followed(curricula, here) if here else next(iter(curricula))


async def marks_here(call: Call, records: Records) -> Marks:
    """Which links are marked, in the community of the cohort that `curriculum_here` means, else in this one."""
    enrolment = await records.enrolment_if_any(call)
    if enrolment is not None:
        return await records.marks(enrolment.cohort.community_id)
    town = await records.town(call.place.platform, call.place.community)
    return await records.marks(town.community_id)


def forums(curriculum: Curriculum, marks: Marks) -> list[Resource]:
    """Where people answer questions on the web."""
    found = [each for each in curriculum.resources if each.kind == "forum" and each.url and not each.caution]
    return [each for each in found if marks.of(each.url) is None]


@lru_cache(maxsize=32)
def searching(curriculum: Curriculum) -> Search:
    """The search over the curriculum's resources, built once."""
    return Search(curriculum)


async def weeks_of(records: Records, clock: Clock, study: Study) -> tuple[Week, ...]:
    """The member's weeks in the cohort so far."""
    of = study.enrolment
    return await records.read(weeks.of_enrolment, of.id, of.cohort, len(study.steps), clock.now())


async def streak(records: Records, clock: Clock, study: Study) -> Streak | None:
    """How many weeks in a row the member did something; None for who wants to see no streak."""
    return study.streak_in(await weeks_of(records, clock, study))


async def suggest_tasks(
    call: Call, typed: str, records: Records, curricula: Curricula, clock: Clock
) -> Sequence[Choice]:
    """Open tasks of the weeks so far first, then those to come, that hold what was typed."""
    mine = await study(call, records, curricula)
    every = mine.tally.next_tasks(mine.steps, mine.step_at(clock.now()), len(mine.curriculum.tasks))
    wanted = typed.strip().casefold()
    return [Choice(value=each.id, label=each.text) for each in every if wanted in each.id or each.text.holds(typed)]


async def suggest_cohorts(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The cohorts whose names hold what was typed, of those that the person looks after here."""
    return _like(typed, await records.looked_after(call))


async def suggest_open_cohorts(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The cohorts whose names hold what was typed, of those that the person may be in here."""
    return _like(typed, await records.open_cohorts(call))


def _like(typed: str, among: Sequence[Cohort]) -> Sequence[Choice]:
    wanted = typed.strip().casefold()
    return [Choice(value=each.key, label=each.name) for each in among if wanted in each.name.casefold()]


def find_resource(curriculum: Curriculum, typed: str) -> Resource:
    """The resource with that id, title or address. Raises a Refusal, at the field `resource`, that shows the way."""
    wanted = typed.strip().casefold()
    for each in curriculum.resources:
        if wanted in (each.id, (each.url or "").casefold()) or each.title.is_called(typed):
            return each
    raise Refusal(
        "No resource is called {resource}. Find one with {line}.",
        field="resource", resource=typed, line=as_typed("resource"),
    )  # fmt: skip


async def suggest_own_cohorts(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The cohorts that the person is in, and whose names hold what was typed."""
    mine = [each.cohort for each in (await records.standing(call.person)).enrolments]
    return _like(typed, [each for each in mine if each.archived_at is None])


async def suggest_resources(call: Call, typed: str, records: Records, curricula: Curricula) -> Sequence[Choice]:
    """Resources whose titles or aliases are like what was typed."""
    curriculum = await curriculum_here(call, records, curricula)
    return [Choice(value=each.id, label=each.title) for each in searching(curriculum).suggest(typed)]


async def suggest_phases(call: Call, typed: str, records: Records, curricula: Curricula) -> Sequence[Choice]:
    """The phases of the curriculum here."""
    curriculum = await curriculum_here(call, records, curricula)
    return [Choice(value=each.id, label=each.title) for each in curriculum.phases]


def find_task(curriculum: Curriculum, typed: str) -> Task:
    """The task with that id, or whose words were typed. Raises a Refusal that shows the way to the list."""
    by_words = (task for task in curriculum.tasks if task.text.is_called(typed))
    found = curriculum.task(typed.strip().casefold()) or next(by_words, None)
    if found is None:
        raise Refusal(
            "No task is called {typed}. {line} shows this week's.", field="task", typed=typed, line=as_typed("week")
        )
    return found


def find_milestone(curriculum: Curriculum, typed: str) -> Milestone:
    """The milestone with that id or title. Raises a Refusal that shows the way to the list."""
    for each in curriculum.milestones:
        if each.id == typed.strip().casefold() or each.title.is_called(typed):
            return each
    raise Refusal(
        "No milestone is called {typed}. {line} shows them.", field="milestone", typed=typed, line=as_typed("roadmap")
    )


def find_phase(curriculum: Curriculum, typed: str) -> Phase:
    """The phase with that id or title. Raises a Refusal that lists them."""
    for each in curriculum.phases:
        if each.id == typed.strip().casefold() or each.title.is_called(typed):
            return each
    names = listed([each.title for each in curriculum.phases])
    raise Refusal("No phase is called {typed}. Choose from {names}.", field="phase", typed=typed, names=names)


def check_link(link: str) -> None:
    """Raises a Refusal, at the field `link`, for what is no web address."""
    if not _WEB.fullmatch(link):
        raise Refusal("{link} is no web address. It begins with https://", field="link", link=link)
