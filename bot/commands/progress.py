"""`/progress`: how far one has come, per phase, and the streak in weeks."""

from collections.abc import Sequence

from bot.chat.command import Rank, command
from bot.chat.message import Button, Fact, Facts, Message, Picture, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Phrase, Value, listed, say, say_n
from bot.commands.study import Study, bends, study, weeks_of
from bot.commands.weeks import Square, counts, drawn, weeks_fact
from bot.curriculum.load import Curricula
from bot.curriculum.model import Phase
from bot.curriculum.tally import Tally
from bot.delivery.weeks import Streak
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def progress(call: Call, records: Records, curricula: Curricula, clock: Clock) -> Message:
    """See how far you have come."""
    mine = await study(call, records, curricula)
    found = await weeks_of(records, clock, mine)
    in_a_row, weeks = mine.streak_in(found), drawn(found, mine, clock.now())
    step = mine.step_at(clock.now())
    in_step = say("{cohort}: week {n} of {weeks}", cohort=mine.cohort.name, n=step, weeks=len(mine.steps))
    if mine.cohort.archived_at and (how := bends(mine.cohort, clock.now())):
        in_step = say("{since}; {how}", since=in_step, how=how)
    where = mine.apart(clock.now()) or in_step
    if step == 0:
        where = say("{cohort} starts {at}", cohort=mine.cohort.name, at=mine.begins(1))
    facts = [_phase_with_milestones(each, mine.tally) for each in mine.curriculum.phases]
    facts += [_reached(mine), *streak_facts(in_a_row), weeks_fact(weeks)]
    return Message(
        title=say("Your progress"),
        parts=(progress_picture(mine, step, weeks, in_a_row), Text(text=where), Facts(facts=tuple(facts))),
        buttons=(Button(label=say("What next?"), line="next"), Button(label=say("Roadmap"), line="roadmap")),
    )


def progress_picture(mine: Study, step: int, weeks: Sequence[Square], in_a_row: Streak | None) -> Picture:
    """The season's weeks by what was done in each, and the phases as bars with a piece for each milestone."""
    now = mine.steps[step - 1].phase if step else None
    phases: list[dict[str, Value]] = []
    steps: list[dict[str, Value]] = []
    said: list[Value] = []
    for number, each in enumerate(mine.curriculum.phases):
        done, whole = mine.tally.share(each.tasks)
        share = say("{n} of {whole}", n=done, whole=whole)
        phases.append({"title": each.title, "share": share, "is_here": each is now})
        for milestone in each.milestones:
            done, whole = mine.tally.share(milestone.tasks)
            steps.append({"phase": number, "done": done, "whole": whole})
        told: list[Value] = [share, _milestones(each, mine.tally), *([say("you are here")] if each is now else [])]
        said.append(say("{title}: {share}", title=each.title, share=listed(told)))
    when = week_of(mine, step)
    # A picture has room for the figure alone; what else there is to say of a streak is said below it.
    kept_up = [_streak(in_a_row)] if in_a_row and in_a_row.weeks else []
    milestones, *streak = (say("{label}: {value}", **dict(each)) for each in (_reached(mine), *kept_up))
    label, legend = say("Your weeks"), counts(weeks)
    alt: list[Value] = [mine.cohort.name, when, say("{label}: {value}", label=label, value=listed([*legend.values()]))]
    return Picture(
        template="progress",
        values={
            "cohort": mine.cohort.name, "where": when, "weeks_label": label, "streak": listed(streak),
            "milestones": milestones, "phases": tuple(phases), "steps": tuple(steps),
            "weeks": tuple({"state": each.state, "level": each.level, "is_now": each.is_now} for each in weeks),
            "legend": tuple({"state": state, "said": phrase} for state, phrase in legend.items()),
        },
        alt=listed([*alt, *streak, milestones, *said], between=". "),
    )  # fmt: skip


def week_of(mine: Study, step: int) -> Phrase:
    """Which week is on, or when the first one begins; for a picture."""
    if step == 0:
        return say("Starts {at}", at=mine.begins(1))
    if mine.enrolment.behind:
        return say("Your plan: week {n} of {weeks}", n=step, weeks=len(mine.steps))
    return say("Week {n} of {weeks}", n=step, weeks=len(mine.steps))


def _phase_with_milestones(phase: Phase, tally: Tally) -> Fact:
    fact = phase_fact(phase, tally)
    return Fact(label=fact.label, value=listed([fact.value, _milestones(phase, tally)], " · "))


def _milestones(phase: Phase, tally: Tally) -> Phrase:
    reached = sum(map(tally.is_reached, phase.milestones))
    return say_n("{reached} of {n} milestone", "{reached} of {n} milestones", len(phase.milestones), reached=reached)


def _reached(mine: Study) -> Fact:
    """How many of the milestones are reached, for a list of facts."""
    reached = sum(map(mine.tally.is_reached, mine.curriculum.milestones))
    return Fact(label=say("Milestones"), value=say("{n} of {whole}", n=reached, whole=len(mine.curriculum.milestones)))


def phase_fact(phase: Phase, tally: Tally) -> Fact:
    """How much of the phase is done, for a list of facts."""
    done, whole = tally.share(phase.tasks)
    return Fact(label=phase.title, value=say("{bar} {done} of {n}", bar=_bar(done, whole), done=done, n=whole))


def streak_facts(streak: Streak | None) -> list[Fact]:
    """The streak, for a list of facts; none if it is hidden. One that this week may still add to says so."""
    if streak is None:
        return []
    fact = _streak(streak)
    if not streak.weeks:
        return [Fact(label=fact.label, value=say("begins with what you do next"))]
    if streak.is_open:
        return [Fact(label=fact.label, value=say("{weeks}; this one is still open", weeks=fact.value))]
    return [fact]


def _streak(streak: Streak) -> Fact:
    return Fact(label=say("Streak"), value=say_n("{n} week", "{n} weeks", streak.weeks))


def _bar(done: int, whole: int) -> str:
    """Ten squares; the first fills with the first task, the last only with the last one."""
    full = 10 if done == whole else min(9, max(int(done > 0), 10 * done // max(whole, 1)))
    return "▰" * full + "▱" * (10 - full)
