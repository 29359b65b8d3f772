"""What is worth a celebration: a milestone, a phase, the curriculum. It is private until its member shares it."""

from dataclasses import dataclass
from typing import Literal

from bot.chat import line
from bot.chat.message import Button, Message, Part, Picture, Text, text
from bot.chat.platform import Call, Clock, Person, Refusal
from bot.chat.wording import Phrase, Words, listed, say
from bot.commands.study import Study, check_reachable, check_running
from bot.curriculum.model import Curriculum, Milestone, Phase
from bot.curriculum.tally import Tally
from bot.delivery import sharing
from bot.delivery.outbox import Delivery
from bot.records import cohorts
from bot.records.records import Records


@dataclass(frozen=True, slots=True)
class Reached:
    """Something to reach: one milestone, a phase, the curriculum. It is reached when all of its milestones are."""

    what: Literal["milestone", "phase", "curriculum"]
    id: str
    title: Words
    milestones: tuple[Milestone, ...]

    @classmethod
    def milestone(cls, milestone: Milestone) -> "Reached":
        """To reach the milestone."""
        return cls("milestone", milestone.id, milestone.title, (milestone,))

    @classmethod
    def phase(cls, phase: Phase) -> "Reached":
        """To finish the phase."""
        return cls("phase", phase.id, phase.title, phase.milestones)

    @classmethod
    def curriculum(cls, curriculum: Curriculum) -> "Reached":
        """To finish the curriculum."""
        return cls("curriculum", curriculum.id, curriculum.title, curriculum.milestones)

    def is_by(self, tally: Tally) -> bool:
        """Whether somebody with that tally has reached it."""
        return all(map(tally.is_reached, self.milestones))


def newly_reached(was: Tally, now: Tally, task: str) -> Reached | None:
    """The most that was reached with the task: the curriculum, else its phase, else its milestone, else nothing."""
    curriculum = now.curriculum
    milestone = curriculum.milestone_of(task)
    if milestone is None:
        return None
    phases = (Reached.phase(each) for each in curriculum.phases if milestone in each.milestones)
    candidates = (Reached.curriculum(curriculum), *phases, Reached.milestone(milestone))
    return next((each for each in candidates if each.is_by(now) and not each.is_by(was)), None)


def celebrated(reached: Reached, person: Person) -> tuple[Part, ...]:
    """What the one who reached it sees."""
    match reached.what:
        case "milestone":
            told = say("🎉 That completes the milestone **{title}**.", title=reached.title)
        case "phase":
            told = say("🎉 That finishes the phase **{title}**.", title=reached.title)
        case _:
            told = say("🎉 That finishes **{title}**, all of it. Well done!", title=reached.title)
    return _card(reached, person), Text(text=told)


def share_button(reached: Reached) -> Button:
    """Shows it to the cohort."""
    given: dict[str, str] = {} if reached.what == "curriculum" else {reached.what: reached.id}
    return Button(label=say("Share"), line=line.write(f"share {reached.what}", given), style="primary")


async def share_reached(
    call: Call, records: Records, clock: Clock, delivery: Delivery, mine: Study, reached: Reached
) -> Message:
    """Show it to the cohort, once and for all. Raises a Refusal if it is not reached, or not any more."""
    check_running(mine.cohort)
    places = await records.read(cohorts.places, mine.cohort.id)
    if all(each.lost_because for each in places):
        check_reachable(call, places[0])
    shown = await records.write(
        sharing.share_reached, mine.enrolment, mine.curriculum, reached.milestones,
        call.person.once(f"{reached.what}-{reached.id}"), clock.now(),
        Message(parts=(_card(reached, call.person), Text(text=_shown(reached, call.person)))),
    )  # fmt: skip
    if shown is None:
        done, whole = mine.tally.share(task for each in reached.milestones for task in each.tasks)
        raise Refusal(
            "{title} is not finished, so there is nothing to share: {done} of {n} tasks are done.",
            title=reached.title, done=done, n=whole,
        )  # fmt: skip
    if not shown:
        return text(say("{cohort} has been shown this already.", cohort=mine.cohort.name))
    delivery.soon()
    return text(say("{title} is shown to {cohort}.", title=reached.title, cohort=mine.cohort.name))


def _card(reached: Reached, person: Person) -> Picture:
    """A picture that names the person and what was reached, and nothing else."""
    kicker: dict[str, Phrase] = {
        "milestone": say("Milestone reached"),
        "phase": say("Phase finished"),
        "curriculum": say("Curriculum finished"),
    }
    name, title = person.mention().name, reached.title
    return Picture(
        template=f"card_{reached.what}",
        values={"kicker": kicker[reached.what], "title": title, "name": name},
        alt=listed([say("{label}: {value}", label=kicker[reached.what], value=title), name], between=". "),
    )


def _shown(reached: Reached, person: Person) -> Phrase:
    """What everybody reads."""
    who, title = person.mention(), reached.title
    match reached.what:
        case "milestone":
            return say("🎉 {person} reached the milestone **{title}**.", person=who, title=title)
        case "phase":
            return say("🎉 {person} finished the phase **{title}**.", person=who, title=title)
        case _:
            return say("🎉 {person} finished all of **{title}**.", person=who, title=title)
