"""`/progress`: how far one has come, per phase, and the streak in weeks."""

from bot.chat.command import Rank, command
from bot.chat.message import Button, Fact, Facts, Message, Picture, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Phrase, Value, listed, say, say_n
from bot.commands.study import Study, streak, study
from bot.curriculum.load import Curricula
from bot.curriculum.model import Phase
from bot.curriculum.tally import Tally
from bot.delivery.weeks import Streak
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def progress(call: Call, records: Records, curricula: Curricula, clock: Clock) -> Message:
    """See how far you have come."""
    mine = await study(call, records, curricula)
    weeks = await streak(records, clock, mine)
    step = mine.step_at(clock.now())
    in_step = say("{cohort}: week {n} of {weeks}", cohort=mine.cohort.name, n=step, weeks=len(mine.steps))
    where = mine.apart(clock.now()) or in_step
    if step == 0:
        where = say("{cohort} starts {at}", cohort=mine.cohort.name, at=mine.begins(1))
    facts = [phase_fact(each, mine.tally) for each in mine.curriculum.phases]
    facts += [_reached(mine), *streak_facts(weeks)]
    return Message(
        title=say("Your progress"),
        parts=(
            _picture(mine, step, where, weeks),
            Text(text=where),
            Facts(facts=tuple(facts)),
        ),
        buttons=(Button(label=say("What next?"), line="next"), Button(label=say("Roadmap"), line="roadmap")),
    )


def _picture(mine: Study, step: int, where: Phrase, weeks: Streak | None) -> Picture:
    """The phases as bars with their milestones below, where the cohort is, and the streak."""
    now = mine.steps[step - 1].phase if step else None
    phases: list[dict[str, Value]] = []
    for each in mine.curriculum.phases:
        done, whole = _share(each, mine.tally)
        phases.append({
            "title": each.title, "share": say("{n} of {whole}", n=done, whole=whole), "done": done, "whole": whole,
            "reached": sum(map(mine.tally.is_reached, each.milestones)), "milestones": len(each.milestones),
            "here": say("you are here") if each is now else "",
        })  # fmt: skip
    when = say("Week {n} of {weeks}", n=step, weeks=len(mine.steps))
    if now is None:
        when = say("Starts {at}", at=mine.begins(1))
    milestones, *in_a_row = (say("{label}: {value}", **dict(each)) for each in (_reached(mine), *streak_facts(weeks)))
    shares = [say("{title}: {share}", title=each["title"], share=each["share"]) for each in phases]
    return Picture(
        template="progress",
        values={
            "cohort": mine.cohort.name, "where": when, "phases": tuple(phases),
            "milestones": milestones, "streak": listed(in_a_row),
        },
        alt=listed([where, *shares, milestones, *in_a_row], between=". "),
    )  # fmt: skip


def _reached(mine: Study) -> Fact:
    """How many of the milestones are reached, for a list of facts."""
    reached = sum(map(mine.tally.is_reached, mine.curriculum.milestones))
    return Fact(label=say("Milestones"), value=say("{n} of {whole}", n=reached, whole=len(mine.curriculum.milestones)))


def _share(phase: Phase, tally: Tally) -> tuple[int, int]:
    return tally.share(task for each in phase.milestones for task in each.tasks)


def phase_fact(phase: Phase, tally: Tally) -> Fact:
    """How much of the phase is done, for a list of facts."""
    done, whole = _share(phase, tally)
    return Fact(label=phase.title, value=say("{bar} {done} of {n}", bar=_bar(done, whole), done=done, n=whole))


def streak_facts(streak: Streak | None) -> list[Fact]:
    """The streak, for a list of facts; none if it is hidden. One that this week may still add to says so."""
    if streak is None:
        return []
    weeks = say_n("{n} week", "{n} weeks", streak.weeks)
    if not streak.weeks:
        weeks = say("begins with what you do next")
    elif streak.is_open:
        weeks = say("{weeks}; this one is still open", weeks=weeks)
    return [Fact(label=say("Streak"), value=weeks)]


def _bar(done: int, whole: int) -> str:
    """Ten squares; the first fills with the first task, the last only with the last one."""
    full = 10 if done == whole else min(9, max(int(done > 0), 10 * done // max(whole, 1)))
    return "▰" * full + "▱" * (10 - full)
