"""Hourly upkeep of a service's messaging tables."""

import asyncio

from xencrm.kernel.database import Database
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.messaging import inbox, outbox
from xencrm.kernel.process import Role, pause

EVERY_S = 3600.0


def upkeep(database: Database) -> Role:
    """Makes the inbox's partitions of the coming days, drops what is over."""

    async def role(stop: asyncio.Event) -> None:
        async def maintain() -> None:
            async with database.transaction() as tx:
                await inbox.maintain(tx)
            async with database.transaction() as tx:
                await outbox.purge(tx)
            await pause(stop, EVERY_S)

        await keep_going(stop, "upkeep", maintain)

    return role
