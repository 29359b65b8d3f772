"""What posts say, decided when they are sent: the words of a milestone and of a check-in prompt, and who has others."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.chat import line
from bot.chat.message import Button, Item, Message, Part, Post, Text
from bot.chat.wording import Markdown, Phrase, Value, Wording, listed, say, say_n
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum, Kind, Resource, Target, Task
from bot.curriculum.plan import Step
from bot.curriculum.tally import Tally
from bot.delivery import announcing, digests, inviting, letters, questions, reminding, seating, sharing
from bot.delivery.announcing import Draft
from bot.delivery.calendar import Calendar
from bot.delivery.links import warning
from bot.delivery.versions import followed, weeks
from bot.records import claims, cohorts, post_notes, posts, progress
from bot.records.bends import Weekly
from bot.records.claims import Due
from bot.records.cohorts import Cohort
from bot.records.links import Marks, load_marks
from bot.records.post_notes import NOTHING, PostNote

MOST_RESOURCES = 8
_KINDS: dict[Kind, Phrase] = {
    "book": say("Book"),
    "course": say("Course"),
    "video": say("Video"),
    "tool": say("Tool"),
    "practice": say("Practice"),
    "code": say("Code"),
    "blog": say("Blog"),
    "thread": say("Thread"),
    "forum": say("Forum"),
    "write-up": say("Write-up"),
    "strategy": say("Strategy"),
}


class NotOffered(Exception):  # noqa: N818 - what is the matter, in the design's words
    """The cohort's curriculum is not on offer; an operator has to put it back."""


def compose(connection: Connection, due: Due, curricula: Curricula, now: datetime) -> Post | None:
    """The post for a claimed row, as it is to be said now; None if there is nothing left to say, or not any more.

    Raises NotOffered if it needs the cohort's curriculum and that is not there; and for a private reminder or a letter
    what `reminding.privately` or `letters.privately` raises.
    """
    if claims.is_taken_back(connection, due):
        return None
    return _written(connection, due, cohorts.get(connection, due.cohort_id), curricula, now)


def drafts(
    connection: Connection, cohort: Cohort, kind: Weekly, step: int, curricula: Curricula, now: datetime
) -> list[Draft]:
    """The post that is planned for the step as it would be sent now, for each place that posts can reach.

    A place where there is nobody to say it to has none. Raises NotOffered as `compose` does.
    """
    calendar, made = Calendar.of(cohort), list[Draft]()
    for at in cohorts.places(connection, cohort.id):
        if at.lost_because is None:
            key = posts.key_of(cohort.key, kind, calendar.slot(kind, step), at.id)
            payload, due_at = {"step": calendar.about(step)}, calendar.local_at(kind, step)
            due = Due(0, key, kind, cohort.id, at.id, at.place, payload, due_at, 1, "", now)
            if post := _written(connection, due, cohort, curricula, now):
                made.append(Draft(at, post, None))
    return made


def _written(connection: Connection, due: Due, cohort: Cohort, curricula: Curricula, now: datetime) -> Post | None:
    if due.announcement_id is not None:
        return announcing.copy(connection, due, due.announcement_id, cohort)
    if due.kind == "letter":
        return letters.privately(connection, due, cohort, now)
    if "message" in due.payload:
        message = Message.model_validate(due.payload["message"])
        return Post(key=due.key, message=message, locale=cohort.language)
    if due.kind == "answer":
        return sharing.shown(connection, due, cohort)
    curriculum = followed(curricula, cohort)
    if curriculum is None:
        raise NotOffered(f"cohort {cohort.code}: its curriculum {cohort.curriculum} is not on offer")
    match due.kind:
        case "nudge" | "snooze" | "missed":
            return reminding.privately(connection, due, cohort, curriculum, now)
        case "reminder":
            reminder = reminding.in_thread(connection, due, cohort, now)
            return reminder and _headed(reminder, _said_in(connection, due, cohort))
    season = weeks(curricula, cohort)
    match due.kind:
        case "digest":
            return digests.in_place(connection, due, cohort, curriculum, len(season), now)
        case "report":
            return digests.report(connection, due, cohort, curriculum, len(season), now)
        case "seat":
            return seating.privately(connection, due, cohort, len(season), now)
        case "welcome":
            return seating.welcome(connection, due, cohort, len(season), now)
        case "invitation":
            return inviting.composed(connection, due, cohort, curriculum, len(season), now)
    week, said = season[min(due.payload["step"], len(season)) - 1], _said_in(connection, due, cohort)
    step = week.step
    if due.kind == "checkin":
        asked = questions.asked(curriculum, cohort, posts.what_of(due.key))
        return _headed(Post(key=due.key, message=_prompt(step, asked), locale=cohort.language), said)
    marks, live = load_marks(connection, cohort.community_id), _live_line(connection, cohort, curriculum, step)
    message = week_message(week.by, step, week.of, marks, said=said, live=live)
    thread = say("Week {n}: {title}", n=step.number, title=said.title or step_title(step))
    return Post(key=due.key, message=message, locale=cohort.language, thread=thread)


