"""The command line."""

import asyncio
import logging
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bot import app
from bot.app import AddressError
from bot.chat.desk import StartError
from bot.chat.platform import StartFailure
from bot.commands import all_commands
from bot.curriculum.load import CurriculumError, check_folder, load_all
from bot.doctor import examine
from bot.link_health import examine as health_of_links
from bot.locales.catalogue import check_catalogues
from bot.platforms.discord.doctor import invite_link
from bot.platforms.slack import manifest as slack_manifest
from bot.records import backup as backups
from bot.records import restores
from bot.records.database import DatabaseError
from bot.records.moving import move
from bot.records.outage import NotSaved
from bot.records.records import Records
from bot.rehearsal.perform import perform
from bot.rehearsal.script import RehearsalError, read_script
from bot.settings import Settings, SettingsError, read_settings
from bot.shipped import shipped

REFUSALS = (
    SettingsError,
    DatabaseError,
    CurriculumError,
    AddressError,
    StartError,
    StartFailure,
    RehearsalError,
    NotSaved,
)

cli = typer.Typer(
    help="Milepost takes a group of people through a curriculum together.",
    no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False,
)  # fmt: skip


@cli.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Milepost takes a group of people through a curriculum together. Without a command, it runs."""
    if context.invoked_subcommand is None:
        run()


@cli.command()
def run() -> None:
    """Migrate the database, then run: with no tokens set, the playground at http://127.0.0.1:8080."""
    settings = read_settings()
    _log(settings)
    asyncio.run(app.run(settings))


@cli.command()
def send() -> None:
    """Send posts, and nothing else, beside the process that runs; as many as you like, on a PostgreSQL database."""
    settings = read_settings()
    _log(settings)
    asyncio.run(app.send(settings))


@cli.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="A curriculum's folder, or a folder of such.")] = None,
) -> None:
    """Check curricula, and without a FOLDER the translations too: each finding as file:line: path: what to do.

    Exits 1 if there are errors.
    """
    where = folder or read_settings().curriculum_dir
    findings = check_folder(where)
    looked_at = str(where)
    if folder is None:
        findings += check_catalogues()
        looked_at += " and translations"
    for each in findings:
        typer.echo(str(each))
    errors = sum(each.level == "error" for each in findings)
    others = len(findings) - errors
    counted = _counted(errors, "error", "errors"), _counted(others, "warning or note", "warnings and notes")
    typer.echo(f"{looked_at}: {', '.join(counted)}", err=True)
    if errors:
        raise typer.Exit(1)


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


@cli.command()
def rehearse(
    curriculum: Annotated[str, typer.Option(help="Which curriculum, by its id.")] = "deep-learning",
    start: Annotated[str | None, typer.Option(help="Year-month-day; next Monday if left out.")] = None,
    weeks: Annotated[int | None, typer.Option(help="How many weeks; 12, or all if there are fewer.")] = None,
    members: Annotated[int, typer.Option(help="How many made-up members.")] = 12,
    timezone: Annotated[str, typer.Option(help="The cohort's zone, such as Asia/Seoul.")] = "UTC",
    day: Annotated[str, typer.Option(help="On which day of the week milestones are posted.")] = "monday",
    time: Annotated[str, typer.Option(help="At which local time, such as 09:00.")] = "09:00",
    seed: Annotated[int, typer.Option(help="The same seed plays the same season.")] = 1,
    break_week: Annotated[int | None, typer.Option(help="Which week the cohort has off, if any.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each post as one line of JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page with the calendar to this file.")] = None,
) -> None:
    """Play a whole season offline, in seconds, and show every post with its date. Exits 1 if a promise is broken."""
    curricula = load_all(read_settings().curriculum_dir)
    script = read_script(
        curricula, curriculum=curriculum, start=start, weeks=weeks, members=members, timezone=timezone,
        day=day, time=time, seed=seed, today=datetime.now(UTC).date(), break_week=break_week,
    )  # fmt: skip
    if not perform(script, curricula, as_json=as_json, html=html):
        raise typer.Exit(1)


@cli.command()
def doctor(
    online: Annotated[
        bool, typer.Option("--online", help="Ask the platforms, too, with the tokens that are set.")
    ] = False,
) -> None:
    """Say what keeps Milepost from working here, each finding with its fix. Exits 1 if something does not work."""
    found = asyncio.run(examine(read_settings(), online=online))
    for each in found:
        typer.echo(str(each))
    if any(each.level == "error" for each in found):
        raise typer.Exit(1)
    typer.echo("Nothing is wrong.", err=True)


@cli.command()
def links(
    look: Annotated[
        bool, typer.Option("--check", help="Look at every link first, one host at a time; takes a few minutes.")
    ] = False,
    patch: Annotated[
        Path | None, typer.Option(help="Write the change that adds a caution for each broken link to this file.")
    ] = None,
) -> None:
    """Say which links of the curricula are broken or reported, and write the patch that warns of them."""
    if patch is not None and patch.exists():
        raise SettingsError(f"--patch: {patch} is there already. Nothing was changed; name another file.")
    found = asyncio.run(health_of_links(read_settings(), look=look))
    for each in found.lines:
        typer.echo(each)
    typer.echo(found.summary, err=True)
    if patch is None:
        return
    for each in found.by_hand:
        typer.echo(f"{each}: its entry cannot be changed line by line; add `caution:` by hand", err=True)
    if not found.patch:
        typer.echo(f"There is nothing to change, so {patch} was not written.", err=True)
        return
    patch.write_bytes(found.patch.encode())
    typer.echo(f"Apply it in the folder of the curricula: patch -p1 < {patch}", err=True)


