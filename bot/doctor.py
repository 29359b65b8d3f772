"""`doctor`: what keeps Milepost from working here, each finding with its fix. It reads, and changes nothing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.chat.platform import Finding
from bot.commands import all_commands
from bot.curriculum.load import CurriculumError, load_all
from bot.platforms.discord import doctor as discord_doctor
from bot.platforms.discord.connect import SYNCED, Discord
from bot.platforms.discord.declare import declare
from bot.platforms.discord.doctor import LinkedRole, Wanted
from bot.records import cohorts, notes
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.database import DatabaseError
from bot.records.records import Records
from bot.settings import Settings
from bot.shipped import shipped


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the database holds of interest here. A database that is still to be made holds nothing."""

    cohorts: list[Cohort] = field(default_factory=list)
    places: list[CohortPlace] = field(default_factory=list)
    synced: str | None = None


async def examine(settings: Settings, *, online: bool) -> list[Finding]:
    """Everything that is wrong or worth knowing. `online` asks the platforms, too, with the tokens that are set."""
    found: list[Finding] = []
    try:
        kept = await _look_into_records(settings)
    except DatabaseError as error:
        kept = _Kept()
        found.append(Finding("error", "DATABASE_URL", str(error).removeprefix("DATABASE_URL: "), ""))
    found += _of_curricula(settings, kept)
    found += [
        Finding("error", each.place.name, f"It gets no posts: {each.lost_because}.", "See /cohort status there.")
        for each in kept.places
        if each.lost_because
    ]
    if settings.discord_token is None:
        fix = "Set DISCORD_TOKEN to run on Discord."
        found.append(Finding("note", "PLATFORMS", "Only the playground runs.", fix))
    elif online:
        places = [each.place for each in kept.places if each.place.platform == Discord.name]
        names = {each.id: each.name for each in kept.cohorts}
        roles = [
            LinkedRole(each.place.community, each.role, names[each.cohort_id]) for each in kept.places if each.role
        ]
        wanted = Wanted(declare(all_commands()), kept.synced, places, roles)
        found += await discord_doctor.examine(settings.discord_token.get_secret_value(), wanted)
    else:
        found.append(Finding("note", "Discord", "It was not asked.", "Run doctor --online to ask it."))
    return found


async def _look_into_records(settings: Settings) -> _Kept:
    records = Records(settings.database_url)
    try:
        if not await records.is_current(shipped("migrations")):
            return _Kept()
        every = await records.read(cohorts.all_cohorts)
        places = [place for each in every for place in await records.read(cohorts.places, each.id)]
        return _Kept(every, places, await records.read(notes.get, Discord.name, SYNCED, datetime.now(UTC)))
    finally:
        await records.close()


def _of_curricula(settings: Settings, kept: _Kept) -> list[Finding]:
    try:
        offered = load_all(settings.curriculum_dir)
    except CurriculumError as error:
        fix = "Mend it; `milepost check` shows the same lines."
        return [Finding("error", "CURRICULUM_DIR", str(each), fix) for each in error.findings]
    return [
        Finding(
            "error",
            each.name,
            f"It follows {each.curriculum}, which is not on offer.",
            "Put it back, or its posts wait.",
        )
        for each in kept.cohorts
        if offered.get(each.curriculum) is None
    ]
