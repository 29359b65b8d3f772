"""`milepost links`: what is wrong with the curricula's links in all communities, and the patch that says so in them."""

import asyncio
from dataclasses import dataclass
from datetime import UTC

from bot.chat.wording import plain
from bot.curriculum.load import Curricula, load_all
from bot.curriculum.model import Curriculum, Resource
from bot.curriculum.patch import patch
from bot.delivery.clock import RunningClock
from bot.delivery.links import cautions, reason
from bot.links.look import Web
from bot.links.night import Checking
from bot.records import links
from bot.records.links import Trouble
from bot.records.records import Records
from bot.settings import Settings
from bot.shipped import shipped


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of the links: a line for each that something is wrong with, how it is in short, and the patch.

    `by_hand` are the resources, as `curriculum: id`, that the patch cannot give their caution.
    """

    lines: tuple[str, ...]
    summary: str
    patch: str
    by_hand: tuple[str, ...]


async def examine(settings: Settings, *, look: bool) -> Health:
    """How the links are. `look` looks at each of them now, which takes a few minutes.

    Raises CurriculumError, DatabaseError or NotSaved where that cannot be told.
    """
    curricula = load_all(settings.curriculum_dir)
    records = Records(settings.database_url)
    try:
        await records.migrate(shipped("migrations"))
        if look:
            clock = RunningClock()
            await Checking(records, curricula, clock, Web(settings.link_check_about)).check(clock.now())
        found = {each.link.url: each for each in await records.read(links.everywhere)}
    finally:
        await records.close()
    return await asyncio.to_thread(_health, curricula, found)


def _health(curricula: Curricula, found: dict[str, Trouble]) -> Health:
    lines: list[str] = []
    diffs: list[str] = []
    by_hand: list[str] = []
    for curriculum in curricula:
        wrong = [(each, found[each.url]) for each in curriculum.resources if each.url in found]
        lines += [_line(curriculum, *each) for each in wrong]
        wanted = {
            resource.id: cautions(trouble.mark, curriculum.languages)
            for resource, trouble in wrong
            if trouble.mark and resource.caution is None
        }
        made = patch(curricula.files[curriculum.id], wanted)
        diffs.append(made.diff)
        by_hand += [f"{curriculum.id}: {each}" for each in made.left]
    urls = {each.url for curriculum in curricula for each in curriculum.resources if each.url}
    bad = sum(each.mark is not None for url, each in found.items() if url in urls)
    unknown = sum(each.is_unknown for url, each in found.items() if url in urls)
    summary = f"{len(urls)} links; broken: {bad}; could not be checked: {unknown}"
    return Health(tuple(lines), summary, "".join(diffs), tuple(by_hand))


def _line(curriculum: Curriculum, resource: Resource, trouble: Trouble) -> str:
    link, notes = trouble.link, []
    if trouble.decision:
        notes.append(f"marked as broken on {trouble.decision.at:%Y-%m-%d}")
    if link.failures and link.since:
        notes.append(f"failed {link.failures} times in a row, since {link.since.astimezone(UTC):%Y-%m-%d}")
    if link.look and link.look.reason:
        notes.append(plain(reason(link.look)))
    if trouble.reports:
        notes.append(f"reported by members: {trouble.reports}")
    level = "broken" if trouble.mark else "could not be checked" if trouble.is_unknown else "doubtful"
    return f"{curriculum.id}: {resource.id}: {level}: {link.url} ({'; '.join(notes)})"
