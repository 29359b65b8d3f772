"""How far somebody has come: what the log says, read against the curriculum as it is now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.curriculum.model import Curriculum, Milestone, Task
from bot.curriculum.plan import Step


@dataclass(frozen=True, slots=True)
class Tally:
    """Amounts per task. Renamed tasks keep theirs; tasks that were taken out do not count."""

    curriculum: Curriculum
    amounts: Mapping[str, int]

    @classmethod
    def read(cls, curriculum: Curriculum, logged: Mapping[str, int]) -> "Tally":
        """The amounts of the log, by the tasks' present ids."""
        amounts: dict[str, int] = {}
        for task_id, amount in logged.items():
            if task := curriculum.task(task_id):
                amounts[task.id] = amounts.get(task.id, 0) + amount
        return cls(curriculum, amounts)

    def amount(self, task: Task) -> int:
        """How much of the task is done: 1 or 0, or what was counted."""
        return self.amounts.get(task.id, 0)

    def is_done(self, task: Task) -> bool:
        """Whether the task is done; a counted one is from the least of its target on."""
        return self.amount(task) >= needed(task)

    def share(self, tasks: Iterable[Task]) -> tuple[int, int]:
        """How many of the tasks are done, of how many that are not optional; an optional one counts once it is done."""
        done = left = 0
        for task in tasks:
            done += self.is_done(task)
            left += not self.is_done(task) and not task.optional
        return done, done + left

    def is_reached(self, milestone: Milestone) -> bool:
        """Whether all of the milestone's tasks are done that are not optional."""
        done, whole = self.share(milestone.tasks)
        return done == whole

    def next_tasks(self, season: Iterable[Step], up_to: int, limit: int) -> list[Task]:
        """What to do next: open tasks of the weeks up to `up_to`, the newest week first and optional ones last.

        Somebody who is through with those gets the open tasks of the weeks to come, week by week.
        """
        steps = list(season)
        now = [task for step in reversed(steps[:up_to]) for task in step.tasks if not self.is_done(task)]
        later = [
            task
            for step in steps[up_to:]
            for task in sorted(step.tasks, key=lambda task: task.optional)
            if not self.is_done(task)
        ]
        return (sorted(now, key=lambda task: task.optional) + later)[:limit]


def needed(task: Task) -> int:
    """How much of the task makes it done."""
    return task.target.count.min if task.target else 1
