"""`order_queue` into the Master DB, and the sweep of waiting orders."""

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Final

from xencrm.contracts.batches import BATCH_RECEIVED, BatchReceived
from xencrm.contracts.orders import ORDER_RECORDED, OrderRecorded
from xencrm.contracts.topology import ORDER_QUEUE
from xencrm.ingestion.batches import service as batches
from xencrm.ingestion.customers.former_store import EmailHash
from xencrm.ingestion.orders import service
from xencrm.kernel.database import Database, Listener, Tx
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.messaging import dead_letters
from xencrm.kernel.messaging.isolation import handle_isolating
from xencrm.kernel.messaging.subscription import Binding, Received, Rejection
from xencrm.kernel.messaging.tally import Aside, Tally
from xencrm.kernel.messaging.traced import traced
from xencrm.kernel.process import Role, pause, wake_or_stop

WAITING = "waiting_orders"
SWEEP_S = 1.0
SWEEP_ORDERS = 1000
RECENT_S = 10.0
FULL_CHECK_S = 60.0
ALL_S = 1e9
ORPHANED_S = 3600.0
LOOK_SHARE = 5  # so many times as long as a look takes there is none
LOCK = 0x78656E02
_tally = Tally(WAITING)


BODIES: Final = {BATCH_RECEIVED: BatchReceived, ORDER_RECORDED: OrderRecorded}


def recording_orders(email_hash: EmailHash) -> Binding:
    async def record(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
        words = await batches.without_batches(tx, received)
        return await service.record_orders(tx, words, email_hash) if words else ()

    return Binding(ORDER_QUEUE, BODIES, record)


def sweeping(database: Database, email_hash: EmailHash) -> Role:
    """Applies waiting orders as soon as their customer arrives. One process does it, others stand by.

    The customer's own transaction marks them. One that was parked at the same moment is found by a look at
    the recent ones every second, and at all of them every minute.
    """
    binding = recording_orders(email_hash)

    async def role(stop: asyncio.Event) -> None:
        wake = asyncio.Event()

        async def sweep_on() -> None:
            async with Listener(database, "waiting_orders").session(wake.set) as session:
                if not await session.try_lock(LOCK):
                    return await pause(stop, SWEEP_S)
                sweep = Sweep(database, binding)
                while session.alive and not stop.is_set():
                    await sweep.once()
                    await wake_or_stop(wake, stop, SWEEP_S)

        await keep_going(stop, "orders.sweep", sweep_on)

    return role


class Sweep:
    """Looks when it is time to, the less often the longer a look takes; applies what is marked each time."""

    def __init__(self, database: Database, binding: Binding) -> None:
        self._database = database
        self._binding = binding
        self._recent_at = 0.0
        self._all_at = 0.0

    async def once(self) -> None:
        now = perf_counter()
        if now >= self._all_at:
            await self._look(within_s=ALL_S)
            self._all_at = now + FULL_CHECK_S
        elif now >= self._recent_at:
            await self._look(within_s=RECENT_S)
        while await _apply_ready(self._database, self._binding) == SWEEP_ORDERS:
            pass

    async def _look(self, *, within_s: float) -> None:
        began = perf_counter()
        async with self._database.transaction() as tx:
            await service.mark_ready(tx, within_s=within_s)
            await service.refuse_orphans(tx, waited_s=ORPHANED_S)
        took = perf_counter() - began
        self._recent_at = began + max(SWEEP_S, LOOK_SHARE * took)


async def _apply_ready(database: Database, binding: Binding) -> int:
    async with database.transaction() as tx:
        received = await service.take_ready(tx, SWEEP_ORDERS)
        aside = await _handle(tx, binding, received) if received else Aside()
    if received:
        _tally.committed(received, aside)
    return len(received)


async def _handle(tx: Tx, binding: Binding, received: list[Received]) -> Aside:
    with traced(WAITING, received) as events:
        aside = await handle_isolating(tx, binding, events)
        await dead_letters.insert(tx, aside.letters)
        return aside
