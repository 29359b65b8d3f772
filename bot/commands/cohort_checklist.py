"""`/cohort checklist`: what a season's start or its end still asks of those who look after the cohort."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Item, Message, paragraphs, press
from bot.chat.platform import DIRECT, Call, Clock
from bot.chat.wording import Moment, Phrase, Value, as_typed, listed, say, say_n
from bot.commands.study import WhichCohort, season_of
from bot.curriculum.load import Curricula
from bot.delivery.calendar import Calendar
from bot.delivery.checklist import Check, Checklists, Part, State, closing_at, part_at
from bot.records.checklists import Tick
from bot.records.cohorts import Cohort
from bot.records.records import Records

A_PAGE = 5  # items; with three buttons each, that is nearly what one message on Discord holds
_FIRST = {"open": 0, "not needed": 1, "done": 2}


@dataclass(frozen=True, slots=True)
class Way:
    """The command that settles an item; whether it asks first, and whether it can be sent in direct messages."""

    label: Phrase
    command: str
    asks: bool = False
    is_told: bool = False


WAYS: Mapping[str, Way] = {
    "place": Way(say("Try again"), "cohort reopen"),
    "role": Way(say("Link a role"), "cohort role", asks=True),
    "meeting": Way(say("Set a meeting"), "cohort meeting", asks=True),
    "facilitators": Way(say("Add one"), "facilitator add", asks=True),
    "lead": Way(say("Choose who leads"), "facilitator lead", asks=True),
    "members": Way(say("Invite people"), "invite", asks=True),
    "week": Way(say("What comes next"), "schedule"),
    "breaks": Way(say("Add a break"), "cohort break", asks=True),
    "links": Way(say("Links"), "links"),
    "answers": Way(say("Check-ins"), "cohort checkins", is_told=True),
    "farewell": Way(say("Announce"), "announce", asks=True),
    "export": Way(say("Get the file"), "cohort export", is_told=True),
    "next": Way(say("Next season"), "cohort clone", asks=True),
    "archive": Way(say("Archive it"), "cohort archive"),
}
"""The commands that settle items, each with the argument `cohort`."""


@command(allow=Rank.FACILITATOR)
async def cohort_checklist(
    call: Call, records: Records, curricula: Curricula, clock: Clock, checklists: Checklists,
    cohort: WhichCohort = None,
    part: Annotated[Literal["start", "end"] | None, Arg("Of the season's start, or of its end?")] = None,
    page: Annotated[int, Arg("Which page?", min=1, max=100)] = 1,
) -> Message:  # fmt: skip
    """See what a season's start, or its end, still asks of you."""
    found = await records.remembered(call, cohort)
    length = len(season_of(curricula, found))
    on = part_at(Calendar.of(found), length, clock.now())
    chosen: Part = part or on or "end"
    comes_at = closing_at(Calendar.of(found), length)
    is_early = chosen == "end" and comes_at > clock.now()
    later = say("This is for later: from {at} on.", at=Moment(at=comes_at, zone=found.zone.key)) if is_early else None
    return await shown(call, records, clock, checklists, found, chosen, page, later)


async def shown(
    call: Call, records: Records, clock: Clock, checklists: Checklists, cohort: Cohort, part: Part, page: int = 1,
    later: Phrase | None = None,
) -> Message:  # fmt: skip
    """The list as it stands."""
    checks = await records.read(checklists.of, cohort, part, clock.now())
    left = sum(each.state == "open" for each in checks)
    counted = say_n("{n} item is open.", "{n} items are open.", left) if left else say("Everything is seen to.")
    in_order = sorted(checks, key=lambda each: _FIRST[each.state])
    page = min(page, -(-len(in_order) // A_PAGE))
    on_page = in_order[(page - 1) * A_PAGE : page * A_PAGE]
    more = len(in_order) - page * A_PAGE
    buttons = []
    if more > 0:
        given = {"cohort": cohort.key, "part": part, "page": str(page + 1)}
        label = say_n("{n} more", "{n} more", more)
        buttons.append(press(label, "cohort checklist", given))
    buttons.append(press(say("Look again"), "cohort checklist", {"cohort": cohort.key, "part": part}))
    begins, ends = say("The start of {cohort}", cohort=cohort.name), say("The end of {cohort}", cohort=cohort.name)
    return Message(
        title=begins if part == "start" else ends,
        parts=(
            *paragraphs(later, counted),
            *(item for each in on_page for item in _items(call, cohort, each)),
        ),
        buttons=tuple(buttons),
    )


def _items(call: Call, cohort: Cohort, check: Check) -> list[Item]:
    """An item with its buttons: the command that settles it first, then what is ticked by hand."""
    notes: list[Value] = [check.item.why]
    if check.seen is not None:
        notes.append(check.seen.words)
    if check.tick is not None and check.state == check.tick.state:
        notes.append(_ticked(check.tick, cohort))
    buttons: list[tuple[Phrase, Button]] = []
    way = WAYS.get(check.id) if check.state == "open" else None
    if way is not None and (way.is_told or call.place.community != DIRECT):
        week = {"week": Calendar.of(cohort).slot("checkin", 1)} if check.id == "lead" else {}
        settles = press(way.label, way.command, {"cohort": cohort.key, **week}, asks=way.asks)
        buttons.append((check.item.title, settles))
    elif way is not None:
        notes.append(say("In the cohort's channel: {line}", line=as_typed(way.command)))
    if check.state == "open" and check.seen is None:
        buttons.append((say("Is “{item}” done?", item=check.item.title), _tick(cohort, check, say("Done"), "done")))
    if check.state == "open":
        unneeded = _tick(cohort, check, say("Not needed"), "not needed")
        buttons.append((say("No need for “{item}”?", item=check.item.title), unneeded))
    if check.tick is not None and check.state == check.tick.state:
        buttons.append((check.item.title, _tick(cohort, check, say("Take it back"), "open")))
    first = buttons[0][1] if buttons else None
    title = _signed(check.state, check.item.title)
    rest = [Item(title=said, button=button) for said, button in buttons[1:]]
    return [Item(title=title, text=listed(notes, " · "), button=first), *rest]


def _signed(state: State, title: Phrase) -> Phrase:
    match state:
        case "done":
            return say("✓ {task}", task=title)
        case "not needed":
            return say("– {item}", item=title)
        case "open":
            return say("○ {item}", item=title)


def _ticked(tick: Tick, cohort: Cohort) -> Phrase:
    name, at = tick.name or say("somebody who has been forgotten since"), Moment(at=tick.at, zone=cohort.zone.key)
    if tick.state == "done":
        return say("Done: {name}, {at}", name=name, at=at)
    return say("Not needed: {name}, {at}", name=name, at=at)


def _tick(cohort: Cohort, check: Check, label: Phrase, state: State) -> Button:
    given = {"item": check.id, "state": state, "cohort": cohort.key}
    return press(label, "cohort tick", given)
