"""`/resource`: the best matches from the curriculum, and why they matched."""

from functools import lru_cache
from typing import Annotated

from bot.chat import line
from bot.chat.command import LONGEST_LINE, Arg, command
from bot.chat.message import Button, Item, Message, Text
from bot.chat.platform import Call
from bot.chat.wording import Phrase, listed, say
from bot.commands.study import (
    curriculum_here,
    find_phase,
    forums,
    marks_here,
    searching,
    suggest_phases,
    suggest_resources,
)
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum, Kind, Resource
from bot.curriculum.search import Reason
from bot.delivery.compose import resource_item
from bot.records.links import Marks
from bot.records.records import Records

MOST = 5


@command()
async def resource(
    call: Call, records: Records, curricula: Curricula,
    query: Annotated[str, Arg("What are you looking for?", max=300, suggest=suggest_resources)],
    kind: Annotated[Kind | None, Arg("Only this kind")] = None,
    phase: Annotated[str | None, Arg("Only from this phase", suggest=suggest_phases)] = None,
) -> Message:  # fmt: skip
    """Find books, videos, courses and people in the curriculum."""
    marks = await marks_here(call, records)
    return _found(await curriculum_here(call, records, curricula), marks, query, kind, phase)


@lru_cache(maxsize=256)
def _found(curriculum: Curriculum, marks: Marks, query: str, kind: Kind | None, phase: str | None) -> Message:
    """The reply, kept for the next who asks the same: those who go through a week together look for the same things."""
    if phase is not None:
        phase = find_phase(curriculum, phase).id
    named = curriculum.resource(query)
    if named is not None:
        buttons = (_share(named.id), *([_report(named)] if named.url else []))
        return Message(title=named.title, parts=(resource_item(named, marks),), buttons=buttons)
    marked = frozenset(each.id for each in curriculum.resources if marks.of(each.url))
    matches = searching(curriculum).find(query, kind=kind, phase=phase, limit=MOST, marked=marked)
    if not matches:
        wider = searching(curriculum).find(query, limit=1) if kind or phase else ()
        return _nothing_so_narrow(curriculum, query) if wider else _nothing(curriculum, marks, query)
    parts = tuple(_item(each.resource, marks, each.because) for each in matches)
    return Message(title=say("For “{query}”", query=query), parts=parts, buttons=(_report(),))


@lru_cache(maxsize=1024)
def _item(found: Resource, marks: Marks, because: tuple[Reason, ...]) -> Item:
    """A resource with what it matched, kept since many questions find it by the same words."""
    reasons = [_reason(each) for each in because]
    why = [say("matched {reasons}", reasons=listed(reasons))] if reasons else []
    return resource_item(found, marks, *why).model_copy(update={"button": _share(found.id)})


def _reason(reason: Reason) -> Phrase:
    if reason.repaired:
        return say("{term} (for “{asked}”)", term=reason.found, asked=reason.asked)
    return say("{term}", term=reason.found)


def _share(resource_id: str) -> Button:
    return Button(label=say("Share"), line=line.write("share resource", {"resource": resource_id}))


def _report(only: Resource | None = None) -> Button:
    """Opens the form by which a link is reported; filled in if there is only the one."""
    given = {"resource": only.id} if only else {}
    return Button(label=say("Report a link"), line=line.write("report link", given, asks=True))


def _nothing_so_narrow(curriculum: Curriculum, query: str) -> Message:
    everything = line.write("resource", {"query": query})
    is_short = len(everything.encode()) <= LONGEST_LINE
    return Message(
        title=say("Nothing of that kind or phase fits “{query}”.", query=query),
        parts=(Text(text=say("Elsewhere in {title} there is something that does.", title=curriculum.title)),),
        buttons=(Button(label=say("Search everything"), line=everything),) if is_short else (),
    )


def _nothing(curriculum: Curriculum, marks: Marks, query: str) -> Message:
    """Said honestly, with people to ask instead."""
    return Message(
        title=say("Nothing in {title} fits “{query}”.", title=curriculum.title, query=query),
        parts=_elsewhere(curriculum, marks),
        buttons=(Button(label=say("What next?"), line="next"),),
    )


@lru_cache(maxsize=32)
def _elsewhere(curriculum: Curriculum, marks: Marks) -> tuple[Text | Item, ...]:
    places = forums(curriculum, marks)
    if not places:
        return (Text(text=say("Try other words.")),)
    advice = say("Try other words, or ask where people answer such questions:")
    return (Text(text=advice), *(resource_item(each, marks) for each in places))
