"""`/roadmap`: phases and milestones, and where one is."""

from collections.abc import Sequence

from bot.chat.command import command
from bot.chat.message import Button, Fact, Facts, Item, Message, Part, Picture, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Phrase, Value, Wording, listed, say, say_n
from bot.commands.progress import week_of
from bot.commands.study import Study, curriculum_here, study
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum, Phase
from bot.curriculum.plan import Step, plan
from bot.delivery.compose import step_title
from bot.records.records import Records


@command()
async def roadmap(call: Call, records: Records, curricula: Curricula, clock: Clock) -> Message:
    """See the phases and milestones, and where you are."""
    if await records.enrolment_if_any(call) is None:
        curriculum = await curriculum_here(call, records, curricula)
        steps = plan(curriculum)
        extent = say_n(
            "{n} week, about {hours} h a week.", "{n} weeks, about {hours} h a week.",
            len(steps), hours=curriculum.pace.hours_per_week,
        )  # fmt: skip
        lead: list[Wording] = [*([curriculum.about] if curriculum.about else []), extent]
        return Message(
            title=say("Roadmap: {title}", title=curriculum.title),
            parts=(
                roadmap_picture(curriculum, steps, None, extent),
                *(Text(text=each) for each in lead),
                *(_phase(each, steps, None) for each in curriculum.phases),
                *_credit(curriculum),
            ),
            buttons=(Button(label=say("Join"), line="join", style="primary"),),
        )
    mine = await study(call, records, curricula)
    number = mine.step_at(clock.now())
    step, where = mine.steps[max(1, number) - 1], week_of(mine, number)
    parts: list[Part] = [roadmap_picture(mine.curriculum, mine.steps, mine, where, step=number)]
    parts.append(Text(text=mine.apart(clock.now()) or where))
    parts += [_phase(each, mine.steps, mine, is_now=each is step.phase) for each in mine.curriculum.phases]
    parts += _aims(step.phase)
    parts.append(Text(text=say("**{phase}, week by week**", phase=step.phase.title)))
    return Message(
        title=say("Roadmap: {title}", title=mine.curriculum.title),
        parts=(*parts, Facts(facts=tuple(_milestones(mine, step))), *_credit(mine.curriculum)),
        buttons=(Button(label=say("This week"), line="week"), Button(label=say("Progress"), line="progress")),
    )


def roadmap_picture(
    curriculum: Curriculum, steps: Sequence[Step], mine: Study | None, where: Phrase, *, step: int = 0
) -> Picture:
    """The season as a strip with a piece for each phase, the phases with their lengths, and where the member is."""
    now = steps[step - 1] if step else None
    phases: list[dict[str, Value]] = []
    said: list[Value] = []
    for number, phase in enumerate(curriculum.phases, start=1):
        weeks = _weeks(phase, steps)
        done, whole = mine.tally.share(phase.tasks) if mine else (0, 1)
        is_here = now is not None and now.phase is phase
        is_begun = mine is None or done or weeks[-1] < step
        row: dict[str, Value] = {
            "title": phase.title, "first": weeks[0], "last": weeks[-1],
            "extent": listed([_from_to(weeks), *([phase.duration] if phase.duration else [])], " · "),
            "share": say("{n} of {whole}", n=done, whole=whole) if mine else "",
            "state": "here" if is_here else "done" if done == whole else "begun" if is_begun else "ahead",
            "now": say("Now: {title}", title=step_title(now)) if now and is_here else "",
        }  # fmt: skip
        phases.append(row)
        told = [row["extent"], *(row[each] for each in ("share", "now") if row[each])]
        said.append(say("{n}. {phase}: {what}", n=number, phase=phase.title, what=listed(told)))
    return Picture(
        template="roadmap",
        values={"title": curriculum.title, "where": where, "weeks": len(steps), "now": step, "phases": tuple(phases)},
        alt=listed([curriculum.title, where, *said], between=". "),
    )


def _weeks(phase: Phase, steps: Sequence[Step]) -> list[int]:
    """The phase's weeks; of one that came new when its weeks were over, the one that its milestones have joined."""
    of = [each.number for each in steps if each.phase is phase]
    return of or [each.number for each in steps if any(known in each.milestones for known in phase.milestones)]


def _from_to(weeks: Sequence[int]) -> Phrase:
    if len(weeks) == 1:
        return say("week {n}", n=weeks[0])
    return say("weeks {first} to {last}", first=weeks[0], last=weeks[-1])


def _phase(phase: Phase, steps: Sequence[Step], mine: Study | None, *, is_now: bool = False) -> Item:
    notes: list[Value] = [_from_to(_weeks(phase, steps))]
    if mine:
        done, whole = mine.tally.share(phase.tasks)
        notes.append(say("{done} of {n} tasks done", done=done, n=whole))
    if phase.duration:
        notes.append(phase.duration)
    title = say("▶ {phase} (you are here)", phase=phase.title) if is_now else phase.title
    return Item(title=title, text=listed(notes, " · "))


def _aims(phase: Phase) -> list[Part]:
    """What the phase is about, and what one is able to do after it."""
    parts: list[Part] = []
    if phase.about:
        parts.append(Text(text=say("**{phase}**: {about}", phase=phase.title, about=phase.about)))
    if phase.goals:
        goals = listed([goal.text for goal in phase.goals], " · ")
        parts.append(Text(text=say("**What it leads to**: {goals}", goals=goals)))
    return parts


def _credit(curriculum: Curriculum) -> list[Part]:
    """Whose work the curriculum is: title and author with a link, the licence, and what its author says of it."""
    source = curriculum.source
    work = say("[{title}]({url})", title=source.title or curriculum.title, url=source.url or "")
    if source.author:
        work = say("{work} by {author}", work=work, author=source.author)
    named = source.title or source.author or source.url
    lines: list[Wording] = [listed([work, *([source.license] if source.license else [])])] if named else []
    return [Text(text=each) for each in [*lines, *([source.note] if source.note else [])]]


def _milestones(mine: Study, now: Step) -> list[Fact]:
    facts = []
    for milestone in now.phase.milestones:
        weeks = [each.number for each in mine.steps if milestone in each.milestones]
        done, whole = mine.tally.share(milestone.tasks)
        mark = "✓" if mine.tally.is_reached(milestone) else "▶" if milestone in now.milestones else "·"
        label = say("{mark} Week {n}", mark=mark, n=weeks[0])
        if len(weeks) > 1:
            label = say("{mark} Weeks {first} to {last}", mark=mark, first=weeks[0], last=weeks[-1])
        facts.append(Fact(label=label, value=say("{title} ({done}/{n})", title=milestone.title, done=done, n=whole)))
    return facts
