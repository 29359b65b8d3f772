"""The composition root: builds everything once, starts it, stops it in order."""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import demo
from bot.chat.desk import Desk, Observe
from bot.chat.platform import Clock, Platform
from bot.commands import all_commands
from bot.commands.planning import Planning
from bot.commands.study import searching
from bot.curriculum.load import Curricula, load_all
from bot.delivery import versions
from bot.delivery.checklist import Checklists, NewestBackup
from bot.delivery.clock import RunningClock
from bot.delivery.outbox import Delivery
from bot.delivery.previewing import Previewing
from bot.delivery.projecting import Projecting
from bot.delivery.sending import Timing
from bot.health import Health
from bot.links.look import Web
from bot.links.night import Checking
from bot.pictures.studio import Studio
from bot.platforms.discord.connect import Discord
from bot.platforms.playground.connect import Playground
from bot.platforms.slack.connect import Slack
from bot.ranks import known_in, rank_in
from bot.records import backup, notes, restores
from bot.records.database import DatabaseError
from bot.records.outage import NotSaved
from bot.records.records import Records, RecordsNotebook
from bot.settings import Settings, SettingsError
from bot.shipped import shipped

log = logging.getLogger(__name__)

TICK = 5  # seconds
TIDY = 600  # seconds
NIGHT = 3  # the hour, UTC, at which roles and events are put right again, and links looked at
LATEST_NIGHT = 6 * 3600  # seconds by which that may be late, after a machine has slept
SHUTDOWN = 10  # seconds
LAST_POST, LAST_ANSWER = 2, 1  # seconds of them that a post under way gets at first, and a request at the end


class AddressError(Exception):
    """The web server cannot listen there; one line that names the settings."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """What commands and posts need, wired together: everything but the platforms' connections."""

    records: Records
    curricula: Curricula
    desk: Desk
    delivery: Delivery
    projecting: Projecting


def wire(
    records: Records,
    curricula: Curricula,
    platforms: Mapping[str, Platform],
    clock: Clock,
    facilitators: frozenset[tuple[str, str, str]] = frozenset(),
    observe: Observe | None = None,
    timing: Timing | None = None,
    newest_backup: NewestBackup | None = None,
) -> Rooms:
    """Build the Desk and the delivery over the records. The app, the rehearsal and the tests all go through here."""
    checklists = Checklists(curricula, platforms, newest_backup)
    delivery = Delivery(records, curricula, platforms, clock, timing, checklists)
    projecting = Projecting(records, curricula, platforms, clock)
    previewing = Previewing(records, platforms)
    planning = Planning(records, curricula, clock, previewing, projecting)
    services = (records, curricula, clock, delivery, projecting, previewing, planning, checklists)
    desk = Desk(all_commands(), services, rank_in(records, facilitators), observe, known_in(records, facilitators))
    for curriculum in curricula.every:
        searching(curriculum)  # builds the index now rather than in the first member's three seconds
    return Rooms(records, curricula, desk, delivery, projecting)


async def run(settings: Settings) -> None:
    """Migrate, start everything, and work until cancelled or told to stop (SIGINT, SIGTERM); then stop it in order.

    Raises DatabaseError, CurriculumError, AddressError or StartFailure, each one clear text, if it cannot start.
    """
    curricula = load_all(settings.curriculum_dir)
    records, studio = Records(settings.database_url), Studio()
    try:
        await asyncio.to_thread(backup.refuse_damaged, records, settings.backup_dir)
        await records.migrate(shipped("migrations"))
        await _serve(settings, records, curricula, studio)
    finally:
        await studio.close()
        await records.close()


