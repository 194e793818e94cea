"""Hourly upkeep of a service's messaging tables."""

import asyncio

from xencrm.kernel.database import Database, is_transient
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging import inbox, outbox
from xencrm.kernel.process import Role, pause

EVERY_S = 3600.0
AFTER_FAILURE_S = 10.0
log = get_logger(__name__)


def upkeep(database: Database) -> Role:
    """Makes the inbox's partitions of the coming days, drops what is over."""

    async def role(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with database.transaction() as tx:
                    await inbox.maintain(tx)
                    await outbox.purge(tx)
                await pause(stop, EVERY_S)
            except Exception as error:
                if not is_transient(error):
                    log.exception("upkeep.failed")
                await pause(stop, AFTER_FAILURE_S)

    return role
