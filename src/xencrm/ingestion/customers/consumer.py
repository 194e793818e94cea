"""`customer_queue` into the Master DB."""

from collections.abc import Sequence
from typing import Final

from xencrm.contracts.batches import BATCH_RECEIVED, BatchReceived
from xencrm.contracts.customers import (
    CUSTOMER_AWAITED,
    CUSTOMER_ERASURE_REQUESTED,
    CUSTOMER_RECORDED,
    CUSTOMER_REVISED,
    CustomerAwaited,
    CustomerErasureRequested,
    CustomerRecorded,
    CustomerRevised,
)
from xencrm.contracts.topology import CUSTOMER_QUEUE
from xencrm.ingestion.batches import service as batches
from xencrm.ingestion.customers import service
from xencrm.ingestion.customers.former_store import EmailHash
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Binding, Received, Rejection

BODIES: Final = {
    BATCH_RECEIVED: BatchReceived,
    CUSTOMER_RECORDED: CustomerRecorded,
    CUSTOMER_REVISED: CustomerRevised,
    CUSTOMER_ERASURE_REQUESTED: CustomerErasureRequested,
    CUSTOMER_AWAITED: CustomerAwaited,
}


def recording_customers(email_hash: EmailHash) -> Binding:
    async def record(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
        said = await batches.without_batches(tx, received)
        words = [item for item in said if not isinstance(item.body, CustomerAwaited)]
        return await service.record_customers(tx, words, email_hash) if words else ()

    return Binding(CUSTOMER_QUEUE, BODIES, record)
