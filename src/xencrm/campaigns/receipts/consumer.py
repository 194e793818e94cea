"""`receipt_queue` into the ledger."""

from collections.abc import Sequence

from xencrm.campaigns.receipts import service
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Handler, Received, Rejection


def recording_receipts(policy: RetryPolicy) -> Handler:
    async def record(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
        await service.record_receipts(tx, [(item.event.id, item.body) for item in received], policy)
        return ()

    return record