@cli.command()
def manifest(
    url: Annotated[
        str | None, typer.Option(help="Your server's address, such as https://milepost.example.org, for HTTP mode.")
    ] = None,
) -> None:
    """Print the manifest from which Slack makes the app, as YAML: for a socket, or for HTTP with --url."""
    settings = read_settings()
    if url is not None and not re.fullmatch(r"https://[^\s/?#]+(/[^\s?#]*)?", url):
        raise SettingsError(f"--url: {url}: Slack wants an address with https://, such as https://milepost.example.org")
    if url is None and settings.slack_signing_secret and not settings.slack_app_token:
        raise SettingsError(
            "--url: with SLACK_SIGNING_SECRET alone Slack delivers over HTTP; name your server, such as "
            "--url https://milepost.example.org, or set SLACK_APP_TOKEN"
        )
    made = slack_manifest.manifest(
        all_commands(), command=f"/{settings.slack_command}", aliases=settings.slack_aliases, url=url
    )
    typer.echo(slack_manifest.written(made), nl=False)


@cli.command()
def invite() -> None:
    """Print the link by which an admin adds Milepost to a Discord server, with exactly the permissions in use."""
    token = read_settings().discord_token
    if token is None:
        raise SettingsError("DISCORD_TOKEN: it is not set; copy your bot's token from its Bot page")
    typer.echo(asyncio.run(invite_link(token.get_secret_value())))


@cli.command()
def migrate(
    copy: Annotated[
        tuple[str, str] | None,
        typer.Option("--copy", metavar="FROM TO", help="Copy all of one database into another, empty one."),
    ] = None,
) -> None:
    """Bring the database up to date, without starting anything; or move everything to another one, with --copy."""
    if copy is None:
        asyncio.run(_migrate(read_settings()))
        return
    moved = asyncio.run(move(*copy, shipped("migrations")))
    for each in moved:
        typer.echo(f"{each.table}: {_counted(each.rows, 'row', 'rows')}")
    typer.echo(
        "All of it was copied, counted and compared. Set DATABASE_URL to the new database before the next start, and "
        "do not start Milepost on the old one again: it would post everything a second time."
    )


async def _migrate(settings: Settings) -> None:
    records = Records(settings.database_url)
    try:
        await asyncio.to_thread(backups.refuse_damaged, records, settings.backup_dir)
        await records.migrate(shipped("migrations"))
    finally:
        await records.close()
    typer.echo(f"{records.name} is up to date.")


@cli.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to; nothing may be there yet.")]) -> None:
    """Write a backup of the database to FILE, also while Milepost runs."""
    if file.exists():
        raise DatabaseError(f"{file} is there already. Nothing was changed; name another file.")
    backups.make(backups.file_of(Records(read_settings().database_url)), file, datetime.now(UTC))
    typer.echo(f"{file} holds the database as it was when this began.")


@cli.command()
def restore(file: Annotated[Path, typer.Argument(help="A backup, such as one in the folder backups.")]) -> None:
    """Put the database back to what FILE holds, also while Milepost runs. What was posted since is not posted again."""
    records = Records(read_settings().database_url)
    done = asyncio.run(backups.restore(records, file, shipped("migrations"), datetime.now(UTC)))
    typer.echo(
        f"{records.name} was put back: it holds what it did at {done.since:%Y-%m-%d %H:%M} UTC. What was posted since "
        "is looked for before anything is posted again. A Milepost that runs on it goes on by itself."
    )
    if done.kept:
        typer.echo(f"What it held until now is kept in {done.kept}; to have that back, restore that file.")
    if done.forgotten is None:
        typer.echo("Who was forgotten since that time could not be read, and is back.")
    elif done.forgotten:
        typer.echo(f"{_counted(done.forgotten, 'member', 'members')} forgotten since that time: forgotten again.")


@cli.command()
def restored(when: Annotated[str, typer.Argument(help="In UTC, such as 2026-11-22T03:00.")]) -> None:
    """Say that you put the database back, by other means, to what it held at WHEN; do so before Milepost starts.

    What was posted since is then not posted again. After `restore`, or with a file from `backup`, there is no need.
    """
    try:
        read = datetime.fromisoformat(when)
    except ValueError as error:
        raise SettingsError(f"WHEN: {when}: write it in UTC, such as 2026-11-22T03:00") from error
    since, now = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC), datetime.now(UTC)
    if since > now:
        raise SettingsError(f"WHEN: {when}: that is still to come; name the time when the backup was made")
    asyncio.run(_restored(read_settings(), since, now))


async def _restored(settings: Settings, since: datetime, now: datetime) -> None:
    records = Records(settings.database_url)
    try:
        await records.migrate(shipped("migrations"))
        await records.write(restores.note, since, now)
    finally:
        await records.close()
    typer.echo(
        f"{records.name} counts as put back to {since:%Y-%m-%d %H:%M} UTC: what was posted since is looked for before "
        "anything is posted again. You may start Milepost now."
    )


def _log(settings: Settings) -> None:
    """Lines for people, or JSON for machines; the same for our own logs and those of libraries."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    shown = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shown],
        )
    )
    ours = logging.getLogger("bot")
    ours.setLevel(settings.log_level)
    # Of libraries, DEBUG would show what people wrote, and tokens with which one can answer for us.
    logging.basicConfig(level=max(ours.level, logging.INFO), handlers=[handler], force=True)
    for quiet in ("apscheduler", "alembic", "aiosqlite"):
        logging.getLogger(quiet).setLevel(max(logging.WARNING, logging.getLogger().level))


def main() -> None:
    """The console script: what cannot start says why in plain lines and exits 1."""
    try:
        cli()
    except REFUSALS as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
