"""How a cohort gets on, in numbers: how many are where, and what was done each week. Nobody is named, ever."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.chat.message import Fact, Facts, Part, Picture
from bot.chat.wording import Phrase, Value, listed, say, say_n
from bot.curriculum.model import Curriculum, Milestone, Phase
from bot.curriculum.tally import Tally, needed
from bot.delivery.calendar import Calendar
from bot.records import checkins, cohorts, progress
from bot.records.cohorts import Cohort


@dataclass(frozen=True, slots=True)
class Advance:
    """Where a cohort's members stand, and for each week so far how many checked in and how many tasks were finished.

    `when` says for each member in which local week, such as `2026-W50`, they finished which task.
    """

    tallies: Sequence[Tally]
    checkins: tuple[int, ...]
    finished: tuple[int, ...]
    when: Sequence[Mapping[str, str]] = ()

    def finished_in(self, week: str) -> int:
        """How many tasks members finished in that local week."""
        return sum(each == week for weeks in self.when for each in weeks.values())

    def reached_in(self, week: str, curriculum: Curriculum) -> list[tuple[Milestone, int]]:
        """The milestones whose last task members finished in that local week, each with how many did."""
        found: Counter[str] = Counter()
        for tally, weeks in zip(self.tallies, self.when, strict=True):
            for each in curriculum.milestones:
                last = max((weeks.get(task.id, "") for task in each.tasks if not task.optional), default="")
                found[each.id] += last == week and tally.is_reached(each)
        return [(each, found[each.id]) for each in curriculum.milestones if found[each.id]]

    def begun(self, phase: Phase) -> int:
        """How many members have done something of the phase."""
        return sum(any(map(each.amount, phase.tasks)) for each in self.tallies)

    def through(self, phase: Phase) -> int:
        """How many members have reached every milestone of the phase."""
        return sum(all(map(each.is_reached, phase.milestones)) for each in self.tallies)


def advance(connection: Connection, cohort: Cohort, curriculum: Curriculum, now: datetime) -> Advance:
    """How the cohort gets on by that instant."""
    calendar = Calendar.of(cohort)
    weeks = sorted(calendar.asked_by(now)) if calendar.slot_at(now) else []
    done: dict[int, Counter[str]] = defaultdict(Counter)
    finished_in: dict[int, dict[str, str]] = defaultdict(dict)
    for entry in progress.log_of_cohort(connection, cohort.id, curriculum.id):
        task = curriculum.task(entry.task)
        if task is None:
            continue
        mine = done[entry.enrolment_id]
        was_done = mine[task.id] >= needed(task)
        mine[task.id] += entry.amount
        if mine[task.id] < needed(task):
            finished_in[entry.enrolment_id].pop(task.id, None)
        elif not was_done:
            # What a member brought along from an earlier season was finished in no week of this one.
            finished_in[entry.enrolment_id][task.id] = calendar.period_at(entry.at) if entry.is_since_joined else ""
    finished = Counter(week for each in finished_in.values() for week in each.values())
    answered = checkins.per_period(connection, cohort.id)
    idle = cohorts.size(connection, cohort.id) - len(done)
    return Advance(
        [*(Tally(curriculum, each) for each in done.values()), *[Tally(curriculum, {})] * idle],
        tuple(answered.get(each, 0) for each in weeks),
        tuple(finished[each] for each in weeks),
        [*(finished_in[each] for each in done), *[{}] * idle],
    )


def advance_parts(found: Advance, cohort: Cohort, curriculum: Curriculum, where: Phrase) -> list[Part]:
    """The picture of it, and the same in words."""
    size = len(found.tallies)
    members = say_n("{n} member", "{n} members", size)
    phases: list[dict[str, Value]] = []
    milestones: list[dict[str, Value]] = []
    facts: list[Fact] = []
    for number, phase in enumerate(curriculum.phases):
        begun, through = found.begun(phase), found.through(phase)
        said = say("{n} begun, {finished} finished", n=begun, finished=through)
        reached = [sum(tally.is_reached(each) for tally in found.tallies) for each in phase.milestones]
        phases.append({"title": phase.title, "said": said, "begun": begun, "finished": through})
        milestones += [{"phase": number, "reached": each} for each in reached]
        each_one = say("each milestone: {numbers}", numbers=listed(reached))
        facts.append(Fact(label=phase.title, value=listed([said, each_one], " · ") if any(reached) else said))
    charts = [(say("Check-ins a week"), found.checkins), (say("Finished tasks a week"), found.finished)]
    if not found.checkins:  # as there was no week yet
        charts.clear()
    facts += [Fact(label=label, value=listed(numbers)) for label, numbers in charts]
    below = listed([members, where], " · ")
    picture = Picture(
        template="cohort",
        values={
            "name": cohort.name, "where": below, "phases_label": say("Where members are"), "members": size,
            "phases": tuple(phases), "milestones": tuple(milestones),
            "charts": tuple({"label": label, "most": max(numbers)} for label, numbers in charts),
            "columns": tuple({"chart": at, "n": n} for at, (_, numbers) in enumerate(charts) for n in numbers),
        },
        alt=listed(
            [cohort.name, below, *(say("{label}: {value}", label=each.label, value=each.value) for each in facts)], ". "
        ),
    )  # fmt: skip
    return [picture, Facts(facts=tuple(facts))]