def _said_in(connection: Connection, due: Due, cohort: Cohort) -> PostNote:
    """What a facilitator says in the post."""
    step = due.payload.get("step")
    if due.kind != "milestone":  # the step that it is about may be an earlier one, while a phase is kept open
        step = Calendar.of(cohort).asking(posts.what_of(due.key))
    return post_notes.get(connection, cohort.id, due.kind, step) if step else NOTHING


def _headed(post: Post, said: PostNote) -> Post:
    """The post with the note at its top, if there is one."""
    if said.note is None:
        return post
    parts = (Text(text=Markdown(source=said.note)), *post.message.parts)
    return post.model_copy(update={"message": post.message.model_copy(update={"parts": parts})})


def _live_line(connection: Connection, cohort: Cohort, curriculum: Curriculum, step: Step) -> Phrase | None:
    """How the cohort gets on with the week's tasks that are not optional; None if there is nobody or nothing to do."""
    present = (task for each in step.tasks if (task := curriculum.task(each.id)))
    tasks = {task.id: task for task in present if not task.optional}
    former = {old for old in curriculum.moved.tasks if (now := curriculum.task(old)) and now.id in tasks}
    logged = progress.of_cohort(connection, cohort.id, curriculum.id, {*tasks, *former}) if tasks else []
    tallies = [Tally.read(curriculum, each) for each in logged]
    through = sum(all(each.is_done(task) for task in tasks.values()) for each in tallies)
    if not tallies:
        return None
    if not through:
        return say_n("{n} member is on this week's tasks.", "{n} members are on this week's tasks.", len(tallies))
    return say_n(
        "🎉 {done} of {n} member has finished this week.", "🎉 {done} of {n} members have finished this week.",
        len(tallies), done=through,
    )  # fmt: skip


def week_title(step: Step, weeks: int, said: PostNote) -> Phrase:
    """What a week of the season is called, by its milestones or as facilitators say."""
    return say("Week {n} of {weeks}: {title}", n=step.number, weeks=weeks, title=said.title or step_title(step))


def week_message(
    curriculum: Curriculum, step: Step, weeks: int, marks: Marks, tally: Tally | None = None,
    *, said: PostNote = NOTHING, live: Phrase | None = None,
) -> Message:  # fmt: skip
    """A week of the season: what it is about, its tasks and its resources. With a tally, as one member stands.

    `said` is what facilitators say of it; `live` is a line that keeps up with how the cohort gets on.
    """
    lead: list[Wording] = [Markdown(source=said.note)] if said.note else []
    lead.append(say("Phase: {phase}", phase=step.phase.title))
    if step.parts > 1:
        lead.append(say("Week {part} of {parts} of this milestone", part=step.part, parts=step.parts))
    about = next((each.about for each in step.milestones if each.about), None)
    parts: list[Part] = [Text(text=each) for each in [*lead, *([about] if about else []), *([live] if live else [])]]
    added = [each.title for each in step.milestones if each.ours]
    if len(added) == len(step.milestones):
        parts.append(Text(text=say("Added by Milepost; not in the original.")))
    elif added:
        parts.append(Text(text=say("Added by Milepost; not in the original: {milestones}", milestones=listed(added))))
    if step.tasks:
        parts += own_tasks(step.tasks, tally) if tally else [task_item(task) for task in step.tasks]
    else:
        parts.append(Text(text=say("No new tasks this week: carry on with this milestone, or catch your breath.")))
    resources = step_resources(curriculum, step)[:MOST_RESOURCES]
    if resources:
        parts.append(Text(text=say("**To read, watch and use**")))
        parts += [resource_item(each, marks) for each in resources]
    return Message(
        title=week_title(step, weeks, said),
        parts=tuple(parts),
        buttons=(
            Button(label=say("Check in"), line="checkin", style="primary"),
            Button(label=say("I'm stuck"), line="stuck"),
            Button(label=say("What next?"), line="next"),
        ),
    )


