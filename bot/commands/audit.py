"""`/audit`: who did what to a cohort, when, and what was different afterwards."""

from typing import Annotated

from bot.chat import line
from bot.chat.argument import person_in
from bot.chat.command import Arg, Rank, command
from bot.chat.desk import Desk
from bot.chat.message import Button, Item, Message, Text, press
from bot.chat.platform import Call
from bot.chat.wording import Mention, Moment, as_typed, listed, say
from bot.commands.differences import differences, short, without_ids
from bot.commands.study import WhichCohort
from bot.records.audit import Entry, entries
from bot.records.cohorts import Cohort, named
from bot.records.records import Records
from bot.records.seasons import OTHERS

A_PAGE = 10
LARGEST = 2**31 - 1
MOST_GIVEN = 5  # arguments of one line


@command(allow=Rank.FACILITATOR)
async def audit(
    call: Call, records: Records, desk: Desk,
    cohort: WhichCohort = None,
    before: Annotated[int | None, Arg("Older than which entry? (its number)", min=1, max=LARGEST)] = None,
) -> Message:  # fmt: skip
    """See who did what to a cohort, and when."""
    found = await records.cohort(call, cohort)
    kept = await records.read(entries, found.id, A_PAGE + 1, before)
    shown, buttons = kept[:A_PAGE], list[Button]()
    if before is not None:
        buttons.append(press(say("Newest"), "audit", {"cohort": found.key}))
    if len(kept) > A_PAGE:
        buttons.append(press(say("Older"), "audit", {"cohort": found.key, "before": str(shown[-1].id)}))
    nothing = say("Nothing is kept that is older.") if before else say("Nothing is kept yet.")
    return Message(
        title=say("What was done to {cohort}", cohort=found.name),
        parts=tuple(_item(call, desk, found, each) for each in shown) or (Text(text=nothing),),
        buttons=tuple(buttons),
    )


def _item(call: Call, desk: Desk, cohort: Cohort, entry: Entry) -> Item:
    """Who did it with which line; when, and what changed."""
    who = entry.by.seen_by(call.person) if entry.by else say("somebody who has been forgotten since")
    at = Moment(at=entry.at, zone=cohort.zone.key)
    changed = differences(cohort, entry.before, entry.after)
    return Item(
        title=say("{who}: {line}", who=who, line=_typed(desk, cohort, entry)), text=listed([at, *changed], " · ")
    )


def _typed(desk: Desk, cohort: Cohort, entry: Entry) -> Mention:
    """The line as it would be typed, but for other cohorts, which may be none of the reader's.

    What only a button says is of no use to anybody.
    """
    made = desk.commands.get(entry.command)
    order = [each.name for each in made.parameters if not each.arg.pressed] if made else list(entry.given)
    given = {
        name: entry.given[name]
        for name in order
        if entry.given.get(name) and _is_legible(cohort, name, entry.given[name])
    }
    words = [line.write("", {name: short(_named(cohort, value))}).strip() for name, value in given.items()][:MOST_GIVEN]
    return as_typed(entry.command, *words)


def _is_legible(cohort: Cohort, name: str, value: str) -> bool:
    if name in OTHERS:
        return named([cohort], value) is not None
    return not line.is_reference(value)


def _named(cohort: Cohort, value: str) -> str:
    """What was given; of a person, and of the cohort where a button named it, the name."""
    if value == cohort.key:
        return cohort.name
    person = person_in(value) if value.startswith("<@") else None
    return f"@{person.name}" if person else without_ids(value)
