"""`/season begin`: make the cohort that was shown, once."""

from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Phrase, as_typed, say
from bot.commands.cohort_create import dates, preview
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum
from bot.curriculum.plan import plan
from bot.delivery import beginning
from bot.delivery.calendar import DAYS
from bot.delivery.outbox import Delivery
from bot.delivery.versions import season
from bot.records.cohorts import Cohort
from bot.records.records import Records


@command(allow=Rank.ORGANISER)
async def season_begin(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery,
    shown: Annotated[str, Arg("Which cohort? Its button knows", max=40, pressed=True)],
) -> Message:  # fmt: skip
    """Start the cohort that you were shown."""
    settings = await records.read(beginning.settings_shown, call, shown, clock.now())
    chosen = curricula.get(settings.curriculum)
    if chosen is None:
        gone = settings.curriculum
        raise Refusal("{curriculum} is not installed here any more. Choose another one.", curriculum=gone)
    weeks = len(plan(chosen, settings.pace))
    made = await records.write(beginning.make, call, shown, weeks, chosen.version, clock.now())
    if made is None:
        why = Text(text=say("Since this was shown, other posts are late, or the curriculum has changed. Look again:"))
        return await preview(call, records, curricula, clock, settings, chosen, why)
    delivery.soon()
    return is_ready(curricula, made, chosen)


def is_ready(curricula: Curricula, made: Cohort, chosen: Curriculum, *more: Button) -> Message:
    """What a facilitator sees who has begun the cohort, with what else they may want to do."""
    weeks = len(season(curricula, made))
    invited = say("Next: **Invite people** posts a button to join. Or tell them to type {line}.", line=as_typed("join"))
    text = say("It goes through **{title}** here, {weeks} weeks in all.", title=chosen.title, weeks=weeks)
    there = {"cohort": made.key}
    return Message(
        title=say("{cohort} is ready.", cohort=made.name),
        parts=(
            Text(text=text),
            dates(curricula, made),
            Text(text=asked(made)),
            Text(text=invited),
        ),
        buttons=(
            Button(label=say("Join"), line="join"),
            Button(label=say("Invite people"), line=line.write("invite", there, asks=True)),
            Button(label=say("Status"), line="cohort status"),
            Button(label=say("Checklist"), line=line.write("cohort checklist", there)),
            *more,
        ),
    )


def asked(made: Cohort) -> Phrase:
    """When the cohort's members are asked to check in."""
    day, at = DAYS[made.checkin_weekday], f"{made.checkin_at:%H:%M}"
    return say("Check-ins are asked for every week: {day} at {time}, {zone}.", day=day, time=at, zone=made.zone.key)