def step_resources(curriculum: Curriculum, step: Step) -> list[Resource]:
    """What the week's tasks point to, each once."""
    named = dict.fromkeys(each for task in step.tasks for each in task.resources)
    return [found for each in named if (found := curriculum.resource(each))]


def step_title(step: Step) -> Value:
    """The titles of the week's milestones, as one value."""
    return listed([each.title for each in step.milestones])


def own_tasks(tasks: Sequence[Task], tally: Tally) -> list[Part]:
    """The tasks as one member stands, and below the first open one that a habit carries, that habit with its steps."""
    parts: list[Part] = []
    told = set[str]()
    for task in tasks:
        parts.append(task_item(task, tally))
        habit = tally.curriculum.strategy(task.strategy) if task.strategy and not tally.is_done(task) else None
        if habit and habit.id not in told:
            told.add(habit.id)
            # An item, as platforms keep neighbouring items together and would part a text from the task above it.
            parts.append(Item(title=say("How: {habit}", habit=habit.title), text=listed(habit.steps, " · ")))
    return parts


def task_item(task: Task, tally: Tally | None = None) -> Item:
    """A task: what it takes, what it is about, and a button that marks it done. With a tally, as one member stands."""
    notes: list[Value] = [say("optional")] if task.optional else []
    if task.when:
        notes.append(task.when)
    hours = int(task.hours) if task.hours == int(task.hours) else task.hours
    notes.append(say("about {hours} h", hours=hours))
    if task.target:
        notes.append(counted(task.target, tally.amount(task) if tally else 0))
    is_done = tally is not None and tally.is_done(task)
    if tally and not is_done:
        first = [
            found.text for each in task.requires if (found := tally.curriculum.task(each)) and not tally.is_done(found)
        ]
        notes += [say("builds on “{task}”", task=each) for each in first]
    if task.about and not is_done:
        notes.append(task.about)
    title = say("✓ {task}", task=task.text) if is_done else task.text
    return Item(title=title, text=listed(notes, " · "), button=None if is_done else done_button(task))


def done_button(task: Task) -> Button:
    """Marks the task done at one press; a counted task asks how much."""
    given = {"task": task.id}
    if task.target:
        return Button(label=say("Count"), line=line.write("done", given, asks=True))
    return Button(label=say("Done"), line=line.write("done", given))


def counted(target: Target, done: int) -> Phrase:
    """How much of a countable task is done: `12 of 50 messages`."""
    return say("{done} of {n} {unit}", done=done, n=target.count.min, unit=target.unit)


def resource_item(resource: Resource, marks: Marks, *extra: Wording) -> Item:
    """A resource with its link, what it is, and what is wrong with the link if anything is."""
    # Sentences come last: a dot in the middle of the line looks lost after a full stop.
    notes: list[Value] = [_KINDS[resource.kind], *extra, *([resource.about] if resource.about else [])]
    said: list[Value] = [listed(notes, " · ")]
    if resource.caution:
        said.append(say("⚠ {caution}", caution=resource.caution))
    if mark := marks.of(resource.url):
        said.append(warning(mark))
    return Item(title=resource.title, text=listed(said, " "), link=resource.url)


def _prompt(step: Step, asked: Wording) -> Message:
    return Message(
        title=say("Check-in: how was week {n}?", n=step.number),
        parts=(
            Text(text=asked),
            Text(text=say("A line is plenty: what you did, what comes next, and whether anything is in your way.")),
            Text(text=say("Your facilitators read it; your cohort does only if you share it.")),
        ),
        buttons=(
            Button(label=say("Check in"), line="checkin", style="primary"),
            Button(label=say("I'm blocked"), line="?blocked"),
        ),
    )
