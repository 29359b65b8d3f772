"""What somebody reads first who was silent for long and is here again: one kind sentence, once, and no debts."""

from datetime import timedelta

from bot.chat.message import Text
from bot.chat.platform import Clock
from bot.chat.wording import say
from bot.commands.study import Study, weeks_of
from bot.delivery.weeks import SILENCE, silence
from bot.records import attendance
from bot.records.records import Records

# So long after somebody was last seen they cannot have been silent for long, and the database need not be asked.
_SURELY_HERE = timedelta(weeks=SILENCE - 1)


async def welcome_back(records: Records, clock: Clock, mine: Study) -> list[Text]:
    """What leads the reply to a member who had gone silent, before anything else of it is done; else nothing.

    It is remembered that they are back: they are not welcomed twice, and what they missed is left out of their plan.
    """
    now = clock.now()
    if now - mine.enrolment.seen_at < _SURELY_HERE or silence(await weeks_of(records, clock, mine)) < SILENCE:
        return []
    await records.write(attendance.come_back, mine.enrolment.id, mine.enrolment.member_id, now)
    return [Text(text=say("Good to see you again! Nothing is owed: what counts is what is on from here."))]
