"""`order_queue` into the Master DB, and the sweep of waiting orders."""

import asyncio
from collections.abc import Sequence

from xencrm.ingestion.orders import service
from xencrm.kernel.database import Database, Listener, Tx
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.messaging.subscription import Received, Rejection
from xencrm.kernel.process import Role, wake_or_stop

SWEEP_S = 1.0
SWEEP_ORDERS = 1000


async def record_orders(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    await service.record_orders(tx, received)
    return ()


def sweeping(database: Database) -> Role:
    """Every second, and when a customer arrives for whom orders wait, applies those orders."""

    async def role(stop: asyncio.Event) -> None:
        wake = asyncio.Event()

        async def sweep_on() -> None:
            async with Listener(database, "waiting_orders").session(wake.set) as session:
                while session.alive and not stop.is_set():
                    if await sweep(database) < SWEEP_ORDERS:
                        await wake_or_stop(wake, stop, SWEEP_S)

        await keep_going(stop, "orders.sweep", sweep_on)

    return role


async def sweep(database: Database) -> int:
    async with database.transaction() as tx:
        return await service.apply_waiting(tx, SWEEP_ORDERS)
