"""Hourly upkeep of a service's messaging tables."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from xencrm.kernel.database import Database
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.messaging import inbox, outbox, rejections
from xencrm.kernel.process import Role, pause

EVERY_S = 3600.0
CHUNK_ROWS = 10_000

Purge = Callable[..., Awaitable[int]]  # of a transaction and `most` rows: how many it dealt with
Task = Callable[[], Awaitable[object]]


def upkeep(
    database: Database,
    *,
    inbox_days: int,
    outbox_days: int,
    tasks: Sequence[Task] = (),
    purges: Sequence[Purge] = (),
) -> Role:
    """Makes the inbox's partitions of the coming days, drops what is over; the service's own `tasks` come
    after that, then its `purges`."""

    async def role(stop: asyncio.Event) -> None:
        async def maintain() -> None:
            await tidy(database, stop, inbox_days=inbox_days, outbox_days=outbox_days)
            for task in tasks:
                await task()
            for purge in purges:
                await _purge_all(database, stop, purge, CHUNK_ROWS)
            await pause(stop, EVERY_S)

        await keep_going(stop, "upkeep", maintain)

    return role


async def tidy(
    database: Database,
    stop: asyncio.Event,
    *,
    inbox_days: int,
    outbox_days: int,
    chunk_rows: int = CHUNK_ROWS,
) -> None:
    """All of it once. What is refused is known for as long as what is applied."""
    async with database.transaction() as tx:
        await inbox.maintain(tx, days=inbox_days)
    purges: tuple[Purge, ...] = (
        partial(inbox.purge_default, days=inbox_days),
        partial(outbox.purge, days=outbox_days),
        partial(rejections.purge, days=inbox_days),
    )
    for purge in purges:
        await _purge_all(database, stop, purge, chunk_rows)


async def _purge_all(database: Database, stop: asyncio.Event, purge: Purge, chunk_rows: int) -> None:
    """In transactions of a chunk each, so that none is long."""
    deleted = chunk_rows
    while deleted == chunk_rows and not stop.is_set():
        async with database.transaction() as tx:
            deleted = await purge(tx, most=chunk_rows)
