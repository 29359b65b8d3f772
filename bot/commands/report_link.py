"""`/report link`: a link that does not work, for the facilitators to look at."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Item, Message, Text, text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import as_typed, say
from bot.commands.study import find_resource, study, suggest_resources
from bot.curriculum.load import Curricula
from bot.delivery import links, notices
from bot.delivery.outbox import Delivery
from bot.records.records import Records


@command(ask=True, allow=Rank.MEMBER)
async def report_link(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    resource: Annotated[str, Arg("Which one? (its title or address)", max=512, suggest=suggest_resources)],
    why: Annotated[str | None, Arg("What happens when you open it?", long=True, max=1000)] = None,
) -> Message:  # fmt: skip
    """Tell the facilitators of a link that does not work."""
    mine = await study(call, records, curricula)
    found = find_resource(mine.curriculum, resource)
    if found.url is None:
        raise Refusal("{title} has no link; it is only named.", field="resource", title=found.title)
    mark = (await records.marks(mine.cohort.community_id)).of(found.url)
    if mark and mark.is_decided:
        return text(say("{title} is marked as broken already. Thank you all the same.", title=found.title))
    told = await records.write(links.report, mine.cohort, call.person, mine.curriculum, found, why, clock.now())
    delivery.soon()
    reader = await records.read(notices.reader, mine.cohort, clock.now())
    if told == "nobody" or reader is None:
        seen_by = say("Facilitators see it with {line}. Nothing is posted.", line=as_typed("links"))
    else:
        who = reader.seen_by(call.person)
        seen_by = say("{person} gets it as a private message. Nothing is posted.", person=who)
        if told == "known":
            seen_by = say("It was reported before, so {person} has it already. Yours is counted.", person=who)
    return Message(
        title=say("Thank you, your report is in."),
        parts=(Item(title=found.title, text=why, link=found.url), Text(text=seen_by)),
        buttons=(Button(label=say("Find a resource"), line="?resource"),),
    )
