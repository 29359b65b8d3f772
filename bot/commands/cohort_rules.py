"""`/cohort rules`: what a cohort allows its members."""

from dataclasses import replace
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Fact, Facts, Message, Text
from bot.chat.platform import Call
from bot.chat.wording import as_typed, say, say_n
from bot.commands.study import suggest_cohorts
from bot.records import cohorts
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_rules(
    call: Call, records: Records,
    passes: Annotated[int | None, Arg("How many weeks may each member pass?", min=0, max=52)] = None,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
) -> Message:  # fmt: skip
    """See what a cohort allows its members, or change it."""
    found = await records.cohort(call, cohort)
    title = say("The rules of {cohort}", cohort=found.name)
    if passes is not None and passes != found.passes:
        await records.write(cohorts.set_passes, found.id, passes)
        found = replace(found, passes=passes)
        title = say("The rules of {cohort} are changed.", cohort=found.name)
    each = say_n("{n} week of a season", "{n} weeks of a season", found.passes)
    return Message(
        title=title,
        parts=(
            Facts(facts=(Fact(label=say("A member may pass"), value=each),)),
            Text(text=say("Time away until a day needs no pass: {line}", line=as_typed("pass", "until:…"))),
        ),
        buttons=(Button(label=say("Change it"), line=line.write("cohort rules", {"cohort": found.code}, asks=True)),),
    )