async def send(settings: Settings) -> None:
    """Share the sending with the process that runs, and do nothing else: no gateway, no socket, no commands.

    Migrates, and works until told to stop. Raises as `run` does, and where there is nothing to share.
    """
    curricula = load_all(settings.curriculum_dir)
    records, studio = Records(settings.database_url), Studio()
    try:
        if records.file is not None:
            raise DatabaseError(
                f"DATABASE_URL: {records.name} is a file, which one process alone sends from: `run`. "
                "Move to PostgreSQL to share the work."
            )
        if "playground" in settings.platforms:
            raise SettingsError("PLATFORMS: the playground posts by itself; set DISCORD_TOKEN or SLACK_BOT_TOKEN")
        await records.migrate(shipped("migrations"))
        clock = RunningClock()
        await _adopt(records, clock)
        await versions.keep(records, curricula)
        carriers = _carriers(settings, records, clock, studio)
        health = Health(records, clock, carriers)
        rooms = wire(records, curricula, carriers, clock)
        application = web.Application()
        health.routes(application)
        await rooms.delivery.watch_clock()
        keep_for_good()
        async with _listening(application, settings), _ticking(rooms, clock):
            works = (rooms.delivery.run(), records.together.run())
            await _until_told([*(each.carry() for each in carriers.values()), *works], rooms.delivery)
    finally:
        await studio.close()
        await records.close()


async def _serve(settings: Settings, records: Records, curricula: Curricula, studio: Studio) -> None:
    clock = RunningClock(await demo.ahead_of(records) if "playground" in settings.platforms else timedelta())
    await _adopt(records, clock)
    await versions.keep(records, curricula)
    platforms: dict[str, Platform] = {}
    health = Health(records, clock, platforms)
    # What the playground was told takes effect at once, or went with its process: there is next to nothing to wait out.
    timing = Timing(settle=timedelta(seconds=1)) if "playground" in settings.platforms else None
    backups = _backups(settings, records)
    newest = partial(backup.newest, backups, records) if backups else None
    rooms = wire(records, curricula, platforms, clock, settings.facilitators, health.observe, timing, newest)
    application = web.Application()
    health.routes(application)
    if "playground" in settings.platforms:
        notebook = RecordsNotebook(records, clock, Playground.name)
        moved = demo.PlaygroundTime(clock, rooms.delivery, notebook)
        playground = Playground(notebook, moved, studio)
        playground.routes(application)
        platforms[Playground.name] = playground
        await demo.open_cohort(records, curricula, clock)
        await moved.arrive()
    for name, each in _carriers(settings, records, clock, studio).items():
        platforms[name] = each
        if isinstance(each, Slack):
            each.routes(application)
    await rooms.delivery.align()
    if "playground" not in settings.platforms:  # whose clock is moved
        await rooms.delivery.watch_clock()
    keep_for_good()
    links = Checking(records, curricula, clock, Web(settings.link_check_about)) if settings.link_check else None
    async with _listening(application, settings), _ticking(rooms, clock, backups, links):
        works = [rooms.delivery.run(), rooms.projecting.run(), records.together.run()]
        works += [links.run()] if links else []
        await _until_told([*(each.run(rooms.desk) for each in platforms.values()), *works], rooms.delivery)


def keep_for_good() -> None:
    """Have the garbage collector leave alone all that there is by now: it stays until the end.

    To look through it at every full collection holds everything up for a tenth of a second (`tests/bench/due.py`).
    """
    gc.collect()
    gc.freeze()


def _carriers(settings: Settings, records: Records, clock: Clock, studio: Studio) -> dict[str, Discord | Slack]:
    """The platforms with people on them."""
    made: dict[str, Discord | Slack] = {}
    if "discord" in settings.platforms and settings.discord_token:
        notebook = RecordsNotebook(records, clock, Discord.name)
        made[Discord.name] = Discord(settings.discord_token.get_secret_value(), notebook, clock, studio)
    if "slack" in settings.platforms and settings.slack_bot_token:
        notebook = RecordsNotebook(records, clock, Slack.name)
        app_token, secret = settings.slack_app_token, settings.slack_signing_secret
        made[Slack.name] = Slack(
            settings.slack_bot_token.get_secret_value(), notebook, clock,
            app_token=app_token.get_secret_value() if app_token else None,
            signing_secret=secret.get_secret_value() if secret else None,
            command=f"/{settings.slack_command}",
        )  # fmt: skip
    return made


async def _adopt(records: Records, clock: Clock) -> None:
    """Take note if the database was restored, before anything is sent."""
    if since := await records.write(restores.adopt, clock.now()):
        log.warning("the database was restored: what was posted since %s is looked for, not posted again", since)


