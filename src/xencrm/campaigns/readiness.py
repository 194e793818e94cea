"""Whether the database can be worked with: reachable and migrated."""

import asyncio
from pathlib import Path
from typing import Final

from xencrm.kernel.database import Database
from xencrm.kernel.errors import Unavailable
from xencrm.kernel.logging import get_logger
from xencrm.kernel.migrations import is_current
from xencrm.kernel.process import Role, pause

MIGRATIONS: Final = Path(__file__).parent / "migrations"
EVERY_S = 0.5
log = get_logger(__name__)


class Readiness:
    """Once migrated, a database stays so; whether it is reachable is asked each time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._migrated = False

    async def check(self) -> None:
        """Raises when it is not ready."""
        if self._migrated:
            return await self._database.ping()
        self._migrated = await is_current(self._database, MIGRATIONS)
        if not self._migrated:
            raise Unavailable("the database is not migrated: run python -m xencrm.campaigns migrate")

    def gated(self, role: Role) -> Role:
        """The role, begun once the database is ready."""

        async def begin(stop: asyncio.Event) -> None:
            while not stop.is_set():
                try:
                    await self.check()
                except Exception as error:
                    log.warning("process.waiting_for_database", reason=str(error))
                    await pause(stop, EVERY_S)
                else:
                    return await role(stop)

        return begin
