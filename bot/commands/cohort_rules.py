"""`/cohort rules`: what a cohort allows its members, how many it takes, and what it is told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from bot.chat.argument import in_words
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Fact, Facts, Message, paragraphs, press
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Phrase, as_typed, say, say_n
from bot.commands.study import WhichCohort
from bot.delivery.outbox import Delivery
from bot.records import audit, cohorts, room
from bot.records.cohorts import Cohort
from bot.records.records import Records

MOST = 10_000
_NO_LIMIT = {"0", "none", "없음"}


async def _as_it_is(call: Call, records: Records) -> Mapping[str, str]:
    """The cohort's rules."""
    found = await records.cohort(call, call.given.get("cohort"))
    return {
        "passes": str(found.passes),
        "capacity": str(found.capacity or "none"),
        "digest": in_words(found.has_digest),
    }


@command(allow=Rank.FACILITATOR)
async def cohort_rules(
    call: Call, records: Records, clock: Clock, delivery: Delivery,
    passes: Annotated[
        int | None, Arg("How many weeks may each member pass?", min=0, max=52, fill=_as_it_is)
    ] = None,
    capacity: Annotated[
        str | None, Arg("How many members at most? (none: no limit)", max=10, fill=_as_it_is)
    ] = None,
    digest: Annotated[bool | None, Arg("Is the cohort told how its week went?", fill=_as_it_is)] = None,
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """See what a cohort allows its members, how many it takes and what it is told, or change it."""
    found = await records.cohort(call, cohort)
    takes = found.capacity if capacity is None else _capacity(capacity)
    was, came_in = found, 0
    changed = replace(
        found, passes=found.passes if passes is None else passes,
        has_digest=found.has_digest if digest is None else digest,
    )  # fmt: skip
    if changed != found:
        await records.write(audit.kept(call, cohorts.set_rules, clock.now(), found), changed)
        found = changed
    if takes != found.capacity:
        set_capacity = audit.kept(call, room.set_capacity, clock.now(), found)
        came_in = await records.write(set_capacity, found.id, takes, clock.now())
        found = replace(found, capacity=takes)
        delivery.soon()
    changed_title = say("The rules of {cohort} are changed.", cohort=found.name)
    space = await records.read(room.of, found.id)
    let_in = say_n("{n} person came in from the waiting list.", "{n} people came in from the waiting list.", came_in)
    return Message(
        title=say("The rules of {cohort}", cohort=found.name) if found == was else changed_title,
        parts=(
            Facts(facts=tuple(_facts(found, space))),
            *paragraphs(
                let_in if came_in else None,
                _crowded(space),
                say("Time away until a day needs no pass: {line}", line=as_typed("pass", "until:…")),
            ),
        ),
        buttons=(
            press(say("Change it"), "cohort rules", {"cohort": found.key}, asks=True),
            *waiting_button(found, space),
        ),
    )


def room_facts(space: room.Room) -> list[Fact]:
    """How many are in, of how many; and how many wait, if anybody does."""
    size = space.members if space.capacity is None else say("{done} of {n}", done=space.members, n=space.capacity)
    waits = [Fact(label=say("Waiting list"), value=space.waiting)] if space.waiting else []
    return [Fact(label=say("Members"), value=size), *waits]


def waiting_button(cohort: Cohort, space: room.Room) -> list[Button]:
    """The way to who waits, if anybody does."""
    if not space.waiting:
        return []
    return [press(say("Waiting list"), "waiting", {"cohort": cohort.key})]


def _facts(cohort: Cohort, space: room.Room) -> list[Fact]:
    each = say_n("{n} week of a season", "{n} weeks of a season", cohort.passes)
    some = say_n("{n} member", "{n} members", cohort.capacity or 0)
    return [
        Fact(label=say("A member may pass"), value=each),
        Fact(label=say("It takes"), value=say("as many as come") if cohort.capacity is None else some),
        *room_facts(space),
        Fact(label=say("The cohort is told how its week went"), value=cohort.has_digest),
    ]


def _crowded(space: room.Room) -> Phrase | None:
    """What holds where more are in than it takes."""
    if space.capacity is None or space.members <= space.capacity:
        return None
    return say_n(
        "{n} member is in. Nobody is removed; a seat is free again once fewer than {capacity} are in.",
        "{n} members are in. Nobody is removed; a seat is free again once fewer than {capacity} are in.",
        space.members, capacity=space.capacity,
    )  # fmt: skip


def _capacity(typed: str) -> int | None:
    """Raises a Refusal for what is neither a number of people nor a word for no limit."""
    wanted = typed.strip().casefold()
    if wanted in _NO_LIMIT:
        return None
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 9 and 0 < int(wanted) <= MOST):
        raise Refusal(
            "A cohort takes 1 to {most} members, or as many as come: none. {typed} is neither.",
            field="capacity", most=MOST, typed=typed,
        )  # fmt: skip
    return int(wanted)