@contextlib.asynccontextmanager
async def _listening(application: web.Application, settings: Settings) -> AsyncIterator[None]:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=LAST_ANSWER)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.http_host, settings.http_port)
        try:
            await site.start()
        except OSError as error:
            where = f"{settings.http_host}:{settings.http_port}"
            raise AddressError(
                f"HTTP_HOST, HTTP_PORT: cannot listen on {where} ({error.strerror}). Choose another port."
            ) from error
        if "playground" in settings.platforms:
            log.info("open the playground at %s", site.name)
        else:
            log.info("starting on %s; its health is at %s/healthz", " and ".join(settings.platforms), site.name)
        yield
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _ticking(
    rooms: Rooms, clock: Clock, backups: Path | None = None, links: Checking | None = None
) -> AsyncIterator[None]:
    """APScheduler keeps time and nothing else: what is due is in the database, so a missed tick misses nothing."""

    async def tick() -> None:  # a plain function would be run in a thread, where the loop's events may not be touched
        rooms.delivery.soon()
        rooms.projecting.soon()

    async def tidy() -> None:
        # After the database was restored, cohorts may follow other versions.
        await _saved("curricula", versions.keep(rooms.records, rooms.curricula))
        if rooms.records.together.leads:
            await _saved("old notes", rooms.records.write(notes.forget_old, clock.now()))
            look()

    def look() -> None:  # by night, and again after a restart has broken that off
        if links:
            links.soon(_night_of(clock.now()))

    async def night() -> None:
        if backups:
            await _back_up(rooms.records, backups, clock.now())
        if rooms.records.together.leads:
            await _saved("old posts", rooms.delivery.forget_old())
            await _saved("roles and events", rooms.projecting.nightly())
            look()

    async def begin() -> None:  # nobody who runs it by day alone shall be without
        if backups is None:
            return
        if await asyncio.to_thread(backup.is_due, backups, rooms.records, clock.now()):
            await _back_up(rooms.records, backups, clock.now())

    ticker = AsyncIOScheduler(timezone="UTC")
    ticker.add_job(tick, "interval", seconds=TICK, coalesce=True, max_instances=1)
    ticker.add_job(tidy, "interval", seconds=TIDY, coalesce=True, max_instances=1)
    ticker.add_job(night, "cron", hour=NIGHT, coalesce=True, max_instances=1, misfire_grace_time=LATEST_NIGHT)
    ticker.add_job(begin, misfire_grace_time=LATEST_NIGHT)
    ticker.start()
    await tick()
    try:
        yield
    finally:
        ticker.shutdown(wait=False)


def _night_of(now: datetime) -> datetime:
    """When the night began that it is now, or was last."""
    begins = now.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return begins if begins <= now else begins - timedelta(days=1)


def _backups(settings: Settings, records: Records) -> Path | None:
    """Where nightly backups go; None where there are none: on the playground, on a server, or if they are off."""
    if "playground" in settings.platforms or records.file is None or settings.backup_dir == "off":
        return None
    return backup.folder_of(records, settings.backup_dir)


async def _back_up(records: Records, folder: Path, now: datetime) -> None:
    try:
        made = await asyncio.to_thread(backup.make_nightly, backup.file_of(records), folder, now)
    except DatabaseError as error:
        log.error("%s The older ones stay, and the next night tries again.", error)
    else:
        log.info("the database is backed up to %s", made)


async def _saved(what: str, work: Coroutine[Any, Any, None]) -> None:
    """Do what can as well be done the next time, if nothing can be saved now."""
    try:
        await work
    except NotSaved as unsaved:
        log.info("%s wait, since nothing can be saved: %s", what, unsaved)


async def _until_told(works: list[Coroutine[Any, Any, None]], delivery: Delivery) -> None:
    """Run the works side by side until a signal to stop, or until one of them fails; a post under way is finished."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, told.set)
    tasks = [asyncio.create_task(each) for each in works]
    stop = asyncio.create_task(told.wait())
    done, _ = await asyncio.wait([*tasks, stop], return_when=asyncio.FIRST_COMPLETED)
    await delivery.stop(LAST_POST)
    for task in (*tasks, stop):
        task.cancel()
    await asyncio.wait([*tasks, stop], timeout=SHUTDOWN - LAST_POST - LAST_ANSWER)
    for task in done:
        task.result()
