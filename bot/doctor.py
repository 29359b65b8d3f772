"""`doctor`: what keeps Milepost from working here, each finding with its fix. It reads, and changes nothing."""

import asyncio
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.chat.platform import Finding, Place
from bot.commands import all_commands
from bot.curriculum.load import CurriculumError, load_all
from bot.delivery.checklist import RECENT
from bot.platforms.discord import doctor as discord_doctor
from bot.platforms.discord.connect import SYNCED, Discord
from bot.platforms.discord.declare import declare
from bot.platforms.discord.doctor import LinkedRole, Wanted
from bot.platforms.slack import doctor as slack_doctor
from bot.platforms.slack.connect import Slack
from bot.records import backup, cohorts, curricula, notes
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.curricula import Version
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
    versions: set[Version] = field(default_factory=set)

    def on(self, platform: str) -> list[Place]:
        """Where cohorts are at home on a platform, but for the places that are known to be lost."""
        return [each.place for each in self.places if each.place.platform == platform and not each.lost_because]


async def examine(settings: Settings, *, online: bool) -> list[Finding]:
    """Everything that is wrong or worth knowing. `online` asks the platforms, too, with the tokens that are set."""
    found: list[Finding] = []
    try:
        kept = await _look_into_records(settings)
    except DatabaseError as error:
        kept = _Kept()
        found.append(Finding("error", "DATABASE_URL", str(error).removeprefix("DATABASE_URL: "), ""))
    else:
        found += await asyncio.to_thread(_of_backups, settings)
    found += _of_curricula(settings, kept)
    fix = "See /cohort status in its community."
    found += [
        Finding("error", each.place.name, f"It gets no posts: {each.lost_because.rstrip('.')}.", fix)
        for each in kept.places
        if each.lost_because
    ]
    return found + await _of_platforms(settings, kept, online=online)


async def _look_into_records(settings: Settings) -> _Kept:
    records = Records(settings.database_url)
    try:
        await asyncio.to_thread(backup.refuse_damaged, records, settings.backup_dir)
        if not await records.is_current(shipped("migrations")):
            return _Kept()
        every = await records.read(cohorts.all_cohorts)
        places = [place for each in every for place in await records.read(cohorts.places, each.id)]
        synced = await records.read(notes.get, Discord.name, SYNCED, datetime.now(UTC))
        return _Kept(every, places, synced, await records.read(curricula.versions))
    finally:
        await records.close()


def _of_backups(settings: Settings) -> list[Finding]:
    """Whether nightly backups can be made, and are."""
    records = Records(settings.database_url)
    if records.file is None:
        fix = "Use its own tools, such as pg_dump; docs/running.md says how one is put back."
        return [Finding("note", "DATABASE_URL", "Milepost makes no backups of a server's database.", fix)]
    if settings.backup_dir == "off":
        fix = "Make them by other means, and see in docs/running.md how they are restored."
        return [Finding("note", "BACKUP_DIR", "Milepost makes no backups.", fix)]
    folder = backup.folder_of(records, settings.backup_dir)
    home = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not home.is_dir() or not os.access(home, os.W_OK):
        fix = "Name a folder that this user may write to."
        return [Finding("error", "BACKUP_DIR", f"{home} cannot be written to, so there are no backups.", fix)]
    made = backup.found_in(folder, records.file)
    if made and max(made) < datetime.now(UTC) - RECENT:
        fix = "One is made every night that Milepost runs; its log says why it could not."
        return [Finding("warning", "BACKUP_DIR", f"The newest backup is of {max(made):%Y-%m-%d %H:%M} UTC.", fix)]
    return []


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
        if each.archived_at is None
        and offered.get(each.curriculum) is None
        and (each.curriculum, each.version) not in kept.versions
    ]


async def _of_platforms(settings: Settings, kept: _Kept, *, online: bool) -> list[Finding]:
    discord, slack = settings.discord_token, settings.slack_bot_token
    if discord is None and slack is None:
        fix = "Set DISCORD_TOKEN or SLACK_BOT_TOKEN to run among people."
        return [Finding("note", "PLATFORMS", "Only the playground runs.", fix)]
    if not online:
        named = [name for name, token in (("Discord", discord), ("Slack", slack)) if token]
        return [Finding("note", name, "It was not asked.", "Run doctor --online to ask it.") for name in named]
    found: list[Finding] = []
    if discord is not None:
        names = {each.id: each.name for each in kept.cohorts}
        roles = [
            LinkedRole(each.place.community, each.role, names[each.cohort_id]) for each in kept.places if each.role
        ]
        listed = {community for platform, community, _ in settings.facilitators if platform == Discord.name}
        wanted = Wanted(declare(all_commands()), kept.synced, kept.on(Discord.name), roles, listed)
        found += await discord_doctor.examine(discord.get_secret_value(), wanted)
    if slack is not None:
        app_token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else None
        found += await slack_doctor.examine(slack.get_secret_value(), app_token, kept.on(Slack.name))
    return found
