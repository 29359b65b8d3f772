"""`/cohort rules`: what a cohort allows its members, and what it is told."""

from dataclasses import replace
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Fact, Facts, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import as_typed, say, say_n
from bot.commands.study import suggest_cohorts
from bot.records import audit, cohorts
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_rules(
    call: Call, records: Records, clock: Clock,
    passes: Annotated[int | None, Arg("How many weeks may each member pass?", min=0, max=52)] = None,
    digest: Annotated[bool | None, Arg("Is the cohort told how its week went?")] = None,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
) -> Message:  # fmt: skip
    """See what a cohort allows its members and is told, or change it."""
    found = await records.cohort(call, cohort)
    title = say("The rules of {cohort}", cohort=found.name)
    changed = replace(
        found, passes=found.passes if passes is None else passes,
        has_digest=found.has_digest if digest is None else digest,
    )  # fmt: skip
    if changed != found:
        await records.write(audit.kept(call, cohorts.set_rules, clock.now(), found), changed)
        title = say("The rules of {cohort} are changed.", cohort=found.name)
    each = say_n("{n} week of a season", "{n} weeks of a season", changed.passes)
    facts = (
        Fact(label=say("A member may pass"), value=each),
        Fact(label=say("The cohort is told how its week went"), value=changed.has_digest),
    )
    return Message(
        title=title,
        parts=(
            Facts(facts=facts),
            Text(text=say("Time away until a day needs no pass: {line}", line=as_typed("pass", "until:…"))),
        ),
        buttons=(Button(label=say("Change it"), line=line.write("cohort rules", {"cohort": found.code}, asks=True)),),
    )
