"""`/cohort checkins`: what a cohort's members answered for a week, also what they did not share."""

import re
from collections.abc import Sequence
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Fact, Facts, Item, Message, Text
from bot.chat.platform import DIRECT, Call, Clock
from bot.chat.wording import Value, listed, say, say_n
from bot.commands.study import suggest_cohorts
from bot.commands.which_week import name_of, suggest_weeks, week_before, week_of_cohort
from bot.records import checkins, cohorts
from bot.records.checkins import Answer
from bot.records.cohorts import Cohort
from bot.records.records import Records

A_PAGE = 8  # check-ins; with what each says, that is what one message on Discord holds
LONGEST = 140  # characters of one answer
MOST_NAMED = 60  # names in one line
_CODE = re.compile(r"c([1-9][0-9]{0,8})")


@command(allow=Rank.FACILITATOR)
async def cohort_checkins(
    call: Call, records: Records, clock: Clock,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
    week: Annotated[str | None, Arg("Which week? this, last or 2027-W05", max=8, suggest=suggest_weeks)] = None,
    page: Annotated[int, Arg("Which page?", min=1, max=10_000)] = 1,
) -> Message:  # fmt: skip
    """Read a week's check-ins, and see who is blocked."""
    found = await _looked_after(call, records, cohort)
    period = await week_of_cohort(records, clock, found, week)
    everybody = await records.read(checkins.of_cohort, found.id, period)
    answered = sorted((each for each in everybody if each.checkin), key=_blocked_first)
    others = [each for each in everybody if not each.checkin]
    shown = answered[(page - 1) * A_PAGE : page * A_PAGE]
    facts = (
        Fact(label=say("Checked in"), value=say("{done} of {n}", done=len(answered), n=len(everybody))),
        Fact(label=say("Blocked"), value=_names([each for each in answered if each.checkin and each.checkin.blocked])),
        Fact(label=say("Not yet"), value=_names([each for each in others if not each.passed])),
        Fact(label=say("Not this week"), value=_names([each for each in others if each.passed])),
    )  # fmt: skip
    given = {"cohort": found.code, "week": period}
    more = len(answered) - page * A_PAGE
    buttons = []
    if more > 0:
        label = say_n("{n} more", "{n} more", more)
        buttons.append(Button(label=label, line=line.write("cohort checkins", {**given, "page": str(page + 1)})))
    if before := week_before(found, clock, period):
        given = {"cohort": found.code, "week": before}
        buttons.append(Button(label=say("The week before"), line=line.write("cohort checkins", given)))
    return Message(
        title=say("Check-ins of {cohort}: {week}", cohort=found.name, week=name_of(found, period)),
        parts=(
            Facts(facts=facts),
            *(_item(each) for each in shown),
            Text(text=say("What is not shared is for facilitators alone.")),
        ),
        buttons=tuple(buttons),
    )


async def _looked_after(call: Call, records: Records, typed: str | None) -> Cohort:
    """The community's cohort; in direct messages, one that the person made."""
    code = _CODE.fullmatch(typed or "")
    if call.place.community == DIRECT and code:
        maker = await records.read(cohorts.made_by, int(code[1]))
        if maker and (maker.platform, maker.id) == (call.person.platform, call.person.id):
            return await records.read(cohorts.get, int(code[1]))
    return await records.cohort(call, typed)


def _blocked_first(each: Answer) -> tuple[bool, int]:
    return not (each.checkin and each.checkin.blocked), each.enrolment_id


def _names(people: Sequence[Answer]) -> Value:
    if not people:
        return say("nobody")
    names: list[Value] = [each.name for each in people[:MOST_NAMED]]
    if len(people) > MOST_NAMED:
        names.append(say_n("{n} more", "{n} more", len(people) - MOST_NAMED))
    return listed(names)


def _item(each: Answer) -> Item:
    kept = each.checkin
    said: list[Value] = []
    if kept and kept.blocked:
        said.append(say("⚠ In the way: {words}", words=_short(kept.blocked)))
    if kept and kept.did:
        said.append(say("Did: {words}", words=_short(kept.did)))
    if kept and kept.next:
        said.append(say("Next: {words}", words=_short(kept.next)))
    if kept and kept.hours is not None:
        said.append(say("{hours} h", hours=kept.hours))
    title = say("{person} (shared)", person=each.name) if kept and kept.is_shared else each.name
    return Item(title=title, text=listed(said, " · "))


def _short(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"
