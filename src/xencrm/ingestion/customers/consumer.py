"""`customer_queue` into the Master DB."""

from collections.abc import Sequence

from xencrm.ingestion.customers import service
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Received, Rejection


async def record_customers(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    await service.record_customers(tx, [item.body for item in received], received[-1].event.correlationid)
    return ()
