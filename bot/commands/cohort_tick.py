"""`/cohort tick`: ticks an item of a cohort's checklist by hand, or takes that back."""

from collections.abc import Sequence
from typing import Annotated, Literal

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Choice, Message
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import listed, plain, say
from bot.commands.cohort_checklist import shown
from bot.commands.study import WhichCohort, followed
from bot.curriculum.load import Curricula
from bot.delivery.checklist import ITEMS, Checklists
from bot.records import audit, checklists
from bot.records.records import Records


async def suggest_items(call: Call, typed: str) -> Sequence[Choice]:
    """The items of both lists that hold what was typed."""
    wanted = typed.strip().casefold()
    return [
        Choice(value=name, label=each.title)
        for name, each in ITEMS.items()
        if wanted in name or wanted in plain(each.title, call.locale).casefold()
    ]


@command(allow=Rank.FACILITATOR)
async def cohort_tick(
    call: Call, records: Records, curricula: Curricula, clock: Clock, looking: Checklists,
    item: Annotated[str, Arg("Which item of the checklist?", max=40, suggest=suggest_items)],
    state: Annotated[Literal["done", "not needed", "open"], Arg("Done, not needed, or open again?")] = "done",
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Tick an item of a cohort's checklist by hand."""
    found = await records.remembered(call, cohort)
    followed(curricula, found)
    typed = item.strip().casefold()
    named = {plain(each.title, call.locale).casefold(): name for name, each in ITEMS.items()}
    wanted = typed if typed in ITEMS else named.get(typed)
    if wanted is None:
        titles = listed([say("{title} ({word})", title=each.title, word=name) for name, each in ITEMS.items()])
        raise Refusal("No item is called {typed}. Choose from {titles}.", field="item", typed=item, titles=titles)
    part = ITEMS[wanted].part
    checks = await records.read(looking.of, found, part, clock.now())
    check = next((each for each in checks if each.id == wanted), None)
    if state == "done" and (check is None or check.seen is not None):
        raise Refusal(
            "“{item}” is done once Milepost sees that it is: nobody ticks it by hand. It can be not needed.",
            field="state", item=ITEMS[wanted].title,
        )  # fmt: skip
    tick = audit.noted(call, checklists.tick, clock.now(), found)
    await records.write(tick, found.id, wanted, None if state == "open" else state, call.person, clock.now())
    return await shown(call, records, clock, looking, found, part)
