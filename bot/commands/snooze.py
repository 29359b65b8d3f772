"""`/snooze`: be reminded once more, tomorrow."""

from datetime import timedelta
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text, text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, say
from bot.commands.study import suggest_own_cohorts
from bot.commands.which_week import suggest_weeks, week_meant
from bot.delivery import reminding
from bot.delivery.calendar import Calendar
from bot.records.records import Records

MAY_BE_ASKED_FOR = timedelta(days=2)  # after the reminder; a private one may have come a day late


@command(allow=Rank.MEMBER)
async def snooze(
    call: Call, records: Records, clock: Clock,
    week: Annotated[str | None, Arg("Which week? this, last or 2027-W05", max=8, suggest=suggest_weeks)] = None,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_own_cohorts)] = None,
) -> Message:  # fmt: skip
    """Be reminded of your check-in once more, tomorrow."""
    enrolment, now = await records.enrolment(call, cohort), clock.now()
    period = await week_meant(records, clock, enrolment, week)
    calendar = Calendar.of(enrolment.cohort)
    step = calendar.asking(period)
    reminded_at = calendar.reminder_at(step) if step else now
    if not reminded_at <= now <= reminded_at + MAY_BE_ASKED_FOR:
        raise Refusal("There is no reminder of that week to put off.")
    snoozed = await records.write(reminding.snooze, enrolment, period, call.person, now)
    there = {"cohort": enrolment.cohort.code} if cohort else {}
    checkin = line.write("checkin", {"week": period, **there}, asks=True)
    check_in = Button(label=say("Check in"), line=checkin, style="primary")
    if snoozed is None:
        return text(say("Nothing is asked of you for that week, so there is nothing to put off."))
    if snoozed.at is None:
        return Message(
            parts=(Text(text=say("Reminders are switched off for you, so none will come.")),),
            buttons=(check_in, Button(label=say("Reminders"), line="?set reminders")),
        )
    at = Moment(at=snoozed.at, zone=snoozed.zone.key)
    said = say("You are reminded once more: {at}.", at=at)
    if not snoozed.is_new:
        said = say("That is put off already, once a week: {at}.", at=at)
    how = say("It comes as a direct message.") if snoozed.privately else say("It comes in the cohort's thread.")
    return Message(parts=(Text(text=said), Text(text=how)), buttons=(check_in,))
