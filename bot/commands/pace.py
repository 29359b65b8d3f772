"""`/pace`: one's own plan, some weeks behind the cohort or ahead of it, without leaving it."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import say, say_n
from bot.commands.study import Study, study, suggest_own_cohorts
from bot.curriculum.load import Curricula
from bot.records import members
from bot.records.records import Records

MOST = 52  # weeks


@command(allow=Rank.MEMBER)
async def pace(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    weeks: Annotated[int | None, Arg("How many weeks behind? (0: in step)", min=-MOST, max=MOST)] = None,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_own_cohorts)] = None,
) -> Message:  # fmt: skip
    """Move your own plan by some weeks, or back in step."""
    mine = await study(call, records, curricula, cohort)
    title = say("Your own pace")
    if weeks is not None and weeks != mine.enrolment.behind:
        await records.write(members.set_pace, mine.enrolment, weeks)
        mine = replace(mine, enrolment=replace(mine.enrolment, behind=weeks))
        title = say("Your plan is moved.") if weeks else say("You are back in step.")
    behind = mine.enrolment.behind
    return Message(
        title=title,
        parts=(
            Text(text=mine.apart(clock.now()) or say("Your plan goes in step with {cohort}.", cohort=mine.cohort.name)),
            *_next_week(mine, clock.now()),
            Text(text=say("Your tasks follow your plan. Check-ins, meetings and posts go on with your cohort.")),
        ),
        buttons=(
            Button(label=say("This week"), line="week", style="primary"),
            *([Button(label=say("A week later"), line=_moved(mine, behind + 1))] if behind < MOST else []),
            *([Button(label=say("A week earlier"), line=_moved(mine, behind - 1))] if behind > -MOST else []),
            *([Button(label=say("In step"), line=_moved(mine, 0))] if abs(behind) > 1 else []),
        ),
    )


def _next_week(mine: Study, now: datetime) -> list[Text]:
    """When the next week of the member's plan begins, if there is one; of a first one, `apart` says so already."""
    step = mine.step_at(now) + 1
    if step > len(mine.steps) or (step == 1 and mine.enrolment.behind):
        return []
    return [Text(text=say("Your week {n} begins {at}.", n=step, at=mine.begins(step)))]


def _moved(mine: Study, behind: int) -> str:
    return line.write("pace", {"weeks": str(behind), "cohort": mine.cohort.key})


def move_button(mine: Study, weeks: int) -> Button:
    """Moves the member's plan on by the weeks that they take off; pressed twice it moves it once."""
    label = say_n("Move my plan by {n} week", "Move my plan by {n} weeks", weeks)
    return Button(label=label, line=_moved(mine, min(mine.enrolment.behind + weeks, MOST)))
