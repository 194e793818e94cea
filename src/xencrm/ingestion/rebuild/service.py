"""Telling Campaigns again all that there is: who was erased, then customers and orders, range by range.

While a range is read nobody writes to its table. So every change that the list contains lies before it in
the outbox and every other one after it, and what is not on the list does not exist.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from xencrm.contracts.orders import OrderChanged
from xencrm.contracts.topology import CUSTOMER_MV_QUEUE, ORDER_MV_QUEUE
from xencrm.ingestion.customers.snapshots import snapshot_of
from xencrm.ingestion.rebuild import store
from xencrm.ingestion.rebuild.erased import tell_erased
from xencrm.ingestion.rebuild.pace import Pace
from xencrm.ingestion.rebuild.ranges import customers_rebuilt, orders_rebuilt
from xencrm.kernel.database import Database, Tx, sqlstate_of
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging import outbox
from xencrm.kernel.messaging.broker import Broker

# While it waits for the lock all others wait behind it, so it gives up soon, and later the next time.
LOCK_WAIT_S = 0.25
MOST_LOCK_WAIT_S = 4.0
LOCK_NOT_AVAILABLE = "55P03"
log = get_logger(__name__)

Key = TypeVar("Key", UUID, str)
Wait = Callable[[], Awaitable[None]]
Tell = Callable[[Tx, Key | None, float], Awaitable[tuple[int, Key | None]]]


class Rebuilt(Struct, frozen=True):
    """How much was told, in how many ranges."""

    customers: int
    orders: int
    ranges: int


async def rebuild(database: Database, broker: Broker, partitions: int) -> Rebuilt:
    """Returns when the outbox has it all. May be stopped and begun again at any time, also twice at once."""
    pace = Pace(database, broker)
    wait = partial(pace.until_taken, CUSTOMER_MV_QUEUE)
    await tell_erased(database, wait)
    customers, ranges = await _walk(database, wait, partial(_tell_customers, partitions))
    wait = partial(pace.until_taken, ORDER_MV_QUEUE)
    orders, more = await _walk(database, wait, partial(_tell_orders, partitions))
    return Rebuilt(customers, orders, ranges + more)


async def _walk(database: Database, wait: Wait, tell: Tell[Key]) -> tuple[int, int]:
    """How many rows and ranges there were."""
    told, ranges = 0, 0
    after: Key | None = None
    while ranges == 0 or after is not None:
        await wait()
        rows, after = await _tell_patiently(database, tell, after)
        told, ranges = told + rows, ranges + 1
    return told, ranges


async def _tell_patiently(database: Database, tell: Tell[Key], after: Key | None) -> tuple[int, Key | None]:
    wait_s = LOCK_WAIT_S
    while True:
        try:
            async with database.transaction() as tx:
                return await tell(tx, after, wait_s)
        except DBAPIError as error:
            if sqlstate_of(error) != LOCK_NOT_AVAILABLE:
                raise
        log.info("rebuild.waiting_for_lock", seconds=wait_s)
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, MOST_LOCK_WAIT_S)


async def _tell_customers(
    partitions: int, tx: Tx, after: UUID | None, wait_s: float
) -> tuple[int, UUID | None]:
    await store.lock_customers(tx, wait_s=wait_s)
    page = await store.list_customers(tx, after)
    until = None if page.is_last else page.rows[-1].customer_id
    customers = [snapshot_of(row) for row in page.rows]
    await outbox.add(tx, CUSTOMER_MV_QUEUE.topic, customers_rebuilt(after, until, customers, partitions))
    return len(customers), until


async def _tell_orders(partitions: int, tx: Tx, after: str | None, wait_s: float) -> tuple[int, str | None]:
    await store.lock_orders(tx, wait_s=wait_s)
    page = await store.list_orders(tx, after)
    until = None if page.is_last else page.rows[-1].order_id
    orders = [_order(row) for row in page.rows]
    await outbox.add(tx, ORDER_MV_QUEUE.topic, orders_rebuilt(after, until, orders, partitions))
    return len(orders), until


def _order(row: Row[Any]) -> OrderChanged:
    return OrderChanged(
        order_id=row.order_id,
        customer_id=row.customer_id,
        order_amount=row.order_amount,
        order_status=row.order_status,
        ordered_at=row.ordered_at,
        version=row.version,
    )
