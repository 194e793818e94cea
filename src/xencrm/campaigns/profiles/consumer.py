"""Ingestion's snapshots of customers and orders, and its lists of whole ranges of them."""

from collections.abc import Sequence

from xencrm.campaigns.profiles import ranges, service
from xencrm.contracts.customers import CustomersRebuilt
from xencrm.contracts.orders import OrdersRebuilt
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging import inbox
from xencrm.kernel.messaging.subscription import Received, Rejection


async def project_customers(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    for step in await _steps(tx, received):
        first = step[0]
        if isinstance(first.body, CustomersRebuilt):
            await ranges.rebuild_customers(tx, first.body, first.event.time)
        else:
            await service.project_customers(tx, [item.body for item in step])
    return ()


async def project_orders(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    for step in await _steps(tx, received):
        first = step[0]
        if isinstance(first.body, OrdersRebuilt):
            await ranges.rebuild_orders(tx, first.body, first.event.time)
        else:
            await service.project_orders(tx, [item.body for item in step])
    return ()


async def _steps(tx: Tx, received: Sequence[Received]) -> list[list[Received]]:
    """In their order: each range alone, the snapshots between them together.

    A range that comes again is left out: rows that came after it are not on its list.
    """
    listed = [item.event for item in received if _is_range(item)]
    if not listed:
        return [list(received)] if received else []
    new = {id(event) for event in await inbox.insert_new(tx, listed)}
    steps: list[list[Received]] = []
    for item in received:
        if _is_range(item) and id(item.event) not in new:
            continue
        if steps and not _is_range(item) and not _is_range(steps[-1][0]):
            steps[-1].append(item)
        else:
            steps.append([item])
    return steps


def _is_range(item: Received) -> bool:
    return isinstance(item.body, CustomersRebuilt | OrdersRebuilt)
