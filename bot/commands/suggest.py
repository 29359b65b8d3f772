"""`/suggest`: a resource for the facilitators to look at."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Item, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import say
from bot.commands.study import check_link, check_running, study
from bot.curriculum.load import Curricula
from bot.delivery import notices
from bot.delivery.outbox import Delivery
from bot.records.records import Records


@command(ask=True, allow=Rank.MEMBER)
async def suggest(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    link: Annotated[str, Arg("Where is it? (https://…)", max=500)],
    title: Annotated[str, Arg("What is its title?", max=200)],
    why: Annotated[str | None, Arg("Why is it good?", long=True, max=1500)] = None,
) -> Message:  # fmt: skip
    """Suggest a resource to the facilitators."""
    check_link(link)
    mine = await study(call, records, curricula)
    check_running(mine.cohort)
    nobody = Refusal("Nobody is known who looks after {cohort}, so nothing was sent.", cohort=mine.cohort.name)
    reader = await records.read(notices.reader, mine.cohort, clock.now())
    if reader is None:
        raise nobody
    suggestion = Item(title=title, text=why, link=link)
    by = say("{person} suggests it. Nobody else sees this.", person=call.person.seen_by(reader))
    message = Message(title=say("A resource for {cohort}?", cohort=mine.cohort.name), parts=(Text(text=by), suggestion))
    told = await records.write(notices.suggest, mine.cohort, link, clock.now(), message, call.person)
    if told == "nobody":
        raise nobody
    delivery.soon()
    seen_by = say("{person} gets it as a private message. Nothing is posted.", person=reader.seen_by(call.person))
    if told == "known":
        seen_by = say("This address was suggested before; {person} has it already.", person=reader.seen_by(call.person))
    return Message(
        title=say("Thank you, your suggestion is in."),
        parts=(suggestion, Text(text=seen_by)),
        buttons=(Button(label=say("Find a resource"), line="?resource"),),
    )
