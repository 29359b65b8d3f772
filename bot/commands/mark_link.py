"""`/mark link`: a facilitator says whether a link is broken."""

from collections.abc import Sequence
from typing import Annotated, Literal

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Choice, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Words, as_typed, say
from bot.commands.study import suggest_cohorts
from bot.curriculum.load import Curricula
from bot.records import links
from bot.records.cohorts import Cohort
from bot.records.records import Records

LARGEST = 2**31 - 1


async def suggest_links(call: Call, typed: str, records: Records, curricula: Curricula) -> Sequence[Choice]:
    """The links that something is wrong with, or is said to be, by title."""
    town = await records.town(call.place.platform, call.place.community)
    titles = _titles(curricula)
    found = await records.read(links.troubles, town.community_id)
    return [
        Choice(value=str(each.link.id), label=titles[each.link.url])
        for each in found
        if each.link.url in titles and str(each.link.id).startswith(typed.strip())
    ]


def _titles(curricula: Curricula) -> dict[str, Words]:
    """What the resources of every curriculum on offer, or followed by a cohort, are called, by address."""
    every = [each for curriculum in curricula.every for each in curriculum.resources]
    return {each.url: each.title for each in every if each.url}


@command(allow=Rank.FACILITATOR)
async def mark_link(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    link: Annotated[int, Arg("Which link? (its number)", min=1, max=LARGEST, suggest=suggest_links)],
    state: Annotated[Literal["broken", "fine"], Arg("Is it broken, or fine?")],
    cohort: Annotated[str | None, Arg("For which cohort?", suggest=suggest_cohorts)] = None,
) -> Message:  # fmt: skip
    """Warn readers of a link, or stop doing so."""
    meant = await _cohort(call, records, cohort)
    found = await records.read(links.get, link)
    if found is None:
        raise Refusal(
            "There is no link {number}. {line} shows them.", field="link", number=link, line=as_typed("links")
        )
    await records.write(links.decide, call, found.id, meant.community_id, state == "broken", clock.now())
    title = _titles(curricula).get(found.url, found.url)  # the address itself once no curriculum has it any more
    if state == "broken":
        said = say("{title} is marked as broken: whoever is shown it is warned.", title=title)
        other, label = "fine", say("It is fine")
    else:
        said = say("{title} counts as fine. If it stops opening again, readers are warned again.", title=title)
        other, label = "broken", say("It is broken")
    given = {"link": str(link), "cohort": meant.key, "state": other}
    return Message(
        parts=(Text(text=said),),
        buttons=(Button(label=label, line=line.write("mark link", given)), Button(label=say("Links"), line="links")),
    )


async def _cohort(call: Call, records: Records, typed: str | None) -> Cohort:
    """The cohort for whose community is decided: any that the person looks after here, or was told of."""
    among = await records.looked_after(call)
    return among[0] if typed is None and among else await records.told_of(call, typed)
