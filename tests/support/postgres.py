"""A private PostgreSQL for tests, from the embedded wheel, with fsync on."""

import asyncio
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import psutil

from tests.support.ports import free_port
from xencrm.kernel.database import Database
from xencrm.kernel.migrations import migrate
from xencrm.local.postgres import EmbeddedPostgres


class PostgresServer:
    """Starts on a free port of loopback; its data goes when it is stopped."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="xencrm-test-postgres-"))
        self._folder.chmod(0o711)  # PostgreSQL's own user has to get through
        (self._folder / "port").write_text(str(free_port()))
        self._server = EmbeddedPostgres(self._folder)
        self._frozen: list[psutil.Process] = []
        self._templates: dict[Path, str] = {}
        self._migrating = asyncio.Lock()

    def url(self, database: str = "postgres") -> str:
        return self._server.url(database)

    async def create_database(self, name: str) -> str:
        """Makes an empty database and returns its URL."""
        await self._server.create_database(name)
        return self.url(name)

    async def create_migrated(self, name: str, migrations: Path) -> str:
        """Makes a database with all of a service's tables and returns its URL; migrated is only the first."""
        async with self._migrating:
            if migrations not in self._templates:
                self._templates[migrations] = await self._make_template(migrations)
        connection = await asyncpg.connect(self.url())
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {self._templates[migrations]}")
        await connection.close()
        return self.url(name)

    async def _make_template(self, migrations: Path) -> str:
        name = f"migrated_{uuid4().hex}"
        database = Database(await self.create_database(name))
        await migrate(database, migrations)
        await database.close()
        return name

    async def start(self) -> None:
        """Returns when it takes connections; also after a kill."""
        await self._server.start()

    async def kill(self) -> None:
        """SIGKILL: what a power cut does to a process."""
        self._server.kill()
        for process in self._frozen:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._frozen.clear()

    async def freeze(self) -> None:
        """It keeps its connections and answers nothing, until it is killed."""
        server = psutil.Process(self._server.pid)
        server.suspend()
        self._frozen = server.children()
        for process in self._frozen:
            process.suspend()

    async def restart(self) -> None:
        """A stop in order, then a start, on the same port and data."""
        await self._server.stop()
        await self._server.start()

    async def stop(self) -> None:
        """Ends the server and removes its data."""
        await self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
