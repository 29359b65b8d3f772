"""`/cohort list`: the cohorts of this community that one looks after."""

from bot.chat.command import Rank, command
from bot.chat.message import Button, Item, Message, paragraphs, press
from bot.chat.platform import Call, Clock
from bot.chat.wording import Value, listed, say, say_n
from bot.commands.cohort_archive import bring_back_button
from bot.commands.cohort_upgrade import upgrade_item
from bot.commands.study import bends
from bot.curriculum.load import Curricula
from bot.delivery.calendar import Calendar
from bot.delivery.versions import followed, season
from bot.records import room
from bot.records.cohorts import Cohort
from bot.records.records import Records

MOST_ARCHIVED = 5  # the newest; all of them can be named


@command(allow=Rank.FACILITATOR)
async def cohort_list(call: Call, records: Records, curricula: Curricula, clock: Clock) -> Message:
    """See the cohorts that you look after here."""
    looked_after, archived = await records.looked_after(call), await records.archived(call)
    if not looked_after and not archived:
        return Message(
            title=say("There is no cohort here yet."),
            parts=paragraphs(say("Go to the channel where it shall be at home, and start one.")),
            buttons=(press(say("Start a cohort"), "cohort create", asks=True, style="primary"),),
        )
    items = list[Item]()
    for each in looked_after:
        status = press(say("Status"), "cohort status", {"cohort": each.key})
        items += [await cohort_item(each, records, curricula, clock, status), *upgrade_item(curricula, each)]
    newest = reversed(archived[-MOST_ARCHIVED:])
    past = [await cohort_item(each, records, curricula, clock, bring_back_button(each)) for each in newest]
    heading = paragraphs(say_n("**{n} is archived**", "**{n} are archived**", len(archived)) if past else None)
    return Message(title=say("Cohorts"), parts=(*items, *heading, *past))


async def cohort_item(cohort: Cohort, records: Records, curricula: Curricula, clock: Clock, button: Button) -> Item:
    """A cohort in a list: what it goes through, how many are in it, how far it has come; and the button beside it."""
    space = await records.read(room.of, cohort.id)
    curriculum = followed(curricula, cohort)
    notes: list[Value] = [
        curriculum.title if curriculum else cohort.curriculum,
        say_n("{n} member", "{n} members", space.members),
    ]
    if space.seats is not None:
        notes.append(say_n("{n} seat left", "{n} seats left", space.seats) if space.seats else say("full"))
    if curriculum:
        step, weeks = Calendar.of(cohort).step_at(clock.now()), len(season(curricula, cohort))
        notes.append(say("week {n} of {weeks}", n=min(step, weeks), weeks=weeks) if step else say("not begun"))
    if bent := bends(cohort, clock.now()):
        notes.append(bent)
    return Item(title=cohort.name, text=listed(notes, " · "), button=button)
