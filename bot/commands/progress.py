"""`/progress`: how far one has come, per phase, and the streak in weeks."""

from bot.chat.command import Rank, command
from bot.chat.message import Button, Fact, Facts, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import say, say_n
from bot.commands.study import streak, study
from bot.curriculum.load import Curricula
from bot.curriculum.model import Phase
from bot.curriculum.tally import Tally
from bot.records.records import Records


@command(allow=Rank.MEMBER)
async def progress(call: Call, records: Records, curricula: Curricula, clock: Clock) -> Message:
    """See how far you have come."""
    mine = await study(call, records, curricula)
    facts = [phase_fact(each, mine.tally) for each in mine.curriculum.phases]
    reached = sum(mine.tally.is_reached(each) for each in mine.curriculum.milestones)
    weeks = await streak(call, records, clock, mine)
    facts.append(
        Fact(label=say("Milestones"), value=say("{n} of {whole}", n=reached, whole=len(mine.curriculum.milestones)))
    )
    facts.append(streak_fact(weeks))
    step = mine.step_at(clock.now())
    where = say("{cohort}: week {n} of {weeks}", cohort=mine.cohort.name, n=step, weeks=len(mine.steps))
    if step == 0:
        where = say("{cohort} starts {at}", cohort=mine.cohort.name, at=mine.begins(1))
    return Message(
        title=say("Your progress"),
        parts=(Text(text=where), Facts(facts=tuple(facts))),
        buttons=(Button(label=say("What next?"), line="next"), Button(label=say("Roadmap"), line="roadmap")),
    )


def phase_fact(phase: Phase, tally: Tally) -> Fact:
    """How much of the phase is done, for a list of facts."""
    done, whole = tally.share(task for each in phase.milestones for task in each.tasks)
    return Fact(label=phase.title, value=say("{bar} {done} of {n}", bar=_bar(done, whole), done=done, n=whole))


def streak_fact(weeks: int) -> Fact:
    """The streak, for a list of facts."""
    return Fact(label=say("Streak"), value=say_n("{n} week", "{n} weeks", weeks))


def _bar(done: int, whole: int) -> str:
    """Ten squares; the first fills with the first task, the last only with the last one."""
    full = 10 if done == whole else min(9, max(int(done > 0), 10 * done // max(whole, 1)))
    return "▰" * full + "▱" * (10 - full)
