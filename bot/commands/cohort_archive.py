"""`/cohort archive`: a season ends for good, after its facilitator has seen what that does."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Fact, Facts, Message, Text, paragraphs, press
from bot.chat.platform import Call, Clock, Role
from bot.chat.wording import Moment, Value, listed, say, say_n
from bot.commands.cohort_apply import NEXT
from bot.commands.study import WhichCohort
from bot.curriculum.load import Curricula
from bot.delivery import archiving
from bot.delivery.archiving import Ending
from bot.delivery.calendar import Calendar
from bot.delivery.outbox import Delivery
from bot.delivery.projecting import Projecting
from bot.delivery.versions import season_length
from bot.records import audit, posts
from bot.records.cohorts import Cohort
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_archive(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery, projecting: Projecting,
    cohort: WhichCohort = None,
    sure: Annotated[bool, Arg("Have you seen what that does?", pressed=True)] = False,
) -> Message:  # fmt: skip
    """End a season for good; you see what that does first."""
    found = await records.cohort(call, cohort)
    weeks = season_length(curricula, found) or 0
    if not sure:
        return await _preview(call, records, clock, found, weeks)
    archive = audit.kept(call, archiving.archive, clock.now(), found)
    await records.write(archive, found, clock.now(), weeks)
    delivery.soon()
    projecting.soon()
    return Message(
        title=say("{cohort} is archived.", cohort=found.name),
        parts=paragraphs(
            say("Nothing of it is posted any more, and its channel is free for another cohort."),
            say("Everybody keeps what they did, and finds it where it was."),
        ),
        buttons=(
            bring_back_button(found),
            press(say("Next season"), "cohort clone", {"cohort": found.key}, asks=True),
            press(say("Checklist"), "cohort checklist", {"cohort": found.key, "part": "end"}),
        ),
    )


def bring_back_button(cohort: Cohort) -> Button:
    """Has the archived cohort go on."""
    return press(say("Bring it back"), "cohort restore", {"cohort": cohort.key})


async def _preview(call: Call, records: Records, clock: Clock, found: Cohort, weeks: int) -> Message:
    ends = await records.read(archiving.ending, found)
    step = min(Calendar.of(found).step_at(clock.now()), weeks)
    coming = await records.read(posts.coming, found.id)
    left = say_n("{n} week is not posted any more.", "{n} weeks are not posted any more.", max(weeks - step, 0))
    facts = [Fact(label=say("Week"), value=say("{n} of {weeks}", n=step, weeks=weeks))]
    zone = found.zone.key
    facts += [Fact(label=NEXT[each.kind], value=Moment(at=each.next_due_at, zone=zone)) for each in coming]
    if ends.waiting:
        facts.append(Fact(label=say("Posts that wait, and are skipped"), value=ends.waiting))
    if ends.in_line:
        facts.append(Fact(label=say("People who wait for a seat, and get none"), value=ends.in_line))
    facts += _taken_back(call, ends)
    return Message(
        title=say("Preview: nothing is changed yet"),
        parts=(
            Text(text=say("**{cohort} ends for good.** {left}", cohort=found.name, left=left)),
            Facts(facts=tuple(facts)),
            *paragraphs(
                say_n(
                    "{n} member keeps all they did, and can read it; nobody is asked or reminded any more.",
                    "{n} members keep all they did, and can read it; nobody is asked or reminded any more.",
                    ends.members,
                ),
                say("What is posted stays. As long as its channel is free, it can be brought back."),
            ),
        ),
        buttons=(
            press(say("Archive it"), "cohort archive", {"cohort": found.key, "sure": "yes"}, style="danger"),
        ),
    )  # fmt: skip


def _taken_back(call: Call, ends: Ending) -> list[Fact]:
    """What the cohort gives up: its channels, and the roles of its members."""
    channels: list[Value] = [each.place.seen_from(call.place) for each in ends.places]
    roles = [Role(id=each.role).mention() for each in ends.places if each.role]
    free = [Fact(label=say("Free for another cohort"), value=listed(channels))]
    return [*free, *(Fact(label=say("Role that is taken back"), value=each) for each in roles)]
