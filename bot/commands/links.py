"""`/links`: what is wrong with the curriculum's links, and what to change in its file."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Item, Message, Part, Text
from bot.chat.platform import Call
from bot.chat.wording import Moment, Phrase, Value, listed, say, say_n
from bot.commands.study import followed, suggest_cohorts
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum
from bot.curriculum.patch import Patch, patch
from bot.delivery.links import cautions, reason
from bot.records import links
from bot.records.cohorts import Cohort
from bot.records.links import Link, Trouble
from bot.records.records import Records

ON_A_PAGE = 3  # links; with what they change in the file, what fits into one message on Discord
LONGEST_PATCH = 2200  # characters


@command(allow=Rank.FACILITATOR)
async def links_(
    call: Call, records: Records, curricula: Curricula,
    cohort: Annotated[str | None, Arg("Which cohort's curriculum?", suggest=suggest_cohorts)] = None,
    page: Annotated[int, Arg("Which page?", min=1, max=500)] = 1,
) -> Message:  # fmt: skip
    """See which links are broken, and how to mend the curriculum."""
    meant = await records.told_of(call, cohort)
    curriculum = followed(curricula, meant)
    urls = {each.url for each in curriculum.resources if each.url}
    known = await records.read(links.known, urls)
    every = [each for each in await records.read(links.troubles, meant.community_id) if each.link.url in urls]
    wrong = sorted((each for each in every if each.is_wrong), key=_urgency)
    pages = max(1, -(-len(wrong) // ON_A_PAGE))
    page = min(page, pages)
    shown = wrong[(page - 1) * ON_A_PAGE :][:ON_A_PAGE]
    parts: list[Part] = [Text(text=each) for each in (_last_look(known.values()), *_turned_away(every))]
    parts += [_item(each, curriculum, meant) for each in shown] or [Text(text=say("Nothing is known to be wrong."))]
    parts += await _mending(curriculum, curricula.files.get(curriculum.id), shown)
    around = [_page(meant, each) for each in (page - 1, page + 1) if 1 <= each <= pages]
    return Message(title=say("Links of {title}", title=curriculum.title), parts=tuple(parts), buttons=tuple(around))


def _urgency(trouble: Trouble) -> tuple[bool, int, int]:
    return trouble.mark is None, -trouble.reports, -trouble.link.failures


def _last_look(known: Iterable[Link]) -> Phrase:
    latest = max((each.checked_at for each in known if each.checked_at), default=None)
    if latest is None:
        return say("No link was looked at yet. With `LINK_CHECK=yes`, Milepost begins within ten minutes of its start.")
    return say("They were last looked at {at}.", at=Moment(at=latest))


def _turned_away(every: Sequence[Trouble]) -> list[Phrase]:
    unknown = sum(each.is_unknown for each in every)
    if not unknown:
        return []
    return [
        say_n(
            "{n} link could not be checked the last time, since sites turn robots away. It does not count as broken.",
            "{n} links could not be checked the last time, since sites turn robots away. They do not count as broken.",
            unknown,
        )
    ]


def _item(trouble: Trouble, curriculum: Curriculum, cohort: Cohort) -> Item:
    found = next(each for each in curriculum.resources if each.url == trouble.link.url)
    look, decided = trouble.link.look, trouble.decision
    notes: list[Value] = []
    if decided and decided.is_broken:
        notes.append(say("marked as broken {at}", at=Moment(at=decided.at)))
    if trouble.link.failures and trouble.link.since:
        times, since = trouble.link.failures, Moment(at=trouble.link.since)
        notes.append(
            say_n("did not open {n} time, since {at}", "did not open {n} times in a row, since {at}", times, at=since)
        )
    if look and look.reason:
        notes.append(reason(look))
    if trouble.reports:
        notes.append(say_n("{n} member reports it", "{n} members report it", trouble.reports))
    if found.caution:
        notes.append(say("has a caution in the curriculum"))
    given = {"link": str(trouble.link.id), "cohort": cohort.key}
    button = Button(label=say("Decide"), line=line.write("mark link", given, asks=True))
    return Item(title=found.title, text=listed(notes, " · "), link=found.url, button=button)


async def _mending(curriculum: Curriculum, file: Path | None, shown: Sequence[Trouble]) -> list[Part]:
    """How the file is to be changed so that the bad ones of these links carry a caution."""
    bad = {each.link.url: each.mark for each in shown if each.mark}
    wanted = {
        each.id: cautions(bad[each.url], curriculum.languages)
        for each in curriculum.resources
        if each.url in bad and each.caution is None
    }
    if file is None or not wanted:
        return []
    try:
        made = await asyncio.to_thread(patch, file, wanted, context=1)
    except (OSError, UnicodeDecodeError):
        return [Text(text=say("The curriculum's file cannot be read, so there is no change to propose."))]
    parts = [Text(text=each) for each in _diff(made)]
    if made.left:
        left = ", ".join(made.left)
        parts.append(Text(text=say("To these a `caution:` has to be added by hand: {resources}.", resources=left)))
    return [*parts]


def _diff(made: Patch) -> list[Phrase]:
    """The change as lines of code, as many whole ones as a message can hold."""
    lines = made.diff.splitlines()
    if not lines:
        return []
    kept = 0
    while kept < len(lines) and sum(len(each) + 3 for each in lines[: kept + 1]) <= LONGEST_PATCH:
        kept += 1
    said = [
        say("So that everybody who uses the curriculum is warned, whoever keeps its file applies this:"),
        listed([say("`{line}`", line=each) for each in lines[:kept]], "\n"),
    ]
    if kept < len(lines):
        said.append(
            say_n(
                "… {n} more line; `milepost links --patch FILE` writes all of it.",
                "… {n} more lines; `milepost links --patch FILE` writes all of it.",
                len(lines) - kept,
            )
        )
    return said


def _page(cohort: Cohort, page: int) -> Button:
    return Button(label=say("Page {n}", n=page), line=line.write("links", {"cohort": cohort.key, "page": str(page)}))
