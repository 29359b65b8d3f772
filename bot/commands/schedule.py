"""`/schedule`: what a cohort gets in the time to come, post by post."""

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Item, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Moment, Phrase, say
from bot.commands.drafting import theirs
from bot.commands.planning import Meant, state_of, title_of, upcoming
from bot.commands.study import bends, season_of, suggest_cohorts
from bot.curriculum.load import Curricula
from bot.delivery import amending
from bot.delivery.announcing import occasions
from bot.records.announcements import Announcement, State
from bot.records.cohorts import Cohort
from bot.records.post_notes import NOTHING, Notes
from bot.records.records import Records

A_PAGE = 5
LONGEST = 120  # characters of an announcement in the list

Listed = tuple[datetime, Item]
SCHEDULED: tuple[State, ...] = ("scheduled",)


@command(allow=Rank.FACILITATOR)
async def schedule(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
    page: Annotated[int, Arg("Which page?", min=1, max=200)] = 1,
) -> Message:  # fmt: skip
    """See what a cohort gets next, post by post, and change it."""
    found, now = await records.cohort(call, cohort), clock.now()
    notes = await records.said(found)
    announced = [each for each in await theirs(call, records, SCHEDULED) if found.id in each.cohort_ids]
    every = merge(
        _planned(found, curricula, notes, now), *(_announced(each) for each in announced), key=lambda each: each[0]
    )
    first = (page - 1) * A_PAGE
    items = [item for _, item in islice(every, first, first + A_PAGE + 1)]
    parts: list[Item | Text] = [] if page > 1 else _there(found, curricula, notes, now)
    if not items:
        why = bends(found, now)
        nothing = say("Nothing is planned here: {why}.", why=why) if why else say("Nothing more is planned here.")
        parts.append(Text(text=nothing))
    return Message(
        title=say("What comes next in {cohort}", cohort=found.name),
        parts=(*parts, *items[:A_PAGE]),
        buttons=_turns(found, page, has_more=len(items) > A_PAGE),
    )


def _planned(cohort: Cohort, curricula: Curricula, notes: Notes, now: datetime) -> Iterator[Listed]:
    steps = season_of(curricula, cohort)
    for each in amending.ahead(cohort, len(steps), now):
        yield each.at, _item(Meant(cohort, steps, each), notes, now)


def _there(cohort: Cohort, curricula: Curricula, notes: Notes, now: datetime) -> list[Item | Text]:
    """The milestone that is there: its words can still be changed, and those who read it see that."""
    return [_item(each, notes, now) for each in upcoming(cohort, curricula, now, 0)]


def _item(meant: Meant, notes: Notes, now: datetime) -> Item:
    said, state = notes.get((meant.post.kind, meant.post.step), NOTHING), state_of(meant, now)
    if said.note:
        state = say("{state} · with a note", state=state)
    return Item(title=title_of(meant, said), text=state, button=meant.button(say("Show"), "post show"))


def _announced(known: Announcement) -> Iterator[Listed]:
    short = known.text if len(known.text) <= LONGEST else f"{known.text[: LONGEST - 1]}…"
    show = Button(label=say("Show"), line=line.write("announcement show", {"announcement": known.ref}))
    for at in occasions(known):
        yield at, Item(title=say("Announcement: {text}", text=short), text=say("{at}", at=Moment(at=at)), button=show)


def _turns(cohort: Cohort, page: int, *, has_more: bool) -> tuple[Button, ...]:
    def turn(label: Phrase, to: int) -> Button:
        return Button(label=label, line=line.write("schedule", {"cohort": cohort.key, "page": str(to)}))

    return (
        *([turn(say("More"), page + 1)] if has_more else []),
        *([turn(say("Back"), page - 1)] if page > 1 else []),
        Button(label=say("Status"), line=line.write("cohort status", {"cohort": cohort.key})),
    )
