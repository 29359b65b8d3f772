"""`/cohort checkins`: what a cohort's members answered for a week, also what they did not share."""

from collections.abc import Sequence
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.literal import flat
from bot.chat.message import Fact, Facts, Item, Message, Text, press
from bot.chat.platform import Call, Clock
from bot.chat.wording import Value, listed, say, say_n
from bot.commands.study import WhichCohort
from bot.commands.which_week import WhichWeek, name_of, week_before, week_of_cohort
from bot.records import checkins
from bot.records.checkins import Answer
from bot.records.records import Records

A_PAGE = 8  # check-ins; with what each says, that is what one message on Discord holds
LONGEST = 140  # characters of one answer
MOST_NAMED = 60  # names in one line


@command(allow=Rank.FACILITATOR)
async def cohort_checkins(
    call: Call, records: Records, clock: Clock,
    cohort: WhichCohort = None,
    week: WhichWeek = None,
    page: Annotated[int, Arg("Which page?", min=1, max=10_000)] = 1,
) -> Message:  # fmt: skip
    """Read a week's check-ins, and see who is blocked."""
    found = await records.told_of(call, cohort)
    period = await week_of_cohort(records, clock, found, week)
    everybody = await records.read(checkins.of_cohort, found.id, period)
    answered = [each for each in everybody if each.checkin]
    blocked = [each for each in answered if each.checkin and each.checkin.blocked]
    answered = [*blocked, *(each for each in answered if each not in blocked)]
    others = [each for each in everybody if not each.checkin]
    shown = answered[(page - 1) * A_PAGE : page * A_PAGE]
    facts = (
        Fact(label=say("Checked in"), value=say("{done} of {n}", done=len(answered), n=len(everybody))),
        Fact(label=say("Blocked"), value=_names(blocked)),
        Fact(label=say("Not yet"), value=_names([each for each in others if not each.passed])),
        Fact(label=say("Not this week"), value=_names([each for each in others if each.passed])),
    )  # fmt: skip
    given = {"cohort": found.code, "week": period}
    more = len(answered) - page * A_PAGE
    buttons = []
    if more > 0:
        label = say_n("{n} more", "{n} more", more)
        buttons.append(press(label, "cohort checkins", {**given, "page": str(page + 1)}))
    if before := week_before(found, clock, period):
        buttons.append(press(say("The week before"), "cohort checkins", {**given, "week": before}))
    return Message(
        title=say("Check-ins of {cohort}: {week}", cohort=found.name, week=name_of(found, period)),
        parts=(
            Facts(facts=facts),
            *(_item(each) for each in shown),
            Text(text=say("What is not shared is for facilitators alone.")),
        ),
        buttons=tuple(buttons),
    )


def _names(people: Sequence[Answer]) -> Value:
    return listed([each.name for each in people], most=MOST_NAMED) if people else say("no one")


def _item(each: Answer) -> Item:
    kept = each.checkin
    said: list[Value] = []
    if kept and kept.blocked:
        said.append(say("⚠ In the way: {words}", words=flat(kept.blocked, LONGEST)))
    if kept and kept.did:
        said.append(say("Did: {words}", words=flat(kept.did, LONGEST)))
    if kept and kept.next:
        said.append(say("Next: {words}", words=flat(kept.next, LONGEST)))
    if kept and kept.hours is not None:
        said.append(say("{hours} h", hours=kept.hours))
    title = say("{person} (shared)", person=each.name) if kept and kept.is_shared else each.name
    return Item(title=title, text=listed(said, " · "))
