"""`/cohort quiet`: who of a cohort went quiet, for who looks after it."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Item, Message, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Day, Moment, Phrase, Value, listed, say, say_n
from bot.commands.study import followed, season_of, suggest_cohorts
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum
from bot.delivery import letters, quiet
from bot.delivery.quiet import Standing, State
from bot.records import members, reminders
from bot.records.cohorts import Cohort
from bot.records.heard import Heard
from bot.records.records import Records

A_PAGE = 6  # people; with what is said of each, what one message on Discord holds
LONGEST = 100  # characters of what somebody wrote


@command(allow=Rank.FACILITATOR)
async def cohort_quiet(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_cohorts)] = None,
    page: Annotated[int, Arg("Which page?", min=1, max=10_000)] = 1,
) -> Message:  # fmt: skip
    """See who of a cohort went quiet, and write to them."""
    found = await records.told_of(call, cohort)
    curriculum = followed(curricula, found)
    length = len(season_of(curricula, found))
    everybody = await records.read(quiet.standings, found, length, clock.now())
    told = [each for each in everybody if each.state != "current"]
    pages = max(1, -(-len(told) // A_PAGE))
    page = min(page, pages)
    items = [await _item(call, records, found, curriculum, each) for each in told[(page - 1) * A_PAGE : page * A_PAGE]]
    nobody = [] if told else [Text(text=say("Nobody went quiet."))]
    around = [_page(found, each) for each in (page - 1, page + 1) if 1 <= each <= pages]
    there = {"cohort": found.key}
    return Message(
        title=say("Who is quiet in {cohort}", cohort=found.name),
        parts=(
            Text(text=_counted(everybody)),
            *nobody,
            *items,
            Text(text=say("This is for you alone: passes, time off and weeks without a question count as no silence.")),
        ),
        buttons=(*around, Button(label=say("Check-ins"), line=line.write("cohort checkins", there))),
    )


def _counted(everybody: Sequence[Standing]) -> Phrase:
    count = Counter(each.state for each in everybody)
    said: dict[State, Phrase] = {
        "current": say_n("{n} member is current", "{n} members are current", count["current"]),
        "returned": say_n("{n} is back again", "{n} are back again", count["returned"]),
        "slipping": say_n("{n} is slipping", "{n} are slipping", count["slipping"]),
        "dormant": say_n("{n} is silent", "{n} are silent", count["dormant"]),
    }
    return say("{counts}.", counts=listed([each for state, each in said.items() if count[state] or state == "current"]))


async def _item(call: Call, records: Records, cohort: Cohort, curriculum: Curriculum, each: Standing) -> Item:
    last = each.heard
    said: list[Value] = [_last(last, curriculum), *_asked(last)]
    if last.letter:
        said.append(say("{by} wrote {at}", by=last.letter.by, at=Moment(at=last.letter.at)))
    if last.missed_at:
        said.append(say("Milepost told them {at} that they are missed", at=Moment(at=last.missed_at)))
    reader = await records.read(reminders.reader, cohort, each.enrolment_id)
    takes = reader is not None and reader.chosen.takes_letters
    if not takes:
        person = await records.read(members.person, each.enrolment_id, call.place.platform)
        name = person.mention() if person and person.platform == call.place.platform else last.name
        said.append(say("wants no word from Milepost, or gets none: write to {person} yourself", person=name))
    return Item(
        title=_state(each),
        text=listed(said, " · "),
        button=letters.button(cohort, each.enrolment_id, last.name) if takes else None,
    )


def _state(each: Standing) -> Phrase:
    name, since = each.heard.name, Day(on=each.since) if each.since else ""
    if each.state == "returned":
        return say("{name}: back again since the week of {day}", name=name, day=since)
    if each.state == "dormant":
        return say_n(
            "{name}: silent for {n} week, since that of {day}", "{name}: silent for {n} weeks, since that of {day}",
            each.weeks, name=name, day=since,
        )  # fmt: skip
    return say_n(
        "{name}: slipping for {n} week, since that of {day}", "{name}: slipping for {n} weeks, since that of {day}",
        each.weeks, name=name, day=since,
    )  # fmt: skip


def _last(last: Heard, curriculum: Curriculum) -> Phrase:
    """What the member did last, and when."""
    if last.last is None:
        return say("joined {at}, and did nothing yet", at=Moment(at=last.joined_at))
    at = Moment(at=last.last.at)
    task = curriculum.task(last.last.task) if last.last.task else None
    if task:
        return say("last, {at}: worked on “{task}”", at=at, task=task.text)
    if last.last.said:
        return say("last, {at}: “{words}”", at=at, words=_short(last.last.said))
    return say("last heard of {at}", at=at)


def _asked(last: Heard) -> list[Phrase]:
    """Whether they asked for help, and what came of it."""
    if last.blocked is None:
        return []
    words, at = _short(last.blocked.words), Moment(at=last.blocked.at)
    if last.is_unanswered:
        return [say("⚠ asked for help {at}, and no word was sent since: “{words}”", at=at, words=words)]
    return [say("asked for help {at}: “{words}”", at=at, words=words)]


def _page(cohort: Cohort, page: int) -> Button:
    return Button(
        label=say("Page {n}", n=page), line=line.write("cohort quiet", {"cohort": cohort.key, "page": str(page)})
    )


def _short(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"
