"""`/cohort upgrade`: a cohort goes on by the installed version of its curriculum, after its facilitator has seen what
that does.
"""

from collections.abc import Sequence
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Fact, Facts, Item, Message, Text, paragraphs, press
from bot.chat.platform import Call, Clock
from bot.chat.wording import Moment, Phrase, Value, as_typed, listed, say, say_n
from bot.commands.study import WhichCohort
from bot.curriculum.load import Curricula
from bot.curriculum.plan import Step
from bot.delivery import upgrading
from bot.delivery.calendar import Calendar
from bot.delivery.compose import step_title
from bot.delivery.outbox import Delivery
from bot.delivery.projecting import Projecting
from bot.delivery.upgrading import Upgrade, newer
from bot.records import audit
from bot.records.cohorts import Cohort
from bot.records.records import Records

MOST_NAMED = 8


@command(allow=Rank.FACILITATOR)
async def cohort_upgrade(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery, projecting: Projecting,
    cohort: WhichCohort = None,
    shown: Annotated[str | None, Arg("What were you shown? Its button knows", max=16, pressed=True)] = None,
) -> Message:  # fmt: skip
    """Go on by the newest version of the curriculum; you see what it does first."""
    found = await records.cohort(call, cohort)
    if shown is None:
        offered = await records.write(upgrading.propose, found, curricula, clock.now())
        delivery.soon()
        return _preview(offered)
    make = audit.kept(call, upgrading.make, clock.now(), found)
    made = await records.write(make, found, curricula, clock.now(), shown)
    delivery.soon()
    projecting.soon()
    return Message(
        title=say("Done. {change}", change=_sentence(made)),
        parts=(Text(text=_ticks(made)), Facts(facts=tuple(_season(made)))),
        buttons=(press(say("Status"), "cohort status", {"cohort": found.key}),),
    )


def upgrade_item(curricula: Curricula, cohort: Cohort) -> list[Item]:
    """That a newer version is there, with the button that shows what it does; nothing if there is none."""
    found = newer(curricula, cohort)
    if found is None:
        return []
    return [
        Item(
            title=say("{title} {version} is installed", title=found.title, version=found.version),
            text=say("{cohort} follows {version} until you upgrade it.", cohort=cohort.name, version=cohort.version),
            button=press(say("Upgrade"), "cohort upgrade", {"cohort": cohort.key}),
        )
    ]


def _preview(offered: Upgrade) -> Message:
    given = {"cohort": offered.cohort.key, "shown": offered.seal}
    late = say(
        "New in weeks that are over, so not posted any more: {tasks}. {line} shows it with week {n}.",
        tasks=listed([each.text for each in offered.late], most=MOST_NAMED), line=as_typed("week"), n=offered.posted,
    )  # fmt: skip
    return Message(
        title=say("Preview: nothing is changed yet"),
        parts=(
            *paragraphs(
                say("**{change}**", change=_sentence(offered)),
                say("⚠ The installed version is the older one of the two.") if offered.is_back else None,
                _ticks(offered),
            ),
            Facts(facts=(*_tasks(offered), *_season(offered))),
            *paragraphs(_frozen(offered) if offered.posted else None, late if offered.late else None),
        ),
        buttons=(press(say("Do it"), "cohort upgrade", given, style="primary"),),
    )


def _sentence(upgrade: Upgrade) -> Phrase:
    return say(
        "{cohort} goes from {title} {before} to {version}.",
        cohort=upgrade.cohort.name, title=upgrade.now.title, before=upgrade.before.version, version=upgrade.now.version,
    )  # fmt: skip


def _ticks(upgrade: Upgrade) -> Phrase:
    ticks = upgrade.ticks
    learners = say_n("{n} learner", "{n} learners", ticks.learners)
    moved = say_n("{n} tick moves", "{n} ticks move", ticks.moved)
    return say("{learners}: {moved}, {lost} lost.", learners=learners, moved=moved, lost=ticks.lost)


def _tasks(upgrade: Upgrade) -> list[Fact]:
    """Which tasks come, change and go."""
    became = upgrade.difference
    pairs = [(each.text, task.text) for each in became.renamed if (task := upgrade.now.task(each.id))]
    renamed = [was if was == now else say("{before} → {task}", before=was, task=now) for was, now in pairs]
    facts: list[tuple[Phrase, Sequence[Value]]] = [
        (say("New tasks"), [each.text for each in became.added]),
        (say("Renamed, with their ticks"), renamed),
        (say("Taken out"), [each.text for each in became.retired]),
        (say("⚠ Gone without a word"), [each.text for each in became.lost]),
    ]
    return [Fact(label=label, value=listed(tasks, most=MOST_NAMED)) for label, tasks in facts if tasks]


def _season(upgrade: Upgrade) -> list[Fact]:
    """How long the season is, what comes next and when it ends, before and after."""
    facts = [Fact(label=say("Weeks"), value=_both(len(upgrade.steps_before), len(upgrade.steps)))]
    was, comes = (_next(upgrade, *of) for of in _sides(upgrade))
    facts.append(Fact(label=say("Next milestone"), value=_both(was, comes)))
    was_last, last = (_last(*of) for of in _sides(upgrade))
    facts.append(Fact(label=say("Last milestone"), value=_both(was_last, last)))
    return facts


def _sides(upgrade: Upgrade) -> tuple[tuple[Cohort, tuple[Step, ...]], tuple[Cohort, tuple[Step, ...]]]:
    return (upgrade.was, upgrade.steps_before), (upgrade.cohort, upgrade.steps)


def _next(upgrade: Upgrade, cohort: Cohort, steps: tuple[Step, ...]) -> Value:
    if upgrade.posted >= len(steps):
        return say("none any more")
    title = step_title(steps[upgrade.posted])
    at = Calendar.of(cohort).due_at("milestone", upgrade.posted + 1)
    return say("{title}, {at}", title=title, at=Moment(at=at, zone=cohort.zone.key)) if at else title


def _last(cohort: Cohort, steps: tuple[Step, ...]) -> Value:
    at = Calendar.of(cohort).due_at("milestone", len(steps))
    return Moment(at=at, zone=cohort.zone.key) if at else say("no date")


def _both(was: Value, now: Value) -> Value:
    """What was and what is then; once, where it is the same."""
    return now if was == now else say("{was_at} → {at}", was_at=was, at=now)


def _frozen(offered: Upgrade) -> Phrase:
    if offered.posted == 1:
        return say("Week 1 is posted: it stays as it is, and does not come again.")
    return say("Weeks 1 to {n} are posted: they stay as they are, and do not come again.", n=offered.posted)
