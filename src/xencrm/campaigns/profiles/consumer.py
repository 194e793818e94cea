"""Ingestion's snapshots of customers and orders."""

from collections.abc import Sequence

from xencrm.campaigns.profiles import service
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Received, Rejection


async def project_customers(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    await service.project_customers(tx, [item.body for item in received])
    return ()


async def project_orders(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    await service.project_orders(tx, [item.body for item in received])
    return ()
