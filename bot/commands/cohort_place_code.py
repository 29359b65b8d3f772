"""`/cohort place code`: lets a cohort into one place of another community."""

from bot.chat.command import Rank, command
from bot.chat.message import Fact, Facts, Message, Text, press
from bot.chat.platform import Call, Clock
from bot.chat.wording import Moment, say
from bot.commands.study import WhichCohort
from bot.records import audit, homes
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_place_code(call: Call, records: Records, clock: Clock, cohort: WhichCohort = None) -> Message:
    """Get a code that lets a cohort into another community."""
    found = await records.cohort(call, cohort)
    now = clock.now()
    code = await records.write(audit.noted(call, homes.issue_code, now, found), found.id, now)
    add = f"cohort place add code:{code}"
    until = Moment(at=now + homes.VALID, zone=call.zone or found.zone.key)
    return Message(
        title=say("A code for {cohort}", cohort=found.name),
        parts=(
            Facts(facts=(Fact(label=say("Code"), value=code), Fact(label=say("Valid until"), value=until))),
            Text(text=say("In a channel of the other community, a facilitator of that one sends:")),
            # Whoever reads this types it elsewhere, so it is not drawn as it would be typed here.
            Facts(
                facts=(
                    Fact(label=say("On Discord"), value=f"/{add}"),
                    Fact(label=say("On Slack, after Milepost's command"), value=add),
                )
            ),
            Text(text=say("It works once. Whoever has it can bring the cohort there, so pass it on privately.")),
        ),
        buttons=(press(say("Status"), "cohort status", {"cohort": found.key}),),
    )
