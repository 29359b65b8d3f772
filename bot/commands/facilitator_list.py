"""`/facilitator list`: who looks after a cohort, and who leads it in the coming weeks."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Item, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Day, Moment, Phrase, say
from bot.commands import facilitators
from bot.commands.study import suggest_cohorts
from bot.delivery import looking_after, notices
from bot.delivery.weeks import monday_of
from bot.records import facilitators as kept
from bot.records.cohorts import Cohort
from bot.records.facilitators import Facilitator
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def facilitator_list(
    call: Call, records: Records, clock: Clock,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
) -> Message:  # fmt: skip
    """See who looks after a cohort, and who leads it when."""
    found = await records.cohort(call, cohort)
    known = await records.read(kept.of_cohort, found.id)
    led = await records.read(kept.led_by, found.id)
    people = {each.account_id: each for each in known}
    weeks = looking_after.weeks_from(facilitators.this_week(found, clock), facilitators.WEEKS_SHOWN)
    none = say("Nobody does. {organisers}", organisers=_organisers())
    return Message(
        title=say("Who looks after {cohort}", cohort=found.name),
        parts=(
            *[await _person(call, records, found, each, len(known) > 1) for each in known],
            Text(text=_organisers() if known else none),
            *[_week(call, found, each, people.get(led[each]) if each in led else None, known) for each in weeks],
        ),
        buttons=(facilitators.add(found), *_take_on(call, found, known, led, weeks[1])),
    )


def _organisers() -> Phrase:
    return say("Organisers may do all that they may: the admins of its community and those whom the operator listed.")


async def _person(call: Call, records: Records, cohort: Cohort, each: Facilitator, others: bool) -> Item:
    """One who looks after the cohort; with a button where whoever reads it may remove them, as `others` are left."""
    may = await records.organises(call, cohort) or facilitators.is_same(each.person, call.person)
    since = say("since {at}", at=Moment(at=each.since_at, zone=cohort.zone.key))
    reason = await records.read(notices.unreached, cohort, each.person)
    if reason is not None:
        since = say("{since} · ⚠ the last private message did not reach them: {reason}", since=since, reason=reason)
    button = facilitators.remove(call, cohort, each.person) if may and others else None
    return Item(title=say("{person}", person=each.person.seen_by(call.person)), text=since, button=button)


def _week(call: Call, cohort: Cohort, week: str, lead: Facilitator | None, known: list[Facilitator]) -> Item:
    """Who leads in the week, else who is told in their place."""
    said = say("Nobody in particular leads.")
    if lead is not None:
        said = say("{person} leads.", person=lead.person.seen_by(call.person))
    elif known:
        said = say("Nobody in particular leads: {person} is told what concerns it.",
                   person=known[0].person.seen_by(call.person))  # fmt: skip
    choose = facilitators.choose(cohort, week) if known else None
    title = say("Week from {day} ({week})", day=Day(on=monday_of(week)), week=week)
    return Item(title=title, text=said, button=choose)


def _take_on(call: Call, cohort: Cohort, known: list[Facilitator], led: dict[str, int], following: str) -> list[Button]:
    """A button to lead next week, for one who could and does not yet."""
    mine = next((each for each in known if facilitators.is_same(each.person, call.person)), None)
    if mine is None or led.get(following) == mine.account_id:
        return []
    return [facilitators.take_on(call, cohort, following, say("I lead next week"))]
